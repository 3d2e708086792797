/** Rules over a connection and over an endpoint's connections. */
import { getProperty, userProperties } from '../../mqtt/properties.ts'
import { topicMatches } from '../../mqtt/topics.ts'
import { endpointIdProperty, subscribeTopicProperty } from '../../usp/oktopus.ts'
import { grantedCount, isSubscribed, isWholeSession } from '../connection.ts'
import { rulesOn } from '../rule.ts'
import { list, show } from '../show.ts'

const isCovered = (filters: Iterable<string>, topic: string): boolean => {
  for (const filter of filters) if (filter === topic || topicMatches(filter, topic)) return true
  return false
}

export const identifiedRules = rulesOn('identified', 2, [
  {
    id: 'client-id-changed',
    title: 'Another client ID at the next connection',
    requirements: ['R-MQTT.11', 'R-MQTT.9'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected:
      'An endpoint uses the same client ID for every connection to a server, one that was assigned too.',
    remedy: {
      text: 'Set one; an OB-USP-A keeps an assigned one in its database, too',
      command: 'obuspa -c set Device.MQTT.Client.1.ClientID "<client ID>"',
    },
    check: ({ connection, before }) => {
      if (before === undefined || before.clientId === connection.clientId) return undefined
      const source = before.assigned ? ', which the broker had assigned' : ''
      return {
        seen: `the client ID is ${show(connection.clientId)}; at packet ${before.no} it was ${show(before.clientId)}${source}`,
        related: [before.no],
      }
    },
  },
  {
    id: 'client-id-shared',
    title: 'Two endpoints use one client ID',
    requirements: ['R-MQTT.11'],
    level: 'none',
    severity: 'warning',
    side: 'endpoint',
    expected: 'Each endpoint has its own client ID: with the same one they throw each other off the broker.',
    remedy: {
      text: 'Stop the agent and clear the copied value',
      command: 'obuspa -f usp.db -c dbset Device.MQTT.Client.1.ClientID ""',
    },
    check: ({ connection, other }) =>
      other === undefined
        ? undefined
        : {
            seen: `${show(connection.clientId)} was the client ID of ${show(other.endpointId)} at packet ${other.no}`,
            related: [other.no],
          },
  },
])

export const settledRules = rulesOn('settled', 2, [
  {
    id: 'subscribe-topic',
    title: 'subscribe-topic is not subscribed to',
    requirements: ['R-MQTT.15'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A client subscribes to every subscribe-topic of the CONNACK, as it stands there.',
    check: ({ connection, connack }) => {
      if (!isWholeSession(connection) || connection.level < 5) return undefined
      const wanted = userProperties(connack.packet.properties)
        .filter(([name]) => name === subscribeTopicProperty)
        .map(([, value]) => value)
      const missing = wanted.filter((topic) => !connection.filters.has(topic))
      return missing.length > 0 ? `not subscribed to: ${list(missing.map(show))}` : undefined
    },
  },
  {
    id: 'response-information-subscribed',
    title: 'Response Information is not subscribed to',
    requirements: ['R-MQTT.15'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A filter of the client covers the topic of Response Information.',
    check: ({ connection, connack }) => {
      if (!isWholeSession(connection) || connection.level < 5) return undefined
      const topic = getProperty(connack.packet.properties, 'responseInformation')
      if (topic === undefined || topic === '' || isCovered(connection.filters.keys(), topic)) return undefined
      return `no filter covers ${show(topic)}`
    },
  },
])

export const pingRules = rulesOn('ping', 2, [
  {
    id: 'stays-unsubscribed',
    title: 'Stays connected without a subscription',
    requirements: ['R-MQTT.16', 'R-MQTT.17'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'An agent without one successful subscription sends DISCONNECT.',
    check: ({ connection, role }) => {
      const { subscribes, subacks, endpointId } = connection
      if (!isWholeSession(connection) || endpointId === '' || role === 'controller') return undefined
      if (grantedCount(connection) > 0 || subacks < subscribes) return undefined
      if (subscribes === 0)
        return role === 'agent' ? 'it subscribed to nothing, and sends PINGREQ' : undefined
      return 'the broker refused every subscription, and it sends PINGREQ'
    },
  },
])

export const publishRules = rulesOn('publish', 2, [
  {
    id: 'record-before-subscription',
    title: 'Record before a subscription',
    requirements: ['R-MQTT.17'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'No Record is published before a SUBACK granted a subscription.',
    check: ({ connection, first }) => {
      if (!first || !isWholeSession(connection) || grantedCount(connection) > 0) return undefined
      const { subscribes, subacks } = connection
      if (subscribes === 0) return 'the connection has subscribed to nothing'
      return subacks < subscribes ? 'no SUBACK has come yet' : 'the broker refused every subscription'
    },
  },
  {
    id: 'response-topic-information',
    title: 'Response Topic is not Response Information',
    requirements: ['R-MQTT.21'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The Response Information of the CONNACK is the Response Topic, exactly.',
    check: ({ connection, isRecord, replyTo }) => {
      const { connack } = connection
      const topic = connack && getProperty(connack.packet.properties, 'responseInformation')
      if (!isRecord || topic === undefined || topic === '' || replyTo === undefined || replyTo === topic)
        return undefined
      return {
        seen: `the Response Topic is ${show(replyTo)}, Response Information ${show(topic)}`,
        related: connack ? [connack.no] : [],
      }
    },
  },
  {
    id: 'response-topic-subscribed',
    title: 'Response Topic is not subscribed to',
    requirements: ['R-MQTT.15', 'R-MQTT.22'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The sender is subscribed to its Response Topic: otherwise no answer can reach it.',
    remedy: {
      text: 'Compare its topic with what the access list lets it subscribe to',
      command: 'obuspa -c get Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured',
    },
    check: ({ connection, isRecord, replyTo }) => {
      if (!isRecord || replyTo === undefined || replyTo === '' || !isWholeSession(connection))
        return undefined
      // A client that subscribes to nothing at all listens elsewhere; that has a rule of its own.
      if (grantedCount(connection) === 0 || isSubscribed(connection, replyTo)) return undefined
      const refused = [...connection.filters].find(
        ([filter, { granted }]) => granted === false && topicMatches(filter, replyTo),
      )
      return {
        seen: refused
          ? `the broker refused the subscription ${show(refused[0])}, and ${show(replyTo)} is still named as reply topic`
          : `no granted subscription covers ${show(replyTo)}`,
        related: refused ? [refused[1].no] : [],
      }
    },
  },
])

export const recordRules = rulesOn('record', 2, [
  {
    id: 'from-id',
    title: 'from_id differs from usp-endpoint-id',
    requirements: ['R-MQTT.13'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'from_id is the Endpoint ID that the CONNECT stated.',
    check: ({ connection, fromId }) => {
      const connect = connection?.connect
      if (connect === undefined || fromId === '') return undefined
      const stated = userProperties(connect.packet.properties).find(([name]) => name === endpointIdProperty)
      if (stated === undefined || stated[1] === fromId) return undefined
      return {
        seen: `from_id is ${show(fromId)}, the CONNECT stated ${show(stated[1])}`,
        related: [connect.no],
      }
    },
  },
  {
    id: 'connect-record-first',
    title: 'No Connect Record',
    requirements: ['R-MTP.6', 'R-MTP.8'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    since: '1.2',
    expected:
      'On a new connection, and after a disconnect Record, the Connect Record comes before any other to a controller.',
    check: ({ connection, first, role, kind, toId }) => {
      if (!first || role !== 'agent' || connection?.connect === undefined || kind === undefined)
        return undefined
      if (kind === 'disconnect' || kind.endsWith('_connect')) return undefined
      return `the first Record to ${show(toId)} is ${kind}`
    },
  },
  {
    id: 'connect-record-version',
    title: 'Connect Record names another MQTT version',
    requirements: ['R-MTP.6', 'R-MQTT.26a'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'version of mqtt_connect is the MQTT version of the connection.',
    check: ({ connection, record }) => {
      const inner = record.message('mqtt_connect')
      if (inner === undefined || connection?.connect === undefined) return undefined
      const isV5 = inner.number('version') === 1
      if (isV5 === (connection.level === 5)) return undefined
      return `the Record says ${isV5 ? 'V5' : 'V3_1_1'}, the CONNECT ${connection.level === 5 ? '5.0' : '3.1.1'}`
    },
  },
  {
    id: 'connect-record-topic',
    title: 'Connect Record names a topic it is not subscribed to',
    requirements: ['R-MTP.6'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'subscribed_topic is covered by a granted subscription of the connection.',
    check: ({ connection, record }) => {
      const topic = record.message('mqtt_connect')?.text('subscribed_topic') ?? ''
      if (topic === '' || connection === undefined || !isWholeSession(connection)) return undefined
      if (grantedCount(connection) === 0 || isSubscribed(connection, topic)) return undefined
      return `no granted subscription covers ${show(topic)}`
    },
  },
  {
    id: 'to-id-topic',
    title: 'to_id does not listen on this topic',
    requirements: [],
    level: 'none',
    severity: 'warning',
    side: 'endpoint',
    expected: 'The Record goes to a topic on which the endpoint of to_id listens.',
    check: ({ missesTopic, toId, topic }) =>
      missesTopic ? `${show(toId)} is connected, but not subscribed to ${show(topic)}` : undefined,
  },
])

export const closingHints = rulesOn('closed', 4, [
  {
    id: 'no-disconnect',
    title: 'Gone without DISCONNECT',
    requirements: ['R-MQTT.35'],
    level: 'should',
    severity: 'note',
    side: 'endpoint',
    expected: 'A client that shuts down sends DISCONNECT. A lost network looks the same.',
    check: ({ connection, by }) =>
      by !== 'bench' && connection.disconnect === undefined
        ? 'the connection was closed without DISCONNECT'
        : undefined,
  },
  {
    id: 'no-disconnect-record',
    title: 'DISCONNECT without disconnect Record',
    requirements: ['R-MTP.7'],
    level: 'should',
    severity: 'note',
    side: 'agent',
    since: '1.2',
    expected: 'An agent sends a disconnect Record before it closes.',
    check: ({ connection, role }) =>
      role === 'agent' && connection.disconnect !== undefined && connection.disconnectRecord === undefined
        ? { seen: 'DISCONNECT came without a disconnect Record before it', no: connection.disconnect.no }
        : undefined,
  },
])
