/** Fields of USP Records and Msgs, taken from the schema. */
import { errorCodes } from '../usp/error-codes.ts'
import { enumTable } from '../usp/fields.ts'
import { mapKeyName, mapValueName, messageSpecs, type FieldSpec } from '../usp/schema.ts'
import { WireReader } from '../usp/wire.ts'
import { MALFORMED_ROWS, rowSet } from './columns.ts'
import { UNKNOWN, type ColumnUse, type EnumName, type FieldDefinition, type FieldType } from './definition.ts'

const PUBLISH = rowSet('PUBLISH')
/** Records travel in PUBLISH alone. */
const rows = PUBLISH | MALFORMED_ROWS

interface Place {
  readonly message: string
  readonly spec: FieldSpec
}

/** All places of the schema by filter name. */
function placesByName(): Map<string, Place[]> {
  const byName = new Map<string, Place[]>()
  for (const [message, specs] of messageSpecs) {
    for (const spec of specs.values()) {
      const places = byName.get(spec.filterName) ?? []
      byName.set(spec.filterName, [...places, { message, spec }])
    }
  }
  return byName
}

const types: Readonly<Record<FieldSpec['kind'], FieldType>> = {
  string: 'string',
  bytes: 'bytes',
  bool: 'bool',
  uint64: 'number',
  fixed32: 'number',
  enum: 'enum',
  message: 'presence',
  map: 'string',
}

/** Messages that stand once in a packet: what is directly in them does so too. */
const single = /^(usp_record\.|usp\.(Msg|Header|Body|Request|Response)$)/

const msgTypes: readonly EnumName[] = (enumTable['usp.Header.MsgType'] ?? []).map(([code, name]) => [
  code,
  name,
])

/** Record types that carry no Msg. */
const WITHOUT_MSG = ['websocket_connect', 'mqtt_connect', 'stomp_connect', 'disconnect', 'uds_connect']

/** The first line of a Record begins with the type of its Msg, or else of the Record. */
function typeInSummary(summary: number | string): number | typeof UNKNOWN | undefined {
  const [word = ''] = String(summary).split(' ', 1)
  if (WITHOUT_MSG.includes(word)) return undefined
  return msgTypes.find(([, name]) => name === word)?.[0] ?? UNKNOWN
}

const columns: Readonly<Record<string, readonly ColumnUse[]>> = {
  'usp.type': [{ column: 'usp', rows: PUBLISH, read: typeInSummary }],
  'usp.msg_id': [{ column: 'msgId', rows: PUBLISH }],
  'usp.from_id': [{ column: 'fromId', rows: PUBLISH }],
  'usp.to_id': [{ column: 'toId', rows: PUBLISH }],
}

/** Names of the values. Where two enums share a filter name the numbers say nothing, and only names count. */
function enumNames(places: readonly Place[]): Pick<FieldDefinition, 'names' | 'numeric'> {
  const enums = [...new Set(places.filter(({ spec }) => spec.kind === 'enum').map(({ spec }) => spec.type))]
  const names = enums.flatMap((type) => (enumTable[type] ?? []).map(([code, name]) => [code, name] as const))
  return enums.length === 1 ? { names, numeric: true } : { names: names.map(([, name], at) => [at, name]) }
}

/** Bytes have no value in the tree, and the range of a field holds its tag and length too. */
function readBytes(field: { readonly start: number; readonly end: number }, bytes: Uint8Array) {
  const reader = new WireReader(bytes, field.start, field.end)
  return reader.next() ? bytes.subarray(reader.valueStart, reader.valueEnd) : undefined
}

function define(name: string, places: readonly Place[]): FieldDefinition {
  // Where a name is a message in one place and a value in another, the value is what one asks for.
  const { spec } = places.find(({ spec }) => spec.kind !== 'message') ?? (places[0] as Place)
  const isErrorCode = spec.kind === 'fixed32' && spec.name.endsWith('_code')
  return {
    name,
    label: spec.name,
    type: isErrorCode ? 'enum' : name.endsWith('_topic') ? 'topic' : types[spec.kind],
    description: describe(places),
    many: places.some(({ message, spec }) => spec.repeated || !single.test(message)),
    aliases: [],
    ...(spec.kind === 'enum' ? enumNames(places) : {}),
    ...(isErrorCode ? { names: errorCodes, numeric: true } : {}),
    ...(spec.kind === 'map' ? { entry: { key: mapKeyName, value: mapValueName } } : {}),
    columns: columns[name] ?? [],
    tree: {
      names: new Set([name]),
      rows,
      layer: 'usp',
      ...(spec.kind === 'bytes' ? { read: readBytes } : {}),
    },
  }
}

function describe(places: readonly Place[]): string {
  const messages = [...new Set(places.map(({ message }) => message.split('.').at(-1)))]
  const more = messages.length > 3 ? ` and ${messages.length - 3} more` : ''
  return `in ${messages.slice(0, 3).join(', ')}${more}`
}

const present = (
  name: string,
  label: string,
  description: string,
  uses: readonly ColumnUse[] = [],
): FieldDefinition => ({
  name,
  label,
  type: 'presence',
  description,
  many: name !== 'usp',
  aliases: [],
  columns: uses,
  tree: { names: new Set([name]), rows },
})

export const uspFields: readonly FieldDefinition[] = [
  present('usp', 'USP Record', 'a USP Record', [{ column: 'usp', rows: PUBLISH }]),
  present('usp.unknown', 'unknown field', 'a field that USP 1.5 does not have'),
  present('usp.malformed', 'malformed', 'bytes that are no protobuf'),
  present('usp.unlisted', 'not listed', 'more fields than are listed'),
  present('usp.segment', 'Segment', 'a segment of a Msg that came whole'),
  present('usp.reassembled', 'Reassembled Msg', 'a Msg that was put together from segments'),
  ...[...placesByName()].map(([name, places]) => define(name, places)),
]
