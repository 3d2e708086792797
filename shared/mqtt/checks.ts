/** Rules that bind more than one part of a packet. */
import { PAYLOAD_FORMAT_INVALID, PROTOCOL_ERROR, TOPIC_NAME_INVALID, type StatementKey } from './error.ts'
import type { Properties } from './packets.ts'
import { getProperty } from './properties.ts'
import type { Reader } from './reader.ts'
import { firstWildcard } from './topics.ts'
import { isUtf8 } from './utf8.ts'

/** `what` in bytes [start, end) may be published to: no wildcards. Whether it may be empty is the caller's. */
export function checkWildcard(
  reader: Reader,
  what: string,
  topic: string,
  start: number,
  end: number,
  statement: StatementKey,
): void {
  const wildcard = firstWildcard(topic)
  if (wildcard === undefined) return
  reader.violation(TOPIC_NAME_INVALID, `${what} holds the wildcard ${wildcard}`, start, end, statement)
}

/** Payload Format Indicator 1 promises UTF-8 (3.3.2.3.2). The payload begins at `start`. */
export function checkPayloadFormat(
  reader: Reader,
  properties: Properties,
  payload: Uint8Array,
  start: number,
): void {
  if (getProperty(properties, 'payloadFormatIndicator') !== 1 || isUtf8(payload)) return
  const message = 'Payload Format Indicator is 1, but the payload is not valid UTF-8'
  reader.violation(PAYLOAD_FORMAT_INVALID, message, start, start + payload.length)
}

/** Authentication Data needs a method to say what it is (3.1.2.11.10). `start` is where the properties begin. */
export function checkAuthentication(reader: Reader, properties: Properties, start: number): void {
  if (getProperty(properties, 'authenticationData') === undefined) return
  if (getProperty(properties, 'authenticationMethod') !== undefined) return
  const message = 'Authentication Data is given without Authentication Method'
  reader.violation(PROTOCOL_ERROR, message, start, reader.pos)
}
