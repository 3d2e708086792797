/** Flows that a new workspace begins with, in `flows/starter`: to be run, read and changed. */
import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { starterFlows } from './starter-flows.ts'

/** Once: who deletes them does not get them again, as long as the folder of the flows is there. */
export async function addStarter(folder: string): Promise<void> {
  const starter = join(folder, 'starter')
  try {
    await stat(folder)
    return
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  await mkdir(starter, { recursive: true })
  for (const [name, text] of Object.entries(starterFlows)) await writeWhole(join(starter, name), text)
}
