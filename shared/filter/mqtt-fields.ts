/** Fields of MQTT packets, taken from the tables of the decoder; here is only what those do not say: the types. */
import { FIELDS, reasonField, type FieldRow } from '../mqtt/fields.ts'
import { PACKET_TYPES } from '../mqtt/frame.ts'
import { PROPERTY_LIST, type PropertyDefinition } from '../mqtt/properties.ts'
import { isReasonCodeAllowed, REASON_CODES, reasonName } from '../mqtt/reason-codes.ts'
import { inRows, MALFORMED_ROWS, MQTT_ROWS, rowSet, type RowSet } from './columns.ts'
import type { EnumName, FieldDefinition, FieldType } from './definition.ts'

/** A field as the tables below have it; `define` fills in the rest. */
type Draft = Pick<FieldDefinition, 'name' | 'label' | 'type'> &
  Partial<Omit<FieldDefinition, 'tree'>> & {
    readonly rows: RowSet
    readonly tree?: Partial<FieldDefinition['tree']>
  }

/** A part of a packet. */
const definePart = (draft: Draft): FieldDefinition => {
  const field = define(draft)
  return { ...field, tree: { ...field.tree, layer: 'mqtt' } }
}

/** What stands in the packets of these types, and may stand in bytes that are none. */
function define({ rows: packets, tree, ...draft }: Draft): FieldDefinition {
  const rows = packets | MALFORMED_ROWS
  const { name, label, aliases = [], many = false } = draft
  const description = draft.description ?? `${label}, in ${describeRows(rows)}`
  const names = new Set([name])
  return { columns: [], ...draft, aliases, many, description, tree: { names, rows, ...tree } }
}

function describeRows(rows: RowSet): string {
  const types = PACKET_TYPES.filter((type, number) => type !== undefined && inRows(rows, number))
  return types.length > 4 ? `${types.length} packet types` : types.join(', ')
}

const EVERY = MQTT_ROWS
const CONNECT = rowSet('CONNECT')
const CONNACK = rowSet('CONNACK')
const PUBLISH = rowSet('PUBLISH')
const SUBSCRIBE = rowSet('SUBSCRIBE')
const SHORT_ACKS = rowSet('PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP')
const NUMBERED = PUBLISH | SHORT_ACKS | SUBSCRIBE | rowSet('SUBACK', 'UNSUBSCRIBE', 'UNSUBACK')
/** Where a property block may stand; a property in the wrong packet is to be found too. */
const BLOCKS = EVERY & ~rowSet('PINGREQ', 'PINGRESP')

const packetTypes: readonly EnumName[] = PACKET_TYPES.flatMap((type, code) =>
  type === undefined ? [] : [[code, type] as const],
)

type Shape = readonly [FieldType, RowSet, Partial<Draft>?]
const many = { many: true } as const

/** Type and place of every part of a packet; the compiler sees to it that none is left out. */
const shapes: Readonly<Record<keyof typeof FIELDS, Shape>> = {
  header: ['number', EVERY],
  type: [
    'enum',
    EVERY,
    { names: packetTypes, numeric: true, columns: [{ column: 'type', rows: EVERY & ~MALFORMED_ROWS }] },
  ],
  headerReserved: ['number', EVERY],
  dup: ['bool', PUBLISH, flag((flags) => (flags >> 3) & 1)],
  qos: ['number', PUBLISH, flag((flags) => (flags >> 1) & 3)],
  retain: ['bool', PUBLISH, flag((flags) => flags & 1)],
  remainingLength: ['number', EVERY],

  protocolName: ['string', CONNECT],
  protocolLevel: ['number', CONNECT],
  connectFlags: ['number', CONNECT],
  usernameFlag: ['bool', CONNECT],
  passwordFlag: ['bool', CONNECT],
  willRetain: ['bool', CONNECT],
  willQos: ['number', CONNECT],
  willFlag: ['bool', CONNECT],
  cleanStart: ['bool', CONNECT],
  cleanSession: ['bool', CONNECT],
  connectReserved: ['bool', CONNECT],
  keepAlive: ['duration', CONNECT],
  clientId: ['string', CONNECT],
  will: ['presence', CONNECT],
  willTopic: ['topic', CONNECT],
  willPayload: ['bytes', CONNECT, { aliases: ['mqtt.willmsg_text'] }],
  username: ['string', CONNECT],
  // Never compared: a filter text is no place for a secret.
  password: ['presence', CONNECT],

  connackFlags: ['number', CONNACK],
  connackReserved: ['number', CONNACK],
  sessionPresent: ['bool', CONNACK],

  packetId: [
    'number',
    NUMBERED,
    { columns: [{ column: 'packetId', rows: NUMBERED, read: (id) => (id === 0 ? undefined : id) }] },
  ],
  topic: ['topic', PUBLISH, { ...many, columns: [{ column: 'topic', rows: PUBLISH, mayBeEmpty: true }] }],
  payload: [
    'bytes',
    PUBLISH,
    {
      aliases: ['mqtt.msg_text'],
      tree: { read: ({ start, end }, bytes) => bytes.subarray(start, end) },
    },
  ],

  subscription: ['presence', SUBSCRIBE, many],
  filter: ['topic', SUBSCRIBE | rowSet('UNSUBSCRIBE'), many],
  subscriptionOptions: ['number', SUBSCRIBE, many],
  subscriptionQos: ['number', SUBSCRIBE, { ...many, aliases: ['mqtt.subscription_options_qos'] }],
  noLocal: ['bool', SUBSCRIBE, many],
  retainAsPublished: ['bool', SUBSCRIBE, many],
  retainHandling: ['number', SUBSCRIBE, many],
  optionsReserved: ['number', SUBSCRIBE, many],

  properties: ['presence', BLOCKS],
  willProperties: ['presence', CONNECT],
  propertyLength: ['number', BLOCKS, many],
  propertyId: ['number', BLOCKS, many],
  propertyNumber: ['number', BLOCKS, many],
  propertyText: ['string', BLOCKS, many],
  propertyBytes: ['bytes', BLOCKS, many],
  propertySecret: ['bytes', BLOCKS, many],
  pairName: ['string', BLOCKS, many],
  pairValue: ['string', BLOCKS, many],
}

function flag(read: (flags: number) => number): Partial<Draft> {
  return { columns: [{ column: 'flags', rows: PUBLISH, read: (flags) => read(Number(flags)) }] }
}

function partFields(): FieldDefinition[] {
  const drafts = (Object.keys(shapes) as (keyof typeof FIELDS)[]).flatMap((key): Draft[] => {
    const { name, label, lengthName }: FieldRow = FIELDS[key]
    const [type, rows, more] = shapes[key]
    const draft: Draft = { name, label, type, rows, ...more }
    if (lengthName === undefined) return [draft]
    const { many = false } = draft
    return [draft, { name: lengthName, label: `Length of ${label}`, type: 'number', rows, many }]
  })
  const byName = new Map<string, Draft>()
  for (const draft of drafts) {
    const other = byName.get(draft.name)
    byName.set(draft.name, other === undefined ? draft : merge(other, draft))
  }
  return [...byName.values()].map(definePart)
}

/** Two parts of one filter name: Topic Name and Topic Filter, Clean Start and Clean Session. */
function merge(one: Draft, other: Draft): Draft {
  const label = one.label === other.label ? one.label : `${one.label} or ${other.label}`
  return { ...other, ...one, label, rows: one.rows | other.rows }
}

/** Wireshark gives three properties a name of their own. */
const propertyAliases: Readonly<Record<string, readonly string[]>> = {
  contentType: ['mqtt.property.content_type'],
  maximumQos: ['mqtt.property.max_qos'],
  topicAlias: ['mqtt.property.topic_alias'],
}

function propertyType({ type, secret, unit, meanings, topicName }: PropertyDefinition): FieldType {
  if (secret === true) return 'presence'
  if (type === 'binary') return 'bytes'
  if (type === 'utf8Pair') return 'string'
  if (type === 'utf8') return topicName === true ? 'topic' : 'string'
  if (unit === 's') return 'duration'
  return meanings?.[1] === 'yes' ? 'bool' : 'number'
}

const pair = { entry: { key: FIELDS.pairName.name, value: FIELDS.pairValue.name } }

function propertyFields(): FieldDefinition[] {
  return PROPERTY_LIST.flatMap((property) => {
    const { label, places, name, willName } = property
    const shared = {
      type: propertyType(property),
      many: property.repeatsIn !== undefined,
      ...(property.type === 'utf8Pair' ? pair : {}),
    }
    const aliases = propertyAliases[property.property] ?? []
    const packet = places.filter((place) => place !== 'WILL')
    const description = `${label}, property of ${packet.length > 4 ? `${packet.length} packet types` : packet.join(', ')}`
    return [
      ...(packet.length > 0
        ? [definePart({ ...shared, name, label, aliases, description, rows: BLOCKS })]
        : []),
      ...(places.includes('WILL')
        ? [
            definePart({
              ...shared,
              name: willName,
              label,
              description: `${label} of the Will`,
              rows: CONNECT,
            }),
          ]
        : []),
    ]
  })
}

/** Codes of a packet type at a level, with their names. */
function codesOf(type: Parameters<typeof reasonField>[0], level: 4 | 5): EnumName[] {
  return Array.from({ length: 256 }, (_, code) => code)
    .filter((code) => isReasonCodeAllowed(type, code, level))
    .map((code) => [code, reasonName(type, code, level)])
}

function reasonFields(): FieldDefinition[] {
  const levels = [5, 4] as const
  const each = PACKET_TYPES.flatMap((type) =>
    levels.flatMap((level) => {
      if (type === undefined) return []
      const names = codesOf(type, level)
      const { name, label } = reasonField(type, level)
      const rows = rowSet(type)
      return names.length === 0
        ? []
        : [
            definePart({
              name,
              label,
              type: 'enum',
              names,
              numeric: true,
              rows,
              many: type.endsWith('SUBACK'),
            }),
          ]
    }),
  )
  return [anyReason(each), ...each]
}

/** The one code of a packet, whatever its type. The lists of SUBACK and UNSUBACK stand in the tree alone. */
function anyReason(each: readonly FieldDefinition[]): FieldDefinition {
  // Left out, and in 3.x, it is Success (3.4.2.1, 3.14.2.1, 3.15.2.1).
  const mayBeLeftOut = SHORT_ACKS | rowSet('DISCONNECT', 'AUTH')
  const rows = each.reduce((set, { tree }) => set | tree.rows, 0)
  return definePart({
    name: 'mqtt.reason_code',
    label: 'Reason Code',
    type: 'enum',
    names: REASON_CODES.map(({ code, name }) => [code, name]),
    numeric: true,
    many: true,
    description: 'Reason Code (return code in 3.x) of any acknowledgement, DISCONNECT or AUTH',
    rows,
    columns: [{ column: 'reasonCode', rows: mayBeLeftOut | CONNACK }],
    tree: {
      names: new Set(each.map(({ name }) => name)),
      implied: { rows: mayBeLeftOut, value: 0 },
    },
  })
}

const layerFields: readonly FieldDefinition[] = [
  define({
    name: 'mqtt',
    label: 'MQTT',
    type: 'presence',
    description: 'An MQTT packet of any type',
    rows: EVERY,
    columns: [{ column: 'type', rows: EVERY }],
    tree: { names: new Set(['mqtt', FIELDS.type.name]) },
  }),
  define({
    name: 'mqtt.malformed',
    label: 'Fault',
    type: 'presence',
    many: true,
    description: 'Bytes that break the standard and are no field',
    rows: EVERY,
  }),
  define({
    name: 'mqtt.undecoded',
    label: 'Not decoded',
    type: 'presence',
    description: 'Bytes behind the last part that could be read',
    rows: EVERY,
  }),
]

export const mqttFields: readonly FieldDefinition[] = [
  ...layerFields,
  ...partFields(),
  ...reasonFields(),
  ...propertyFields(),
]
