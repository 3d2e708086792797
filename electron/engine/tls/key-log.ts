/**
 * The secrets of TLS connections in the format that Wireshark reads (NSS key log), so that an engineer can
 * open what a mirror port saw. Off unless asked for; whoever has the file can read the traffic.
 */
import { open, stat, type FileHandle } from 'node:fs/promises'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode } from '../workspace/files.ts'
import { keepSecret } from './files.ts'

/** A connection takes five lines of about 180 bytes. */
const MAX_BYTES = 16 * 1024 * 1024
const OWNER_ONLY = 0o600

export interface KeyLog {
  /** One line, as Node's `keylog` event gives it. */
  add(line: Buffer): void
  /** Lines that found no room, or could not be written. */
  readonly lost: number
  /** Waits for what is being written. */
  close(): Promise<void>
}

/**
 * Appends to a file that only its owner can read. At `maxBytes` it stops and says so once. Rejects with a
 * BenchFailure `unavailable` when the file cannot be opened.
 */
export async function openKeyLog(
  path: string,
  onProblem: (text: string) => void,
  maxBytes = MAX_BYTES,
): Promise<KeyLog> {
  let file: FileHandle
  let size: number
  try {
    file = await open(path, 'a', OWNER_ONLY)
    await keepSecret(path)
    size = (await stat(path)).size
  } catch (error) {
    const why = errorCode(error) ?? 'unknown error'
    throw new BenchFailure('unavailable', `The TLS key log ${path} cannot be written (${why}).`)
  }
  let waiting: Buffer[] = []
  let writing: Promise<void> | undefined
  let lost = 0
  let told = false

  const lose = (lines: number, why: string): void => {
    lost += lines
    if (!told) onProblem(`The TLS key log ${path} misses connections from now on: ${why}.`)
    told = true
  }
  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const lines = waiting
      waiting = []
      try {
        await file.appendFile(Buffer.concat(lines))
      } catch (error) {
        lose(lines.length, `it cannot be written (${errorCode(error) ?? 'unknown error'})`)
      }
    }
    writing = undefined
  }

  let closed = false
  return {
    get lost() {
      return lost
    },
    add(line) {
      if (closed) return
      // Bounds what waits in memory as well.
      if (size + line.length > maxBytes) return lose(1, `it holds ${maxBytes} bytes; delete it to begin anew`)
      size += line.length
      waiting.push(line)
      writing ??= drain()
    },
    async close() {
      closed = true
      await writing
      await file.close()
    },
  }
}
