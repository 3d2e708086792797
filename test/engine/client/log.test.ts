import { expect, test } from 'vitest'
import { PacketLog } from '../../../electron/engine/client/log.ts'
import { openLogView } from '../../../electron/engine/client/log-view.ts'
import { packetRow, previewOf } from '../../../electron/engine/client/rows.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { publishPacket } from '../../support/wire.ts'

const add = (log: PacketLog, topic: string, client = 'a', payload = 'p', direction: 'in' | 'out' = 'in') => {
  const packet = publishPacket(topic, payload)
  const bytes = encodePacket(packet, 5)
  return log.add(packetRow(client, direction, packet, 5, { topic, length: bytes.length }), bytes, 5)
}
const everything = { client: '', only: 'all', filter: '' } as const
const read = { from: 0, count: 1000, tail: false }

/** A view, once it has looked at every row. */
async function settled(log: PacketLog, params: Parameters<typeof openLogView>[1]) {
  const view = openLogView(log, params, () => undefined)
  await expect.poll(async () => (await view.read(read)).progress, { timeout: 10_000 }).toBeUndefined()
  await new Promise(setImmediate)
  return view
}

test('the oldest packets go when there are too many, and how many is said', async () => {
  const log = new PacketLog()
  const view = await settled(log, { ...everything, filter: 'mqtt.topic == "t7" or mqtt.topic == "t20000"' })
  for (let n = 0; n < 20_001; n++) add(log, `t${n}`)
  expect(log.dropped).toBeGreaterThan(0)
  expect(log.packets.length + log.dropped).toBe(20_001)
  expect([log.get(1), log.get(20_001)?.row.topic]).toEqual([undefined, 't20000'])
  await expect
    .poll(async () => (await view.read(read)).rows.map(({ topic }) => topic), { timeout: 10_000 })
    .toEqual(['t20000'])
  view.close()
})

test('bytes are bounded, too; the newest packet stays, however large', () => {
  const log = new PacketLog()
  const large = 'x'.repeat(20 << 20)
  add(log, 'one', 'a', large)
  add(log, 'two', 'a', large)
  add(log, 'three', 'a', large.repeat(2))
  expect(log.packets.map(({ row }) => row.topic)).toEqual(['three'])
  expect(log.dropped).toBe(2)
})

test('a view shows one client, one direction, what a filter says; and begins anew when the log is emptied', async () => {
  const log = new PacketLog()
  add(log, 'x', 'a')
  add(log, 'y', 'a', 'p', 'out')
  add(log, 'x', 'b', 'word')
  const topics = async (params: Partial<Parameters<typeof openLogView>[1]>) => {
    const view = await settled(log, { ...everything, ...params })
    const { rows } = await view.read(read)
    view.close()
    return rows.map(({ client, topic }) => `${client} ${topic}`)
  }
  expect(await topics({ client: 'a' })).toEqual(['a x', 'a y'])
  expect(await topics({ only: 'published' })).toEqual(['a y'])
  expect(await topics({ filter: 'mqtt.topic == "x" and mqtt.msg contains "word"' })).toEqual(['b x'])
  expect(() => openLogView(log, { ...everything, filter: 'mqtt.topic ==' }, () => undefined)).toThrow()
  const view = await settled(log, everything)
  log.clear('a')
  await expect.poll(async () => (await view.read(read)).rows.map(({ client }) => client)).toEqual(['b'])
  expect(await view.locate(3)).toBe(0)
  view.close()
})

test('a payload in one line: text, bytes, and where it goes on', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  expect(previewOf(bytes('a\n  b'))).toBe('a b')
  expect(previewOf(new Uint8Array([0, 255]))).toBe('00ff')
  expect(previewOf(bytes('ü'.repeat(200)))).toBe(`${'ü'.repeat(120)}…`)
  expect(previewOf(new Uint8Array(100))).toBe(`${'00'.repeat(48)}…`)
})
