/** Files of the lab: private keys, which only their owner may read, and files that may be missing. */
import { chmod, readFile, stat } from 'node:fs/promises'
import { errorCode } from '../workspace/files.ts'

/** Read and write for the owner, nothing for anybody else. Windows keeps its own access lists instead. */
const OWNER_ONLY = 0o600
const OTHERS = 0o077

/** Takes the rights of others away, as a copy or a checkout may have given them; answers whether there were any. */
export async function keepSecret(path: string): Promise<boolean> {
  if (process.platform === 'win32' || ((await stat(path)).mode & OTHERS) === 0) return false
  await chmod(path, OWNER_ONLY)
  return true
}

/** The text of a file, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}
