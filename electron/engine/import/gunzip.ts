/** Capture files that were packed with gzip (RFC 1952), unpacked as they are read. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode } from '../workspace/files.ts'

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b

export interface GunzipLimits {
  /** Unpacked bytes that are never too many. */
  readonly bytes: number
  /** Beyond those: how many times the packed size. No capture of traffic packs better. */
  readonly times: number
}
const defaultLimits: GunzipLimits = { bytes: 256 * 1024 * 1024, times: 200 }

/** Packed bytes that are to be read at a time. */
const PIECE = 64 * 1024

/**
 * The unpacked bytes, several members one after the other. Rejects with a BenchFailure `invalid-request` when the
 * file is damaged, cut off or unpacks to too much, and with the system's error when it cannot be read.
 * `onProgress` gets the packed bytes read, and how many there are.
 */
export async function* gunzipFile(
  path: string,
  onProgress: (bytes: number, total: number) => void = () => undefined,
  limits: GunzipLimits = defaultLimits,
): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path)
  const packed = createReadStream(path, { highWaterMark: PIECE })
  yield* unpack(packed, basename(path), limits, (bytes) => {
    onProgress(bytes, size)
    return size
  })
}

/** The same of a stream, whose size is what came of it so far. `name` begins a sentence. */
export const gunzipStream = (
  packed: AsyncIterable<Uint8Array>,
  name: string,
  limits: GunzipLimits = defaultLimits,
): AsyncGenerator<Uint8Array> => unpack(Readable.from(packed), name, limits, (bytes) => bytes)

/** `sizeAfter` is told the packed bytes read, and answers how many there are. */
async function* unpack(
  packed: Readable,
  name: string,
  limits: GunzipLimits,
  sizeAfter: (bytes: number) => number,
): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  // Ends the one with the other; what went wrong comes out of the loop below.
  pipeline(packed, gunzip, () => undefined)
  let unpacked = 0
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      unpacked += chunk.length
      if (unpacked > Math.max(limits.bytes, limits.times * sizeAfter(gunzip.bytesWritten))) {
        throw new BenchFailure(
          'invalid-request',
          `${name} unpacks to more than ${limits.times} times its size, which no capture does. Unpack it yourself, and import that if it is one.`,
        )
      }
      yield chunk
    }
  } catch (error) {
    const code = errorCode(error)
    if (code?.startsWith('Z_') !== true) throw error
    const why = code === 'Z_BUF_ERROR' ? 'is cut off' : 'is damaged'
    throw new BenchFailure('invalid-request', `${name} ${why}: it cannot be unpacked as gzip.`)
  }
}
