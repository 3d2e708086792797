/** What is known of the data model of one device: supported objects, rows, values. No I/O. */
import type { ModelInstance, ModelNode, SupportedObject } from '../../../shared/contract/data-model.ts'
import type { PathFailure } from '../../../shared/contract/usp.ts'
import { SupportedIndex } from '../../../shared/usp/dm/supported-index.ts'
import { comparePaths } from '../../../shared/usp/model-answers.ts'

export const ROOT = 'Device.'

/** The object that a parameter, command or event belongs to; the table of a row; the object above an object. */
export const ownerOf = (path: string): string => path.slice(0, path.replace(/\.$/, '').lastIndexOf('.') + 1)

const isRow = (path: string): boolean => /\.\d+\.$/.test(path)

export class DeviceData {
  index = new SupportedIndex([])
  /** Counts changes: whoever shows the data compares it. */
  version = 0
  readonly #values = new Map<string, Map<string, string>>()
  readonly #rows = new Map<string, Map<string, ModelInstance>>()
  /** When an object or table was read; milliseconds since 1970. */
  readonly #readAt = new Map<string, number>()
  readonly #failures = new Map<string, PathFailure>()

  setModel(objects: readonly SupportedObject[]): void {
    this.index = new SupportedIndex(objects)
    this.version++
  }

  readAt(path: string): number | undefined {
    return this.#readAt.get(path)
  }

  /** Why an object could not be read when it was asked for last. */
  failure(path: string): PathFailure | undefined {
    return this.#failures.get(path)
  }

  value(path: string): string | undefined {
    const owner = ownerOf(path)
    return this.#values.get(owner)?.get(path.slice(owner.length))
  }

  /** Names and values of an object, in the order they came. */
  valuesOf(object: string): ReadonlyMap<string, string> {
    return this.#values.get(object) ?? none
  }

  /** Rows of a table by number; undefined while they are not known. */
  rows(table: string): readonly ModelInstance[] | undefined {
    const rows = this.#rows.get(table)
    if (!rows) return this.#readAt.has(table) ? [] : undefined
    return [...rows.values()].sort((a, b) => comparePaths(a.path, b.path))
  }

  /** One object or table as it was read: it replaces what was known of it. */
  takeNode(node: ModelNode, now: number): void {
    this.#readAt.set(node.path, now)
    const [failure] = node.failures
    if (failure) this.#failures.set(node.path, failure)
    else this.#failures.delete(node.path)
    if (this.index.isTable(node.path)) {
      this.#rows.set(node.path, new Map(node.instances.map((row) => [row.path, row])))
    } else {
      this.#values.set(
        node.path,
        new Map(node.values.map(([path, value]) => [path.slice(node.path.length), value])),
      )
    }
    this.version++
  }

  /** Many values; tables learn their rows from them. */
  takeValues(values: readonly (readonly [string, string])[], now: number): void {
    let owner = ''
    let own = new Map<string, string>()
    for (const [path, value] of values) {
      const object = ownerOf(path)
      if (object !== owner) {
        owner = object
        own = this.#values.get(object) ?? new Map<string, string>()
        this.#values.set(object, own)
        this.#readAt.set(object, now)
        this.#failures.delete(object)
        this.#learnRows(object)
      }
      own.set(path.slice(object.length), value)
    }
    this.version++
  }

  /** Forgets every value and row, before all of them are taken anew. */
  clear(): void {
    for (const map of [this.#values, this.#rows, this.#readAt, this.#failures]) map.clear()
    this.version++
  }

  /** Everything below a path was read: tables without rows are empty, and objects without values have none. */
  markRead(objects: readonly SupportedObject[], now: number): void {
    for (const { path } of objects) {
      if (!path.includes('{i}')) this.#readAt.set(path, now)
      if (path.endsWith('.{i}.') && path.indexOf('{i}') === path.length - 4) {
        this.#readAt.set(path.slice(0, -4), now)
      }
    }
    for (const table of this.#rows.keys()) this.#readAt.set(table, now)
    this.version++
  }

  /** One value, as it was told or set. */
  change(path: string, value: string): void {
    const owner = ownerOf(path)
    const own = this.#values.get(owner) ?? new Map<string, string>()
    this.#values.set(owner, own.set(path.slice(owner.length), value))
    this.version++
  }

  addRow(row: ModelInstance): void {
    const table = ownerOf(row.path)
    const rows = this.#rows.get(table) ?? new Map<string, ModelInstance>()
    this.#rows.set(table, rows.set(row.path, row))
    this.version++
  }

  deleteRow(path: string): void {
    this.#rows.get(ownerOf(path))?.delete(path)
    for (const map of [this.#values, this.#rows, this.#readAt, this.#failures]) {
      for (const one of map.keys()) if (one.startsWith(path)) map.delete(one)
    }
    this.version++
  }

  #learnRows(object: string): void {
    for (let path = object; path !== '' && path !== ROOT; path = ownerOf(path)) {
      if (!isRow(path)) continue
      const table = ownerOf(path)
      const rows = this.#rows.get(table) ?? new Map<string, ModelInstance>()
      this.#rows.set(table, rows)
      if (rows.has(path)) return
      rows.set(path, { path, uniqueKeys: [] })
    }
  }
}

const none: ReadonlyMap<string, string> = new Map()
