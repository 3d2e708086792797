/** Makes a segment file whole again that a crash left torn. Nothing that might be of worth is deleted. */
import { closeSync, copyFileSync, openSync, readSync, renameSync, truncateSync } from 'node:fs'
import { basename } from 'node:path'

/** As long as one block may be that was being written when the bench ended. */
const LONGEST_TAIL = 16 * 1024 * 1024

/**
 * Cuts off what stands behind the last whole block, where that is the beginning of a block or nothing but zeros;
 * else the file is kept beside under another name before. Answers what was done, for a person.
 */
export function mendSegment(path: string, goodEnd: number, size: number, fault: string): string {
  const name = basename(path)
  const lost = size - goodEnd
  if (goodEnd === 0) {
    const aside = asideName(path)
    renameSync(path, aside)
    return `${name} cannot be read (${fault}) and was set aside as ${basename(aside)}.`
  }
  const isTail = lost <= LONGEST_TAIL && (fault.includes('ends inside this block') || isZero(path, goodEnd))
  if (isTail) {
    truncateSync(path, goodEnd)
    return `${name} was torn: its last ${lost} bytes were no whole block and were cut off.`
  }
  const aside = asideName(path)
  copyFileSync(path, aside)
  truncateSync(path, goodEnd)
  return `${name} is damaged (${fault}): ${lost} bytes cannot be read. The whole file is kept as ${basename(aside)}.`
}

/** No colons: Windows takes none in a file name. */
const asideName = (path: string): string => `${path}.broken-${new Date().toISOString().replaceAll(':', '')}`

function isZero(path: string, from: number): boolean {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(64 * 1024)
    for (let at = from; ;) {
      const read = readSync(file, bytes, 0, bytes.length, at)
      if (read === 0) return true
      for (let i = 0; i < read; i++) if (bytes[i] !== 0) return false
      at += read
    }
  } finally {
    closeSync(file)
  }
}
