/** How a connection begins and ends: CONNECT, CONNACK, PINGREQ, DISCONNECT (chapters 3.1, 3.2, 3.12, 3.14). */
import { describe, expect, test } from 'vitest'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { getProperty } from '../../shared/mqtt/properties.ts'
import { bytes } from '../shared/mqtt/bytes.ts'
import {
  connectPacket,
  cutOff,
  endedBy,
  guarded,
  leave,
  openScene,
  publish,
  publishPacket,
  receive,
  remaining,
  subscribe,
  subscribePacket,
  text,
  watch,
} from './rig.ts'
import { shows } from './shows.ts'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
/** CONNECT refused over this client ID, in each version. */
const REFUSED = { 4: { clientId: '', clean: false }, 5: { clientId: 'x'.repeat(65_535) } } as const
const REFUSAL = { 4: 2, 5: 0x85 } as const

describe('before and instead of CONNECT', () => {
  shows(
    'a connection that begins with another packet ends without an answer',
    { '5.0': '3.1.0-1 3.14.0-1 3.2.0-1', '3.1.1': '3.1.0-1 3.2.0-1' },
    async ({ connect, level }) => {
      const first = [publishPacket('t'), subscribePacket(['t']), { type: 'PINGREQ' }] as const
      for (const packet of first) {
        const client = await connect()
        client.bytes(encodePacket(packet, level))
        await cutOff(client)
      }
    },
  )

  shows(
    'another protocol name ends the connection',
    { '5.0': '3.1.2-1', '3.1.1': '3.1.2-1' },
    async ({ connect, level }) => {
      const client = await connect()
      client.bytes(bytes(`10 * "MQTX" 0${level} 02 0000 ${level === 5 ? '00' : ''} "a"`))
      expect((await client.next('CONNACK')).reasonCode).toBe(level === 5 ? 0x84 : 1)
      await cutOff(client)
    },
  )

  shows('version 6 is refused with 0x84', { '5.0': '3.1.2-2 3.2.2-6' }, async ({ connect }) => {
    const client = await connect()
    client.bytes(bytes('10 * "MQTT" 06 02 0000 00 "a"'))
    expect(await client.next('CONNACK')).toMatchObject({ reasonCode: 0x84, sessionPresent: false })
    await cutOff(client)
  })

  shows('level 2 is refused with return code 1', { '3.1.1': '3.1.2-2 3.2.2-4 3.2.2-5' }, async (scene) => {
    const client = await scene.connect()
    client.bytes(bytes('10 * "MQTT" 02 02 0000 "a"'))
    expect(await client.next('CONNACK')).toMatchObject({ reasonCode: 1, sessionPresent: false })
    await cutOff(client)
  })

  shows(
    'a second CONNECT ends the connection',
    { '5.0': '3.1.0-2 4.13.1-1', '3.1.1': '3.1.0-2 4.8.0-1' },
    async ({ join, level }) => {
      const client = await join('a')
      client.send(connectPacket({ clientId: 'a', level }))
      await endedBy(client, 0x82)
    },
  )
})

describe('CONNECT and CONNACK', () => {
  shows(
    'CONNACK 0 comes first and once, its flags as they should be',
    {
      '5.0': '3.1.4-5 3.2.0-1 3.2.0-2 3.2.2-1 3.2.2-2 3.2.2-8',
      '3.1.1': '3.1.4-4 3.2.0-1 3.2.2-1 7.0.0-2',
    },
    async ({ join, bench }) => {
      const client = await join('a')
      // The test's own codec takes no CONNACK with reserved bits or a reason code of other packets.
      expect(client.connack).toMatchObject({ reasonCode: 0, sessionPresent: false })
      await subscribe(client, '#')
      bench.broker.publish('t', 'x', 0)
      await receive(client)
      await client.ping()
      expect(client.received.map(({ type }) => type)).toEqual(['CONNACK', 'SUBACK', 'PUBLISH', 'PINGRESP'])
    },
  )

  shows(
    'what follows CONNECT at once is worked on behind CONNACK',
    { '5.0': '3.2.0-1', '3.1.1': '3.2.0-1' },
    async ({ connect, level }) => {
      const client = await connect()
      const hello = connectPacket({ clientId: 'a', level })
      client.send(hello, subscribePacket(['t']), publishPacket('t', 'early'), { type: 'PINGREQ' })
      await client.next('CONNACK')
      await expect
        .poll(() => client.received.map(({ type }) => type).toSorted())
        .toEqual(['CONNACK', 'PINGRESP', 'PUBLISH', 'SUBACK'])
    },
  )

  shows(
    'all fields of the payload are read in their order',
    { '5.0': '3.1.3-1 3.1.2-9 3.1.2-17 3.1.2-19', '3.1.1': '3.1.3-1 3.1.2-9 3.1.2-19 3.1.2-21' },
    async (scene) => {
      const watcher = await watch(scene, 'will/topic')
      const device = await scene.join('a', {
        will: { topic: 'will/topic', payload: Buffer.from('w'), qos: 0, retain: false, properties: [] },
        username: 'u',
        password: Buffer.of(0),
      })
      device.destroy()
      expect(text(await receive(watcher))).toBe('w')
    },
  )

  shows('a password needs no user name', { '5.0': '3.1.2-19 3.1.2-16' }, async ({ connect }) => {
    const client = await connect()
    client.bytes(bytes('10 * "MQTT" 05 42 0000 00 "a" "p"'))
    expect((await client.next('CONNACK')).reasonCode).toBe(0)
  })

  shows(
    'every client ID of 1 to 23 letters and digits is accepted',
    { '5.0': '3.1.3-5', '3.1.1': '3.1.3-5' },
    async ({ join }) => {
      const ids = ['0', ALPHABET.slice(0, 23), ALPHABET.slice(23, 46), ALPHABET.slice(46)]
      for (const id of ids) await (await join(id)).ping()
    },
  )

  shows(
    'an assigned client ID is new, told, and finds its session again',
    { '5.0': '3.1.3-6 3.1.3-7 3.2.2-16' },
    async ({ join, lasting }) => {
      const assigned: string[] = []
      for (const clean of [true, true, false]) {
        const client = await join('', { ...lasting, clean })
        const id = getProperty(client.connack?.properties ?? [], 'assignedClientIdentifier')
        expect(id).toBeTruthy()
        assigned.push(id as string)
        await subscribe(client, 't', 1)
      }
      expect(new Set(assigned).size).toBe(3)
      const back = await join(assigned[0] as string, lasting)
      expect(back.connack?.sessionPresent).toBe(true)
      expect(getProperty(back.connack?.properties ?? [], 'assignedClientIdentifier')).toBeUndefined()
    },
  )

  shows('clients without an ID do not take each other over', { '3.1.1': '3.1.3-6' }, async ({ join }) => {
    const [first, second] = [await join(''), await join('')]
    await first.ping()
    await second.ping()
  })

  shows(
    'a client ID that is refused ends the connection',
    { '5.0': '3.1.3-8 3.2.2-7 4.13.2-1', '3.1.1': '3.1.3-8 3.1.3-9 3.2.2-5' },
    async ({ connect, level }) => {
      const client = await connect()
      const refused = { level, ...REFUSED[level] }
      expect(await client.hello(refused)).toMatchObject({ reasonCode: REFUSAL[level], sessionPresent: false })
      await cutOff(client)
    },
  )

  shows(
    'after a refused CONNECT nothing that follows is worked on',
    { '5.0': '3.1.4-6 3.2.2-7', '3.1.1': '3.1.4-5 3.2.2-5' },
    async (scene) => {
      const { level } = scene
      const watcher = await watch(scene, '#')
      const client = await scene.connect()
      client.send(connectPacket({ level, ...REFUSED[level] }), publishPacket('t', 'x'), { type: 'PINGREQ' })
      await client.next('CONNACK')
      await cutOff(client)
      await watcher.ping()
    },
  )

  shows(
    'a CONNECT that is not authorised ends the connection',
    { '5.0': '3.1.4-2 3.2.2-6 3.2.2-7 3.2.2-8', '3.1.1': '3.2.2-4 3.2.2-5' },
    async ({ connect, level }) => {
      const wishes = [
        [{ clientId: 'a' }, { 4: 5, 5: 0x87 }],
        [
          { clientId: 'a', username: 'os::a', password: Buffer.from('wrong') },
          { 4: 4, 5: 0x86 },
        ],
      ] as const
      for (const [wish, codes] of wishes) {
        const client = await connect()
        const answer = await client.hello({ level, ...wish })
        expect(answer).toMatchObject({ reasonCode: codes[level], sessionPresent: false })
        await cutOff(client)
      }
    },
    { broker: guarded() },
  )

  shows(
    'the newer connection of a client ID takes over',
    { '5.0': '3.1.4-3 3.1.3-2', '3.1.1': '3.1.4-2 3.1.3-2' },
    async ({ join }) => {
      const first = await join('same')
      const second = await join('same')
      await endedBy(first, 0x8e)
      await second.ping()
    },
  )

  shows(
    'Response Information is given to those alone that asked',
    { '5.0': '3.1.2-28' },
    async ({ join }) => {
      const asked = [undefined, 0, 1].map((value) =>
        value === undefined ? [] : [{ name: 'requestResponseInformation', value } as const],
      )
      const given: boolean[] = []
      for (const [i, properties] of asked.entries()) {
        const { connack } = await join(`os::${i}`, { properties })
        given.push(getProperty(connack?.properties ?? [], 'responseInformation') !== undefined)
      }
      expect(given).toEqual([false, false, true])
    },
  )
})

describe('while it lasts, and at its end', () => {
  shows('PINGREQ is answered', { '5.0': '3.12.4-1', '3.1.1': '3.12.4-1' }, async ({ join }) => {
    const client = await join('a')
    client.send({ type: 'PINGREQ' })
    await client.next('PINGRESP')
  })

  shows(
    'a long stream of packets arrives whole and in order',
    { '5.0': '4.2-1', '3.1.1': '7.1.1-1' },
    async (scene) => {
      const watcher = await watch(scene, 't')
      const client = await scene.join('a')
      const packets = Array.from({ length: 300 }, (_, i) =>
        encodePacket(publishPacket('t', `${i} ${'x'.repeat(i * 7)}`), scene.level),
      )
      // In pieces that fit no packet.
      const stream = Buffer.concat(packets)
      for (let at = 0; at < stream.length; at += 999) client.bytes(stream.subarray(at, at + 999))
      for (let i = 0; i < 300; i++) expect(text(await receive(watcher))).toBe(`${i} ${'x'.repeat(i * 7)}`)
    },
  )

  shows(
    'U+FEFF is kept, in client IDs, filters, topics and user names',
    { '5.0': '1.5.4-3 4.7.3-4', '3.1.1': '1.5.3-3 4.7.3-4' },
    async ({ join }) => {
      const [plain, marked] = [await join('a'), await join('\uFEFFa', { username: '\uFEFF' })]
      await subscribe(plain, 't')
      await subscribe(marked, '\uFEFFt')
      await publish(plain, '\uFEFFt', 'marked')
      expect(await receive(marked)).toMatchObject({ topic: '\uFEFFt' })
      await plain.ping()
    },
  )

  shows(
    'the broker’s DISCONNECT is the last it says, and has no Session Expiry Interval',
    { '5.0': '3.14.2-1 3.14.2-2 3.14.4-1 3.14.4-2 4.13.2-1' },
    async (scene) => {
      const client = await scene.join('a', scene.lasting)
      await subscribe(client, '#')
      client.bytes('c100', encodePacket(publishPacket('t', 'after'), 5))
      const goodbye = await client.next('DISCONNECT')
      expect(getProperty(goodbye.properties, 'sessionExpiryInterval')).toBeUndefined()
      await cutOff(client)
    },
  )

  // No statement asks for this, but without it the reason given is lost.
  test('a client that goes on sending meanwhile is not cut off before it could read why', async () => {
    const { bench, join } = await openScene(5)
    const client = await join('a')
    const errors: Error[] = []
    client.socket.on('error', (error) => errors.push(error))
    client.socket.pause()
    client.bytes('c100')
    await expect.poll(() => bench.recorder.notes).toMatchObject([{ kind: 'refused' }])
    for (let i = 0; i < 3; i++) {
      await new Promise<unknown>((resolve) => client.socket.write(Buffer.from('c000', 'hex'), resolve))
    }
    client.socket.resume()
    expect((await client.next('DISCONNECT')).reasonCode).toBe(0x81)
    await client.closed
    expect(errors).toEqual([])
    await bench.close()
  })

  shows(
    'what a client sends behind its DISCONNECT is not worked on',
    { '5.0': '3.14.4-1', '3.1.1': '3.14.4-2' },
    async (scene) => {
      const watcher = await watch(scene, '#')
      const client = await scene.join('a')
      client.send({ type: 'DISCONNECT', reasonCode: 0, properties: [] }, publishPacket('t', 'too late'))
      await cutOff(client)
      await remaining(scene, 1)
      await watcher.ping()
    },
  )

  shows(
    'half a packet at the end of a connection is not worked on',
    { '5.0': '4.2-1', '3.1.1': '7.1.1-1' },
    async (scene) => {
      const watcher = await watch(scene, '#')
      const client = await scene.join('a')
      const whole = encodePacket(publishPacket('t', 'whole'), scene.level)
      client.socket.end(Buffer.concat([whole, whole.subarray(0, whole.length - 1)]))
      expect(text(await receive(watcher))).toBe('whole')
      await remaining(scene, 1)
      await watcher.ping()
    },
  )

  shows(
    'an orderly DISCONNECT is answered by closing, and nothing else',
    { '5.0': '3.14.4-2' },
    async ({ join }) => {
      const client = await join('a')
      await leave(client)
      await cutOff(client)
    },
  )
})
