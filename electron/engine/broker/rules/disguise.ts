/**
 * What aedes is shown in place of what the device sent, and back. aedes keeps names as keys of plain objects,
 * so a client, a topic or a user property called `constructor` or `__proto__` ends the process, user properties
 * lose their order, and its own keep-alive clock closes without a reason code.
 */
import type { ConnectPacket, Packet, Properties, Will } from '../../../../shared/mqtt/packets.ts'
import { withoutProperty } from '../../../../shared/mqtt/properties.ts'
import type { Outcome, PacketHandlers, RuleFactory } from '../rule.ts'

/** In front of every client ID, so that none is the name of an object's member. */
const CLIENT_PREFIX = '='
const clientIdForBroker = (clientId: string): string => CLIENT_PREFIX + clientId
export const showClientId = (clientId: string): string => clientId.slice(CLIENT_PREFIX.length)

/** A character of the private use planes, which marks what was disguised. */
const MARK = '\u{10FFFD}'
const objectMembers = new Set(Object.getOwnPropertyNames(Object.prototype))

export const isDisguised = (topic: string): boolean => topic.startsWith(MARK)
const hideTopic = (topic: string): string => (objectMembers.has(topic) ? MARK + topic : topic)
export const showTopic = (topic: string): string =>
  topic.startsWith(MARK) && objectMembers.has(topic.slice(MARK.length)) ? topic.slice(MARK.length) : topic

const isUserProperty = ({ name }: { readonly name: string }): boolean => name === 'userProperty'

/** A number in front of each name: no two are alike, none is taken for an index, and the order stays. */
function numbered(properties: Properties): Properties {
  let number = 0
  return properties.map((property) => {
    if (property.name !== 'userProperty') return property
    const [name, value] = property.value
    return { name: 'userProperty', value: [`${MARK}${number++}:${name}`, value] }
  })
}

const numberPattern = new RegExp(`^${MARK}\\d+:`, 'u')
const unnumbered = (properties: Properties): Properties =>
  properties.map((property) => {
    if (property.name !== 'userProperty') return property
    const [name, value] = property.value
    return { name: 'userProperty', value: [name.replace(numberPattern, ''), value] }
  })

const hideWill = (will: Will): Will => ({
  ...will,
  topic: hideTopic(will.topic),
  properties: numbered(will.properties),
})

type Described = Extract<Packet, { readonly properties: Properties }>
const hideUserProperties = (packet: Described): Outcome =>
  packet.properties.some(isUserProperty)
    ? { do: 'change', packet: { ...packet, properties: withoutProperty(packet.properties, 'userProperty') } }
    : undefined

function hideConnect(packet: ConnectPacket, clientId: string): ConnectPacket {
  const { will, ...rest } = packet
  return {
    ...rest,
    ...(will ? { will: hideWill(will) } : {}),
    clientId: clientIdForBroker(clientId),
    // The bench keeps the time itself, to say why it closes.
    keepAlive: 0,
    properties: withoutProperty(packet.properties, 'userProperty'),
  }
}

/** Set once a message was disguised: until then no message needs a look on its way out. */
export interface DisguiseState {
  used: boolean
}

const markBytes = Buffer.from(MARK)

export const disguise =
  (state: DisguiseState): RuleFactory =>
  (session) => {
    const inbound: PacketHandlers = {
      CONNECT(packet) {
        if (packet.will) state.used = true
        return { do: 'change', packet: hideConnect(packet, session.clientId) }
      },
      PUBLISH(packet) {
        const topic = hideTopic(packet.topic)
        const described = packet.properties.some(isUserProperty)
        if (topic === packet.topic && !described) return undefined
        state.used = true
        return { do: 'change', packet: { ...packet, topic, properties: numbered(packet.properties) } }
      },
      SUBSCRIBE(packet) {
        const subscriptions = packet.subscriptions.map((s) => ({ ...s, filter: hideTopic(s.filter) }))
        const properties = withoutProperty(packet.properties, 'userProperty')
        const same =
          properties.length === packet.properties.length &&
          subscriptions.every(({ filter }, i) => filter === packet.subscriptions[i]?.filter)
        return same ? undefined : { do: 'change', packet: { ...packet, subscriptions, properties } }
      },
      UNSUBSCRIBE(packet) {
        const filters = packet.filters.map(hideTopic)
        const properties = withoutProperty(packet.properties, 'userProperty')
        const same =
          properties.length === packet.properties.length && filters.every((f, i) => f === packet.filters[i])
        return same ? undefined : { do: 'change', packet: { ...packet, filters, properties } }
      },
      PUBACK: hideUserProperties,
      PUBREC: hideUserProperties,
      PUBREL: hideUserProperties,
      PUBCOMP: hideUserProperties,
      DISCONNECT: hideUserProperties,
    }
    return {
      name: 'disguise',
      inbound,
      outbound: {
        PUBLISH: (packet) => ({
          do: 'change',
          packet: { ...packet, topic: showTopic(packet.topic), properties: unnumbered(packet.properties) },
        }),
      },
      wants: (frame) => state.used && frame.includes(markBytes),
    }
  }
