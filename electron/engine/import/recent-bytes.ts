/**
 * The bytes of a capture file that were read last, by their place in it: what TCP brings again is compared with them.
 * One ring for all connections: a copy of each segment, kept with its connection, would be far from the caches.
 */

/** Seconds of a busy capture: longer than TCP waits before it repeats itself. */
const RING_BYTES = 4 * 1024 * 1024

export class RecentBytes {
  readonly #ring: Uint8Array
  /** Bytes of the file so far. */
  #end = 0

  constructor(ringBytes = RING_BYTES) {
    this.#ring = new Uint8Array(ringBytes)
  }

  /** The next bytes of the file. */
  add(bytes: Uint8Array): void {
    const ring = this.#ring
    this.#end += bytes.length
    // Of a piece that is larger than the ring only its end is kept.
    for (let rest = bytes.subarray(-ring.length); rest.length > 0;) {
      const at = (this.#end - rest.length) % ring.length
      const part = rest.subarray(0, ring.length - at)
      ring.set(part, at)
      rest = rest.subarray(part.length)
    }
  }

  /** A copy of the `count` bytes of the file from `place` on; undefined when not all of them are there. */
  at(place: number, count: number): Uint8Array | undefined {
    const ring = this.#ring
    if (!(place >= this.#end - ring.length && place + count <= this.#end)) return undefined
    const from = place % ring.length
    const first = ring.subarray(from, from + count)
    const bytes = new Uint8Array(count)
    bytes.set(first)
    bytes.set(ring.subarray(0, count - first.length), first.length)
    return bytes
  }
}
