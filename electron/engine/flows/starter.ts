/** Flows that a new workspace begins with, in `flows/starter`: to be run, read and changed. */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { starterFlows } from './starter-flows.ts'

/** Once: who deletes them does not get them again, as long as the folder of the flows is there. */
export async function addStarter(folder: string): Promise<void> {
  try {
    await stat(folder)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    await copyStarter(folder)
  }
}

/** Those that are not there; answers their paths. */
export async function copyStarter(folder: string): Promise<string[]> {
  const starter = join(folder, 'starter')
  await mkdir(starter, { recursive: true })
  const there = new Set(await readdir(starter))
  const missing = Object.entries(starterFlows).filter(([name]) => !there.has(name))
  for (const [name, text] of missing) await writeWhole(join(starter, name), text)
  return missing.map(([name]) => `starter/${name}`)
}
