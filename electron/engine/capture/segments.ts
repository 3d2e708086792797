/**
 * The segment files of one capture as one endless file. What was written last is read from memory, older bytes
 * from the files, in pages of which the last ones used are kept.
 */
import {
  close,
  closeSync,
  fdatasync,
  fstatSync,
  open,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

/** Where a segment's bytes lie among all of the capture. */
export interface Segment {
  readonly number: number
  readonly path: string
  readonly start: number
  size: number
}

interface OpenSegment extends Segment {
  file: number | undefined
}

const PAGE = 64 * 1024
const MAX_PAGES = 64
/** Files held open for reading at a time. */
const MAX_FILES = 16
const NAME = /^(\d{5,9})\.pcapng$/

export const segmentName = (number: number): string => `${String(number).padStart(5, '0')}.pcapng`

/** Numbers of the segment files in a folder, lowest first. */
export const segmentNumbers = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)

export class Segments {
  readonly #folder: string
  #segments: OpenSegment[] = []
  /** Pages by segment number and page; the map's order is that of their last use. */
  readonly #pages = new Map<string, Uint8Array>()
  #bytes = 0
  #end = 0
  #nextNumber = 1

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Size of all files. */
  get bytes(): number {
    return this.#bytes
  }
  /** Offset behind the last byte. */
  get end(): number {
    return this.#end
  }
  get list(): readonly Segment[] {
    return this.#segments
  }

  /** Takes a file that is there already. */
  adopt(number: number, size: number): Segment {
    const path = join(this.#folder, segmentName(number))
    const segment = { number, path, start: this.#end, size, file: undefined }
    this.#segments.push(segment)
    this.#nextNumber = number + 1
    this.#bytes += size
    this.#end += size
    return segment
  }

  /** Takes all files that are in the folder. Throws the system's error. */
  adoptAll(): void {
    for (const number of segmentNumbers(this.#folder)) {
      this.adopt(number, sizeOf(join(this.#folder, segmentName(number))))
    }
  }

  /** Brings the last file onto the medium, without waiting for it: a medium that fails says so when it is read. */
  syncLast(): void {
    const last = this.#segments.at(-1)
    if (last === undefined) return
    open(last.path, 'r+', (error, file) => {
      if (error === null) fdatasync(file, () => close(file))
    })
  }

  /** Begins the next file. Throws the system's error when it cannot be made. */
  begin(): void {
    const number = this.#nextNumber
    const path = join(this.#folder, segmentName(number))
    // A file of that name was left by somebody else: it is not written over.
    const file = openSync(path, 'wx+', 0o600)
    this.#limitFiles()
    this.#segments.push({ number, path, start: this.#end, size: 0, file })
    this.#nextNumber += 1
  }

  /** File descriptor of the segment that is being written. */
  get writing(): number | undefined {
    return this.#segments.at(-1)?.file
  }

  /** Writes to the last segment; answers how many bytes the disk took. Throws the system's error. */
  write(bytes: Uint8Array): number {
    const last = this.#segments.at(-1)
    if (last?.file === undefined) throw new Error('No segment is open for writing.')
    const written = writeSync(last.file, bytes, 0, bytes.length, last.size)
    // The last page was read before it was full.
    this.#pages.delete(pageKey(last.number, Math.floor(last.size / PAGE)))
    last.size += written
    this.#bytes += written
    this.#end += written
    return written
  }

  /** Bytes from `offset` on, `length` at most and fewer at the end of its segment. RangeError when not held. */
  read(offset: number, length: number): Uint8Array {
    const segment = this.#at(offset)
    if (segment === undefined) throw new RangeError(`Byte ${offset} is not in the capture any more.`)
    const from = offset - segment.start
    const to = Math.min(segment.size, from + length)
    const first = Math.floor(from / PAGE)
    const page = this.#page(segment, first)
    if (to <= first * PAGE + page.length) return page.subarray(from - first * PAGE, to - first * PAGE)
    if (to - from > PAGE * 2) return readAt(this.#fileOf(segment), from, to - from)
    const whole = new Uint8Array(to - from)
    for (let at = from; at < to;) {
      const index = Math.floor(at / PAGE)
      const part = this.#page(segment, index).subarray(at - index * PAGE, to - index * PAGE)
      if (part.length === 0) break
      whole.set(part, at - from)
      at += part.length
    }
    return whole
  }

  /** Deletes the files that lie wholly below `offset`, the last one never. */
  dropBefore(offset: number, deleteFiles: boolean): void {
    for (let [first, second] = this.#segments; first && second && second.start <= offset;) {
      this.#close(first)
      if (deleteFiles) unlinkSync(first.path)
      this.#bytes -= first.size
      this.#segments.shift()
      ;[first, second] = this.#segments
    }
  }

  /** Deletes every file; offsets go on at `end`. */
  clear(end: number): void {
    for (const segment of this.#segments) {
      this.#close(segment)
      unlinkSync(segment.path)
    }
    this.#segments = []
    this.#pages.clear()
    this.#bytes = 0
    this.#end = end
  }

  close(): void {
    for (const segment of this.#segments) this.#close(segment)
    this.#pages.clear()
  }

  #at(offset: number): OpenSegment | undefined {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#segments[middle] as OpenSegment).start <= offset) low = middle
      else high = middle - 1
    }
    const segment = this.#segments[low]
    return segment !== undefined && offset >= segment.start && offset < segment.start + segment.size
      ? segment
      : undefined
  }

  #page(segment: Segment, index: number): Uint8Array {
    const key = pageKey(segment.number, index)
    let page = this.#pages.get(key)
    if (page === undefined) {
      const length = Math.min(PAGE, segment.size - index * PAGE)
      page = readAt(this.#fileOf(segment as OpenSegment), index * PAGE, Math.max(0, length))
      const [oldest] = this.#pages.keys()
      if (this.#pages.size >= MAX_PAGES && oldest !== undefined) this.#pages.delete(oldest)
    } else {
      this.#pages.delete(key)
    }
    this.#pages.set(key, page)
    return page
  }

  #fileOf(segment: OpenSegment): number {
    if (segment.file === undefined) {
      this.#limitFiles()
      segment.file = openSync(segment.path, 'r')
    }
    return segment.file
  }

  #limitFiles(): void {
    const open = this.#segments.filter(({ file }) => file !== undefined)
    const [oldest] = open
    // The last one may be the one that is written.
    if (open.length >= MAX_FILES && oldest !== undefined && oldest !== this.#segments.at(-1))
      this.#close(oldest)
  }

  #close(segment: OpenSegment): void {
    if (segment.file !== undefined) closeSync(segment.file)
    segment.file = undefined
  }
}

const pageKey = (segment: number, page: number): string => `${segment}/${page}`

function readAt(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  while (at < length) {
    const read = readSync(file, bytes, at, length - at, position + at)
    if (read === 0) break
    at += read
  }
  return bytes.subarray(0, at)
}

/** Size of a file in bytes. Throws the system's error. */
export function sizeOf(path: string): number {
  const file = openSync(path, 'r')
  try {
    return fstatSync(file).size
  } finally {
    closeSync(file)
  }
}
