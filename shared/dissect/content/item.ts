/**
 * Values of JSON, CBOR and MessagePack as one kind of tree: what the readers answer with, and how it becomes
 * fields and text.
 */
import type { Field, Finding } from '../field.ts'
import { MAX_DEPTH, MAX_FIELDS, TOO_DEEP, TOO_MANY, type Draft } from './view.ts'

export interface Item {
  readonly start: number
  end: number
  /** Of a scalar the value in the notation of its format; of a container what it is: `array`, `tag 32 (URI)`. */
  readonly text: string
  value?: Field['value']
  finding?: Finding
  readonly inside?: Inside
}

/** What a container holds, and how its notation encloses that. */
export interface Inside {
  readonly open: string
  readonly close: string
  /** Keys and values take turns. After a fault the last key may be without a value. */
  readonly pairs: boolean
  /** What one part is called, for counting: `element`. */
  readonly noun: string
  readonly items: Item[]
}

/** Puts a remark on an item. The first one stays: later ones follow from it. */
export function remark(item: Item, finding: Finding): void {
  item.finding ??= finding
}

/** What every reader of items shares: a place, and the limits that end the reading. */
export class ItemReader {
  readonly bytes: Uint8Array
  readonly end: number
  pos: number
  /** Nothing more can be read: a fault that hides what follows, or a limit. */
  stopped = false
  private left = MAX_FIELDS

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes
    this.pos = start
    this.end = end
  }

  /** Ends the reading; the item answered stands for all bytes from `start` on. */
  stop(start: number, finding: Finding): Item {
    this.stopped = true
    this.pos = this.end
    return { start, end: this.end, text: `/ ${finding.text} /`, finding }
  }

  /** To be asked before each item. */
  limit(depth: number): Item | undefined {
    if (depth > MAX_DEPTH) return this.stop(this.pos, TOO_DEEP)
    return this.left-- > 0 ? undefined : this.stop(this.pos, TOO_MANY)
  }
}

/** Marks keys that stand again; `rule` is what is against it, where the format says so. */
export function remarkDuplicates({ items }: Inside, rule?: string): void {
  const seen = new Set<string>()
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i]
    if (key === undefined || key.inside !== undefined || key.finding !== undefined) continue
    if (seen.has(key.text)) {
      const text = `${key.text} stands here again; readers take the first or the last one`
      remark(key, { severity: 'warning', text, ...(rule !== undefined && { rule }) })
    }
    seen.add(key.text)
  }
}

/**
 * For formats in which nearly any bytes are some items: 0.55 when the payload is one array or map without a
 * fault, 0.7 when all its keys are texts, else 0.
 */
export function containerScore(
  payload: Uint8Array,
  read: (bytes: Uint8Array, start: number, end: number) => readonly Item[],
): number {
  const items = read(payload, 0, payload.length)
  const only = items.length === 1 ? items[0] : undefined
  if (only?.inside === undefined || !isSound(only)) return 0
  const keys = only.inside.pairs ? only.inside.items.filter((_, index) => index % 2 === 0) : []
  return keys.length > 0 && keys.every(({ text }) => text.startsWith('"')) ? 0.7 : 0.55
}

const isSound = ({ finding, inside }: Item): boolean =>
  finding?.severity !== 'error' && (inside === undefined || inside.items.every(isSound))

/** The items of one payload as the one field of its view; `name` is its filter name, `text` all of them as text. */
export function itemsField(
  items: readonly Item[],
  view: { readonly name: string; readonly label: string; readonly text: string },
  range: { readonly start: number; readonly end: number },
): Field {
  const root: Draft = { ...view, start: range.start, end: range.end }
  const only = items.length === 1 ? items[0] : undefined
  const part = `${view.name}.item`
  if (only === undefined) {
    root.children = items.map((item, index) => itemField(item, `#${index + 1}`, part))
    return root
  }
  if (only.inside !== undefined) root.children = insideFields(only.inside, part)
  if (only.value !== undefined) root.value = only.value
  if (only.finding !== undefined) root.finding = only.finding
  return root
}

function itemField(item: Item, label: string, name: string): Field {
  const field: Draft = { name, label, text: itemSummary(item), start: item.start, end: item.end }
  if (item.value !== undefined) field.value = item.value
  if (item.finding !== undefined) field.finding = item.finding
  if (item.inside !== undefined) field.children = insideFields(item.inside, name)
  return field
}

function itemSummary({ text, value, inside }: Item): string {
  if (inside === undefined) return typeof value === 'string' ? value : text
  const count = inside.pairs ? Math.ceil(inside.items.length / 2) : inside.items.length
  return `${text}, ${count} ${inside.noun}${count === 1 ? '' : 's'}`
}

function insideFields({ items, pairs }: Inside, name: string): Field[] {
  if (!pairs) return items.map((item, index) => itemField(item, `[${index}]`, name))
  const fields: Field[] = []
  for (let i = 0; i < items.length; i += 2) fields.push(pairField(items[i] as Item, items[i + 1], name))
  return fields
}

/** A key is the label of its value. One that is a container, or has a remark of its own, is shown beside it. */
function pairField(key: Item, value: Item | undefined, name: string): Field {
  if (value === undefined) return itemField(key, 'key', name)
  const label = itemSummary(key)
  const field: Draft = { ...itemField(value, label, name), start: key.start }
  if (key.inside === undefined && (key.finding === undefined || value.finding === undefined)) {
    if (key.finding !== undefined) field.finding = key.finding
    return field
  }
  delete field.finding
  delete field.value
  field.children = [itemField(key, 'key', name), itemField(value, 'value', name)]
  return field
}

/** Columns within which a container is written on one line. */
const WIDTH = 80
const INDENT = '  '

/** Items in their notation: containers that are short on one line, others a part a line. */
export function itemsText(items: readonly Item[]): string {
  const out: string[] = []
  items.forEach((item, index) => {
    if (index > 0) out.push('\n')
    write(out, item, 1)
  })
  return out.join('')
}

function write(out: string[], item: Item, depth: number): void {
  const { inside } = item
  const line = inside === undefined ? item.text : oneLine(item, WIDTH)
  if (inside === undefined || line !== undefined) {
    out.push(line ?? '')
    return
  }
  out.push(inside.open.trimEnd())
  inside.items.forEach((part, index) => {
    const isValue = inside.pairs && index % 2 === 1
    out.push(isValue ? ': ' : `${index === 0 ? '' : ','}\n${INDENT.repeat(depth)}`)
    write(out, part, depth + 1)
  })
  out.push(`\n${INDENT.repeat(depth - 1)}`, inside.close)
}

/** `undefined` when there is no room; then little more than `room` was looked at. */
function oneLine({ text, inside }: Item, room: number): string | undefined {
  if (inside === undefined) return text.length <= room ? text : undefined
  let line = inside.open
  for (const [index, part] of inside.items.entries()) {
    if (index > 0) line += inside.pairs && index % 2 === 1 ? ': ' : ', '
    const next = oneLine(part, room - line.length)
    if (next === undefined) return undefined
    line += next
  }
  line += inside.close
  return line.length <= room ? line : undefined
}
