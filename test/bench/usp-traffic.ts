/** USP Records of real agents (test/fixtures/captures) to build load from, each time with other IDs. */
import { fileURLToPath } from 'node:url'
import { decodePacket } from '../../shared/mqtt/decode.ts'
import { frameLength } from '../../shared/mqtt/frame.ts'
import type { ProtocolLevel } from '../../shared/mqtt/packets.ts'
import { peekRecord } from '../../shared/usp/peek.ts'
import { readStreams, streamBytes } from '../fixtures/pcap.ts'

// Two folders up from here is the project, from the sources as from out/bench.
const TOUR = fileURLToPath(new URL('../../test/fixtures/captures/obuspa-tour.pcapng', import.meta.url))
const AGENT = /^os::00256D-TOUR(5|311)$/
const ID_START = 'os::00256D-'
/** Digits of a message number, to base 36, at the end of a msg_id. */
const MSG_DIGITS = 6
/** Long ones, such as a whole data model, are asked for once while the others go all day. */
const LONG = 1500
const SHORT_WEIGHT = 16

export interface Template {
  /** `in`: from the device to the bench. */
  readonly direction: 'in' | 'out'
  /** `controller`, `api` or `agent`: the part of the topic that says who is meant. */
  readonly role: string
  readonly payload: Buffer
  readonly endpointAt: readonly number[]
  readonly msgIdAt: readonly number[]
}

/** Records of the tour's 5.0 or 3.1.1 agent, as often as they are wanted in a mix. */
export function uspTemplates(level: 4 | 5): readonly Template[] {
  const found: Template[] = []
  for (const { topic, payload, connection } of tourPublishes()) {
    if (connection !== level) continue
    const peek = peekRecord(payload, 0, payload.length)
    const [fromId = '', toId = ''] = [peek?.fromId, peek?.toId]
    const endpoint = AGENT.test(fromId) ? fromId : AGENT.test(toId) ? toId : undefined
    if (endpoint === undefined) continue
    const msgId = peek?.msgId ?? ''
    const template: Template = {
      direction: endpoint === fromId ? 'in' : 'out',
      role: topic.split('/')[3] ?? '',
      payload,
      endpointAt: places(payload, endpoint).map((at) => at + ID_START.length),
      msgIdAt: msgId.length < MSG_DIGITS ? [] : places(payload, msgId, msgId.length - MSG_DIGITS),
    }
    for (let i = payload.length > LONG ? SHORT_WEIGHT - 1 : 0; i < SHORT_WEIGHT; i++) found.push(template)
  }
  return found
}

/** The endpoint ID of device `number` among those that speak this level; as long as the one in the templates. */
export const endpointId = (level: 4 | 5, number: number): string =>
  ID_START + String(number).padStart(level === 5 ? 'TOUR5'.length : 'TOUR311'.length, '0')

/** The Record as this device would have sent it, in message number `message`. */
export function varied(
  { payload, endpointAt, msgIdAt }: Template,
  endpoint: string,
  message: number,
): Buffer {
  const copy = Buffer.from(payload)
  for (const at of endpointAt) copy.write(endpoint.slice(ID_START.length), at)
  const digits = message.toString(36).padStart(MSG_DIGITS, '0')
  for (const at of msgIdAt) copy.write(digits, at)
  return copy
}

function places(payload: Buffer, text: string, offset = 0): number[] {
  const found: number[] = []
  for (let at = payload.indexOf(text); at >= 0; at = payload.indexOf(text, at + 1)) found.push(at + offset)
  return found
}

interface TourPublish {
  readonly topic: string
  readonly payload: Buffer
  readonly connection: ProtocolLevel
}

function* tourPublishes(): Generator<TourPublish> {
  for (const stream of readStreams(TOUR)) {
    let connection: ProtocolLevel = 5
    for (const direction of ['out', 'in'] as const) {
      const bytes = streamBytes(stream, direction)
      for (let at = 0; at < bytes.length;) {
        const end = at + frameLength(bytes, at, bytes.length)
        const packet = decodePacket(bytes.subarray(at, end), connection)
        if (packet.type === 'CONNECT') connection = packet.level
        if (packet.type === 'PUBLISH')
          yield { topic: packet.topic, payload: Buffer.from(packet.payload), connection }
        at = end
      }
    }
  }
}
