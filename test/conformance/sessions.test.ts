/** Sessions and wills, as far as no time has to pass (chapters 3.1.2, 3.2.2, 4.1, 4.5). */
import { describe, expect } from 'vitest'
import { userProperties } from '../../shared/mqtt/properties.ts'
import type { Properties, Will } from '../../shared/mqtt/packets.ts'
import { endedBy, expiry, leave, publish, receive, remaining, subscribe, text, texts, watch } from './rig.ts'
import { shows } from './shows.ts'

const DISCONNECT_WITH_WILL = 0x04
const will = (payload: string, more: Partial<Will> = {}): Will => ({
  topic: 'gone',
  payload: Buffer.from(payload),
  qos: 0,
  retain: false,
  properties: [],
  ...more,
})

describe('sessions', () => {
  shows(
    'a session is resumed, with its subscriptions and what came meanwhile',
    {
      '5.0': '3.1.2-5 3.1.2-23 3.1.3-2 3.1.4-4 3.2.2-3 4.1.0-1 4.5.0-1',
      '3.1.1': '3.1.2-4 3.1.2-5 3.1.3-2 3.1.4-3 3.2.2-2 4.1.0-1 4.1.0-2 4.5.0-1',
    },
    async ({ join, lasting }) => {
      const other = await join('other')
      const first = await join('a', lasting)
      await subscribe(first, 't/1', 1)
      await subscribe(first, 't/2', 2)
      await leave(first)
      await publish(other, 't/1', 'one', { qos: 1 })
      await publish(other, 't/2', 'two', { qos: 2 })
      const second = await join('a', lasting)
      expect(second.connack?.sessionPresent).toBe(true)
      expect(await texts(second, 2)).toEqual(['one', 'two'])
      await publish(other, 't/1', 'three', { qos: 1 })
      expect(await texts(second, 1)).toEqual(['three'])
    },
  )

  shows(
    'it also outlives a connection that broke',
    { '5.0': '3.1.2-23', '3.1.1': '3.1.2-4 3.1.2-5' },
    async (scene) => {
      const { join, lasting } = scene
      const other = await join('other')
      const first = await join('a', lasting)
      await subscribe(first, 't', 1)
      first.destroy()
      await remaining(scene, 1)
      await publish(other, 't', 'kept', { qos: 1 })
      const second = await join('a', lasting)
      expect(await texts(second, 1)).toEqual(['kept'])
    },
  )

  shows(
    'without a session one is begun, and it is there the next time, even without subscriptions',
    { '5.0': '3.1.2-6 3.2.2-3', '3.1.1': '3.1.2-4 3.2.2-3 3.2.2-2' },
    async ({ join, lasting }) => {
      const first = await join('a', lasting)
      expect(first.connack).toMatchObject({ reasonCode: 0, sessionPresent: false })
      await leave(first)
      expect((await join('a', lasting)).connack).toMatchObject({ reasonCode: 0, sessionPresent: true })
    },
  )

  shows(
    'a clean start discards the session, and nothing of it comes back',
    { '5.0': '3.1.2-4 3.1.4-4 3.2.2-2', '3.1.1': '3.1.2-6 3.1.4-3 3.2.2-1' },
    async ({ join, lasting }) => {
      const other = await join('other')
      const first = await join('a', lasting)
      await subscribe(first, 't', 1)
      await leave(first)
      await publish(other, 't', 'old', { qos: 1 })
      const second = await join('a', { ...lasting, clean: true })
      expect(second.connack?.sessionPresent).toBe(false)
      await publish(other, 't', 'unheard', { qos: 1 })
      await second.ping()
      await leave(second)
      const third = await join('a', lasting)
      await third.ping()
    },
  )

  shows(
    'a session without an expiry ends with its connection',
    { '5.0': '3.1.2-6 4.1.0-2', '3.1.1': '3.1.2-6 3.2.2-3' },
    async ({ join, lasting, level }) => {
      const first = await join('a', { clean: true, properties: expiry(level, 0) })
      await subscribe(first, 't', 1)
      await leave(first)
      expect((await join('a', lasting)).connack?.sessionPresent).toBe(false)
    },
  )

  shows(
    'a session goes on in the other version, and a message goes from one version to the other',
    { '5.0': '3.1.2-5 3.1.3-2 3.3.2-17', '3.1.1': '3.1.2-4 3.1.3-2 7.0.0-2' },
    async ({ bench, join, lasting, level }) => {
      const properties: Properties = [
        { name: 'contentType', value: 'text' },
        { name: 'userProperty', value: ['k', 'v'] },
      ]
      const other = await bench.connect()
      const otherLevel = level === 5 ? 4 : 5
      const first = await join('a', lasting)
      await subscribe(first, 't', 1)
      await leave(first)
      const otherLasting = { clean: false, properties: expiry(otherLevel, 100) }
      const again = await other.hello({ ...otherLasting, level: otherLevel, clientId: 'a' })
      expect(again.sessionPresent).toBe(true)
      const from = await join('from')
      const told = level === 5 ? properties : []
      await publish(from, 't', 'x', { qos: 1, properties: told })
      expect(await receive(other)).toMatchObject({ topic: 't', qos: 1, properties: [] })
      await publish(other, 'u', 'retained', { retain: true, properties: level === 4 ? properties : [] })
      await subscribe(from, 'u')
      expect(await receive(from)).toMatchObject({ payload: Buffer.from('retained'), properties: [] })
      await leave(other)
      await publish(from, 't', 'back', { qos: 1, properties: told })
      const back = await join('a', lasting)
      expect(await receive(back)).toMatchObject({ payload: Buffer.from('back'), properties: told })
    },
  )

  shows(
    'with it come the options of its subscriptions',
    { '5.0': '3.1.2-5 3.8.3-3 3.3.1-13 3.3.1-12' },
    async ({ join, lasting }) => {
      const other = await join('other')
      const first = await join('a', lasting)
      await subscribe(first, 'local', 1, { noLocal: true })
      await subscribe(first, 'as published', 1, { retainAsPublished: true })
      await subscribe(first, 'plain', 1)
      await leave(first)
      const second = await join('a', lasting)
      await publish(second, 'local', 'its own', { qos: 1 })
      await publish(other, 'local', 'of another', { qos: 1 })
      expect(await texts(second, 1)).toEqual(['of another'])
      for (const topic of ['as published', 'plain']) {
        await publish(other, topic, '', { qos: 1, retain: true })
        expect(await receive(second)).toMatchObject({ topic, retain: topic === 'as published' })
      }
    },
  )

  shows(
    'the Session Expiry Interval of the newest CONNECT counts',
    { '5.0': '3.1.2-23 4.1.0-2' },
    async (scene) => {
      const { join, lasting } = scene
      await leave(await join('a', lasting))
      const second = await join('a', { clean: false })
      expect(second.connack?.sessionPresent).toBe(true)
      await leave(second)
      await remaining(scene, 0)
      expect((await join('a', lasting)).connack?.sessionPresent).toBe(false)
    },
  )

  shows(
    'a subscription of its own session only, not of others',
    { '5.0': '3.1.3-2', '3.1.1': '3.1.3-2' },
    async ({ join, lasting }) => {
      const first = await join('a', lasting)
      await subscribe(first, 't', 1)
      await leave(first)
      const other = await join('b', lasting)
      expect(other.connack?.sessionPresent).toBe(false)
      await publish(other, 't', 'for a', { qos: 1 })
      await other.ping()
      expect(await texts(await join('a', lasting), 1)).toEqual(['for a'])
    },
  )

  shows('retained messages outlive the session', { '3.1.1': '3.1.2.7' }, async ({ join }) => {
    const first = await join('a')
    await publish(first, 't', 'kept', { retain: true })
    await leave(first)
    const second = await join('a')
    await subscribe(second, 't')
    expect(text(await receive(second))).toBe('kept')
  })

  shows(
    'a session that was to end with its connection cannot be prolonged in DISCONNECT',
    { '5.0': '4.13.1-1' },
    async ({ join }) => {
      const client = await join('a')
      client.send({ type: 'DISCONNECT', reasonCode: 0, properties: expiry(5, 10) })
      await endedBy(client, 0x82)
    },
  )
})

describe('wills', () => {
  shows(
    'a will is published when the connection breaks: once, and not retained',
    { '5.0': '3.1.2-7 3.1.2-8 3.1.2-10 3.1.2-14', '3.1.1': '3.1.2-8 3.1.2-10 3.1.2-12 3.1.2-16' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const first = await scene.join('a', { will: will('bye') })
      first.destroy()
      expect(await receive(watcher)).toMatchObject({ topic: 'gone', retain: false })
      const second = await scene.join('a')
      second.destroy()
      await remaining(scene, 1)
      await watcher.ping()
      const late = await scene.join('late')
      await subscribe(late, 'gone')
      await late.ping()
    },
  )

  shows(
    'a will with Will Retain is kept for those who come later',
    { '5.0': '3.1.2-15', '3.1.1': '3.1.2-17' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const device = await scene.join('a', { will: will('bye', { retain: true, qos: 1 }) })
      device.destroy()
      await receive(watcher)
      const late = await scene.join('late')
      await subscribe(late, 'gone', 2)
      expect(await receive(late)).toMatchObject({ retain: true, qos: 1 })
    },
  )

  shows(
    'an orderly DISCONNECT calls it off',
    { '5.0': '3.14.4-3 3.1.2-8 3.1.2-10', '3.1.1': '3.14.4-3 3.1.2-8 3.1.2-10' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      await leave(await scene.join('a', { will: will('bye') }))
      await remaining(scene, 1)
      await watcher.ping()
    },
  )

  shows('DISCONNECT 0x04 does not call it off', { '5.0': '3.1.2-8' }, async (scene) => {
    const watcher = await watch(scene, 'gone')
    await leave(await scene.join('a', { will: will('bye') }), [], DISCONNECT_WITH_WILL)
    expect(text(await receive(watcher))).toBe('bye')
  })

  shows(
    'it is published as well when the broker ended the connection over an error',
    { '5.0': '3.1.2-8', '3.1.1': '3.1.2-8' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const device = await scene.join('a', { will: will('bye') })
      device.bytes('c100')
      await endedBy(device, 0x81)
      expect(text(await receive(watcher))).toBe('bye')
    },
  )

  shows(
    'and when another connection took over',
    { '5.0': '3.1.2-8 3.1.4-3', '3.1.1': '3.1.2-8 3.1.4-2' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const first = await scene.join('a', { will: will('first') })
      const second = await scene.join('a', { will: will('second') })
      await endedBy(first, 0x8e)
      expect(text(await receive(watcher))).toBe('first')
      await second.ping()
      await watcher.ping()
    },
  )

  shows(
    'its user properties keep their order, and its other properties come with it',
    { '5.0': '3.1.3-10 3.1.2-9' },
    async (scene) => {
      const watcher = await watch(scene, 'gone')
      const pairs = [
        ['b', '1'],
        ['a', '2'],
        ['b', '3'],
      ] as const
      const device = await scene.join('a', {
        will: will('bye', {
          properties: [
            { name: 'contentType', value: 'text' },
            ...pairs.map(([key, value]) => ({ name: 'userProperty', value: [key, value] }) as const),
          ],
        }),
      })
      device.destroy()
      const message = await receive(watcher)
      expect(userProperties(message.properties)).toEqual(pairs)
      expect(message.properties).toContainEqual({ name: 'contentType', value: 'text' })
    },
  )
})
