import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fileOf, importBytes, Talk } from './talk.ts'
import { connect, publish } from '../capture/packets.ts'

const capture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/captures/${name}`, import.meta.url)))
const files = [capture('obuspa-tour.pcapng'), capture('obuspa-refusals.pcap')]

test('damaged captures never throw, and tell no more bytes than they hold', () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 60 })
  const cut = fc.option(fc.tuple(fc.nat(), fc.nat({ max: 3000 })))
  fc.assert(
    fc.property(
      fc.constantFrom(...files),
      damage,
      cut,
      fc.integer({ min: 1, max: 70_000 }),
      (file, changes, hole, size) => {
        const damaged = file.slice()
        for (const [at, value] of changes) damaged[at % damaged.length] = value
        const [from, count] = hole ?? [0, 0]
        const start = from % damaged.length
        const holed = new Uint8Array(
          Buffer.concat([damaged.subarray(0, start), damaged.subarray(start + count)]),
        )
        const { of, events } = importBytes(holed, {}, size)
        const bytes = of('frame').reduce((sum, frame) => sum + frame.bytes.length, 0)
        expect(bytes).toBeLessThanOrEqual(file.length)
        expect(events.length).toBeLessThan(file.length)
        for (const { bytes: gap } of of('gap')) expect(gap).toBeGreaterThan(0)
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)

test('frames with damaged headers never throw', () => {
  const talk = new Talk()
  const frames = [
    ...talk.open(),
    ...talk.send('in', connect()),
    ...talk.send('in', publish('a', { payload: 'b' }), 5),
  ]
  const damage = fc.array(fc.tuple(fc.nat({ max: 60 }), fc.nat(), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 20,
  })
  fc.assert(
    fc.property(damage, fc.constantFrom(0, 1, 101, 108, 113, 252, 276), (changes, linkType) => {
      const broken = frames.map(({ data, time }) => ({ data: data.slice(), time }))
      for (const [at, which, value] of changes) {
        const frame = broken[which % broken.length]
        if (frame !== undefined && at < frame.data.length) frame.data[at] = value
      }
      const { events } = importBytes(fileOf(broken, { linkType }))
      expect(events.length).toBeLessThan(100)
    }),
    { numRuns: 300 },
  )
})

test('streams of arbitrary bytes on a port of MQTT end in bounded time', () => {
  const noise = fc.uint8Array({ minLength: 1000, maxLength: 20_000 })
  // Of few values, so that much of it looks like the beginning of a packet.
  const likely = fc.array(fc.constantFrom(0x30, 0x32, 0xc0, 0xd0, 0x00, 0x02, 0x05, 0x61), {
    minLength: 1000,
    maxLength: 20_000,
  })
  fc.assert(
    fc.property(
      fc.oneof(
        noise,
        likely.map((values) => Uint8Array.from(values)),
      ),
      fc.boolean(),
      (bytes, opened) => {
        const talk = new Talk()
        const opening = opened ? talk.open() : []
        const { of } = importBytes(fileOf([...opening, ...talk.send('in', bytes, 500)]))
        expect(of('frame').reduce((sum, frame) => sum + frame.bytes.length, 0)).toBeLessThanOrEqual(
          bytes.length,
        )
      },
    ),
    { numRuns: 40 },
  )
}, 60_000)
