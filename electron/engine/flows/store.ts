/** Flows as files in `flows/` of the workspace, in folders as people like; nothing outside of it is touched. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, rename, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import * as v from 'valibot'
import { flowPath, MAX_FLOW_TEXT, type FlowFile } from '../../../shared/contract/flows.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { parseFlow } from '../../../shared/flow/format/parse.ts'
import { innerSteps, PHASES, type Flow, type Step } from '../../../shared/flow/model.ts'
import { coalesced } from '../workspace/coalesce.ts'
import { errorCode, writeWhole } from '../workspace/files.ts'
import { moveToTrash, TRASH } from '../workspace/trash.ts'

const MAX_FILES = 2000
const MAX_DEPTH = 8
/** In place of a stamp: the file must not be there. */
const NEW = 'new'
/** Another for another text. */
export const stampOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
/** Not of the person's: results and what was deleted. */
const OWN_FOLDERS = new Set(['results', TRASH])
const isFlowPath = (path: string): boolean => v.is(flowPath, path)

interface Seen {
  readonly stamp: string
  readonly file: FlowFile
}

export const countSteps = (steps: readonly Step[]): number =>
  steps.reduce(
    (sum, step) => sum + 1 + innerSteps(step).reduce((inner, [, list]) => inner + countSteps(list), 0),
    0,
  )
export const stepsOf = (flow: Flow): number =>
  PHASES.reduce((sum, phase) => sum + countSteps(flow[phase] ?? []), 0)

export class FlowStore {
  readonly folder: string
  readonly #onChange: () => void
  #seen = new Map<string, Seen>()
  #looked = false
  #more = 0

  constructor(folder: string, onChange: () => void) {
    this.folder = folder
    this.#onChange = onChange
  }

  /** Undefined before the first scan. */
  get files(): readonly FlowFile[] | undefined {
    if (!this.#looked) return undefined
    return [...this.#seen.values()]
      .map(({ file }) => file)
      .sort((one, other) => (one.path < other.path ? -1 : 1))
  }

  /** Files beyond the limit. */
  get more(): number {
    return this.#more
  }

  /** Looks at the folder; a second wish while it looks makes it look once more. Never rejects: what cannot be read is not listed. */
  readonly scan = coalesced(() => this.#scan())

  /** BenchFailure `not-found`, or `failed` with the reason. */
  async read(path: string): Promise<string> {
    const file = await this.#inside(path)
    try {
      const { size } = await stat(file)
      if (size > 4 * MAX_FLOW_TEXT) throw new BenchFailure('failed', `The flow ${path} is too large.`)
      return await readFile(file, 'utf8')
    } catch (error) {
      if (errorCode(error) === 'ENOENT') throw new BenchFailure('not-found', `There is no flow ${path}.`)
      if (error instanceof BenchFailure) throw error
      throw new BenchFailure('failed', `The flow ${path} cannot be read: ${(error as Error).message}.`)
    }
  }

  /** Answers the new stamp. `over`: the stamp of what is written over, or `new`; BenchFailure `conflict` otherwise. */
  async write(path: string, text: string, over?: string): Promise<string> {
    if (over !== undefined) await this.#mustBe(path, over)
    if (!this.#seen.has(path) && this.#seen.size >= MAX_FILES)
      throw new BenchFailure('unavailable', `There are ${MAX_FILES} flows: delete some.`)
    await mkdir(this.folder, { recursive: true })
    await this.#makeFolders(path)
    await writeWhole(await this.#inside(path), text)
    await this.scan()
    return stampOf(text)
  }

  /** BenchFailure `conflict` when the name is taken. */
  async rename(from: string, to: string): Promise<void> {
    if (from === to) return
    const file = await this.#inside(from)
    // A system that does not tell capitals apart sees the same file.
    if (from.toLowerCase() !== to.toLowerCase()) await this.#mustBe(to, NEW)
    await this.#makeFolders(to)
    try {
      await rename(file, await this.#inside(to))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      throw new BenchFailure('not-found', `There is no flow ${from}.`)
    } finally {
      await this.scan()
    }
  }

  async #mustBe(path: string, over: string): Promise<void> {
    const text = await this.read(path).catch((error: unknown) => {
      if (error instanceof BenchFailure && error.code === 'not-found') return undefined
      throw error
    })
    if (text === undefined) return
    if (over === NEW)
      throw new BenchFailure('conflict', `There is a flow ${path} already: choose another name.`)
    if (stampOf(text) !== over)
      throw new BenchFailure('conflict', `${path} was changed by somebody else since it was opened.`)
  }

  async #makeFolders(path: string): Promise<void> {
    const folders = path.split('/').slice(0, -1)
    // One after the other: a link among them must not have a folder made behind it.
    for (let depth = 1; depth <= folders.length; depth++) {
      const folder = folders.slice(0, depth).join('/')
      await mkdir(join(await this.#inside(dirname(folder)), folders[depth - 1] as string), {
        recursive: true,
      })
    }
  }

  /** Moves it to `.trash`, under a name that is free there. */
  async delete(path: string): Promise<void> {
    const file = await this.#inside(path)
    try {
      await moveToTrash(this.folder, file, path.replaceAll('/', '-'))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      throw new BenchFailure('not-found', `There is no flow ${path}.`)
    } finally {
      await this.scan()
    }
  }

  /**
   * The flows that a flow may call, by the names it may call them by: the path without its ending, from the folder
   * of the flows and from the caller's own. Those with errors are left out.
   */
  async callable(from: string): Promise<ReadonlyMap<string, Flow>> {
    await this.scan()
    const own = from.includes('/') ? `${from.slice(0, from.lastIndexOf('/'))}/` : ''
    const flows = new Map<string, Flow>()
    for (const { path, errors } of this.files ?? []) {
      if (errors > 0) continue
      const { flow } = parseFlow(await this.read(path))
      if (!flow) continue
      const name = path.replace(/\.ya?ml$/, '')
      flows.set(name, flow)
      if (name.startsWith(own)) flows.set(name.slice(own.length), flow)
    }
    return flows
  }

  /** Absolute path; BenchFailure `invalid-request` when a link leads out of the folder. */
  async #inside(path: string): Promise<string> {
    const file = join(this.folder, path)
    const root = await realpath(this.folder).catch(() => this.folder)
    const real = await realpath(file).catch(async () => {
      const parent = await realpath(dirname(file)).catch(() => root)
      return join(parent, 'new')
    })
    if (real === root || real.startsWith(root + sep)) return file
    throw new BenchFailure('invalid-request', `${path} lies outside of the folder of the flows.`)
  }

  async #scan(): Promise<void> {
    const paths: string[] = []
    this.#more = 0
    await this.#list('', 0, paths)
    const now = new Map<string, Seen>()
    for (const path of paths) {
      const seen = await this.#look(path, this.#seen.get(path))
      if (seen) now.set(path, seen)
    }
    this.#seen = now
    this.#looked = true
    this.#onChange()
  }

  async #list(folder: string, depth: number, into: string[]): Promise<void> {
    const entries = await readdir(join(this.folder, folder), { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH && !(depth === 0 && OWN_FOLDERS.has(entry.name)))
          await this.#list(path, depth + 1, into)
      } else if (entry.isFile() && isFlowPath(path)) {
        if (into.length < MAX_FILES) into.push(path)
        else this.#more += 1
      }
    }
  }

  async #look(path: string, before: Seen | undefined): Promise<Seen | undefined> {
    try {
      const { size, mtimeMs } = await stat(join(this.folder, path))
      const stamp = `${size} ${mtimeMs}`
      if (before?.stamp === stamp) return before
      const { flow, problems } = parseFlow(await this.read(path))
      const file: FlowFile = {
        path,
        name: flow?.name ?? path,
        tags: flow?.tags ?? [],
        requirements: flow?.requirements ?? [],
        steps: flow ? stepsOf(flow) : 0,
        errors: problems.filter(({ severity }) => severity === 'error').length,
        changedAt: mtimeMs,
      }
      return { stamp, file }
    } catch {
      // Gone meanwhile, or not to be read.
      return undefined
    }
  }
}
