/**
 * The instantiated data model of one agent: a schema that all share, and over it what is different here. Writes go
 * through `attempt`, which undoes them all when its work fails. Pure.
 */
import { CODE, UspFault } from './fault.ts'
import { fill, type Facts } from './facts.ts'
import type { ObjectType, ParameterType, Schema } from './schema.ts'
import { checkValue } from './values.ts'

/** An object, a row or a whole table of one agent. */
export interface Place {
  readonly type: ObjectType
  /** With instance numbers: `Device.LocalAgent.Controller.1.`; of a table, `Device.LocalAgent.Controller.` */
  readonly path: string
  /** A table itself, none of its rows. */
  readonly isTable: boolean
}

export type Change =
  | { readonly kind: 'created'; readonly place: Place; readonly keys: Readonly<Record<string, string>> }
  | { readonly kind: 'deleted'; readonly path: string }

/** Rows that an agent may have beyond those it was born with. */
export const MAX_NEW_ROWS = 1000

export class DataModel {
  readonly schema: Schema
  readonly #fact: (name: keyof Facts) => string
  readonly #values = new Map<string, string>()
  /** Tables whose rows are not those of the schema. */
  readonly #rows = new Map<string, readonly number[]>()
  /** The highest number ever given out in a table: numbers are not used again (R-ARC.8). */
  readonly #highest = new Map<string, number>()
  #created = 0
  #undo: (() => void)[] | undefined
  #changes: Change[] = []

  constructor(schema: Schema, fact: (name: keyof Facts) => string) {
    this.schema = schema
    this.#fact = fact
  }

  /** Back to what a factory-fresh agent holds. */
  reset(): void {
    this.#values.clear()
    this.#rows.clear()
    this.#highest.clear()
    this.#created = 0
  }

  get root(): Place {
    return { type: this.schema.root, path: this.schema.root.path, isTable: false }
  }

  /** Instance numbers of the table at this path, rising. */
  rows(table: string): readonly number[] {
    return this.#rows.get(table) ?? this.schema.rows.get(table) ?? []
  }

  hasRow(table: string, number: number): boolean {
    return this.rows(table).includes(number)
  }

  /** The rows of a table, or the objects and tables below an object. */
  below(place: Place): Place[] {
    const { type, path } = place
    if (place.isTable) return this.rows(path).map((row) => ({ type, path: `${path}${row}.`, isTable: false }))
    return [...type.children.values()].map((child) => ({
      type: child,
      path: `${path}${child.name}.`,
      isTable: child.isTable,
    }))
  }

  /** The value as the agent itself knows it, secrets too. */
  value(place: Place, parameter: ParameterType): string {
    if (parameter.counts !== undefined) return String(this.rows(`${place.path}${parameter.counts}.`).length)
    const path = place.path + parameter.name
    return fill(this.#values.get(path) ?? this.schema.values.get(path) ?? parameter.initial, this.#fact)
  }

  /** The value as a controller reads it. */
  shown(place: Place, parameter: ParameterType): string {
    return parameter.isSecret ? '' : this.value(place, parameter)
  }

  /** By name; empty for a parameter that the model does not have. */
  text(place: Place, name: string): string {
    const parameter = place.type.parameters.get(name)
    return parameter ? this.value(place, parameter) : ''
  }

  isTrue(place: Place, name: string): boolean {
    return this.text(place, name) === 'true'
  }

  /** All unique keys of a row together (R-ADD.5). */
  keysOf(place: Place): Record<string, string> {
    const names = new Set(place.type.keys.flat())
    return Object.fromEntries([...names].map((name) => [name, this.text(place, name)]))
  }

  /** Does not look at access: what a controller may write is judged where its request is worked on. */
  write(place: Place, parameter: ParameterType, value: string): void {
    const path = place.path + parameter.name
    const before = this.#values.get(path)
    this.#values.set(path, checkValue(value, parameter.type, parameter.allowed))
    this.#undo?.push(() =>
      before === undefined ? this.#values.delete(path) : this.#values.set(path, before),
    )
  }

  /** As `write`, by name; nothing happens for a parameter that the model does not have. */
  put(place: Place, name: string, value: string): void {
    const parameter = place.type.parameters.get(name)
    if (parameter) this.write(place, parameter, value)
  }

  /** Adds a row with initial values; `announce` when its keys are there. */
  addRow(table: Place): Place {
    if (this.#created >= MAX_NEW_ROWS) {
      throw new UspFault(CODE.resourcesExceeded, `The agent holds no more than ${MAX_NEW_ROWS} new rows`)
    }
    const rows = this.rows(table.path)
    const highest = Math.max(this.#highest.get(table.path) ?? 0, rows.at(-1) ?? 0)
    const before = this.#rows.get(table.path)
    this.#rows.set(table.path, [...rows, highest + 1])
    this.#highest.set(table.path, highest + 1)
    this.#created++
    this.#undo?.push(() => {
      this.#created--
      this.#highest.set(table.path, highest)
      if (before) this.#rows.set(table.path, before)
      else this.#rows.delete(table.path)
    })
    return { type: table.type, path: `${table.path}${highest + 1}.`, isTable: false }
  }

  announce(place: Place): void {
    this.#changed({ kind: 'created', place, keys: this.keysOf(place) })
  }

  /** Takes away a row with all below it. */
  deleteRow({ path }: Place): void {
    const table = path.replace(/\d+\.$/, '')
    const number = Number(path.slice(table.length, -1))
    const before = this.#rows.get(table)
    const old = this.rows(table)
    this.#highest.set(table, Math.max(this.#highest.get(table) ?? 0, old.at(-1) ?? 0))
    this.#rows.set(
      table,
      old.filter((row) => row !== number),
    )
    const below = (map: ReadonlyMap<string, unknown>) => [...map.keys()].filter((key) => key.startsWith(path))
    const values = below(this.#values).map((key) => [key, this.#values.get(key) ?? ''] as const)
    const rows = below(this.#rows).map((key) => [key, this.#rows.get(key) ?? []] as const)
    const isNew = !(this.schema.rows.get(table) ?? []).includes(number)
    for (const [key] of values) this.#values.delete(key)
    for (const [key] of rows) this.#rows.delete(key)
    if (isNew) this.#created--
    this.#changed({ kind: 'deleted', path })
    this.#undo?.push(() => {
      if (before) this.#rows.set(table, before)
      else this.#rows.delete(table)
      for (const [key, value] of values) this.#values.set(key, value)
      for (const [key, list] of rows) this.#rows.set(key, list)
      if (isNew) this.#created++
    })
  }

  #changed(change: Change): void {
    this.#changes.push(change)
    this.#undo?.push(() => void this.#changes.pop())
  }

  /** Does `work`; when that throws, nothing of it is left and the error goes on. May be nested. */
  attempt<T>(work: () => T): T {
    const outer = this.#undo
    const own: (() => void)[] = []
    this.#undo = own
    try {
      const result = work()
      outer?.push(...own)
      return result
    } catch (error) {
      for (const step of own.toReversed()) step()
      throw error
    } finally {
      this.#undo = outer
    }
  }

  /** Rows made and deleted since the last call. */
  takeChanges(): Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }
}
