/** Remarks on rows. Many rows carry the same one, so each different remark is kept once. */
import type { PacketNote } from '../../../shared/contract/model.ts'
import { Dictionary } from './dictionary.ts'

/** Estimate in bytes of what a row with remarks costs, and each remark on it. */
const ROW_COST = 100
const NOTE_COST = 8

export class Notes {
  readonly #texts = new Dictionary()
  readonly #byRow = new Map<number, number[]>()
  #count = 0

  /** Memory held, in bytes, as an estimate. */
  get bytes(): number {
    return this.#byRow.size * ROW_COST + this.#count * NOTE_COST + this.#texts.bytes
  }

  add(no: number, note: PacketNote): void {
    const id = this.#texts.retainText(JSON.stringify(note))
    const ids = this.#byRow.get(no)
    if (ids === undefined) this.#byRow.set(no, [id])
    else ids.push(id)
    this.#count += 1
  }

  /** The remarks on a row, in the order they were made. */
  of(no: number): readonly PacketNote[] {
    // Written by `add` from this very type.
    return (this.#byRow.get(no) ?? []).map((id) => JSON.parse(this.#texts.text(id)) as PacketNote)
  }

  drop(no: number): void {
    const ids = this.#byRow.get(no)
    if (ids === undefined) return
    for (const id of ids) this.#texts.release(id)
    this.#count -= ids.length
    this.#byRow.delete(no)
  }
}
