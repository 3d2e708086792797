/**
 * The broker's end of a wire session: just as much of a stream as aedes uses, and no more.
 *
 * Inbound it offers one packet at a time, which aedes nearly always takes at once; outbound it takes every write
 * and tells once a turn of the event loop, with all of it in one piece. A full `Duplex` in this place costs a
 * third of the throughput.
 */
import { EventEmitter } from 'node:events'
import type { Connection } from 'aedes'

export interface BrokerEndEvents {
  /** Whole MQTT packets, one after the other, as the broker wrote them. */
  flush(bytes: Buffer): void
  /** The broker took what it had left waiting; the next may come. */
  taken(): void
  /** The broker wants the connection to end. */
  destroyed(error: Error | undefined): void
}

export class BrokerEnd extends EventEmitter {
  destroyed = false
  /** aedes hangs its client here. */
  client: unknown
  #offered: Buffer | undefined
  #offering = false
  #written: Buffer[] = []
  #scheduled = false
  readonly #events: BrokerEndEvents

  constructor(events: BrokerEndEvents) {
    super()
    this.#events = events
  }

  /** Typed as what `aedes.handle` asks for; the members it really uses are those of this class. */
  get connection(): Connection {
    return this as unknown as Connection
  }

  /** True while a buffer waits for the broker. */
  get full(): boolean {
    return this.#offered !== undefined
  }

  offer(bytes: Buffer): void {
    this.#offered = this.#offered ? Buffer.concat([this.#offered, bytes]) : bytes
    this.#offering = true
    this.emit('readable')
    this.#offering = false
  }

  read(): Buffer | null {
    const bytes = this.#offered
    if (bytes === undefined) return null
    this.#offered = undefined
    if (!this.#offering) this.#events.taken()
    return bytes
  }

  write(piece: Buffer | string, encoding?: BufferEncoding): boolean {
    if (this.destroyed) return true
    this.#written.push(typeof piece === 'string' ? Buffer.from(piece, encoding) : piece)
    if (!this.#scheduled) {
      this.#scheduled = true
      setImmediate(this.#flushLater)
    }
    // Always true: the wire session keeps the byte budget, so that one slow reader never holds up another.
    return true
  }

  readonly #flushLater = (): void => {
    this.#scheduled = false
    this.flush()
  }

  /** Hands on what was written so far. */
  flush(): void {
    const pieces = this.#written
    if (pieces.length === 0) return
    this.#written = []
    this.#events.flush(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces))
  }

  cork(): void {}
  uncork(): void {}

  end(): void {
    this.destroy()
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this
    this.flush()
    this.destroyed = true
    this.#offered = undefined
    this.#events.destroyed(error)
    return this
  }
}
