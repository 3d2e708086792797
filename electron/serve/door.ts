/**
 * `serve.json` in the workspace: where the bench that has it is reached, with its token, so that a command of the
 * same person can join it. For its owner alone, and there only as long as the bench is.
 */
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { errorCode, writeSecret } from '../engine/workspace/files.ts'

export const DOOR_FILE = 'serve.json'

const door = v.object({ version: v.literal(1), url: v.pipe(v.string(), v.url()) })

/** Answers what removes it. */
export async function openDoor(workspace: string, url: string): Promise<() => Promise<void>> {
  const path = join(workspace, DOOR_FILE)
  await writeSecret(path, `${JSON.stringify({ version: 1, url } satisfies v.InferOutput<typeof door>)}\n`)
  return () => rm(path, { force: true })
}

/** The address with its token; undefined where there is none, or none that can be read. */
export async function findDoor(workspace: string): Promise<string | undefined> {
  try {
    const read = v.safeParse(door, JSON.parse(await readFile(join(workspace, DOOR_FILE), 'utf8')))
    return read.success ? read.output.url : undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw error
  }
}
