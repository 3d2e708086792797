/** Files that are whole or not there, and broken ones that are kept. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

let lastTemporary = 0

/** Read and write for the owner, nothing for anybody else. Windows keeps its own access lists instead. */
const OWNER_ONLY = 0o600

/** Writes a whole file: a temporary one beside it, synced, then renamed over it. */
export const writeWhole = (path: string, text: string): Promise<void> => write(path, text)

/** As `writeWhole`, but at no moment can another user of this machine read it. */
export const writeSecret = (path: string, text: string): Promise<void> => write(path, text, OWNER_ONLY)

async function write(path: string, text: string, mode?: number): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}-${++lastTemporary}`
  try {
    // A secret goes into a file that nobody can have opened before.
    const flags = mode === undefined ? 'w' : 'wx'
    await withFile(await open(temporary, flags, mode), async (file) => {
      await file.writeFile(text)
      await file.sync()
    })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** Makes a new name outlive a power cut, where the system can do that: Windows and some network disks cannot. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await withFile(await open(path, 'r'), (folder) => folder.sync())
  } catch {
    // The file itself is whole and synced already.
  }
}

/** Renames a broken file to `<path>.broken-<UTC time>`; answers that name. */
export async function setAside(path: string, now: Date): Promise<string> {
  // No colons: Windows takes none in a file name.
  const aside = `${path}.broken-${now.toISOString().replaceAll(':', '')}`
  await rename(path, aside)
  return aside
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
