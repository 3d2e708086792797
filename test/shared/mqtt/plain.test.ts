import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { isPlainPacket } from '../../../shared/mqtt/plain.ts'
import { anyPacketAndLevel } from './arbitrary.ts'

function isDecoded(bytes: Uint8Array, level: ProtocolLevel): boolean {
  try {
    decodePacket(bytes, level)
    return true
  } catch (error) {
    if (error instanceof MqttError) return false
    throw error
  }
}

/** The packet stands between other bytes. */
function isPlain(packet: Uint8Array, level: ProtocolLevel): boolean {
  return isPlainPacket(Uint8Array.of(0x30, ...packet, 0xff), 1, 1 + packet.length, level)
}

const publish: Packet & { type: 'PUBLISH' } = {
  type: 'PUBLISH',
  dup: false,
  qos: 1,
  retain: false,
  topic: 'oktopus/usp/v1/controller/os::012345-1',
  packetId: 256,
  properties: [
    { name: 'responseTopic', value: 'oktopus/usp/v1/agent/os::012345-1' },
    { name: 'contentType', value: 'usp.msg' },
    { name: 'userProperty', value: ['a', ''] },
    { name: 'userProperty', value: ['a', 'b'] },
    { name: 'topicAlias', value: 256 },
  ],
  payload: Uint8Array.of(0, 1, 255),
}
const ack: Packet = { type: 'PUBACK', packetId: 256, reasonCode: 0, properties: [] }

describe('isPlainPacket', () => {
  it('knows the packets that come in masses', () => {
    for (const packet of [publish, ack, { type: 'PINGREQ' }, { type: 'PINGRESP' }] as const) {
      expect(isPlain(encodePacket(packet, 5), 5), packet.type).toBe(true)
    }
    const old = { ...publish, properties: [] }
    expect(isPlain(encodePacket(old, 4), 4)).toBe(true)
  })

  it('leaves to the decoder what has to be looked at', () => {
    const others: Packet[] = [
      { ...publish, topic: 'grüße' },
      { ...publish, properties: [{ name: 'subscriptionIdentifier', value: 1 }] },
      { ...publish, properties: [{ name: 'userProperty', value: ['a', 'b'.repeat(200)] }] },
      { ...ack, reasonCode: 0x10 },
      { type: 'DISCONNECT', reasonCode: 0, properties: [] },
    ]
    for (const packet of others) expect(isPlain(encodePacket(packet, 5), 5), packet.type).toBe(false)
  })

  it('never takes what the decoder refuses', () => {
    // A PUBLISH that is plain but for some bytes, of which each is a chance to go wrong.
    const damaged = fc.tuple(
      fc.oneof(
        anyPacketAndLevel.map(([packet, level]) => [encodePacket(packet, level), level] as const),
        fc.constantFrom(
          [encodePacket(publish, 5), 5] as const,
          [encodePacket({ ...publish, properties: [] }, 4), 4] as const,
          [encodePacket(ack, 5), 5] as const,
        ),
      ),
      fc.array(fc.tuple(fc.nat({ max: 160 }), fc.integer({ min: 0, max: 255 })), { maxLength: 2 }),
      fc.nat({ max: 3 }),
    )
    let plain = 0
    fc.assert(
      fc.property(damaged, ([[whole, level], changes, cut]) => {
        const bytes = whole.slice(0, whole.length - cut)
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        if (bytes.length === 0 || !isPlain(bytes, level)) return
        plain += 1
        expect(isDecoded(bytes, level)).toBe(true)
      }),
      { numRuns: 5000 },
    )
    expect(plain).toBeGreaterThan(500)
  })
})
