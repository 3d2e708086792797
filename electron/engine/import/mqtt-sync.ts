/** Where an MQTT packet may begin in bytes of which the beginning is missing. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { ProtocolLevel } from '../../../shared/mqtt/packets.ts'

const CONNECT = 1
const PUBLISH = 3
/** Fixed flags of each type (table 2-2); PUBLISH has others. */
const FLAGS = [-1, 0, 0, -1, 0, 0, 2, 0, 2, 0, 2, 0, 0, 0, 0, 0] as const
/** Fewest and most bytes behind the fixed header, as far as they are bounded. */
const PINGS: ReadonlySet<number> = new Set([12, 13])
/** Packets in a row, and bytes in all, that prove the place when the bytes end inside a packet. */
const PROOF_PACKETS = 2
const PROOF_BYTES = 16
const LONGEST_TOPIC = 1024

export interface Found {
  readonly at: number
  /** The level in which the packets there make sense; undefined when that is not known yet. */
  readonly level: ProtocolLevel | undefined
}

/**
 * The first place in `bytes` at which MQTT packets follow each other up to the end, or for long enough.
 * `fresh`: where the last segment begins, as packets mostly begin with one.
 */
export function findPacket(
  bytes: Uint8Array,
  fresh: number,
  level: ProtocolLevel | undefined,
): Found | undefined {
  const found = placeAt(bytes, fresh, level, true)
  if (found !== undefined) return found
  for (let at = 0; at + 1 < bytes.length; at++) {
    const place = placeAt(bytes, at, level, false)
    if (place !== undefined) return place
  }
  return undefined
}

/** The name in a CONNECT: true or false, or undefined when there are too few bytes to tell. */
export function beginsWithConnect(bytes: Uint8Array): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== CONNECT << 4) return false
  const total = frameLength(bytes, 0, bytes.length)
  if (total < 0) return false
  let at = 1
  while (at < bytes.length && (bytes[at] as number) >= 0x80) at++
  at += 1
  for (const name of NAMES) {
    const part = bytes.subarray(at, at + name.length)
    if (!part.every((byte, i) => byte === name[i])) continue
    return part.length === name.length ? true : undefined
  }
  return false
}

const NAMES = ['\0\x04MQTT', '\0\x06MQIsdp'].map((name) => Buffer.from(name, 'latin1'))

function placeAt(
  bytes: Uint8Array,
  start: number,
  known: ProtocolLevel | undefined,
  isFresh: boolean,
): Found | undefined {
  if (!looksLikePacket(bytes, start)) return undefined
  for (const level of known === undefined ? ([5, 4] as const) : [known]) {
    let at = start
    let count = 0
    for (;;) {
      const length = at < bytes.length ? frameLength(bytes, at, bytes.length) : 0
      if (length <= 0 || at + length > bytes.length) break
      if (!looksLikePacket(bytes, at) || !decodes(bytes.subarray(at, at + length), level)) break
      at += length
      count += 1
    }
    const size = at - start
    const whole = at === bytes.length && (isFresh || size >= PROOF_BYTES)
    const long = count >= PROOF_PACKETS && size >= PROOF_BYTES && looksLikePacket(bytes, at)
    if (whole || long) return { at: start, level: size > 4 ? level : undefined }
  }
  // The beginning of a long PUBLISH: its topic says enough.
  const isPublish = (bytes[start] as number) >> 4 === PUBLISH
  return isFresh &&
    isPublish &&
    start + PROOF_BYTES < bytes.length &&
    frameLength(bytes, start, bytes.length) > bytes.length - start
    ? { at: start, level: known }
    : undefined
}

/** Cheap: sorts out nearly everything that is no packet before anything is decoded. */
function looksLikePacket(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at]
  if (first === undefined) return false
  const type = first >> 4
  const length = frameLength(bytes, at, bytes.length)
  if (length < 0 || type === 0) return false
  if (type !== PUBLISH) {
    if (FLAGS[type] !== (first & 0x0f)) return false
    return length === 0 || (PINGS.has(type) ? length === 2 : length >= (type >= 14 ? 2 : 4))
  }
  if ((first & 0x06) === 0x06) return false
  return length === 0 || hasTopic(bytes, at, length)
}

function hasTopic(bytes: Uint8Array, start: number, length: number): boolean {
  let at = start + 1
  while ((bytes[at++] as number) >= 0x80);
  if (at + 2 > bytes.length) return true
  const size = ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
  if (size > LONGEST_TOPIC || at + 2 + size > start + length) return false
  const end = Math.min(at + 2 + size, bytes.length)
  for (let i = at + 2; i < end; i++) {
    const byte = bytes[i] as number
    // Control characters and wildcards ("+", "#") are in no topic name.
    if (byte < 0x20 || byte === 0x2b || byte === 0x23 || byte === 0x7f) return false
  }
  return true
}

function decodes(packet: Uint8Array, level: ProtocolLevel): boolean {
  try {
    decodePacket(packet, level)
    return true
  } catch {
    return false
  }
}
