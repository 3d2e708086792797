/** A simulated agent without MQTT, with a clock and chance of its own, for one test. */
import { Agent, type AgentOptions } from '../../../electron/engine/simulator/agent.ts'
import { readDescription } from '../../../electron/engine/simulator/description.ts'
import type { Quirks } from '../../../electron/engine/simulator/misbehaviours.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { factsOf } from '../../../electron/engine/simulator/mqtt-options.ts'
import type { World } from '../../../electron/engine/simulator/world.ts'
import {
  decodeMsg,
  decodeRecord,
  encodeMsg,
  encodeRecord,
  makeRecord,
  msgFromJson,
  msgToJson,
  recordToJson,
  type JsonValue,
} from '../../../shared/usp/codec.ts'
import { controllerTopic, controllerUser } from '../../../shared/usp/oktopus.ts'

export const endpointId = 'os::02005E-TEST01'
export const controller = controllerUser
export const replyTopic = 'oktopus/usp/v1/api/os::02005E-TEST01'

/** Time that stands still until a test lets it go on. */
export class TestWorld implements World {
  time = Date.parse('2026-11-22T09:00:00Z')
  chance = 0
  #timers: { at: number; run: () => void }[] = []

  now = (): number => this.time
  random = (): number => this.chance

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.time + ms, run }
    this.#timers.push(timer)
    return () => (this.#timers = this.#timers.filter((one) => one !== timer))
  }

  get waiting(): number {
    return this.#timers.length
  }

  pass(seconds: number): void {
    const end = this.time + seconds * 1000
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.#timers = this.#timers.filter((one) => one !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
    }
    this.time = end
  }
}

export type Json = { [key: string]: Json } & Json[] & string & number & boolean

export interface Sent {
  readonly topic: string
  readonly payload: Uint8Array
  /** The Msg, or the Record when it holds none that can be read alone. */
  readonly json: Json
}

export interface Rig {
  readonly agent: Agent
  readonly world: TestWorld
  readonly sent: Sent[]
  readonly left: string[]
  /** While it is down, nothing is sent. */
  readonly line: { isUp: boolean }
  /** Sends a request body and answers what came for it, `undefined` for nothing. */
  ask(body: object, more?: { readonly msgId?: string }): Json | undefined
  /** Gives the agent a Record that holds a Msg. */
  give(msg: object, record?: object): void
  /** Notifications sent since the last call. */
  notifications(): Json[]
  /** What was sent since the last call. */
  take(): Sent[]
}

export function rig(quirks: Quirks = {}, model: string = routerModel, more: Partial<AgentOptions> = {}): Rig {
  const world = new TestWorld()
  const sent: Sent[] = []
  const left: string[] = []
  const line = { isUp: true }
  let taken = 0
  let seen = 0
  let count = 0
  const identity = {
    endpointId,
    mqtt: 5,
    requestsResponseInformation: false,
    publishQos: 0,
    version: '1.2.3',
  } as const
  const agent = new Agent({
    schema: readDescription(model),
    endpointId,
    mqtt: 5,
    facts: factsOf({ host: '127.0.0.1', port: 1883, isTls: false }, identity),
    quirks,
    line: {
      publish(topic, payload) {
        if (!line.isUp) return false
        sent.push({ topic, payload, json: jsonOf(payload) })
        return true
      },
      leave: (how, backMs) => left.push(`${how} ${backMs}`),
      listen: () => undefined,
    },
    world,
    ...more,
  })
  const give = (msg: object, record: object = {}): void => {
    const payload = encodeMsg(msgFromJson(msg as JsonValue))
    const value = { version: '1.3', toId: endpointId, fromId: controller, ...record }
    agent.receive(
      encodeRecord(makeRecord({ recordType: { case: 'noSessionContext', value: { payload } }, ...value })),
      replyTopic,
    )
  }
  return {
    agent,
    world,
    sent,
    left,
    line,
    give,
    ask(body, { msgId = `m${++count}` } = {}) {
      const before = sent.length
      give({ header: { msgId, msgType: 'GET' }, body: { request: body } })
      const answer = sent.slice(before).find(({ json }) => json['header']?.['msgId'] === msgId)
      return answer?.json['body']
    },
    notifications() {
      const found = sent.slice(seen).filter(({ json }) => json['header']?.['msgType'] === 'NOTIFY')
      seen = sent.length
      return found.map(({ json }) => json['body']?.['request']?.['notify'] as Json)
    },
    take() {
      const found = sent.slice(taken)
      taken = sent.length
      return found
    },
  }
}

function jsonOf(payload: Uint8Array): Json {
  try {
    const record = decodeRecord(payload)
    const { recordType } = record
    const isMsg = recordType.case === 'noSessionContext'
    return (isMsg ? msgToJson(decodeMsg(recordType.value.payload)) : recordToJson(record)) as Json
  } catch {
    return {} as Json
  }
}

/** A subscription that is switched on, as the body of an Add. */
export const subscribe = (
  id: string,
  type: string,
  references: string,
  more: Record<string, string> = {},
): object => ({
  add: {
    createObjs: [
      {
        objPath: 'Device.LocalAgent.Subscription.',
        paramSettings: Object.entries({
          ID: id,
          NotifType: type,
          ReferenceList: references,
          Enable: 'true',
          ...more,
        }).map(([param, value]) => ({ param, value, required: true })),
      },
    ],
  },
})

export const setOf = (objPath: string, values: Record<string, string>, allowPartial = false): object => ({
  set: {
    allowPartial,
    updateObjs: [
      {
        objPath,
        paramSettings: Object.entries(values).map(([param, value]) => ({ param, value, required: true })),
      },
    ],
  },
})

export { controllerTopic }
