/** Splits a stream of bytes into packets. Pieces are joined only when that completes one. */
import { frameLength } from '../mqtt/frame.ts'

export class PacketInput {
  #pieces: Uint8Array[] = []
  #size = 0
  /** Length of the packet that has begun; 0 while it is not known. */
  #due = 0

  /**
   * The packets that are whole now, as bytes of their own. Throws a RangeError when a packet is longer than `most`,
   * or when no packet can begin so.
   */
  push(chunk: Uint8Array, most: number): Uint8Array[] {
    this.#pieces.push(chunk)
    this.#size += chunk.length
    const packets: Uint8Array[] = []
    while (this.#size > 0 && this.#size >= this.#due) {
      const bytes = this.#joined()
      const length = frameLength(bytes, 0, bytes.length)
      if (length < 0) throw new RangeError('Remaining Length takes more than four bytes')
      if (length > most)
        throw new RangeError(`a packet of ${length} bytes is longer than the ${most} allowed`)
      this.#due = length
      if (length === 0 || bytes.length < length) break
      // Not `slice`, which of a Buffer is no copy: a small packet would hold its whole chunk.
      packets.push(new Uint8Array(bytes.subarray(0, length)))
      this.#pieces = [bytes.subarray(length)]
      this.#size = bytes.length - length
      this.#due = 0
    }
    return packets
  }

  clear(): void {
    this.#pieces = []
    this.#size = 0
    this.#due = 0
  }

  #joined(): Uint8Array {
    if (this.#pieces.length === 1) return this.#pieces[0] as Uint8Array
    const all = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      all.set(piece, at)
      at += piece.length
    }
    this.#pieces = [all]
    return all
  }
}
