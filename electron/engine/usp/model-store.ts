/** Supported data models of devices: the last ones in memory, all in `models/` of the workspace. */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SupportedModel, SupportedObject } from '../../../shared/contract/data-model.ts'
import { comparePaths } from '../../../shared/usp/model-answers.ts'
import { errorCode, setAside, writeWhole } from '../workspace/files.ts'

const FILE_VERSION = 1
/** A large one is some 10 MB. */
const MAX_IN_MEMORY = 16
/** Objects of one model; real ones have about 1500. */
const MAX_OBJECTS = 50_000

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
    this.#remember(kept)
    const file: ModelFile = { version: FILE_VERSION, model: kept }
    try {
      await mkdir(this.#folder, { recursive: true })
      await writeWhole(this.#path(model.endpointId), `${JSON.stringify(file)}\n`)
    } catch (error) {
      this.#onProblem(`The data model of ${model.endpointId} is not kept: ${(error as Error).message}.`)
    }
    return kept
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

  async #read(endpointId: string): Promise<SupportedModel | undefined> {
    const path = this.#path(endpointId)
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

  /** An endpoint ID may hold what a file name cannot. */
  #path(endpointId: string): string {
    const readable = endpointId.replace(/[^A-Za-z0-9.-]+/g, '_').slice(0, 80)
    const hash = createHash('sha256').update(endpointId).digest('hex').slice(0, 12)
    return join(this.#folder, `${readable}-${hash}.json`)
  }
}

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
