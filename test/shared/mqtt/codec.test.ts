import { describe, expect, it } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { frameLength, packetTypeName } from '../../../shared/mqtt/frame.ts'
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { bytes } from './bytes.ts'
import { GOLDEN_FAULTS } from './golden-faults.ts'
import { GOLDEN } from './golden.ts'

const faultOf = (run: () => unknown): MqttError => {
  try {
    run()
  } catch (error) {
    if (error instanceof MqttError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe.each(GOLDEN)('$name', (golden) => {
  it('is parsed', () => {
    expect(decodePacket(golden.bytes, golden.level)).toStrictEqual(golden.packet)
  })
  it('is generated', () => {
    const encoded = encodePacket(golden.packet, golden.level)
    if (golden.loose) expect(decodePacket(encoded, golden.level)).toStrictEqual(golden.packet)
    else expect(encoded).toStrictEqual(golden.bytes)
  })
  it('is dissected without a fault into the same packet', () => {
    const { packet, error } = dissectMqtt(golden.bytes, golden.level)
    expect(error).toBeUndefined()
    expect(packet).toStrictEqual(golden.packet)
  })
  it('is framed', () => {
    const { length } = golden.bytes
    expect(frameLength(golden.bytes, 0, length)).toBe(length)
    expect(packetTypeName(golden.bytes[0]!)).toBe(golden.packet.type)
  })
  it('is refused when a byte is missing or one too many', () => {
    expect(() => decodePacket(golden.bytes.subarray(0, -1), golden.level)).toThrow(MqttError)
    const longer = Uint8Array.from([...golden.bytes, 0])
    expect(() => decodePacket(longer, golden.level)).toThrow(MqttError)
  })
})

describe('the decoder refuses', () => {
  it.each(GOLDEN_FAULTS)('$name', (row) => {
    const fault = faultOf(() => decodePacket(row.bytes, row.level, { checkPayloadFormat: true }))
    expect(fault.message).toContain(row.says)
    expect(fault.reasonCode).toBe(row.code)
    expect(fault.statement).toBe(row.statement)
    expect(fault.offset).toBeGreaterThanOrEqual(0)
    expect(fault.end).toBeGreaterThanOrEqual(fault.offset)
    expect(fault.end).toBeLessThanOrEqual(row.bytes.length)
  })
  it.each(GOLDEN_FAULTS)('the dissector says the same of $name', (row) => {
    const { error } = dissectMqtt(row.bytes, row.level)
    expect(error?.message).toContain(row.says)
    expect(error?.reasonCode).toBe(row.code)
  })
  it('no payload that is not UTF-8, unless it is asked to', () => {
    const lax = decodePacket(bytes('30 * "a" 02 01 01 ff'), 5)
    expect(lax).toMatchObject({ type: 'PUBLISH', payload: Uint8Array.of(0xff) })
    const zero = decodePacket(bytes('30 * "a" 02 01 01 00'), 5, { checkPayloadFormat: true })
    expect(zero).toMatchObject({ payload: Uint8Array.of(0) })
  })
  it('where the fault is', () => {
    const fault = faultOf(() => decodePacket(bytes('30 * "ab" 06 08 "x/#"'), 5))
    expect([fault.offset, fault.end]).toEqual([7, 13])
    const text = faultOf(() => decodePacket(bytes('30 * 0004 6162c041 00'), 5))
    expect([text.offset, text.end]).toEqual([6, 7])
  })
})

describe('the encoder refuses', () => {
  const publish = {
    type: 'PUBLISH',
    dup: false,
    qos: 0,
    retain: false,
    topic: 'a',
    properties: [],
    payload: new Uint8Array(),
  } as const
  const connect = {
    type: 'CONNECT',
    level: 5,
    clean: true,
    keepAlive: 0,
    clientId: '',
    properties: [],
  } as const
  const option = { filter: 'a', qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  const subscribe = { type: 'SUBSCRIBE', packetId: 1, subscriptions: [option], properties: [] } as const
  const cases: readonly (readonly [string, unknown, ProtocolLevel])[] = [
    ['Topic Name holds the wildcard #', { ...publish, topic: '#' }, 4],
    ['Topic Name is empty', { ...publish, topic: '' }, 5],
    ['Topic Name holds the null character', { ...publish, topic: 'a\0' }, 5],
    ['Topic Name holds half a surrogate pair', { ...publish, topic: 'a\ud800' }, 5],
    ['Topic Name has 65536 bytes', { ...publish, topic: 'a'.repeat(65_536) }, 5],
    ['QoS is 3', { ...publish, qos: 3 }, 5],
    ['DUP is set', { ...publish, dup: true }, 5],
    ['Packet Identifier is missing or 0', { ...publish, qos: 1 }, 5],
    ['Packet Identifier is 65536', { ...publish, qos: 1, packetId: 65_536 }, 5],
    ['has no Packet Identifier', { ...publish, packetId: 1 }, 5],
    ['does not exist in MQTT 3.1.1', { ...publish, properties: [{ name: 'topicAlias', value: 1 }] }, 4],
    ['Topic Alias is 0', { ...publish, properties: [{ name: 'topicAlias', value: 0 }] }, 5],
    ['wrong kind', { ...publish, properties: [{ name: 'topicAlias', value: 'x' }] }, 5],
    ['There is no property nothing', { ...publish, properties: [{ name: 'nothing', value: 1 }] }, 5],
    ['whole number', { ...publish, properties: [{ name: 'messageExpiryInterval', value: 1.5 }] }, 5],
    ['not allowed in PUBLISH', { ...publish, properties: [{ name: 'reasonString', value: '' }] }, 5],
    [
      'stands more than once',
      { ...publish, properties: ['', ''].map((value) => ({ name: 'contentType', value })) },
      5,
    ],
    ['Response Topic holds', { ...publish, properties: [{ name: 'responseTopic', value: '+' }] }, 5],
    ['Protocol Level 6', { ...connect, level: 6 }, 5],
    ['The bridge bit does not exist', { ...connect, bridge: true }, 5],
    ['Password without', { ...connect, level: 4, password: new Uint8Array() }, 4],
    ['Keep Alive is -1', { ...connect, keepAlive: -1 }, 5],
    ['Password has 65536 bytes', { ...connect, password: new Uint8Array(65_536) }, 5],
    ['SUBSCRIBE has no topic filter', { ...subscribe, subscriptions: [] }, 5],
    ['Topic Filter is empty', { ...subscribe, subscriptions: [{ ...option, filter: '' }] }, 5],
    ['other than QoS', { ...subscribe, subscriptions: [{ ...option, noLocal: true }] }, 4],
    ['Retain Handling is 3', { ...subscribe, subscriptions: [{ ...option, retainHandling: 3 }] }, 5],
    ['0x18 is not a code of SUBACK', { type: 'SUBACK', packetId: 1, reasonCodes: [0x18], properties: [] }, 5],
    ['SUBACK has no reason code', { type: 'SUBACK', packetId: 1, reasonCodes: [], properties: [] }, 5],
    ['A reason code in PUBACK', { type: 'PUBACK', packetId: 1, reasonCode: 0x80, properties: [] }, 4],
    ['AUTH does not exist', { type: 'AUTH', reasonCode: 0, properties: [] }, 4],
    ['Session Present', { type: 'CONNACK', sessionPresent: true, reasonCode: 0, properties: [] }, 3],
  ]
  it.each(cases)('%s', (says, packet, level) => {
    // Packets from files come past the compiler, so some of these are not of the type.
    expect(() => encodePacket(packet as Packet, level)).toThrow(says)
  })
})

describe('long packets', () => {
  it.each([127, 128, 16_383, 16_384, 65_530, 2_097_152])('of %i bytes come back', (size) => {
    const payload = new Uint8Array(size).fill(0x55)
    const packet: Packet = {
      type: 'PUBLISH',
      dup: false,
      qos: 0,
      retain: false,
      topic: 't',
      properties: [{ name: 'userProperty', value: ['k', 'v'.repeat(Math.min(size, 60_000))] }],
      payload,
    }
    const encoded = encodePacket(packet, 5)
    expect(frameLength(encoded, 0, encoded.length)).toBe(encoded.length)
    const back = decodePacket(encoded, 5)
    expect(back.type === 'PUBLISH' && Buffer.compare(back.payload, payload)).toBe(0)
    expect(back).toMatchObject({ properties: packet.properties })
  })
  it('give payloads as views, not copies', () => {
    const encoded = bytes('30 * "a" 00 010203')
    const packet = decodePacket(encoded, 5)
    expect(packet.type === 'PUBLISH' && packet.payload.buffer).toBe(encoded.buffer)
  })
})

describe('frameLength', () => {
  it('waits for more bytes', () => {
    expect(frameLength(bytes('30'), 0, 1)).toBe(0)
    expect(frameLength(bytes('30 ff ff'), 0, 3)).toBe(0)
    expect(frameLength(bytes(''), 0, 0)).toBe(0)
  })
  it('knows the length before the packet is whole', () => {
    expect(frameLength(bytes('30 ff ff ff 7f'), 0, 5)).toBe(268_435_460)
    expect(frameLength(bytes('aa 30 05 00'), 1, 4)).toBe(7)
  })
  it('gives up after four length bytes', () => {
    expect(frameLength(bytes('30 80 80 80 80'), 0, 5)).toBe(-1)
  })
})
