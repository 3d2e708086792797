/** Reads a journal from disk, in pieces. What cannot be read is kept aside and said. */
import { decodeMulti } from '@msgpack/msgpack'
import { copyFile, open, type FileHandle } from 'node:fs/promises'
import { errorCode, setAside } from '../../workspace/files.ts'
import type { Entry } from './entries.ts'
import { HEADER_BYTES, JOURNAL_VERSION, unframe, versionOf } from './frames.ts'
import { Image } from './image.ts'

const PIECE_BYTES = 1024 * 1024

export interface JournalRead {
  readonly image: Image
  /** A sentence for a person, if something was lost or set aside. */
  readonly problem: string | undefined
  /** Written by a newer Oktobench: it must be left as it is. */
  readonly newer: boolean
}

/** An absent file is an empty journal. A frame cut short at the end is what a crash leaves, and nothing is said. */
export async function readJournal(path: string): Promise<JournalRead> {
  const image = new Image()
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { image, problem: undefined, newer: false }
    throw error
  }
  let end: 'whole' | 'damaged' | 'foreign' | 'newer'
  try {
    end = await readAll(file, image)
  } finally {
    await file.close()
  }
  if (end === 'whole') return { image, problem: undefined, newer: false }
  if (end === 'newer') {
    const problem = `${path} was written by a newer Oktobench: it is left as it is, and sessions are not kept beyond a restart. Update Oktobench.`
    return { image, problem, newer: true }
  }
  if (end === 'foreign') {
    const aside = await setAside(path, new Date())
    return { image, problem: `${path} is no journal of sessions: it was set aside as ${aside}`, newer: false }
  }
  const aside = `${path}.broken-${new Date().toISOString().replaceAll(':', '')}`
  await copyFile(path, aside)
  const problem = `${path} is damaged: what stands before the damage is used, and a copy was set aside as ${aside}`
  return { image, problem, newer: false }
}

async function readAll(file: FileHandle, image: Image): Promise<'whole' | 'damaged' | 'foreign' | 'newer'> {
  const { size } = await file.stat()
  const first = Buffer.alloc(HEADER_BYTES)
  const { bytesRead } = await file.read(first, 0, HEADER_BYTES, 0)
  // A crash while it was begun.
  if (bytesRead < HEADER_BYTES) return 'whole'
  const version = versionOf(first)
  if (version === undefined) return 'foreign'
  if (version > JOURNAL_VERSION) return 'newer'
  let rest: Buffer = Buffer.alloc(0)
  for (let at = HEADER_BYTES; at < size;) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const { bytesRead: read } = await file.read(piece, 0, PIECE_BYTES, at)
    if (read === 0) break
    at += read
    const bytes = rest.length === 0 ? piece.subarray(0, read) : Buffer.concat([rest, piece.subarray(0, read)])
    const { bodies, used, damaged } = unframe(bytes)
    for (const body of bodies) for (const entry of decodeMulti(body)) image.take(entry as Entry)
    if (damaged) return isTorn(bytes.subarray(used), at >= size) ? 'whole' : 'damaged'
    rest = bytes.subarray(used)
  }
  return 'whole'
}

/** A power cut may leave a last frame whose length was written and whose bytes were not. */
const isTorn = (tail: Buffer, atEnd: boolean): boolean => atEnd && tail.every((byte) => byte === 0)
