/** One line about a packet: the Info column of a packet list. */
import { countBytes, levelName, showProperty } from './fields.ts'
import type {
  ConnectPacket,
  Packet,
  Properties,
  Property,
  ProtocolLevel,
  PublishPacket,
  Subscription,
} from './packets.ts'
import { propertyByName, type PropertyName } from './properties.ts'
import { reasonName } from './reason-codes.ts'

/** Shorter words than the standard's, where people use them. */
const SHORT_LABELS: Partial<Record<PropertyName, string>> = {
  receiveMaximum: 'receive max',
  topicAliasMaximum: 'topic alias max',
  topicAlias: 'topic alias',
  maximumPacketSize: 'max packet',
  maximumQos: 'max QoS',
  sessionExpiryInterval: 'session expiry',
  messageExpiryInterval: 'expiry',
  willDelayInterval: 'will delay',
  serverKeepAlive: 'server keep-alive',
  assignedClientIdentifier: 'assigned client ID',
  subscriptionIdentifier: 'subscription ID',
  authenticationMethod: 'authentication',
  correlationData: 'correlation',
}
/** Say nothing that tells one packet from another. */
const LEFT_OUT: readonly PropertyName[] = ['payloadFormatIndicator', 'contentType']

const SEPARATOR = ' · '

/** A line of short pieces joined by " · "; empty when the packet says no more than its type. No secrets. */
export function summarize(packet: Packet, level: ProtocolLevel): string {
  return pieces(packet, level).join(SEPARATOR)
}

function pieces(packet: Packet, level: ProtocolLevel): string[] {
  switch (packet.type) {
    case 'CONNECT':
      return connect(packet)
    case 'CONNACK': {
      const present = level === 3 ? [] : [`session present ${packet.sessionPresent ? 'yes' : 'no'}`]
      return [reasonName(packet.type, packet.reasonCode, level), ...present, ...properties(packet.properties)]
    }
    case 'PUBLISH':
      return publish(packet)
    case 'PUBACK':
    case 'PUBREC':
    case 'PUBREL':
    case 'PUBCOMP': {
      const reason = level === 5 ? [reasonName(packet.type, packet.reasonCode, level)] : []
      return [...reason, mid(packet.packetId), ...properties(packet.properties)]
    }
    case 'SUBSCRIBE': {
      const { subscriptions } = packet
      const several = subscriptions.length > 1
      return [
        ...subscriptions.map((subscription) => subscribe(subscription, several)),
        mid(packet.packetId),
        ...properties(packet.properties),
      ]
    }
    case 'UNSUBSCRIBE': {
      const filters = packet.filters.length > 1 ? packet.filters : []
      return [...filters, mid(packet.packetId), ...properties(packet.properties)]
    }
    case 'SUBACK':
    case 'UNSUBACK': {
      const reasons = packet.reasonCodes.map((code) => reasonName(packet.type, code, level))
      const granted = reasons.map((reason) => reason.replace(/^Granted/, 'granted'))
      return [...granted, mid(packet.packetId), ...properties(packet.properties)]
    }
    case 'DISCONNECT':
    case 'AUTH': {
      if (level !== 5) return []
      return [reasonName(packet.type, packet.reasonCode, level), ...properties(packet.properties)]
    }
    case 'PINGREQ':
    case 'PINGRESP':
      return []
  }
}

const mid = (packetId: number): string => `mid ${packetId}`

function connect(packet: ConnectPacket): string[] {
  const { level, clean, keepAlive, username, will } = packet
  const out = [packet.bridge === true ? `${levelName(level)} bridge` : levelName(level)]
  if (clean) out.push(level === 5 ? 'clean start' : 'clean session')
  out.push(keepAlive === 0 ? 'keep-alive off' : `keep-alive ${keepAlive}`)
  if (username !== undefined) out.push(`user ${username}`)
  if (will !== undefined) {
    out.push(
      `will ${will.topic} QoS ${will.qos}${will.retain ? ' retain' : ''}`,
      ...properties(will.properties),
    )
  }
  return [...out, ...properties(packet.properties)]
}

function publish(packet: PublishPacket): string[] {
  const out = [`QoS ${packet.qos}`]
  if (packet.packetId !== undefined) out.push(mid(packet.packetId))
  if (packet.dup) out.push('dup')
  if (packet.retain) out.push('retain')
  return [...out, ...properties(packet.properties), countBytes(packet.payload.length)]
}

function subscribe(subscription: Subscription, withFilter: boolean): string {
  const { filter, qos, noLocal, retainAsPublished, retainHandling } = subscription
  const out = withFilter ? [filter, `QoS ${qos}`] : [`QoS ${qos}`]
  if (noLocal) out.push('no local')
  if (retainAsPublished) out.push('retain as published')
  if (retainHandling !== 0) out.push(`retain handling ${retainHandling}`)
  return out.join(' ')
}

const properties = (list: Properties): string[] =>
  list.filter(({ name }) => !LEFT_OUT.includes(name)).map(propertyPiece)

function propertyPiece(property: Property): string {
  const { name, value } = property
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return `${value[0]} ${value[1]}`
  const definition = propertyByName(name)
  const label = SHORT_LABELS[name] ?? definition?.label ?? name
  if (value instanceof Uint8Array) return `${label} ${countBytes(value.length)}`
  if (typeof value === 'number' && definition !== undefined) {
    return `${label} ${definition.meanings?.[value] ?? showProperty(definition, value)}`
  }
  return `${label} ${value}`
}
