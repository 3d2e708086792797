/** How a connection is ended politely: which packet, if any, tells the device the reason. */
import type { Packet, Properties } from '../../../shared/mqtt/packets.ts'
import { isReasonCodeAllowed } from '../../../shared/mqtt/reason-codes.ts'
import { reasonString } from './reason.ts'
import type { Session } from './session.ts'

/** CONNACK return codes of 3.x for the reason codes that have one (MQTT 3.1.1, table 3.1). */
const returnCodes: Readonly<Record<number, number>> = {
  0x84: 1,
  0x85: 2,
  // A limit of the broker: it may be there again later.
  0x88: 3,
  0x89: 3,
  0x97: 3,
  0x9c: 3,
  0x9d: 3,
  0x9f: 3,
  0x86: 4,
  0x87: 5,
}

const PROTOCOL_ERROR = 0x82

/** The packets to send before closing: none, a CONNACK, or a DISCONNECT [MQTT-3.14.0-1]. */
export function farewell(
  session: Session,
  reasonCode: number,
  text: string,
  more: Properties,
): readonly Packet[] {
  const { phase, attempted } = session
  if (phase === 'ended' || attempted === undefined) return []
  const properties = [...more, ...reasonString(session, 'goodbye', text)]
  if (phase === 'connected') {
    if (attempted !== 5) return []
    // What is a reason to refuse a CONNECT can be no reason to disconnect: then it is a protocol error.
    const code = isReasonCodeAllowed('DISCONNECT', reasonCode, 5) ? reasonCode : PROTOCOL_ERROR
    return [{ type: 'DISCONNECT', reasonCode: code, properties }]
  }
  if (attempted >= 5) {
    if (!isReasonCodeAllowed('CONNACK', reasonCode, 5)) return []
    return [{ type: 'CONNACK', sessionPresent: false, reasonCode, properties }]
  }
  const code = returnCodes[reasonCode]
  return code === undefined
    ? []
    : [{ type: 'CONNACK', sessionPresent: false, reasonCode: code, properties: [] }]
}

/** The protocol level in what looks like a CONNECT, however broken the rest of it is. */
export function attemptedLevel(bytes: Uint8Array): number | undefined {
  if ((bytes[0] ?? 0) >> 4 !== 1) return undefined
  // The remaining length takes one to four bytes.
  let at = 1
  while (at < 5 && (bytes[at] ?? 0) & 0x80) at++
  const length = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
  const isMqtt = length === 4 && bytes[at + 3] === 0x4d && bytes[at + 4] === 0x51
  const isMqisdp = length === 6 && bytes[at + 3] === 0x4d && bytes[at + 4] === 0x51
  return isMqtt || isMqisdp ? bytes[at + 3 + length] : undefined
}

/** Peers that came to the wrong door, known by their first bytes. */
const strangers: readonly { readonly matches: (b: Uint8Array) => boolean; readonly text: string }[] = [
  {
    matches: (b) => b[0] === 0x16 && b[1] === 0x03,
    text: 'this is a TLS ClientHello, but this listener speaks plain MQTT: turn TLS off in the device or use a TLS port',
  },
  {
    matches: (b) => /^(GET|POST|PUT|HEAD|OPTIONS) \//.test(String.fromCharCode(...b.subarray(0, 12))),
    text: 'this is an HTTP request, but this listener speaks MQTT over TCP: use the WebSocket port',
  },
  {
    matches: (b) => /^(CONNECT|STOMP)\r?\n/.test(String.fromCharCode(...b.subarray(0, 12))),
    text: 'this is STOMP, but this listener speaks MQTT: set the transport of the device to MQTT',
  },
]

/** What a peer that does not speak MQTT seems to speak, as a sentence; undefined when nothing is known. */
export const strangerText = (bytes: Uint8Array): string | undefined =>
  strangers.find((stranger) => stranger.matches(bytes))?.text
