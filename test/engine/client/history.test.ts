/** What clients sent and received outlives the bench: whole, bounded, and without what was cleared. */
import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { History, HISTORY_FOLDER } from '../../../electron/engine/client/history.ts'
import { PacketLog } from '../../../electron/engine/client/log.ts'
import { noteRow, packetRow } from '../../../electron/engine/client/rows.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { publishPacket } from '../../support/wire.ts'
import { clientBench, publishDraft, subscriptionDraft } from './bench.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-history-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const problems: string[] = []
async function opened() {
  const log = new PacketLog()
  const history = new History({ folder, log, onProblem: (text) => problems.push(text) })
  await history.ready
  return { log, history }
}
const add = (log: PacketLog, topic: string, client = 'a', payload = 'p'): number => {
  const packet = publishPacket(topic, payload)
  const bytes = encodePacket(packet, 5)
  return log.add(packetRow(client, 'in', packet, 5, { topic, length: bytes.length }), bytes, 5)
}
const files = async () => (await readdir(join(folder, HISTORY_FOLDER))).sort()
/** All that stands in the files. */
const written = async (): Promise<string> => {
  const all = await Promise.all((await files()).map((name) => readFile(join(folder, HISTORY_FOLDER, name))))
  return Buffer.concat(all).toString('latin1')
}

test('rows, bytes, what became of them and how many were dropped come back, and numbers go on', async () => {
  const first = await opened()
  add(first.log, 'one')
  const asked = add(first.log, 'two')
  first.log.change(asked, () => ({ request: { state: 'waiting', answers: [] } }))
  first.log.add(noteRow('a', 'broken', true), new Uint8Array(), 5)
  await first.history.stop()

  const second = await opened()
  expect(second.log.packets.map(({ row }) => [row.no, row.topic, row.info])).toEqual([
    [1, 'one', expect.any(String)],
    [2, 'two', expect.any(String)],
    [3, '', 'broken'],
  ])
  expect(second.log.packets[0]).toEqual(first.log.packets[0])
  // Nobody answers that any more.
  expect(second.log.get(2)?.row.request?.state).toBe('lost')
  second.log.change(1, () => ({ outcome: { text: 'late', bad: false } }))
  expect(add(second.log, 'four')).toBe(4)
  await second.history.stop()
  const third = await opened()
  expect(third.log.packets).toHaveLength(4)
  expect(third.log.get(1)?.row.outcome?.text).toBe('late')
  await third.history.stop()
  expect((await stat(join(folder, HISTORY_FOLDER, (await files())[0] ?? ''))).mode & 0o077).toBe(0)
})

test('what is cleared is gone from the disk, of one client or of all', async () => {
  const { log, history } = await opened()
  add(log, 'secret-topic', 'a')
  add(log, 'kept-topic', 'b')
  await expect.poll(() => written().catch(() => ''), { timeout: 5000 }).toContain('secret-topic')
  log.clear('a')
  await expect.poll(written, { timeout: 5000 }).not.toContain('secret-topic')
  expect(await written()).toContain('kept-topic')
  add(log, 'later', 'a')
  await history.stop()
  const again = await opened()
  expect(again.log.packets.map(({ row }) => row.topic)).toEqual(['kept-topic', 'later'])
  again.log.clear(undefined)
  await again.history.stop()
  expect((await opened()).log.packets).toEqual([])
})

test('the files are bounded, and old segments go whole', { timeout: 30_000 }, async () => {
  let last = { packets: [] as readonly number[], dropped: 0 }
  // Each one drives the one before out of the log.
  for (let batch = 0; batch < 4; batch++) {
    const { log, history } = await opened()
    expect(log.packets.map(({ row }) => row.no)).toEqual(last.packets)
    expect(log.dropped).toBe(last.dropped)
    for (let n = 0; n < 30; n++) add(log, `t${batch}`, 'a', 'x'.repeat(1 << 20))
    await history.stop()
    last = { packets: log.packets.map(({ row }) => row.no), dropped: log.dropped }
    expect(await sizes()).toBeLessThan(80 << 20)
  }
  expect(last.dropped).toBeGreaterThan(80)
})
const sizes = async (): Promise<number> => {
  const all = await Promise.all((await files()).map((name) => stat(join(folder, HISTORY_FOLDER, name))))
  return all.reduce((sum, { size }) => sum + size, 0)
}

test('a file that is cut short or damaged gives what stands before, and never an error', async () => {
  const { log, history } = await opened()
  for (let n = 0; n < 20; n++) add(log, `topic ${n}`)
  await history.stop()
  const [name = ''] = await files()
  const path = join(folder, HISTORY_FOLDER, name)
  const whole = await readFile(path)
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
      await writeFile(path, whole.subarray(0, at))
      const cut = (await opened()).log.packets.map(({ row }) => row.topic)
      expect(cut).toEqual(Array.from({ length: cut.length }, (_, n) => `topic ${n}`))
      await writeFile(path, whole.with(at, byte))
      const { packets } = (await opened()).log
      for (const { row } of packets) expect(typeof row.topic).toBe('string')
    }),
    { numRuns: 60 },
  )
  expect(problems).toEqual([])
})

test('one of a newer version is left as it is, and that is said', async () => {
  const { log, history } = await opened()
  add(log, 'x')
  await history.stop()
  const [name = ''] = await files()
  const path = join(folder, HISTORY_FOLDER, name)
  const bytes = await readFile(path)
  const place = bytes.indexOf('history') + 'history'.length
  bytes[place] = 2
  await writeFile(path, bytes)
  const newer = await opened()
  add(newer.log, 'y')
  await newer.history.stop()
  expect(await readFile(path)).toEqual(bytes)
  expect(problems.splice(0)).toEqual([expect.stringContaining('written by a newer Oktobench')])
})

test('a bench that starts again shows what its clients did, without their secrets', async () => {
  const first = await clientBench({}, folder)
  await first.connect('a', { username: 'me' }, { password: 'pass-1' })
  await first.engine.handlers['client.subscribe']({ id: 'a', subscription: subscriptionDraft('t') })
  await first.publish('a', publishDraft('t', 'kept', { qos: 1 }))
  await expect.poll(() => first.connection('a')?.in.messages).toBe(1)
  await first.engine.stop()
  expect(await written()).not.toContain('pass-1')
  const second = await clientBench({}, folder)
  expect(await second.log('a', 'mqtt.topic == "t" and mqtt.msgtype == PUBLISH')).toMatchObject([
    { payload: 'kept', direction: 'out', outcome: { text: 'PUBACK Success' } },
    { payload: 'kept', direction: 'in', colour: 'blue' },
  ])
  await second.engine.handlers['client.delete']({ id: 'a' })
  expect(await second.log('a')).toEqual([])
  await second.stop()
})
