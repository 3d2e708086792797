/** Who is still there: peers that dawdle or vanish, a bench that stood still, a clock that somebody set. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { ConnectPacket, Property } from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { connectPacket, publishPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker({ connectTimeoutMs: 1000 })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await bench.close()
})

async function come(clientId: string, wishes: Partial<ConnectPacket> = {}): Promise<WireClient> {
  const client = await bench.connect()
  await client.hello({ clientId, ...wishes })
  return client
}
const expiry = (value: number): Property<'sessionExpiryInterval'> => ({
  name: 'sessionExpiryInterval',
  value,
})
/** Nothing of this process runs for so long, as if it was stopped. */
const standStill = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)

test('a CONNECT that comes byte by byte has no more time than any other', async () => {
  const client = await bench.connect()
  const bytes = encodePacket(connectPacket({ clientId: 'c'.repeat(500) }), 5)
  let at = 0
  const drip = setInterval(() => client.bytes(bytes.subarray(at, ++at)), 20)
  await client.closed
  clearInterval(drip)
  expect(at).toBeLessThan(bytes.length)
  expect(bench.ended).toEqual([expect.stringContaining('no CONNECT within')])
})

test('[MQTT-3.1.2-22] time in which the bench stood still is no silence of a device', async () => {
  const device = await come('device', { keepAlive: 1 })
  device.send({ type: 'PINGREQ' })
  standStill(3000)
  await device.next('PINGRESP')
  await device.ping()
  // Its own silence counts as before.
  expect((await device.next('DISCONNECT')).reasonCode).toBe(0x8d)
})

test('a clock that is set ends no session, sends no will and takes no message', async () => {
  const lasting = { clean: false, properties: [expiry(600)] } as const
  const properties = [{ name: 'willDelayInterval', value: 300 } as const]
  const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 1, retain: false, properties } as const
  const watcher = await come('watcher')
  await watcher.subscribe('gone', 1)
  const device = await come('device', { ...lasting, will })
  await device.subscribe('t', 1)
  device.destroy()
  await expect.poll(() => bench.ended.length).toBe(1)
  const writer = await come('writer')
  await writer.publish('t', 'waits', 1, { properties: [{ name: 'messageExpiryInterval', value: 60 }] })
  const real = Date.now.bind(Date)
  for (const days of [400, -400]) {
    vi.spyOn(Date, 'now').mockImplementation(() => real() + days * 86_400_000)
    const state = () => bench.broker.overview.session('device')
    // A sweep or two.
    const before = state()?.expiresIn ?? 0
    await expect.poll(() => state()?.expiresIn, { timeout: 5000 }).toBe(before - 1)
    expect(state()).toMatchObject({ queued: 1, will: { topic: 'gone' } })
  }
  vi.restoreAllMocks()
  await watcher.ping()
  const back = await come('device', lasting)
  expect(back.connack?.sessionPresent).toBe(true)
  expect(await back.receive()).toBe('waits')
})

/** The kernel's timer of the broker's end of a connection, as `/proc/net/tcp` shows it; 02 is keep-alive. */
function timerOf(client: WireClient, port: number): string | undefined {
  const hex = (value: number | undefined) => (value ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const [mine, theirs] = [`:${hex(port)}`, `:${hex(client.socket.localPort)}`]
  for (const file of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(file, 'utf8').split('\n').slice(1)) {
      const [, local, remote, , , timer] = line.trim().split(/\s+/)
      if (local?.endsWith(mine) && remote?.endsWith(theirs)) return timer?.slice(0, 2)
    }
  }
  return undefined
}

test.runIf(process.platform === 'linux')(
  'the system looks whether a silent peer is there at all',
  async () => {
    const silent = await come('silent', { keepAlive: 0 })
    await expect.poll(() => timerOf(silent, bench.port)).toBe('02')
  },
)

test('of two takeovers at once the last one has the session, and no will goes out', async () => {
  const properties = [{ name: 'willDelayInterval', value: 5 } as const]
  const wishes = {
    clean: false,
    properties: [expiry(60)],
    will: { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false, properties },
  } as const
  const watcher = await come('watcher')
  await watcher.subscribe('gone', 1)
  const first = await come('device', wishes)
  await first.subscribe('t', 1)
  const [second, third] = [await bench.connect(), await bench.connect()]
  for (const one of [second, third]) one.send(connectPacket({ clientId: 'device', ...wishes }))
  expect((await first.next('DISCONNECT')).reasonCode).toBe(0x8e)
  expect((await third.next('CONNACK')).sessionPresent).toBe(true)
  await second.closed
  await (await come('writer')).publish('t', 'x')
  expect(await third.receive()).toBe('x')
  await watcher.ping()
})

test('[MQTT-3.3.4-9] what is sent again counts against the Receive Maximum, PUBREL does not', async () => {
  const wishes = {
    clean: false,
    properties: [expiry(60), { name: 'receiveMaximum', value: 2 } as const],
  } as const
  const device = await come('device', wishes)
  await device.subscribe('t', 2)
  const writer = await come('writer')
  for (const text of ['1', '2', '3', '4', '5']) await writer.publish('t', text, 2)
  const first = await device.next('PUBLISH')
  await device.next('PUBLISH')
  device.send({ type: 'PUBREC', packetId: first.packetId ?? 0, reasonCode: 0, properties: [] })
  await device.next('PUBREL')
  await device.ping()
  device.destroy()
  await expect.poll(() => bench.ended.length).toBe(1)
  const back = await come('device', wishes)
  expect((await back.next('PUBREL')).packetId).toBe(first.packetId)
  const texts = [await back.next('PUBLISH'), await back.next('PUBLISH')]
  expect(texts.map(({ payload, dup }) => [Buffer.from(payload).toString(), dup])).toEqual([
    ['2', true],
    ['3', false],
  ])
  // Two are under way; the answer to PUBREL makes no room.
  back.send({ type: 'PUBCOMP', packetId: first.packetId ?? 0, reasonCode: 0, properties: [] })
  await back.ping()
  // A refusal does.
  back.send({ type: 'PUBREC', packetId: texts[0]?.packetId ?? 0, reasonCode: 0x80, properties: [] })
  expect(Buffer.from((await back.next('PUBLISH')).payload).toString()).toBe('4')
})

test('a message as large as can be goes through, one byte more is 0x95', async () => {
  const reader = await come('reader')
  await reader.subscribe('t', 1)
  const writer = await come('writer')
  const most = 1 << 20
  const packet = (length: number) => publishPacket('t', Buffer.alloc(length), { qos: 1, packetId: 7 })
  const around = encodePacket(packet(1_000_000), 5).length - 1_000_000
  writer.send(packet(most - around))
  expect((await writer.next('PUBACK')).reasonCode).toBe(0)
  expect((await reader.next('PUBLISH')).payload.length).toBe(most - around)
  writer.send(packet(most - around + 1))
  expect((await writer.next('DISCONNECT')).reasonCode).toBe(0x95)
})
