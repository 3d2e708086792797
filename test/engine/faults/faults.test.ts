/** Faults on purpose over real connections: what the device meets, and how the capture marks it. */
import { afterEach, describe, expect, test } from 'vitest'
import type { Fault } from '../../../shared/faults/model.ts'
import { fault } from '../../shared/faults/fault.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'

let bench: TestEngine
afterEach(() => bench?.stop())

const named = { name: 'test fault' }
async function add(action: Fault['action'], more: Partial<Fault> = {}): Promise<string> {
  const { id } = await bench.engine.handlers['faults.add']({ fault: fault(action, { ...named, ...more }) })
  return id
}
const state = () => bench.engine.current('faults').list

async function client(clientId = 'cpe'): Promise<WireClient> {
  const one = await WireClient.open(bench.port)
  await one.hello({ clientId })
  return one
}
/** Rows that the fault met, in a few words. */
const marked = async () =>
  (await bench.rows('fault == "test fault"')).map(({ direction, type, verdict }) => [
    direction,
    type,
    verdict,
  ])

describe('refuse', () => {
  test('CONNECT with the reason code that was chosen', async () => {
    bench = await testEngine()
    await add({ kind: 'refuse', reasonCode: 0x89 }, { filter: 'mqtt.msgtype == CONNECT' })
    const one = await WireClient.open(bench.port)
    expect((await one.hello({ clientId: 'cpe' })).reasonCode).toBe(0x89)
    await one.closed
    const old = await WireClient.open(bench.port)
    expect((await old.hello({ clientId: 'old', level: 4 })).reasonCode).toBe(3)
    await expect.poll(marked).toEqual([
      ['in', 'CONNECT', 'refused'],
      ['in', 'CONNECT', 'refused'],
    ])
  })

  test('PUBLISH and SUBSCRIBE in their acknowledgements, so many times', async () => {
    bench = await testEngine()
    const device = await client()
    await add({ kind: 'refuse', reasonCode: 0x97 }, { filter: 'mqtt.msgtype == PUBLISH', times: 1 })
    await add({ kind: 'refuse', reasonCode: 0x87 }, { filter: 'mqtt.msgtype == SUBSCRIBE', times: 1 })
    device.send(
      publishPacket('a', 'x', { qos: 1, packetId: 1 }),
      publishPacket('a', 'x', { qos: 1, packetId: 2 }),
    )
    expect(await device.next('PUBACK')).toMatchObject({ packetId: 1, reasonCode: 0x97 })
    expect(await device.next('PUBACK')).toMatchObject({ packetId: 2, reasonCode: 0x10 })
    expect((await device.subscribe('b')).reasonCodes).toEqual([0x87])
    expect((await device.subscribe('b')).reasonCodes).toEqual([0])
    expect(state().map(({ on, met }) => [on, met])).toEqual([
      [false, 1],
      [false, 1],
    ])
  })

  test('anything else by ending the connection', async () => {
    bench = await testEngine()
    const device = await client()
    await add({ kind: 'refuse', reasonCode: 0x8b }, { filter: 'mqtt.msgtype == PINGREQ' })
    device.send({ type: 'PINGREQ' })
    expect((await device.next('DISCONNECT')).reasonCode).toBe(0x8b)
  })
})

describe('drop', () => {
  test('what is to go to a device stands in the capture as dropped', async () => {
    bench = await testEngine()
    const device = await client()
    await add({ kind: 'drop' }, { way: 'out', filter: 'mqtt.msgtype == PINGRESP', times: 1 })
    device.send({ type: 'PINGREQ' })
    await device.subscribe('a')
    // The first PINGRESP never came.
    await device.ping()
    await expect.poll(marked).toEqual([['out', 'PINGRESP', 'dropped']])
    const [row] = await bench.rows('fault')
    const detail = await bench.engine.handlers['packets.get']({ capture: 'live', no: row?.no ?? 0 })
    expect(detail.notes).toEqual([
      { kind: 'dropped', rule: 'fault', text: 'by the fault “test fault”', fault: 'test fault' },
    ])
  })

  test('of one device only', async () => {
    bench = await testEngine()
    const [one, other] = [await client('one'), await client('other')]
    await add({ kind: 'drop' }, { device: 'one', way: 'in', filter: 'mqtt.topic == "lost"' })
    const reader = await client('reader')
    await reader.subscribe('#')
    one.send(publishPacket('lost', '1'), publishPacket('kept', '1'))
    expect((await reader.next('PUBLISH')).topic).toBe('kept')
    other.send(publishPacket('lost', '2'))
    expect((await reader.next('PUBLISH')).topic).toBe('lost')
  })
})

test('delay holds up what is behind, both ways, and keeps the order', async () => {
  bench = await testEngine()
  const device = await client()
  await device.subscribe('a')
  await add({ kind: 'delay', ms: 150, jitterMs: 0 }, { filter: 'mqtt.msgtype == PUBLISH', times: 2 })
  const start = performance.now()
  device.send(publishPacket('a', '1'), publishPacket('a', '2'), publishPacket('a', '3'))
  const texts: string[] = []
  for (let i = 0; i < 3; i++) texts.push(Buffer.from((await device.next('PUBLISH')).payload).toString())
  expect(texts).toEqual(['1', '2', '3'])
  expect(performance.now() - start).toBeGreaterThan(140)
  await expect.poll(marked).toEqual([
    ['in', 'PUBLISH', 'changed'],
    ['in', 'PUBLISH', 'changed'],
  ])
})

test('on a slow line nothing is lost, doubled or out of order', async () => {
  bench = await testEngine()
  const device = await client()
  await device.subscribe('a')
  await add({ kind: 'delay', ms: 20, jitterMs: 19 })
  const numbers = Array.from({ length: 200 }, (_, index) => index + 1)
  for (const packetId of numbers) device.send(publishPacket('a', String(packetId), { qos: 1, packetId }))
  const got: number[] = []
  const acknowledged: number[] = []
  while (got.length + acknowledged.length < 400) {
    const packet = await device.any()
    if (packet.type === 'PUBLISH') got.push(Number(Buffer.from(packet.payload).toString()))
    else if (packet.type === 'PUBACK') acknowledged.push(packet.packetId)
  }
  expect(got).toEqual(numbers)
  expect(acknowledged).toEqual(numbers)
})

test('a delayed CONNECT is accepted, with what came behind it', async () => {
  bench = await testEngine()
  await add({ kind: 'delay', ms: 50, jitterMs: 0 }, { way: 'in', filter: 'mqtt.msgtype == CONNECT' })
  const device = await client()
  await device.subscribe('a')
  await expect.poll(marked).toEqual([['in', 'CONNECT', 'changed']])
})

test('duplicate sends a message again, and takes one again', async () => {
  bench = await testEngine()
  const device = await client()
  await device.subscribe('a')
  const out = await add({ kind: 'duplicate', copies: 2 }, { way: 'out', filter: 'mqtt.msgtype == PUBLISH' })
  device.send(publishPacket('a', 'x'))
  for (let i = 0; i < 3; i++) await device.next('PUBLISH')
  await bench.engine.handlers['faults.switch']({ id: out, on: false })
  await add({ kind: 'duplicate', copies: 1 }, { way: 'in', filter: 'mqtt.msgtype == PUBLISH' })
  device.send(publishPacket('a', 'y'))
  for (let i = 0; i < 2; i++) expect(Buffer.from((await device.next('PUBLISH')).payload).toString()).toBe('y')
  await device.ping()
})

test('reorder lets the next message go first', async () => {
  bench = await testEngine()
  const device = await client()
  await device.subscribe('a')
  await add({ kind: 'reorder', behind: 1 }, { way: 'out', filter: 'mqtt.msgtype == PUBLISH', times: 1 })
  device.send(publishPacket('a', '1'), publishPacket('a', '2'))
  const first = await device.next('PUBLISH')
  expect(Buffer.from(first.payload).toString()).toBe('2')
  expect(Buffer.from((await device.next('PUBLISH')).payload).toString()).toBe('1')
})

test('cut ends the line in the middle of a packet, and the rest of the bench goes on', async () => {
  bench = await testEngine()
  const [device, other] = [await client('cpe'), await client('other')]
  await device.subscribe('a')
  let bytes = 0
  device.socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  await add({ kind: 'cut', bytes: 5 }, { device: 'cpe', way: 'out', filter: 'mqtt.msgtype == PUBLISH' })
  other.send(publishPacket('a', 'a long message'))
  await device.closed
  expect(bytes).toBe(5)
  await other.ping()
  await expect.poll(marked).toEqual([['out', 'PUBLISH', 'dropped']])
  await expect
    .poll(async () => (await bench.rows('kind == close')).map(({ info }) => info))
    .toEqual(['closed by the bench · the line was cut after 5 bytes of it, by the fault “test fault”'])
})

describe('shrink', () => {
  test('tells smaller limits and holds the device to them', async () => {
    bench = await testEngine()
    await add({ kind: 'shrink', receiveMaximum: 1, maximumPacketSize: 60, serverKeepAlive: 7 })
    const device = await WireClient.open(bench.port)
    const { properties } = await device.hello({ clientId: 'cpe' })
    for (const property of [
      { name: 'receiveMaximum', value: 1 },
      { name: 'maximumPacketSize', value: 60 },
      { name: 'serverKeepAlive', value: 7 },
    ])
      expect(properties.filter(({ name }) => name === property.name)).toEqual([property])
    await expect.poll(marked).toEqual([['out', 'CONNACK', 'changed']])
    device.send(publishPacket('a', 'x'.repeat(100)))
    expect((await device.next('DISCONNECT')).reasonCode).toBe(0x95)
    const again = await client('again')
    again.send(
      publishPacket('a', '1', { qos: 2, packetId: 1 }),
      publishPacket('a', '2', { qos: 2, packetId: 2 }),
    )
    expect((await again.next('PUBREC')).packetId).toBe(1)
    expect((await again.next('DISCONNECT')).reasonCode).toBe(0x93)
  })

  test('one without a limit is refused', async () => {
    bench = await testEngine()
    await expect(async () => add({ kind: 'shrink' })).rejects.toMatchObject({ code: 'invalid-request' })
  })
})

describe('omit', () => {
  const hello = async (clientId: string, level: 4 | 5 = 5) => {
    const one = await WireClient.open(bench.port)
    const properties = level === 5 ? [{ name: 'requestResponseInformation', value: 1 } as const] : []
    const connack = await one.hello({ clientId, level, properties })
    return connack.properties.map(({ name }) => name)
  }
  const topics = ['responseInformation', 'userProperty']

  test('leaves topics out of CONNACK, and says so at the packet', async () => {
    bench = await testEngine()
    expect(await hello('before')).toEqual(expect.arrayContaining(topics))
    await add({ kind: 'omit', parts: ['subscribe-topic'] }, { device: 'cpe' })
    expect(await hello('other')).toEqual(expect.arrayContaining(topics))
    const named = await hello('cpe')
    expect([named.includes('responseInformation'), named.includes('userProperty')]).toEqual([true, false])
    expect(await hello('old', 4)).toEqual([])
    await expect.poll(marked).toEqual([['out', 'CONNACK', 'changed']])
    const [row] = await bench.rows('fault')
    const { notes } = await bench.engine.handlers['packets.get']({ capture: 'live', no: row?.no ?? 0 })
    expect(notes).toEqual([
      {
        kind: 'changed',
        rule: 'fault',
        text: 'CONNACK without subscribe-topic, by the fault “test fault”',
        fault: 'test fault',
      },
    ])
  })

  test('adds up with other faults at the same packet', async () => {
    bench = await testEngine()
    await add({ kind: 'omit', parts: ['subscribe-topic', 'response-information'] }, { name: 'no topics' })
    await add({ kind: 'shrink', serverKeepAlive: 5 }, { name: 'short' })
    await add(
      { kind: 'delay', ms: 5, jitterMs: 0 },
      { name: 'slow', way: 'out', filter: 'mqtt.msgtype == CONNACK' },
    )
    const named = await hello('cpe')
    expect(named).not.toContain('responseInformation')
    expect(named).not.toContain('userProperty')
    expect(named).toContain('serverKeepAlive')
    await expect.poll(async () => (await bench.rows('fault')).length).toBe(1)
    const [row] = await bench.rows('fault')
    const { notes } = await bench.engine.handlers['packets.get']({ capture: 'live', no: row?.no ?? 0 })
    expect(notes.map(({ text }) => text)).toEqual([
      'Server Keep Alive 5, CONNACK without subscribe-topic and response-information, delayed by 5 ms, by the fault “short, no topics, slow”',
    ])
  })

  test('one that leaves nothing out is refused', async () => {
    bench = await testEngine()
    await expect(async () => add({ kind: 'omit', parts: [] })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })
})

test('faults are changed, stopped and removed, and told', async () => {
  bench = await testEngine()
  const { handlers } = bench.engine
  const id = await add({ kind: 'drop' }, { seconds: 1 })
  expect(state()).toMatchObject([{ id, on: true }])
  await expect.poll(() => state()[0]?.on, { timeout: 5000 }).toBe(false)
  await handlers['faults.change']({
    id,
    fault: fault({ kind: 'delay', ms: 1, jitterMs: 0 }, { name: 'other' }),
  })
  expect(state()).toMatchObject([{ id, on: false, fault: { name: 'other' } }])
  await handlers['faults.switch']({ id, on: true })
  await handlers['faults.stop'](undefined)
  expect(state()[0]?.on).toBe(false)
  await expect(async () => add({ kind: 'drop' }, { filter: 'mqtt.qos ==' })).rejects.toMatchObject({
    code: 'invalid-request',
  })
  await handlers['faults.remove']({ id })
  await expect(async () => handlers['faults.remove']({ id })).rejects.toMatchObject({ code: 'not-found' })
  expect(state()).toEqual([])
})
