/** Shared subscriptions (MQTT 5.0, chapter 4.8.2). */
import { describe, expect } from 'vitest'
import type { WireClient } from '../support/wire.ts'
import { ack, getProperties, leave, publish, receive, subscribe, text, texts, type Scene } from './rig.ts'
import { shows } from './shows.ts'

const GROUP = '$share/g/t'

const seen = (client: WireClient): string[] =>
  client.received.flatMap((packet) => (packet.type === 'PUBLISH' ? [text(packet)] : []))

async function members(scene: Scene, count: number, qos: 0 | 1 | 2 = 0): Promise<WireClient[]> {
  const list: WireClient[] = []
  for (let i = 0; i < count; i++) {
    const client = await scene.join(`member ${i}`, scene.lasting)
    expect(await subscribe(client, GROUP, qos)).toBe(qos)
    list.push(client)
  }
  return list
}

describe('names', () => {
  shows(
    'a shared subscription has a share name without wildcards, and a filter',
    { '5.0': '4.8.2-1 4.8.2-2' },
    async ({ join }) => {
      const client = await join('a')
      for (const filter of [
        '$share//t',
        '$share/g',
        '$share/g/',
        '$share/g+/t',
        '$share/#/t',
        '$share/+/t',
      ]) {
        expect(await subscribe(client, filter), filter).toBe(0x8f)
      }
      for (const filter of ['$share/g/t', '$share/g/#', '$share/ /a/+', '$share/g//t', '$sharer/t']) {
        expect(await subscribe(client, filter), filter).toBe(0)
      }
    },
  )
})

describe('delivery', () => {
  shows(
    'each message goes to one member of each group, and to every subscription of its own',
    { '5.0': '4.8.2-3 4.5.0-1' },
    async (scene) => {
      const [a, b] = (await members(scene, 2)) as [WireClient, WireClient]
      const other = await scene.join('other')
      await subscribe(other, '$share/h/t')
      const alone = await scene.join('alone')
      await subscribe(alone, 't')
      const from = await scene.join('from')
      const sent = Array.from({ length: 10 }, (_, i) => String(i))
      for (const payload of sent) await publish(from, 't', payload)
      expect(await texts(alone, 10)).toEqual(sent)
      expect(await texts(other, 10)).toEqual(sent)
      await expect.poll(() => [...seen(a), ...seen(b)].toSorted()).toEqual(sent)
      expect(seen(a)).not.toEqual([])
      expect(seen(b)).not.toEqual([])
    },
  )

  shows(
    'a client that has the filter itself as well gets the message twice, each with its identifier',
    { '5.0': '4.8.2-3 3.3.4-3' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      const identifier = (value: number) => [{ name: 'subscriptionIdentifier', value } as const]
      await subscribe(to, GROUP, 1, { properties: identifier(1) })
      await subscribe(to, 't', 1, { properties: identifier(2) })
      await publish(from, 't', '', { qos: 1 })
      const found = [await receive(to), await receive(to)]
      const identifiers = found.flatMap((message) => getProperties(message, 'subscriptionIdentifier'))
      expect(identifiers.toSorted()).toEqual([1, 2])
      await to.ping()
    },
  )

  shows('at the QoS granted to the member', { '5.0': '4.8.2-3 3.8.4-8' }, async (scene) => {
    const [member] = (await members(scene, 1, 1)) as [WireClient]
    const from = await scene.join('from')
    for (const [published, delivered] of [
      [2, 1],
      [1, 1],
      [0, 0],
    ] as const) {
      await publish(from, 't', 'x', { qos: published })
      expect((await receive(member)).qos).toBe(delivered)
    }
  })

  shows('retained messages do not come with a shared subscription', { '5.0': '4.8.2-3' }, async (scene) => {
    const from = await scene.join('from')
    await publish(from, 't', 'kept', { retain: true })
    const [member] = (await members(scene, 1)) as [WireClient]
    await member.ping()
  })

  shows(
    'no share of what begins with $ for a filter that begins with a wildcard',
    { '5.0': '4.7.2-1' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to')]
      for (const filter of ['$share/g/#', '$share/g/+/a']) await subscribe(to, filter)
      await publish(from, '$x/a', '')
      await to.ping()
      await subscribe(to, '$share/g/$x/+')
      await publish(from, '$x/a', '')
      expect((await receive(to)).topic).toBe('$x/a')
      await to.ping()
    },
  )

  shows(
    'a QoS 1 message that a member did not acknowledge before its session ended is not lost',
    { '5.0': '4.5.0-1' },
    async ({ join }) => {
      const from = await join('from')
      const first = await join('first')
      await subscribe(first, GROUP, 1)
      await publish(from, 't', 'x', { qos: 1 })
      await first.next('PUBLISH')
      const second = await join('second')
      await subscribe(second, GROUP, 1)
      first.destroy()
      expect(await texts(second, 1)).toEqual(['x'])
    },
  )

  shows(
    'a QoS 2 delivery that was cut off is completed with the same member',
    { '5.0': '4.8.2-4' },
    async (scene) => {
      const [a, b] = (await members(scene, 2, 2)) as [WireClient, WireClient]
      const from = await scene.join('from')
      await publish(from, 't', 'x', { qos: 2 })
      await expect.poll(() => [...seen(a), ...seen(b)]).toEqual(['x'])
      const [chosen, id, idle] = seen(a).length > 0 ? [a, 'member 0', b] : [b, 'member 1', a]
      const { packetId } = await chosen.next('PUBLISH')
      chosen.destroy()
      const back = await scene.join(id, scene.lasting)
      expect(await back.next('PUBLISH')).toMatchObject({ packetId, dup: true, qos: 2 })
      back.send(ack('PUBREC', packetId))
      await back.next('PUBREL')
      await idle.ping()
    },
  )

  shows(
    'where its session ends instead, no other member gets that message',
    { '5.0': '4.8.2-5' },
    async (scene) => {
      const [a] = (await members(scene, 1, 2)) as [WireClient]
      const from = await scene.join('from')
      await publish(from, 't', 'x', { qos: 2 })
      await a.next('PUBLISH')
      const b = await scene.join('b')
      await subscribe(b, GROUP, 2)
      await leave(a, [{ name: 'sessionExpiryInterval', value: 0 }])
      await b.ping()
    },
  )

  shows('a message that a member refuses goes to no other', { '5.0': '4.8.2-6 4.4.0-2' }, async (scene) => {
    const [a] = (await members(scene, 1, 2)) as [WireClient]
    const from = await scene.join('from')
    for (const [qos, type] of [
      [1, 'PUBACK'],
      [2, 'PUBREC'],
    ] as const) {
      await publish(from, 't', 'x', { qos })
      const { packetId } = await a.next('PUBLISH')
      const b = await scene.join('b')
      await subscribe(b, GROUP, 2)
      a.send(ack(type, packetId, 0x80))
      await a.ping()
      await b.ping()
      await leave(b)
    }
  })
})
