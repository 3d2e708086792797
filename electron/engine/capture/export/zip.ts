/**
 * Zip archives (APPNOTE 6.3), as far as evidence needs them: deflated entries, written one after the other into
 * a file and read back from one. No Zip64: an entry, and the archive, hold 4 GiB at most.
 */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { once } from 'node:events'
import { crc32, createDeflateRaw, createInflateRaw } from 'node:zlib'
import { BenchFailure } from '../../../../shared/contract/result.ts'
import type { FileSink, Sink } from './sink.ts'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const LOCAL_SIZE = 30
const CENTRAL_SIZE = 46
const END_SIZE = 22
const DEFLATE = 8
const VERSION = 20
/** Names are UTF-8. */
const UTF8_FLAG = 0x800
const MAX = 0xffff_ffff
/** 1980-01-01, the zero of its calendar: the times of the packets stand in them. */
const DATE = 0x21
const MAX_ENTRIES = 1000

interface Entry {
  readonly name: Uint8Array
  readonly offset: number
  readonly crc: number
  readonly packed: number
  readonly size: number
}

export class ZipWriter {
  readonly #file: FileSink
  readonly #entries: Entry[] = []

  constructor(file: FileSink) {
    this.#file = file
  }

  /** Writes one entry; `fill` gets the sink for its bytes. BenchFailure `failed` when it grows beyond 4 GiB. */
  async add(name: string, fill: (sink: Sink) => Promise<void>): Promise<void> {
    const bytes = new TextEncoder().encode(name)
    const offset = this.#file.size
    this.#file.write(Buffer.concat([localHeader(bytes.length, 0, 0, 0), bytes]))
    const start = this.#file.size
    const deflate = createDeflateRaw()
    deflate.on('data', (chunk: Buffer) => this.#file.write(chunk))
    let crc = 0
    let size = 0
    await fill({
      write: async (chunk) => {
        // The checksum of nothing would begin anew.
        if (chunk.length === 0) return
        crc = crc32(chunk, crc)
        size += chunk.length
        if (!deflate.write(chunk)) await once(deflate, 'drain')
      },
    })
    const ended = once(deflate, 'end')
    deflate.end()
    await ended
    const packed = this.#file.size - start
    if (size > MAX || this.#file.size > MAX) {
      throw new BenchFailure(
        'failed',
        'The bundle would be larger than 4 GiB: choose fewer rows with a filter.',
      )
    }
    this.#file.patch(offset, localHeader(bytes.length, crc, packed, size))
    this.#entries.push({ name: bytes, offset, crc, packed, size })
  }

  /** Writes the directory. The file itself is the caller's to finish. */
  end(): void {
    const start = this.#file.size
    for (const { name, offset, crc, packed, size } of this.#entries) {
      const header = Buffer.alloc(CENTRAL_SIZE)
      header.writeUInt32LE(CENTRAL, 0)
      header.writeUInt16LE(VERSION, 4)
      writeCommon(header, 6, name.length, crc, packed, size)
      header.writeUInt32LE(offset, 42)
      this.#file.write(Buffer.concat([header, name]))
    }
    const end = Buffer.alloc(END_SIZE)
    end.writeUInt32LE(END, 0)
    end.writeUInt16LE(this.#entries.length, 8)
    end.writeUInt16LE(this.#entries.length, 10)
    end.writeUInt32LE(this.#file.size - start, 12)
    end.writeUInt32LE(start, 16)
    this.#file.write(end)
  }
}

function localHeader(nameLength: number, crc: number, packed: number, size: number): Buffer {
  const header = Buffer.alloc(LOCAL_SIZE)
  header.writeUInt32LE(LOCAL, 0)
  writeCommon(header, 4, nameLength, crc, packed, size)
  return header
}

/** The members that both headers have, in the same order. */
function writeCommon(
  header: Buffer,
  at: number,
  nameLength: number,
  crc: number,
  packed: number,
  size: number,
): void {
  header.writeUInt16LE(VERSION, at)
  header.writeUInt16LE(UTF8_FLAG, at + 2)
  header.writeUInt16LE(DEFLATE, at + 4)
  header.writeUInt16LE(DATE, at + 8)
  header.writeUInt32LE(crc, at + 10)
  header.writeUInt32LE(packed, at + 14)
  header.writeUInt32LE(size, at + 18)
  header.writeUInt16LE(nameLength, at + 22)
}

export const isZip = (head: Uint8Array): boolean =>
  head.length >= 4 && Buffer.from(head).readUInt32LE(0) === LOCAL

/**
 * The bytes of one entry of a zip file, as they are unpacked. BenchFailure `invalid-request` when the file is
 * no zip that this reads, or lacks the entry.
 */
export async function openEntry(path: string, name: string): Promise<AsyncIterable<Uint8Array>> {
  const entry = await findEntry(path, name)
  if (entry === undefined) {
    throw new BenchFailure('invalid-request', `The archive does not hold ${name}: it is no evidence bundle.`)
  }
  const { start, packed, method } = entry
  if (packed === 0) return emptyBytes()
  const stream = createReadStream(path, { start, end: start + packed - 1 })
  if (method === 0) return stream
  const inflate = createInflateRaw()
  stream.on('error', (error) => inflate.destroy(error))
  return stream.pipe(inflate)
}

async function* emptyBytes(): AsyncGenerator<Uint8Array> {}

async function findEntry(
  path: string,
  name: string,
): Promise<{ start: number; packed: number; method: number } | undefined> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const read = async (position: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position)
      if (bytesRead < length) throw new BenchFailure('invalid-request', 'The archive is cut off.')
      return buffer
    }
    const tail = await read(Math.max(0, size - 65_557), Math.min(size, 65_557))
    const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
    if (at < 0 || at + END_SIZE > tail.length) {
      throw new BenchFailure('invalid-request', 'The archive has no directory: it is damaged or no zip file.')
    }
    const directory = await read(tail.readUInt32LE(at + 16), tail.readUInt32LE(at + 12))
    let from = 0
    for (let i = 0; i < Math.min(MAX_ENTRIES, tail.readUInt16LE(at + 10)); i++) {
      if (from + CENTRAL_SIZE > directory.length || directory.readUInt32LE(from) !== CENTRAL) break
      const [nameLength, extra, comment] = [28, 30, 32].map((place) => directory.readUInt16LE(from + place))
      const found = directory.toString('utf8', from + CENTRAL_SIZE, from + CENTRAL_SIZE + (nameLength ?? 0))
      if (found === name) {
        const offset = directory.readUInt32LE(from + 42)
        const local = await read(offset, LOCAL_SIZE)
        const start = offset + LOCAL_SIZE + local.readUInt16LE(26) + local.readUInt16LE(28)
        return { start, packed: directory.readUInt32LE(from + 20), method: directory.readUInt16LE(from + 10) }
      }
      from += CENTRAL_SIZE + (nameLength ?? 0) + (extra ?? 0) + (comment ?? 0)
    }
    return undefined
  } finally {
    await file.close()
  }
}
