/** Files that are whole or not there, and broken ones that are kept. */
import { open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

let lastTemporary = 0

/** Writes a whole file: a temporary one beside it, synced, then renamed over it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}-${++lastTemporary}`
  try {
    await withFile(temporary, 'w', async (file) => {
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
async function syncFolder(path: string): Promise<void> {
  try {
    await withFile(path, 'r', (folder) => folder.sync())
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

async function withFile(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await open(path, flags)
  try {
    await use(file)
  } finally {
    await file.close()
  }
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
