/** How many batches of an import are under way, however much a step of it tells at once. */
import { expect, test } from 'vitest'
import { readBatch } from '../../../electron/engine/capture/batch.ts'
import { batchesOf, newBuffers, Ring } from '../../../electron/engine/capture/event-batches.ts'
import { type ImportSink, NUMBER_ME } from '../../../electron/engine/import/events.ts'

const packet = new Uint8Array(100_000).map((_, i) => i)
const STEPS = 40
/** More than five batches. */
const AT_ONCE = 30

async function* telling(sink: ImportSink): AsyncGenerator<void> {
  for (let step = 0; step < STEPS; step++) {
    const time = { sec: step, nsec: 0 }
    for (let i = 0; i < AT_ONCE; i++) sink.frame(NUMBER_ME, time, 1, 'in', false, packet, i, packet.length)
    yield await Promise.resolve()
  }
}

/** Lengths and times of the frames in a batch. */
function framesIn(buffer: ArrayBuffer, used: number): string[] {
  const found: string[] = []
  readBatch(buffer, used, {
    frame: (_no, time, _connection, _direction, _malformed, bytes, start, end) =>
      found.push(`${time / 1e9} ${end - start} ${bytes[start]}`),
    opened: () => undefined,
    closed: () => undefined,
    note: () => undefined,
  })
  return found
}

const told = Array.from({ length: STEPS * AT_ONCE }, (_, n) => {
  const i = n % AT_ONCE
  return `${Math.floor(n / AT_ONCE)} ${packet.length - i} ${i}`
})

test('a step is not taken before all but a few of the batches before it came back', async () => {
  const most = 4
  const ring = new Ring(most)
  const away: ArrayBuffer[] = []
  const found: string[] = []
  let highest = 0
  for await (const { buffer, used } of batchesOf(telling, ring)) {
    found.push(...framesIn(buffer, used))
    away.push(buffer)
    highest = Math.max(highest, away.length)
    // They come back late, one after the other.
    setImmediate(() => ring.give(away.shift() as ArrayBuffer))
  }
  expect(found).toEqual(told)
  const inOneStep = Math.ceil((AT_ONCE * packet.length) / (512 * 1024)) + 1
  expect(highest).toBeLessThanOrEqual(most + inOneStep)
})

test('the first batches are small, so that whoever takes them can begin', async () => {
  const sizes: number[] = []
  async function* small(sink: ImportSink): AsyncGenerator<void> {
    for (let i = 0; i < 2000; i++) sink.frame(i + 1, { sec: 0, nsec: i }, 1, 'out', false, packet, 0, 1000)
    yield await Promise.resolve()
  }
  for await (const { used } of batchesOf(small, newBuffers)) sizes.push(used)
  expect(sizes[0]).toBeLessThan(20_000)
  expect(sizes.slice(0, 4)).toEqual(sizes.slice(0, 4).sort((a, b) => a - b))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(512 * 1024)
})
