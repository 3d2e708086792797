/** Plays what a device and a bench say to each other into a case, as the capture would tell it. */
import { Case, type CaseConnection, type CaseRow } from '../../../shared/doctor/case.ts'
import { examine, type ExamineOptions } from '../../../shared/doctor/ladder.ts'
import type { Examination, StepId } from '../../../shared/doctor/model.ts'
import type { PacketNote } from '../../../shared/contract/model.ts'
import type { Packet, Properties, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { encodeMsg, encodeRecord, makeMsg, makeRecord } from '../../../shared/usp/codec.ts'
import { Header_MsgType } from '../../../shared/usp/gen/usp-msg_pb.ts'

export const id = 'os::00256D-CPE1'
export const agent = `oktopus/usp/v1/agent/${id}`
export const controller = `oktopus/usp/v1/controller/${id}`

const none: Properties = []
export const T0 = Date.UTC(2026, 0, 1)

export class Play {
  readonly seen = new Case()
  /** Milliseconds after `T0`. */
  at = 0
  level: ProtocolLevel = 5
  #no = 0
  #connection: CaseConnection = this.#make(1)

  #make(number: number, change: Partial<CaseConnection> = {}): CaseConnection {
    return {
      id: number,
      transport: 'tcp',
      listenerPort: 1883,
      remoteAddress: '192.168.1.7',
      localAddress: '192.168.1.20',
      ...change,
    }
  }

  /** The next connection. */
  open(change: Partial<CaseConnection> = {}): this {
    this.#connection = this.#make(this.#connection.id + 1, change)
    return this
  }

  row(direction: 'in' | 'out', what: CaseRow['what'], own = true): this {
    const [no, time] = [++this.#no, T0 + (this.at += 1)]
    const connection = own ? this.#connection : this.#make(99)
    this.seen.take({ no, time, connection, own, direction, what })
    return this
  }

  packet(direction: 'in' | 'out', packet: Packet, note?: PacketNote, own = true): this {
    const topic = packet.type === 'PUBLISH' ? packet.topic : ''
    return this.row(direction, { kind: 'packet', packet, topic, ...(note && { note }) }, own)
  }

  connect({ username = id, note, stated = id, clientId = '' }: ConnectWish = {}): this {
    const { level } = this
    return this.packet(
      'in',
      {
        type: 'CONNECT',
        level,
        clean: true,
        keepAlive: 60,
        clientId,
        ...(username !== '' && { username }),
        properties:
          level === 5 && stated ? [{ name: 'userProperty', value: ['usp-endpoint-id', stated] }] : none,
      },
      note,
    )
  }

  connack(reasonCode = 0): this {
    return this.packet('out', { type: 'CONNACK', sessionPresent: false, reasonCode, properties: none })
  }

  /** Answered at once; without a code never. */
  subscribe(filter: string, code?: number): this {
    const packetId = 1 + this.#no
    const subscription = {
      filter,
      qos: 0,
      noLocal: false,
      retainAsPublished: false,
      retainHandling: 0,
    } as const
    this.packet('in', { type: 'SUBSCRIBE', packetId, subscriptions: [subscription], properties: none })
    return code === undefined
      ? this
      : this.packet('out', { type: 'SUBACK', packetId, reasonCodes: [code], properties: none })
  }

  publish(topic: string, payload: Uint8Array, wish: PublishWish = {}): this {
    const { replyTo, direction = 'in', note, own } = wish
    const properties: Properties = replyTo === undefined ? none : [{ name: 'responseTopic', value: replyTo }]
    const packet = { type: 'PUBLISH', dup: false, qos: 0, retain: false, topic, properties, payload } as const
    return this.packet(direction, packet, note, own)
  }

  disconnect(direction: 'in' | 'out' = 'in', reasonCode = 0): this {
    return this.packet(direction, { type: 'DISCONNECT', reasonCode, properties: none })
  }

  close(reason = '', by: 'device' | 'bench' | 'network' = 'network'): this {
    return this.row('in', { kind: 'close', by, reason })
  }

  /** Up to the subscription. */
  arrive(topic = agent): this {
    return this.connect().connack().subscribe(topic, 0)
  }

  /** Up to Boot!. */
  boot(): this {
    const wish = { replyTo: agent }
    return this.arrive().publish(controller, connectRecord(), wish).publish(controller, bootNotify(), wish)
  }

  examine(options: ExamineOptions = {}): Examination {
    return examine(this.seen, { endpointId: id }, { now: T0 + this.at + 10_000, ...options })
  }
}

interface ConnectWish {
  /** Empty: none. */
  readonly username?: string
  readonly note?: PacketNote
  /** Empty: no usp-endpoint-id. */
  readonly stated?: string
  readonly clientId?: string
}
interface PublishWish {
  readonly replyTo?: string
  readonly direction?: 'in' | 'out'
  readonly note?: PacketNote
  readonly own?: boolean
}

export const dropped = (text: string): PacketNote => ({ kind: 'dropped', rule: 'access', text })
export const refused = (text: string, reasonCode: number): PacketNote => ({
  kind: 'refused',
  rule: 'access',
  text,
  reasonCode,
})

interface Ends {
  readonly fromId?: string
  readonly toId?: string
}
const toController: Ends = { fromId: id, toId: 'oktopusController' }
export const toAgent: Ends = { fromId: 'oktopusController', toId: id }

export const connectRecord = (ends: Ends = {}): Uint8Array =>
  encodeRecord(
    makeRecord({
      version: '1.3',
      ...toController,
      ...ends,
      recordType: { case: 'mqttConnect', value: { version: 1, subscribedTopic: agent } },
    }),
  )

type Msg = Parameters<typeof makeMsg>[0]
const record = (msg: Msg, ends: Ends): Uint8Array =>
  encodeRecord(
    makeRecord({
      version: '1.3',
      ...ends,
      recordType: { case: 'noSessionContext', value: { payload: encodeMsg(makeMsg(msg)) } },
    }),
  )

export const bootNotify = (): Uint8Array =>
  record(
    {
      header: { msgId: 'boot-1', msgType: Header_MsgType.NOTIFY },
      body: {
        msgBody: {
          case: 'request',
          value: {
            reqType: {
              case: 'notify',
              value: {
                subscriptionId: 'boot',
                notification: { case: 'event', value: { objPath: 'Device.', eventName: 'Boot!' } },
              },
            },
          },
        },
      },
    },
    toController,
  )

export const get = (ends: Ends = {}): Uint8Array =>
  record(
    {
      header: { msgId: 'get-1', msgType: Header_MsgType.GET },
      body: {
        msgBody: {
          case: 'request',
          value: { reqType: { case: 'get', value: { paramPaths: ['Device.DeviceInfo.'] } } },
        },
      },
    },
    { ...toAgent, ...ends },
  )

export const getResp = (): Uint8Array =>
  record(
    {
      header: { msgId: 'get-1', msgType: Header_MsgType.GET_RESP },
      body: {
        msgBody: {
          case: 'response',
          value: { respType: { case: 'getResp', value: { reqPathResults: [] } } },
        },
      },
    },
    toController,
  )

export const states = ({ steps }: Examination): Record<StepId, string> =>
  Object.fromEntries(steps.map(({ id: step, state }) => [step, state])) as Record<StepId, string>

/** The sign of the first step that failed, or that is missing for good. */
export function causeOf({ steps, verdict }: Examination): string | undefined {
  return steps.find(({ cause }) => cause?.text !== undefined && verdict.endsWith(cause.text))?.cause?.sign
}
