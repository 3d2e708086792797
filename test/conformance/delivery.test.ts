/** QoS 1 and 2 in both directions, redelivery, order and flow control (chapters 3.3.4, 4.3, 4.4, 4.6, 4.9). */
import { describe, expect } from 'vitest'
import type { Properties } from '../../shared/mqtt/packets.ts'
import {
  ack,
  endedBy,
  publish,
  publishPacket,
  guarded,
  receive,
  subscribe,
  text,
  texts,
  type Scene,
} from './rig.ts'
import { shows } from './shows.ts'

const password = Buffer.from('secret')
const controller = { username: 'oktopusController', password }

const receiveMaximum = (value: number): Properties => [{ name: 'receiveMaximum', value }]

/** A subscriber whose session lasts, and a publisher. */
async function pair({ join, lasting }: Scene, qos: 1 | 2 = 2) {
  const to = await join('to', lasting)
  await subscribe(to, 't', qos)
  return { to, from: await join('from') }
}

describe('from client to broker', () => {
  shows(
    'each QoS is answered with its packets and the same Packet Identifier',
    {
      '5.0': '3.3.4-1 2.2.1-5 4.3.2-4 4.3.3-8 4.3.3-11',
      '3.1.1': '3.3.4-1 2.3.1-6 4.3.2-2 4.3.3-2',
    },
    async ({ join }) => {
      const client = await join('a')
      for (const packetId of [1, 256, 65_535]) {
        client.send(publishPacket('t', '', { qos: 1, packetId }))
        expect((await client.next('PUBACK')).packetId).toBe(packetId)
        client.send(publishPacket('t', '', { qos: 2, packetId }))
        expect((await client.next('PUBREC')).packetId).toBe(packetId)
        client.send(ack('PUBREL', packetId))
        expect((await client.next('PUBCOMP')).packetId).toBe(packetId)
      }
      client.send(publishPacket('t'))
      await client.ping()
    },
  )

  shows(
    'QoS 1: after PUBACK the same identifier is a new message, whatever DUP says',
    { '5.0': '4.3.2-5', '3.1.1': '4.3.2-2' },
    async (scene) => {
      const { to, from } = await pair(scene)
      for (const dup of [false, true, true]) await publish(from, 't', `${dup}`, { qos: 1, packetId: 5, dup })
      expect(await texts(to, 3)).toEqual(['false', 'true', 'true'])
    },
  )

  shows(
    'QoS 2: until PUBREL a message sent again is answered, but delivered once',
    { '5.0': '4.3.3-10', '3.1.1': '4.3.3-2' },
    async (scene) => {
      const { to, from } = await pair(scene, 1)
      for (const dup of [false, true, true]) {
        from.send(publishPacket('t', 'once', { qos: 2, packetId: 5, dup }))
        expect((await from.next('PUBREC')).packetId).toBe(5)
      }
      from.send(ack('PUBREL', 5))
      await from.next('PUBCOMP')
      expect(await texts(to, 1)).toEqual(['once'])
      await to.ping()
    },
  )

  shows(
    'QoS 2: the same holds when the client came back between',
    { '5.0': '4.3.3-10 4.1.0-1 4.4.0-1', '3.1.1': '4.3.3-2 4.1.0-1 4.4.0-1' },
    async (scene) => {
      const { to } = await pair(scene, 1)
      const first = await scene.join('a', scene.lasting)
      first.send(publishPacket('t', 'once', { qos: 2, packetId: 5 }))
      await first.next('PUBREC')
      expect(await texts(to, 1)).toEqual(['once'])
      first.destroy()
      const second = await scene.join('a', scene.lasting)
      second.send(publishPacket('t', 'once', { qos: 2, packetId: 5, dup: true }))
      await second.next('PUBREC')
      second.send(ack('PUBREL', 5))
      expect(await second.next('PUBCOMP')).toMatchObject({ packetId: 5, reasonCode: 0 })
      await to.ping()
    },
  )

  shows(
    'QoS 2: after PUBCOMP the same identifier is a new message',
    { '5.0': '4.3.3-12', '3.1.1': '4.3.3-2' },
    async (scene) => {
      const { to, from } = await pair(scene, 1)
      await publish(from, 't', 'one', { qos: 2, packetId: 5 })
      await publish(from, 't', 'two', { qos: 2, packetId: 5, dup: true })
      expect(await texts(to, 2)).toEqual(['one', 'two'])
    },
  )

  shows(
    'QoS 2: in a new session the same identifier is a new message',
    { '5.0': '4.3.3-12 3.1.2-4', '3.1.1': '4.3.3-2 3.1.2-6' },
    async (scene) => {
      const { to } = await pair(scene, 1)
      for (const payload of ['one', 'two']) {
        const client = await scene.join('a')
        client.send(publishPacket('t', payload, { qos: 2, packetId: 5 }))
        await client.next('PUBREC')
        client.destroy()
      }
      expect(await texts(to, 2)).toEqual(['one', 'two'])
    },
  )

  shows(
    'QoS 2: after a PUBREC that refused, the same identifier is a new message',
    { '5.0': '4.3.3-9' },
    async (scene) => {
      const { to, from } = await pair(scene, 1)
      expect(await publish(from, '$SYS/x', 'refused', { qos: 2, packetId: 5 })).toBeGreaterThanOrEqual(0x80)
      await publish(from, 't', 'taken', { qos: 2, packetId: 5 })
      expect(await texts(to, 1)).toEqual(['taken'])
    },
  )

  shows(
    'a PUBREL that nothing led to gets PUBCOMP',
    { '5.0': '4.3.3-11', '3.1.1': '4.3.3-2' },
    async (scene) => {
      const client = await scene.join('a')
      client.send(ack('PUBREL', 77))
      const { packetId, reasonCode } = await client.next('PUBCOMP')
      expect(packetId).toBe(77)
      // Packet Identifier not found: 5.0 lets a server say so.
      expect([0, 0x92]).toContain(reasonCode)
    },
  )

  shows(
    'a PUBLISH that is not authorised is refused in 5.0 and acknowledged in 3.1.1, and goes nowhere',
    { '5.0': '3.4.2-1 3.5.2-1', '3.1.1': '3.3.5-2' },
    async ({ join, level }) => {
      const [device, other] = [await join('d', { username: 'os::d', password }), await join('c', controller)]
      await subscribe(other, 'oktopus/#')
      const forbidden = 'oktopus/usp/v1/status/other'
      for (const qos of [1, 2] as const) {
        expect(await publish(device, forbidden, 'x', { qos })).toBe(level === 5 ? 0x87 : 0)
      }
      await other.ping()
    },
    { broker: guarded() },
  )

  shows(
    'more under way than the broker’s Receive Maximum ends the connection',
    { '5.0': '3.3.4-7 4.9.0-2' },
    async ({ join }) => {
      const client = await join('a')
      expect(client.connack?.properties).toContainEqual({ name: 'receiveMaximum', value: 3 })
      for (let packetId = 1; packetId <= 3; packetId++) {
        client.send(publishPacket('t', '', { qos: 2, packetId }))
        await client.next('PUBREC')
      }
      client.send(publishPacket('t', '', { qos: 2, packetId: 3, dup: true }))
      await client.next('PUBREC')
      client.send(publishPacket('t', '', { qos: 2, packetId: 4 }))
      await endedBy(client, 0x93)
    },
    { broker: { limits: { inflight: 3 } } },
  )
})

describe('from broker to client', () => {
  shows(
    'new messages have DUP 0 and identifiers that are free and not 0',
    { '5.0': '2.2.1-4 4.3.2-1 4.3.2-2 4.3.3-1 4.3.3-2', '3.1.1': '2.3.1-4 4.3.2-1 4.3.3-1' },
    async (scene) => {
      const { to, from } = await pair(scene)
      const used = new Set<number>()
      for (let i = 0; i < 10; i++) {
        for (const qos of [1, 2] as const) {
          await publish(from, 't', '', { qos })
          const message = await to.next('PUBLISH')
          expect(message).toMatchObject({ qos, dup: false })
          expect(message.packetId).toBeGreaterThan(0)
          used.add(message.packetId as number)
        }
      }
      expect(used.size).toBe(20)
    },
  )

  shows(
    'PUBREC is answered with PUBREL of the same identifier, sent once',
    { '5.0': '4.3.3-4 2.2.1-5 3.6.1-1', '3.1.1': '4.3.3-1 2.3.1-6 3.6.1-1' },
    async (scene) => {
      const { to, from } = await pair(scene)
      await publish(from, 't', '', { qos: 2 })
      const { packetId } = await to.next('PUBLISH')
      to.send(ack('PUBREC', packetId))
      expect((await to.next('PUBREL')).packetId).toBe(packetId)
      to.send(ack('PUBCOMP', packetId))
      await to.ping()
    },
  )

  shows(
    'what was unacknowledged is sent again when the session is resumed: same identifiers, DUP, in order',
    {
      '5.0': '4.4.0-1 3.3.1-1 4.3.2-3 4.3.3-3',
      '3.1.1': '4.4.0-1 3.3.1-1 4.3.2-1 4.3.3-1 4.6.0-6',
    },
    async (scene) => {
      const { to, from } = await pair(scene)
      for (let i = 0; i < 6; i++) await publish(from, 't', String(i), { qos: i % 2 ? 1 : 2 })
      const sent = []
      for (let i = 0; i < 6; i++) sent.push(await to.next('PUBLISH'))
      // One of each is done before the line breaks.
      to.send(ack('PUBACK', sent[1]?.packetId), ack('PUBREC', sent[0]?.packetId))
      await to.next('PUBREL')
      to.send(ack('PUBCOMP', sent[0]?.packetId))
      await to.ping()
      to.destroy()
      await expect.poll(() => scene.bench.broker.sessions.size).toBe(1)
      await publish(from, 't', 'new', { qos: 1 })
      const back = await scene.join('to', scene.lasting)
      for (const { packetId, qos, payload } of sent.slice(2)) {
        expect(await back.next('PUBLISH')).toMatchObject({ packetId, qos, payload, dup: true })
      }
      expect(await back.next('PUBLISH')).toMatchObject({ payload: Buffer.from('new'), dup: false })
      await back.ping()
    },
  )

  shows(
    'after PUBREC the PUBREL is sent again, and the PUBLISH no more',
    { '5.0': '4.3.3-5 4.3.3-6 4.4.0-1', '3.1.1': '4.3.3-1 4.4.0-1' },
    async (scene) => {
      const { to, from } = await pair(scene)
      await publish(from, 't', '', { qos: 2 })
      const { packetId } = await to.next('PUBLISH')
      to.send(ack('PUBREC', packetId))
      await to.next('PUBREL')
      to.destroy()
      for (let i = 0; i < 2; i++) {
        const back = await scene.join('to', scene.lasting)
        expect(await back.next('PUBREL')).toMatchObject({ packetId })
        await back.ping()
        if (i === 1) back.send(ack('PUBCOMP', packetId))
        await back.ping()
        back.destroy()
      }
      const last = await scene.join('to', scene.lasting)
      await last.ping()
    },
  )

  shows(
    'a message that the client refused is not sent again',
    { '5.0': '4.4.0-2 4.3.3-4' },
    async (scene) => {
      const { to, from } = await pair(scene)
      for (const [qos, type] of [
        [1, 'PUBACK'],
        [2, 'PUBREC'],
      ] as const) {
        await publish(from, 't', '', { qos })
        to.send(ack(type, (await to.next('PUBLISH')).packetId, 0x83))
      }
      await to.ping()
      to.destroy()
      const back = await scene.join('to', scene.lasting)
      await back.ping()
    },
  )

  shows(
    'messages of one client on one topic come in the order in which they were published',
    { '5.0': '4.6.0-5 4.6.0-6', '3.1.1': '4.6.0-5 4.6.0-6' },
    async (scene) => {
      for (const qos of [0, 1, 2] as const) {
        const { to, from } = await pair(scene)
        const sent = Array.from({ length: 100 }, (_, i) => `${qos} ${i}`)
        from.send(
          ...sent.map((payload, i) => publishPacket('t', payload, qos ? { qos, packetId: i + 1 } : {})),
        )
        const seen = () => to.received.flatMap((packet) => (packet.type === 'PUBLISH' ? [text(packet)] : []))
        await expect.poll(seen).toEqual(sent)
        to.destroy()
        const clean = await scene.join('to')
        clean.destroy()
      }
    },
  )

  shows(
    'and messages that waited for the client come before those that follow',
    { '5.0': '4.6.0-5', '3.1.1': '4.6.0-6' },
    async (scene) => {
      const { to, from } = await pair(scene, 1)
      to.destroy()
      const sent = Array.from({ length: 50 }, (_, i) => String(i))
      for (const payload of sent.slice(0, 25)) await publish(from, 't', payload, { qos: 1 })
      const back = await scene.join('to', scene.lasting)
      for (const payload of sent.slice(25)) await publish(from, 't', payload, { qos: 1 })
      expect(await texts(back, 50)).toEqual(sent)
    },
  )
})

describe('Receive Maximum of the client', () => {
  shows(
    'no more messages are under way; PUBACK, PUBCOMP and a PUBREC that refuses make room',
    { '5.0': '3.3.4-9 4.9.0-1 4.9.0-2' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to', { properties: receiveMaximum(2) })]
      await subscribe(to, 't', 2)
      for (const [i, qos] of ([1, 2, 1, 2, 1] as const).entries()) {
        await publish(from, 't', String(i), { qos })
      }
      const first = [await to.next('PUBLISH'), await to.next('PUBLISH')]
      expect(first.map(text)).toEqual(['0', '1'])
      await to.ping()
      to.send(ack('PUBACK', first[0]?.packetId))
      expect(text(await to.next('PUBLISH'))).toBe('2')
      to.send(ack('PUBREC', first[1]?.packetId))
      await to.next('PUBREL')
      await to.ping()
      to.send(ack('PUBCOMP', first[1]?.packetId))
      const fourth = await to.next('PUBLISH')
      expect(text(fourth)).toBe('3')
      to.send(ack('PUBREC', fourth.packetId, 0x80))
      expect(text(await to.next('PUBLISH'))).toBe('4')
      await to.ping()
    },
  )

  shows(
    'when it is reached, all other packets are worked on and answered',
    { '5.0': '3.3.4-10 4.9.0-3' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to', { properties: receiveMaximum(1) })]
      await subscribe(to, 't', 1)
      await subscribe(to, 'zero', 0)
      for (let i = 0; i < 3; i++) await publish(from, 't', String(i), { qos: 1 })
      await to.next('PUBLISH')
      await to.ping()
      expect(await subscribe(to, 'other', 2)).toBe(2)
      await publish(to, 'nowhere', '', { qos: 1 })
      await publish(to, 'nowhere', '', { qos: 2 })
      await publish(from, 'zero', 'QoS 0 goes on')
      expect(text(await receive(to))).toBe('QoS 0 goes on')
      to.send({ type: 'UNSUBSCRIBE', packetId: 3, filters: ['other'], properties: [] })
      await to.next('UNSUBACK')
    },
  )

  shows(
    'it holds for what is sent again, and anew for each connection',
    { '5.0': '3.3.4-9 4.9.0-1' },
    async ({ join, lasting }) => {
      const from = await join('from')
      const first = await join('to', lasting)
      await subscribe(first, 't', 1)
      for (let i = 0; i < 4; i++) await publish(from, 't', String(i), { qos: 1 })
      for (let i = 0; i < 4; i++) await first.next('PUBLISH')
      first.destroy()
      const properties = [...lasting.properties, ...receiveMaximum(2)]
      const second = await join('to', { ...lasting, properties })
      const again = [await second.next('PUBLISH'), await second.next('PUBLISH')]
      expect(again.map(text)).toEqual(['0', '1'])
      await second.ping()
      second.send(ack('PUBACK', again[0]?.packetId), ack('PUBACK', again[1]?.packetId))
      expect(await texts(second, 2)).toEqual(['2', '3'])
    },
  )
})
