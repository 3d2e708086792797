/** Reason codes of MQTT 5.0 (section 2.4) and return codes of 3.x, with the packets they may stand in. */
import type { PacketType, ProtocolLevel } from './packets.ts'

export interface ReasonCode {
  readonly code: number
  readonly name: string
  readonly packets: readonly PacketType[]
}

const REFUSAL = ['CONNACK', 'PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK', 'DISCONNECT'] as const
const CLOSING = ['CONNACK', 'DISCONNECT'] as const

export const REASON_CODES: readonly ReasonCode[] = [
  {
    code: 0x00,
    name: 'Success',
    packets: ['CONNACK', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP', 'UNSUBACK', 'AUTH'],
  },
  { code: 0x00, name: 'Normal disconnection', packets: ['DISCONNECT'] },
  { code: 0x00, name: 'Granted QoS 0', packets: ['SUBACK'] },
  { code: 0x01, name: 'Granted QoS 1', packets: ['SUBACK'] },
  { code: 0x02, name: 'Granted QoS 2', packets: ['SUBACK'] },
  { code: 0x04, name: 'Disconnect with Will Message', packets: ['DISCONNECT'] },
  { code: 0x10, name: 'No matching subscribers', packets: ['PUBACK', 'PUBREC'] },
  { code: 0x11, name: 'No subscription existed', packets: ['UNSUBACK'] },
  { code: 0x18, name: 'Continue authentication', packets: ['AUTH'] },
  { code: 0x19, name: 'Re-authenticate', packets: ['AUTH'] },
  { code: 0x80, name: 'Unspecified error', packets: REFUSAL },
  { code: 0x81, name: 'Malformed Packet', packets: CLOSING },
  { code: 0x82, name: 'Protocol Error', packets: CLOSING },
  { code: 0x83, name: 'Implementation specific error', packets: REFUSAL },
  { code: 0x84, name: 'Unsupported Protocol Version', packets: ['CONNACK'] },
  { code: 0x85, name: 'Client Identifier not valid', packets: ['CONNACK'] },
  { code: 0x86, name: 'Bad User Name or Password', packets: ['CONNACK'] },
  { code: 0x87, name: 'Not authorized', packets: REFUSAL },
  { code: 0x88, name: 'Server unavailable', packets: ['CONNACK'] },
  { code: 0x89, name: 'Server busy', packets: CLOSING },
  { code: 0x8a, name: 'Banned', packets: ['CONNACK'] },
  { code: 0x8b, name: 'Server shutting down', packets: ['DISCONNECT'] },
  { code: 0x8c, name: 'Bad authentication method', packets: CLOSING },
  { code: 0x8d, name: 'Keep Alive timeout', packets: ['DISCONNECT'] },
  { code: 0x8e, name: 'Session taken over', packets: ['DISCONNECT'] },
  { code: 0x8f, name: 'Topic Filter invalid', packets: ['SUBACK', 'UNSUBACK', 'DISCONNECT'] },
  { code: 0x90, name: 'Topic Name invalid', packets: ['CONNACK', 'PUBACK', 'PUBREC', 'DISCONNECT'] },
  { code: 0x91, name: 'Packet Identifier in use', packets: ['PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK'] },
  { code: 0x92, name: 'Packet Identifier not found', packets: ['PUBREL', 'PUBCOMP'] },
  { code: 0x93, name: 'Receive Maximum exceeded', packets: ['DISCONNECT'] },
  { code: 0x94, name: 'Topic Alias invalid', packets: ['DISCONNECT'] },
  { code: 0x95, name: 'Packet too large', packets: CLOSING },
  { code: 0x96, name: 'Message rate too high', packets: ['DISCONNECT'] },
  { code: 0x97, name: 'Quota exceeded', packets: ['CONNACK', 'PUBACK', 'PUBREC', 'SUBACK', 'DISCONNECT'] },
  { code: 0x98, name: 'Administrative action', packets: ['DISCONNECT'] },
  { code: 0x99, name: 'Payload format invalid', packets: ['CONNACK', 'PUBACK', 'PUBREC', 'DISCONNECT'] },
  { code: 0x9a, name: 'Retain not supported', packets: CLOSING },
  { code: 0x9b, name: 'QoS not supported', packets: CLOSING },
  { code: 0x9c, name: 'Use another server', packets: CLOSING },
  { code: 0x9d, name: 'Server moved', packets: CLOSING },
  { code: 0x9e, name: 'Shared Subscriptions not supported', packets: ['SUBACK', 'DISCONNECT'] },
  { code: 0x9f, name: 'Connection rate exceeded', packets: CLOSING },
  { code: 0xa0, name: 'Maximum connect time', packets: ['DISCONNECT'] },
  { code: 0xa1, name: 'Subscription Identifiers not supported', packets: ['SUBACK', 'DISCONNECT'] },
  { code: 0xa2, name: 'Wildcard Subscriptions not supported', packets: ['SUBACK', 'DISCONNECT'] },
]

/** Reason codes with which a client may end a connection (MQTT 5.0, table 3-10). */
export const clientDisconnectCodes = [
  0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
] as const

/** CONNACK return codes of 3.1 and 3.1.1, by number. */
export const CONNACK_RETURN_CODES: readonly string[] = [
  'Connection Accepted',
  'Connection Refused, unacceptable protocol version',
  'Connection Refused, identifier rejected',
  'Connection Refused, Server unavailable',
  'Connection Refused, bad user name or password',
  'Connection Refused, not authorized',
]

/** SUBACK return codes of 3.x. MQTT 3.1 does not have 0x80, but its brokers send it. */
const SUBACK_RETURN_CODES: Readonly<Record<number, string>> = {
  0x00: 'Granted QoS 0',
  0x01: 'Granted QoS 1',
  0x02: 'Granted QoS 2',
  0x80: 'Failure',
}

const names = new Map<PacketType, (string | undefined)[]>()
for (const { code, name, packets } of REASON_CODES) {
  for (const type of packets) {
    const list = names.get(type) ?? []
    list[code] = name
    names.set(type, list)
  }
}

/** Name of the code if it may stand in that packet at that level. */
function lookUp(type: PacketType, code: number, level: ProtocolLevel): string | undefined {
  if (level === 5) return names.get(type)?.[code]
  if (type === 'CONNACK') return CONNACK_RETURN_CODES[code]
  return type === 'SUBACK' ? SUBACK_RETURN_CODES[code] : undefined
}

/** May the code stand in that packet? On 3.x only CONNACK and SUBACK carry one. */
export const isReasonCodeAllowed = (type: PacketType, code: number, level: ProtocolLevel): boolean =>
  lookUp(type, code, level) !== undefined

const anyName = new Map(REASON_CODES.map(({ code, name }) => [code, name]))

/**
 * The standard's name of a reason code (return code on 3.x). A code that may not stand in that packet keeps
 * the name it has elsewhere in 5.0; one that nobody knows is "Unknown (0x…)".
 */
export const reasonName = (type: PacketType, code: number, level: ProtocolLevel): string =>
  lookUp(type, code, level) ?? (level === 5 ? anyName.get(code) : undefined) ?? `Unknown (${hexByte(code)})`

/** A byte as the standard writes it: `0x8E`. */
export const hexByte = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(2, '0')}`
