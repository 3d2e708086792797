/**
 * The part of the contract about the MQTT client: profiles of connections, what they publish and receive, requests
 * with their answers. Secrets go in and never come out: a profile only tells which ones it has.
 */
import * as v from 'valibot'
import type { Field } from '../dissect/field.ts'
import { PROPERTIES, type PropertyName } from '../mqtt/properties.ts'
import type { PacketType, ProtocolLevel } from '../mqtt/packets.ts'
import { clientDisconnectCodes } from '../mqtt/reason-codes.ts'
import { command } from './command.ts'
import { ruleColours, type RuleColour } from './look.ts'

export const MAX_PROFILES = 100
export const MAX_PROPERTIES = 200
/** Characters of a payload as it is written. */
export const MAX_PAYLOAD_TEXT = 2_000_000
/** Characters of a file of connections and saved publishes. */
export const MAX_BUNDLE_TEXT = 20_000_000
export const MAX_REPEATS = 100_000
export const LEAST_INTERVAL_MS = 1
/** What a string of MQTT can hold. */
const MAX_STRING = 65_535

const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const within = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max))
const qos = v.picklist([0, 1, 2])
const id = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))
const topicFilter = v.pipe(text(MAX_STRING), v.minLength(1))

const propertyNames = Object.keys(PROPERTIES) as PropertyName[]

/** A property as a person writes it; they stand on the wire in the order in which they stand here. */
export const propertyDraft = v.strictObject({
  name: v.picklist(propertyNames),
  /** Of a User Property. */
  key: v.optional(text(MAX_STRING)),
  /** Numbers and flags as digits; bytes as text, or with `hex` in hexadecimal. */
  value: text(4 * MAX_STRING),
  hex: v.optional(v.boolean()),
})
export type PropertyDraft = v.InferOutput<typeof propertyDraft>
const properties = v.pipe(v.array(propertyDraft), v.maxLength(MAX_PROPERTIES))

/** `cbor` is made from JSON, `usp` is a Record made from the JSON of a request. */
export const payloadForms = ['text', 'json', 'hex', 'base64', 'cbor', 'usp'] as const
export type PayloadForm = (typeof payloadForms)[number]

export const payloadDraft = v.strictObject({
  form: v.picklist(payloadForms),
  text: text(MAX_PAYLOAD_TEXT),
  /** Of a USP Record: endpoint IDs. */
  toId: v.optional(text(1024)),
  fromId: v.optional(text(1024)),
})
export type PayloadDraft = v.InferOutput<typeof payloadDraft>

export const publishDraft = v.strictObject({
  topic: text(MAX_STRING),
  payload: payloadDraft,
  qos,
  retain: v.boolean(),
  properties,
})
export type PublishDraft = v.InferOutput<typeof publishDraft>

export const subscriptionDraft = v.strictObject({
  filter: topicFilter,
  qos,
  noLocal: v.boolean(),
  retainAsPublished: v.boolean(),
  retainHandling: v.picklist([0, 1, 2]),
  /** Subscription Identifier and User Properties. */
  properties,
  colour: v.picklist(ruleColours),
})
export type SubscriptionDraft = v.InferOutput<typeof subscriptionDraft>

const transport = v.picklist(['tcp', 'tls', 'ws', 'wss'])
const path = text(4096)
const pem = text(200_000)

export const clientProfile = v.strictObject({
  id,
  name: v.pipe(text(200), v.minLength(1)),
  target: v.variant('kind', [
    /** The listener of this bench; passwords of its users are known to it. */
    v.strictObject({ kind: v.literal('bench'), transport }),
    v.strictObject({
      kind: v.literal('broker'),
      transport,
      host: v.pipe(text(255), v.minLength(1)),
      port: within(1, 65_535),
      /** Of a WebSocket. */
      path,
    }),
  ]),
  tls: v.strictObject({
    authority: v.variant('kind', [
      v.strictObject({ kind: v.literal('system') }),
      v.strictObject({ kind: v.literal('lab') }),
      v.strictObject({ kind: v.literal('file'), path }),
      v.strictObject({ kind: v.literal('pem'), pem }),
    ]),
    certificate: v.variant('kind', [
      v.strictObject({ kind: v.literal('none') }),
      /** A device certificate of the lab, by its serial number. */
      v.strictObject({ kind: v.literal('lab'), serial: text(64) }),
      v.strictObject({ kind: v.literal('file'), certificate: path, key: path }),
      /** The key is among the secrets. */
      v.strictObject({ kind: v.literal('pem'), pem }),
    ]),
    verify: v.boolean(),
    /** For SNI and the name in the certificate, where it is not the host. */
    serverName: text(255),
  }),
  level: v.picklist([4, 5]),
  clientId: text(MAX_STRING),
  username: text(MAX_STRING),
  /** Clean Start (5.0), Clean Session (3.1.1). */
  clean: v.boolean(),
  /** Seconds; 0 is off. */
  keepAlive: within(0, 65_535),
  /**
   * Seconds until a lost connection is made anew, and twice as many after each attempt that fails, up to a minute;
   * 0: it is not.
   */
  reconnect: within(0, 3600),
  properties,
  /** The secret `authenticationData` is written in hexadecimal. */
  authenticationHex: v.optional(v.boolean()),
  will: v.optional(publishDraft),
  subscriptions: v.pipe(v.array(subscriptionDraft), v.maxLength(200)),
})
export type ClientProfile = v.InferOutput<typeof clientProfile>

/** What of a profile is kept apart and never told again. */
export const secretNames = ['password', 'key', 'passphrase', 'authenticationData'] as const
export type SecretName = (typeof secretNames)[number]

/** A text sets a secret, `null` forgets it; what is absent stays as it is. */
const secret = v.optional(v.nullable(pem))
export const secretChanges = v.strictObject({
  password: secret,
  /** PEM. */
  key: secret,
  passphrase: secret,
  authenticationData: secret,
})
export type SecretChanges = v.InferOutput<typeof secretChanges>

const authenticationData = v.strictObject({
  value: text(4 * MAX_STRING),
  /** It is written in hexadecimal. */
  hex: v.boolean(),
})
export type AuthenticationData = v.InferOutput<typeof authenticationData>

const variables = v.pipe(
  v.record(text(64), text(10_000)),
  v.check((all) => Object.keys(all).length <= 50, 'More than 50 variables'),
)
const savedPath = v.pipe(text(400), v.minLength(1))

export type ConnectionPhase = 'off' | 'connecting' | 'connected' | 'waiting'

export interface TrafficCount {
  readonly packets: number
  readonly bytes: number
  /** PUBLISH packets among them. */
  readonly messages: number
}

export interface LiveSubscription {
  readonly filter: string
  /** `kept`: the broker still had it with the session. */
  readonly state: 'pending' | 'granted' | 'kept' | 'refused'
  /** Granted QoS, or the reason code, with its name. */
  readonly text: string
}

/** A row of a table that a person reads. */
export interface NamedValue {
  readonly name: string
  readonly value: string
}

/** An enhanced authentication (MQTT 5.0, 4.12) of a connection, the last one. */
export interface LiveAuthentication {
  readonly method: string
  /** `challenged`: the broker waits for a step that a person has to give. */
  readonly state: 'waiting' | 'challenged' | 'proved' | 'failed'
  /** What happened, and what to do. */
  readonly text: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** What the broker asks, as it would be written. */
  readonly challenge?: AuthenticationData
}

export interface ClientConnection {
  readonly id: string
  readonly phase: ConnectionPhase
  /** Why it is as it is, and what to do. */
  readonly message?: string
  readonly failed?: boolean
  /** Milliseconds since 1970 at which the phase began. */
  readonly since: number
  /** Where it goes to, e.g. `tls://10.0.0.1:8883`. */
  readonly address: string
  /** The client ID in force: the assigned one, where the profile has none. */
  readonly clientId: string
  /** CONNACK: reason, session present, properties in their order. */
  readonly connack: readonly NamedValue[]
  /** What the broker said when it ended the connection: reason, properties in their order. */
  readonly farewell: readonly NamedValue[]
  readonly authentication?: LiveAuthentication
  /** While it waits to be made anew: milliseconds since 1970 of the next attempt, and the how manieth that is. */
  readonly retry?: { readonly at: number; readonly attempt: number }
  readonly in: TrafficCount
  readonly out: TrafficCount
  readonly subscriptions: readonly LiveSubscription[]
  /** Publishes that wait for their acknowledgement, or for the broker’s Receive Maximum. */
  readonly unacknowledged: number
  readonly repeat?: { readonly sent: number; readonly times: number }
}

/** A profile as it is told: which secrets it has, never what they are. */
export interface KeptProfile extends ClientProfile {
  readonly secrets: readonly SecretName[]
}

export interface ClientsState {
  /** By profile, those that were used since the start. */
  readonly connections: readonly ClientConnection[]
  /** Packets no longer held, because there were too many. */
  readonly dropped: number
}

export type ReplyKind = 'answered' | 'late' | 'duplicate'

export interface ClientPacketRow {
  /** From 1; never used again. */
  readonly no: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** Profile. */
  readonly client: string
  readonly direction: 'in' | 'out'
  /** `NOTE`: not a packet, but what happened to the connection. */
  readonly type: PacketType | 'NOTE'
  /** A Topic Alias is resolved. */
  readonly topic: string
  readonly info: string
  /** Of a PUBLISH, where they are set. */
  readonly retain?: true
  readonly dup?: true
  /** Beginning of the payload, on one line. */
  readonly payload: string
  /** Of the packet, in bytes. */
  readonly length: number
  readonly bad: boolean
  /** Of the first subscription of the profile that the topic falls under. */
  readonly colour?: RuleColour
  /** What became of a PUBLISH that is acknowledged: reason and time taken. */
  readonly outcome?: { readonly text: string; readonly bad: boolean; readonly ms?: number }
  /** Of a request: how many answers came, and when the first one did; none within `timeoutMs` yet: `waiting`. */
  readonly request?: {
    readonly state: 'waiting' | 'answered' | 'late' | 'timeout' | 'lost'
    readonly answers: readonly number[]
    readonly ms?: number
  }
  /** Of an answer: the row of its request. */
  readonly answers?: {
    readonly no: number
    readonly kind: ReplyKind
    readonly ms: number
    /** What it was recognised by; `topic`: it brought no Correlation Data and no msg_id. */
    readonly by: 'correlation' | 'msg_id' | 'topic'
  }
}

export interface ClientPacketDetail {
  readonly row: ClientPacketRow
  readonly level: ProtocolLevel
  /** Empty for a note. Stars stand for secrets. */
  readonly bytes: Uint8Array
  readonly fields: readonly Field[]
  /** Content view of the payload, where there is one. */
  readonly view?: string
  readonly payload?: Uint8Array
}

export interface PublishReport {
  /** Row of the (first) PUBLISH; absent while it waits for the Receive Maximum of the broker. */
  readonly no?: number
}

export interface ImportReport {
  /** Names of the connections that were added. */
  readonly profiles: readonly string[]
  /** Paths of the publishes that were saved. */
  readonly publishes: readonly string[]
  /** What was left out or is to be done, for a person. */
  readonly remarks: readonly string[]
}

export interface SavedPublishRow {
  /** Below `publishes/`, with `/` on every system. */
  readonly path: string
  readonly topic: string
  readonly note: string
  readonly modifiedAt: number
  readonly fault?: string
}
export interface SavedPublish {
  readonly path: string
  readonly publish: PublishDraft
  readonly note: string
  readonly variables: Readonly<Record<string, string>>
  /** Changes with the file. */
  readonly stamp: string
}

export const clientPacketParams = v.strictObject({
  /** Profile; empty: all of them. */
  client: v.union([v.literal(''), id]),
  only: v.picklist(['all', 'messages', 'received', 'published']),
  /** An expression of the filter language, or words. */
  filter: text(10_000),
})

export const mqttClientCommands = {
  'client.save': command<void>()(v.strictObject({ profile: clientProfile, secrets: secretChanges })),
  /** Ends its connection, too. */
  'client.delete': command<void>()(v.strictObject({ id })),
  /** The named connections and saved publishes as one text, without secrets; without names all of them. */
  'client.bundle': command<{ readonly text: string; readonly remarks: readonly string[] }>()(
    v.strictObject({
      profiles: v.optional(v.pipe(v.array(id), v.maxLength(MAX_PROFILES))),
      publishes: v.boolean(),
    }),
  ),
  /** Adds what such a text holds, or the connections that MQTTX exports as JSON; names that are taken get a number. */
  'client.import': command<ImportReport>()(v.strictObject({ text: text(MAX_BUNDLE_TEXT) })),
  /** Up or down in the list, by one. */
  'client.move': command<void>()(v.strictObject({ id, by: v.picklist([-1, 1]) })),
  /** Answers when the attempt has begun; how it goes is told by the event `clients`. */
  'client.connect': command<void>()(v.strictObject({ id })),
  'client.disconnect': command<void>()(
    v.strictObject({
      id,
      reasonCode: v.optional(v.picklist(clientDisconnectCodes)),
      properties: v.optional(properties),
    }),
  ),
  /**
   * The next step of an authentication that waits for a person; else another authentication on the connection that
   * stands. Without `method` that of CONNECT; without `data` SCRAM-SHA-256 is done by the client itself, and any
   * other method gets the data of the profile.
   */
  'client.authenticate': command<void>()(
    v.strictObject({
      id,
      method: v.optional(text(MAX_STRING)),
      data: v.optional(authenticationData),
      properties: v.optional(properties),
    }),
  ),
  /** Keeps a subscription in the profile and, while connected, subscribes. One of the same filter is replaced. */
  'client.subscribe': command<void>()(v.strictObject({ id, subscription: subscriptionDraft })),
  'client.unsubscribe': command<void>()(
    v.strictObject({ id, filter: topicFilter, properties: v.optional(properties) }),
  ),
  /**
   * Publishes once, or `times` with `intervalMs` between. With `request` the answer is awaited: a Response Topic and
   * Correlation Data that are missing are added, and the Response Topic is subscribed to.
   */
  'client.publish': command<PublishReport>()(
    v.strictObject({
      id,
      publish: publishDraft,
      variables,
      request: v.optional(v.strictObject({ timeoutMs: within(1, 3_600_000) })),
      repeat: v.optional(
        v.strictObject({ times: within(1, MAX_REPEATS), intervalMs: within(LEAST_INTERVAL_MS, 3_600_000) }),
      ),
    }),
  ),
  /** Ends publishing repeatedly. */
  'client.stop': command<void>()(v.strictObject({ id })),
  'client.packet': command<ClientPacketDetail>()(
    v.strictObject({ no: within(1, Number.MAX_SAFE_INTEGER), view: v.optional(text(20)) }),
  ),
  /** Writes its packets as pcapng into the workspace's `exports` folder; `host.deliver` hands it over. */
  'client.export': command<{ readonly file: string }>()(v.strictObject({ id })),
  /** Forgets packets and counts: of one profile, or of all. */
  'client.clear': command<void>()(v.strictObject({ id: v.optional(id) })),
  'publishes.list': command<{ readonly publishes: readonly SavedPublishRow[]; readonly left: number }>()(
    v.strictObject({ text: text(1000) }),
  ),
  'publishes.read': command<SavedPublish>()(v.strictObject({ path: savedPath })),
  /** Without `over` the file must not exist; with it, it must be as it was when that stamp was given. */
  'publishes.save': command<SavedPublish>()(
    v.strictObject({
      path: savedPath,
      publish: publishDraft,
      note: text(20_000),
      variables,
      over: v.optional(text(100)),
    }),
  ),
  'publishes.rename': command<void>()(v.strictObject({ from: savedPath, to: savedPath })),
  /** Moves it to the trash of the workspace. */
  'publishes.delete': command<void>()(v.strictObject({ path: savedPath })),
} as const
