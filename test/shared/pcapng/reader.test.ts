import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BlockWriter } from '../../../shared/pcapng/block-writer.ts'
import { TLS_KEY_LOG } from '../../../shared/pcapng/format.ts'
import { CaptureReader } from '../../../shared/pcapng/reader.ts'
import { ofKind, pcapFile, rawBlock, readAll } from './files.ts'

const capture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/captures/${name}`, import.meta.url)))
const bytes = (...values: number[]) => Uint8Array.from(values)
const text = (value: string) => new TextEncoder().encode(value)
const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))

const time = { sec: 1_793_000_000, nsec: 123_456_789 }

/** A file with a block of each kind that the writer makes. */
function everyBlock(little: boolean): Uint8Array {
  const writer = new BlockWriter(little, 8)
  writer.section({ hardware: 'x86', os: 'Linux', application: 'test 1', comments: ['one', 'zwei ü'] })
  writer.interface({
    linkType: 101,
    snapLength: 1000,
    name: 'lo',
    description: 'loop',
    filter: 'tcp',
    os: 'Linux',
  })
  writer.interface({ linkType: 1, comments: ['second'] })
  writer.secrets(TLS_KEY_LOG, text('CLIENT_RANDOM aa bb\n'))
  writer.names(
    [
      { address: '192.0.2.1', names: ['os::1', 'other'] },
      { address: 'no address', names: ['left out'] },
      { address: '2001:db8::1', names: ['six'] },
    ],
    ['named'],
  )
  writer.packet(
    { ...time, interfaceId: 0, direction: 'in', id: 2 ** 40 + 7, comments: ['a', 'b'] },
    bytes(1, 2, 3),
  )
  writer.packet({ ...time, interfaceId: 1, direction: 'out' }, bytes(1, 2, 3, 4), 900)
  writer.packet({ ...time, interfaceId: 1 }, bytes())
  writer.statistics(1, time, { received: 2 ** 33 + 1, dropped: 3 })
  writer.custom(32_473, bytes(9, 8, 7, 6))
  return writer.take()
}

test.each([true, false])('what is written is read again (little endian %s)', (little) => {
  const items = readAll(everyBlock(little))
  expect(ofKind(items, 'error')).toEqual([])
  expect(items.map(({ block }) => block)).toEqual(items.map((_, i) => i + 1))
  const [section] = ofKind(items, 'section')
  expect(section).toMatchObject({ little, hardware: 'x86', os: 'Linux', application: 'test 1' })
  expect(section?.comments).toEqual(['one', 'zwei ü'])
  expect(ofKind(items, 'interface')).toMatchObject([
    {
      id: 0,
      linkType: 101,
      snapLength: 1000,
      resolution: 9,
      timeOffset: 0,
      name: 'lo',
      filter: 'tcp',
      os: 'Linux',
    },
    { id: 1, linkType: 1, snapLength: 0, comments: ['second'] },
  ])
  expect(ofKind(items, 'packet')).toMatchObject([
    { ...time, timed: true, direction: 'in', id: 2 ** 40 + 7, comments: ['a', 'b'], data: bytes(1, 2, 3) },
    { ...time, direction: 'out', id: 0, comments: [], originalLength: 900, interface: { id: 1 } },
    { direction: undefined, data: bytes(), originalLength: 0 },
  ])
  expect(ofKind(items, 'secrets')).toMatchObject([{ type: TLS_KEY_LOG, data: text('CLIENT_RANDOM aa bb\n') }])
  expect(ofKind(items, 'names')).toMatchObject([
    {
      records: [
        { address: '192.0.2.1', names: ['os::1', 'other'] },
        { address: '2001:db8::1', names: ['six'] },
      ],
      comments: ['named'],
    },
  ])
  expect(ofKind(items, 'statistics')).toMatchObject([{ interfaceId: 1, received: 2 ** 33 + 1, dropped: 3 }])
  expect(ofKind(items, 'custom')).toMatchObject([{ enterprise: 32_473, data: bytes(9, 8, 7, 6) }])
})

test('places are those in the file, whatever the pieces it comes in', () => {
  for (const file of [everyBlock(true), everyBlock(false), capture('obuspa-tour.pcapng')]) {
    const whole = readAll(file)
    let end = 0
    for (const { offset, size } of whole) {
      expect(offset).toBe(end)
      end = offset + size
    }
    expect(end).toBe(file.length)
    for (const chunkBytes of [1, 7, 100, 4096]) expect(readAll(file, chunkBytes)).toEqual(whole)
  }
})

test('sections follow each other, each with its own interfaces and byte order', () => {
  const items = readAll(concat(everyBlock(true), everyBlock(false)))
  expect(ofKind(items, 'error')).toEqual([])
  expect(ofKind(items, 'interface').map(({ id }) => id)).toEqual([0, 1, 0, 1])
  expect(ofKind(items, 'packet')).toHaveLength(6)
})

test('old kinds of packet blocks are read', () => {
  const writer = new BlockWriter()
  writer.section({})
  writer.interface({ linkType: 1, snapLength: 6 })
  const old = Buffer.alloc(28)
  old.writeUInt16LE(0, 0)
  old.writeUInt32LE(0, 4)
  old.writeUInt32LE(1_500_000_000, 8)
  old.writeUInt32LE(5, 12)
  old.writeUInt32LE(5, 16)
  old.set([1, 2, 3, 4, 5], 20)
  const simple = Buffer.alloc(12)
  simple.writeUInt32LE(60, 0)
  simple.set([1, 2, 3, 4, 5, 6, 7, 8], 4)
  const items = readAll(concat(writer.take(), rawBlock(2, old), rawBlock(3, simple), rawBlock(77, bytes(1))))
  expect(ofKind(items, 'packet')).toMatchObject([
    { sec: 1, nsec: 500_000_000, timed: true, data: bytes(1, 2, 3, 4, 5) },
    { timed: false, data: bytes(1, 2, 3, 4, 5, 6), originalLength: 60 },
  ])
  expect(ofKind(items, 'other')).toMatchObject([{ type: 77 }])
})

test('time resolution and offset of an interface count', () => {
  const section = new BlockWriter()
  section.section({})
  // if_tsresol 2^-4, if_tsoffset 100 s, in front of the end mark.
  const body = Buffer.from([
    101, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0, 0x84, 0, 0, 0, 14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0,
  ])
  const packet = Buffer.alloc(20)
  packet.writeUInt32LE(24, 8)
  const [item] = ofKind(readAll(concat(section.take(), rawBlock(1, body), rawBlock(6, packet))), 'packet')
  expect(item).toMatchObject({ sec: 101, nsec: 500_000_000 })
})

test.each([
  [true, false],
  [true, true],
  [false, false],
  [false, true],
])('classic pcap (little endian %s, nanoseconds %s)', (little, nanoseconds) => {
  const fraction = nanoseconds ? 123_456_789 : 123_456
  const packets = [
    { sec: 1, fraction, data: bytes(1, 2, 3) },
    { sec: 2, fraction: 0, data: bytes() },
  ]
  const file = pcapFile({ little, nanoseconds, linkType: 113 }, packets)
  for (const chunkBytes of [1, 5, 1000]) {
    const items = readAll(file, chunkBytes)
    expect(items.map(({ kind }) => kind)).toEqual(['interface', 'packet', 'packet'])
    expect(ofKind(items, 'packet')).toMatchObject([
      { block: 1, sec: 1, nsec: nanoseconds ? 123_456_789 : 123_456_000, data: bytes(1, 2, 3) },
      { block: 2, sec: 2, nsec: 0, offset: 43, interface: { linkType: 113 } },
    ])
  }
})

test.each([
  ['nothing', bytes(), /empty/],
  ['text', text('Hello, world'), /Block 1 at byte 0: neither a pcapng nor a pcap/],
  ['a compressed file', bytes(0x1f, 0x8b, 8, 0, 0), /gzip/],
  ['three bytes', bytes(0x0a, 0x0d, 0x0d), /too short/],
  ['a torn block', everyBlock(true).subarray(0, -1), /Block 10 at byte \d+: the file ends inside/],
  [
    'a wrong length behind',
    concat(everyBlock(true).subarray(0, -1), bytes(9)),
    /Block 10 .* in front and \d+ behind/,
  ],
  ['a wrong byte-order magic', everyBlock(true).with(8, 0), /byte-order magic/],
  [
    'an impossible length',
    concat(everyBlock(true), bytes(6, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0)),
    /Block 11 .*length of 5/,
  ],
  [
    'a torn pcap',
    pcapFile({}, [{ sec: 1, fraction: 1, data: bytes(1) }]).subarray(0, -1),
    /Block 1 at byte 24/,
  ],
])('%s ends with an error that says where', (_, file, message) => {
  const error = readAll(file, 3).at(-1)
  expect(error).toMatchObject({
    kind: 'error',
    fatal: true,
    message: expect.stringMatching(message) as string,
  })
})

test('a packet of an unknown interface is left out, and reading goes on', () => {
  const writer = new BlockWriter()
  writer.section({})
  writer.packet({ ...time, interfaceId: 3 }, bytes(1))
  writer.interface({ linkType: 1 })
  writer.packet({ ...time, interfaceId: 0 }, bytes(1))
  expect(readAll(writer.take()).map(({ kind }) => kind)).toEqual(['section', 'error', 'interface', 'packet'])
})

test('a block that is too long is left out, without its bytes being kept', () => {
  const writer = new BlockWriter()
  writer.section({})
  writer.interface({ linkType: 1 })
  writer.packet({ ...time, interfaceId: 0 }, new Uint8Array(5000))
  writer.packet({ ...time, interfaceId: 0 }, bytes(1))
  const file = writer.take()
  for (const chunkBytes of [1, 100, 10_000]) {
    const items = readAll(file, chunkBytes, { maxBlockBytes: 4096 })
    expect(items.map(({ kind }) => kind)).toEqual(['section', 'interface', 'error', 'packet'])
    expect(ofKind(items, 'error')[0]).toMatchObject({ fatal: false, block: 3 })
  }
})

test('the end of the last whole block is known, as a repair needs it', () => {
  const file = everyBlock(true)
  const ends: number[] = []
  const reader = new CaptureReader(({ offset, size }) => ends.push(offset + size))
  reader.push(file.subarray(0, -5))
  expect(reader.goodEnd).toBe(ends.at(-1))
  expect(ends).toHaveLength(9)
})

test('damaged files never throw', () => {
  const files = [everyBlock(true), everyBlock(false), capture('obuspa-tour.pcapng').subarray(0, 6000)]
  files.push(
    pcapFile({}, [
      { sec: 1, fraction: 1, data: bytes(1, 2) },
      { sec: 1, fraction: 1, data: bytes(1, 2) },
    ]),
  )
  const damage = fc.array(fc.tuple(fc.nat({ max: 6000 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      damage,
      fc.integer({ min: 1, max: 5000 }),
      (file, changes, chunkBytes) => {
        const damaged = file.slice()
        for (const [at, value] of changes) damaged[at % damaged.length] = value
        const items = readAll(damaged, chunkBytes)
        expect(items.length).toBeLessThan(file.length)
        for (const { offset, size } of ofKind(items, 'packet'))
          expect(offset + size).toBeLessThanOrEqual(file.length)
      },
    ),
    { numRuns: 300 },
  )
})
