import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Access, type Denial } from '../../../electron/engine/access/access.ts'
import { Denials } from '../../../electron/engine/access/denials.ts'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import type { AclRule } from '../../../shared/acl/model.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { publishPacket, type WireClient } from '../../support/wire.ts'

const users: Readonly<Record<string, string>> = {
  'os::A': 'secret-a',
  'os::B': 'secret-b',
  oktopusController: 'secret-c',
}
let denied: Denial[]
let guard: Access
let bench: TestBroker

beforeEach(async () => {
  denied = []
  guard = new Access({
    open: false,
    passwords: {
      check(username, password) {
        const known = users[username]
        if (known === undefined) return 'unknown-user'
        return Buffer.from(password).toString() === known ? 'ok' : 'wrong-password'
      },
    },
    list: OKTOPUS_DEFAULTS,
    onDenied: (denial) => denied.push(denial),
  })
  bench = await testBroker({ access: guard })
})
afterEach(() => bench.close())

async function login(username: string, level: 4 | 5 = 5): Promise<WireClient> {
  const client = await bench.connect()
  const password = Buffer.from(users[username] ?? '')
  const answer = await client.hello({ level, clientId: username, username, password })
  expect(answer.reasonCode).toBe(0)
  return client
}
const deafA: AclRule = {
  id: 'deaf-a',
  name: 'A hears nothing',
  effect: 'deny',
  action: 'subscribe',
  topic: '#',
  who: { username: { exact: 'os::A' } },
  enabled: true,
}
const agent = (id: string): string => `oktopus/usp/v1/agent/${id}`
const controller = (id: string): string => `oktopus/usp/v1/controller/${id}`

describe('CONNECT', () => {
  test.each([
    ['without a user name', {}, 0x87, 'no user name'],
    ['as nobody known', { username: 'x' }, 0x86, 'not known'],
    ['with a wrong password', { username: 'os::A', password: Buffer.from('secret-b') }, 0x86, 'is wrong'],
    ['without its password', { username: 'os::A' }, 0x86, 'is wrong'],
    [
      'as another device',
      {
        username: 'os::A',
        password: Buffer.from('secret-a'),
        properties: [
          { name: 'userProperty', value: ['usp-endpoint-id', 'os::B'] as [string, string] } as const,
        ],
      },
      0x87,
      'not its own',
    ],
  ])('%s is refused, and told', async (_, wishes, reasonCode, text) => {
    const client = await bench.connect()
    expect((await client.hello({ clientId: 'c', ...wishes })).reasonCode).toBe(reasonCode)
    await client.closed
    expect(denied).toMatchObject([{ action: 'connect', reasonCode, text: expect.stringContaining(text) }])
    expect(JSON.stringify(denied)).not.toContain('secret')
  })

  test('3.1.1 gets return codes 4 and 5', async () => {
    const [wrong, nobody] = [await bench.connect(), await bench.connect()]
    const password = Buffer.from('x')
    expect((await wrong.hello({ level: 4, clientId: 'c', username: 'os::A', password })).reasonCode).toBe(4)
    expect((await nobody.hello({ level: 4, clientId: 'c' })).reasonCode).toBe(5)
  })

  test('a will that may not be published is refused', async () => {
    const client = await bench.connect()
    const will = {
      topic: controller('os::B'),
      payload: Buffer.from(''),
      qos: 0,
      retain: false,
      properties: [],
    } as const
    const wishes = { clientId: 'c', username: 'os::A', password: Buffer.from('secret-a'), will }
    expect((await client.hello(wishes)).reasonCode).toBe(0x87)
    await expect.poll(() => denied.map(({ topic }) => topic)).toEqual([controller('os::B')])
  })

  test('a refused newcomer does not end the connection it would have followed', async () => {
    const first = await login('os::A')
    const second = await bench.connect()
    await second.hello({ clientId: 'os::A', username: 'os::A', password: Buffer.from('no') })
    await first.ping()
  })
})

describe('PUBLISH and SUBSCRIBE', () => {
  test('no device speaks for another, and each refusal has its reason code', async () => {
    const [a, boss] = [await login('os::A'), await login('oktopusController')]
    await boss.subscribe('#')
    a.send(publishPacket(controller('os::B'), 'x', { qos: 1, packetId: 1 }))
    expect(await a.next('PUBACK')).toMatchObject({ packetId: 1, reasonCode: 0x87 })
    a.send(publishPacket(controller('os::B'), 'x', { qos: 2, packetId: 2 }))
    expect(await a.next('PUBREC')).toMatchObject({ packetId: 2, reasonCode: 0x87 })
    a.send(publishPacket(controller('os::B'), 'x'))
    a.send(publishPacket(agent('os::B'), 'x'))
    a.send(publishPacket(controller('os::A'), 'mine'))
    expect((await boss.next('PUBLISH')).topic).toBe(controller('os::A'))
    expect(denied.map(({ untold = false }) => untold)).toEqual([false, false, true, true])
    expect((await a.subscribe(agent('os::B'))).reasonCodes).toEqual([0x87])
    expect((await a.subscribe('oktopus/#')).reasonCodes).toEqual([0x87])
    expect((await a.subscribe(agent('os::A'))).reasonCodes).toEqual([0])
  })

  test('a Response Topic must be one that the device may subscribe to itself', async () => {
    const a = await login('os::A')
    const reply = (topic: string) => ({
      qos: 1 as const,
      packetId: 1,
      properties: [{ name: 'responseTopic', value: topic } as const],
    })
    a.send(publishPacket(controller('os::A'), 'x', reply(agent('os::B'))))
    expect((await a.next('PUBACK')).reasonCode).toBe(0x87)
    a.send(publishPacket(controller('os::A'), 'x', reply(agent('os::A'))))
    // No matching subscribers: it was taken.
    expect((await a.next('PUBACK')).reasonCode).toBe(0x10)
  })

  test('3.1.1: a refused message is acknowledged and dropped, a refused filter gets 0x80', async () => {
    const [a, boss] = [await login('os::A', 4), await login('oktopusController')]
    await boss.subscribe('#')
    a.send(publishPacket(controller('os::B'), 'x', { qos: 1, packetId: 1 }))
    await a.next('PUBACK')
    expect((await a.subscribe(agent('os::B'))).reasonCodes).toEqual([0x80])
    await boss.ping()
    expect(denied.map(({ untold = false }) => untold)).toEqual([true, false])
    expect(bench.recorder.notes.map(({ kind, rule }) => [kind, rule])).toEqual([
      ['dropped', 'access'],
      ['dropped', 'subscriptions'],
    ])
  })

  test('a changed list acts on live sessions and says what it took away', async () => {
    const [a, boss] = [await login('os::A'), await login('oktopusController')]
    await a.subscribe(agent('os::A'))
    boss.send(publishPacket(agent('os::A'), 'before'))
    await a.next('PUBLISH')
    const deny: AclRule = {
      id: 'no-a',
      name: 'not A',
      effect: 'deny',
      action: 'both',
      topic: '#',
      who: { username: { exact: 'os::A' } },
      enabled: true,
    }
    guard.list = { version: 2, rules: [deny, ...OKTOPUS_DEFAULTS.rules] }
    // Even before anything was taken away, nothing more is handed over.
    boss.send(publishPacket(agent('os::A'), 'after'))
    await boss.ping()
    expect(bench.broker.applyAccess().map(({ filter }) => filter)).toEqual([agent('os::A')])
    boss.send(publishPacket(agent('os::A'), 'later'))
    await boss.ping()
    await a.ping()
    expect(guard.hits.get('no-a')).toBeGreaterThan(0)
    a.send(publishPacket(controller('os::A'), 'x', { qos: 1, packetId: 7 }))
    expect((await a.next('PUBACK')).reasonCode).toBe(0x87)
  })

  test('a message that may not be handed over any more is a denial, with who sent it', async () => {
    const [first, boss] = [await bench.connect(), await login('oktopusController')]
    const lasting = {
      clientId: 'os::A',
      username: 'os::A',
      password: Buffer.from('secret-a'),
      clean: false,
      properties: [{ name: 'sessionExpiryInterval', value: 600 } as const],
    }
    await first.hello(lasting)
    await first.subscribe(agent('os::A'), 1)
    first.destroy()
    await expect.poll(() => bench.ended.length).toBe(1)
    guard.list = { version: 2, rules: [deafA, ...OKTOPUS_DEFAULTS.rules] }
    const again = await bench.connect()
    expect(await again.hello(lasting)).toMatchObject({ reasonCode: 0, sessionPresent: true })
    denied = []
    boss.send(publishPacket(agent('os::A'), 'x'), publishPacket(agent('os::A'), 'x', { qos: 1, packetId: 1 }))
    await boss.next('PUBACK')
    await expect.poll(() => denied.length).toBe(2)
    await again.ping()
    expect(denied[0]).toMatchObject({
      action: 'deliver',
      topic: agent('os::A'),
      publisher: 'oktopusController',
      untold: true,
      rule: 'deaf-a',
      who: { clientId: 'os::A', endpointId: 'os::A', address: '127.0.0.1' },
    })
    const rows = new Denials()
    for (const denial of denied) rows.add(denial, 1)
    expect(rows.entries.map(({ count }) => count)).toEqual([2])
  })

  test('an open bench asks for nothing', async () => {
    guard.open = true
    const client = await bench.connect()
    expect((await client.hello({ clientId: 'anyone' })).reasonCode).toBe(0)
    expect((await client.subscribe('#')).reasonCodes).toEqual([0])
    client.send(publishPacket('constructor', 'x'))
    expect((await client.next('PUBLISH')).topic).toBe('constructor')
  })
})

describe('Denials', () => {
  const who = { username: 'u', clientId: 'c', endpointId: 'e', address: '10.0.0.1', listener: undefined }
  const knock = (n: number): Denial => ({
    who: { ...who, clientId: `c${n}` },
    action: 'connect',
    topic: '',
    reasonCode: 0x86,
    text: 'x',
  })

  test('the same refusal again counts up and moves to the end', () => {
    const denials = new Denials()
    expect(denials.add(knock(1), 100).isNew).toBe(true)
    denials.add(knock(2), 200)
    const { entry, isNew } = denials.add(knock(1), 300)
    expect([isNew, entry.count, entry.firstAt, entry.lastAt]).toEqual([false, 2, 100, 300])
    expect(denials.knocks.map(({ who: { clientId } }) => clientId)).toEqual(['c2', 'c1'])
  })

  test('knows a device again that is given another client ID each time', () => {
    const denials = new Denials()
    const presented = { version: 'MQTT 5.0', assigned: true }
    const attempt = (n: number): Denial => {
      const given = knock(n)
      return {
        ...given,
        presented,
        who: { ...given.who, endpointId: given.who.clientId, username: undefined },
      }
    }
    for (let n = 0; n < 5; n++) denials.add(attempt(n), n)
    denials.add({ ...attempt(5), who: { ...attempt(5).who, username: 'os::1' } }, 6)
    expect(denials.entries.map(({ count }) => count)).toEqual([5, 1])
  })

  test('is bounded, and says how many it dropped', () => {
    const denials = new Denials()
    for (let n = 0; n < 1005; n++) denials.add(knock(n), n)
    expect([denials.entries.length, denials.dropped]).toEqual([1000, 5])
  })
})
