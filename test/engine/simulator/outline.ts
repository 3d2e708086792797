/** What two agents must agree on as they come up, of packets and of captures. */
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { Packet, PacketOf, Properties, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { readStreams, streamBytes, type Stream } from '../../fixtures/pcap.ts'
import { captureFile } from '../../shared/usp/publishes.ts'

export function packets(frames: readonly Uint8Array[]): Packet[] {
  let level: ProtocolLevel = 5
  return frames.map((bytes) => {
    const packet = decodePacket(bytes, level)
    if (packet.type === 'CONNECT') level = packet.level
    return packet
  })
}

export function* split(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = frameLength(bytes, at, bytes.length)
    yield bytes.subarray(at, at + length)
    at += length
  }
}

interface Fields {
  readonly packetId?: number
  readonly payload?: Uint8Array
  readonly password?: Uint8Array
  readonly properties?: Properties
  readonly [other: string]: unknown
}

/** Everything that two agents must agree on. Packet identifiers and the order of properties mean nothing. */
export function outline(packet: Packet): object {
  const fields: Fields = { ...packet }
  const { packetId: _packetId, payload, password, properties = [], ...rest } = fields
  const { kind, msgType } = payload ? (peekRecord(payload, 0, payload.length) ?? {}) : {}
  const sorted = properties.map((one) => JSON.stringify(one)).sort()
  return {
    ...rest,
    properties: sorted,
    password: password && Buffer.from(password).toString(),
    kind,
    msgType,
  }
}

export const bringUp = (all: readonly Packet[]): object[] => all.slice(0, 4).map(outline)

export const captured = (
  file: string,
  isAgent: (connect: PacketOf<'CONNECT'>) => boolean,
): { own: Stream; before: Stream[] } => {
  const streams = readStreams(captureFile(file))
  const at = streams.findIndex((stream) => {
    const [first] = packets([...split(streamBytes(stream, 'out'))].slice(0, 1))
    return first?.type === 'CONNECT' && isAgent(first)
  })
  const own = streams[at]
  if (!own) throw new Error(`no agent in ${file}`)
  return { own, before: streams.slice(0, at) }
}
