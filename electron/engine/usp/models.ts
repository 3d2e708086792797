/** The data model of a device: what it supports and what it holds. */
import type {
  ModelNode,
  ModelValue,
  ModelValues,
  SupportedModel,
  SupportedObject,
} from '../../../shared/contract/data-model.ts'
import type { ModelReading, PathFailure } from '../../../shared/contract/usp.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import {
  comparePaths,
  instancesOf,
  parentPath,
  supportedOf,
  supportedPath,
  tablePath,
  valuesOf,
} from '../../../shared/usp/model-answers.ts'
import type { Asked, RequestWish } from './controller.ts'
import { answered, failureCode, type Answered } from './answered.ts'
import { isOtherSoftware, mergeObjects, type ModelStore, type ModelVersion } from './model-store.ts'
import { readValues } from './read-values.ts'

const ROOT = 'Device.'
/** Reading a whole subtree takes a small router a while. */
const READ_TIMEOUT_MS = 30_000
/** Levels that a subtree too large for one answer is taken apart. */
const MAX_SPLITS = 4

export interface ModelsOptions {
  readonly ask: (wish: RequestWish) => Promise<Asked>
  readonly store: ModelStore
  readonly softwareVersion: (endpointId: string) => string | undefined
  readonly onReading: () => void
}

interface Wish {
  readonly endpointId: string
  readonly timeoutMs?: number | undefined
  readonly call?: string | undefined
}

interface ValuesWish extends Wish {
  readonly paths: readonly string[]
  /** 0 is all. */
  readonly maxDepth: number
  /** 0 … 1. */
  readonly onProgress?: (progress: number) => void
}

export class Models {
  readonly #options: ModelsOptions
  readonly #reading = new Map<string, ModelReading>()
  readonly #calls = new Map<string, 'running' | 'cancelled'>()
  /** Version of the software that a device said last. */
  readonly #seen = new Map<string, string>()

  constructor(options: ModelsOptions) {
    this.#options = options
  }

  get reading(): readonly ModelReading[] {
    return [...this.#reading.values()]
  }

  /** False when nothing of that name runs. */
  cancel(call: string): boolean {
    if (!this.#calls.has(call)) return false
    this.#calls.set(call, 'cancelled')
    return true
  }

  async get(endpointId: string): Promise<SupportedModel> {
    const model = await this.#options.store.get(endpointId)
    if (model) return model
    const text = `The data model of ${endpointId} was not read yet: read it while the device is connected.`
    throw new BenchFailure('not-found', text)
  }

  /** What is kept of an earlier reading, with this version of the software. */
  async ofVersion(endpointId: string, softwareVersion: string): Promise<SupportedModel> {
    const current = await this.#options.store.get(endpointId)
    if (current && (current.softwareVersion ?? '') === softwareVersion) return current
    const model = await this.#options.store.earlier(endpointId, softwareVersion)
    if (model) return model
    const text = `No data model of ${endpointId} with the software ${softwareVersion} is kept.`
    throw new BenchFailure('not-found', text)
  }

  /** The newest reading first. */
  async versions(endpointId: string): Promise<readonly ModelVersion[]> {
    const current = await this.#options.store.get(endpointId)
    const earlier = await this.#options.store.versions(endpointId)
    const all = current ? [current, ...earlier] : earlier
    const listed = all.map((one) => ({ softwareVersion: one.softwareVersion ?? '', readAt: one.readAt }))
    return listed.sort((a, b) => b.readAt - a.readAt)
  }

  /**
   * The device said which software it runs. A model that was read from another one is read anew; one that was never
   * read stays unread, because reading costs a small device a lot.
   */
  async softwareSeen(endpointId: string): Promise<void> {
    const version = this.#options.softwareVersion(endpointId)
    if (version === undefined || this.#seen.get(endpointId) === version) return
    this.#seen.set(endpointId, version)
    const known = (await this.#options.store.get(endpointId))?.softwareVersion
    if (!isOtherSoftware(known, version) || this.#reading.has(endpointId)) return
    // What became of it shows in the model that is kept; a person can read it again.
    await this.refresh({ endpointId }).catch(() => undefined)
  }

  /** The device was taken off the list. */
  forget(endpointId: string): void {
    this.#seen.delete(endpointId)
  }

  /** Asks level by level, so that no answer is too large for the device, and much is kept when one fails. */
  refresh(wish: Wish & { readonly path?: string | undefined }): Promise<SupportedModel> {
    return this.#running(wish.call, () => this.#refresh(wish))
  }

  async #refresh(wish: Wish & { readonly path?: string | undefined }): Promise<SupportedModel> {
    const { endpointId, path = ROOT } = wish
    if (this.#reading.has(endpointId)) {
      throw new BenchFailure('conflict', `The data model of ${endpointId} is being read already.`)
    }
    this.#tell({ endpointId, objects: 0, progress: 0 })
    try {
      const top = supportedPath(path)
      const first = await this.#supported(wish, path, true)
      const children = first.filter((object) => object.path !== top)
      const objects = new Map(first.map((object) => [object.path, object]))
      const failures: PathFailure[] = []
      for (const [at, child] of children.entries()) {
        await this.#subtree(wish, child.path, objects, failures, MAX_SPLITS)
        this.#tell({ endpointId, objects: objects.size, progress: (at + 1) / children.length })
      }
      return await this.#keep(endpointId, [...objects.values()], failures, path === ROOT)
    } finally {
      this.#reading.delete(endpointId)
      this.#options.onReading()
    }
  }

  async open({ path, ...wish }: Wish & { readonly path: string }): Promise<ModelNode> {
    if (!path.endsWith('.'))
      throw new BenchFailure('invalid-request', `An object path ends with a dot: ${path}.`)
    const place = supportedPath(path)
    const objects = await this.#around(wish, path)
    const table = objects.find((object) => object.multiInstance && tablePath(object.path) === place)
    if (table) {
      const { msg, report } = await this.#ask(wish, {
        get_instances: { obj_paths: [path], first_level_only: true },
      })
      // The rows of this table alone, should the device answer with more.
      const instances = instancesOf(msg).filter((row) => supportedPath(row.path) === table.path)
      return { path, instances, values: [], children: [], failures: report.failures }
    }
    const { msg, report } = await this.#ask(wish, { get: { param_paths: [path], max_depth: 1 } })
    const children = objects
      .filter((object) => object.path !== place && parentPath(object.path) === place)
      .map((object) => path + tablePath(object.path).slice(place.length))
    const own = valuesOf(msg).filter(([one]) => one.lastIndexOf('.') === path.length - 1)
    return { path, instances: [], values: sorted(own), children, failures: report.failures }
  }

  values(wish: ValuesWish): Promise<ModelValues> {
    return this.#running(wish.call, () => this.#values(wish))
  }

  async #values(wish: ValuesWish): Promise<ModelValues> {
    const { endpointId, paths, maxDepth, onProgress } = wish
    const objects = (await this.#options.store.get(endpointId))?.objects ?? []
    const send = (message: unknown): Promise<Asked> => this.#send(wish, message)
    return { endpointId, paths, ...(await readValues({ objects, paths, maxDepth, send, onProgress })) }
  }

  /** The supported objects at and below a path; asked for when they are not known yet. */
  async #around(wish: Wish, path: string): Promise<readonly SupportedObject[]> {
    const place = supportedPath(path)
    const known = (await this.#options.store.get(wish.endpointId))?.objects ?? []
    const here = known.find((object) => object.path === place || tablePath(object.path) === place)
    const complete =
      here && (here.parameters.length > 0 || known.some(({ path: one }) => parentPath(one) === place))
    if (complete || (here?.multiInstance === true && tablePath(here.path) === place)) return known
    // A device that does not tell must not hide its values.
    const { msg } = await this.#send(wish, supportedRequest(path, true))
    if (!msg) return known
    const { objects } = await this.#keep(wish.endpointId, supportedOf(msg), [], false)
    return objects
  }

  async #subtree(
    wish: Wish,
    path: string,
    objects: Map<string, SupportedObject>,
    failures: PathFailure[],
    splits: number,
  ): Promise<void> {
    const { report, msg } = await this.#send(
      { ...wish, timeoutMs: READ_TIMEOUT_MS },
      supportedRequest(path, false),
    )
    if (msg) {
      for (const object of supportedOf(msg)) objects.set(object.path, object)
      failures.push(...report.failures)
      return
    }
    const hopeless = report.outcome !== 'error' && report.outcome !== 'timeout'
    if (hopeless) throw new BenchFailure(failureCode(report), report.text)
    if (splits === 0) {
      failures.push(report.error ? { ...report.error, path } : silent(path, report.text))
      return
    }
    const level = await this.#send({ ...wish, timeoutMs: READ_TIMEOUT_MS }, supportedRequest(path, true))
    if (!level.msg) {
      failures.push(level.report.error ? { ...level.report.error, path } : silent(path, level.report.text))
      return
    }
    for (const object of supportedOf(level.msg)) {
      objects.set(object.path, object)
      if (object.path !== path) await this.#subtree(wish, object.path, objects, failures, splits - 1)
    }
  }

  async #supported(wish: Wish, path: string, firstLevel: boolean): Promise<SupportedObject[]> {
    const { msg } = await this.#ask(
      { timeoutMs: READ_TIMEOUT_MS, ...wish },
      supportedRequest(path, firstLevel),
    )
    return supportedOf(msg)
  }

  async #keep(
    endpointId: string,
    objects: readonly SupportedObject[],
    failures: readonly PathFailure[],
    whole: boolean,
  ): Promise<SupportedModel> {
    const softwareVersion = this.#options.softwareVersion(endpointId)
    const known = whole ? undefined : await this.#options.store.get(endpointId)
    // What other software supported must not be mixed in.
    const before = known && isOtherSoftware(known.softwareVersion, softwareVersion) ? undefined : known
    return this.#options.store.put({
      endpointId,
      readAt: Date.now(),
      ...(softwareVersion === undefined ? {} : { softwareVersion }),
      objects: mergeObjects(before?.objects ?? [], objects),
      failures,
    })
  }

  async #ask(wish: Wish, message: unknown): Promise<Answered> {
    return answered(await this.#send(wish, message))
  }

  #send({ endpointId, timeoutMs, call }: Wish, message: unknown): Promise<Asked> {
    if (call !== undefined && this.#calls.get(call) === 'cancelled') {
      throw new BenchFailure('cancelled', 'It was stopped.')
    }
    return this.#options.ask({ endpointId, timeoutMs, call, message })
  }

  /** Work of several requests, to be stopped between them as well. */
  async #running<T>(call: string | undefined, work: () => Promise<T>): Promise<T> {
    if (call === undefined) return work()
    this.#calls.set(call, 'running')
    try {
      return await work()
    } finally {
      this.#calls.delete(call)
    }
  }

  #tell(reading: ModelReading): void {
    this.#reading.set(reading.endpointId, reading)
    this.#options.onReading()
  }
}

const supportedRequest = (path: string, firstLevel: boolean) => ({
  get_supported_dm: {
    obj_paths: [path],
    first_level_only: firstLevel,
    return_commands: true,
    return_events: true,
    return_params: true,
    return_unique_key_sets: true,
  },
})

const silent = (path: string, text: string): PathFailure => ({ path, code: 0, name: '', text })

const sorted = (values: readonly ModelValue[]): ModelValue[] =>
  [...values].sort(([a], [b]) => comparePaths(a, b))
