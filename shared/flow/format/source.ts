/**
 * YAML text → plain nodes that know where they stand. What flows do not need is refused here: tags, several
 * documents, keys that are no texts. Aliases are expanded within limits, so that no text grows into more than fits.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node as YamlNode,
  type ParsedNode,
} from 'yaml'
import type { Json } from '../json.ts'

/** A remark on a flow's text; lines and columns count from 1, `[start, end)` are UTF-16 units. */
export interface Problem {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What to write instead. */
  readonly hint?: string
  readonly line: number
  readonly column: number
  readonly start: number
  readonly end: number
}

interface Place {
  readonly start: number
  readonly end: number
}

export interface ScalarNode extends Place {
  readonly kind: 'scalar'
  readonly value: null | boolean | number | string
}
export interface ListNode extends Place {
  readonly kind: 'list'
  readonly items: readonly Node[]
}
export interface Entry {
  readonly key: string
  readonly place: Place
  readonly value: Node
}
export interface MapNode extends Place {
  readonly kind: 'map'
  readonly entries: readonly Entry[]
}
export type Node = ScalarNode | ListNode | MapNode

/** UTF-16 units of a flow's text. */
export const MAX_SOURCE = 2_000_000
/** Nodes, those of expanded aliases included. */
const MAX_NODES = 200_000
export const MAX_NESTING = 64
const MAX_PROBLEMS = 100

/** Gathers problems, each at its place. */
export class Remarks {
  readonly problems: Problem[] = []
  readonly #lines: LineCounter

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  error({ start, end }: Place, message: string, hint?: string): void {
    this.#add('error', { start, end }, message, hint)
  }

  warning({ start, end }: Place, message: string, hint?: string): void {
    this.#add('warning', { start, end }, message, hint)
  }

  #add(severity: Problem['severity'], { start, end }: Place, message: string, hint?: string): void {
    if (this.problems.length > MAX_PROBLEMS) return
    if (this.problems.length === MAX_PROBLEMS) {
      message = `There is more that is wrong: these are the first ${MAX_PROBLEMS} remarks.`
      hint = undefined
    }
    const { line, col } = this.#lines.linePos(start)
    const shown = { severity, message, line: Math.max(1, line), column: Math.max(1, col), start, end }
    this.problems.push(hint === undefined ? shown : { ...shown, hint })
  }

  get hasErrors(): boolean {
    return this.problems.some(({ severity }) => severity === 'error')
  }
}

export interface Source {
  readonly remarks: Remarks
  /** Absent when the text cannot be read at all. */
  readonly root?: Node
  readonly document?: Document.Parsed
}

/** Never throws. */
export function readSource(text: string): Source {
  const lines = new LineCounter()
  const remarks = new Remarks(lines)
  if (text.length > MAX_SOURCE) {
    lines.addNewLine(0)
    const message = `A flow has ${MAX_SOURCE} characters at most; this text has ${text.length}.`
    remarks.error({ start: 0, end: 0 }, message)
    return { remarks }
  }
  if (nestsTooDeep(text)) {
    lines.addNewLine(0)
    remarks.error({ start: 0, end: 0 }, `This text nests more than ${MAX_NESTING} levels deep.`)
    return { remarks }
  }
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // Checked below: here it would take quadratic time.
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'error',
  })
  for (const { pos, message, code } of document.errors) {
    const hint = hints[code]
    remarks.error({ start: pos[0], end: pos[1] }, sentence(message), hint)
  }
  if (remarks.hasErrors) return { remarks, document }
  if (document.contents === null) {
    remarks.error({ start: 0, end: text.length }, 'The text is empty.', 'A flow begins with "flow: 1".')
    return { remarks, document }
  }
  return { remarks, document, root: new Reader(document, remarks).read(document.contents, 0) }
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'Indent with blanks.',
  MULTIPLE_DOCS: 'A file holds one flow.',
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

/** Brackets, and dashes of one line, that open more levels than any flow has: the parser would recurse into them. */
function nestsTooDeep(text: string): boolean {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5b || code === 0x7b) open += 1
    else if (code === 0x5d || code === 0x7d) open -= 1
    if (open > 40 * MAX_NESTING) return true
  }
  return /^[ \t]*(?:[-?:][ \t]+){64}/m.test(text)
}

class Reader {
  readonly #remarks: Remarks
  readonly #anchors = new Map<string, YamlNode>()
  #left = MAX_NODES
  #told = false

  constructor(document: Document, remarks: Remarks) {
    this.#remarks = remarks
    visit(document, {
      Node: (_, node) => {
        if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node)
      },
    })
  }

  read(node: ParsedNode | YamlNode | null, depth: number, from?: Place): Node {
    const [start = 0, end = start] = node?.range ?? []
    // What an alias stands for is shown where the alias is.
    const place = from ?? { start, end }
    const nothing: ScalarNode = { kind: 'scalar', value: null, ...place }
    this.#left -= 1
    if (depth > MAX_NESTING || this.#left < 0) {
      const message =
        depth > MAX_NESTING ? `Flows nest ${MAX_NESTING} levels deep at most.` : 'This flow is too large.'
      if (!this.#told) this.#remarks.error(place, message)
      this.#told = true
      return nothing
    }
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      return target === undefined ? nothing : this.read(target, depth + 1, place)
    }
    if (node !== null && node.tag !== undefined && !STANDARD_TAG.test(node.tag)) {
      this.#remarks.error(place, `The tag ${node.tag} has no meaning in a flow.`)
    }
    if (isScalar(node)) return { kind: 'scalar', value: scalarValue(node.value, node.source), ...place }
    if (isSeq(node)) {
      return {
        kind: 'list',
        items: node.items.map((item) => this.read(item as YamlNode, depth + 1, from)),
        ...place,
      }
    }
    if (isMap(node)) return { kind: 'map', entries: this.#entries(node.items, depth, from), ...place }
    return nothing
  }

  #entries(items: readonly { key: unknown; value: unknown }[], depth: number, from?: Place): Entry[] {
    const entries: Entry[] = []
    const seen = new Set<string>()
    for (const { key, value } of items) {
      const read = this.read(key as YamlNode, depth + 1, from)
      if (read.kind !== 'scalar') {
        this.#remarks.error(read, 'A name is a text, not a list or a map.')
        continue
      }
      const name = isScalar(key) && typeof key.source === 'string' ? key.source : String(read.value ?? '')
      if (seen.has(name)) this.#remarks.error(read, `${name} stands here twice.`)
      seen.add(name)
      const place = { start: read.start, end: read.end }
      entries.push({
        key: name,
        place,
        value: this.read((value ?? null) as YamlNode | null, depth + 1, value === null ? place : from),
      })
    }
    return entries
  }
}

const STANDARD_TAG = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|seq|map)$/

/** Numbers that a double cannot hold stay the text they are. */
function scalarValue(value: unknown, source: string | undefined): ScalarNode['value'] {
  if (typeof value === 'number') {
    const isExact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    return isExact ? value : (source ?? String(value))
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  return source ?? String(value)
}

/** The node as a value, without its places. */
export function valueOf(node: Node): Json {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'list':
      return node.items.map(valueOf)
    case 'map':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, valueOf(value)]))
  }
}
