/**
 * Supported data models of devices: the last ones in memory, all in `models/` of the workspace. When a device has new
 * software, the model of the one before is kept beside it.
 */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SupportedModel, SupportedObject } from '../../../shared/contract/data-model.ts'
import { comparePaths } from '../../../shared/usp/model-answers.ts'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

const FILE_VERSION = 1
/** A large one is some 10 MB. */
const MAX_IN_MEMORY = 16
/** Objects of one model; real ones have about 1500. */
const MAX_OBJECTS = 50_000

/** Earlier versions of the software of one device. */
const MAX_EARLIER = 8
/** Files in the folder; those read longest ago go first. */
const MAX_FILES = 500

export type ModelVersion = Pick<SupportedModel, 'softwareVersion' | 'readAt'>

interface ModelFile {
  readonly version: number
  readonly model: SupportedModel
}

export class ModelStore {
  readonly #folder: string
  readonly #onProblem: (text: string) => void
  /** The one used longest ago first. */
  readonly #models = new Map<string, SupportedModel>()

  constructor(folder: string, onProblem: (text: string) => void) {
    this.#folder = folder
    this.#onProblem = onProblem
  }

  async get(endpointId: string): Promise<SupportedModel | undefined> {
    const model = this.#models.get(endpointId) ?? (await this.#read(endpointId))
    if (model) this.#remember(model)
    return model
  }

  /** A file that cannot be written is told; the model is in force all the same. */
  async put(model: SupportedModel): Promise<SupportedModel> {
    const objects = [...model.objects].sort((a, b) => comparePaths(a.path, b.path)).slice(0, MAX_OBJECTS)
    if (objects.length < model.objects.length) {
      const more = model.objects.length - objects.length
      this.#onProblem(`The data model of ${model.endpointId} has ${more} objects more than are kept.`)
    }
    const kept = { ...model, objects }
    const before = await this.get(model.endpointId)
    const file: ModelFile = { version: FILE_VERSION, model: kept }
    try {
      await mkdir(this.#folder, { recursive: true })
      if (before && isOtherSoftware(before.softwareVersion, kept.softwareVersion))
        await this.#setEarlier(before)
      await writeWhole(this.#path(model.endpointId), `${JSON.stringify(file)}\n`)
    } catch (error) {
      this.#onProblem(`The data model of ${model.endpointId} is not kept: ${(error as Error).message}.`)
    }
    this.#remember(kept)
    return kept
  }

  /** The model that the device had with an earlier version of its software. */
  async earlier(endpointId: string, softwareVersion: string): Promise<SupportedModel | undefined> {
    return this.#readFile(endpointId, this.#path(endpointId, softwareVersion))
  }

  /** Earlier versions of the software whose models are kept. */
  async versions(endpointId: string): Promise<readonly ModelVersion[]> {
    const found: ModelVersion[] = []
    for (const name of await this.#earlierFiles(endpointId)) {
      const model = await this.#readFile(endpointId, join(this.#folder, name))
      if (model) found.push(model)
    }
    return found
  }

  async #setEarlier({ endpointId, softwareVersion = '' }: SupportedModel): Promise<void> {
    const moved = rename(this.#path(endpointId), this.#path(endpointId, softwareVersion))
    await moved.catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error
    })
    await this.#keepNewest(await this.#earlierFiles(endpointId), MAX_EARLIER)
    await this.#keepNewest(await this.#files(), MAX_FILES)
  }

  async #files(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => [])
    return names.filter((name) => name.endsWith('.json'))
  }

  async #earlierFiles(endpointId: string): Promise<readonly string[]> {
    const start = `${fileName(endpointId)}@`
    return (await this.#files()).filter((name) => name.startsWith(start))
  }

  async #keepNewest(names: readonly string[], most: number): Promise<void> {
    if (names.length <= most) return
    const paths = names.map((name) => join(this.#folder, name))
    const times = await Promise.all(paths.map(async (path) => [path, (await stat(path)).mtimeMs] as const))
    const oldest = times.sort(([, a], [, b]) => a - b).slice(0, names.length - most)
    for (const [path] of oldest) await rm(path, { force: true })
  }

  #remember(model: SupportedModel): void {
    this.#models.delete(model.endpointId)
    this.#models.set(model.endpointId, model)
    if (this.#models.size <= MAX_IN_MEMORY) return
    for (const oldest of this.#models.keys()) {
      this.#models.delete(oldest)
      return
    }
  }

  #read(endpointId: string): Promise<SupportedModel | undefined> {
    return this.#readFile(endpointId, this.#path(endpointId))
  }

  async #readFile(endpointId: string, path: string): Promise<SupportedModel | undefined> {
    try {
      const { version, model } = JSON.parse(await readFile(path, 'utf8')) as ModelFile
      if (version !== FILE_VERSION || model.endpointId !== endpointId || !Array.isArray(model.objects)) {
        throw new Error('it is no data model of this bench')
      }
      return model
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined
      const aside = await setAside(path, new Date()).catch(() => path)
      this.#onProblem(
        `A stored data model cannot be read: ${(error as Error).message}. It is kept as ${aside}.`,
      )
      return undefined
    }
  }

  #path(endpointId: string, earlierVersion?: string): string {
    const version = earlierVersion === undefined ? '' : `@${fileName(earlierVersion)}`
    return join(this.#folder, `${fileName(endpointId)}${version}.json`)
  }
}

/** An endpoint ID or a version may hold what a file name cannot. */
function fileName(text: string): string {
  const readable = text.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 80)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return `${readable}-${hash}`
}

/** A version that was never told says nothing. */
export const isOtherSoftware = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other

/** A model with these objects in place of those of the same path. */
export function mergeObjects(
  before: readonly SupportedObject[],
  objects: readonly SupportedObject[],
): SupportedObject[] {
  const all = new Map(before.map((object) => [object.path, object]))
  for (const object of objects) all.set(object.path, fuller(all.get(object.path), object))
  return [...all.values()]
}

/** With first_level_only the next level comes without its contents: that must not empty what is known. */
function fuller(known: SupportedObject | undefined, object: SupportedObject): SupportedObject {
  if (!known) return object
  const size = (one: SupportedObject): number =>
    one.parameters.length + one.commands.length + one.events.length + one.uniqueKeys.length
  return size(object) === 0 && size(known) > 0 ? known : object
}
