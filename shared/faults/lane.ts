/**
 * One way of a connection on which faults work: packets go in one by one, and come out later, again, in another
 * order or not at all. Pure: it has no clock and no line, and says when it wants to be asked again.
 */
import type { Fate } from './book.ts'

export interface Leaving<T> {
  readonly packet: T
  /** `pass`: goes on; `drop`: does not; `cut`: its first `bytes` do, and nothing after them. */
  readonly end: 'pass' | 'drop' | 'cut'
  readonly bytes?: number
  /** What a fault did to it, as a sentence, and the names of the faults; absent where none met it. */
  readonly remark?: string
  readonly fault?: string
}

/** Milliseconds after which a packet that lets others go first goes by itself. */
export const REORDER_WAIT_MS = 1000

interface Waiting<T> extends Leaving<T> {
  readonly due: number
}
interface Aside<T> {
  readonly leaving: Leaving<T>
  behind: number
  readonly until: number
}

export class Lane<T> {
  /** In the order in which they leave, none before the one in front of it. */
  #queue: Waiting<T>[] = []
  /** Those that let others go first. */
  #aside: Aside<T>[] = []

  get size(): number {
    return this.#queue.length + this.#aside.length
  }

  /** `fate` is undefined for a packet that no fault met: it keeps its place behind those that wait. */
  push(packet: T, fate: Fate | undefined, now: number): void {
    if (fate && fate.behind > 0 && !fate.drop && fate.cut === undefined) {
      const leaving = { packet, end: 'pass', ...remarkOf(fate, 'let others go first') } as const
      this.#aside.push({ leaving, behind: fate.behind, until: now + REORDER_WAIT_MS + fate.delayMs })
      return
    }
    const due = now + (fate?.delayMs ?? 0)
    for (const leaving of leavings(packet, fate)) this.#enqueue(leaving, due)
    this.#countAside(now)
  }

  /** What leaves now, in order. */
  take(now: number): readonly Leaving<T>[] {
    const overdue = this.#aside.filter(({ until }) => until <= now)
    if (overdue.length > 0) {
      this.#aside = this.#aside.filter(({ until }) => until > now)
      for (const { leaving } of overdue) this.#enqueue(leaving, now)
    }
    let count = 0
    while (count < this.#queue.length && (this.#queue[count] as Waiting<T>).due <= now) count += 1
    return this.#queue.splice(0, count).map(({ due: _due, ...leaving }) => leaving)
  }

  /** When something leaves next if nothing comes before; undefined when nothing waits. */
  get next(): number | undefined {
    const times = [...this.#queue.slice(0, 1).map(({ due }) => due), ...this.#aside.map(({ until }) => until)]
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** Everything that waits goes nowhere. */
  clear(): void {
    this.#queue = []
    this.#aside = []
  }

  #enqueue(leaving: Leaving<T>, due: number): void {
    this.#queue.push({ ...leaving, due: Math.max(due, this.#queue.at(-1)?.due ?? due) })
  }

  #countAside(now: number): void {
    if (this.#aside.length === 0) return
    for (const aside of this.#aside) aside.behind -= 1
    const ready = this.#aside.filter(({ behind }) => behind <= 0)
    this.#aside = this.#aside.filter(({ behind }) => behind > 0)
    for (const { leaving } of ready) this.#enqueue(leaving, now)
  }
}

const remarkOf = ({ fault }: Fate, done: string) => ({
  fault,
  remark: [done, byFault(fault)].filter(Boolean).join(', '),
})

/** For a packet that was dropped or refused, which is told beside it. */
export const byFault = (fault: string): string => `by the fault “${fault}”`

/** What becomes of a packet, as a sentence. */
export function fateText(fate: Fate): string {
  const { drop, cut, delayMs, copies, behind, said = '' } = fate
  const done = drop
    ? ''
    : cut !== undefined
      ? `the line was cut after ${cut} bytes of it`
      : [
          delayMs > 0 ? `delayed by ${delayMs} ms` : '',
          copies > 0 ? `taken ${copies + 1} times` : '',
          behind > 0 ? 'let others go first' : '',
          said,
        ]
          .filter(Boolean)
          .join(', ') || 'let through'
  return remarkOf(fate, done).remark
}

function leavings<T>(packet: T, fate: Fate | undefined): readonly Leaving<T>[] {
  if (!fate) return [{ packet, end: 'pass' }]
  const { fault } = fate
  if (fate.drop) return [{ packet, end: 'drop', fault, remark: fateText(fate) }]
  if (fate.cut !== undefined) return [{ packet, end: 'cut', bytes: fate.cut, fault, remark: fateText(fate) }]
  const delayed = fate.delayMs > 0 ? `delayed by ${fate.delayMs} ms` : ''
  const times = fate.copies + 1
  return Array.from({ length: times }, (_, index) => {
    const repeated = times > 1 ? `number ${index + 1} of ${times} that are the same` : ''
    const done = [fate.said, delayed, repeated].filter(Boolean).join(', ') || 'let through'
    return { packet, end: 'pass' as const, ...remarkOf(fate, done) }
  })
}
