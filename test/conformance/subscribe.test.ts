/** SUBSCRIBE, UNSUBSCRIBE and which topics a filter matches (chapters 3.8 to 3.11, 4.7). */
import { describe, expect } from 'vitest'
import type { Properties, QoS } from '../../shared/mqtt/packets.ts'
import {
  ack,
  getProperties,
  guarded,
  leave,
  publish,
  receive,
  subscribe,
  subscribePacket,
  texts,
} from './rig.ts'
import { shows } from './shows.ts'

const identifier = (value: number): Properties => [{ name: 'subscriptionIdentifier', value }]
const unsubscribe = (packetId: number, ...filters: string[]) =>
  ({ type: 'UNSUBSCRIBE', packetId, filters, properties: [] }) as const
const TOPIC_FILTER_INVALID = { 4: 0x80, 5: 0x8f } as const
const QOS: readonly QoS[] = [0, 1, 2]

describe('SUBSCRIBE', () => {
  shows(
    'SUBACK has the Packet Identifier, and the QoS granted',
    { '5.0': '3.8.4-1 3.8.4-2 3.8.4-7 2.2.1-6 3.9.3-2', '3.1.1': '3.8.4-1 3.8.4-2 2.3.1-7 3.8.4-5 3.9.3-2' },
    async ({ join }) => {
      const client = await join('a')
      for (const [qos, packetId] of [
        [0, 1],
        [1, 256],
        [2, 65_535],
      ] as const) {
        client.send(subscribePacket([`t/${qos}`], { qos }, [], packetId))
        expect(await client.next('SUBACK')).toMatchObject({ packetId, reasonCodes: [qos] })
      }
    },
  )

  shows(
    'several filters are answered in one SUBACK, in their order, good and bad',
    {
      '5.0': '3.8.4-5 3.8.4-6 3.8.4-7 3.9.3-1 3.9.3-2',
      '3.1.1': '3.8.4-4 3.8.4-5 3.9.3-1 3.9.3-2',
    },
    async ({ join, level }) => {
      const client = await join('a')
      const packet = subscribePacket(['7', 'a/#/b', '1', 'a/+', 'b+'])
      const subscriptions = packet.subscriptions.map((wish, i) => ({ ...wish, qos: (i % 3) as QoS }))
      client.send({ ...packet, subscriptions })
      const bad = TOPIC_FILTER_INVALID[level]
      expect((await client.next('SUBACK')).reasonCodes).toEqual([0, bad, 2, 0, bad])
      const from = await join('from')
      for (const [topic, qos] of [
        ['7', 0],
        ['1', 2],
        ['a/x', 0],
      ] as const) {
        await publish(from, topic, '', { qos: 2 })
        expect(await receive(client)).toMatchObject({ topic, qos })
      }
      await publish(from, 'b', '')
      await client.ping()
    },
  )

  shows(
    'a filter that the access rules forbid fails, the others are granted',
    { '5.0': '3.8.4-7 3.9.3-2', '3.1.1': '3.8.4-5 3.9.3-2' },
    async ({ join, level }) => {
      const client = await join('d', { username: 'os::d', password: Buffer.from('secret') })
      client.send(subscribePacket(['test/nosubscribe', 'oktopus/usp/v1/agent/os::d']))
      expect((await client.next('SUBACK')).reasonCodes).toEqual([level === 5 ? 0x87 : 0x80, 0])
    },
    { broker: guarded() },
  )

  shows(
    'the same filter in one SUBSCRIBE twice: the later one counts',
    { '5.0': '3.8.4-5 3.8.4-6', '3.1.1': '3.8.4-4 3.8.4-5' },
    async ({ join }) => {
      const client = await join('a')
      const packet = subscribePacket(['t', 't'])
      const [first, second] = packet.subscriptions
      client.send({
        ...packet,
        subscriptions: [
          { ...first!, qos: 2 },
          { ...second!, qos: 1 },
        ],
      })
      expect((await client.next('SUBACK')).reasonCodes).toEqual([2, 1])
      await publish(await join('from'), 't', 'x', { qos: 2 })
      expect((await receive(client)).qos).toBe(1)
      await client.ping()
    },
  )

  shows(
    'messages have the lower of the QoS published and granted',
    { '5.0': '3.8.4-8 4.8.2-3', '3.1.1': '3.8.4-6' },
    async ({ join }) => {
      const from = await join('from')
      for (const granted of QOS) {
        const to = await join(`to ${granted}`)
        expect(await subscribe(to, 't', granted)).toBe(granted)
        for (const published of QOS) {
          await publish(from, 't', 'x', { qos: published })
          expect((await receive(to)).qos).toBe(Math.min(granted, published))
        }
        await leave(to)
      }
    },
  )

  shows(
    'a filter subscribed to again replaces the subscription and brings retained messages again',
    { '5.0': '3.8.4-3 3.8.4-4', '3.1.1': '3.8.4-3' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      await publish(from, 't', 'kept', { retain: true, qos: 1 })
      for (const qos of [2, 0, 1] as const) {
        expect(await subscribe(to, 't', qos)).toBe(qos)
        expect((await receive(to)).qos).toBe(Math.min(qos, 1))
        await publish(from, 't', 'new', { qos: 2 })
        expect((await receive(to)).qos).toBe(qos)
        await to.ping()
      }
    },
  )

  shows(
    'no message is lost while it is replaced',
    { '5.0': '3.8.4-4', '3.1.1': '3.8.4-3' },
    async (scene) => {
      const [from, to] = [await scene.join('from'), await scene.join('to')]
      await subscribe(to, 't', 1)
      for (let i = 0; i < 20; i++) {
        to.send(subscribePacket(['t'], { qos: 1 }, [], 5))
        await publish(from, 't', String(i), { qos: 1 })
      }
      const seen = () => to.received.filter(({ type }) => type === 'PUBLISH').length
      await expect.poll(seen).toBe(20)
    },
  )

  shows('No Local: not what the client itself published', { '5.0': '3.8.3-3' }, async ({ join }) => {
    const [a, b] = [await join('a'), await join('b')]
    await subscribe(a, 't', 1, { noLocal: true })
    await subscribe(b, 't', 1, { noLocal: true })
    await publish(a, 't', 'of a', { qos: 1 })
    expect(await texts(b, 1)).toEqual(['of a'])
    await a.ping()
    await publish(b, 't', 'of b', { qos: 1 })
    expect(await texts(a, 1)).toEqual(['of b'])
    await b.ping()
  })
})

describe('overlapping subscriptions', () => {
  shows('deliver at the highest of their QoS', { '5.0': '3.3.4-2', '3.1.1': '3.3.5-1' }, async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    await subscribe(to, 'a/+', 1)
    await subscribe(to, 'a/#', 2)
    await subscribe(to, 'a/b', 0)
    await publish(from, 'a/b', 'x', { qos: 2 })
    expect((await receive(to)).qos).toBe(2)
    await to.ping()
  })

  shows(
    'and with all their identifiers; one without an identifier adds none',
    { '5.0': '3.3.4-3 3.3.4-4' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      await subscribe(to, 'a/+', 1, { properties: identifier(268_435_455) })
      await subscribe(to, 'a/#', 2, { properties: identifier(1) })
      await subscribe(to, 'a/b', 0)
      await subscribe(to, 'b', 0)
      await publish(from, 'a/b', 'x', { qos: 2 })
      const both = await receive(to)
      expect(both.qos).toBe(2)
      expect(getProperties(both, 'subscriptionIdentifier').toSorted()).toEqual([1, 268_435_455])
      await publish(from, 'b', 'x')
      expect(getProperties(await receive(to), 'subscriptionIdentifier')).toEqual([])
    },
  )

  shows(
    'an identifier is that of the subscription that stands: replaced, resumed, and for retained messages',
    { '5.0': '3.8.4-3 3.3.4-3' },
    async ({ join, lasting }) => {
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 1, { properties: identifier(1) })
      await subscribe(first, 't', 1, { properties: identifier(2) })
      await leave(first)
      await publish(from, 't', 'x', { qos: 1, retain: true })
      const second = await join('to', lasting)
      expect(getProperties(await receive(second), 'subscriptionIdentifier')).toEqual([2])
      await subscribe(second, 't', 1, { properties: identifier(3) })
      expect(getProperties(await receive(second), 'subscriptionIdentifier')).toEqual([3])
      await subscribe(second, 't', 1)
      expect(getProperties(await receive(second), 'subscriptionIdentifier')).toEqual([])
    },
  )
})

describe('UNSUBSCRIBE', () => {
  shows(
    'UNSUBACK has the Packet Identifier, also where there was no subscription',
    { '5.0': '3.10.4-4 3.10.4-5 2.2.1-6', '3.1.1': '3.10.4-4 3.10.4-5 2.3.1-7' },
    async ({ join }) => {
      const client = await join('a')
      await subscribe(client, 't')
      for (const [packetId, filter] of [
        [4711, 't'],
        [65_535, 'never'],
      ] as const) {
        client.send(unsubscribe(packetId, filter))
        expect((await client.next('UNSUBACK')).packetId).toBe(packetId)
      }
    },
  )

  shows(
    'several filters are worked on in their order and answered once',
    { '5.0': '3.10.4-6 3.11.3-1 3.11.3-2', '3.1.1': '3.10.4-6' },
    async ({ join, level }) => {
      const client = await join('a')
      for (const filter of ['a', 'b', 'c']) await subscribe(client, filter)
      client.send(unsubscribe(9, 'b', 'x', 'a'))
      expect((await client.next('UNSUBACK')).reasonCodes).toEqual(level === 5 ? [0, 0x11, 0] : [])
      const from = await join('from')
      for (const topic of ['a', 'b', 'c']) await publish(from, topic, topic)
      expect(await texts(client, 1)).toEqual(['c'])
      await client.ping()
    },
  )

  shows(
    'it ends the subscription of the same characters, and no other that matches',
    { '5.0': '3.10.4-1 3.10.4-2', '3.1.1': '3.10.4-1 3.10.4-2' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      for (const filter of ['a/+', 'a/b', 'b/#']) await subscribe(to, filter, 1)
      to.send(unsubscribe(2, 'a/+', 'b/b', 'B/#', 'b/+'))
      await to.next('UNSUBACK')
      await publish(from, 'a/x', 'no longer', { qos: 1 })
      await publish(from, 'a/b', 'still', { qos: 1 })
      await publish(from, 'b/b', 'still', { qos: 1 })
      expect(await texts(to, 2)).toEqual(['still', 'still'])
      await to.ping()
    },
  )

  shows(
    'deliveries that have begun are completed',
    { '5.0': '3.10.4-3', '3.1.1': '3.10.4-3' },
    async ({ join, lasting }) => {
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 2)
      await subscribe(first, 'other')
      await publish(from, 't', 'one', { qos: 1 })
      await publish(from, 't', 'two', { qos: 2 })
      const two = [await first.next('PUBLISH'), await first.next('PUBLISH')][1]
      first.send(unsubscribe(2, 't'))
      await first.next('UNSUBACK')
      first.send(ack('PUBREC', two?.packetId))
      await first.next('PUBREL')
      await leave(first)
      const second = await join('to', lasting)
      const resent = () => second.received.flatMap((packet) => ('packetId' in packet ? [packet] : []))
      await expect.poll(resent).toHaveLength(2)
      expect(resent()).toContainEqual(expect.objectContaining({ type: 'PUBLISH', qos: 1 }))
      expect(resent()).toContainEqual(
        expect.objectContaining({ type: 'PUBREL', packetId: two?.packetId as number }),
      )
    },
  )
})
