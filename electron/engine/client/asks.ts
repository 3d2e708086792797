/** Requests of one connection that wait for their answers, and what of that stands in the log. */
import { Pairing, signOf, type AskedOn } from '../../../shared/client/pairing.ts'
import type { PublishPacket } from '../../../shared/mqtt/packets.ts'
import type { PacketLog } from './log.ts'

/** Times that ran out are shown this much late at most; whether an answer is late is exact. */
const LOOK_MS = 50
/** Answers of one request whose rows are told. */
const MAX_ANSWERS = 50

export class Asks {
  readonly #log: PacketLog
  readonly #pairing = new Pairing()
  #waiting = 0
  #hasAsked = false
  #timer: NodeJS.Timeout | undefined

  constructor(log: PacketLog) {
    this.#log = log
  }

  /** The request stands in this row. */
  add(no: number, asked: AskedOn): void {
    this.#pairing.add(no, asked)
    this.#waiting++
    this.#hasAsked = true
    this.#log.change(no, () => ({ request: { state: 'waiting', answers: [] } }))
    this.#timer ??= setInterval(() => this.#expire(), LOOK_MS).unref()
  }

  /** A message came, in this row. */
  receive(no: number, topic: string, packet: PublishPacket, now: number): void {
    if (!this.#hasAsked) return
    const sign = signOf(packet)
    const paired = sign && this.#pairing.receive(topic, sign, now)
    if (!paired) return
    this.#log.change(no, () => ({ answers: paired }))
    if (paired.kind === 'answered') this.#waiting--
    this.#log.change(paired.no, ({ request }) => ({
      request: {
        state: paired.kind === 'duplicate' ? (request?.state ?? 'answered') : paired.kind,
        answers: [...(request?.answers ?? []), no].slice(0, MAX_ANSWERS),
        ms: request?.ms ?? paired.ms,
      },
    }))
  }

  /** It did not go out: no answer is due. */
  lose(no: number): void {
    this.#log.change(no, ({ request }) =>
      request?.state === 'waiting' ? { request: { ...request, state: 'lost' } } : {},
    )
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #expire(): void {
    for (const no of this.#pairing.expire(performance.now())) {
      this.#waiting--
      this.#log.change(no, ({ request }) => ({ request: { answers: [], ...request, state: 'timeout' } }))
    }
    if (this.#waiting <= 0) this.stop()
  }
}
