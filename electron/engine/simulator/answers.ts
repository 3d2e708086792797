/** Answers on their way out, with what goes wrong on purpose. */
import type { Quirks } from './misbehaviours.ts'
import type { World } from './world.ts'

/** Answers that wait because the agent is slow; more are not sent, as by a device that is overrun. */
export const MAX_DELAYED = 200
/** How long an answer waits for the one that shall overtake it. */
const HOLD_MS = 2000

export class AnswerQueue {
  readonly #world: World
  readonly #quirks: Quirks
  readonly #publish: (topic: string, payload: Uint8Array) => boolean
  readonly #timers = new Set<() => void>()
  #held: (() => void) | undefined

  constructor(world: World, quirks: Quirks, publish: (topic: string, payload: Uint8Array) => boolean) {
    this.#world = world
    this.#quirks = quirks
    this.#publish = publish
  }

  /** The Records of one answer, in order. */
  send(topic: string, records: readonly Uint8Array[]): void {
    const { isSilent, answerDelayMs = 0, copies = 1, sendsGarbage, swapsAnswers } = this.#quirks
    if (isSilent) return
    const out = (): void => {
      for (let copy = 0; copy < copies; copy++) {
        for (const record of records) this.#publish(topic, sendsGarbage ? garbageFor(record) : record)
      }
    }
    if (swapsAnswers) this.#swap(out)
    else if (answerDelayMs > 0) this.#later(answerDelayMs, out)
    else out()
  }

  stop(): void {
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
    this.#held = undefined
  }

  #swap(out: () => void): void {
    const held = this.#held
    if (held) {
      this.#held = undefined
      out()
      held()
      return
    }
    this.#held = out
    this.#later(HOLD_MS, () => {
      if (this.#held !== out) return
      this.#held = undefined
      out()
    })
  }

  #later(ms: number, run: () => void): void {
    if (this.#timers.size >= MAX_DELAYED) return
    const cancel = this.#world.after(ms, () => {
      this.#timers.delete(cancel)
      run()
    })
    this.#timers.add(cancel)
  }
}

/** As long as the Record; its first byte is the tag of no field. */
const garbageFor = (record: Uint8Array): Uint8Array =>
  Uint8Array.from(record, (_, at) => (at === 0 ? 0xff : (at * 31) & 0xff))
