/** A supported data model to look things up in, by paths with instance numbers or with `{i}`. Pure. */
import type { SupportedObject, SupportedParameter } from '../../contract/data-model.ts'
import { parentPath, supportedPath, tablePath } from '../model-answers.ts'

export class SupportedIndex {
  readonly #objects = new Map<string, SupportedObject>()
  readonly #children = new Map<string, SupportedObject[]>()
  readonly #parameters = new Map<string, SupportedParameter>()

  constructor(objects: readonly SupportedObject[]) {
    for (const object of objects) {
      this.#objects.set(object.path, object)
      const parent = parentPath(object.path)
      if (parent !== '') {
        const siblings = this.#children.get(parent)
        if (siblings) siblings.push(object)
        else this.#children.set(parent, [object])
      }
      for (const one of object.parameters) this.#parameters.set(object.path + one.name, one)
    }
  }

  get size(): number {
    return this.#objects.size
  }

  /** The object of an object path or row; for a table without its row (`Device.WiFi.SSID.`) the table. */
  object(path: string): SupportedObject | undefined {
    const place = supportedPath(path)
    return this.#objects.get(place) ?? this.#objects.get(`${place}{i}.`)
  }

  /** Whether the path is that of a table as a whole, and not of one of its rows. */
  isTable(path: string): boolean {
    const object = this.object(path)
    return object?.multiInstance === true && tablePath(object.path) === supportedPath(path)
  }

  /** Objects and tables directly below an object or row, with the paths that they have there, without `{i}`. */
  children(path: string): readonly (readonly [path: string, object: SupportedObject])[] {
    const place = supportedPath(path)
    if (this.isTable(path)) return []
    return (this.#children.get(place) ?? []).map((object) => [
      path + tablePath(object.path).slice(place.length),
      object,
    ])
  }

  parameter(path: string): SupportedParameter | undefined {
    return this.#parameters.get(supportedPath(path))
  }
}

/** Whether an object path, `*` for any row, covers a parameter or object path. */
export function covers(scope: string, path: string): boolean {
  if (!scope.includes('*')) return path.startsWith(scope)
  const steps = scope.replace(/\.$/, '').split('.')
  const own = path.split('.')
  return steps.length <= own.length && steps.every((step, at) => step === '*' || step === own[at])
}
