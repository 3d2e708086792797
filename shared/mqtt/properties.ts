/** The properties of MQTT 5.0 (section 2.2.2.2) as one table, and functions over property lists. */
import type { PacketType, Properties, Property } from './packets.ts'

export type PropertyType = 'byte' | 'twoByte' | 'fourByte' | 'varint' | 'utf8' | 'binary' | 'utf8Pair'
/** Where a property may stand: a packet, or the Will Properties of a CONNECT. */
export type PropertyPlace = PacketType | 'WILL'

interface PropertyRow {
  /** Property Identifier on the wire. */
  readonly id: number
  /** Name as the standard writes it. */
  readonly label: string
  readonly type: PropertyType
  readonly places: readonly PropertyPlace[]
  /** Places where it may stand more than once. */
  readonly repeatsIn?: readonly PropertyPlace[]
  /** Limits of a number, where they are narrower than its type. */
  readonly min?: number
  readonly max?: number
  /** What the numbers 0, 1 … say. */
  readonly meanings?: readonly string[]
  readonly unit?: 's' | 'bytes'
  /** May hold a credential: not to be shown. */
  readonly secret?: true
  /** Is a topic name: not empty, no wildcards. */
  readonly topicName?: true
  /** Reason code for a value that is out of its limits; 0x82 (Protocol Error) where absent. */
  readonly reasonCode?: number
  /** Statement about the value. */
  readonly statement?: string
}

const ACKS = ['PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'SUBACK', 'UNSUBACK'] as const
const EVERYWHERE = [
  ...ACKS,
  ...(['CONNECT', 'CONNACK', 'PUBLISH', 'WILL', 'SUBSCRIBE', 'UNSUBSCRIBE', 'DISCONNECT', 'AUTH'] as const),
] as const
const MESSAGE = ['PUBLISH', 'WILL'] as const
const OPENING = ['CONNECT', 'CONNACK'] as const
const NO_YES = ['no', 'yes'] as const

export const PROPERTIES = {
  payloadFormatIndicator: {
    id: 0x01,
    label: 'Payload Format Indicator',
    type: 'byte',
    places: MESSAGE,
    max: 1,
    meanings: ['unspecified bytes', 'UTF-8 text'],
  },
  messageExpiryInterval: {
    id: 0x02,
    label: 'Message Expiry Interval',
    type: 'fourByte',
    places: MESSAGE,
    unit: 's',
  },
  contentType: { id: 0x03, label: 'Content Type', type: 'utf8', places: MESSAGE },
  responseTopic: {
    id: 0x08,
    label: 'Response Topic',
    type: 'utf8',
    places: MESSAGE,
    topicName: true,
    statement: 'MQTT-3.3.2-14',
  },
  correlationData: { id: 0x09, label: 'Correlation Data', type: 'binary', places: MESSAGE },
  subscriptionIdentifier: {
    id: 0x0b,
    label: 'Subscription Identifier',
    type: 'varint',
    places: ['PUBLISH', 'SUBSCRIBE'],
    repeatsIn: ['PUBLISH'],
    min: 1,
  },
  sessionExpiryInterval: {
    id: 0x11,
    label: 'Session Expiry Interval',
    type: 'fourByte',
    places: ['CONNECT', 'CONNACK', 'DISCONNECT'],
    unit: 's',
  },
  assignedClientIdentifier: {
    id: 0x12,
    label: 'Assigned Client Identifier',
    type: 'utf8',
    places: ['CONNACK'],
  },
  serverKeepAlive: { id: 0x13, label: 'Server Keep Alive', type: 'twoByte', places: ['CONNACK'], unit: 's' },
  authenticationMethod: {
    id: 0x15,
    label: 'Authentication Method',
    type: 'utf8',
    places: ['CONNECT', 'CONNACK', 'AUTH'],
  },
  authenticationData: {
    id: 0x16,
    label: 'Authentication Data',
    type: 'binary',
    places: ['CONNECT', 'CONNACK', 'AUTH'],
    secret: true,
  },
  requestProblemInformation: {
    id: 0x17,
    label: 'Request Problem Information',
    type: 'byte',
    places: ['CONNECT'],
    max: 1,
    meanings: NO_YES,
  },
  willDelayInterval: {
    id: 0x18,
    label: 'Will Delay Interval',
    type: 'fourByte',
    places: ['WILL'],
    unit: 's',
  },
  requestResponseInformation: {
    id: 0x19,
    label: 'Request Response Information',
    type: 'byte',
    places: ['CONNECT'],
    max: 1,
    meanings: NO_YES,
  },
  responseInformation: { id: 0x1a, label: 'Response Information', type: 'utf8', places: ['CONNACK'] },
  serverReference: { id: 0x1c, label: 'Server Reference', type: 'utf8', places: ['CONNACK', 'DISCONNECT'] },
  reasonString: {
    id: 0x1f,
    label: 'Reason String',
    type: 'utf8',
    places: [...ACKS, 'CONNACK', 'DISCONNECT', 'AUTH'],
  },
  receiveMaximum: { id: 0x21, label: 'Receive Maximum', type: 'twoByte', places: OPENING, min: 1 },
  topicAliasMaximum: { id: 0x22, label: 'Topic Alias Maximum', type: 'twoByte', places: OPENING },
  topicAlias: {
    id: 0x23,
    label: 'Topic Alias',
    type: 'twoByte',
    places: ['PUBLISH'],
    min: 1,
    reasonCode: 0x94,
    statement: 'MQTT-3.3.2-8',
  },
  maximumQos: { id: 0x24, label: 'Maximum QoS', type: 'byte', places: ['CONNACK'], max: 1 },
  retainAvailable: {
    id: 0x25,
    label: 'Retain Available',
    type: 'byte',
    places: ['CONNACK'],
    max: 1,
    meanings: NO_YES,
  },
  userProperty: {
    id: 0x26,
    label: 'User Property',
    type: 'utf8Pair',
    places: EVERYWHERE,
    repeatsIn: EVERYWHERE,
  },
  maximumPacketSize: {
    id: 0x27,
    label: 'Maximum Packet Size',
    type: 'fourByte',
    places: OPENING,
    min: 1,
    unit: 'bytes',
  },
  wildcardSubscriptionAvailable: {
    id: 0x28,
    label: 'Wildcard Subscription Available',
    type: 'byte',
    places: ['CONNACK'],
    max: 1,
    meanings: NO_YES,
  },
  subscriptionIdentifierAvailable: {
    id: 0x29,
    label: 'Subscription Identifier Available',
    type: 'byte',
    places: ['CONNACK'],
    max: 1,
    meanings: NO_YES,
  },
  sharedSubscriptionAvailable: {
    id: 0x2a,
    label: 'Shared Subscription Available',
    type: 'byte',
    places: ['CONNACK'],
    max: 1,
    meanings: NO_YES,
  },
} as const satisfies Record<string, PropertyRow>

export type PropertyName = keyof typeof PROPERTIES

interface ValueOf {
  byte: number
  twoByte: number
  fourByte: number
  varint: number
  utf8: string
  binary: Uint8Array
  utf8Pair: readonly [name: string, value: string]
}
export type PropertyValue<N extends PropertyName> = ValueOf[(typeof PROPERTIES)[N]['type']]

const LARGEST = { byte: 0xff, twoByte: 0xffff, fourByte: 0xffff_ffff, varint: 268_435_455 } as const

/** A row of the table with its defaults filled in, as decoder, encoder and dissector use it. */
export interface PropertyDefinition extends PropertyRow {
  readonly property: PropertyName
  /** Filter name: `mqtt.prop.response_topic`; User Property is `mqtt.prop.user`. */
  readonly name: string
  /** Filter name inside Will Properties: `mqtt.will.prop.response_topic`. */
  readonly willName: string
  readonly min: number
  readonly max: number
}

const define = (property: PropertyName): PropertyDefinition => {
  const row: PropertyRow = PROPERTIES[property]
  const word = property === 'userProperty' ? 'user' : row.label.toLowerCase().replaceAll(' ', '_')
  const largest = row.type in LARGEST ? LARGEST[row.type as keyof typeof LARGEST] : 0
  return {
    ...row,
    property,
    name: `mqtt.prop.${word}`,
    willName: `mqtt.will.prop.${word}`,
    min: row.min ?? 0,
    max: row.max ?? largest,
  }
}

/** All definitions in the order of their identifiers. */
export const PROPERTY_LIST: readonly PropertyDefinition[] = (Object.keys(PROPERTIES) as PropertyName[]).map(
  define,
)

const byName = new Map(PROPERTY_LIST.map((definition) => [definition.property, definition]))
const byId: (PropertyDefinition | undefined)[] = Array.from({ length: 0x2b })
for (const definition of PROPERTY_LIST) byId[definition.id] = definition

export const propertyById = (id: number): PropertyDefinition | undefined => byId[id]
/** `undefined` only for names that did not pass the compiler, e.g. from a file. */
export const propertyByName = (name: string): PropertyDefinition | undefined =>
  byName.get(name as PropertyName)

/** What packets without properties share. */
export const NO_PROPERTIES: Properties = Object.freeze<Property[]>([])

/** Value of the first property of that name. */
export function getProperty<N extends PropertyName>(list: Properties, name: N): PropertyValue<N> | undefined {
  for (const property of list) if (property.name === name) return property.value as PropertyValue<N>
  return undefined
}

/** All User Properties in their order. */
export function userProperties(list: Properties): PropertyValue<'userProperty'>[] {
  const pairs: PropertyValue<'userProperty'>[] = []
  for (const property of list) if (property.name === 'userProperty') pairs.push(property.value)
  return pairs
}

/**
 * A new list in which `name` stands once with `value`: where the first of that name stood, else at the end.
 * To add another User Property or Subscription Identifier, append to the list instead.
 */
export function withProperty<N extends PropertyName>(
  list: Properties,
  name: N,
  value: PropertyValue<N>,
): Properties {
  const property = { name, value } as Property
  const at = list.findIndex((other) => other.name === name)
  if (at < 0) return [...list, property]
  return list.filter((other, index) => index === at || other.name !== name).with(at, property)
}

/** The list without any property of that name; the same list when there is none. */
export function withoutProperty(list: Properties, name: PropertyName): Properties {
  return list.some((property) => property.name === name)
    ? list.filter((property) => property.name !== name)
    : list
}
