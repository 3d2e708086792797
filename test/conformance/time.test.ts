/**
 * What happens when time passes: Keep Alive, expiry of sessions and messages, delay of wills. The clock is the
 * test's own, and the broker is made after it is set.
 */
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import type { Properties, Will } from '../../shared/mqtt/packets.ts'
import { getProperty } from '../../shared/mqtt/properties.ts'
import { ack, cutOff, endedBy, expiry, leave, publish, publishPacket, receive } from './rig.ts'
import { remaining, subscribe, text, texts, watch } from './rig.ts'
import { shows } from './shows.ts'

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  })
})
afterEach(() => vi.useRealTimers())

const KEEP_ALIVE_TIMEOUT = 0x8d
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000)
const will = (delay?: number): Will => ({
  topic: 'gone',
  payload: Buffer.from('bye'),
  qos: 0,
  retain: false,
  properties: delay === undefined ? [] : [{ name: 'willDelayInterval', value: delay }],
})
const expires = (seconds: number): Properties => [{ name: 'messageExpiryInterval', value: seconds }]
describe('Keep Alive', () => {
  shows(
    'silence of one and a half ends the connection and publishes the will; Keep Alive 0 is off',
    { '5.0': '3.1.2-22 3.2.2-22 3.1.2-8', '3.1.1': '3.1.2-24 3.1.2-8' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const device = await scene.join('a', { keepAlive: 10, will: will() })
      expect(getProperty(device.connack?.properties ?? [], 'serverKeepAlive')).toBeUndefined()
      await pass(14)
      await device.ping()
      await pass(14)
      await device.ping()
      await pass(17)
      await endedBy(device, KEEP_ALIVE_TIMEOUT)
      expect(text(await receive(watcher))).toBe('bye')
      await pass(1000)
      await watcher.ping()
    },
  )

  shows(
    'every packet of the client counts, and none of the broker',
    { '5.0': '3.1.2-22', '3.1.1': '3.1.2-24' },
    async (scene) => {
      const device = await scene.join('a', { keepAlive: 10 })
      await subscribe(device, 't')
      await pass(14)
      device.send(publishPacket('t'))
      await receive(device)
      await pass(14)
      scene.bench.broker.publish('t', 'x', 0)
      await receive(device)
      await pass(3)
      await endedBy(device, KEEP_ALIVE_TIMEOUT)
    },
  )
})

describe('sessions', () => {
  shows(
    'one is kept as long as its Session Expiry Interval, and no longer',
    { '5.0': '3.1.2-23 4.1.0-2 3.2.2-3' },
    async (scene) => {
      const wishes = { clean: false, properties: expiry(5, 60) }
      for (const [seconds, present] of [
        [0, false],
        [55, true],
        [65, false],
      ] as const) {
        const client = await scene.join('a', wishes)
        expect(client.connack?.sessionPresent).toBe(present)
        if (seconds === 0) await subscribe(client, 't', 1)
        await leave(client)
        await remaining(scene, 0)
        await pass(seconds === 0 ? 55 : 65)
      }
    },
  )

  shows('it does not expire while it is connected', { '5.0': '4.1.0-1' }, async (scene) => {
    const client = await scene.join('a', { clean: false, properties: expiry(5, 10) })
    await subscribe(client, 't', 1)
    await pass(1000)
    await publish(client, 'x')
    await leave(client)
    await remaining(scene, 0)
    await pass(8)
    expect((await scene.join('a', { clean: false })).connack?.sessionPresent).toBe(true)
  })

  shows('DISCONNECT sets another interval: longer, or none', { '5.0': '3.1.2-23 4.1.0-2' }, async (scene) => {
    const wishes = { clean: false, properties: expiry(5, 10) }
    const first = await scene.join('a', wishes)
    await subscribe(first, 't', 1)
    await leave(first, expiry(5, 100))
    await remaining(scene, 0)
    await pass(90)
    const second = await scene.join('a', wishes)
    expect(second.connack?.sessionPresent).toBe(true)
    await leave(second, expiry(5, 0))
    await remaining(scene, 0)
    expect((await scene.join('a', wishes)).connack?.sessionPresent).toBe(false)
  })

  shows('0xFFFFFFFF is for ever', { '5.0': '3.1.2-23' }, async (scene) => {
    const wishes = { clean: false, properties: expiry(5, 0xffff_ffff) }
    const first = await scene.join('a', wishes)
    await subscribe(first, 't', 1)
    await leave(first)
    await remaining(scene, 0)
    // Not second by second: a year.
    vi.setSystemTime(Date.now() + 365 * 86_400_000)
    await pass(10)
    expect((await scene.join('a', wishes)).connack?.sessionPresent).toBe(true)
  })

  shows('a session of 3.1.1 does not expire', { '3.1.1': '3.1.2-4 3.1.2-5' }, async (scene) => {
    const first = await scene.join('a', { clean: false })
    await subscribe(first, 't', 1)
    await leave(first)
    await remaining(scene, 0)
    await pass(10_000)
    await publish(await scene.join('from'), 't', 'kept', { qos: 1 })
    expect(await texts(await scene.join('a', { clean: false }), 1)).toEqual(['kept'])
  })
})

describe('messages', () => {
  shows(
    'one that waited goes out with what is left of its expiry, and not at all when it has passed',
    { '5.0': '3.3.2-5 3.3.2-6' },
    async (scene) => {
      const { join, lasting } = scene
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 2)
      await leave(first)
      const sent = [
        ['short', 1, 10],
        ['long', 1, 60],
        ['always', 1, undefined],
        ['short', 2, 10],
        ['long', 2, 60],
      ] as const
      for (const [payload, qos, seconds] of sent) {
        await publish(from, 't', payload, { qos, properties: seconds ? expires(seconds) : [] })
      }
      await pass(20)
      const second = await join('to', lasting)
      for (const [payload, qos, seconds] of sent.filter(([name]) => name !== 'short')) {
        const message = await receive(second)
        expect([text(message), message.qos]).toEqual([payload, qos])
        const left = getProperty(message.properties, 'messageExpiryInterval')
        expect(left).toBe(seconds && seconds - 20)
      }
      await second.ping()
    },
  )

  shows('the same holds for retained ones', { '5.0': '3.3.2-5 3.3.2-6' }, async ({ join }) => {
    const from = await join('from')
    await publish(from, 'short', 'x', { retain: true, properties: expires(10) })
    await publish(from, 'long', 'x', { retain: true, properties: expires(60) })
    await pass(20)
    const to = await join('to')
    await subscribe(to, '#')
    const message = await receive(to)
    expect(message.topic).toBe('long')
    expect(getProperty(message.properties, 'messageExpiryInterval')).toBeLessThanOrEqual(40)
    await to.ping()
  })

  shows('and for those that waited for Receive Maximum', { '5.0': '3.3.2-5 3.3.2-6' }, async ({ join }) => {
    const from = await join('from')
    const to = await join('to', { properties: [{ name: 'receiveMaximum', value: 1 }] })
    await subscribe(to, 't', 1)
    await publish(from, 't', 'first', { qos: 1 })
    await publish(from, 't', 'short', { qos: 1, properties: expires(10) })
    await publish(from, 't', 'long', { qos: 1, properties: expires(60) })
    const first = await to.next('PUBLISH')
    await pass(20)
    to.send(ack('PUBACK', first.packetId))
    const message = await receive(to)
    expect(text(message)).toBe('long')
    expect(getProperty(message.properties, 'messageExpiryInterval')).toBeLessThanOrEqual(40)
    await to.ping()
  })

  shows(
    'QoS 2: what was sent no longer expires, and is sent again',
    { '5.0': '4.3.3-7' },
    async ({ join, lasting }) => {
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 2)
      await publish(from, 't', 'x', { qos: 2, properties: expires(10) })
      const { packetId } = await first.next('PUBLISH')
      first.destroy()
      await pass(20)
      const second = await join('to', lasting)
      expect(await second.next('PUBLISH')).toMatchObject({ packetId, dup: true })
    },
  )

  shows(
    'QoS 2: a client’s exchange goes on although its message expired',
    { '5.0': '4.3.3-13' },
    async ({ join }) => {
      const from = await join('from')
      from.send(publishPacket('t', 'x', { qos: 2, packetId: 5, properties: expires(1) }))
      await from.next('PUBREC')
      await pass(10)
      from.send(publishPacket('t', 'x', { qos: 2, packetId: 5, dup: true, properties: expires(1) }))
      expect((await from.next('PUBREC')).packetId).toBe(5)
      from.send(ack('PUBREL', 5))
      expect(await from.next('PUBCOMP')).toMatchObject({ packetId: 5, reasonCode: 0 })
    },
  )

  shows(
    'nothing is sent again on a connection that lasts, however long no answer comes',
    { '5.0': '4.4.0-1', '3.1.1': '4.4.0-1' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      await subscribe(to, 't', 2)
      for (const qos of [1, 2] as const) {
        await publish(from, 't', '', { qos })
        await to.next('PUBLISH')
      }
      await pass(1000)
      await to.ping()
    },
  )
})

describe('delayed wills', () => {
  const wishes = (delay: number, sessionExpiry: number) => ({
    clean: false,
    will: will(delay),
    properties: expiry(5, sessionExpiry),
  })

  shows(
    'a will comes when its delay is over, and not before',
    { '5.0': '3.1.2-8 3.1.2-7' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const device = await scene.join('a', wishes(30, 100))
      device.destroy()
      await remaining(scene, 1)
      await pass(28)
      await watcher.ping()
      await pass(4)
      expect(await receive(watcher)).toMatchObject({ topic: 'gone', properties: [] })
    },
  )

  shows('or when the session ends, if that is earlier', { '5.0': '3.1.2-8' }, async (scene) => {
    const watcher = await watch(scene, 'gone')
    const [late, now] = [await scene.join('a', wishes(1000, 30)), await scene.join('b', wishes(1000, 0))]
    now.destroy()
    expect(text(await receive(watcher))).toBe('bye')
    late.destroy()
    await remaining(scene, 1)
    await pass(28)
    await watcher.ping()
    await pass(4)
    expect(text(await receive(watcher))).toBe('bye')
  })

  shows(
    'a client that comes back in time has no will published; its new will counts',
    { '5.0': '3.1.3-9 3.1.2-8 3.1.2-10' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const first = await scene.join('a', wishes(30, 100))
      first.destroy()
      await remaining(scene, 1)
      await pass(20)
      const second = await scene.join('a', { clean: false, properties: expiry(5, 100) })
      await pass(100)
      await watcher.ping()
      second.destroy()
      await remaining(scene, 1)
      await pass(50)
      await watcher.ping()
    },
  )

  shows(
    'a clean start ends the session, and with it the wait',
    { '5.0': '3.1.2-8 3.1.2-4' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const first = await scene.join('a', wishes(30, 100))
      first.destroy()
      await remaining(scene, 1)
      await scene.join('a', { clean: true })
      expect(text(await receive(watcher))).toBe('bye')
      await pass(50)
      await watcher.ping()
    },
  )

  shows(
    'no CONNECT in time: the connection ends',
    { '5.0': '3.1.0-1', '3.1.1': '3.1.0-1' },
    async (scene) => {
      const client = await scene.connect()
      await pass(11)
      await cutOff(client)
    },
  )
})
