import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyHead, scanPublish } from '../../../electron/engine/capture/publish-head.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Property, PublishPacket, QoS } from '../../../shared/mqtt/packets.ts'

const text = fc.string({ minLength: 1, maxLength: 20, unit: fc.constantFrom('a', 'b', '/', 'é', '日') })
const property: fc.Arbitrary<Property> = fc.oneof(
  fc.record({ name: fc.constant('topicAlias' as const), value: fc.integer({ min: 1, max: 65_535 }) }),
  fc.record({ name: fc.constant('contentType' as const), value: text }),
  fc.record({ name: fc.constant('responseTopic' as const), value: text }),
  fc.record({ name: fc.constant('messageExpiryInterval' as const), value: fc.nat(0xffff_ffff) }),
  fc.record({ name: fc.constant('payloadFormatIndicator' as const), value: fc.constantFrom(0, 1) }),
  fc.record({ name: fc.constant('correlationData' as const), value: fc.uint8Array({ maxLength: 20 }) }),
)
const properties = fc.uniqueArray(property, { selector: ({ name }) => name, maxLength: 6 }).chain((single) =>
  fc
    .array(
      fc.oneof(
        fc.record({ name: fc.constant('userProperty' as const), value: fc.tuple(text, text) }),
        fc.record({
          name: fc.constant('subscriptionIdentifier' as const),
          value: fc.integer({ min: 1, max: 268_435_455 }),
        }),
      ),
      { maxLength: 3 },
    )
    .map((repeated): Property[] => [...repeated, ...single]),
)
const publish = fc
  .record({
    topic: text,
    qos: fc.constantFrom<QoS[]>(0, 1, 2),
    properties,
    payload: fc.uint8Array({ maxLength: 300, size: 'max' }),
  })
  .map(({ qos, ...rest }): PublishPacket => ({
    type: 'PUBLISH',
    dup: false,
    retain: false,
    qos,
    ...(qos > 0 ? { packetId: 4711 } : {}),
    ...rest,
  }))

const valueOf = (packet: PublishPacket, name: string) =>
  packet.properties.find((candidate) => candidate.name === name)?.value

describe('scanPublish', () => {
  test('finds what the encoder wrote, at MQTT 5 and 3.1.1, wherever the packet lies', () => {
    fc.assert(
      fc.property(publish, fc.constantFrom(5 as const, 4 as const), fc.nat(9), (packet, level, before) => {
        const wire = encodePacket(level === 5 ? packet : { ...packet, properties: [] }, level)
        const bytes = new Uint8Array(before + wire.length + 5)
        bytes.set(wire, before)
        const head = emptyHead()
        expect(scanPublish(bytes, before, before + wire.length, level, head)).toBe(true)
        expect(new TextDecoder().decode(bytes.subarray(head.topicStart, head.topicEnd))).toBe(packet.topic)
        expect(head.packetId).toBe(packet.packetId ?? 0)
        expect(head.alias).toBe(level === 5 ? (valueOf(packet, 'topicAlias') ?? 0) : 0)
        expect([...bytes.subarray(head.payloadStart, before + wire.length)]).toEqual([...packet.payload])
      }),
    )
  })

  test('stays inside any bytes and never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 60, size: 'max' })
    fc.assert(
      fc.property(bytes, fc.constantFrom(5 as const, 4 as const), (random, level) => {
        const head = emptyHead()
        if (!scanPublish(random, 0, random.length, level, head)) return
        expect(head.topicStart).toBeLessThanOrEqual(head.topicEnd)
        expect(head.topicEnd).toBeLessThanOrEqual(head.payloadStart)
        expect(head.payloadStart).toBeLessThanOrEqual(random.length)
      }),
      { numRuns: 2000 },
    )
  })
})
