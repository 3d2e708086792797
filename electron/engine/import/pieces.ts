import { closeSync, openSync, readSync } from 'node:fs'

/**
 * The bytes of a file, piece by piece, each in the memory of the one before: it is good until the next one is asked
 * for. Read at once and not by a stream, whose pieces come from other threads, in fresh memory and cold. Throws the
 * system's error.
 */
export function* piecesOf(path: string, pieceBytes: number): Generator<Uint8Array> {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(pieceBytes)
    for (;;) {
      const read = readSync(file, bytes, 0, bytes.length, null)
      if (read === 0) return
      yield bytes.subarray(0, read)
    }
  } finally {
    closeSync(file)
  }
}
