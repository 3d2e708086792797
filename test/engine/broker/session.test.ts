import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { once } from 'node:events'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { getProperty, userProperties } from '../../../shared/mqtt/properties.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { connectPacket, publishPacket } from '../../support/wire.ts'

let bench: TestBroker
beforeEach(async () => {
  bench = await testBroker()
})
afterEach(() => bench.close())

describe('takeover', () => {
  test('the newer connection wins and the older is told 0x8E', async () => {
    const [first, second] = [await bench.connect(), await bench.connect()]
    await first.hello({ clientId: 'same' })
    await second.hello({ clientId: 'same' })
    expect((await first.next('DISCONNECT')).reasonCode).toBe(0x8e)
    await first.closed
    await second.ping()
    expect(bench.recorder.notes.at(-1)).toMatchObject({ rule: 'takeover', kind: 'changed' })
  })

  test('of twenty at once exactly one stays, and it works', async () => {
    const clients = await Promise.all(Array.from({ length: 20 }, () => bench.connect()))
    for (const client of clients) client.send(connectPacket({ clientId: 'same' }))
    await expect.poll(() => clients.filter(({ isClosed }) => isClosed).length).toBe(19)
    const last = clients.find(({ isClosed }) => !isClosed)
    await last?.next('CONNACK')
    await last?.subscribe('t')
    last?.send(publishPacket('t', 'still here'))
    expect(Buffer.from((await last?.next('PUBLISH'))?.payload ?? []).toString()).toBe('still here')
    expect(bench.broker.sessions.size).toBe(1)
    expect(bench.ended).toHaveLength(19)
  })

  test('a session is resumed by its successor', async () => {
    const [first, second, third] = [await bench.connect(), await bench.connect(), await bench.connect()]
    const properties = [{ name: 'sessionExpiryInterval', value: 100 } as const]
    await first.hello({ clientId: 'same', properties })
    await first.subscribe('t', 1)
    const answer = await second.hello({ clientId: 'same', clean: false, properties })
    expect(answer.sessionPresent).toBe(true)
    await third.hello({ clientId: 'third' })
    third.send(publishPacket('t', 'x', { qos: 1, packetId: 1 }))
    expect(await second.next('PUBLISH')).toMatchObject({ topic: 't', qos: 1 })
  })

  test('a CONNECT that is refused leaves the older connection alone', async () => {
    const [first, second] = [await bench.connect(), await bench.connect()]
    await first.hello({ clientId: 'same' })
    const properties = [{ name: 'authenticationMethod', value: 'X' } as const]
    expect((await second.hello({ clientId: 'same', properties })).reasonCode).toBe(0x8c)
    await first.ping()
  })
})

test('a client may send all it has and hang up', async () => {
  const [watcher, hasty] = [await bench.connect(), await bench.connect()]
  await watcher.hello({ clientId: 'watcher' })
  await watcher.subscribe('t')
  const packets = Array.from({ length: 50 }, (_, i) => encodePacket(publishPacket('t', String(i)), 5))
  hasty.socket.end(Buffer.concat([encodePacket(connectPacket({ clientId: 'hasty' }), 5), ...packets]))
  for (let i = 0; i < 50; i++) {
    expect(Buffer.from((await watcher.next('PUBLISH')).payload).toString()).toBe(String(i))
  }
  await expect.poll(() => bench.ended).toEqual(['closed without DISCONNECT'])
})

describe('wills', () => {
  test('a will comes when the connection breaks, without its delay among the properties', async () => {
    const [watcher, device] = [await bench.connect(), await bench.connect()]
    await watcher.hello({ clientId: 'watcher' })
    await watcher.subscribe('gone')
    const properties = [
      { name: 'willDelayInterval', value: 0 },
      { name: 'contentType', value: 'text' },
    ] as const
    const will = { topic: 'gone', payload: Buffer.from('bye'), qos: 0, retain: false, properties } as const
    await device.hello({ clientId: 'device', will })
    device.destroy()
    const message = await watcher.next('PUBLISH')
    expect(Buffer.from(message.payload).toString()).toBe('bye')
    expect(message.properties).toEqual([{ name: 'contentType', value: 'text' }])
  })

  test('an orderly DISCONNECT discards it', async () => {
    const [watcher, device] = [await bench.connect(), await bench.connect()]
    await watcher.hello({ clientId: 'watcher' })
    await watcher.subscribe('gone')
    const will = {
      topic: 'gone',
      payload: Buffer.from('bye'),
      qos: 0,
      retain: false,
      properties: [],
    } as const
    await device.hello({ clientId: 'device', will })
    device.send({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
    await device.closed
    await watcher.ping()
    expect(watcher.received.some(({ type }) => type === 'PUBLISH')).toBe(false)
  })
})

describe('another server', () => {
  test.each([
    [false, 0x9c],
    [true, 0x9d],
  ])('is told in CONNACK, 3.1.1 hears “server unavailable” (moved: %s)', async (moved, reasonCode) => {
    const other = await testBroker({ redirect: { reference: 'a.example:1883 b.example', moved } })
    const [five, four, own] = [await other.connect(), await other.connect(), await other.connect()]
    const answer = await five.hello({ clientId: 'five' })
    expect(answer.reasonCode).toBe(reasonCode)
    expect(getProperty(answer.properties, 'serverReference')).toBe('a.example:1883 b.example')
    expect((await four.hello({ clientId: 'four', level: 4 })).reasonCode).toBe(3)
    expect((await own.hello({ clientId: 'own', username: 'oktopusController' })).reasonCode).toBe(0)
    await other.close()
  })
})

describe('topic aliases', () => {
  test('inbound they are resolved, outbound they are used as far as the client allows', async () => {
    const [from, to] = [await bench.connect(), await bench.connect()]
    const hello = await from.hello({ clientId: 'from' })
    expect(getProperty(hello.properties, 'topicAliasMaximum')).toBe(10)
    await to.hello({ clientId: 'to', properties: [{ name: 'topicAliasMaximum', value: 1 }] })
    await to.subscribe('#')
    const alias = [{ name: 'topicAlias', value: 3 } as const]
    from.send(publishPacket('a/b', '1', { properties: alias }))
    from.send(publishPacket('', '2', { properties: alias }))
    from.send(publishPacket('c', '3'))
    from.send(publishPacket('', '4', { properties: alias }))
    const got = [
      await to.next('PUBLISH'),
      await to.next('PUBLISH'),
      await to.next('PUBLISH'),
      await to.next('PUBLISH'),
    ]
    expect(got.map(({ topic, properties }) => [topic, getProperty(properties, 'topicAlias')])).toEqual([
      ['a/b', 1],
      ['', 1],
      ['c', undefined],
      ['', 1],
    ])
  })
})

describe('user properties', () => {
  test('keep their order and repetition, retained messages too', async () => {
    const [from, to] = [await bench.connect(), await bench.connect()]
    await from.hello({ clientId: 'from' })
    await to.hello({ clientId: 'to' })
    const pairs = [
      ['b', '1'],
      ['10', '2'],
      ['b', '3'],
      ['2', '4'],
      ['b', '1'],
    ] as const
    const properties = [
      { name: 'responseTopic', value: 'r' } as const,
      ...pairs.map((value) => ({ name: 'userProperty', value: [...value] }) as const),
    ]
    from.send(publishPacket('t', 'x', { retain: true, properties: properties as never }))
    await from.ping()
    await to.subscribe('t')
    const message = await to.next('PUBLISH')
    expect(userProperties(message.properties)).toEqual(pairs)
    expect(getProperty(message.properties, 'responseTopic')).toBe('r')
  })
})

describe('the Oktopus flow', () => {
  test('subscribe-topic, Response Information when asked for, and status 1 and 0', async () => {
    const [controller, device] = [await bench.connect(), await bench.connect()]
    await controller.hello({ clientId: 'mqtt-adapter', username: 'oktopusController' })
    await controller.subscribe('oktopus/usp/+/status/+', 1)
    const answer = await device.hello({
      clientId: '',
      properties: [
        { name: 'requestResponseInformation', value: 1 },
        { name: 'userProperty', value: ['other', 'x'] },
        { name: 'userProperty', value: ['usp-endpoint-id', 'os::00256D-1'] },
      ],
    })
    const topic = 'oktopus/usp/v1/agent/os::00256D-1'
    expect(userProperties(answer.properties)).toEqual([['subscribe-topic', topic]])
    expect(getProperty(answer.properties, 'responseInformation')).toBe(topic)
    await device.subscribe(topic)
    const present = await controller.next('PUBLISH')
    expect(present).toMatchObject({ topic: 'oktopus/usp/v1/status/os::00256D-1', qos: 1, retain: false })
    expect(Buffer.from(present.payload).toString()).toBe('1')
    device.destroy()
    const gone = await controller.next('PUBLISH')
    expect(Buffer.from(gone.payload).toString()).toBe('0')
  })

  test('not asked for, Response Information is not given; the controller gets no subscribe-topic', async () => {
    const [device, controller] = [await bench.connect(), await bench.connect()]
    const answer = await device.hello({ clientId: 'x', username: 'user-1' })
    expect(getProperty(answer.properties, 'responseInformation')).toBeUndefined()
    expect(userProperties(answer.properties)).toEqual([['subscribe-topic', 'oktopus/usp/v1/agent/user-1']])
    const other = await controller.hello({ clientId: 'c', username: 'oktopusController' })
    expect(userProperties(other.properties)).toEqual([])
  })
})

describe('WebSocket', () => {
  test('packets may span frames; a text frame ends the connection', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${bench.wsPort}/mqtt`, 'mqtt')
    await once(socket, 'open')
    expect(socket.protocol).toBe('mqtt')
    const bytes = Buffer.from(encodePacket(connectPacket({ clientId: 'ws' }), 5))
    socket.send(bytes.subarray(0, 5))
    socket.send(bytes.subarray(5))
    const [answer] = (await once(socket, 'message')) as [Buffer]
    expect(answer[0]).toBe(0x20)
    expect(bench.accepted[0]?.facts.transport).toBe('ws')
    socket.send('text')
    await once(socket, 'close')
    await expect.poll(() => bench.ended[0]).toContain('text frame')
  })

  test('another path or subprotocol is refused', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${bench.wsPort}/other`, 'mqtt')
    const [error] = (await once(socket, 'error')) as [Error]
    expect(error.message).toContain('400')
  })
})
