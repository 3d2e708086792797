/** The data model as the lines of a tree; pure. */
import type {
  ModelInstance,
  SupportedCommand,
  SupportedEvent,
  SupportedObject,
  SupportedParameter,
} from '../../../shared/contract/data-model.ts'
import { ROOT, type DeviceData } from './device-data.ts'

interface Common {
  /** Of the device, with instance numbers; below a table whose rows are not known with `{i}`. Unique. */
  readonly path: string
  readonly depth: number
  readonly label: string
}
export interface ObjectLine extends Common {
  readonly kind: 'object' | 'table' | 'row'
  readonly object: SupportedObject | undefined
  readonly open: boolean
  /** Of a table whose rows are known. */
  readonly count?: number
  /** Of a row: its unique keys in one line. */
  readonly keys?: string
  readonly failure?: string
}
export interface ParameterLine extends Common {
  readonly kind: 'parameter'
  readonly parameter: SupportedParameter | undefined
  /** Undefined while it was not read. */
  readonly value: string | undefined
}
export interface CommandLine extends Common {
  readonly kind: 'command'
  readonly command: SupportedCommand
}
export interface EventLine extends Common {
  readonly kind: 'event'
  readonly event: SupportedEvent
}
export type Line = ObjectLine | ParameterLine | CommandLine | EventLine

export const isObjectLine = (line: Line | undefined): line is ObjectLine =>
  line?.kind === 'object' || line?.kind === 'table' || line?.kind === 'row'

/** The tree with what is open. */
export const treeLines = (data: DeviceData, expanded: ReadonlySet<string>): Line[] =>
  walk(data, (path) => expanded.has(path))

/** Everything that is known, for a search. */
export const everyLine = (data: DeviceData): Line[] => walk(data, () => true)

function walk(data: DeviceData, isOpen: (path: string) => boolean): Line[] {
  const lines: Line[] = []
  const { index } = data

  const visit = (path: string, depth: number, label: string, row?: ModelInstance): void => {
    const object = index.object(path)
    const open = isOpen(path)
    const isTable = !row && index.isTable(path)
    const rows = isTable ? data.rows(path) : undefined
    const failure = data.failure(path)
    const keys = row && keysOf(data, row, object)
    lines.push({
      kind: row ? 'row' : isTable ? 'table' : 'object',
      path,
      depth,
      label,
      object,
      open,
      ...(rows && { count: rows.length }),
      ...(keys && { keys }),
      ...(failure && { failure: `${failure.code} ${failure.name || failure.text}` }),
    })
    if (!open) return
    if (isTable) {
      // What rows would have can be looked up before any is known.
      const shown = rows ?? [{ path: `${path}{i}.`, uniqueKeys: [] }]
      for (const one of shown) visit(one.path, depth + 1, one.path.slice(path.length, -1), one)
      return
    }
    const values = data.valuesOf(path)
    const supported = object?.parameters ?? []
    for (const one of supported) {
      lines.push(parameterLine(path + one.name, depth + 1, one.name, one, values.get(one.name)))
    }
    if (values.size > 0) {
      const names = new Set(supported.map(({ name }) => name))
      for (const [name, value] of values) {
        if (!names.has(name)) lines.push(parameterLine(path + name, depth + 1, name, undefined, value))
      }
    }
    for (const command of object?.commands ?? []) {
      lines.push({
        kind: 'command',
        path: path + command.name,
        depth: depth + 1,
        label: command.name,
        command,
      })
    }
    for (const event of object?.events ?? []) {
      lines.push({ kind: 'event', path: path + event.name, depth: depth + 1, label: event.name, event })
    }
    for (const [child] of index.children(path)) visit(child, depth + 1, child.slice(path.length, -1))
  }
  visit(ROOT, 0, 'Device')
  return lines
}

const parameterLine = (
  path: string,
  depth: number,
  label: string,
  parameter: SupportedParameter | undefined,
  value: string | undefined,
): ParameterLine => ({ kind: 'parameter', path, depth, label, parameter, value })

/** What tells a row from its sisters: what the device said, or the values of the first key that is known. */
function keysOf(data: DeviceData, row: ModelInstance, object: SupportedObject | undefined): string {
  if (row.uniqueKeys.length > 0) return keyText(row.uniqueKeys)
  const values = data.valuesOf(row.path)
  const key = object?.uniqueKeys.find((names) => names.every((name) => values.has(name)))
  return key ? keyText(key.map((name) => [name, values.get(name) ?? ''] as const)) : ''
}
const keyText = (keys: readonly (readonly [string, string])[]): string =>
  keys.map(([name, value]) => `${name}=${value}`).join('  ')

/** Lines with all words in path or value, and what is above them. */
export function searchLines(lines: readonly Line[], haystack: readonly string[], text: string): Line[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found: Line[] = []
  let wanted = 0
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] as Line
    const hay = haystack[at] as string
    if (line.depth >= wanted && !words.every((word) => hay.includes(word))) continue
    found.push(line)
    wanted = line.depth
  }
  return found.toReversed()
}

/** What is searched in each line. */
export const haystackOf = (lines: readonly Line[]): string[] =>
  lines.map((line) => {
    const text = line.kind === 'parameter' ? `${line.path} ${line.value ?? ''}` : line.path
    return text.toLowerCase()
  })
