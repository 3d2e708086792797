/** Rows of the log: what is said of a packet in one line. */
import type { ClientPacketRow, ClientProfile } from '../../../shared/contract/mqtt-client.ts'
import { hex } from '../../../shared/mqtt/fields.ts'
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { summarize } from '../../../shared/mqtt/summary.ts'
import { parseShared, topicMatches } from '../../../shared/mqtt/topics.ts'
import { decodeText } from '../../../shared/mqtt/utf8.ts'
import { summarizeRecord } from '../../../shared/usp/summary.ts'

/** Bytes of a payload that are looked at for its line. */
const PREVIEW_BYTES = 240
const PREVIEW_HEX = 48
const FIRST_FAILURE = 0x80

/** The payload in one line: what a Record says, text as it is, anything else in hexadecimal; `…` where it goes on. */
export function previewOf(payload: Uint8Array): string {
  if (payload.length === 0) return ''
  const record = summarizeRecord(payload, 0, payload.length)
  if (record) return `${record.usp} ${record.info}`.trim()
  const head = payload.subarray(0, PREVIEW_BYTES)
  // A character of several bytes may be cut at the end.
  const cuts = payload.length > PREVIEW_BYTES ? [0, 1, 2, 3] : [0]
  const text = cuts.map((cut) => decodeText(head, 0, head.length - cut)).find((one) => one !== undefined)
  const more = payload.length > PREVIEW_BYTES ? '…' : ''
  if (text !== undefined && isReadable(text)) return `${text.replace(/\s+/g, ' ').trim()}${more}`
  const bytes = payload.subarray(0, PREVIEW_HEX)
  return `${hex(bytes)}${payload.length > PREVIEW_HEX ? '…' : ''}`
}

const isReadable = (text: string): boolean => !/[\p{Cc}\p{Cf}]/u.test(text.replace(/[\t\r\n]/g, ''))

type Facts = Omit<ClientPacketRow, 'no'>

export function packetRow(
  client: string,
  direction: 'in' | 'out',
  packet: Packet,
  level: ProtocolLevel,
  {
    topic = '',
    length,
    again,
  }: { readonly topic?: string; readonly length: number; readonly again?: boolean },
): Facts {
  const summary = summarize(packet, level)
  return {
    time: Date.now(),
    client,
    direction,
    type: packet.type,
    topic: topicOf(packet) ?? topic,
    info: again === true ? `came again, not delivered · ${summary}` : summary,
    payload: packet.type === 'PUBLISH' ? previewOf(packet.payload) : '',
    length,
    ...(packet.type === 'PUBLISH' && packet.retain && { retain: true }),
    ...(packet.type === 'PUBLISH' && packet.dup && { dup: true }),
    bad: isBad(packet),
  }
}

/** The filter, where there is one alone; several stand in the summary. */
function topicOf(packet: Packet): string | undefined {
  if (packet.type === 'UNSUBSCRIBE') return packet.filters.length === 1 ? packet.filters[0] : undefined
  return packet.type === 'SUBSCRIBE' && packet.subscriptions.length === 1
    ? packet.subscriptions[0]?.filter
    : undefined
}

export const noteRow = (client: string, info: string, bad: boolean): Facts => ({
  time: Date.now(),
  client,
  direction: 'in',
  type: 'NOTE',
  topic: '',
  info,
  payload: '',
  length: 0,
  bad,
})

function isBad(packet: Packet): boolean {
  if ('reasonCodes' in packet) return packet.reasonCodes.some((code) => code >= FIRST_FAILURE)
  if (packet.type === 'CONNACK') return packet.reasonCode !== 0
  return 'reasonCode' in packet && packet.reasonCode >= FIRST_FAILURE
}

/** Colour of the first subscription that a topic falls under. */
export function colourOf({ subscriptions }: Pick<ClientProfile, 'subscriptions'>, topic: string) {
  return subscriptions.find(({ filter }) => topicMatches(parseShared(filter)?.filter ?? filter, topic))
    ?.colour
}
