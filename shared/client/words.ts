/** Why a connection is not there, and what to do, in words. Pure. */
import { levelName, showProperty } from '../mqtt/fields.ts'
import type {
  ConnackPacket,
  DisconnectPacket,
  PacketType,
  Properties,
  ProtocolLevel,
} from '../mqtt/packets.ts'
import { getProperty, propertyByName } from '../mqtt/properties.ts'
import { hexByte, reasonName } from '../mqtt/reason-codes.ts'
import type { NamedValue } from '../contract/mqtt-client.ts'
import type { Cause } from './effects.ts'

/** What to do about a reason code of CONNACK (5.0) or a return code of 3.1.1. */
const mends: Readonly<Record<number, string>> = {
  0x01: 'Choose MQTT 5.0 or 3.1.1 as the broker has it.',
  0x02: 'Give the client ID that this broker expects.',
  0x04: 'Check user name and password.',
  0x05: 'Check user name and password, and what the access rules of the broker say of this client.',
  0x84: 'Choose MQTT 3.1.1.',
  0x85: 'Give the client ID that this broker expects, or none with Clean Start.',
  0x86: 'Check user name and password.',
  0x87: 'Check user name, password and certificate, and what the access rules of the broker say of this client; a will is judged, too.',
  0x89: 'Try again later.',
  0x8a: 'The broker has banned this client: see its list there.',
  0x8c: 'Take the Authentication Method out of the profile, or choose one that the broker has.',
  0x90: 'Check the topic of the will.',
  0x95: 'CONNECT is too large for this broker: shorten the will.',
  0x9a: 'Take Retain off the will.',
  0x9b: 'Choose a lower QoS for the will.',
  0x9c: 'Connect to the server that it names.',
  0x9d: 'Connect to the server that it names.',
}

const reasonOf = (properties: Properties): string => {
  const said = getProperty(properties, 'reasonString')
  const server = getProperty(properties, 'serverReference')
  return [said && ` It says “${said}”.`, server && ` It names the server ${server}.`].filter(Boolean).join('')
}

export function refusalText({ reasonCode, properties }: ConnackPacket, level: ProtocolLevel): string {
  const name = reasonName('CONNACK', reasonCode, level)
  const mend = mends[reasonCode]
  return `The broker refuses the connection: ${name} (${hexByte(reasonCode)}).${reasonOf(properties)}${mend === undefined ? '' : ` ${mend}`}`
}

function endText({ reasonCode, properties }: DisconnectPacket, level: ProtocolLevel): string {
  const name = reasonName('DISCONNECT', reasonCode, level)
  const taken = reasonCode === 0x8e ? ' Another client came with the same client ID.' : ''
  return `The broker ended the connection: ${name} (${hexByte(reasonCode)}).${reasonOf(properties)}${taken}`
}

/** Empty for an end that was asked for. */
export function causeText(cause: Cause, level: ProtocolLevel): string {
  switch (cause.kind) {
    case 'left':
      return ''
    case 'refused':
      return refusalText(cause.packet, level)
    case 'ended':
      return endText(cause.packet, level)
    case 'broken':
      return `The broker breaks ${levelName(level)}: ${cause.text}. The connection was ended.`
    case 'authentication':
      return `The broker asks for a step of the authentication ${cause.method} that this client cannot do by itself.`
    case 'silent':
      return cause.waitedFor === 'CONNACK'
        ? `No CONNACK came in ${cause.seconds} s: what listens there is perhaps no MQTT broker, or one that expects TLS.`
        : `The broker did not answer PINGREQ in ${cause.seconds} s: the connection is dead.`
  }
}

/** Properties as a person reads them, in their order. */
export const propertyFacts = (properties: Properties): NamedValue[] =>
  properties.map(({ name, value }) => {
    if (typeof value === 'object' && !(value instanceof Uint8Array))
      return { name: `User Property ${value[0]}`, value: value[1] }
    const definition = propertyByName(name)
    return { name: definition?.label ?? name, value: definition ? showProperty(definition, value) : '' }
  })

const reasonFact = (type: PacketType, reasonCode: number, level: ProtocolLevel): NamedValue => ({
  name: 'Reason',
  value: `${reasonName(type, reasonCode, level)} (${hexByte(reasonCode)})`,
})

/** What a server said when it ended a connection, as a person reads it. */
export const farewellFacts = ({ reasonCode, properties }: DisconnectPacket): NamedValue[] => [
  reasonFact('DISCONNECT', reasonCode, 5),
  ...propertyFacts(properties),
]

/** CONNACK as a person reads it. */
export function connackFacts(packet: ConnackPacket, level: ProtocolLevel): NamedValue[] {
  const { reasonCode, sessionPresent, properties } = packet
  return [
    reasonFact('CONNACK', reasonCode, level),
    { name: 'Session present', value: sessionPresent ? 'yes' : 'no' },
    ...propertyFacts(properties),
  ]
}
