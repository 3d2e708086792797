/** The PUBLISH packets of a capture. Splits MQTT by hand, so that these tests stand on nothing else. */
import { readStreams, streamBytes } from '../../fixtures/pcap.ts'

export interface Publish {
  readonly name: string
  readonly topic: string
  /** The whole packet, and where the payload begins in it. */
  readonly packet: Uint8Array
  readonly payloadStart: number
}

export const captureFile = (name: string) => new URL(`../../fixtures/captures/${name}`, import.meta.url)

export function readPublishes(file: string): Publish[] {
  const found: Publish[] = []
  for (const stream of readStreams(captureFile(file))) {
    let level = 0
    for (const dir of ['out', 'in'] as const) {
      for (const packet of splitPackets(streamBytes(stream, dir))) {
        const type = (packet[0] ?? 0) >> 4
        const body = variableInt(packet, 1)[1]
        if (type === 1) level = packet[body + 2 + uint16(packet, body)] ?? 0
        if (type === 3) found.push(parsePublish(packet, body, level, `${file} #${found.length + 1}`))
      }
    }
  }
  return found
}

function parsePublish(packet: Uint8Array, body: number, level: number, name: string): Publish {
  const topicEnd = body + 2 + uint16(packet, body)
  const topic = new TextDecoder().decode(packet.subarray(body + 2, topicEnd))
  let payloadStart = topicEnd + (((packet[0] ?? 0) & 0x06) === 0 ? 0 : 2)
  if (level === 5) {
    const [length, after] = variableInt(packet, payloadStart)
    payloadStart = after + length
  }
  return { name: `${name} ${topic}`, topic, packet, payloadStart }
}

function* splitPackets(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const [length, body] = variableInt(bytes, at + 1)
    yield bytes.slice(at, body + length)
    at = body + length
  }
}

const uint16 = (bytes: Uint8Array, at: number) => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

function variableInt(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++] ?? 0
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return [value, at]
  }
}
