/** A supported data model to look things up in, by paths with instance numbers or with `{i}`. Pure. */
import type {
  ModelInstance,
  SupportedCommand,
  SupportedObject,
  SupportedParameter,
} from '../../contract/data-model.ts'
import type { PathFailure } from '../../contract/usp.ts'
import { parentPath, supportedPath, tablePath } from '../model-answers.ts'

/** Rows of a table, by its path on the device; undefined while they are not known. */
export type KnownRows = (table: string) => readonly ModelInstance[] | undefined

/** What is known of the device besides what it supports. */
interface Known {
  /** Parts of the model that could not be read. */
  readonly failures?: readonly PathFailure[]
  readonly rows?: KnownRows
}

export class SupportedIndex {
  readonly failures: readonly PathFailure[]
  readonly rows: KnownRows
  readonly #objects = new Map<string, SupportedObject>()
  readonly #children = new Map<string, SupportedObject[]>()
  readonly #parameters = new Map<string, SupportedParameter>()

  constructor(objects: readonly SupportedObject[], { failures = [], rows = () => undefined }: Known = {}) {
    this.failures = failures
    this.rows = rows
    for (const object of objects) {
      this.#objects.set(object.path, object)
      const parent = parentPath(object.path)
      const siblings = this.#children.get(parent)
      if (siblings) siblings.push(object)
      else this.#children.set(parent, [object])
      for (const one of object.parameters) this.#parameters.set(object.path + one.name, one)
    }
  }

  get size(): number {
    return this.#objects.size
  }

  /** The object of an object path or row; for a table without its row (`Device.WiFi.SSID.`) the table. */
  object(path: string): SupportedObject | undefined {
    return this.single(path) ?? this.table(path)
  }

  /** A single object or a row, but no table. */
  single(path: string): SupportedObject | undefined {
    return this.#objects.get(supportedPath(path))
  }

  /** A table without its row, as the object that stands for its rows. */
  table(path: string): SupportedObject | undefined {
    return this.#objects.get(`${supportedPath(path)}{i}.`)
  }

  /** Whether the path is that of a table as a whole, and not of one of its rows. */
  isTable(path: string): boolean {
    return this.single(path) === undefined && this.table(path) !== undefined
  }

  /**
   * Objects and tables directly below an object or row, with the paths that they have there, without `{i}`; the
   * root is below the empty path.
   */
  children(path: string): readonly (readonly [path: string, object: SupportedObject])[] {
    const place = supportedPath(path)
    return (this.#children.get(place) ?? []).map((object) => [
      path + tablePath(object.path).slice(place.length),
      object,
    ])
  }

  /** Names of what is directly below. */
  names(path: string): readonly string[] {
    return this.children(path).map(([child]) => child.slice(path.length, -1))
  }

  parameter(path: string): SupportedParameter | undefined {
    return this.#parameters.get(supportedPath(path))
  }

  command(path: string): SupportedCommand | undefined {
    const cut = path.lastIndexOf('.') + 1
    return this.single(path.slice(0, cut))?.commands.find(({ name }) => name === path.slice(cut))
  }
}

/** Whether an object path, `*` for any row, covers a parameter or object path. */
export function covers(scope: string, path: string): boolean {
  if (!scope.includes('*')) return path.startsWith(scope)
  const steps = scope.replace(/\.$/, '').split('.')
  const own = path.split('.')
  return steps.length <= own.length && steps.every((step, at) => step === '*' || step === own[at])
}
