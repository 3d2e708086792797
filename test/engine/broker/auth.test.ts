/** Enhanced authentication: MQTT 5.0, 4.12. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Access, type Denial } from '../../../electron/engine/access/access.ts'
import { ScramVerifiers } from '../../../electron/engine/access/scram-verifiers.ts'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { connectPacket, type WireClient } from '../../support/wire.ts'

let bench: TestBroker
let denied: Denial[]
beforeEach(async () => {
  denied = []
  const password = (username: string) => (username === 'os::A' ? Buffer.from('secret') : undefined)
  const access = new Access({
    open: false,
    passwords: { check: () => 'wrong-password' },
    verifiers: new ScramVerifiers(password),
    list: OKTOPUS_DEFAULTS,
    onDenied: (denial) => denied.push(denial),
  })
  bench = await testBroker({ access })
})
afterEach(() => bench.close())

const METHOD = 'SCRAM-SHA-256'
const step = (data: string, method = METHOD): Properties => [
  { name: 'authenticationMethod', value: method },
  { name: 'authenticationData', value: Buffer.from(data) },
]
const dataOf = ({ properties }: { readonly properties: Properties }): string =>
  Buffer.from(getProperty(properties, 'authenticationData') ?? []).toString()
const hmac = (key: Uint8Array, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** The client's last message, and what the server must answer. */
function prove(user: string, password: string, challenge: string): { final: string; signature: string } {
  const [, nonce = '', salt = '', iterations = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)$/.exec(challenge) ?? []
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const storedKey = createHash('sha256').update(clientKey).digest()
  const signed = `n=${user},r=abc,${challenge},c=biws,r=${nonce}`
  const signature = hmac(storedKey, signed)
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number)))
  return {
    final: `c=biws,r=${nonce},p=${proof.toString('base64')}`,
    signature: `v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`,
  }
}

/** Up to the challenge. */
async function challenged(user: string): Promise<{ client: WireClient; challenge: string }> {
  const client = await bench.connect()
  client.send(connectPacket({ clientId: user, properties: step(`n,,n=${user},r=abc`) }))
  const answer = await client.next('AUTH')
  expect(answer.reasonCode).toBe(0x18)
  expect(getProperty(answer.properties, 'authenticationMethod')).toBe(METHOD)
  return { client, challenge: dataOf(answer) }
}

async function login(): Promise<WireClient> {
  const { client, challenge } = await challenged('os::A')
  const { final, signature } = prove('os::A', 'secret', challenge)
  client.send({ type: 'AUTH', reasonCode: 0x18, properties: step(final) })
  const answer = await client.next('CONNACK')
  expect([answer.reasonCode, dataOf(answer)]).toEqual([0, signature])
  expect(getProperty(answer.properties, 'authenticationMethod')).toBe(METHOD)
  return client
}

describe('at CONNECT', () => {
  test('[MQTT-4.12.0-2] [MQTT-4.12.0-5] a proof lets in, and CONNACK proves the bench; the client is that user then', async () => {
    const client = await login()
    expect((await client.subscribe('oktopus/usp/v1/agent/os::A')).reasonCodes).toEqual([0])
    expect((await client.subscribe('oktopus/usp/v1/agent/os::B')).reasonCodes).toEqual([0x87])
    expect(bench.accepted[0]?.endpoint?.endpointId).toBe('os::A')
  })

  test.each([
    ['os::A', 'wrong', 'wrong-password'],
    ['nobody', 'secret', 'unknown-user'],
  ])('[MQTT-4.12.0-4] %s with the password %s is refused and told', async (user, password, cause) => {
    const { client, challenge } = await challenged(user)
    client.send({ type: 'AUTH', reasonCode: 0x18, properties: step(prove(user, password, challenge).final) })
    expect((await client.next('CONNACK')).reasonCode).toBe(0x86)
    await client.closed
    expect(denied).toMatchObject([{ action: 'connect', cause, who: { username: user } }])
    expect(bench.refused).toHaveLength(1)
  })

  test('[MQTT-4.12.0-1] another method is refused: 0x8C', async () => {
    const client = await bench.connect()
    client.send(connectPacket({ clientId: 'c', properties: step('x', 'PLAIN') }))
    expect((await client.next('CONNACK')).reasonCode).toBe(0x8c)
  })

  test('[MQTT-3.1.2-30] any other packet in between is a protocol error', async () => {
    const { client } = await challenged('os::A')
    client.send({ type: 'PINGREQ' })
    expect((await client.next('CONNACK')).reasonCode).toBe(0x82)
    await client.closed
  })

  test('another method in AUTH is one as well (4.12)', async () => {
    const { client, challenge } = await challenged('os::A')
    const { final } = prove('os::A', 'secret', challenge)
    client.send({ type: 'AUTH', reasonCode: 0x18, properties: step(final, 'SCRAM-SHA-1') })
    expect((await client.next('CONNACK')).reasonCode).toBe(0x82)
  })

  test('two user names do not go together', async () => {
    const client = await bench.connect()
    client.send(connectPacket({ clientId: 'c', username: 'os::B', properties: step('n,,n=os::A,r=abc') }))
    expect((await client.next('CONNACK')).reasonCode).toBe(0x87)
  })
})

describe('again', () => {
  const begin = async (client: WireClient): Promise<string> => {
    client.send({ type: 'AUTH', reasonCode: 0x19, properties: step('n,,n=os::A,r=abc') })
    return dataOf(await client.next('AUTH'))
  }

  test('a connected client proves itself while it goes on (4.12.1)', async () => {
    const client = await login()
    const challenge = await begin(client)
    await client.ping()
    const { final, signature } = prove('os::A', 'secret', challenge)
    client.send({ type: 'AUTH', reasonCode: 0x18, properties: step(final) })
    const answer = await client.next('AUTH')
    expect([answer.reasonCode, dataOf(answer)]).toEqual([0, signature])
    await client.ping()
  })

  test('[MQTT-4.12.1-2] one that fails is disconnected', async () => {
    const client = await login()
    const { final } = prove('os::A', 'wrong', await begin(client))
    client.send({ type: 'AUTH', reasonCode: 0x18, properties: step(final) })
    expect((await client.next('DISCONNECT')).reasonCode).toBe(0x87)
    await client.closed
  })
})
