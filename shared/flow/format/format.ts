/** Flow → YAML: the one canonical way, and edits of a text that somebody else wrote. */
import {
  Document,
  isCollection,
  isMap as isYamlMap,
  isSeq,
  parseDocument,
  type Node as YamlNode,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { equalJson, isList, isMap, type Json } from '../json.ts'
import type { Flow } from '../model.ts'
import { flowShape } from './keys.ts'
import { readSource, valueOf } from './source.ts'

/** Lists and maps up to this width stand in one line. */
const ONE_LINE = 76
const WIDTH = 110
const STEP_LISTS = new Set(['setup', 'steps', 'cleanup', 'else', 'parallel'])
const TO_STRING = { lineWidth: WIDTH, flowCollectionPadding: true, minContentWidth: 40 }

/** What `parseFlow` reads as the same flow. Keys stand in the order of their table. */
export function formatFlow(flow: Flow): string {
  const document = new Document(flowShape.write(flow), { aliasDuplicateObjects: false })
  const root = document.contents
  // A blank line before each part that is longer than a line.
  if (isYamlMap(root)) {
    arrangeMap(root)
    for (const { key, value } of root.items) {
      if (isCollection(value) && value.flow !== true && value.items.length > 0)
        (key as YamlNode).spaceBefore = true
    }
  }
  return document.toString(TO_STRING)
}

/** Chooses one line or several for each collection; steps always have their own lines. */
function arrange(node: unknown, isSteps: boolean): void {
  if (!isCollection(node)) return
  if (!isSteps && widthOf(node.toJSON() as Json) <= ONE_LINE) {
    node.flow = true
    return
  }
  if (isSeq(node)) {
    for (const item of node.items) {
      if (isSteps && isYamlMap(item)) arrangeMap(item)
      else arrange(item, false)
    }
  } else if (isYamlMap(node)) arrangeMap(node)
}

function arrangeMap(map: YAMLMap): void {
  for (const { key, value } of map.items) {
    arrange(
      value,
      STEP_LISTS.has(String(key)) && isSeq(value) && value.items.every((item) => isYamlMap(item)),
    )
  }
}

/** About how wide a value is in one line. */
function widthOf(value: Json): number {
  if (isList(value)) return value.reduce<number>((sum, item) => sum + widthOf(item) + 2, 4)
  if (isMap(value))
    return Object.entries(value).reduce((sum, [name, item]) => sum + name.length + widthOf(item) + 4, 4)
  // Texts of several lines need them.
  return typeof value === 'string' && value.includes('\n') ? WIDTH : String(value).length + 2
}

/**
 * The text changed so that it is the flow, with comments and the form of what stays the same. A text that is no
 * YAML is replaced.
 */
export function editFlow(text: string, flow: Flow): string {
  const source = readSource(text)
  const wanted = flowShape.write(flow)
  if (!source.root || source.remarks.hasErrors) return formatFlow(flow)
  if (equalJson(valueOf(source.root), wanted)) return text
  const document = parseDocument(text, { logLevel: 'silent', uniqueKeys: false })
  document.contents = merge(document, document.contents, wanted, false) as typeof document.contents
  return document.toString(TO_STRING)
}

function create(document: Document, value: Json, isSteps: boolean): YamlNode {
  const node = document.createNode(value, { aliasDuplicateObjects: false }) as YamlNode
  if (isSteps && isYamlMap(node)) arrangeMap(node)
  else arrange(node, isSteps)
  return node
}

/** The node as it is where it says the same; what differs is changed as deep inside as can be. */
function merge(document: Document, node: unknown, wanted: Json, isSteps: boolean): YamlNode {
  const same = node !== null && equalJson(plainOf(node, document), wanted)
  if (same) return node as YamlNode
  if (isYamlMap(node) && isMap(wanted)) return mergeMap(document, node, wanted)
  if (isSeq(node) && isList(wanted)) return mergeList(document, node, wanted, isSteps)
  return create(document, wanted, isSteps)
}

const plainOf = (node: unknown, document: Document): Json =>
  ((node as YamlNode).toJS(document, { maxAliasCount: 1000 }) ?? null) as Json

function mergeMap(document: Document, map: YAMLMap, wanted: { readonly [name: string]: Json }): YamlNode {
  map.items = map.items.filter(({ key }) => Object.hasOwn(wanted, String(key)))
  for (const [name, value] of Object.entries(wanted)) {
    const pair = map.items.find(({ key }) => String(key) === name)
    const isSteps = STEP_LISTS.has(name)
    if (pair) pair.value = merge(document, pair.value, value, isSteps)
    else
      map.items.push(
        document.createPair(name, create(document, value, isSteps)) as (typeof map.items)[number],
      )
  }
  return map
}

/** What is equal at both ends stays; in between items are changed in their order. */
function mergeList(document: Document, list: YAMLSeq, wanted: readonly Json[], isSteps: boolean): YamlNode {
  const items = list.items as YamlNode[]
  const has = (item: YamlNode | undefined, value: Json | undefined) =>
    item !== undefined && value !== undefined && equalJson(plainOf(item, document), value)
  let head = 0
  while (has(items[head], wanted[head])) head += 1
  let tail = 0
  const room = Math.min(items.length, wanted.length) - head
  while (tail < room && has(items[items.length - 1 - tail], wanted[wanted.length - 1 - tail])) tail += 1
  const middle = wanted.slice(head, wanted.length - tail)
  const old = items.slice(head, items.length - tail)
  const changed = middle.map((value, at) => {
    const before = old.length === middle.length ? old[at] : undefined
    return before ? merge(document, before, value, isSteps) : create(document, value, isSteps)
  })
  list.items = [...items.slice(0, head), ...changed, ...items.slice(items.length - tail)]
  return list
}
