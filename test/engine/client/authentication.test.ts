/** Enhanced authentication of a client, and how it says goodbye. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { thisBench } from '../../../electron/engine/client/profiles.ts'
import type { PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { Packet, PacketOf, Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { PacketInput } from '../../../shared/client/input.ts'
import { clientBench, publishDraft, type ClientBench } from './bench.ts'

let t: ClientBench

beforeEach(async () => {
  t = await clientBench()
})
afterEach(() => t.stop())

const call = () => t.engine.handlers
const user = (key: string, value: string): PropertyDraft => ({ name: 'userProperty', key, value })
const scram: PropertyDraft[] = [
  user('z', ''),
  { name: 'authenticationMethod', value: 'SCRAM-SHA-256' },
  user('a', ''),
]

/** A broker that answers each packet as it is told to. */
async function fakeBroker(answer: (packet: Packet) => Packet | undefined) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const input = new PacketInput()
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      for (const bytes of input.push(chunk, 1 << 20)) {
        const packet = answer(decodePacket(bytes, 5))
        if (packet) socket.write(encodePacket(packet, 5))
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    target: { kind: 'broker', transport: 'tcp', host: '127.0.0.1', port, path: '' } as const,
    stop() {
      sockets.forEach((socket) => socket.destroy())
      server.close()
    },
  }
}
const connack: Packet = { type: 'CONNACK', sessionPresent: false, reasonCode: 0, properties: [] }
const authentication = () => t.connection('a')?.authentication

describe('SCRAM-SHA-256', () => {
  beforeEach(async () => {
    await call()['access.setOpen']({ open: false })
    await call()['access.user.set']({ username: 'me,=', password: 'pass-1' })
  })

  test('SCRAM-SHA-256 proves the password without sending it, and the broker proves that it knows it', async () => {
    const secrets = { password: 'pass-1' }
    const { phase, connack } = await t.connect('a', { username: 'me,=', properties: scram }, secrets)
    expect(phase).toBe('connected')
    expect(connack).toContainEqual({ name: 'Authentication Method', value: 'SCRAM-SHA-256' })
    expect((await t.log('a', 'mqtt.msgtype == AUTH')).map(({ direction }) => direction)).toEqual([
      'in',
      'out',
    ])
    await expect.poll(() => t.rows('mqtt.msgtype == AUTH')).toHaveLength(2)
    for (const { no } of await t.rows('device == "me,="')) {
      const { bytes } = await call()['packets.get']({ capture: 'live', no })
      expect(Buffer.from(bytes).includes('pass-1')).toBe(false)
    }
  })

  test('a wrong password is refused, and a method that nobody has', async () => {
    expect(
      (await t.connect('a', { username: 'me,=', properties: scram }, { password: 'wrong' })).message,
    ).toMatch(/Bad User Name or Password/)
    const other: PropertyDraft[] = [{ name: 'authenticationMethod', value: 'GSSAPI' }]
    expect((await t.connect('b', { properties: other })).message).toMatch(/Bad authentication method/)
  })

  test('proves itself again on the connection that stands, and says so', async () => {
    await t.connect('a', { username: 'me,=', properties: scram }, { password: 'pass-1' })
    expect(authentication()).toMatchObject({ state: 'proved', method: 'SCRAM-SHA-256' })
    await call()['client.authenticate']({ id: 'a', properties: [user('why', 'a test')] })
    await expect(async () => call()['client.authenticate']({ id: 'a' })).rejects.toThrow(
      'still has to answer',
    )
    await t.publish('a', publishDraft('meanwhile', ''))
    await expect.poll(() => authentication()?.text).toMatch(/proved.*\(Re-authentication\)/)
    expect((await t.log('a', 'mqtt.msgtype == AUTH')).map(({ info }) => info.split(' · ')[0])).toEqual([
      'Continue authentication',
      'Continue authentication',
      'Re-authenticate',
      'Continue authentication',
      'Continue authentication',
      'Success',
    ])
    expect((await t.log('a')).at(-1)?.info).toMatch(/^Re-authentication: SCRAM-SHA-256: client and broker/)
    expect(t.connection('a')?.phase).toBe('connected')
  })

  test('with a password that is no longer right the broker ends the connection, which is told', async () => {
    const profile = { username: 'me,=', properties: scram, reconnect: 0 }
    await t.connect('a', profile, { password: 'pass-1' })
    await call()['access.user.set']({ username: 'me,=', password: 'pass-2' })
    await call()['client.authenticate']({ id: 'a' })
    await expect.poll(() => t.connection('a')?.phase).toBe('off')
    expect(authentication()).toMatchObject({
      state: 'failed',
      text: expect.stringContaining('0x87') as string,
    })
    expect(t.connection('a')?.farewell[0]).toEqual({ name: 'Reason', value: 'Not authorized (0x87)' })
  })

  test('needs a method in CONNECT, and MQTT 5.0', async () => {
    await call()['access.user.set']({ username: 'a', password: 'p' })
    await t.connect('a', { username: 'a' }, { password: 'p' })
    await expect(async () => call()['client.authenticate']({ id: 'a' })).rejects.toThrow(
      'began without an Authentication',
    )
    await t.connect('b', { username: 'a', level: 4 }, { password: 'p' })
    await expect(async () => call()['client.authenticate']({ id: 'b' })).rejects.toThrow(
      'MQTT 3.1.1 has no enhanced',
    )
  })
})

test('a broker that does not prove itself is not trusted, at CONNECT nor later', async () => {
  const broker = await fakeBroker(({ type }) => (type === 'CONNECT' ? connack : undefined))
  const { phase, message } = await t.connect(
    'a',
    { target: broker.target, properties: scram },
    { password: 'p' },
  )
  expect([phase, message]).toEqual([
    'off',
    expect.stringContaining('without proving that it knows the password'),
  ])
  expect(authentication()?.state).toBe('failed')
  broker.stop()
})

describe('another method', () => {
  const method: PropertyDraft[] = [{ name: 'authenticationMethod', value: 'LAB-1' }]
  const said = (data: Uint8Array | undefined): Properties => [
    { name: 'authenticationMethod', value: 'LAB-1' },
    ...(data ? [{ name: 'authenticationData', value: data } as const] : []),
  ]
  const dataOf = ({ properties }: PacketOf<'AUTH'> | PacketOf<'CONNECT'>): string =>
    Buffer.from(getProperty(properties, 'authenticationData') ?? []).toString('hex')

  test('a person gives each step, as text or in hexadecimal; none of it is in the log', async () => {
    const heard: string[] = []
    const broker = await fakeBroker((packet) => {
      if (packet.type !== 'AUTH' && packet.type !== 'CONNECT') return undefined
      heard.push(`${packet.type === 'AUTH' ? packet.reasonCode : packet.type} ${dataOf(packet)}`)
      const asks = Buffer.from('say more')
      if (packet.type === 'CONNECT' || packet.reasonCode === 0x19)
        return { type: 'AUTH', reasonCode: 0x18, properties: said(asks) }
      return heard.length < 3 ? connack : { type: 'AUTH', reasonCode: 0, properties: said(undefined) }
    })
    const profile = { target: broker.target, properties: method, authenticationHex: true }
    await call()['client.save']({
      profile: { ...thisBench, id: 'a', name: 'a', ...profile },
      secrets: { authenticationData: '00 ff' },
    })
    await call()['client.connect']({ id: 'a' })
    await expect.poll(() => authentication()?.challenge).toEqual({ value: 'say more', hex: false })
    expect(t.connection('a')?.phase).toBe('connecting')
    await call()['client.authenticate']({ id: 'a', data: { value: 'open-sesame', hex: false } })
    await expect.poll(() => t.connection('a')?.phase).toBe('connected')
    expect(authentication()?.state).toBe('proved')

    await call()['client.authenticate']({ id: 'a', data: { value: '01 02', hex: true } })
    await expect.poll(() => authentication()?.state).toBe('challenged')
    await call()['client.authenticate']({ id: 'a' })
    await expect
      .poll(() => authentication()?.text)
      .toMatch(/^LAB-1: accepted, in \d+ ms \(Re-authentication\)/)
    expect(heard).toEqual([
      'CONNECT 00ff',
      `24 ${Buffer.from('open-sesame').toString('hex')}`,
      '25 0102',
      '24 ',
    ])
    for (const { no } of await t.log('a', 'mqtt.msgtype == AUTH')) {
      const { bytes } = await call()['client.packet']({ no })
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/open-sesame|say more/)
    }
    broker.stop()
  })

  test('one that is not that of CONNECT may be tried: the broker says what it thinks of it', async () => {
    await call()['access.user.set']({ username: 'a', password: 'p' })
    await t.connect('a', { username: 'a', properties: scram, reconnect: 0 }, { password: 'p' })
    await call()['client.authenticate']({ id: 'a', method: 'OTHER', data: { value: 'x', hex: false } })
    await expect.poll(() => authentication()?.state).toBe('failed')
    expect(t.connection('a')?.farewell[0]?.value).toBe('Protocol Error (0x82)')
  })
})

describe('DISCONNECT', () => {
  test('carries reason and properties in their order', async () => {
    const kept: PropertyDraft[] = [{ name: 'sessionExpiryInterval', value: '60' }]
    await t.connect('a', { properties: kept, username: 'a' })
    const properties: PropertyDraft[] = [
      user('b', '1'),
      { name: 'reasonString', value: 'lunch' },
      user('a', '2'),
      { name: 'sessionExpiryInterval', value: '5' },
      user('b', '3'),
    ]
    await call()['client.disconnect']({ id: 'a', reasonCode: 0x98, properties })
    const filter = 'device == "a" and mqtt.msgtype == DISCONNECT and frame.direction == in'
    await expect.poll(() => t.rows(filter)).toHaveLength(1)
    const [row] = await t.rows(filter)
    const { bytes } = await call()['packets.get']({ capture: 'live', no: row?.no ?? 0 })
    const packet = decodePacket(bytes, 5) as PacketOf<'DISCONNECT'>
    expect(packet.reasonCode).toBe(0x98)
    expect(packet.properties.map(({ name, value }) => [name, value])).toEqual([
      ['userProperty', ['b', '1']],
      ['reasonString', 'lunch'],
      ['userProperty', ['a', '2']],
      ['sessionExpiryInterval', 5],
      ['userProperty', ['b', '3']],
    ])
    expect((await t.log('a', 'mqtt.msgtype == DISCONNECT')).at(-1)).toMatchObject({ direction: 'out' })
    expect(t.connection('a')).toMatchObject({ phase: 'off', failed: false })
  })

  test('what the standard forbids is said, and the connection stays', async () => {
    await t.connect('a')
    const bye = (property: PropertyDraft) => call()['client.disconnect']({ id: 'a', properties: [property] })
    await expect(async () => bye({ name: 'sessionExpiryInterval', value: '5' })).rejects.toThrow(
      'give the Session Expiry Interval in CONNECT',
    )
    await expect(async () => bye({ name: 'serverReference', value: 'x' })).rejects.toThrow('Only a server')
    expect(t.connection('a')?.phase).toBe('connected')
  })

  test('of a broker is told with all it says', async () => {
    const broker = await fakeBroker(({ type }) => {
      if (type === 'CONNECT') return connack
      const properties: Properties = [
        { name: 'reasonString', value: 'moved for good' },
        { name: 'userProperty', value: ['b', '1'] },
        { name: 'serverReference', value: 'other:1883' },
        { name: 'userProperty', value: ['a', '2'] },
      ]
      return { type: 'DISCONNECT', reasonCode: 0x9d, properties }
    })
    await t.connect('a', { target: broker.target, reconnect: 0 })
    await t.publish('a', publishDraft('x', ''))
    await expect.poll(() => t.connection('a')?.phase).toBe('off')
    expect(t.connection('a')).toMatchObject({
      message:
        'The broker ended the connection: Server moved (0x9D). It says “moved for good”. It names the server other:1883.',
      farewell: [
        { name: 'Reason', value: 'Server moved (0x9D)' },
        { name: 'Reason String', value: 'moved for good' },
        { name: 'User Property b', value: '1' },
        { name: 'Server Reference', value: 'other:1883' },
        { name: 'User Property a', value: '2' },
      ],
    })
    expect((await t.log('a', 'mqtt.msgtype == DISCONNECT'))[0]).toMatchObject({ direction: 'in', bad: true })
    broker.stop()
  })
})

test('a lost connection is made anew less and less often, and when is told', async () => {
  let refuse = false
  const broker = await fakeBroker(({ type }) => {
    if (type === 'CONNECT') return refuse ? ({ ...connack, reasonCode: 0x89 } as Packet) : connack
    return { type: 'DISCONNECT', reasonCode: 0x8b, properties: [] }
  })
  await t.connect('a', { target: broker.target, reconnect: 1 })
  refuse = true
  await t.publish('a', publishDraft('x', ''))
  await expect.poll(() => t.connection('a')?.retry?.attempt).toBe(1)
  await expect.poll(() => t.connection('a')?.retry?.attempt, { timeout: 5000 }).toBe(2)
  const { at = 0 } = t.connection('a')?.retry ?? {}
  expect(at - Date.now()).toBeGreaterThan(1000)
  refuse = false
  await call()['client.connect']({ id: 'a' })
  await expect.poll(() => t.connection('a')?.phase).toBe('connected')
  expect(t.connection('a')?.retry).toBeUndefined()
  broker.stop()
})
