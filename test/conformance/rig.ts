/** Steps that conformance tests are written in: a broker of their own, clients, and what is expected of them. */
import { expect } from 'vitest'
import { Access } from '../../electron/engine/access/access.ts'
import { OKTOPUS_DEFAULTS } from '../../shared/acl/defaults.ts'
import type {
  AckPacket,
  ConnectPacket,
  PacketOf,
  Properties,
  QoS,
  Subscription,
} from '../../shared/mqtt/packets.ts'
import { testBroker, type BrokerOverrides, type TestBroker } from '../support/broker.ts'
import { connectPacket, publishPacket, WireClient } from '../support/wire.ts'

export type Level = 4 | 5
type ConnectWishes = Partial<Omit<ConnectPacket, 'clientId' | 'level'>>
type SubscribeWishes = Partial<Omit<Subscription, 'filter'>> & { readonly properties?: Properties }

export interface Scene {
  readonly bench: TestBroker
  readonly level: Level
  /** What a CONNECT needs for its session to outlast the connection, and to resume one. */
  readonly lasting: { readonly clean: false; readonly properties: Properties }
  /** A connection on which nothing was sent. */
  connect(): Promise<WireClient>
  /** A client that was accepted; its CONNACK is `client.connack`. */
  join(clientId: string, wishes?: ConnectWishes): Promise<WireClient>
}

export async function openScene(level: Level, overrides?: BrokerOverrides): Promise<Scene> {
  const bench = await testBroker(overrides)
  const connect = async (): Promise<WireClient> => {
    const client = await bench.connect()
    client.level = level
    return client
  }
  return {
    bench,
    level,
    lasting: { clean: false, properties: expiry(level, 100) },
    connect,
    async join(clientId, wishes) {
      const client = await connect()
      const { reasonCode } = await client.hello({ ...wishes, clientId, level })
      expect(reasonCode).toBe(0)
      return client
    },
  }
}

/** A broker that asks for a password, the same for every user, and keeps the rules of Oktopus. */
export const guarded = (): BrokerOverrides => ({
  access: new Access({
    open: false,
    passwords: {
      check: (_, password) => (Buffer.from(password).toString() === 'secret' ? 'ok' : 'wrong-password'),
    },
    list: OKTOPUS_DEFAULTS,
    onDenied: () => undefined,
  }),
})

/** Session Expiry Interval in seconds; 3.1.1 has none. */
export const expiry = (level: Level, seconds: number): Properties =>
  level === 5 ? [{ name: 'sessionExpiryInterval', value: seconds }] : []

/** Asks for one subscription and answers the code granted. */
export async function subscribe(
  client: WireClient,
  filter: string,
  qos: QoS = 0,
  { properties = [], ...options }: SubscribeWishes = {},
): Promise<number | undefined> {
  client.send(subscribePacket([filter], { qos, ...options }, properties))
  return (await client.next('SUBACK')).reasonCodes[0]
}

export const subscribePacket = (
  filters: readonly string[],
  options: Partial<Subscription> = {},
  properties: Properties = [],
  packetId = 1,
): PacketOf<'SUBSCRIBE'> => ({
  type: 'SUBSCRIBE',
  packetId,
  subscriptions: filters.map((filter) => ({
    filter,
    qos: 0,
    noLocal: false,
    retainAsPublished: false,
    retainHandling: 0,
    ...options,
  })),
  properties,
})

export const ack = (type: AckPacket['type'], packetId = 0, reasonCode = 0): AckPacket => ({
  type,
  packetId,
  reasonCode,
  properties: [],
})

/** Publishes and goes through all that its QoS asks for; answers the reason code of the first answer. */
export async function publish(
  client: WireClient,
  topic: string,
  payload = '',
  more: Partial<Omit<PacketOf<'PUBLISH'>, 'type' | 'topic' | 'payload'>> = {},
): Promise<number> {
  const { qos = 0, packetId = 1 } = more
  if (qos === 0) {
    client.send(publishPacket(topic, payload, more))
    await client.ping()
    return 0
  }
  client.send(publishPacket(topic, payload, { ...more, packetId }))
  const first = await client.next(qos === 1 ? 'PUBACK' : 'PUBREC')
  expect(first.packetId).toBe(packetId)
  if (qos === 2 && first.reasonCode < 0x80) {
    client.send(ack('PUBREL', packetId))
    expect(await client.next('PUBCOMP')).toMatchObject({ packetId, reasonCode: 0 })
  }
  return first.reasonCode
}

export const text = ({ payload }: { readonly payload: Uint8Array }): string => Buffer.from(payload).toString()

/** The next message, acknowledged as its QoS asks for. */
export async function receive(client: WireClient): Promise<PacketOf<'PUBLISH'>> {
  const message = await client.next('PUBLISH')
  await acknowledge(client, message)
  return message
}

async function acknowledge(client: WireClient, { qos, packetId }: PacketOf<'PUBLISH'>): Promise<void> {
  if (qos === 1) client.send(ack('PUBACK', packetId))
  if (qos === 2) {
    client.send(ack('PUBREC', packetId))
    expect(await client.next('PUBREL')).toMatchObject({ packetId, reasonCode: 0 })
    client.send(ack('PUBCOMP', packetId))
  }
}

/** The texts of so many messages, each acknowledged. */
export async function texts(client: WireClient, count: number): Promise<string[]> {
  const found: string[] = []
  while (found.length < count) found.push(text(await receive(client)))
  return found
}

/** An orderly end, as the device wishes it. */
export async function leave(client: WireClient, properties: Properties = [], reasonCode = 0): Promise<void> {
  client.send({ type: 'DISCONNECT', reasonCode, properties })
  await client.closed
}

/** The broker ends the connection: in 5.0 it says why first, 3.1.1 has no word for it. */
export async function endedBy(client: WireClient, reasonCode: number): Promise<void> {
  if (client.level === 5) expect((await client.next('DISCONNECT')).reasonCode).toBe(reasonCode)
  await cutOff(client)
}

/** The connection ends, and nothing more is said. */
export async function cutOff(client: WireClient): Promise<void> {
  await client.closed
  await expect(client.next('PINGRESP')).rejects.toThrow('closed')
}

/** The broker has seen that connections are gone, and holds so many. */
export const remaining = ({ bench }: Scene, connections: number): Promise<void> =>
  expect.poll(() => bench.broker.sessions.size).toBe(connections)

/** The values of every property of that name, in order. */
export const getProperties = (
  { properties }: { readonly properties: Properties },
  name: Properties[number]['name'],
): readonly unknown[] => properties.filter((property) => property.name === name).map(({ value }) => value)

/** A subscriber of `t` whose session lasts, and a publisher. */
export async function pair({ join, lasting }: Scene, qos: 1 | 2 = 2) {
  const to = await join('to', lasting)
  await subscribe(to, 't', qos)
  return { to, from: await join('from') }
}

/** A client that watches a filter and takes everything at QoS 0. */
export async function watch(scene: Scene, filter: string): Promise<WireClient> {
  const watcher = await scene.join('watcher')
  await subscribe(watcher, filter)
  return watcher
}

export { connectPacket, publishPacket }
