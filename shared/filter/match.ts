/** The second stage: is the program true of one packet? Asked for rows that the columns leave open. */
import type { Field } from '../dissect/field.ts'
import { inRows, rowTypeName, type ColumnName, type PacketView } from './columns.ts'
import type { ProgramNode, ValueLeaf } from './compile.ts'
import { UNKNOWN, type ColumnUse, type FieldDefinition, type Scalar } from './definition.ts'
import { findField } from './fields.ts'
import { columnValue, treeValue } from './values.ts'

/**
 * True or false, never unknown: of a field that neither columns nor tree have nothing is true. Where the
 * columns answer, they are believed, so that both stages agree.
 */
export function matchPacket(program: ProgramNode, packet: PacketView): boolean {
  switch (program.kind) {
    case 'and':
      return program.items.every((item) => matchPacket(item, packet))
    case 'or':
      return program.items.some((item) => matchPacket(item, packet))
    case 'not':
      return !matchPacket(program.item, packet)
    case 'words':
      return hasWords(program.words, packet)
    case 'value':
      return matchValue(program, packet)
  }
}

function matchValue(leaf: ValueLeaf, packet: PacketView): boolean {
  const { field, key } = leaf
  const test = leaf.test?.(0n) ?? (() => true)
  // Columns do not hold the entries of a field.
  const known = fromColumns(field, key === undefined ? field.columns : [], packet)
  if (known) return known.some(test)
  for (const found of occurrences(packet.fields(), field, key)) {
    if (leaf.test === undefined) return true
    const value = key === undefined ? treeValue(field, found, () => packet.bytes()) : entryValue(found, field)
    if (value !== undefined && test(value)) return true
  }
  return field.tree.findings ? findingRules(packet.fields()).some(test) : matchImplied(field, packet, test)
}

/** Values by the columns; `undefined` when they cannot say, or do not speak of rows of this type. */
function fromColumns(
  field: FieldDefinition,
  uses: readonly ColumnUse[],
  packet: PacketView,
): Scalar[] | undefined {
  const type = packet.column('type')
  const speaks = ({ rows }: ColumnUse) => typeof type !== 'number' || inRows(rows, type)
  let values: Scalar[] | undefined
  for (const use of uses) {
    if (!speaks(use)) continue
    const raw = packet.column(use.column)
    if (raw === undefined || (use.way !== undefined && packet.column('direction') === undefined)) continue
    values ??= []
    if (use.way !== undefined && packet.column('direction') !== use.way) continue
    for (const one of typeof raw === 'object' ? raw : [raw]) {
      const value = columnValue(use, field, one)
      if (value === UNKNOWN) return undefined
      if (value !== undefined) values.push(value)
    }
  }
  // A row without an MQTT packet has no tree to look at.
  return values ?? (typeof type === 'number' && !inRows(field.tree.rows, type) ? [] : undefined)
}

/**
 * Fields of that name, in order. An inferred one, without bytes, stands for the empty one before it: the topic
 * of a Topic Alias.
 */
function occurrences(fields: readonly Field[], { tree, entry }: FieldDefinition, key?: string): Field[] {
  const found: Field[] = []
  walk(fields, (field) => {
    if (!tree.names.has(field.name)) return
    if (key !== undefined && childValue(field, entry?.key) !== key) return
    const last = found.at(-1)
    if (last?.value === '' && field.start === field.end && field.start === last.end) found.pop()
    found.push(field)
  })
  return found
}

function walk(fields: readonly Field[], visit: (field: Field) => void): void {
  for (const field of fields) {
    visit(field)
    if (field.children) walk(field.children, visit)
  }
}

/** Key or value of an entry; one that was left out is empty. */
function childValue(field: Field, name: string | undefined): string {
  const value = field.children?.find((child) => child.name === name)?.value
  return typeof value === 'string' ? value : ''
}

const entryValue = (found: Field, { entry }: FieldDefinition): string => childValue(found, entry?.value)

function findingRules(fields: readonly Field[]): string[] {
  const rules: string[] = []
  walk(fields, ({ finding }) => {
    if (finding?.rule !== undefined) rules.push(finding.rule)
  })
  return rules
}

/** A field that may be left out has its default then. */
function matchImplied(field: FieldDefinition, packet: PacketView, test: (value: Scalar) => boolean): boolean {
  const { implied, names } = field.tree
  if (implied === undefined) return false
  const type = rowType(packet)
  if (type === undefined || !inRows(implied.rows, type)) return false
  let stands = false
  walk(packet.fields(), ({ name }) => (stands ||= names.has(name)))
  return !stands && test(implied.value)
}

function rowType(packet: PacketView): number | undefined {
  const type = packet.column('type')
  if (typeof type === 'number') return type
  const [value] = texts(packet, 'mqtt.msgtype', ({ value }) => value)
  return typeof value === 'number' ? value : undefined
}

/** Where words are looked for: a column, and the field that says the same in the tree. */
const SEARCHED: readonly (readonly [ColumnName, string])[] = [
  ['type', 'mqtt.msgtype'],
  ['topic', 'mqtt.topic'],
  ['usp', 'usp'],
  ['who', 'device'],
]

function hasWords(words: readonly string[], packet: PacketView): boolean {
  const searched = SEARCHED.flatMap(([column, name]) => {
    const known = packet.column(column)
    if (column === 'type' && typeof known === 'number') return [rowTypeName(known)]
    return known === undefined ? texts(packet, name, ({ text }) => text) : [String(known)]
  }).map((text) => text.toLowerCase())
  return words.every((word) => searched.some((text) => text.includes(word)))
}

function texts<T>(packet: PacketView, name: string, of: (field: Field) => T): T[] {
  const field = findField(name)
  return field === undefined ? [] : occurrences(packet.fields(), field).map(of)
}
