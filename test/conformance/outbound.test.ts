/** QoS 1 and 2 from broker to client: redelivery, order, flow control (chapters 4.3, 4.4, 4.6, 4.9). */
import { describe, expect } from 'vitest'
import type { Properties } from '../../shared/mqtt/packets.ts'
import {
  ack,
  endedBy,
  pair,
  publish,
  publishPacket,
  receive,
  remaining,
  subscribe,
  text,
  texts,
} from './rig.ts'
import { shows } from './shows.ts'

const receiveMaximum = (value: number): Properties => [{ name: 'receiveMaximum', value }]

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
    'an identifier that is still in use is left out when all others have been used',
    { '5.0': '2.2.1-4 4.3.2-1', '3.1.1': '2.3.1-4 4.3.2-1' },
    async (scene) => {
      const { to } = await pair(scene, 1)
      const { broker } = scene.bench
      broker.publish('t', 'unanswered', 1)
      const { packetId: taken } = await to.next('PUBLISH')
      const used = new Set<number | undefined>()
      for (let left = 65_540; left > 0; left -= 2_000) {
        const batch = Math.min(left, 2_000)
        for (let i = 0; i < batch; i++) broker.publish('t', '', 1)
        const answers = []
        for (let i = 0; i < batch; i++) {
          const { packetId } = await to.next('PUBLISH')
          used.add(packetId)
          answers.push(ack('PUBACK', packetId))
        }
        to.send(...answers)
      }
      expect(used).not.toContain(taken)
      expect(used).not.toContain(0)
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
    'PUBREC again gets PUBREL again; what answers nothing that is under way does no harm',
    { '5.0': '4.3.3-4 4.3.3-5', '3.1.1': '4.3.3-1' },
    async (scene) => {
      const { to, from } = await pair(scene)
      await publish(from, 't', '', { qos: 2 })
      const { packetId } = await to.next('PUBLISH')
      for (const id of [packetId, packetId, 4711]) {
        to.send(ack('PUBREC', id))
        expect((await to.next('PUBREL')).packetId).toBe(id)
      }
      to.send(ack('PUBCOMP', packetId), ack('PUBCOMP', packetId), ack('PUBACK', 4711), ack('PUBCOMP', 4711))
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
      await remaining(scene, 1)
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
    'the same when another connection took over instead',
    { '5.0': '4.4.0-1 3.3.1-1 3.1.4-3', '3.1.1': '4.4.0-1 3.3.1-1 3.1.4-2' },
    async (scene) => {
      const { to, from } = await pair(scene)
      for (let i = 0; i < 4; i++) await publish(from, 't', String(i), { qos: i % 2 ? 1 : 2 })
      const sent = []
      for (let i = 0; i < 4; i++) sent.push(await to.next('PUBLISH'))
      const successor = await scene.join('to', scene.lasting)
      await endedBy(to, 0x8e)
      for (const { packetId, qos, payload } of sent) {
        expect(await successor.next('PUBLISH')).toMatchObject({ packetId, qos, payload, dup: true })
      }
      await successor.ping()
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
