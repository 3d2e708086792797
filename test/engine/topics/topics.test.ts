/** The topics of a capture, with real clients, the real broker and the real worker. */
import { afterEach, expect, test } from 'vitest'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'

let bench: TestEngine | undefined
afterEach(async () => {
  await bench?.stop()
  bench = undefined
})

const everything: ViewParams<'topics'> = {
  capture: 'live',
  text: '',
  levels: 100,
  except: [],
  sort: 'name',
  retainedOnly: false,
  before: 0,
}

/** The rows of the view as soon as they are as `wanted` has it. */
async function rowsOnce(
  { engine }: TestEngine,
  wanted: (rows: readonly TopicRow[]) => boolean,
  ask: Partial<ViewParams<'topics'>> = {},
): Promise<readonly TopicRow[]> {
  let tell: (() => void) | undefined
  const view = engine.views.topics({ ...everything, ...ask }, () => tell?.())
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (tell = resolve))
      const { rows, progress } = await view.read({ from: 0, count: 500, tail: false })
      if (progress === undefined && wanted(rows)) return rows
      await changed
    }
  } finally {
    view.close()
  }
}

const at = (rows: readonly TopicRow[], path: string) => rows.find((row) => row.path === path)

async function client(clientId: string): Promise<WireClient> {
  const one = await WireClient.open(bench?.port ?? 0)
  await one.hello({ clientId })
  return one
}

test('topics stand as a tree with their counts and last values', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  const listener = await client('listener')
  await listener.subscribe('lab/room/temperature')
  device.send(
    publishPacket('lab/room/temperature', '21.5'),
    publishPacket('lab/room/temperature', '22'),
    publishPacket('lab/room/json', '{"a": {"b": 1}}', { retain: true }),
    publishPacket('lab/door', new Uint8Array([1, 2, 0xff])),
  )
  const rows = await rowsOnce(
    bench,
    (all) =>
      at(all, 'lab')?.delivered === 2 && at(all, 'lab')?.retained === 1 && at(all, 'lab/door') !== undefined,
  )
  expect(rows.map(({ name, depth, topics }) => [name, depth, topics])).toEqual([
    ['lab', 0, 3],
    ['door', 1, 1],
    ['room', 1, 2],
    ['json', 2, 1],
    ['temperature', 2, 1],
  ])
  expect(at(rows, 'lab')).toMatchObject({ published: 4, delivered: 2, isTopic: false, retained: 1 })
  expect(at(rows, 'lab/room/temperature')).toMatchObject({
    published: 2,
    isRetained: false,
    value: { from: 'cpe-1', info: '22', length: 2, qos: 0, usp: '' },
  })
  expect(at(rows, 'lab/room/json')).toMatchObject({
    isRetained: true,
    value: { retain: true, info: '{"a": {"b": 1}}' },
  })
  expect(at(rows, 'lab/door')?.value?.info).toBe('01 02 ff')
  expect(at(rows, 'lab/door')?.rate).toBeGreaterThan(0)
})

test('an empty retained message takes the mark away', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  device.send(publishPacket('a', 'x', { retain: true }), publishPacket('b', 'x', { retain: true }))
  await rowsOnce(bench, (all) => all.length === 2 && all.every(({ isRetained }) => isRetained))
  device.send(publishPacket('a', '', { retain: true }))
  const rows = await rowsOnce(bench, (all) => at(all, 'a')?.isRetained === false)
  expect(at(rows, 'b')?.isRetained).toBe(true)
  const kept = await rowsOnce(bench, (all) => all.length === 1, { retainedOnly: true })
  expect(kept[0]?.path).toBe('b')
})

test('what the broker refused is counted apart', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  device.send(publishPacket('$SYS/x', '1'), publishPacket('fine', '1'))
  const rows = await rowsOnce(bench, (all) => at(all, 'fine') !== undefined)
  expect(at(rows, '$SYS/x')).toMatchObject({ published: 0, refused: 1 })
  expect(at(rows, '$SYS/x')?.value).toBeUndefined()
})

test('a view that stands still shows what was before its packet', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  device.send(publishPacket('a', 'first'))
  const [row] = await rowsOnce(bench, (all) => all.length === 1)
  const before = (row?.value?.no ?? 0) + 1
  device.send(publishPacket('a', 'second'), publishPacket('b', 'new'))
  await rowsOnce(bench, (all) => all.length === 2)
  const still = await rowsOnce(bench, () => true, { before })
  expect(still).toMatchObject([{ path: 'a', published: 1, value: { info: 'first' } }])
})

test('a topic is found by its path while it is open', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  device.send(publishPacket('a/b', 'x'), publishPacket('c', 'x'))
  await rowsOnce(bench, (all) => all.length === 3)
  const view = bench.engine.views.topics({ ...everything, levels: 0 }, () => undefined)
  await expect.poll(async () => (await view.read({ from: 0, count: 9, tail: false })).total).toBe(2)
  expect(await view.locate('c')).toBe(1)
  expect(await view.locate('a/b')).toBe(-1)
  view.close()
})

test('numbers of a topic come as a series', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  for (let i = 0; i < 5; i++)
    device.send(publishPacket('m', JSON.stringify({ cpu: i, name: 'x', mem: { free: 10 - i } })))
  device.send(publishPacket('other', '7'))
  await device.ping()
  const series = (more: object) =>
    bench?.engine.handlers['topics.series']({ capture: 'live', topic: 'm', messages: 100, ...more })
  expect(await series({})).toMatchObject({
    pointers: ['/cpu', '/mem/free'],
    pointer: '/cpu',
    value: [0, 1, 2, 3, 4],
    looked: 5,
    older: false,
  })
  expect(await series({ pointer: '/mem/free', messages: 2 })).toMatchObject({ value: [7, 6], older: true })
  expect(await series({ topic: 'nobody' })).toMatchObject({ pointers: [], value: [], looked: 0 })
})

test('the messages of a topic come newest first, without those that were refused', async () => {
  bench = await testEngine()
  const device = await client('cpe-1')
  for (let i = 1; i <= 4; i++) device.send(publishPacket('m', `v${i}`, { retain: i === 4 }))
  device.send(publishPacket('$SYS/x', 'no'))
  await device.ping()
  const ask = (topic: string, messages: number) =>
    bench?.engine.handlers['topics.messages']({ capture: 'live', topic, messages })
  const two = await ask('m', 2)
  expect(two?.older).toBe(true)
  expect(two?.messages.map(({ info, retain, from }) => [info, retain, from])).toEqual([
    ['v4', true, 'cpe-1'],
    ['v3', false, 'cpe-1'],
  ])
  expect(await ask('$SYS/x', 9)).toEqual({ messages: [], older: false })
})

test('rows that were dropped are no longer counted, and an emptied capture has no topics', async () => {
  bench = await testEngine({ 'capture.budgetMiB': 64, 'capture.segmentMiB': 16 })
  const device = await client('cpe-1')
  device.send(publishPacket('a', 'x'))
  await rowsOnce(bench, (all) => all.length === 1)
  await bench.engine.handlers['packets.clear'](undefined)
  expect(await rowsOnce(bench, (all) => all.length === 0)).toEqual([])
  device.send(publishPacket('a', 'y'))
  expect(await rowsOnce(bench, (all) => all.length === 1)).toMatchObject([{ published: 1 }])
})
