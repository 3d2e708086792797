/**
 * The head of a PUBLISH, read where it lies: no packet is built and no string made. Tolerant; whether a packet
 * is right is for the strict decoder to say.
 */
import { PROPERTY_LIST, type PropertyType } from '../../../shared/mqtt/properties.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'

/** Byte positions; filled anew by each scan. */
export interface PublishHead {
  topicStart: number
  topicEnd: number
  /** 0 at QoS 0. */
  packetId: number
  /** Topic Alias; 0 when there is none. */
  alias: number
  /** Of the text of Content Type; both the same when there is none. */
  contentTypeStart: number
  contentTypeEnd: number
  payloadStart: number
}

export const emptyHead = (): PublishHead => ({
  topicStart: 0,
  topicEnd: 0,
  packetId: 0,
  alias: 0,
  contentTypeStart: 0,
  contentTypeEnd: 0,
  payloadStart: 0,
})

const CONTENT_TYPE = 0x03
const TOPIC_ALIAS = 0x23

/** How to step over a property: a fixed size, or one of the marks below. */
const VARINT = -1
const STRING = -2
const PAIR = -3
const UNKNOWN = 0
const sizeOf: Readonly<Record<PropertyType, number>> = {
  byte: 1,
  twoByte: 2,
  fourByte: 4,
  varint: VARINT,
  utf8: STRING,
  binary: STRING,
  utf8Pair: PAIR,
}
const sizes = new Int8Array(256).fill(UNKNOWN)
for (const { id, type } of PROPERTY_LIST) sizes[id] = sizeOf[type]

/** Position after the Remaining Length of the packet at `start`. */
export function bodyStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 1
  while (at < end && at < start + 4 && (bytes[at] as number) >= 0x80) at += 1
  return at + 1
}

const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 8) | (bytes[at + 1] as number)

/** Reads the PUBLISH in `bytes[start, end)`. False when it ends too early or holds an unknown property. */
export function scanPublish(
  bytes: Uint8Array,
  start: number,
  end: number,
  level: ProtocolLevel,
  head: PublishHead,
): boolean {
  head.packetId = 0
  head.alias = 0
  head.contentTypeStart = head.contentTypeEnd = 0
  const topic = bodyStart(bytes, start, end) + 2
  if (topic > end) return false
  head.topicStart = topic
  let at = topic + word(bytes, topic - 2)
  head.topicEnd = at
  if (((bytes[start] as number) & 0x06) !== 0) {
    if (at + 2 > end) return false
    head.packetId = word(bytes, at)
    at += 2
  }
  if (at > end) return false
  if (level < 5) {
    head.payloadStart = at
    return true
  }
  return scanProperties(bytes, at, end, head)
}

function scanProperties(bytes: Uint8Array, start: number, end: number, head: PublishHead): boolean {
  let at = start
  let length = 0
  for (let shift = 0; ; shift += 7) {
    if (at >= end || shift > 21) return false
    const byte = bytes[at++] as number
    length += (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  const last = at + length
  if (last > end) return false
  head.payloadStart = last
  while (at < last) {
    const id = bytes[at] as number
    const size = sizes[id] as number
    at += 1
    if (size > 0) {
      if (id === TOPIC_ALIAS && at + 2 <= last) head.alias = word(bytes, at)
      at += size
    } else if (size === VARINT) {
      while (at < last && (bytes[at] as number) >= 0x80) at += 1
      at += 1
    } else if (size === UNKNOWN) {
      return false
    } else {
      if (at + 2 > last) return false
      const text = at + 2
      at = text + word(bytes, at)
      if (id === CONTENT_TYPE && at <= last) {
        head.contentTypeStart = text
        head.contentTypeEnd = at
      }
      if (size === PAIR) {
        if (at + 2 > last) return false
        at += 2 + word(bytes, at)
      }
    }
  }
  return at === last
}
