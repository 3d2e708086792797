/** Messages of one connection that went out: their rows in the log, and what becomes of them there. */
import type { ExchangeEnd } from '../../../shared/client/exchanges.ts'
import type { AskedOn } from '../../../shared/client/pairing.ts'
import { Asks } from './asks.ts'
import { outcomeOf } from './ends.ts'
import type { PacketLog } from './log.ts'

/** A request: what its answer is known by. */
export type Ask = Omit<AskedOn, 'at'>

export class Outbox {
  readonly asks: Asks
  readonly #log: PacketLog
  /** Rows of publishes that are not acknowledged yet, by exchange. */
  readonly #rows = new Map<number, number>()
  /** Requests that wait to be sent, by exchange. */
  readonly #toAsk = new Map<number, Ask>()
  #asking: Ask | undefined
  #lastRow: number | undefined

  constructor(log: PacketLog) {
    this.#log = log
    this.asks = new Asks(log)
  }

  /** `send` answers the exchange. Answers the row, or undefined while it waits for Receive Maximum. */
  publish(send: () => number, ask: Ask | undefined): number | undefined {
    this.#lastRow = undefined
    this.#asking = ask
    try {
      const exchange = send()
      // Still there: it was not sent yet.
      if (this.#asking) this.#toAsk.set(exchange, this.#asking)
    } finally {
      this.#asking = undefined
    }
    return this.#lastRow
  }

  /** A PUBLISH stands in this row. */
  sent(no: number, exchange: number, qos: number): void {
    this.#lastRow = no
    if (qos > 0) this.#rows.set(exchange, no)
    const asked = this.#toAsk.get(exchange) ?? this.#asking
    this.#toAsk.delete(exchange)
    this.#asking = undefined
    if (asked) this.asks.add(no, { ...asked, at: performance.now() })
  }

  finished(exchange: number, end: ExchangeEnd, level: 4 | 5): void {
    this.#toAsk.delete(exchange)
    const no = this.#rows.get(exchange)
    this.#rows.delete(exchange)
    if (no === undefined) return
    const outcome = outcomeOf(end, level)
    this.#log.change(no, () => ({ outcome, ...(outcome.bad && { bad: true }) }))
    if (outcome.bad) this.asks.lose(no)
  }
}
