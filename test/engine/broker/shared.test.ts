/** Shared subscriptions: MQTT 5.0, 4.8.2. */
import mqtt from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Access, type Denial } from '../../../electron/engine/access/access.ts'
import type { AclRule } from '../../../shared/acl/model.ts'
import type { ConnectPacket } from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { publishPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

async function come(clientId: string, wishes: Partial<ConnectPacket> = {}): Promise<WireClient> {
  const client = await bench.connect()
  await client.hello({ clientId, ...wishes })
  return client
}
const lasting = {
  clean: false,
  properties: [{ name: 'sessionExpiryInterval', value: 60 } as const],
} as const
async function members(filter: string, qos: 0 | 1 | 2, names: readonly string[]): Promise<WireClient[]> {
  const all: WireClient[] = []
  for (const name of names) {
    const client = await come(name)
    expect((await client.subscribe(filter, qos)).reasonCodes).toEqual([qos])
    all.push(client)
  }
  return all
}
const published = (client: WireClient): number =>
  client.received.filter(({ type }) => type === 'PUBLISH').length
const groups = () => bench.broker.overview.groups(0, 10).rows

test('each message goes to one member, in turns; other subscriptions get their own', async () => {
  const all = await members('$share/g/t/+', 0, ['a', 'b', 'c'])
  const [plain] = await members('t/#', 0, ['plain'])
  const writer = await come('writer')
  for (let i = 0; i < 9; i++) writer.send(publishPacket(`t/${i}`, 'x'))
  await writer.ping()
  await expect.poll(() => all.map(published)).toEqual([3, 3, 3])
  await expect.poll(() => plain && published(plain)).toBe(9)
})

test('MQTT 3.1.1 has them too, beside MQTT 5.0', async () => {
  const [five] = await members('$share/g/t', 1, ['five'])
  const four = await come('four', { level: 4 })
  expect((await four.subscribe('$share/g/t', 1)).reasonCodes).toEqual([1])
  const writer = await come('writer')
  for (const text of ['1', '2']) await writer.publish('t', text)
  expect([await five?.receive(), await four.receive()].sort()).toEqual(['1', '2'])
})

test('the member with the fewest unacknowledged messages is next', async () => {
  const [slow, quick] = await members('$share/g/t', 1, ['slow', 'quick'])
  const writer = await come('writer')
  await writer.publish('t', 'to slow')
  await slow?.next('PUBLISH')
  for (let i = 0; i < 3; i++) {
    await writer.publish('t', String(i))
    expect(await quick?.receive()).toBe(String(i))
    await quick?.ping()
  }
  expect(groups()).toMatchObject([
    {
      group: 'g',
      filter: 't',
      waiting: 0,
      members: [
        { clientId: 'slow', connected: true, delivered: 1, acknowledged: 0, inflight: 1 },
        { clientId: 'quick', connected: true, delivered: 3, acknowledged: 3, inflight: 0 },
      ],
    },
  ])
})

test('[MQTT-4.8.2-3] each member gets it at its own QoS', async () => {
  const [none] = await members('$share/g/t', 0, ['none'])
  const [two] = await members('$share/g/t', 2, ['two'])
  const writer = await come('writer')
  await writer.publish('t', 'x', 2)
  await writer.publish('t', 'y', 2)
  expect((await none?.next('PUBLISH'))?.qos).toBe(0)
  expect((await two?.next('PUBLISH'))?.qos).toBe(2)
})

test('[MQTT-3.8.3-4] No Local is refused: 0x82', async () => {
  const client = await come('c')
  // Subscription options 5: QoS 1, No Local. The encoder would not write this.
  client.bytes('82 10 0001 00', '000a', Buffer.from('$share/g/t'), '05')
  expect((await client.next('DISCONNECT')).reasonCode).toBe(0x82)
})

test('no retained message comes of one', async () => {
  const writer = await come('writer')
  await writer.publish('t', 'kept', 1, { retain: true })
  const [member] = await members('$share/g/t', 1, ['a'])
  await member?.ping()
})

test('[MQTT-4.8.2-4] what a member that vanished did not acknowledge goes to another', async () => {
  const [first, second] = await members('$share/g/t', 1, ['first', 'second'])
  const writer = await come('writer')
  await writer.publish('t', '1')
  await writer.publish('t', '2')
  expect(await first?.next('PUBLISH')).toMatchObject({ dup: false })
  expect(await second?.receive()).toBe('2')
  first?.destroy()
  expect(await second?.receive()).toBe('1')
})

test('[MQTT-4.8.2-5] but no message of QoS 2 that was sent', async () => {
  const [first, second] = await members('$share/g/t', 2, ['first', 'second'])
  const writer = await come('writer')
  await writer.publish('t', '1', 2)
  await first?.next('PUBLISH')
  first?.destroy()
  await expect.poll(() => bench.ended.length).toBe(1)
  await second?.ping()
  expect(second?.untaken).toEqual([])
})

test('members that are away are passed over; with all away messages wait for the first who comes', async () => {
  const away = await come('away', lasting)
  await away.subscribe('$share/g/t', 1)
  const [here] = await members('$share/g/t', 1, ['here'])
  away.destroy()
  await expect.poll(() => bench.ended.length).toBe(1)
  const writer = await come('writer')
  for (const text of ['1', '2']) {
    await writer.publish('t', text)
    expect(await here?.receive()).toBe(text)
  }
  here?.destroy()
  await expect.poll(() => bench.ended.length).toBe(2)
  expect(await writer.publish('t', '3')).toBe(0)
  await writer.publish('t', '4')
  expect(groups()).toMatchObject([{ waiting: 2, members: [{ clientId: 'away', connected: false }] }])
  const [late] = await members('$share/g/t', 1, ['late'])
  expect([await late?.receive(), await late?.receive()]).toEqual(['3', '4'])
  const back = await come('away', lasting)
  await back.ping()
})

describe('a member that may not have a message', () => {
  let denied: Denial[]
  let guard: Access
  beforeEach(async () => {
    denied = []
    guard = new Access({
      open: false,
      passwords: { check: () => 'ok' },
      list: { version: 2, rules: [all] },
      onDenied: (denial) => denied.push(denial),
    })
    await bench.close()
    bench = await testBroker({ access: guard })
  })
  const rule = { topic: '#', who: {}, enabled: true, name: '' } as const
  const all: AclRule = { ...rule, id: 'all', effect: 'allow', action: 'both' }
  const secret: AclRule = {
    ...rule,
    id: 'secret',
    effect: 'deny',
    action: 'subscribe',
    topic: 't/secret',
    who: { username: { exact: 'guest' } },
  }
  /** From here on guests may not have everything that they subscribed. */
  const forbid = (): void => void (guard.list = { version: 2, rules: [secret, all] })
  const enter = (clientId: string, username: string, wishes: Partial<ConnectPacket> = {}) =>
    come(clientId, { username, password: Buffer.from('x'), ...wishes })
  const share = async (clientId: string, username: string, wishes?: Partial<ConnectPacket>) => {
    const client = await enter(clientId, username, wishes)
    await client.subscribe('$share/g/t/+', 1)
    return client
  }

  test.each([0, 1, 2] as const)('is passed over, and nobody is told (QoS %i)', async (qos) => {
    const guest = await share('guest', 'guest')
    const host = await share('host', 'host')
    const writer = await enter('writer', 'host')
    forbid()
    for (const text of ['1', '2', '3']) {
      if (qos === 0) writer.send(publishPacket('t/secret', text))
      else await writer.publish('t/secret', text, qos)
      expect(await host.receive()).toBe(text)
    }
    expect(denied).toEqual([])
    await guest.ping()
    // What it may have, it gets.
    await writer.publish('t/a', '4')
    await writer.publish('t/a', '5')
    expect((await guest.receive()) + (await host.receive())).toMatch(/45|54/)
  })

  test('is passed over with MQTT.js as well', async () => {
    const texts: Record<string, string[]> = { guest: [], host: [] }
    const clients = await Promise.all(
      Object.entries(texts).map(async ([username, got]) => {
        const url = `mqtt://127.0.0.1:${bench.port}`
        const client = await mqtt.connectAsync(url, { protocolVersion: 5, username, password: 'x' })
        client.on('message', (_topic, payload) => got.push(payload.toString()))
        await client.subscribeAsync('$share/g/t/+', { qos: 2 })
        return client
      }),
    )
    forbid()
    const [, host] = clients
    for (const text of ['1', '2', '3', '4']) await host?.publishAsync('t/secret', text, { qos: 2 })
    await expect.poll(() => texts['host']).toEqual(['1', '2', '3', '4'])
    expect(texts['guest']).toEqual([])
    expect(denied).toEqual([])
    await Promise.all(clients.map((client) => client.endAsync()))
  })

  test('is the last one: the message is dropped, and that is shown', async () => {
    const first = await share('first', 'guest')
    const second = await share('second', 'guest')
    forbid()
    const writer = await enter('writer', 'host')
    expect(await writer.publish('t/secret', 'x')).toBe(0)
    await Promise.all([first.ping(), second.ping()])
    expect(denied).toMatchObject([{ action: 'deliver', topic: 't/secret', rule: 'secret' }])
    expect(groups()[0]?.members.map(({ inflight }) => inflight)).toEqual([0, 0])
  })

  test('leaves it to one that is away', async () => {
    const host = await share('host', 'host', lasting)
    host.destroy()
    await expect.poll(() => bench.ended.length).toBe(1)
    const guest = await share('guest', 'guest')
    forbid()
    const writer = await enter('writer', 'host')
    await writer.publish('t/secret', 'waits')
    await guest.ping()
    expect(denied).toEqual([])
    expect(await (await enter('host', 'host', lasting)).receive()).toBe('waits')
  })

  test('passes on what waited for it, to one that comes and may have it', async () => {
    for (const name of ['one', 'two']) {
      const guest = await share(name, 'guest', lasting)
      guest.destroy()
    }
    await expect.poll(() => bench.ended.length).toBe(2)
    const writer = await enter('writer', 'host')
    for (const text of ['1', '2']) await writer.publish('t/secret', text)
    forbid()
    await (await enter('one', 'guest', lasting)).ping()
    expect(denied).toEqual([])
    const host = await share('host', 'host')
    expect([await host.receive(), await host.receive()].sort()).toEqual(['1', '2'])
    await (await enter('two', 'guest', lasting)).ping()
    expect(denied).toEqual([])
  })
})

test('a member for which it is too large is passed over (3.1.2.11.4)', async () => {
  const small = await come('small', { properties: [{ name: 'maximumPacketSize', value: 100 }] })
  await small.subscribe('$share/g/t', 1)
  const [large] = await members('$share/g/t', 1, ['large'])
  const writer = await come('writer')
  for (const text of ['a', 'b']) {
    await writer.publish('t', text.repeat(200))
    expect((await large?.receive())?.[0]).toBe(text)
  }
  await small.ping()
})

test('a member that does not read loses nothing of QoS 0 while another does', async () => {
  await bench.close()
  bench = await testBroker({ limits: { clientBudgetBytes: 20_000 } })
  const [frozen, reading] = await members('$share/g/t', 0, ['frozen', 'reading'])
  frozen?.socket.pause()
  const writer = await come('writer')
  const load = 'x'.repeat(10_000)
  const given = (): readonly number[] => groups()[0]?.members.map(({ delivered }) => delivered) ?? []
  let sent = 0
  // The system takes some megabytes for the frozen one; then it has no room, and its turns are those of the other.
  for (let [cold = 0, warm = 0] = given(); warm < cold + 50; [cold = 0, warm = 0] = given()) {
    expect(sent).toBeLessThan(10_000)
    writer.send(publishPacket('t', load), publishPacket('t', load))
    sent += 2
    await writer.ping()
  }
  expect(bench.broker.overview.session('frozen')?.dropped).toBe(0)
  await expect.poll(() => reading && published(reading)).toBe(given()[1])
})

test('a group ends with its last member, and nobody is reached then', async () => {
  const [only] = await members('$share/g/t', 1, ['only'])
  only?.send({ type: 'UNSUBSCRIBE', packetId: 2, filters: ['$share/g/t'], properties: [] })
  expect((await only?.next('UNSUBACK'))?.reasonCodes).toEqual([0])
  expect(groups()).toEqual([])
  expect(await (await come('writer')).publish('t', 'x')).toBe(0x10)
})
