/**
 * Connections as MQTTX exports them (JSON, `MQTTX 1.x`), read as profiles. Passwords and keys are told apart, since
 * they are kept apart. What it has and this client has not is told. Pure.
 */
import * as v from 'valibot'
import { ruleColours } from '../contract/look.ts'
import type {
  ClientProfile,
  PropertyDraft,
  SecretChanges,
  SubscriptionDraft,
} from '../contract/mqtt-client.ts'
import { PROPERTIES, type PropertyName } from '../mqtt/properties.ts'

export interface ForeignProfile {
  readonly profile: ClientProfile
  readonly secrets: SecretChanges
}

const word = v.optional(v.nullable(v.string()))
const number = v.optional(v.nullable(v.union([v.number(), v.pipe(v.string(), v.transform(Number))])))
const flag = v.optional(v.nullable(v.boolean()))
const properties = v.optional(v.nullable(v.record(v.string(), v.unknown())))

const subscription = v.object({
  topic: v.string(),
  qos: number,
  nl: flag,
  rap: flag,
  rh: number,
  subscriptionIdentifier: number,
})

const connection = v.object({
  name: word,
  host: v.pipe(v.string(), v.minLength(1)),
  port: number,
  protocol: word,
  path: word,
  clientId: word,
  username: word,
  password: word,
  clean: flag,
  keepalive: number,
  mqttVersion: word,
  reconnect: flag,
  rejectUnauthorized: flag,
  ca: word,
  cert: word,
  key: word,
  properties,
  will: v.optional(
    v.nullable(
      v.object({
        lastWillTopic: word,
        lastWillPayload: word,
        lastWillQos: number,
        lastWillRetain: flag,
        properties,
      }),
    ),
  ),
  subscriptions: v.optional(v.nullable(v.array(subscription))),
})
type Foreign = v.InferOutput<typeof connection>

/** Whether a JSON value looks like such an export; folders of connections stand among them. */
export const isMqttx = (value: unknown): value is readonly unknown[] =>
  Array.isArray(value) && value.some((one) => v.is(v.object({ host: v.string() }), one))

/** Throws a ValiError for one that is none. `id` is new. */
export function readMqttx(value: unknown, id: string): ForeignProfile {
  const from = v.parse(connection, value)
  const { password, key, cert } = from
  const level = from.mqttVersion?.startsWith('3') ? 4 : 5
  return {
    profile: {
      id,
      name: (from.name || from.host).slice(0, 200),
      target: targetOf(from),
      tls: {
        authority: from.ca ? { kind: 'file', path: from.ca } : { kind: 'system' },
        certificate: cert ? { kind: 'file', certificate: cert, key: key ?? '' } : { kind: 'none' },
        verify: from.rejectUnauthorized !== false,
        serverName: '',
      },
      level,
      clientId: from.clientId ?? '',
      username: from.username ?? '',
      clean: from.clean !== false,
      keepAlive: whole(from.keepalive, 60, 65_535),
      reconnect: from.reconnect === false ? 0 : 2,
      properties: propertiesOf(from.properties, 'CONNECT'),
      ...(from.will?.lastWillTopic && { will: willOf(from.will) }),
      subscriptions: (from.subscriptions ?? []).map(subscriptionOf),
    },
    secrets: password ? { password } : {},
  }
}

const schemes: Readonly<Record<string, 'tcp' | 'tls' | 'ws' | 'wss'>> = {
  mqtt: 'tcp',
  mqtts: 'tls',
  ws: 'ws',
  wss: 'wss',
}

function targetOf({ protocol, host, port, path }: Foreign): ClientProfile['target'] {
  const transport = schemes[(protocol ?? 'mqtt').replace(/:\/\/$/, '')] ?? 'tcp'
  return {
    kind: 'broker',
    transport,
    host,
    port: Math.max(1, whole(port, 1883, 65_535)),
    path: path ?? '/mqtt',
  }
}

function willOf(will: NonNullable<Foreign['will']>): NonNullable<ClientProfile['will']> {
  return {
    topic: will.lastWillTopic ?? '',
    payload: { form: 'text', text: will.lastWillPayload ?? '' },
    qos: qosOf(will.lastWillQos),
    retain: will.lastWillRetain === true,
    properties: propertiesOf(will.properties, 'WILL'),
  }
}

function subscriptionOf(from: v.InferOutput<typeof subscription>, index: number): SubscriptionDraft {
  const identifier = whole(from.subscriptionIdentifier, 0, 268_435_455)
  return {
    filter: from.topic,
    qos: qosOf(from.qos),
    noLocal: from.nl === true,
    retainAsPublished: from.rap === true,
    retainHandling: qosOf(from.rh),
    properties: identifier > 0 ? [{ name: 'subscriptionIdentifier', value: String(identifier) }] : [],
    colour: ruleColours[index % ruleColours.length] ?? 'blue',
  }
}

/** By the names of MQTT.js, which are those of this project. */
function propertiesOf(from: Foreign['properties'], place: 'CONNECT' | 'WILL'): PropertyDraft[] {
  return Object.entries(from ?? {}).flatMap(([name, value]): PropertyDraft[] => {
    if (name === 'userProperties') return userProperties(value)
    const definition = PROPERTIES[name as PropertyName] as (typeof PROPERTIES)[PropertyName] | undefined
    if (definition === undefined || value === null || value === undefined || value === '') return []
    const places: readonly string[] = definition.places
    if (!places.includes(place) || !['string', 'number', 'boolean'].includes(typeof value)) return []
    const text = typeof value === 'boolean' ? String(Number(value)) : String(value)
    return [{ name: name as PropertyName, value: text }]
  })
}

function userProperties(value: unknown): PropertyDraft[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, values]) =>
    [values].flat().map((one) => ({ name: 'userProperty' as const, key, value: String(one) })),
  )
}

const qosOf = (value: number | null | undefined): 0 | 1 | 2 => (value === 1 || value === 2 ? value : 0)
const whole = (value: number | null | undefined, otherwise: number, most: number): number =>
  typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(0, Math.floor(value)))
    : otherwise
