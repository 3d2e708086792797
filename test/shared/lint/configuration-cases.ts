/** Of each rule that compares a device with its configuration: what breaks it, and what does not. */
import type { Case } from './cases.ts'
import type { JsonValue } from '../../../shared/usp/codec.ts'
import { AGENT, type Side, type SideOptions, type Talk } from './talk.ts'

type Values = Readonly<Record<string, Readonly<Record<string, string>>>>

const CLIENT = 'Device.MQTT.Client.1.'
const SUBSCRIPTION = `${CLIENT}Subscription.2.`
const own = { [CLIENT]: { ClientID: AGENT } }

/** The agent tells values, by object. */
export function tells(agent: Side, values: Values): void {
  const reqPathResults: JsonValue = Object.entries(values).map(([resolvedPath, resultParams]) => ({
    requestedPath: resolvedPath,
    resolvedPathResults: [{ resolvedPath, resultParams }],
  }))
  agent.response('GET_RESP', 'g', { getResp: { reqPathResults } })
}

/** The agent took values that were set. */
export function takes(
  agent: Side,
  affectedPath: string,
  updatedParams: Readonly<Record<string, string>>,
): void {
  const operStatus: JsonValue = { operSuccess: { updatedInstResults: [{ affectedPath, updatedParams }] } }
  const updatedObjResults: JsonValue = [{ requestedPath: affectedPath, operStatus }]
  agent.response('SET_RESP', 's', { setResp: { updatedObjResults } })
}

const leaves = (agent: Side) =>
  agent
    .record({ disconnect: { reason: 'done', reasonCode: 7105 } })
    .disconnect()
    .close('device')

/** Tells values in one connection, and comes again. */
const comesAgain =
  (values: Values, options: SideOptions = {}, later: SideOptions = options) =>
  (talk: Talk): void => {
    const agent = talk.agent(options)
    tells(agent, { ...values, [CLIENT]: { ...own[CLIENT], ...values[CLIENT] } })
    leaves(agent)
    leaves(talk.agent(later))
  }

const wanted = (Topic: string): Values => ({ [SUBSCRIPTION]: { Enable: 'true', Topic } })
const response = (ResponseTopicConfigured: string): Values => ({
  'Device.LocalAgent.MTP.1.MQTT.': { Reference: 'Device.MQTT.Client.1', ResponseTopicConfigured },
})

const switchesOff =
  (then: (agent: Side) => unknown, more: Values = {}) =>
  (talk: Talk): void => {
    const agent = talk.agent({ filters: ['usp/agent', 'usp/extra'] })
    tells(agent, { ...own, ...wanted('usp/extra'), ...more })
    takes(agent, SUBSCRIPTION, { Enable: 'false' })
    then(agent)
    talk.wait(11)
    agent.in({ type: 'PINGREQ' })
  }

export const configurationCases: Readonly<Record<string, Case>> = {
  'configured-username': {
    breaks: comesAgain({ [CLIENT]: { Username: 'lab' } }, { username: 'lab' }, { username: 'other' }),
    keeps: comesAgain({ [CLIENT]: { Username: '' } }),
  },
  'configured-client-id': {
    breaks: (talk) => {
      const agent = talk.agent()
      tells(agent, { ...own, ...response('usp/agent') })
      takes(agent, CLIENT, { ClientID: 'cpe-7' })
      leaves(agent)
      leaves(talk.agent())
    },
    keeps: (talk) => {
      const agent = talk.agent()
      tells(agent, { ...own, ...response('usp/agent') })
      // What is set now holds from the next connection on.
      takes(agent, CLIENT, { ClientID: 'cpe-7' })
      talk.wait(11)
      agent.in({ type: 'PINGREQ' })
    },
  },
  'configured-keep-alive': {
    breaks: comesAgain({ [CLIENT]: { KeepAliveTime: '60' } }, { keepAlive: 30 }),
    keeps: (talk) => {
      // Which row of Device.MQTT.Client it speaks through is not known.
      const agent = talk.agent({ keepAlive: 30 })
      tells(agent, { [CLIENT]: { ClientID: 'another', KeepAliveTime: '60' } })
      talk.wait(11)
      agent.in({ type: 'PINGREQ' })
    },
  },
  'configured-filter': {
    breaks: comesAgain(wanted('usp/extra')),
    keeps: comesAgain({
      ...wanted('usp/agent'),
      [`${CLIENT}Subscription.3.`]: { Enable: 'false', Topic: 'x' },
    }),
  },
  'configured-response-topic': {
    breaks: comesAgain(response('usp/other')),
    keeps: (talk) => {
      comesAgain(response('usp/agent'), { level: 4 })(talk)
      const information = [{ name: 'responseInformation', value: 'usp/agent' } as const]
      comesAgain(response('usp/other'), { connack: information })(talk)
    },
  },
  unsubscribe: {
    breaks: switchesOff(() => undefined),
    keeps: (talk) => {
      switchesOff((agent) =>
        agent.in({ type: 'UNSUBSCRIBE', packetId: 9, properties: [], filters: ['usp/extra'] }),
      )(talk)
      switchesOff(() => undefined, { [`${CLIENT}Subscription.3.`]: { Enable: '1', Topic: 'usp/extra' } })(
        talk,
      )
    },
  },
}
