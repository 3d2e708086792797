/** Sessions beyond a restart, whole and damaged journals. */
import { copyFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { frameOf, unframe } from '../../../../electron/engine/broker/journal/frames.ts'
import type { ConnectPacket, Property } from '../../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../../support/broker.ts'
import { publishPacket, type WireClient } from '../../../support/wire.ts'

let folder: string
let path: string
let bench: TestBroker
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-journal-'))
  path = join(folder, 'sessions.journal')
  bench = await testBroker({ journal: path })
})
afterEach(async () => {
  await bench.close()
  await rm(folder, { recursive: true, force: true })
})

async function restart(): Promise<void> {
  await bench.close()
  bench = await testBroker({ journal: path })
}
async function come(clientId: string, wishes: Partial<ConnectPacket> = {}): Promise<WireClient> {
  const client = await bench.connect()
  expect((await client.hello({ clientId, ...wishes })).reasonCode).toBe(0)
  return client
}
async function gone(client: WireClient): Promise<void> {
  const before = bench.ended.length
  client.destroy()
  await expect.poll(() => bench.ended.length).toBe(before + 1)
}
const expiry = (value: number): Property<'sessionExpiryInterval'> => ({
  name: 'sessionExpiryInterval',
  value,
})
const lasting = { clean: false, properties: [expiry(600)] } as const
const row = (clientId: string) => bench.broker.overview.session(clientId)

describe('after a restart', () => {
  test('a session is there with its subscriptions, what waits and what was under way', async () => {
    const reader = await come('reader', lasting)
    await reader.subscribe('t/#', 2, { identifier: 3, retainAsPublished: true })
    await reader.subscribe('no', 1)
    reader.send({ type: 'UNSUBSCRIBE', packetId: 4, filters: ['no'], properties: [] })
    await reader.next('UNSUBACK')
    const writer = await come('writer')
    const properties = [
      { name: 'userProperty', value: ['b', '1'] },
      { name: 'userProperty', value: ['a', '2'] },
      { name: 'correlationData', value: Buffer.from([0, 255]) },
    ] as const
    for (const text of ['1', '2', '3']) await writer.publish('t/x', text, 2, { properties })
    const [first, second] = [await reader.next('PUBLISH'), await reader.next('PUBLISH')]
    reader.send({ type: 'PUBREC', packetId: second.packetId ?? 0, reasonCode: 0, properties: [] })
    await reader.next('PUBLISH')
    await reader.next('PUBREL')
    await gone(reader)
    await writer.publish('t/x', '4', 1)
    await restart()
    expect(row('reader')).toMatchObject({ connected: false, inflightOut: 3, queued: 1, expiry: 600 })
    expect(row('reader')?.subscriptions).toMatchObject([
      { filter: 't/#', qos: 2, identifier: 3, retainAsPublished: true },
    ])
    const again = await come('reader', lasting)
    expect((await again.next('PUBREL')).packetId).toBe(second.packetId)
    const repeated = await again.next('PUBLISH')
    expect(repeated).toMatchObject({ dup: true, packetId: first.packetId, topic: 't/x' })
    expect(repeated.properties).toEqual([...properties, { name: 'subscriptionIdentifier', value: 3 }])
    expect(Buffer.from((await again.next('PUBLISH')).payload).toString()).toBe('3')
    expect(Buffer.from((await again.next('PUBLISH')).payload).toString()).toBe('4')
    expect(await (await come('w')).publish('t/y', 'x')).toBe(0)
  })

  test('a QoS 2 packet ID of a publisher is still in use', async () => {
    const reader = await come('reader', lasting)
    await reader.subscribe('t', 2)
    const writer = await come('writer', lasting)
    const packet = {
      type: 'PUBLISH',
      dup: false,
      qos: 2,
      retain: false,
      topic: 't',
      packetId: 7,
      properties: [],
      payload: Buffer.from('once'),
    } as const
    writer.send(packet)
    await writer.next('PUBREC')
    await restart()
    const again = await come('writer', lasting)
    again.send({ ...packet, dup: true })
    await again.next('PUBREC')
    expect(row('reader')).toMatchObject({ inflightOut: 1, queued: 0 })
  })

  test('sessions that were to end are gone, and those that ended meanwhile end', async () => {
    await gone(await come('short', { clean: false, properties: [expiry(1)] }))
    await come('open')
    await gone(await come('kept', lasting))
    bench.broker.overview.expire('kept')
    await gone(await come('old', { level: 4, clean: false }))
    await restart()
    expect(row('open')).toBeUndefined()
    expect(row('kept')).toBeUndefined()
    expect(row('old')).toMatchObject({ level: 4, expiry: 0xffff_ffff, expiresIn: undefined })
    await expect.poll(() => row('short'), { timeout: 3000 }).toBeUndefined()
  })

  test('retained messages are there, and those taken away are not', async () => {
    const writer = await come('writer')
    for (const topic of ['a', 'b', 'c']) await writer.publish(topic, topic, 1, { retain: true })
    await writer.publish('b', '', 1, { retain: true })
    await restart()
    expect(bench.broker.overview.retained(0, 9).rows.map(({ topic }) => topic)).toEqual(['a', 'c'])
    const reader = await come('reader')
    await reader.subscribe('a', 1)
    expect(await reader.receive()).toBe('a')
  })

  test('a will that waits goes out when it is due, one of a connection that the restart ended as well', async () => {
    const watcher = await come('watcher', lasting)
    await watcher.subscribe('gone/+', 1)
    await gone(watcher)
    const will = (topic: string, delay: number) =>
      ({
        topic,
        payload: Buffer.from('bye'),
        qos: 1,
        retain: false,
        properties: [{ name: 'willDelayInterval', value: delay } as const],
      }) as const
    await gone(await come('a', { ...lasting, will: will('gone/a', 2) }))
    await gone(await come('b', { ...lasting, will: will('gone/b', 600) }))
    await restart()
    const again = await come('watcher', lasting)
    expect((await again.next('PUBLISH')).topic).toBe('gone/a')
    expect(row('b')?.will).toMatchObject({ topic: 'gone/b', delay: 600 })
  })

  test('a shared subscription gives what waits to whoever comes first', async () => {
    const away = await come('away', lasting)
    await away.subscribe('$share/g/t', 1)
    await gone(away)
    const writer = await come('writer')
    await writer.publish('t', 'waited')
    await restart()
    expect(bench.broker.overview.groups(0, 9).rows).toMatchObject([{ group: 'g', filter: 't', waiting: 1 }])
    const late = await come('late')
    await late.subscribe('$share/g/t', 1)
    expect(await late.receive()).toBe('waited')
  })
})

test('acknowledgements go out while more and more comes', async () => {
  const reader = await come('reader', lasting)
  await reader.subscribe('t', 1)
  await gone(reader)
  const writer = await come('writer')
  let sent = 0
  // Never quiet: at any moment something rests on what is not written yet.
  while (writer.untaken.length < 500) {
    expect(sent).toBeLessThan(5000)
    for (let i = 0; i < 5; i++) writer.send(publishPacket('t', 'x', { qos: 1, packetId: ++sent }))
    await new Promise((resolve) => setImmediate(resolve))
  }
})

describe('the file', () => {
  const waiting = async (count: number): Promise<void> => {
    const reader = await come('reader', lasting)
    await reader.subscribe('t', 1)
    await gone(reader)
    const writer = await come('writer')
    for (let i = 0; i < count; i++) await writer.publish('t', String(i))
  }

  test('holds what came last, whatever comes after it was closed', async () => {
    const reader = await come('reader', lasting)
    await reader.subscribe('t', 1)
    await gone(reader)
    await bench.close()
    const whole = await readFile(path)
    bench.broker.overview.expire('reader')
    expect(await readFile(path)).toEqual(whole)
    bench = await testBroker({ journal: path })
    expect(row('reader')?.subscriptions).toMatchObject([{ filter: 't' }])
  })

  test('is readable by its owner alone', async () => {
    expect((await stat(path)).mode & 0o077).toBe(0)
  })

  test('cut short at any byte of its end holds all before it, and nothing is said', async () => {
    await waiting(5)
    await bench.close()
    const whole = await readFile(path)
    for (const missing of [1, 9, 30]) {
      await writeFile(path, whole)
      await truncate(path, whole.length - missing)
      bench = await testBroker({ journal: path })
      expect(bench.problems).toEqual([])
      expect(row('reader')?.queued ?? 0).toBeGreaterThan(0)
      await bench.close()
    }
    bench = await testBroker()
  })

  test('damaged in the middle is used up to there, kept aside and said', async () => {
    await waiting(5)
    await bench.close()
    const bytes = await readFile(path)
    const at = bytes.length - 60
    bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(200, 1)]))
    bench = await testBroker({ journal: path })
    expect(bench.problems).toMatchObject([expect.stringContaining('is damaged')])
    expect((await readdir(folder)).some((name) => name.includes('broken'))).toBe(true)
    expect(row('reader')?.clientId).toBe('reader')
  })

  test('of version 1 is read, and written as it is today', async () => {
    await bench.close()
    await copyFile(new URL('../../../fixtures/journal/version-1.journal', import.meta.url), path)
    bench = await testBroker({ journal: path })
    expect(bench.problems).toEqual([])
    expect((await readFile(path)).at(7)).toBe(2)
    expect(bench.broker.overview.retained(0, 9).rows).toMatchObject([{ topic: 't/1', publisher: 'writer' }])
    const reader = await bench.connect()
    expect(await reader.hello({ clientId: 'reader', ...lasting })).toMatchObject({ sessionPresent: true })
    const first = await reader.next('PUBLISH')
    expect(first).toMatchObject({ dup: true, qos: 1, topic: 't/1' })
    expect(first.properties).toEqual([
      { name: 'userProperty', value: ['b', '1'] },
      { name: 'userProperty', value: ['a', '2'] },
      { name: 'subscriptionIdentifier', value: 3 },
    ])
    expect(await reader.next('PUBLISH')).toMatchObject({ dup: false, qos: 2, topic: 't/2' })
  })

  test('of something else is set aside; of a newer version it is left as it is', async () => {
    await bench.close()
    await writeFile(path, 'something else entirely')
    bench = await testBroker({ journal: path })
    expect(bench.problems).toMatchObject([expect.stringContaining('set aside')])
    await bench.close()
    const newer = Buffer.from('OKTJRNL\x09and so on')
    await writeFile(path, newer)
    bench = await testBroker({ journal: path })
    expect(bench.problems).toMatchObject([expect.stringContaining('newer Oktobench')])
    await gone(await come('c', lasting))
    await bench.close()
    expect(await readFile(path)).toEqual(newer)
    bench = await testBroker()
  })

  test('is made anew when it has grown, and holds what is still needed', async () => {
    const reader = await come('reader', lasting)
    await reader.subscribe('t', 1)
    const writer = await come('writer')
    const large = 'x'.repeat(200_000)
    for (let i = 0; i < 100; i++) {
      await writer.publish('t', large)
      await reader.receive()
    }
    await gone(reader)
    await writer.publish('t', 'last')
    expect((await stat(path)).size).toBeLessThan(12_000_000)
    await restart()
    expect((await stat(path)).size).toBeLessThan(10_000)
    expect(await (await come('reader', lasting)).receive()).toBe('last')
  })

  test('that cannot be written is said, and the broker goes on', async () => {
    await bench.close()
    const other = await testBroker({ journal: join(folder, 'no such folder', 'x') })
    expect(other.problems).toMatchObject([expect.stringContaining('cannot be written')])
    const client = await other.connect()
    await client.hello({ clientId: 'c', ...lasting })
    await client.subscribe('t', 1)
    expect(await client.publish('u', 'x')).toBe(0x10)
    await other.close()
    bench = await testBroker()
  })
})

test('frames: what was written is read, whatever follows it', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
  fc.assert(
    fc.property(bodies, fc.nat(), (all, cut) => {
      const bytes = Buffer.concat(all.map((one) => frameOf([one])))
      expect(unframe(bytes)).toEqual({
        bodies: all.map((one) => Buffer.from(one)),
        used: bytes.length,
        damaged: false,
      })
      const part = unframe(bytes.subarray(0, cut % (bytes.length + 1)))
      expect(part.damaged).toBe(false)
      expect(part.bodies).toEqual(all.slice(0, part.bodies.length).map((one) => Buffer.from(one)))
    }),
  )
})
