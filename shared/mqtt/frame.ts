/** Where MQTT packets begin and end in a stream of bytes. */
import type { PacketType } from './packets.ts'

/** Packet types by their number on the wire (table 2-1); 0 is reserved. */
export const PACKET_TYPES: readonly (PacketType | undefined)[] = [
  undefined,
  'CONNECT',
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'SUBACK',
  'UNSUBSCRIBE',
  'UNSUBACK',
  'PINGREQ',
  'PINGRESP',
  'DISCONNECT',
  'AUTH',
]

/** Type of a packet by its first byte; `undefined` for the reserved type 0. */
export const packetTypeName = (firstByte: number): PacketType | undefined => PACKET_TYPES[firstByte >> 4]

/** Most that Remaining Length can say: four bytes of seven bits. */
export const MAX_REMAINING_LENGTH = 268_435_455

/**
 * Total length in bytes of the packet that begins at `start`, of which bytes up to `end` are there.
 * 0: the length is not known yet. -1: Remaining Length takes more than four bytes, so the stream is lost.
 * The answer may be larger than `end - start`: then the rest of the packet is still to come.
 */
export function frameLength(bytes: Uint8Array, start: number, end: number): number {
  let length = 0
  for (let i = 0; i < 4; i++) {
    const at = start + 1 + i
    if (at >= end) return 0
    const byte = bytes[at]!
    length += (byte & 0x7f) * (1 << (7 * i))
    if (byte < 0x80) return 2 + i + length
  }
  return -1
}
