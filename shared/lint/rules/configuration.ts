/**
 * Rules over what a device does and what it told of its configuration. It may have been changed at the device after
 * it was told, so these warn.
 */
import { getProperty } from '../../mqtt/properties.ts'
import { topicMatches } from '../../mqtt/topics.ts'
import { isWholeSession } from '../connection.ts'
import type { Moments, Said } from '../moments.ts'
import { rulesOn, type RuleFacts, type Sight } from '../rule.ts'
import { show } from '../show.ts'

type Configured = Moments['configured']

/** A rule over each value whose path ends so; `wrong` says what the connection does instead. */
const over = (
  facts: Omit<RuleFacts, 'level' | 'severity' | 'side'>,
  ends: string,
  wrong: (moment: Configured, said: Said) => string | undefined,
) => ({
  ...facts,
  level: 'must' as const,
  severity: 'warning' as const,
  side: 'agent' as const,
  check: (moment: Configured): readonly Sight[] =>
    moment.said.flatMap((said) => {
      const seen = said.path.endsWith(ends) ? wrong(moment, said) : undefined
      if (seen === undefined) return []
      return [
        {
          seen: `${seen}; at packet ${said.no} it told ${said.path} = ${show(said.value)}`,
          related: [said.no],
        },
      ]
    }),
})

export const configuredRules = rulesOn('configured', 2, [
  over(
    {
      id: 'configured-username',
      title: 'User name is not the configured one',
      requirements: ['R-MQTT.7'],
      expected: 'The configured user name stands in the CONNECT; where it is empty, none does.',
    },
    '.Username',
    ({ connect }, { value }) => {
      const { username = '' } = connect.packet
      if (username === value) return undefined
      return username === '' ? 'the CONNECT has no user name' : `the user name is ${show(username)}`
    },
  ),
  over(
    {
      id: 'configured-client-id',
      title: 'Client ID is not the configured one',
      requirements: ['R-MQTT.8', 'R-MQTT.9'],
      expected: 'A configured client ID, one that a broker assigned too, stands in the CONNECT.',
    },
    '.ClientID',
    ({ connection, connect }, { value }) =>
      // An assigned one is told after the CONNECT that had none.
      value === '' || connect.packet.clientId === value || connection.clientId === value
        ? undefined
        : `the client ID is ${show(connect.packet.clientId)}`,
  ),
  over(
    {
      id: 'configured-keep-alive',
      title: 'Keep-alive is not the configured one',
      requirements: ['R-MQTT.14'],
      expected: 'The configured keep-alive stands in the CONNECT, in seconds.',
    },
    '.KeepAliveTime',
    ({ connect }, { value }) =>
      Number(value) === connect.packet.keepAlive
        ? undefined
        : `the keep-alive of the CONNECT is ${connect.packet.keepAlive} s`,
  ),
  over(
    {
      id: 'configured-filter',
      title: 'A configured filter is not subscribed to',
      requirements: ['R-MQTT.15'],
      expected:
        'A client subscribes to the topic of every enabled row of Device.MQTT.Client.{i}.Subscription.',
    },
    '.Topic',
    ({ connection }, { value }) =>
      !isWholeSession(connection) || connection.filters.has(value) ? undefined : 'it is not subscribed to',
  ),
  over(
    {
      id: 'configured-response-topic',
      title: 'The configured response topic is not subscribed to',
      requirements: ['R-MQTT.15'],
      expected:
        'Without Response Information an agent subscribes to ResponseTopicConfigured, unless another filter covers it.',
    },
    '.ResponseTopicConfigured',
    ({ connection, connack }, { value }) => {
      const information = getProperty(connack.packet.properties, 'responseInformation') ?? ''
      if (!isWholeSession(connection) || value === '' || information !== '') return undefined
      // On 3.1.1 the answers carry a reply topic behind it.
      const topic = connection.level < 5 ? `${value}/reply-to=x` : value
      const covered = [...connection.filters.keys()].some((filter) => topicMatches(filter, topic))
      return covered ? undefined : 'no filter covers it'
    },
  ),
])

export const keptRules = rulesOn('kept', 3, [
  {
    id: 'unsubscribe',
    title: 'Stays subscribed to what was switched off',
    requirements: ['R-MQTT.34'],
    level: 'should',
    severity: 'warning',
    side: 'endpoint',
    expected: 'A client that no longer wants a filter, and stays connected, sends UNSUBSCRIBE.',
    check: ({ path, filter, set, seconds }) => ({
      seen: `${path} was set to false, and ${seconds.toFixed(0)} s later it is still subscribed to ${show(filter)}`,
      related: [set.no],
    }),
  },
])
