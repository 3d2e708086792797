/** Flows that come with the bench, as files of the workspace: to be run, read and changed. */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FlowSet } from '../../../shared/contract/flows.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { builtInFlows } from './built-in.ts'

/** Once: who deletes them does not get them again, as long as the folder of the flows is there. */
export async function addStarter(folder: string): Promise<void> {
  try {
    await stat(folder)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
    await addSet(folder, 'starter')
  }
}

/** Writes the flows of a set that are not there, into a folder of its name; answers their paths. */
export async function addSet(folder: string, set: FlowSet): Promise<string[]> {
  const own = join(folder, set)
  await mkdir(own, { recursive: true })
  const there = new Set(await readdir(own))
  const missing = Object.entries(builtInFlows[set]).filter(([name]) => !there.has(name))
  for (const [name, text] of missing) await writeWhole(join(own, name), text)
  return missing.map(([name]) => `${set}/${name}`)
}
