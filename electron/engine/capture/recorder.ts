/**
 * Writes a capture as it happens: rows become pcapng blocks, blocks go to the disk batch by batch. While the
 * disk takes nothing the blocks wait in memory; whoever records has to stop meanwhile (`trouble`).
 */
import { fdatasync, fdatasyncSync } from 'node:fs'
import type { PacketNote } from '../../../shared/contract/model.ts'
import type { Lesson } from '../../../shared/pcapng/lessons.ts'
import { SyntheticWriter, type Who } from '../../../shared/pcapng/synthetic.ts'
import { instantAt, type Instant } from './clock.ts'
import { readPacket, type PacketLog } from './packet-log.ts'
import { Segments } from './segments.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from './sink.ts'

export interface RecorderOptions {
  readonly epoch: Instant
  readonly folder: string
  readonly segmentBytes: number
  /** What is to be repeated of a connection that goes on in a new segment. */
  readonly lessons: (connection: number) => Iterable<Lesson>
}

interface Piece {
  readonly offset: number
  readonly bytes: Uint8Array
  /** The first bytes of a new segment. */
  readonly begins: boolean
}

const MALFORMED = { malformed: true }
/** Bytes kept of what was written last. */
const RECENT = 4 * 1024 * 1024

export class Recorder implements PacketLog {
  readonly #epoch: Instant
  readonly #segmentBytes: number
  readonly #writer: SyntheticWriter
  readonly #segments: Segments
  /** Taken from the writer and not yet on the disk, oldest first. */
  #waiting: Piece[] = []
  #waitingBytes = 0
  /** Written ones that are kept to be read again, oldest first. */
  #recent: Piece[] = []
  #recentBytes = 0
  /** Offset at which the writer's present segment began, and of the first byte not taken from it. */
  #start = 0
  #taken = 0
  #fresh = true
  #dirty = false
  #syncing = false
  #error: Error | undefined

  constructor({ epoch, folder, segmentBytes, lessons }: RecorderOptions) {
    this.#epoch = epoch
    this.#segmentBytes = segmentBytes
    this.#segments = new Segments(folder)
    this.#writer = new SyntheticWriter({ section: { application: 'Oktobench' }, lessons })
  }

  get bytes(): number {
    return this.#segments.bytes + this.#waitingBytes + (this.#end - this.#taken)
  }

  /** Why nothing can be written; undefined when all is well. */
  get error(): Error | undefined {
    return this.#error
  }

  opened(time: number, connection: number, facts: ConnectionOpened): void {
    this.#writer.opened(instantAt(this.#epoch, time), connection, facts)
  }

  identified(connection: number, who: Who): void {
    this.#writer.identified(connection, who)
  }

  frame(
    no: number,
    time: number,
    connection: number,
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    malformed: boolean,
  ): number {
    this.#turn()
    const at = instantAt(this.#epoch, time)
    const remarks = malformed ? MALFORMED : undefined
    return this.#start + this.#writer.frame(no, at, connection, direction, bytes, remarks, start, end)
  }

  note(no: number, note: PacketNote): void {
    this.#writer.note(no, note)
  }

  closed(no: number, time: number, connection: number, facts: ConnectionClosed): number {
    this.#turn()
    return this.#start + this.#writer.closed(no, instantAt(this.#epoch, time), connection, facts)
  }

  read(offset: number, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0)
    return readPacket((span) => this.#bytesAt(offset, span), length)
  }

  oldestEnd(): number | undefined {
    return this.#segments.list[1]?.start
  }

  dropBefore(offset: number): void {
    this.#segments.dropBefore(offset, true)
  }

  /** Deletes everything written so far; offsets go on. */
  clear(): void {
    this.#taken += this.#writer.rotate().length
    this.#start = this.#taken
    this.#fresh = true
    this.#waiting = []
    this.#recent = []
    this.#waitingBytes = this.#recentBytes = 0
    this.#segments.clear(this.#taken)
  }

  /** Offset behind the last byte that was handed in. */
  get #end(): number {
    return this.#start + this.#writer.size
  }

  /** Gives what was handed in to the disk. What it does not take waits for the next call; see `error`. */
  flush(): void {
    this.#takeFrom(this.#writer.take())
    try {
      for (let piece = this.#waiting[0]; piece !== undefined; piece = this.#waiting[0]) {
        if (piece.begins && this.#segments.end === piece.offset && !this.#begun(piece.offset)) this.#begin()
        const done = this.#segments.end - piece.offset
        const rest = piece.bytes.subarray(done)
        this.#waitingBytes -= rest.length > 0 ? this.#segments.write(rest) : 0
        this.#dirty = true
        if (this.#segments.end < piece.offset + piece.bytes.length) continue
        this.#waiting.shift()
        this.#remember(piece)
      }
      this.#error = undefined
    } catch (error) {
      this.#error = error instanceof Error ? error : new Error(String(error))
    }
  }

  /** Brings what was written onto the medium, without waiting for it. */
  sync(): void {
    const file = this.#segments.writing
    if (!this.#dirty || this.#syncing || file === undefined) return
    this.#dirty = false
    this.#syncing = true
    fdatasync(file, () => {
      // A medium that fails fails the next write as well, which says so.
      this.#syncing = false
    })
  }

  close(): void {
    this.flush()
    const file = this.#segments.writing
    if (file !== undefined && this.#error === undefined) fdatasyncSync(file)
    this.#segments.close()
  }

  /** A new segment once the present one is full. */
  #turn(): void {
    if (this.#writer.size < this.#segmentBytes) return
    this.#takeFrom(this.#writer.rotate())
    this.#start = this.#taken
    this.#fresh = true
  }

  #takeFrom(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#waiting.push({ offset: this.#taken, bytes, begins: this.#fresh })
    this.#waitingBytes += bytes.length
    this.#fresh = false
    this.#taken += bytes.length
  }

  #begun(offset: number): boolean {
    const last = this.#segments.list.at(-1)
    return last !== undefined && last.start === offset && last.size === 0
  }

  #begin(): void {
    const file = this.#segments.writing
    // The segment that ends here is not touched again: its bytes must not hang on a later sync.
    if (file !== undefined && this.#dirty) fdatasync(file, () => undefined)
    this.#segments.begin()
  }

  #remember(piece: Piece): void {
    this.#recent.push(piece)
    this.#recentBytes += piece.bytes.length
    while (this.#recentBytes > RECENT && this.#recent.length > 1) {
      this.#recentBytes -= this.#recent.shift()?.bytes.length ?? 0
    }
  }

  #bytesAt(offset: number, length: number): Uint8Array {
    if (offset >= this.#taken) this.#takeFrom(this.#writer.take())
    const piece = pieceAt(this.#recent, offset) ?? pieceAt(this.#waiting, offset)
    if (piece === undefined) return this.#segments.read(offset, length)
    const from = offset - piece.offset
    if (from + length <= piece.bytes.length) return piece.bytes.subarray(from, from + length)
    return this.#join(offset, length)
  }

  /** Bytes that lie in several pieces, some of them perhaps on the disk alone. */
  #join(offset: number, length: number): Uint8Array {
    if (offset + length > this.#taken) this.#takeFrom(this.#writer.take())
    const parts: Uint8Array[] = []
    for (let at = offset; at < offset + length && at < this.#taken;) {
      const piece = pieceAt(this.#recent, at) ?? pieceAt(this.#waiting, at)
      const from = at - (piece?.offset ?? 0)
      const part = piece
        ? piece.bytes.subarray(from, from + offset + length - at)
        : this.#segments.read(at, offset + length - at)
      parts.push(part)
      at += part.length
    }
    return Buffer.concat(parts)
  }
}

function pieceAt(pieces: readonly Piece[], offset: number): Piece | undefined {
  let low = 0
  let high = pieces.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((pieces[middle] as Piece).offset <= offset) low = middle
    else high = middle - 1
  }
  const piece = pieces[low]
  return piece && offset >= piece.offset && offset < piece.offset + piece.bytes.length ? piece : undefined
}
