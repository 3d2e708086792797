/** The simulated agent on the wire, against the real broker: beside captures of OB-USP-A, and misbehaving. */
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readDescription } from '../../../electron/engine/simulator/description.ts'
import { Fleet } from '../../../electron/engine/simulator/fleet.ts'
import type { Link, LinkState } from '../../../electron/engine/simulator/link.ts'
import {
  simulatedLink,
  type SimulatedLinkOptions,
} from '../../../electron/engine/simulator/simulated-link.ts'
import {
  misbehaviourNames,
  misbehaviours,
  quirksOf,
  type MisbehaviourName,
} from '../../../electron/engine/simulator/misbehaviours.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { retryMs } from '../../../electron/engine/simulator/mqtt-options.ts'
import type { Packet, PacketOf, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import {
  decodeMsg,
  decodeRecord,
  encodeMsg,
  encodeRecord,
  makeRecord,
  msgFromJson,
} from '../../../shared/usp/codec.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { apiTopic, controllerTopic, controllerUser, joinReplyTo } from '../../../shared/usp/oktopus.ts'
import { streamBytes, type Stream } from '../../fixtures/pcap.ts'
import { shownByFlows } from '../flows/tp469-cases.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { publishPacket, type WireClient } from '../../support/wire.ts'
import { packets, split, captured, bringUp } from './outline.ts'

/** Agents and broker share two cores with other tests. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

const schema = readDescription(routerModel)
const endpointId = 'os::00256D-REAL01'
let bench: TestBroker
let links: { stop(): Promise<void> }[] = []

beforeEach(async () => {
  bench = await testBroker({
    limits: { maxPacketBytes: 8 << 20, clientBudgetBytes: 16 << 20, topicAliasMaximum: 10 },
    oktopus: { subscribeTopic: true, responseInformation: false, status: false },
  })
})
afterEach(async () => {
  await Promise.all(links.map((link) => link.stop()))
  links = []
  await bench.close()
})

interface Started {
  readonly link: Link
  readonly states: LinkState[]
  readonly why: string[]
}

function startLink(
  identity: Partial<SimulatedLinkOptions['identity']> = {},
  names: readonly MisbehaviourName[] = [],
  more: Partial<SimulatedLinkOptions> = {},
): Started {
  const states: LinkState[] = []
  const why: string[] = []
  const link = simulatedLink({
    broker: { host: '127.0.0.1', port: bench.port, isTls: false },
    identity: {
      endpointId,
      mqtt: 5,
      user: endpointId,
      password: 'real01-password',
      requestsResponseInformation: false,
      publishQos: 0,
      version: '1.2.3',
      ...identity,
    },
    schema,
    quirks: quirksOf(names),
    probes: true,
    maxRetrySeconds: 60,
    onState: (state, text) => {
      states.push(state)
      if (text !== undefined) why.push(text)
    },
    ...more,
  })
  links.push(link)
  link.start()
  return { link, states, why }
}

/** What one connection sent to the broker. */
const framesOf = (connection: number): Uint8Array[] =>
  bench.recorder.frames
    .filter((one) => one.direction === 'in' && one.connection === connection)
    .map(({ bytes }) => bytes)

describe('the way a real agent comes up', () => {
  test('5.0, against this bench: the same packets, with the same properties, after a probe', async () => {
    const { own, before } = captured('obuspa-dialogue.pcapng', ({ username }) => username === endpointId)
    expect(before.some(({ chunks }) => chunks.length === 0)).toBe(true)
    startLink()
    await eventually(() => framesOf(2).length).toBe(4)
    expect(bringUp(packets(framesOf(2)))).toEqual(bringUp(packets([...split(streamBytes(own, 'out'))])))
    expect(bench.recorder.closes.get(1)).toMatchObject({ probe: true })
  })

  test('5.0 with QoS 1 and Response Information, against Mosquitto', async () => {
    const id = 'os::00256D-TOUR5'
    const { own } = captured(
      'obuspa-tour.pcapng',
      ({ properties }) => getProperty(properties, 'requestResponseInformation') === 1,
    )
    startLink({ endpointId: id, publishQos: 1, requestsResponseInformation: true, ...userOf(own) })
    await eventually(() => framesOf(2).length).toBeGreaterThanOrEqual(4)
    expect(bringUp(packets(framesOf(2)))).toEqual(bringUp(packets([...split(streamBytes(own, 'out'))])))
  })

  test('[R-MTP.6] the Connect Record comes first, even before the answer to what came with the SUBACK', async () => {
    const client = await controllerClient()
    const properties = [{ name: 'responseTopic', value: apiTopic(endpointId) } as const]
    client.send(
      publishPacket(`oktopus/usp/v1/agent/${endpointId}`, get('early'), { properties, retain: true }),
    )
    startLink()
    await eventually(() => answers(client).map(msgIdOf)).toEqual(['early'])
    const [, , first] = packets(framesOf(3))
    expect(first?.type === 'PUBLISH' && peekRecord(first.payload, 0, first.payload.length)?.kind).toBe(
      'mqtt_connect',
    )
  })

  test('3.1.1: topics with /reply-to=', async () => {
    const id = 'os::00256D-TOUR311'
    const { own } = captured('obuspa-tour.pcapng', ({ level, clientId }) => level === 4 && clientId === id)
    startLink({ endpointId: id, mqtt: 4, ...userOf(own) })
    await eventually(() => framesOf(2).length).toBe(4)
    expect(bringUp(packets(framesOf(2)))).toEqual(bringUp(packets([...split(streamBytes(own, 'out'))])))
  })

  const userOf = (stream: Stream): object => {
    const [connect] = packets([...split(streamBytes(stream, 'out'))])
    if (connect?.type !== 'CONNECT') throw new Error('no CONNECT')
    const { username, password } = connect
    return { user: username, password: password && Buffer.from(password).toString() }
  }
})

/** A controller that asks the agent for one parameter. */
async function controllerClient(level: ProtocolLevel = 5): Promise<WireClient> {
  const client = await bench.connect()
  await client.hello({ clientId: 'controller', level })
  for (const topic of [controllerTopic(endpointId), apiTopic(endpointId)])
    await client.subscribe(`${topic}/#`)
  return client
}

const get = (msgId: string): Uint8Array => {
  const paramPaths = ['Device.DeviceInfo.SerialNumber']
  const msg = msgFromJson({ header: { msgId, msgType: 'GET' }, body: { request: { get: { paramPaths } } } })
  const value = { payload: encodeMsg(msg) }
  const record = { version: '1.3', toId: endpointId, fromId: controllerUser }
  return encodeRecord(makeRecord({ ...record, recordType: { case: 'noSessionContext', value } }))
}

function ask(client: WireClient, msgId: string): void {
  const topic = `oktopus/usp/v1/agent/${endpointId}`
  if (client.level === 4) client.send(publishPacket(joinReplyTo(topic, apiTopic(endpointId)), get(msgId)))
  else {
    const properties = [{ name: 'responseTopic', value: apiTopic(endpointId) } as const]
    client.send(publishPacket(topic, get(msgId), { properties }))
  }
}

const received = (client: WireClient): PacketOf<'PUBLISH'>[] =>
  client.received.filter((one) => one.type === 'PUBLISH')
const answers = (client: WireClient): PacketOf<'PUBLISH'>[] =>
  received(client).filter(({ topic }) => topic.startsWith(apiTopic(endpointId)))
const msgIdOf = ({ payload }: PacketOf<'PUBLISH'>): string | undefined =>
  peekRecord(payload, 0, payload.length)?.msgId

describe('an answer', () => {
  test.each([5, 4] as const)('goes to the reply topic (level %i)', async (level) => {
    const client = await controllerClient(level)
    const { states } = startLink({ mqtt: level })
    await eventually(() => states.at(-1)).toBe('ready')
    ask(client, 'one')
    await eventually(() => answers(client).map(msgIdOf)).toEqual(['one'])
    const [answer] = answers(client)
    const name = apiTopic(endpointId)
    expect(answer?.topic).toBe(level === 5 ? name : joinReplyTo(name, `oktopus/usp/v1/agent/${endpointId}`))
  })
})

describe('a connection that ends', () => {
  test('is made again; the Connect Record comes again, Boot! does not', async () => {
    const client = await controllerClient()
    const { link, states } = startLink({}, [], { world: hasty })
    const told = (kind: string): PacketOf<'PUBLISH'>[] =>
      received(client).filter(({ payload }) => peekRecord(payload, 0, payload.length)?.kind === kind)
    await eventually(() => told('no_session_context').length).toBeGreaterThan(0)
    link.leave('close', 0)
    await eventually(() => states.filter((one) => one === 'ready').length).toBe(2)
    await eventually(() => told('mqtt_connect').length).toBe(2)
    // Boot! is retried, because nobody answers it, but it is the same one.
    expect(new Set(told('no_session_context').map(msgIdOf)).size).toBe(1)
  })

  test('a port where nobody listens is tried again, and it is said why', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const { states, why } = startLink({}, [], {
      broker: { host: '127.0.0.1', port, isTls: false },
      world: hasty,
    })
    await eventually(() => states.filter((one) => one === 'waiting').length).toBeGreaterThan(2)
    expect(why[0]).toMatch(/ECONNREFUSED/)
  })

  test('is ended in order: Disconnect Record, then DISCONNECT', async () => {
    const { link, states } = startLink()
    await eventually(() => states.at(-1)).toBe('ready')
    await link.stop()
    await eventually(() => bench.recorder.closes.get(2)).toMatchObject({ by: 'device' })
    const [record, last] = packets(framesOf(2)).slice(-2)
    expect(record?.type === 'PUBLISH' && peekRecord(record.payload, 0, record.payload.length)?.kind).toBe(
      'disconnect',
    )
    expect(last?.type).toBe('DISCONNECT')
  })

  test('waits grow by the rule of TR-181', () => {
    expect([1, 2, 3, 10, 11].map((attempt) => retryMs(attempt, 0))).toEqual([
      5000, 10_000, 20_000, 2_560_000, 2_560_000,
    ])
    expect(retryMs(1, 1)).toBe(10_000)
    const retry = { seconds: 2, multiplier: 1500, most: 60 }
    expect([1, 2, 3].map((attempt) => retryMs(attempt, 0, retry))).toEqual([2000, 3000, 4500])
    expect(retryMs(1, 1, retry)).toBe(3000)
    expect(retryMs(10, 0, retry)).toBe(60_000)
  })
})

/** Waits a hundredth of the time. */
const hasty = {
  now: () => Date.now(),
  random: () => 0,
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms / 100)
    return () => clearTimeout(timer)
  },
}

interface Seen {
  readonly client: WireClient
  /** What the agent sent, the CONNECT first. */
  readonly own: () => Packet[]
}

/** What of each misbehaviour is seen on the wire, after requests "one" and "two". */
const shows: Readonly<Partial<Record<MisbehaviourName, (seen: Seen) => void | Promise<void>>>> = {
  slow: ({ client }) => eventually(() => answers(client).map(msgIdOf)).toEqual(['one', 'two']),
  late: ({ client }) => eventually(() => answers(client).map(msgIdOf)).toEqual(['one', 'two']),
  silent: ({ client }) => expect(answers(client)).toEqual([]),
  'wrong-msg-id': ({ client }) =>
    eventually(() => answers(client).map(msgIdOf)).toEqual(['other-one', 'other-two']),
  duplicate: ({ client }) =>
    eventually(() => answers(client).map(msgIdOf)).toEqual(['one', 'one', 'two', 'two']),
  'out-of-order': ({ client }) => eventually(() => answers(client).map(msgIdOf)).toEqual(['two', 'one']),
  segmented: async ({ client }) => {
    await eventually(() => answers(client).length).toBeGreaterThanOrEqual(2)
    const record = decodeRecord(answers(client)[0]?.payload ?? new Uint8Array())
    expect(record.recordType.case).toBe('sessionContext')
  },
  huge: ({ client }) =>
    eventually(() => answers(client).every(({ payload }) => payload.length > 5_000_000)).toBe(true),
  'no-connect-record': ({ own }) => expect(kinds(own())).not.toContain('mqtt_connect'),
  'wrong-content-type': ({ own }) =>
    expect(propertiesOf(own(), 'contentType')).toEqual(['application/octet-stream']),
  'no-content-type': ({ own }) => expect(propertiesOf(own(), 'contentType')).toEqual([undefined]),
  'no-response-topic': ({ own }) => expect(propertiesOf(own(), 'responseTopic')).toEqual([undefined]),
  'no-endpoint-id': ({ own }) =>
    expect(own()[0]).toMatchObject({ type: 'CONNECT', properties: [{ name: 'receiveMaximum' }] }),
  garbage: async ({ client }) => {
    await eventually(() => answers(client).length).toBe(2)
    expect(answers(client).map(({ payload }) => peekRecord(payload, 0, payload.length))).toEqual([
      undefined,
      undefined,
    ])
  },
  'wrong-to-id': ({ client }) => eventually(() => fieldsOf(client, 'toId')).toEqual(['os::000000-nobody']),
  'wrong-from-id': ({ client }) =>
    eventually(() => fieldsOf(client, 'fromId')).toEqual(['os::000000-somebody']),
  'wrong-version': ({ client }) => eventually(() => fieldsOf(client, 'version')).toEqual(['9.9']),
  'mqtt-version-mismatch': ({ own }) => {
    const [record] = records(own())
    // V3_1_1 is 0.
    expect(record?.recordType).toMatchObject({ case: 'mqttConnect', value: { version: 0 } })
  },
  'no-subscribe': ({ own }) => expect(own().map(({ type }) => type)).not.toContain('SUBSCRIBE'),
  'notify-forever': ({ own }) => eventually(() => own().filter(isNotify).length).toBeGreaterThan(2),
  'wrong-topic': ({ client }) =>
    eventually(() =>
      received(client)
        .filter(({ topic }) => topic === controllerTopic(endpointId))
        .map(msgIdOf),
    ).toEqual(expect.arrayContaining(['one', 'two'])),
  'cut-off': ({ client }) => expect(answers(client)).toEqual([]),
  retained: ({ own }) => expect(publishes(own()).every(({ retain }) => retain)).toBe(true),
  'false-encryption': ({ own }) =>
    expect(records(own()).every(({ payloadSecurity }) => payloadSecurity === 1)).toBe(true),
}

const publishes = (own: readonly Packet[]): PacketOf<'PUBLISH'>[] =>
  own.filter((one) => one.type === 'PUBLISH')
const records = (own: readonly Packet[]) => publishes(own).map(({ payload }) => decodeRecord(payload))
const kinds = (own: readonly Packet[]): (string | undefined)[] =>
  publishes(own).map(({ payload }) => peekRecord(payload, 0, payload.length)?.kind)
const isNotify = (packet: Packet): boolean =>
  packet.type === 'PUBLISH' && peekRecord(packet.payload, 0, packet.payload.length)?.msgType === 'NOTIFY'
const propertiesOf = (own: readonly Packet[], name: 'contentType' | 'responseTopic'): unknown[] => [
  ...new Set(publishes(own).map(({ properties }) => getProperty(properties, name))),
]
const fieldsOf = (client: WireClient, name: 'toId' | 'fromId' | 'version'): string[] => [
  ...new Set(answers(client).map(({ payload }) => decodeRecord(payload)[name])),
]

/** These never answer, so that there is nothing to wait for but that the requests were taken. */
const muted: readonly MisbehaviourName[] = ['silent', 'cut-off', 'no-subscribe', 'false-encryption']

describe('misbehaving on purpose', () => {
  test('each is shown here or by a flow of TP-469', () => {
    expect(misbehaviourNames.filter((name) => !shows[name] && !shownByFlows.has(name))).toEqual([])
  })

  test.each(misbehaviourNames.filter((name) => shows[name]))('%s', async (name) => {
    const client = await controllerClient()
    const { link, states } = startLink({}, [name], { world: hasty, probes: false })
    await eventually(() => states.at(-1)).toBe('ready')
    ask(client, 'one')
    if (name === 'cut-off') await eventually(() => states).toContain('waiting')
    else ask(client, 'two')
    if (name === 'silent') await eventually(() => link.agent.counts.requests).toBe(2)
    else if (!muted.includes(name)) await eventually(() => received(client).length).toBeGreaterThanOrEqual(2)
    await eventually(() => framesOf(2).length).toBeGreaterThan(1)
    await shows[name]?.({ client, own: () => packets(framesOf(2)) })
    expect(misbehaviours[name].summary).not.toBe('')
  })

  test('several at once', () => {
    expect(quirksOf(['duplicate', 'slow'])).toEqual({ copies: 2, answerDelayMs: 2000 })
  })
})

test('fifty agents share one model, come up and say goodbye', async () => {
  const fleet = new Fleet({
    broker: { host: '127.0.0.1', port: bench.port, isTls: false },
    identity: (n) => ({
      endpointId: `os::02005E-SIM${n}`,
      mqtt: 5,
      requestsResponseInformation: false,
      publishQos: 0,
      version: '1.2.3',
    }),
    schema,
    quirks: {},
    probes: false,
    maxRetrySeconds: 60,
    count: 50,
    perSecond: 200,
    onChange: () => undefined,
  })
  links.push(fleet)
  fleet.start()
  await eventually(() => fleet.state.agents.ready).toBe(50)
  await eventually(() => fleet.state.notifications).toBe(50)
  expect(new Set(fleet.links.map(({ agent }) => agent.model.schema)).size).toBe(1)
  await fleet.stop()
  await eventually(() => [...bench.recorder.closes.values()].filter(({ by }) => by === 'device').length).toBe(
    50,
  )
})

test('a Msg in an answer can be decoded', async () => {
  const client = await controllerClient()
  startLink()
  await eventually(() => received(client).length).toBe(2)
  ask(client, 'one')
  await eventually(() => answers(client).length).toBe(1)
  const { recordType } = decodeRecord(answers(client)[0]?.payload ?? new Uint8Array())
  if (recordType.case !== 'noSessionContext') throw new Error(`a Record of type ${recordType.case}`)
  expect(decodeMsg(recordType.value.payload).body?.msgBody).toMatchObject({
    case: 'response',
    value: { respType: { value: { reqPathResults: [{ requestedPath: 'Device.DeviceInfo.SerialNumber' }] } } },
  })
})
