import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect as tcpConnect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DeviceRow } from '../../shared/contract/model.ts'
import { readStreams, streamBytes } from '../fixtures/pcap.ts'
import { testEngine, type TestEngine } from '../support/engine.ts'
import { WireClient, publishPacket } from '../support/wire.ts'

let bench: TestEngine
beforeEach(async () => {
  bench = await testEngine()
})
afterEach(() => bench.stop())

async function devices(): Promise<readonly DeviceRow[]> {
  const view = bench.engine.views.devices(
    { text: '', sort: 'endpointId', descending: false },
    () => undefined,
  )
  const { rows } = await view.read({ from: 0, count: 1000, tail: false })
  view.close()
  return rows
}

describe('a device', () => {
  test('is one row an endpoint ID, with the facts of its session and its history', async () => {
    const client = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, {
      protocolVersion: 5,
      clientId: 'cpe-1',
      username: 'user-1',
      keepalive: 60,
      clean: true,
      will: {
        topic: 'w',
        payload: Buffer.from('bye'),
        qos: 1,
        retain: false,
        properties: { willDelayInterval: 3 },
      },
      properties: {
        sessionExpiryInterval: 120,
        receiveMaximum: 20,
        requestResponseInformation: true,
        userProperties: { 'usp-endpoint-id': 'os::00256D-1', site: 'lab' },
      },
    })
    await client.subscribeAsync('oktopus/usp/v1/agent/os::00256D-1', { qos: 1 })
    const [row] = await devices()
    expect(row).toMatchObject({
      endpointId: 'os::00256D-1',
      endpointSource: 'usp-endpoint-id',
      role: 'agent',
      online: true,
      version: '5.0',
      clientId: 'cpe-1',
      username: 'user-1',
      remoteAddress: '127.0.0.1',
      connects: 1,
    })
    const detail = await bench.engine.handlers['devices.get']({ endpointId: 'os::00256D-1' })
    expect(detail).toMatchObject({
      keepAlive: 60,
      sessionExpiry: 120,
      receiveMaximum: 20,
      requestResponseInformation: true,
      userProperties: [
        ['usp-endpoint-id', 'os::00256D-1'],
        ['site', 'lab'],
      ],
      will: { topic: 'w', qos: 1, delay: 3, length: 3 },
      subscriptions: [{ filter: 'oktopus/usp/v1/agent/os::00256D-1', qos: 1 }],
      subscribeTopic: 'oktopus/usp/v1/agent/os::00256D-1',
      responseInformation: 'oktopus/usp/v1/agent/os::00256D-1',
    })
    await client.endAsync()
    await expect.poll(async () => (await devices())[0]?.online).toBe(false)
    expect((await devices())[0]?.lastEnd).toBe('DISCONNECT')
  })

  test('stays online while one of several connections with its endpoint ID does', async () => {
    const open = async (clientId: string): Promise<WireClient> => {
      const client = await WireClient.open(bench.port)
      await client.hello({ clientId, username: 'os::twin' })
      return client
    }
    const first = await open('first')
    const second = await open('second')
    await second.ping()
    expect(await devices()).toMatchObject([{ clientId: 'second', connects: 2, packetsIn: 3 }])
    second.destroy()
    await expect.poll(async () => (await devices())[0]?.clientId).toBe('first')
    await first.ping()
    expect(await devices()).toMatchObject([{ online: true, packetsIn: 4 }])
    first.destroy()
    await expect.poll(async () => (await devices())[0]?.online).toBe(false)
    expect(await devices()).toMatchObject([{ connects: 2, packetsIn: 4 }])
  })

  test('is disconnected and forgotten on demand, with clear errors otherwise', async () => {
    const { handlers } = bench.engine
    const client = await WireClient.open(bench.port)
    await client.hello({ clientId: 'x' })
    await expect(async () => handlers['devices.forget']({ endpointId: 'x' })).rejects.toThrow(
      'disconnect it first',
    )
    await handlers['devices.disconnect']({ endpointId: 'x' })
    expect((await client.next('DISCONNECT')).reasonCode).toBe(0x98)
    await expect.poll(async () => (await devices())[0]?.online).toBe(false)
    await handlers['devices.forget']({ endpointId: 'x' })
    expect(await devices()).toEqual([])
    await expect(async () => handlers['devices.get']({ endpointId: 'x' })).rejects.toThrow('No device x')
  })
})

describe('the capture', () => {
  test('has every packet of both directions, the refused ones too', async () => {
    const client = await WireClient.open(bench.port)
    await client.hello({ clientId: 'cpe' })
    client.send(publishPacket('a/b', '{"x":1}', { properties: [{ name: 'contentType', value: 'json' }] }))
    client.bytes('30 06 0003 610062 00')
    await client.closed
    const probe = tcpConnect(bench.port, '127.0.0.1')
    await once(probe, 'connect')
    probe.end()
    await expect
      .poll(async () => (await bench.rows()).map(({ direction, type }) => `${direction} ${type}`))
      .toEqual([
        'in CONNECT',
        'out CONNACK',
        'in PUBLISH',
        'in MALFORMED',
        'out DISCONNECT',
        expect.stringMatching(/TCP CLOSE$/),
        expect.stringMatching(/TCP PROBE$/),
      ])
    const rows = await bench.rows()
    expect(rows[3]).toMatchObject({ kind: 'malformed', verdict: 'refused', device: 'cpe' })
    const detail = await bench.engine.handlers['packets.get']({ capture: 'live', no: 4 })
    expect(detail.notes).toMatchObject([{ kind: 'refused', rule: 'strict', reasonCode: 0x81 }])
    expect(Buffer.from(detail.bytes).toString('hex')).toBe('3006000361006200')
  })
})

describe('captures of a real agent (OB-USP-A), played into the listener', () => {
  test.each([
    ['obuspa-tour.pcapng', ['os::00256D-TOUR311', 'os::00256D-TOUR5'], 17, 38],
    ['obuspa-refusals.pcap', [], 10, 5],
  ] as const)(
    '%s: each packet decodes, each device and each USP message is named',
    async (file, endpoints, connects, usp) => {
      const streams = readStreams(join(import.meta.dirname, '../fixtures/captures', file))
      for (const stream of streams) {
        const socket = tcpConnect(bench.port, '127.0.0.1')
        await once(socket, 'connect')
        socket.resume()
        socket.end(streamBytes(stream, 'out'))
        await once(socket, 'close')
      }
      const over = /^TCP (CLOSE|PROBE)$/
      await expect
        .poll(async () => (await bench.rows()).filter(({ type }) => over.test(type)).length)
        .toBe(streams.length)
      const rows = await bench.rows()
      const inbound = rows.filter(({ direction, kind }) => direction === 'in' && kind === 'packet')
      expect(rows.filter(({ kind }) => kind === 'malformed')).toEqual([])
      expect(inbound.filter(({ type }) => type === 'CONNECT').length).toBeGreaterThanOrEqual(connects)
      const publishes = inbound.filter(({ type }) => type === 'PUBLISH')
      const named = publishes.filter((row) => row.usp !== '')
      expect(named.length).toBeGreaterThanOrEqual(usp)
      // Two payloads of the tour are no Records, on purpose.
      expect(publishes.length - named.length).toBeLessThanOrEqual(2)
      expect((await devices()).map(({ endpointId }) => endpointId)).toEqual(
        expect.arrayContaining([...endpoints]),
      )
      for (const { no } of rows) {
        const { fields, bytes } = await bench.engine.handlers['packets.get']({ capture: 'live', no })
        for (const field of fields) expect(field.end).toBeLessThanOrEqual(bytes.length)
      }
      expect(bench.engine.current('bench').problems).toEqual([])
    },
  )
})

describe('listeners', () => {
  test('a taken port is told with what to do, and the rest starts', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const other = await testEngine({ 'listeners.tcp.port': port })
    const [tcp, , ws] = other.engine.current('bench').listeners
    expect(tcp).toMatchObject({
      state: 'failed',
      port,
      message: expect.stringContaining('taken by another program'),
    })
    expect(ws).toMatchObject({ state: 'listening' })
    // The person frees the port and tries again.
    taken.close()
    await once(taken, 'close')
    await other.engine.handlers['listeners.set']({ transport: 'tcp', enabled: true })
    expect(other.engine.current('bench').listeners[0]).toMatchObject({ state: 'listening', port })
    await other.stop()
  })

  test('are switched and moved, and that is kept in bench.json', async () => {
    await bench.engine.handlers['listeners.set']({ transport: 'ws', enabled: false })
    const ws = bench.engine.current('bench').listeners.find(({ transport }) => transport === 'ws')
    expect(ws).toMatchObject({ state: 'off' })
    const kept = JSON.parse(await readFile(join(bench.folder, 'bench.json'), 'utf8'))
    expect(kept).toMatchObject({ version: 1, listeners: { ws: { enabled: false } } })
  })
})

test('stopping tells connected devices, and may be called twice', async () => {
  const client = await WireClient.open(bench.port)
  await client.hello({ clientId: 'x' })
  const both = [bench.engine.stop(), bench.engine.stop()]
  expect((await client.next('DISCONNECT')).reasonCode).toBe(0x8b)
  await Promise.all(both)
})
