/** Maximum Packet Size and Request Problem Information: what an answer may carry (3.1.2, 3.2.2, 3.4 to 3.14). */
import { describe, expect } from 'vitest'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import type { Packet, Properties } from '../../shared/mqtt/packets.ts'
import type { WireClient } from '../support/wire.ts'
import { ack, publish, publishPacket, receive, subscribe, subscribePacket, text, texts } from './rig.ts'
import { shows } from './shows.ts'

const SMALL = 40
const small: Properties = [{ name: 'maximumPacketSize', value: SMALL }]
const lengthOf = (packet: Packet): number => encodePacket(packet, 5).length
const reasons = (packet: Packet): readonly string[] =>
  'properties' in packet
    ? packet.properties.flatMap(({ name }) => (/reasonString|userProperty/.test(name) ? [name] : []))
    : []

/** Packets whose answers say why, where the client lets them. The last one ends the connection. */
const provocations: readonly (readonly [Packet, Packet['type']])[] = [
  [publishPacket('$SYS/not/yours', '', { qos: 1, packetId: 1 }), 'PUBACK'],
  [publishPacket('$SYS/not/yours', '', { qos: 2, packetId: 2 }), 'PUBREC'],
  [ack('PUBREL', 99), 'PUBCOMP'],
  [subscribePacket(['not/a/#/filter']), 'SUBACK'],
  [{ type: 'UNSUBSCRIBE', packetId: 4, filters: ['not/a/#/filter'], properties: [] }, 'UNSUBACK'],
  [{ type: 'PINGRESP' }, 'DISCONNECT'],
]
async function provoke(client: WireClient): Promise<Map<string, Packet>> {
  const answers = new Map<string, Packet>()
  for (const [packet, type] of provocations) {
    client.send(packet)
    answers.set(type, await client.next(type))
  }
  return answers
}

describe('Maximum Packet Size of the client', () => {
  shows('no User Property makes CONNACK exceed it', { '5.0': '3.2.2-20 3.1.2-24' }, async ({ join }) => {
    const { connack: roomy } = await join('os::a-name-that-makes-subscribe-topic-long')
    expect(lengthOf(roomy as Packet)).toBeGreaterThan(SMALL)
    const { connack: cramped } = await join('os::another-name-that-makes-it-long', { properties: small })
    expect(lengthOf(cramped as Packet)).toBeLessThanOrEqual(SMALL)
  })

  shows(
    'no Reason String or User Property makes an answer exceed it',
    {
      '5.0':
        '3.1.2-24 3.4.2-2 3.4.2-3 3.5.2-2 3.5.2-3 3.7.2-2 3.7.2-3 3.9.2-1 3.9.2-2 3.11.2-1 3.11.2-2' +
        ' 3.14.2-3 3.14.2-4',
    },
    async ({ join }) => {
      const [roomy, cramped] = [await join('a'), await join('b', { properties: small })]
      for (const answer of (await provoke(cramped)).values()) {
        expect(lengthOf(answer), answer.type).toBeLessThanOrEqual(SMALL)
      }
      // So that the limit is what made them short.
      const said = [...(await provoke(roomy)).values()].filter((answer) => reasons(answer).length > 0)
      expect(said.map(({ type }) => type)).toEqual(['PUBACK', 'PUBREC', 'SUBACK', 'UNSUBACK', 'DISCONNECT'])
    },
  )

  shows('nor does a CONNACK that refuses', { '5.0': '3.2.2-19 3.1.2-24' }, async ({ connect }) => {
    for (const [properties, explained] of [
      [[], true],
      [small, false],
    ] as const) {
      const client = await connect()
      const answer = await client.hello({ clientId: 'x'.repeat(65_535), properties })
      expect(answer.reasonCode).toBe(0x85)
      expect(reasons(answer).length > 0).toBe(explained)
      if (!explained) expect(lengthOf(answer)).toBeLessThanOrEqual(SMALL)
    }
  })

  shows(
    'a message too large for it is dropped as if it had been sent: the next one comes, nothing waits',
    { '5.0': '3.1.2-24 3.1.2-25' },
    async ({ join, lasting }) => {
      const from = await join('from')
      const properties = [...lasting.properties, ...small, { name: 'receiveMaximum', value: 1 } as const]
      const to = await join('to', { ...lasting, properties })
      await subscribe(to, 't', 2)
      for (const qos of [0, 1, 2] as const) {
        await publish(from, 't', 'x'.repeat(SMALL), { qos })
        await publish(from, 't', 'fits', { qos })
        expect(await receive(to)).toMatchObject({ qos, payload: Buffer.from('fits') })
      }
      await to.ping()
      to.destroy()
      const roomy = await join('to', lasting)
      await roomy.ping()
    },
  )

  shows(
    'it is counted in bytes of the whole packet, to the byte',
    { '5.0': '3.1.2-24 3.1.2-25' },
    async ({ join }) => {
      const [from, to] = [await join('from'), await join('to', { properties: small })]
      await subscribe(to, 't')
      // Fixed header 2, topic 3, Property Length 1.
      await publish(from, 't', 'x'.repeat(SMALL - 5))
      await publish(from, 't', 'y'.repeat(SMALL - 6))
      expect(await texts(to, 1)).toEqual(['y'.repeat(SMALL - 6)])
      await to.ping()
    },
  )

  shows(
    'others get the message all the same, and a retained one too large is not sent',
    { '5.0': '3.1.2-24 3.1.2-25' },
    async ({ join }) => {
      const [from, roomy] = [await join('from'), await join('roomy')]
      const cramped = await join('cramped', { properties: small })
      for (const client of [roomy, cramped]) await subscribe(client, 't')
      await publish(from, 't', 'x'.repeat(SMALL), { retain: true })
      expect(text(await receive(roomy))).toHaveLength(SMALL)
      await cramped.ping()
      const late = await join('late', { properties: small })
      await subscribe(late, 't')
      await late.ping()
    },
  )
})

describe('Request Problem Information', () => {
  shows(
    '0: reasons stand in CONNACK and DISCONNECT alone, and messages keep their user properties',
    { '5.0': '3.1.2-29' },
    async ({ join }) => {
      const silent = await join('a', { properties: [{ name: 'requestProblemInformation', value: 0 }] })
      await subscribe(silent, 't')
      const properties: Properties = [{ name: 'userProperty', value: ['k', 'v'] }]
      await publish(await join('from'), 't', '', { properties, qos: 1 })
      expect((await receive(silent)).properties).toEqual(properties)
      const answers = await provoke(silent)
      answers.delete('DISCONNECT')
      for (const answer of answers.values()) expect(reasons(answer), answer.type).toEqual([])
    },
  )
})
