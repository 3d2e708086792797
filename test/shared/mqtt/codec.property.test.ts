import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { summarize } from '../../../shared/mqtt/summary.ts'
import { anyLevel, anyPacket, anyPacketAndLevel } from './arbitrary.ts'
import { GOLDEN_FAULTS } from './golden-faults.ts'
import { GOLDEN } from './golden.ts'

/** Bytes near to valid ones: a packet with some bytes changed, cut out or put in. */
const damaged: fc.Arbitrary<[Uint8Array, ProtocolLevel]> = fc
  .tuple(
    anyPacketAndLevel,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom('set', 'cut', 'put')), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([[packet, level], changes]) => {
    const bytes = [...encodePacket(packet, level)]
    for (const [where, value, how] of changes) {
      const at = where % (bytes.length + 1)
      bytes.splice(at, how === 'put' ? 0 : 1, ...(how === 'cut' ? [] : [value]))
    }
    // With a right Remaining Length most damage reaches the fields behind it.
    if (bytes.length > 1 && bytes.length < 130) bytes[1] = bytes.length - 2
    return [Uint8Array.from(bytes), level]
  })
const noise = fc.tuple(fc.uint8Array({ maxLength: 60 }), anyLevel)

const outcome = (run: () => Packet): Packet | MqttError => {
  try {
    return run()
  } catch (error) {
    if (error instanceof MqttError) return error
    throw error
  }
}

function checkRanges(fields: readonly Field[], start: number, end: number): void {
  for (const field of fields) {
    expect(field.start).toBeGreaterThanOrEqual(start)
    expect(field.end).toBeGreaterThanOrEqual(field.start)
    expect(field.end).toBeLessThanOrEqual(end)
    checkRanges(field.children ?? [], field.start, field.end)
  }
}

function bytesCovered(fields: readonly Field[], covered: Set<number>): Set<number> {
  for (const { start, end } of fields) for (let i = start; i < end; i++) covered.add(i)
  return covered
}

const findings = (fields: readonly Field[]): string[] =>
  fields.flatMap(({ finding, children }) => [
    ...(finding?.severity === 'error' ? [finding.text] : []),
    ...findings(children ?? []),
  ])

function checkDissection(bytes: Uint8Array, level: ProtocolLevel): void {
  const { fields, packet, error } = dissectMqtt(bytes, level)
  checkRanges(fields, 0, bytes.length)
  expect(bytesCovered(fields, new Set()).size).toBe(bytes.length)
  const direct = outcome(() => decodePacket(bytes, level, { checkPayloadFormat: true }))
  if (direct instanceof MqttError) {
    expect(error?.message).toBe(direct.message)
    expect(findings(fields)).toContain(direct.message)
  } else {
    expect(error).toBeUndefined()
    expect(packet).toStrictEqual(direct)
    expect(findings(fields)).toEqual([])
  }
  if (packet !== undefined) expect(typeof summarize(packet, level)).toBe('string')
}

describe.each([3, 4, 5] as const)('any packet of level %i', (level) => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(anyPacket(level), (packet) => {
        const bytes = encodePacket(packet, level)
        expect(frameLength(bytes, 0, bytes.length)).toBe(bytes.length)
        const back = decodePacket(bytes, level)
        expect(back).toStrictEqual(packet)
        expect(encodePacket(back, level)).toStrictEqual(bytes)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the dissector', () => {
  it('says of valid packets what the decoder says', () => {
    fc.assert(
      fc.property(anyPacketAndLevel, ([packet, level]) =>
        checkDissection(encodePacket(packet, level), level),
      ),
      { numRuns: 300 },
    )
  })
  it('says of damaged packets what the decoder says', () => {
    fc.assert(
      fc.property(damaged, ([bytes, level]) => checkDissection(bytes, level)),
      { numRuns: 1000 },
    )
  })
  it('says of noise what the decoder says', () => {
    fc.assert(
      fc.property(noise, ([bytes, level]) => checkDissection(bytes, level)),
      { numRuns: 1000 },
    )
  })
  it.each([...GOLDEN, ...GOLDEN_FAULTS])('holds its rules for: $name', ({ bytes, level }) => {
    checkDissection(bytes, level)
  })
})

describe('a stream of packets', () => {
  it('is framed the same however it is cut', () => {
    const stream = fc.tuple(
      fc.array(anyPacket(5), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
    )
    fc.assert(
      fc.property(stream, ([packets, cuts]) => {
        const whole = Uint8Array.from(packets.flatMap((packet) => [...encodePacket(packet, 5)]))
        const back: Packet[] = []
        let start = 0
        let end = 0
        for (let turn = 0; end < whole.length; turn++) {
          end = Math.min(whole.length, end + cuts[turn % cuts.length]!)
          let length = frameLength(whole, start, end)
          while (length > 0 && start + length <= end) {
            back.push(decodePacket(whole.subarray(start, start + length), 5))
            start += length
            length = frameLength(whole, start, end)
          }
        }
        expect(start).toBe(whole.length)
        expect(back).toStrictEqual(packets)
      }),
      { numRuns: 100 },
    )
  })
})
