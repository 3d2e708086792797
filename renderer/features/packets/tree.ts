/** The tree of a packet as lines on the screen and as text. Pure. */
import type { Field, Finding } from '../../../shared/dissect/field.ts'
import { fold, FOLD_AT, wrap, wrapWords } from '../../ui/fold.ts'

/** One line of the tree. A field's path is the index of each step from the root, joined by dots. */
export type TreeLine =
  | {
      readonly kind: 'field'
      readonly path: string
      readonly depth: number
      readonly field: Field
      readonly expandable: boolean
      readonly open: boolean
      /** What is shown of the value, and what unfolding it would show. */
      readonly text: string
      readonly rest?: string
      readonly unfolded: boolean
    }
  | {
      readonly kind: 'text'
      readonly path: string
      readonly depth: number
      readonly text: string
      readonly key: string
    }
  | {
      readonly kind: 'finding'
      readonly path: string
      readonly depth: number
      readonly finding: Finding
      readonly text: string
      /** The text goes on from the line above. */
      readonly continued: boolean
      readonly key: string
    }

export interface TreeView {
  /** Fields opened or closed by hand, by field name. */
  readonly expanded: Readonly<Record<string, boolean>>
  /** Paths whose long value is shown whole. */
  readonly unfolded: ReadonlySet<string>
  /** Path that is to be seen: what is above it is open. */
  readonly shown?: string | undefined
  /** Characters that fit in a line of the pane, where that is known. */
  readonly columns?: number | undefined
}

/** A group with more children than this starts closed: a long answer should not bury what follows it. */
const OPEN_UP_TO = 40

/** What stands in the packet's bytes is open, what is known from elsewhere is closed. */
const opensAlone = (field: Field): boolean =>
  field.end > field.start && (field.children?.length ?? 0) <= OPEN_UP_TO

/** Layers of USP over MQTT: of those that a packet has, the last is the innermost. */
const uspLayers: ReadonlySet<string> = new Set(['usp', 'usp.msg', 'usp.reassembled'])

/** Index of the layer that a packet is looked at for: its USP Msg, else its Record, else what MQTT carries. */
export function innermostLayer(layers: readonly Field[]): number {
  const usp = layers.findLastIndex(({ name }) => uspLayers.has(name))
  return usp >= 0 ? usp : layers.findLastIndex(opensAlone)
}

/** Around USP, a layer opens by itself only for what is wrong in it. */
function opensAround(layers: readonly Field[]): ((field: Field) => boolean) | undefined {
  const innermost = layers[innermostLayer(layers)]
  if (innermost === undefined || !uspLayers.has(innermost.name)) return undefined
  return (field) => opensAlone(field) && (field === innermost || (field.children ?? []).some(holdsFault))
}

const holdsFault = ({ finding, children }: Field): boolean =>
  (finding !== undefined && finding.severity !== 'note') || children?.some(holdsFault) === true

export function treeLines(fields: readonly Field[], view: TreeView): TreeLine[] {
  const lines: TreeLine[] = []
  const layerOpens = opensAround(fields) ?? opensAlone
  const isOpen = (field: Field, depth: number): boolean =>
    view.expanded[field.name] ?? (depth === 0 ? layerOpens : opensAlone)(field)
  const walk = (list: readonly Field[], depth: number, prefix: string) => {
    list.forEach((field, index) => {
      const path = prefix + index
      const expandable = (field.children?.length ?? 0) > 0
      const open = expandable && (isOpen(field, depth) || view.shown?.startsWith(`${path}.`) === true)
      const unfolded = view.unfolded.has(path)
      const room = roomFor(field, depth, view.columns)
      const { head, rest } = fold(field.text, field.text.length > room ? room - LINK : room)
      const folded = rest === undefined ? {} : { rest }
      const text = unfolded && rest ? '' : head
      lines.push({ kind: 'field', path, depth, field, expandable, open, text, ...folded, unfolded })
      if (unfolded && rest !== undefined)
        wrap(field.text, lineRoom(depth + 1, view.columns)).forEach((line, at) =>
          lines.push({ kind: 'text', path, depth: depth + 1, text: line, key: `${path}:${at}` }),
        )
      if (field.finding) {
        const { finding } = field
        wrapWords(remark(finding), lineRoom(depth + 2, view.columns)).forEach((line, at) =>
          lines.push({
            kind: 'finding',
            path,
            depth: depth + 1,
            finding,
            text: line,
            continued: at > 0,
            key: `${path}!${at}`,
          }),
        )
      }
      if (open) walk(field.children ?? [], depth + 1, `${path}.`)
    })
  }
  walk(fields, 0, '')
  return lines
}

/** Characters an indent takes, and the link that unfolds a value. */
const INDENT = 2.4
const LINK = 22
const LEAST_ROOM = 40

const lineRoom = (depth: number, columns = FOLD_AT): number =>
  Math.max(LEAST_ROOM, Math.floor(columns - (depth + 1) * INDENT))

const roomFor = (field: Field, depth: number, columns?: number): number =>
  Math.max(LEAST_ROOM, lineRoom(depth + 1, columns) - field.label.length)

const remark = ({ text, rule }: Finding): string => (rule ? `${text} (${rule})` : text)

/** The field at a path, or undefined. */
export function fieldAt(fields: readonly Field[], path: string | undefined): Field | undefined {
  if (path === undefined) return undefined
  let list: readonly Field[] | undefined = fields
  let found: Field | undefined
  for (const step of path.split('.')) {
    found = list?.[Number(step)]
    list = found?.children
  }
  return found
}

/** Path of the innermost field whose bytes hold `offset`, or undefined. A later layer lies within an earlier one. */
export function innermostAt(fields: readonly Field[], offset: number): string | undefined {
  let list: readonly Field[] | undefined = fields
  let path: string | undefined
  while (list) {
    const holds = (field: Field): boolean => field.start <= offset && offset < field.end
    const index: number = list === fields ? list.findLastIndex(holds) : list.findIndex(holds)
    if (index < 0) break
    path = path === undefined ? String(index) : `${path}.${index}`
    list = list[index]?.children
  }
  return path
}

/** The tree as indented lines; everything, folded or not. */
export function treeText(fields: readonly Field[], indent = ''): string {
  return fields
    .flatMap((field) => [
      indent + (field.text ? `${field.label}: ${field.text}` : field.label),
      ...(field.finding ? [`${indent}  [${findingText(field.finding)}]`] : []),
      ...(field.children?.length ? [treeText(field.children, `${indent}  `)] : []),
    ])
    .join('\n')
}

const findingText = (finding: Finding): string => `${finding.severity}: ${remark(finding)}`

/** The tree as JSON; an integer beyond JSON's exact range becomes a string. */
export function treeJson(fields: readonly Field[]): string {
  return JSON.stringify(
    fields,
    (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    2,
  )
}
