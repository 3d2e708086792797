/**
 * Pairs answers with requests (MQTT 5.0, 4.10): by Response Topic and Correlation Data. An answer that brings no
 * Correlation Data belongs to the oldest request that still waits on its topic, since some devices do not send it
 * back. Pure; times are milliseconds of any clock that only goes forward.
 */
import { toHex } from '../dissect/copy.ts'

export interface AskedOn {
  readonly responseTopic: string
  readonly correlation: Uint8Array
  readonly at: number
  readonly timeoutMs: number
}

export interface Paired {
  /** Number of the request. */
  readonly no: number
  readonly kind: 'answered' | 'late' | 'duplicate'
  readonly ms: number
  /** Without Correlation Data. */
  readonly byTopic: boolean
}

interface Ask {
  readonly no: number
  readonly topic: string
  readonly at: number
  readonly dueAt: number
  state: 'waiting' | 'timeout' | 'answered'
}

/** Requests that answers are still told apart by. */
const MAX_ASKS = 2000

export class Pairing {
  /** Oldest first. */
  readonly #asks = new Map<string, Ask>()

  add(no: number, { responseTopic, correlation, at, timeoutMs }: AskedOn): void {
    const key = keyOf(responseTopic, correlation)
    // The same again takes the place of the one before: their answers cannot be told apart.
    this.#asks.delete(key)
    this.#asks.set(key, { no, topic: responseTopic, at, dueAt: at + timeoutMs, state: 'waiting' })
    const [oldest] = this.#asks.keys()
    if (this.#asks.size > MAX_ASKS && oldest !== undefined) this.#asks.delete(oldest)
  }

  /** The request that a message answers; undefined for one that answers none. */
  receive(topic: string, correlation: Uint8Array | undefined, at: number): Paired | undefined {
    const ask = correlation === undefined ? this.#oldestOn(topic) : this.#asks.get(keyOf(topic, correlation))
    if (!ask) return undefined
    const kind = ask.state === 'answered' ? 'duplicate' : at > ask.dueAt ? 'late' : 'answered'
    ask.state = 'answered'
    return { no: ask.no, kind, ms: at - ask.at, byTopic: correlation === undefined }
  }

  /** Numbers of the requests whose time ran out since it was asked last. */
  expire(at: number): number[] {
    const late = [...this.#asks.values()].filter((ask) => ask.state === 'waiting' && at > ask.dueAt)
    for (const ask of late) ask.state = 'timeout'
    return late.map(({ no }) => no)
  }

  clear(): void {
    this.#asks.clear()
  }

  #oldestOn(topic: string): Ask | undefined {
    for (const ask of this.#asks.values()) if (ask.topic === topic && ask.state !== 'answered') return ask
    return undefined
  }
}

const keyOf = (topic: string, correlation: Uint8Array): string => `${toHex(correlation)} ${topic}`
