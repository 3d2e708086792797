/** Enhanced authentication (MQTT 5.0, chapter 4.12): SCRAM-SHA-256, and what is not offered. */
import { describe, expect } from 'vitest'
import { Access } from '../../electron/engine/access/access.ts'
import { ScramVerifiers } from '../../electron/engine/access/scram-verifiers.ts'
import { Authentication } from '../../electron/engine/client/authentication.ts'
import { OKTOPUS_DEFAULTS } from '../../shared/acl/defaults.ts'
import type { AuthPacket, ConnectPacket, Properties } from '../../shared/mqtt/packets.ts'
import { getProperty, withProperty } from '../../shared/mqtt/properties.ts'
import type { BrokerOverrides } from '../support/broker.ts'
import type { WireClient } from '../support/wire.ts'
import { connectPacket, cutOff, endedBy, publish, publishPacket, type Scene } from './rig.ts'
import { shows } from './shows.ts'

const METHOD = 'SCRAM-SHA-256'
const USER = 'os::a,b=c'
const PASSWORD = 'p\u00e4ssw\u00f6rd'
const CONTINUE = 0x18
const AGAIN = 0x19

const provable = (): BrokerOverrides => ({
  access: new Access({
    open: false,
    passwords: { check: () => 'wrong-password' },
    verifiers: new ScramVerifiers((name) => (name === USER ? Buffer.from(PASSWORD) : undefined)),
    list: OKTOPUS_DEFAULTS,
    onDenied: () => undefined,
  }),
})

const proof = (data: string, method = METHOD): Properties => [
  { name: 'authenticationMethod', value: method },
  { name: 'authenticationData', value: Buffer.from(data) },
]
const authPacket = (reasonCode: number, properties: Properties): AuthPacket => ({
  type: 'AUTH',
  reasonCode,
  properties,
})
const method = ({ properties }: { readonly properties: Properties }): string | undefined =>
  getProperty(properties, 'authenticationMethod')

/** What a client says first of all. */
const hello = (): ConnectPacket =>
  connectPacket({
    clientId: 'a',
    username: USER,
    properties: [{ name: 'authenticationMethod', value: METHOD }],
  })

/** Sends CONNECT with the first message, and takes the challenge; answers the client and its next AUTH. */
async function challenged({ connect }: Scene, password = PASSWORD) {
  const client = await connect()
  const half = new Authentication(hello(), password)
  client.send(half.begin(hello()))
  return { client, half, properties: await answerTo(client, half) }
}

/** What the client answers to the challenge that comes. */
async function answerTo(client: WireClient, half: Authentication): Promise<Properties> {
  const challenge = await client.next('AUTH')
  expect([challenge.reasonCode, method(challenge)]).toEqual([CONTINUE, METHOD])
  return (await half.meet(challenge)) ?? []
}

/** A client that has proved its password. */
async function proved(scene: Scene): Promise<WireClient> {
  const { client, half, properties } = await challenged(scene)
  client.send(authPacket(CONTINUE, properties))
  const connack = await client.next('CONNACK')
  expect([connack.reasonCode, method(connack), half.judge(connack)]).toEqual([0, METHOD, undefined])
  return client
}

describe('at CONNECT', () => {
  shows(
    'each further step is AUTH 0x18, and all of them and CONNACK repeat the method',
    { '5.0': '4.12.0-2 4.12.0-5 3.15.2-1 3.2.0-1 3.2.0-2' },
    async (scene) => {
      const client = await proved(scene)
      await client.ping()
      expect(client.received.map(({ type }) => type)).toEqual(['AUTH', 'CONNACK', 'PINGRESP'])
    },
    { broker: provable() },
  )

  shows(
    'what makes no sense ends the connection as well',
    { '5.0': '4.12.0-4' },
    async ({ connect }) => {
      for (const first of ['', 'nonsense', 'n,,r=nonce', 'p=tls-unique,,n=a,r=b']) {
        const client = await connect()
        client.send(connectPacket({ clientId: 'a', properties: proof(first) }))
        expect((await client.next('CONNACK')).reasonCode).toBeGreaterThanOrEqual(0x80)
        await cutOff(client)
      }
    },
    { broker: provable() },
  )

  shows(
    'no other packet may come before CONNACK',
    { '5.0': '3.1.2-30 4.12.0-4' },
    async (scene) => {
      for (const packet of [publishPacket('t'), { type: 'PINGREQ' } as const]) {
        const { client } = await challenged(scene)
        client.send(packet)
        expect((await client.next('CONNACK')).reasonCode).toBe(0x82)
        await cutOff(client)
      }
    },
    { broker: provable() },
  )

  shows(
    'nor an AUTH of another method, or with another reason code',
    { '5.0': '4.12.0-3 4.12.0-4' },
    async (scene) => {
      for (const [reasonCode, name] of [
        [CONTINUE, 'OTHER'],
        [AGAIN, METHOD],
        [0, METHOD],
      ] as const) {
        const { client, properties } = await challenged(scene)
        client.send(authPacket(reasonCode, withProperty(properties, 'authenticationMethod', name)))
        expect((await client.next('CONNACK')).reasonCode).toBe(0x82)
        await cutOff(client)
      }
    },
    { broker: provable() },
  )

  shows(
    'a method that is not offered ends the connection with 0x8C',
    { '5.0': '4.12.0-1 3.2.2-7' },
    async ({ connect }) => {
      const client = await connect()
      const answer = await client.hello({ clientId: 'a', properties: proof('', 'NOT-OFFERED') })
      expect(answer).toMatchObject({ reasonCode: 0x8c, sessionPresent: false })
      await cutOff(client)
    },
    { broker: provable() },
  )

  shows(
    'without a method in CONNECT there is none in CONNACK, and no AUTH is sent',
    { '5.0': '4.12.0-6 3.2.0-1' },
    async ({ join }) => {
      const client = await join('a', { username: 'u', password: Buffer.from('p') })
      expect(client.connack && method(client.connack)).toBeUndefined()
      await client.ping()
      expect(client.received.map(({ type }) => type)).toEqual(['CONNACK', 'PINGRESP'])
    },
  )
})

describe('re-authentication', () => {
  shows(
    'the client may prove itself again, while all else goes on',
    { '5.0': '4.12.1-1 4.12.0-2 4.12.0-5' },
    async (scene) => {
      const client = await proved(scene)
      for (let i = 0; i < 2; i++) {
        const half = new Authentication(hello(), PASSWORD)
        client.send(authPacket(AGAIN, half.begin(hello()).properties))
        const properties = await answerTo(client, half)
        await publish(client, 't', '', { qos: 1 })
        client.send(authPacket(CONTINUE, properties))
        const done = await client.next('AUTH')
        expect([done.reasonCode, method(done)]).toEqual([0, METHOD])
        await client.ping()
      }
    },
    { broker: provable() },
  )

  shows(
    'if it fails, the connection ends',
    { '5.0': '4.12.1-2 3.14.2-1' },
    async (scene) => {
      const client = await proved(scene)
      const half = new Authentication(hello(), 'wrong')
      client.send(authPacket(AGAIN, half.begin(hello()).properties))
      client.send(authPacket(CONTINUE, await answerTo(client, half)))
      await endedBy(client, 0x87)
    },
    { broker: provable() },
  )

  shows(
    'another method, another user, or a step out of turn ends it as well',
    { '5.0': '4.12.1-1 4.12.1-2' },
    async (scene) => {
      for (const [packet, reasonCode] of [
        [authPacket(AGAIN, proof('n,,n=x,r=y', 'OTHER')), 0x82],
        [authPacket(AGAIN, proof('n,,n=other,r=y')), 0x87],
        [authPacket(CONTINUE, proof('c=biws,r=x,p=x')), 0x82],
      ] as const) {
        const client = await proved(scene)
        client.send(packet)
        await endedBy(client, reasonCode)
      }
    },
    { broker: provable() },
  )
})
