/** One bench a workspace: `bench.lock` names the process that has it. */
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, uptime } from 'node:os'
import { join } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode } from './files.ts'

export const LOCK_FILE = 'bench.lock'

interface Owner {
  readonly pid: number
  readonly host: string
}

/** Locks this process holds, so that its own number in an old lock is not taken for itself. */
const held = new Set<string>()

/**
 * Takes the lock of a workspace; answers what gives it back. One left by a process that ended is taken over.
 * Throws a BenchFailure `conflict` when another bench has the workspace.
 */
export function lockWorkspace(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK_FILE)
  // One after the other within this process: between making the file and noting that it is ours, another attempt
  // here would take it for one that a former process of the same number left behind.
  const turn = (turns.get(path) ?? Promise.resolve()).then(() => take(folder, path))
  const settled = turn.then(noop, noop)
  turns.set(path, settled)
  void settled.then(() => {
    if (turns.get(path) === settled) turns.delete(path)
  })
  return turn
}

const noop = (): void => undefined
/** The last attempt of this process at each lock. */
const turns = new Map<string, Promise<void>>()

async function take(folder: string, path: string): Promise<() => Promise<void>> {
  const text = `${JSON.stringify({ pid: process.pid, host: hostname() } satisfies Owner)}\n`
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(path, text, { flag: 'wx' })
      held.add(path)
      let released = false
      return async () => {
        // Once only: by the second time the lock may be somebody else's.
        if (released) return
        released = true
        held.delete(path)
        await rm(path, { force: true })
      }
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error
    }
    await removeStale(folder, path)
  }
  throw inUse(folder, 'another process')
}

/** Removes the lock when nobody holds it any more; throws when somebody does. */
async function removeStale(folder: string, path: string): Promise<void> {
  const found = await readLock(path)
  if (found === undefined) return
  const owner = parseOwner(found.text)
  if (owner !== undefined && owner.host !== hostname()) {
    throw inUse(folder, `process ${owner.pid} on ${owner.host}`, path)
  }
  if (owner !== undefined && found.modified > bootTime() && isAlive(owner.pid, path)) {
    throw inUse(folder, `process ${owner.pid}`)
  }
  // Two benches may both find it stale. Renaming lets one of them win, and what was renamed is looked at again:
  // the lock the winner has made meanwhile is put back.
  const aside = `${path}.stale-${process.pid}`
  try {
    await rename(path, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  const moved = await readFile(aside, 'utf8')
  if (moved !== found.text) await link(aside, path)
  await rm(aside, { force: true })
}

async function readLock(path: string): Promise<{ text: string; modified: number } | undefined> {
  try {
    const [text, facts] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    return { text, modified: facts.mtimeMs }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined for what no bench wrote whole: such a lock counts as stale. */
function parseOwner(text: string): Owner | undefined {
  try {
    const { pid, host } = JSON.parse(text) as Partial<Owner>
    return Number.isInteger(pid) && typeof host === 'string' ? { pid: pid as number, host } : undefined
  } catch {
    return undefined
  }
}

/** A lock older than this start of the machine is stale, whoever has its process number now. */
const bootTime = (): number => Date.now() - uptime() * 1000

function isAlive(pid: number, path: string): boolean {
  if (pid === process.pid) return held.has(path)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

function inUse(folder: string, owner: string, removable?: string): BenchFailure {
  const remedy =
    removable === undefined
      ? 'Close that one or choose another folder with --workspace.'
      : `If that bench does not run any more, delete ${removable}.`
  return new BenchFailure(
    'conflict',
    `The workspace ${folder} is in use by another bench (${owner}). ${remedy}`,
  )
}
