/** Rows for the linter, kept by a test; numbers from 1, a millisecond apart. */
import type { LintRows } from '../../../electron/engine/lint/lint-rows.ts'
import type { LintFrame } from '../../../shared/lint/linter.ts'

export class RowsInMemory implements LintRows {
  first = 1
  onRead: (no: number) => void = () => undefined
  /** Rows that the disk does not give back. */
  readonly unreadable = new Set<number>()
  /** Rows that a fault on purpose met. */
  readonly disturbed = new Set<number>()
  readonly msgs = new Map<number, Uint8Array>()
  readonly #rows: (LintFrame | undefined)[] = []

  get end(): number {
    return this.#rows.length + 1
  }

  /** Answers its number. */
  add(bytes: Uint8Array, direction: 'in' | 'out' = 'in', connection = 1): number {
    const no = this.end
    this.#rows.push({ no, time: no * 1e6, connection, direction, malformed: false, bytes })
    return no
  }

  /** A row that is no packet. */
  addClose(): number {
    const no = this.end
    this.#rows.push(undefined)
    return no
  }

  packet(no: number): LintFrame | undefined {
    this.onRead(no)
    if (no < this.first || no >= this.end || this.unreadable.has(no)) throw new RangeError(`no row ${no}`)
    return this.#rows[no - 1]
  }

  isDisturbed(no: number): boolean {
    return this.disturbed.has(no)
  }

  segmentedMsg(last: number): Uint8Array | undefined {
    return this.msgs.get(last)
  }
}
