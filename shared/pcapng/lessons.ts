/**
 * Packets that a segment file repeats for a connection that was open before it began, so that the file can be
 * read alone: who the client is, its protocol level, and what its topic aliases stand for. They make no rows.
 */
import { encodePacket } from '../mqtt/encode.ts'
import { frameLength } from '../mqtt/frame.ts'
import type { Properties, ProtocolLevel } from '../mqtt/packets.ts'
import { endpointIdProperty } from '../usp/oktopus.ts'

export interface Lesson {
  /** `in` is towards the bench. */
  readonly direction: 'in' | 'out'
  /** One whole MQTT packet. */
  readonly bytes: Uint8Array
}

/** The identity that a CONNECT established. The password is not part of it. */
export interface Identity {
  readonly level: ProtocolLevel
  readonly clientId: string
  readonly username?: string | undefined
  /** Given when it came as the user property `usp-endpoint-id` (MQTT 5). */
  readonly statedEndpointId?: string | undefined
}

/** Throws `RangeError` or `MqttError` for an identity that no CONNECT can have brought. */
export function connectLesson({ level, clientId, username, statedEndpointId }: Identity): Lesson {
  const properties: Properties =
    level === 5 && statedEndpointId !== undefined
      ? [{ name: 'userProperty', value: [endpointIdProperty, statedEndpointId] }]
      : []
  const facts = { level, clean: true, keepAlive: 0, clientId, properties }
  const connect = { type: 'CONNECT', ...facts, ...(username === undefined ? {} : { username }) } as const
  return { direction: 'in', bytes: encodePacket(connect, level) }
}

/** What a Topic Alias of one direction stands for (MQTT 5). */
export function aliasLesson(direction: 'in' | 'out', alias: number, topic: string): Lesson {
  const properties: Properties = [{ name: 'topicAlias', value: alias }]
  const publish = { type: 'PUBLISH', dup: false, qos: 0, retain: false, topic, properties } as const
  return { direction, bytes: encodePacket({ ...publish, payload: new Uint8Array(0) }, 5) }
}

/**
 * A whole packet of one of which only the front was kept, e.g. a PUBLISH without its payload: Remaining Length
 * is made to fit. Undefined when there is not even a whole fixed header.
 */
export function completePacket(bytes: Uint8Array): Uint8Array | undefined {
  const said = frameLength(bytes, 0, bytes.length)
  if (said <= 0) return undefined
  if (said <= bytes.length) return bytes.subarray(0, said)
  let bodyAt = 1
  while ((bytes[bodyAt++] as number) >= 0x80);
  const header = [bytes[0] as number]
  let rest = bytes.length - bodyAt
  for (; rest >= 0x80; rest >>>= 7) header.push((rest & 0x7f) | 0x80)
  header.push(rest)
  const packet = new Uint8Array(header.length + bytes.length - bodyAt)
  packet.set(header)
  packet.set(bytes.subarray(bodyAt), header.length)
  return packet
}
