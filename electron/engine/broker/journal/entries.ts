/**
 * What stands in the journal. An entry is a list: its kind, then what the kind's shape says. Old kinds keep their
 * number and shape for ever; one that this version does not know is passed over.
 */
import type { Properties, Property, ProtocolLevel, QoS } from '../../../../shared/mqtt/packets.ts'
import { propertyByName, type PropertyName } from '../../../../shared/mqtt/properties.ts'
import type { MessageFacts } from '../message.ts'

export const KIND = {
  session: 1,
  ended: 2,
  subscribed: 3,
  unsubscribed: 4,
  received: 5,
  message: 6,
  queued: 7,
  dropped: 8,
  sent: 9,
  released: 10,
  done: 11,
  retained: 12,
  unretained: 13,
} as const

export type StoredProperties = readonly (readonly [name: string, value: unknown])[]
export type StoredMessage = readonly [
  topic: string,
  payload: Uint8Array,
  qos: QoS,
  retain: boolean,
  properties: StoredProperties,
  publisher: string | null,
  at: number,
]
/** Filter of the shared subscription, as `$share/{group}/{filter}`. */
type Share = string | null
type Ids = readonly number[]

export type SessionEntry = readonly [
  kind: 1,
  session: number,
  clientId: string,
  level: ProtocolLevel,
  username: string | null,
  clean: boolean,
  expiry: number,
  /** Milliseconds since 1970; null while it is connected, -1 for never. */
  endsAt: number | null,
  will: readonly [message: StoredMessage, delay: number] | null,
  willDue: number | null,
]
export type SubscribedEntry = readonly [
  kind: 3,
  session: number,
  filter: string,
  qos: QoS,
  noLocal: boolean,
  retainAsPublished: boolean,
  retainHandling: 0 | 1 | 2,
  identifier: number | null,
]
export type QueuedEntry = readonly [
  kind: 7,
  session: number,
  message: number,
  qos: QoS,
  retain: boolean,
  ids: Ids,
  share: Share,
]
export type SentEntry = readonly [
  kind: 9,
  session: number,
  message: number,
  qos: QoS,
  retain: boolean,
  ids: Ids,
  share: Share,
  packetId: number,
]
export type Entry =
  | SessionEntry
  | readonly [kind: 2, session: number]
  | SubscribedEntry
  | readonly [kind: 4, session: number, filter: string]
  | readonly [kind: 5, session: number, packetId: number, inUse: boolean]
  | readonly [kind: 6, message: number, facts: StoredMessage]
  | QueuedEntry
  | readonly [kind: 8, session: number, message: number, share: Share]
  | SentEntry
  | readonly [kind: 10, session: number, packetId: number]
  | readonly [kind: 11, session: number, packetId: number]
  | readonly [kind: 12, message: number]
  | readonly [kind: 13, topic: string]

export const storeMessage = (facts: MessageFacts): StoredMessage => [
  facts.topic,
  facts.payload,
  facts.qos,
  facts.retain,
  facts.properties.map(({ name, value }) => [name, value] as const),
  facts.publisher ?? null,
  facts.at,
]

export function readMessage(stored: StoredMessage): MessageFacts {
  const [topic, payload, qos, retain, properties, publisher, at] = stored
  return {
    topic,
    payload: Buffer.from(payload),
    qos,
    retain,
    properties: readProperties(properties),
    publisher: publisher ?? undefined,
    at,
  }
}

/** A name that this version does not know is left out: nothing could be sent of it. */
const readProperties = (stored: StoredProperties): Properties =>
  stored
    .filter(([name]) => propertyByName(name) !== undefined)
    .map(([name, value]) => ({ name: name as PropertyName, value }) as Property)
