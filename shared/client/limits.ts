/** What a server said in its CONNACK that it takes, and what goes beyond. Pure. */
import type {
  ConnackPacket,
  ConnectPacket,
  Properties,
  PublishPacket,
  SubscribePacket,
} from '../mqtt/packets.ts'
import { getProperty, type PropertyName } from '../mqtt/properties.ts'
import { firstWildcard } from '../mqtt/topics.ts'

/** What may not be sent now; the message says why, for a person. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
}

export interface ServerLimits {
  readonly receiveMaximum: number
  readonly maximumPacketSize: number
  readonly topicAliasMaximum: number
  readonly maximumQos: number
  readonly retain: boolean
  readonly wildcards: boolean
  readonly shared: boolean
  readonly identifiers: boolean
}

/** What the absence of each property means (MQTT 5.0, 3.2.2.3), and so what a 3.1.1 server takes. */
export function limitsOf({ properties }: Pick<ConnackPacket, 'properties'>): ServerLimits {
  const isOff = (name: PropertyName) => getProperty(properties, name) === 0
  return {
    receiveMaximum: getProperty(properties, 'receiveMaximum') ?? 65_535,
    maximumPacketSize: getProperty(properties, 'maximumPacketSize') ?? Infinity,
    topicAliasMaximum: getProperty(properties, 'topicAliasMaximum') ?? 0,
    maximumQos: getProperty(properties, 'maximumQos') ?? 2,
    retain: !isOff('retainAvailable'),
    wildcards: !isOff('wildcardSubscriptionAvailable'),
    shared: !isOff('sharedSubscriptionAvailable'),
    identifiers: !isOff('subscriptionIdentifierAvailable'),
  }
}

/** Throws NotSent: a client must keep to these, and a server ends the connection of one that does not. */
export function checkPublish({ qos, retain, properties }: PublishPacket, limits: ServerLimits): void {
  if (qos > limits.maximumQos)
    throw new NotSent(`This broker takes QoS ${limits.maximumQos} at most (Maximum QoS). [MQTT-3.2.2-11]`)
  if (retain && !limits.retain)
    throw new NotSent('This broker keeps no retained messages (Retain Available 0). [MQTT-3.2.2-14]')
  const alias = getProperty(properties, 'topicAlias')
  if (alias === undefined || alias <= limits.topicAliasMaximum) return
  const most =
    limits.topicAliasMaximum === 0
      ? 'This broker takes no Topic Alias'
      : `This broker takes Topic Aliases up to ${limits.topicAliasMaximum}`
  throw new NotSent(`${most} (Topic Alias Maximum). [MQTT-3.3.2-9]`)
}

export function checkSubscribe({ subscriptions, properties }: SubscribePacket, limits: ServerLimits): void {
  const filters = subscriptions.map(({ filter }) => filter)
  if (!limits.wildcards && filters.some((filter) => firstWildcard(filter) !== undefined))
    throw new NotSent('This broker takes no wildcards in subscriptions (Wildcard Subscription Available 0).')
  if (!limits.shared && filters.some((filter) => filter.startsWith('$share/')))
    throw new NotSent('This broker has no shared subscriptions (Shared Subscription Available 0).')
  if (!limits.identifiers && hasIdentifier(properties))
    throw new NotSent('This broker takes no Subscription Identifier (Subscription Identifier Available 0).')
}

const hasIdentifier = (properties: Properties): boolean =>
  getProperty(properties, 'subscriptionIdentifier') !== undefined

/** `connect`: the CONNECT of the connection. */
export function checkDisconnect(properties: Properties, connect: ConnectPacket | undefined): void {
  const asked = getProperty(connect?.properties ?? [], 'sessionExpiryInterval') ?? 0
  const now = getProperty(properties, 'sessionExpiryInterval') ?? 0
  if (asked === 0 && now > 0)
    throw new NotSent(
      'A session that CONNECT let end with the connection cannot be kept by DISCONNECT: give the Session Expiry Interval in CONNECT. [MQTT 5.0, 3.14.2.2.2]',
    )
  if (getProperty(properties, 'serverReference') !== undefined)
    throw new NotSent('Only a server names another one (Server Reference). [MQTT 5.0, 3.14.2.2.5]')
}

export function checkReauthentication(connect: ConnectPacket | undefined, connected: boolean): void {
  if (!connected || connect === undefined) throw new NotSent('Connect this client first.')
  if (connect.level < 5)
    throw new NotSent('MQTT 3.1.1 has no enhanced authentication: choose MQTT 5.0 in the connection.')
  if (getProperty(connect.properties, 'authenticationMethod') === undefined)
    throw new NotSent(
      'This connection began without an Authentication Method: add it to the properties of CONNECT and connect anew. [MQTT-4.12.1-1]',
    )
}
