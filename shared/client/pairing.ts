/**
 * Pairs answers with requests (MQTT 5.0, 4.10): by Response Topic and Correlation Data. TR-369 asks no device to send
 * those back, and pairs by the msg_id; of what has neither, the oldest request that still waits on that topic is
 * taken to be meant. Pure; times are milliseconds of any clock that only goes forward.
 */
import { toHex } from '../dissect/copy.ts'
import type { PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import { peekRecord } from '../usp/peek.ts'

export interface AskedOn {
  readonly responseTopic: string
  readonly correlation: Uint8Array
  /** Of a USP request. */
  readonly msgId?: string | undefined
  readonly at: number
  readonly timeoutMs: number
}

/** What a message is recognised as an answer by. */
export type Sign =
  | { readonly by: 'correlation'; readonly data: Uint8Array }
  | { readonly by: 'msg_id'; readonly id: string }
  | { readonly by: 'topic' }

export interface Paired {
  /** Number of the request. */
  readonly no: number
  readonly kind: 'answered' | 'late' | 'duplicate'
  readonly ms: number
  readonly by: Sign['by']
}

/** Undefined for a message that answers nothing, because it asks something itself. */
export function signOf({ properties, payload }: PublishPacket): Sign | undefined {
  const data = getProperty(properties, 'correlationData')
  if (data !== undefined) return { by: 'correlation', data }
  const record = peekRecord(payload, 0, payload.length)
  if (record) {
    const { msgType = '', msgId } = record
    const answers = msgType === 'ERROR' || msgType.endsWith('_RESP')
    return answers && msgId !== undefined ? { by: 'msg_id', id: msgId } : undefined
  }
  // Whatever a USP device says has a Response Topic, so only now that says something.
  return getProperty(properties, 'responseTopic') === undefined ? { by: 'topic' } : undefined
}

/** msg_id of a payload, where that is a USP Record with one. */
export const msgIdOf = (payload: Uint8Array): string | undefined =>
  peekRecord(payload, 0, payload.length)?.msgId

interface Ask {
  readonly no: number
  readonly topic: string
  readonly msgId: string | undefined
  readonly at: number
  readonly dueAt: number
  state: 'waiting' | 'timeout' | 'answered'
}

/** Requests that answers are still told apart by. */
const MAX_ASKS = 2000

export class Pairing {
  /** By Correlation Data, the newest last. */
  readonly #asks = new Map<string, Ask>()

  add(no: number, { responseTopic: topic, correlation, msgId, at, timeoutMs }: AskedOn): void {
    const key = keyOf(topic, correlation)
    // The same again takes the place of the one before: their answers cannot be told apart.
    this.#asks.delete(key)
    this.#asks.set(key, { no, topic, msgId, at, dueAt: at + timeoutMs, state: 'waiting' })
    const [oldest] = this.#asks.keys()
    if (this.#asks.size > MAX_ASKS && oldest !== undefined) this.#asks.delete(oldest)
  }

  /** The request that a message with this sign answers; undefined for one that answers none. */
  receive(topic: string, sign: Sign, at: number): Paired | undefined {
    const ask = this.#find(topic, sign)
    if (!ask) return undefined
    const kind = ask.state === 'answered' ? 'duplicate' : at > ask.dueAt ? 'late' : 'answered'
    ask.state = 'answered'
    return { no: ask.no, kind, ms: at - ask.at, by: sign.by }
  }

  /** Numbers of the requests whose time ran out since it was asked last. */
  expire(at: number): number[] {
    const late = [...this.#asks.values()].filter((ask) => ask.state === 'waiting' && at > ask.dueAt)
    for (const ask of late) ask.state = 'timeout'
    return late.map(({ no }) => no)
  }

  #find(topic: string, sign: Sign): Ask | undefined {
    if (sign.by === 'correlation') return this.#asks.get(keyOf(topic, sign.data))
    const isMeant = (ask: Ask): boolean =>
      sign.by === 'msg_id' ? ask.msgId === sign.id : ask.state !== 'answered'
    for (const ask of this.#asks.values()) if (ask.topic === topic && isMeant(ask)) return ask
    return undefined
  }
}

const keyOf = (topic: string, correlation: Uint8Array): string => `${toHex(correlation)} ${topic}`
