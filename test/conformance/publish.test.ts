/** PUBLISH: retained messages, properties, Topic Aliases (chapter 3.3). */
import { once } from 'node:events'
import { describe, expect } from 'vitest'
import type { Properties, QoS } from '../../shared/mqtt/packets.ts'
import { getProperty } from '../../shared/mqtt/properties.ts'
import {
  ack,
  endedBy,
  expiry,
  leave,
  publish,
  publishPacket,
  receive,
  subscribe,
  text,
  texts,
  watch,
  type Scene,
} from './rig.ts'
import { shows } from './shows.ts'

const alias = (value: number): Properties => [{ name: 'topicAlias', value }]

describe('RETAIN', () => {
  /** The retained messages that a new subscriber to everything gets: so many, and no more. */
  async function retained(scene: Scene, count: number): Promise<string[]> {
    const client = await scene.join('new')
    await subscribe(client, '#', 2)
    const found: string[] = []
    while (found.length < count) {
      const message = await receive(client)
      expect(message.retain).toBe(true)
      found.push(`${message.topic} ${text(message)} ${message.qos}`)
    }
    await client.ping()
    return found.toSorted()
  }

  shows(
    'the last retained message of a topic is kept with its QoS and sent to a new subscription with RETAIN 1',
    { '5.0': '3.3.1-5 3.3.1-9', '3.1.1': '3.3.1-5 3.3.1-6 3.3.1-7 3.3.1-8' },
    async (scene) => {
      const from = await scene.join('from')
      await publish(from, 'a', 'old', { retain: true, qos: 2 })
      await publish(from, 'a', 'new', { retain: true, qos: 0 })
      await publish(from, 'b', 'one', { retain: true, qos: 1 })
      await publish(from, 'c', 'two', { retain: true, qos: 2 })
      await publish(from, 'd', 'not kept')
      expect(await retained(scene, 3)).toEqual(['a new 0', 'b one 1', 'c two 2'])
    },
  )

  shows(
    'an empty one removes it, reaches subscribers, and is not kept',
    { '5.0': '3.3.1-6 3.3.1-7', '3.1.1': '3.3.1-10 3.3.1-11' },
    async (scene) => {
      const from = await scene.join('from')
      await publish(from, 'a', 'kept', { retain: true, qos: 1 })
      const watcher = await watch(scene, '+')
      expect(text(await receive(watcher))).toBe('kept')
      await publish(from, 'a', '', { retain: true, qos: 1 })
      await publish(from, 'never', '', { retain: true })
      expect(await receive(watcher)).toMatchObject({ topic: 'a', retain: false })
      expect(await receive(watcher)).toMatchObject({ topic: 'never', retain: false })
      expect(await retained(scene, 0)).toEqual([])
    },
  )

  shows(
    'RETAIN 0 leaves it alone, empty or not',
    { '5.0': '3.3.1-8', '3.1.1': '3.3.1-12' },
    async (scene) => {
      const from = await scene.join('from')
      await publish(from, 'a', 'kept', { retain: true })
      await publish(from, 'a', 'other')
      await publish(from, 'a', '')
      expect(await retained(scene, 1)).toEqual(['a kept 0'])
    },
  )

  shows(
    'what an established subscription brings has RETAIN 0',
    { '5.0': '3.3.1-12', '3.1.1': '3.3.1-9' },
    async (scene) => {
      const watcher = await watch(scene, '#')
      const from = await scene.join('from')
      for (const qos of [0, 1, 2] as const) await publish(from, 'a', 'x', { retain: true, qos })
      for (let i = 0; i < 3; i++) expect((await receive(watcher)).retain).toBe(false)
    },
  )

  shows('with Retain As Published it is as it was published', { '5.0': '3.3.1-13' }, async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    await subscribe(to, '#', 0, { retainAsPublished: true })
    for (const retain of [true, false, true]) {
      await publish(from, 'a', 'x', { retain })
      expect((await receive(to)).retain).toBe(retain)
    }
  })

  shows(
    'Retain Handling: at each subscription, at a new one, at none',
    { '5.0': '3.3.1-9 3.3.1-10 3.3.1-11 3.8.4-4' },
    async ({ join }) => {
      const from = await join('from')
      await publish(from, 'a', 'kept', { retain: true })
      for (const [retainHandling, first, again] of [
        [0, 1, 1],
        [1, 1, 0],
        [2, 0, 0],
      ] as const) {
        const to = await join(`to ${retainHandling}`)
        for (const count of [first, again]) {
          await subscribe(to, 'a', 0, { retainHandling })
          expect(await texts(to, count)).toEqual(Array(count).fill('kept'))
          await to.ping()
        }
      }
    },
  )

  shows(
    'Retain Handling 1 after UNSUBSCRIBE: the subscription is new again',
    { '5.0': '3.3.1-10' },
    async ({ join }) => {
      const client = await join('a')
      await publish(client, 'a', 'kept', { retain: true })
      for (let i = 0; i < 2; i++) {
        await subscribe(client, 'a', 0, { retainHandling: 1 })
        expect(await texts(client, 1)).toEqual(['kept'])
        client.send({ type: 'UNSUBSCRIBE', packetId: 2, filters: ['a'], properties: [] })
        await client.next('UNSUBACK')
      }
    },
  )

  shows(
    'retained messages come at the lower QoS, and no more at a time than the client can take',
    { '5.0': '3.8.4-8 3.3.4-9 3.3.1-9' },
    async ({ join }) => {
      const from = await join('from')
      for (let i = 0; i < 5; i++) await publish(from, `t/${i}`, 'x', { retain: true, qos: 2 })
      const to = await join('to', { properties: [{ name: 'receiveMaximum', value: 2 }] })
      await subscribe(to, 't/+', 1)
      const first = [await to.next('PUBLISH'), await to.next('PUBLISH')]
      await to.ping()
      for (const { packetId } of first) to.send(ack('PUBACK', packetId))
      const rest = [await receive(to), await receive(to), await receive(to)]
      expect([...first, ...rest].map(({ qos, retain }) => [qos, retain])).toEqual(
        Array.from({ length: 5 }, () => [1, true]),
      )
    },
  )

  shows(
    'Retain Handling 1 of a resumed session: the subscription is not new',
    { '5.0': '3.3.1-10' },
    async ({ join, lasting }) => {
      const from = await join('from')
      await publish(from, 'a', 'kept', { retain: true })
      const first = await join('to', lasting)
      await subscribe(first, 'a', 0, { retainHandling: 1 })
      expect(await texts(first, 1)).toEqual(['kept'])
      await leave(first)
      const second = await join('to', lasting)
      await subscribe(second, 'a', 0, { retainHandling: 1 })
      await second.ping()
    },
  )
})

describe('fields', () => {
  const properties: Properties = [
    { name: 'payloadFormatIndicator', value: 1 },
    { name: 'contentType', value: 'text/plain' },
    { name: 'responseTopic', value: 'back/é' },
    { name: 'correlationData', value: Buffer.of(0, 255, 1) },
    { name: 'userProperty', value: ['z', '1'] },
    { name: 'userProperty', value: ['a', '2'] },
    { name: 'userProperty', value: ['z', ''] },
    { name: 'userProperty', value: ['z', ''] },
  ]
  const ids = '3.3.2-4 3.3.2-15 3.3.2-16 3.3.2-17 3.3.2-18 3.3.2-20'

  shows('properties of a message are passed on unaltered, at each QoS', { '5.0': ids }, async ({ join }) => {
    const [from, to] = [await join('from'), await join('to')]
    await subscribe(to, 't', 2)
    for (const qos of [0, 1, 2] as const) {
      await publish(from, 't', 'x', { qos, properties })
      const message = await receive(to)
      const by = (name: string) => message.properties.filter((property) => property.name === name)
      for (const { name } of properties) {
        expect(by(name)).toEqual(properties.filter((property) => property.name === name))
      }
      expect(message.properties).toHaveLength(properties.length)
    }
  })

  shows(
    'the same when they were retained, or waited for a session to come back',
    { '5.0': ids },
    async ({ join, lasting }) => {
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 1)
      await leave(first)
      await publish(from, 't', 'x', { qos: 1, retain: true, properties })
      const [second, late] = [await join('to', lasting), await join('late')]
      await subscribe(late, 't')
      for (const client of [second, late]) {
        const message = await receive(client)
        for (const property of properties) expect(message.properties).toContainEqual(property)
        expect(message.properties).toHaveLength(properties.length)
      }
    },
  )

  shows(
    'a QoS 0 message has no Packet Identifier, and where there are no properties their length is 0',
    { '5.0': '2.2.1-2 2.2.2-1 4.3.1-1', '3.1.1': '2.3.1-5 4.3.1-1' },
    async (scene) => {
      const watcher = await watch(scene, 't')
      const raw = once(watcher.socket, 'data')
      await publish(await scene.join('from'), 't', 'x', { qos: 1 })
      const [bytes] = (await raw) as [Buffer]
      expect(bytes.toString('hex')).toBe(scene.level === 5 ? '30050001740078' : '300400017478')
    },
  )

  shows(
    'DUP of what comes in is not passed on',
    { '5.0': '3.3.1-3 4.3.2-2 4.3.3-2', '3.1.1': '3.3.1-3' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      await subscribe(to, 't', 2)
      for (const qos of [1, 2] as const) {
        await publish(from, 't', 'x', { qos, dup: true, packetId: 7 })
        expect(await receive(to)).toMatchObject({ qos, dup: false })
      }
    },
  )

  shows(
    'what is delivered matches the filter',
    { '5.0': '3.3.2-3', '3.1.1': '3.3.2-3' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      for (const filter of ['a/+/c', 'b/#']) await subscribe(to, filter)
      const topics = ['a/x/c', 'a/c', 'a/x/y/c', 'b', 'b/x/y', 'bb', 'a//c']
      for (const topic of topics) await publish(from, topic, topic)
      expect(await texts(to, 4)).toEqual(['a/x/c', 'b', 'b/x/y', 'a//c'])
      await to.ping()
    },
  )
})

describe('Topic Aliases', () => {
  shows(
    'every alias up to the maximum told is accepted, and may be set anew',
    { '5.0': '3.3.2-12' },
    async (scene) => {
      const watcher = await watch(scene, '#')
      const from = await scene.join('from')
      const most = getProperty(from.connack?.properties ?? [], 'topicAliasMaximum') as number
      expect(most).toBeGreaterThan(0)
      for (let i = 1; i <= most; i++) from.send(publishPacket(`t/${i}`, '', { properties: alias(i) }))
      for (let i = 1; i <= most; i++) from.send(publishPacket('', '', { properties: alias(i) }))
      from.send(publishPacket('other', '', { properties: alias(1) }))
      from.send(publishPacket('', '', { properties: alias(1) }))
      const expected = Array.from({ length: most }, (_, i) => `t/${i + 1}`)
      for (const topic of [...expected, ...expected, 'other', 'other']) {
        const message = await receive(watcher)
        expect(message).toMatchObject({ topic, properties: [] })
      }
    },
  )

  shows(
    'an alias ends with its connection, although the session goes on',
    { '5.0': '3.3.2-7' },
    async ({ join, lasting }) => {
      const first = await join('a', lasting)
      await subscribe(first, 'other', 1)
      first.send(publishPacket('t', '', { properties: alias(1) }))
      await first.ping()
      await leave(first, expiry(5, 100))
      const second = await join('a', lasting)
      expect(second.connack?.sessionPresent).toBe(true)
      second.send(publishPacket('', '', { properties: alias(1) }))
      await endedBy(second, 0x82)
    },
  )

  shows(
    'the broker uses no more than the client allows, and begins anew with each connection',
    { '5.0': '3.1.2-26 3.3.2-11 3.3.2-7 3.3.2-8' },
    async ({ join, lasting }) => {
      const from = await join('from')
      for (let round = 0; round < 2; round++) {
        const properties = [...lasting.properties, { name: 'topicAliasMaximum', value: 2 } as const]
        const to = await join('to', { ...lasting, properties })
        if (round === 0) await subscribe(to, '#', 2)
        const known = new Map<number, string>()
        for (const [i, topic] of ['a', 'b', 'c', 'a', 'b', 'c'].entries()) {
          await publish(from, topic, '', { qos: (i % 3) as QoS })
          const message = await receive(to)
          const used = getProperty(message.properties, 'topicAlias')
          if (used !== undefined) {
            expect(used).toBeGreaterThan(0)
            expect(used).toBeLessThanOrEqual(2)
            if (message.topic) known.set(used, message.topic)
          }
          expect(message.topic || known.get(used as number)).toBe(topic)
        }
        await leave(to)
      }
    },
  )

  shows('and none where the client allows none', { '5.0': '3.1.2-27' }, async ({ join }) => {
    const from = await join('from')
    const wishes: Properties[] = [[], [{ name: 'topicAliasMaximum', value: 0 }]]
    for (const [i, properties] of wishes.entries()) {
      const to = await join(`to ${i}`, { properties })
      await subscribe(to, 't')
      for (let n = 0; n < 2; n++) {
        await publish(from, 't', 'x')
        expect(await receive(to)).toMatchObject({ topic: 't', properties: [] })
      }
    }
  })
})
