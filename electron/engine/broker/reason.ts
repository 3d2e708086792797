/** The Reason String of an answer (MQTT 5.0, 3.1.2.11.7): a sentence for whoever reads the device's log. */
import type { Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import type { Session } from './session.ts'

/** The whole text stands in the capture; the device gets as much as any client takes. */
const MAX_CHARACTERS = 400
/** Room that the packet around it takes at most. */
const PACKET_ROOM = 64

const short = (text: string): string =>
  text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text

/**
 * The property, or none where the client cannot take it: before 5.0, beyond its Maximum Packet Size
 * [MQTT-3.2.2-19], or, but for CONNACK and DISCONNECT, when it did not ask [MQTT-3.1.2-29].
 */
export function reasonString(session: Session, packet: 'goodbye' | 'other', text: string): Properties {
  if (session.level !== 5) return []
  const wishes = session.connect?.properties ?? []
  if (packet === 'other' && getProperty(wishes, 'requestProblemInformation') === 0) return []
  const value = short(text).toWellFormed()
  const room = getProperty(wishes, 'maximumPacketSize') ?? Infinity
  return Buffer.byteLength(value) + PACKET_ROOM > room ? [] : [{ name: 'reasonString', value }]
}
