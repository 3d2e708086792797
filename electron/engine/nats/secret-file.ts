/** Files that only their owner may read, from their first byte on. */
import { open, rename, rm } from 'node:fs/promises'

const OWNER_ONLY = 0o600
let lastTemporary = 0

/** Like `writeWhole` (temporary name, sync, rename), with mode 0600 before the first byte is written. */
export async function writeSecret(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}-${++lastTemporary}`
  try {
    const file = await open(temporary, 'wx', OWNER_ONLY)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
