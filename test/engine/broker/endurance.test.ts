/** What a bench meets in a lab: frozen readers, floods, silence and nonsense. The process lives, others are served. */
import fc from 'fast-check'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { connectPacket, publishPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

async function ready(clientId: string, filter?: string, qos: 0 | 1 | 2 = 0): Promise<WireClient> {
  const client = await bench.connect()
  await client.hello({ clientId })
  if (filter) await client.subscribe(filter, qos)
  return client
}

describe('a subscriber that stops reading', () => {
  test('loses QoS 0 messages alone; the others get every one', async () => {
    const [frozen, healthy, publisher] = [
      await ready('frozen', 't'),
      await ready('healthy', 't'),
      await ready('p'),
    ]
    frozen.socket.pause()
    const payload = Buffer.alloc(16_384)
    for (let i = 0; i < 1500; i++) {
      publisher.send(publishPacket('t', payload))
      if (i % 50 === 0) await publisher.ping()
    }
    await expect.poll(() => healthy.received.filter(({ type }) => type === 'PUBLISH').length).toBe(1500)
    expect(bench.slow.map(({ clientId }) => clientId)).toContain('frozen')
    expect(bench.broker.traffic.slowDrops).toBeGreaterThan(500)
    // It reads again: what comes now is whole packets, and it is still connected.
    frozen.socket.resume()
    await expect.poll(() => frozen.received.some(({ type }) => type === 'PUBLISH')).toBe(true)
    await expect
      .poll(async () => {
        publisher.send(publishPacket('t', 'last'))
        await publisher.ping()
        return frozen.received.some((p) => p.type === 'PUBLISH' && p.payload.length === 4)
      })
      .toBe(true)
  })

  test('is cut off when QoS 1 messages pile up, and the reason stands in its row', async () => {
    const [frozen, publisher] = [await ready('frozen', 't', 1), await ready('p')]
    frozen.socket.pause()
    const payload = Buffer.alloc(65_536)
    for (let i = 1; i <= 400; i++) {
      publisher.send(publishPacket('t', payload, { qos: 1, packetId: i }))
      if (i % 20 === 0) await publisher.ping().catch(() => undefined)
    }
    await expect.poll(() => bench.ended.join()).toContain('does not read')
    expect(publisher.isClosed).toBe(false)
  })
})

test('one that asks and never reads the answers is cut off', async () => {
  await bench.close()
  bench = await testBroker({ limits: { clientBudgetBytes: 16_384 } })
  const deaf = await ready('deaf')
  deaf.socket.pause()
  // A short question with a long answer: the Reason String says what is wrong with the filter.
  const wish = { filter: `#${'x'.repeat(400)}`, qos: 0, noLocal: false, retainAsPublished: false } as const
  const one = encodePacket(
    { type: 'SUBSCRIBE', packetId: 1, subscriptions: [{ ...wish, retainHandling: 0 }], properties: [] },
    5,
  )
  const many = Buffer.concat(Array.from({ length: 500 }, () => one))
  const sending = setInterval(() => deaf.bytes(many), 5)
  await expect.poll(() => bench.ended.join(), { timeout: 15_000 }).toContain('does not read')
  clearInterval(sending)
})

test('a reader that keeps reading loses nothing of a flood: the publisher waits for it', async () => {
  const [reader, publisher] = [await ready('reader', 't'), await ready('p')]
  const COUNT = 20_000
  const one = encodePacket(publishPacket('t', Buffer.alloc(300)), 5)
  publisher.bytes(Buffer.concat(Array.from({ length: COUNT }, () => one)))
  await expect
    .poll(() => reader.received.filter(({ type }) => type === 'PUBLISH').length, { timeout: 15_000 })
    .toBe(COUNT)
  expect(bench.broker.traffic.slowDrops).toBe(0)
})

test('ten publishers flood a topic that nobody listens to any more', async () => {
  const subscriber = await ready('s', 'flood')
  const publishers = await Promise.all(Array.from({ length: 10 }, (_, i) => ready(`p${i}`)))
  const burst = Buffer.concat(
    Array.from({ length: 2000 }, () => encodePacket(publishPacket('flood', Buffer.alloc(64)), 5)),
  )
  subscriber.destroy()
  for (let round = 0; round < 5; round++) for (const publisher of publishers) publisher.bytes(burst)
  await Promise.all(publishers.map((publisher) => publisher.ping()))
  expect(bench.broker.traffic.packetsIn).toBeGreaterThanOrEqual(100_000)
})

test('3,000 silent connections do not keep others from being served', async () => {
  const silent: Socket[] = []
  for (let batch = 0; batch < 30; batch++) {
    const sockets = Array.from({ length: 100 }, () => connect(bench.port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    silent.push(...sockets)
  }
  const client = await ready('served', 't')
  client.send(publishPacket('t', 'hi'))
  await client.next('PUBLISH')
  expect(bench.broker.sessions.size).toBe(3001)
  for (const socket of silent) socket.destroy()
  await expect.poll(() => bench.broker.sessions.size).toBe(1)
  expect([...bench.recorder.closes.values()].filter(({ probe }) => probe)).toHaveLength(3000)
})

describe('random and mutated bytes', () => {
  const seeds = [
    connectPacket({
      clientId: 'seed',
      username: 'u',
      password: Buffer.from('p'),
      will: { topic: 'w', payload: Buffer.from('x'), qos: 1, retain: true, properties: [] },
      properties: [
        { name: 'userProperty', value: ['usp-endpoint-id', 'os::1'] },
        { name: 'receiveMaximum', value: 20 },
      ],
    }),
    publishPacket('a/b', 'x', { qos: 1, packetId: 7, properties: [{ name: 'responseTopic', value: 'r' }] }),
    {
      type: 'SUBSCRIBE',
      packetId: 3,
      subscriptions: [{ filter: 'a/#', qos: 1, noLocal: false, retainAsPublished: true, retainHandling: 1 }],
      properties: [{ name: 'subscriptionIdentifier', value: 5 }],
    },
    { type: 'PUBREL', packetId: 9, reasonCode: 0, properties: [] },
    { type: 'DISCONNECT', reasonCode: 4, properties: [] },
  ] as const
  const mutated = fc
    .tuple(
      fc.constantFrom(...seeds.map((packet) => encodePacket(packet, 5))),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    )
    .map(([bytes, changes]) => {
      const copy = Buffer.from(bytes)
      for (const [at, value] of changes) copy[at % copy.length] = value
      return copy
    })
  const junk = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes))

  test('over two thousand connections nothing falls, and each refusal is a row with a reason', async () => {
    const watcher = await ready('watcher', '#')
    const sample = fc.sample(
      fc.record({
        polite: fc.boolean(),
        chunks: fc.array(fc.oneof(mutated, junk), { minLength: 1, maxLength: 4 }),
      }),
      { numRuns: 2000, seed: 20_260_101 },
    )
    for (let at = 0; at < sample.length; at += 50) {
      const sockets = sample.slice(at, at + 50).map(({ polite, chunks }, i) => {
        const socket = connect(bench.port, '127.0.0.1')
        socket.on('error', () => undefined)
        const hello = polite ? [encodePacket(connectPacket({ clientId: `fuzz-${at + i}` }), 5)] : []
        socket.end(Buffer.concat([...hello, ...chunks]))
        socket.resume()
        return socket
      })
      await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, 'close'))))
    }
    const late = await ready('late')
    await late.ping()
    expect(watcher.isClosed).toBe(false)
    await expect.poll(() => bench.broker.sessions.size).toBe(2)
    const malformed = bench.recorder.frames.filter((frame) => frame.malformed)
    expect(malformed.length).toBeGreaterThan(500)
    expect(malformed.filter(({ notes }) => !notes[0]?.text)).toEqual([])
  }, 60_000)
})
