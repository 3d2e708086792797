/** Colouring rules: filters judged by what a row of the list offers, without asking the capture. Pure. */
import type { ColourRule, RuleColour } from '../../../shared/contract/look.ts'
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import type { Expression } from '../../../shared/filter/ast.ts'
import {
  ROW_TYPES,
  VERDICTS,
  type ColumnName,
  type ColumnValue,
  type PacketView,
} from '../../../shared/filter/columns.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { matchPacket } from '../../../shared/filter/match.ts'

const rowTypes: readonly string[] = ROW_TYPES

/** What a row says of its packet, as the columns of the index have it. */
const offered: { readonly [N in ColumnName]?: (row: PacketRow) => ColumnValue } = {
  no: (row) => row.no,
  time: (row) => BigInt(row.sec) * 1_000_000_000n + BigInt(row.nsec),
  length: (row) => row.length,
  type: (row) => Math.max(0, rowTypes.indexOf(row.type)),
  direction: (row) => (row.direction === 'in' ? 0 : 1),
  verdict: (row) => VERDICTS.indexOf(row.verdict),
  marked: (row) => (row.marked ? 1 : 0),
  topic: (row) => row.topic,
  usp: (row) => row.usp,
  connection: (row) => row.connection,
  device: (row) => row.device,
  who: (row) => row.device,
}

/** A row as a filter looks at a packet. */
export const rowView = (row: PacketRow): PacketView => ({
  column: (name) => offered[name]?.(row),
  fields: () => topicField(row),
  bytes: () => new Uint8Array(),
})

/** The column speaks of messages alone; the topic filter of a subscription has the same name in its tree. */
const topicField = ({ topic }: PacketRow): Field[] =>
  topic ? [{ name: 'mqtt.topic', label: 'Topic', text: topic, value: topic, start: 0, end: 0 }] : []

/** Why the text cannot colour rows; undefined when it can. */
export function colouringFault(filter: string): string | undefined {
  if (filter.trim() === '') return 'Type a filter: rows that match it get the colour.'
  const parsed = parseFilter(filter)
  if (!parsed.ok) return [parsed.error.message, parsed.error.hint].filter(Boolean).join(' ')
  const unknown = fieldNames(parsed.filter.expression).find((name) => name !== undefined)
  return unknown === undefined
    ? undefined
    : `A row of the list does not hold ${unknown}. Rules can use: ${COLOURING_FIELDS}.`
}

/** Fields that a row answers for, as they are told to a person. */
const COLOURING_FIELDS =
  'mqtt.msgtype, mqtt.topic, usp.type, device, direction, kind, verdict, marked, connection, frame.number, frame.len, frame.time, and words'

/** Names of fields that a row does not hold. */
function fieldNames(expression: Expression): (string | undefined)[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.items.flatMap(fieldNames)
    case 'not':
      return fieldNames(expression.item)
    case 'words':
      return []
    default: {
      const { field, key } = expression.of
      const held = key === undefined && field.columns.length > 0
      return held && field.columns.every(({ column }) => column in offered) ? [] : [field.name]
    }
  }
}

/** The colour of a row by the first rule that matches. Remembers rows, which are drawn again and again. */
export function createColouring(rules: readonly ColourRule[]): (row: PacketRow) => RuleColour | undefined {
  const usable = rules.flatMap(({ filter, colour, on }) => {
    const parsed = on && colouringFault(filter) === undefined ? parseFilter(filter) : undefined
    return parsed?.ok ? [{ program: parsed.filter.program, colour }] : []
  })
  if (usable.length === 0) return () => undefined
  const known = new WeakMap<PacketRow, RuleColour | 'none'>()
  return (row) => {
    let colour = known.get(row)
    if (colour === undefined) {
      const view = rowView(row)
      colour = usable.find(({ program }) => matchPacket(program, view))?.colour ?? 'none'
      known.set(row, colour)
    }
    return colour === 'none' ? undefined : colour
  }
}
