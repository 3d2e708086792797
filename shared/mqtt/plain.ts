/**
 * A quick yes for the packets that come in masses – PUBLISH, its acknowledgements, pings –, without building them:
 * `true` says that the strict decoder takes the packet, `false` that it has to be asked. It follows `decode.ts`,
 * and a property test holds the two together.
 */
import { PACKET_TYPES, frameLength } from './frame.ts'
import type { ProtocolLevel } from './packets.ts'
import { PROPERTY_LIST, type PropertyDefinition } from './properties.ts'

/** What follows the identifier of a property; of one that is left to the decoder, `OTHER`. */
const OTHER = 0
const FLAG = 1
const WORD = 2
const LONG = 3
const TEXT = 4
const TOPIC = 5
const BYTES = 6
const PAIR = 7

function shapeOf({ type, places, topicName, min, max }: PropertyDefinition): number {
  if (!places.includes('PUBLISH')) return OTHER
  if (type === 'byte' && min === 0 && max === 1) return FLAG
  if (type === 'twoByte' && min <= 1) return WORD
  if (type === 'fourByte' && min === 0) return LONG
  if (type === 'utf8') return topicName ? TOPIC : TEXT
  if (type === 'binary') return BYTES
  return type === 'utf8Pair' ? PAIR : OTHER
}
const shapes = new Uint8Array(256)
for (const definition of PROPERTY_LIST) shapes[definition.id] = shapeOf(definition)

/** By the first byte: for PUBLISH its own reading, for the others the two lengths that carry nothing unusual. */
const PUBLISH = 3
const ACK_BYTES = 4
const PING_BYTES = 2
const lengths = new Uint8Array(256)
for (const [type, name] of PACKET_TYPES.entries()) {
  if (name === 'PINGREQ' || name === 'PINGRESP') lengths[type << 4] = PING_BYTES
  if (name === 'PUBACK' || name === 'PUBREC' || name === 'PUBCOMP') lengths[type << 4] = ACK_BYTES
  if (name === 'PUBREL') lengths[(type << 4) | 2] = ACK_BYTES
}

const [SPACE, PLUS, HASH, DELETE] = [0x20, 0x2b, 0x23, 0x7f]

/** The packet is `bytes[start, end)`, whole; `level` is that of its connection. */
export function isPlainPacket(bytes: Uint8Array, start: number, end: number, level: ProtocolLevel): boolean {
  const first = bytes[start] as number
  if (first >> 4 === PUBLISH) return isPlainPublish(bytes, start, end, first, level)
  const length = end - start
  if (length < PING_BYTES || length !== lengths[first] || bytes[start + 1] !== length - 2) return false
  return length === PING_BYTES || (bytes[start + 2] as number) + (bytes[start + 3] as number) > 0
}

function isPlainPublish(
  bytes: Uint8Array,
  start: number,
  end: number,
  first: number,
  level: ProtocolLevel,
): boolean {
  const qos = (first >> 1) & 3
  if (qos === 3 || (qos === 0 && (first & 8) !== 0) || frameLength(bytes, start, end) !== end - start)
    return false
  let at = start + 2
  while ((bytes[at - 1] as number) >= 0x80) at += 1
  at = afterText(bytes, at, end, true)
  if (at < 0) return false
  if (qos !== 0) {
    if (at + 2 > end || (bytes[at] as number) + (bytes[at + 1] as number) === 0) return false
    at += 2
  }
  if (level !== 5) return true
  // Blocks of 128 bytes and more are left to the decoder.
  const block = bytes[at] as number
  return at < end && block < 0x80 && at + 1 + block <= end && arePlain(bytes, at + 1, at + 1 + block)
}

function arePlain(bytes: Uint8Array, start: number, end: number): boolean {
  // Identifiers reach 0x2A, too many for one word of flags; those from 0x20 on begin anew in the second.
  let seenLow = 0
  let seenHigh = 0
  for (let at = start; at < end;) {
    const id = bytes[at] as number
    const shape = shapes[id] as number
    const bit = 1 << (id & 31)
    if (shape === OTHER) return false
    if (shape !== PAIR) {
      if (((id < 32 ? seenLow : seenHigh) & bit) !== 0) return false
      if (id < 32) seenLow |= bit
      else seenHigh |= bit
    }
    at = afterValue(bytes, at + 1, end, shape)
    if (at < 0) return false
  }
  return true
}

/** Where the value that begins at `at` ends; -1 when that is for the decoder to say. */
function afterValue(bytes: Uint8Array, at: number, end: number, shape: number): number {
  switch (shape) {
    case FLAG:
      return at < end && (bytes[at] as number) <= 1 ? at + 1 : -1
    case WORD:
      return at + 2 <= end && (bytes[at] as number) + (bytes[at + 1] as number) > 0 ? at + 2 : -1
    case LONG:
      return at + 4 <= end ? at + 4 : -1
    case BYTES:
      return afterLength(bytes, at, end)
    case PAIR: {
      const value = afterText(bytes, at, end, false)
      return value < 0 ? -1 : afterText(bytes, value, end, false)
    }
    default:
      return afterText(bytes, at, end, shape === TOPIC)
  }
}

function afterLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return -1
  const next = at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number))
  return next <= end ? next : -1
}

/** Printable ASCII; of a topic name no wildcard, and not nothing. */
function afterText(bytes: Uint8Array, at: number, end: number, isTopic: boolean): number {
  const next = afterLength(bytes, at, end)
  if (next < 0 || (isTopic && next === at + 2)) return -1
  for (let i = at + 2; i < next; i++) {
    const byte = bytes[i] as number
    if (byte < SPACE || byte >= DELETE) return -1
    if (isTopic && (byte === PLUS || byte === HASH)) return -1
  }
  return next
}
