/** QoS 1 and 2 from client to broker (chapters 3.3.4, 4.3, 4.9). */
import { expect } from 'vitest'
import { ack, endedBy, guarded, pair, publish, publishPacket, subscribe, texts } from './rig.ts'
import { shows } from './shows.ts'

const password = Buffer.from('secret')
const controller = { username: 'oktopusController', password }

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
