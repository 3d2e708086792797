import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientCommand, type CommandPacket, type CommandTarget } from '../../../shared/mqtt/client-command.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type {
  ConnectPacket,
  Packet,
  PacketType,
  Properties,
  ProtocolLevel,
  SubscribePacket,
} from '../../../shared/mqtt/packets.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'
import { describeWith } from '../../support/tools.ts'
import { connectPacket, publishPacket } from '../../support/wire.ts'

const target: CommandTarget = { host: '127.0.0.1', port: 1883 }
const subscribePacket = (more: Partial<SubscribePacket>): SubscribePacket => ({
  type: 'SUBSCRIBE',
  packetId: 1,
  subscriptions: [{ filter: 'a/#', qos: 1, noLocal: false, retainAsPublished: false, retainHandling: 0 }],
  properties: [],
  ...more,
})

describe('the command', () => {
  test('reads well', () => {
    const properties: Properties = [
      { name: 'contentType', value: 'usp.msg' },
      { name: 'responseTopic', value: 'agent/os::00256D-1' },
      { name: 'userProperty', value: ['key', 'it is'] },
    ]
    const { command, notes } = clientCommand(
      publishPacket('controller/c', 'hello', { qos: 1, properties }),
      target,
    )
    expect(command).toBe(
      'mosquitto_pub -h 127.0.0.1 -p 1883 -V mqttv5 -t controller/c -q 1 -D publish content-type usp.msg ' +
        "-D publish response-topic agent/os::00256D-1 -D publish user-property key 'it is' -m hello",
    )
    expect(notes).toEqual([])
  })

  test('binary comes through a pipe', () => {
    expect(clientCommand(publishPacket('a', Uint8Array.from([0, 0x41, 0xff])), target).command).toBe(
      String.raw`printf '\000A\377' | mosquitto_pub -h 127.0.0.1 -p 1883 -V mqttv5 -t a -q 0 -s`,
    )
  })

  test('secrets are not in it', () => {
    const connect = connectPacket({
      username: 'me',
      password: Buffer.from('hunter2'),
      properties: [
        { name: 'authenticationMethod', value: 'm' },
        { name: 'authenticationData', value: Buffer.from('hunter2') },
      ],
    })
    const { command, notes } = clientCommand(connect, target)
    expect(command).not.toContain('hunter2')
    expect(command).toContain('-u me -P "$MQTT_PASSWORD"')
    expect(command).toContain('-D connect authentication-data "$MQTT_AUTHENTICATION_DATA"')
    expect(notes.filter((note) => note.startsWith('Set the variable'))).toHaveLength(2)
  })

  test('certificates', () => {
    const tls = { caFile: 'lab ca.pem', certFile: 'c.pem', keyFile: 'k.pem' }
    expect(clientCommand(publishPacket('a'), { ...target, tls }).command).toContain(
      "--cafile 'lab ca.pem' --cert c.pem --key k.pem",
    )
  })

  test.each<[string, CommandPacket, Partial<CommandTarget>, RegExp]>([
    ['Keep Alive 0', connectPacket({ keepAlive: 0 }), {}, /Keep Alive is 65535 instead of 0/],
    ['Keep Alive 3', connectPacket({ keepAlive: 3 }), {}, /Keep Alive is 5 instead of 3/],
    ['a password alone', connectPacket({ password: Buffer.from('x') }), {}, /none without a user name/],
    ['a kept session without client ID', connectPacket({ clean: false }), {}, /needs a client ID: add -i/],
    [
      'a session for ever without client ID',
      connectPacket({ properties: [{ name: 'sessionExpiryInterval', value: 0xffff_ffff }] }),
      {},
      /needs a client ID: add -i/,
    ],
    ['a bridge', connectPacket({ level: 4, bridge: true }), {}, /not come as a bridge/],
    ['an unknown alias', publishPacket(''), {}, /topic is not known/],
    ['DUP', publishPacket('a', '', { dup: true }), {}, /DUP is not set/],
    [
      'Correlation Data with a NUL',
      publishPacket('a', '', { properties: [{ name: 'correlationData', value: Uint8Array.of(0) }] }),
      {},
      /Correlation Data \(1 byte\) is left out/,
    ],
    [
      'a Subscription Identifier',
      publishPacket('a', '', { properties: [{ name: 'subscriptionIdentifier', value: 7 }] }),
      {},
      /Subscription Identifier is left out/,
    ],
    [
      'QoS that differ',
      subscribePacket({
        subscriptions: ([0, 2] as const).map((qos) => ({
          filter: `a/${qos}`,
          qos,
          noLocal: qos === 0,
          retainAsPublished: qos === 0,
          retainHandling: qos,
        })),
      }),
      {},
      /QoS 2.*\n.*Retain As Published.*\n.*No Local.*\n.*Retain Handling/,
    ],
  ])('what it cannot do is told: %s', (_, packet, more, note) => {
    expect(clientCommand(packet, { ...target, ...more }).notes.join('\n')).toMatch(note)
  })
})

type Of<T extends PacketType> = Extract<Packet, { type: T }>

describeWith(['mosquitto-clients'], 'a real shell and the real programs', () => {
  let bench: TestBroker
  beforeAll(async () => {
    bench = await testBroker()
  })
  afterAll(() => bench.close())

  /** Runs the command that is printed for `packet`, and answers what of that type arrived. */
  async function arrived<T extends PacketType>(
    type: T,
    packet: CommandPacket,
    more: Partial<CommandTarget> = {},
  ): Promise<{ packet: Of<T>; notes: readonly string[] }> {
    const { command, notes } = clientCommand(packet, { host: '127.0.0.1', port: bench.port, ...more })
    const level: ProtocolLevel =
      packet.type === 'CONNECT' ? packet.level : (more.connect?.level ?? more.level ?? 5)
    const from = bench.recorder.frames.length
    const find = () =>
      bench.recorder.frames
        .slice(from)
        .filter(({ direction }) => direction === 'in')
        .map(({ bytes }) => decodePacket(bytes, level))
        .find((each): each is Of<T> => each.type === type)
    const env = { ...process.env, MQTT_PASSWORD: 'pass word' }
    const options = { env, timeout: 10_000 }
    // A subscriber has no end of its own unless it is told to end after the answer.
    const ending = command.includes('mosquitto_sub') && !command.endsWith(' -E') ? `${command} -E` : command
    await promisify(execFile)('/bin/sh', ['-c', ending], options)
    await expect.poll(find).toBeDefined()
    const found = find()
    if (found === undefined) throw new Error('gone')
    return { packet: found, notes }
  }

  const text = fc
    .string({ unit: 'grapheme', maxLength: 12 })
    .map((any) => any.replaceAll(/[\0+#]/g, '').toWellFormed())
  const topic = text.map((any) => `t/${any}`)
  const user = fc.tuple(text, text).map((value) => ({ name: 'userProperty', value }) as const)
  const properties: fc.Arbitrary<Properties> = fc
    .tuple(
      fc.array(user, { maxLength: 3 }),
      fc.option(fc.constantFrom('usp.msg', 'application/json; charset=UTF-8')),
      fc.option(topic),
      fc.option(fc.uint8Array({ maxLength: 8 }).map((bytes) => bytes.map((byte) => byte || 1))),
      fc.option(fc.integer({ min: 0, max: 0xffff_ffff })),
      fc.option(fc.integer({ min: 1, max: 10 })),
    )
    .map(([users, contentType, responseTopic, correlationData, messageExpiryInterval, topicAlias]) => [
      ...users,
      ...(contentType === null ? [] : [{ name: 'contentType', value: contentType } as const]),
      ...(responseTopic === null ? [] : [{ name: 'responseTopic', value: responseTopic } as const]),
      ...(correlationData === null || correlationData.at(-1) === 0x0a
        ? []
        : [{ name: 'correlationData', value: correlationData } as const]),
      ...(messageExpiryInterval === null
        ? []
        : [{ name: 'messageExpiryInterval', value: messageExpiryInterval } as const]),
      ...(topicAlias === null ? [] : [{ name: 'topicAlias', value: topicAlias } as const]),
      ...users.slice(0, 1),
    ])
  const payload = fc.oneof(
    text.map((any) => Buffer.from(any)),
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(
      Buffer.from(' {"a": "it\'s"}\n'),
      Buffer.from('-n'),
      Buffer.from('%s\\n'),
      Buffer.alloc(0),
    ),
  )

  /** Bytes compare as bytes, whether Buffer or not. */
  const plain = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (_, part: unknown) =>
        part instanceof Uint8Array || (typeof part === 'object' && part !== null && 'data' in part)
          ? Buffer.from(part as Uint8Array).toString('hex')
          : part,
      ),
    )

  test('PUBLISH: any payload, topic and properties in their order', async () => {
    await fc.assert(
      fc.asyncProperty(topic, payload, properties, fc.constantFrom(0, 1, 2), async (to, bytes, list, qos) => {
        const sent = publishPacket(to, Uint8Array.from(bytes), {
          qos: qos as 0 | 1 | 2,
          retain: qos === 1,
          properties: list,
        })
        const { packet, notes } = await arrived('PUBLISH', sent)
        const { packetId: _, ...rest } = packet
        expect({ ...rest, payload: Buffer.from(rest.payload).toString('hex') }).toMatchObject({
          dup: false,
          qos: sent.qos,
          retain: sent.retain,
          topic: sent.topic,
          payload: Buffer.from(sent.payload).toString('hex'),
        })
        expect(plain(rest.properties)).toEqual(plain(sent.properties))
        expect(notes).toEqual([])
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  test('PUBLISH of 100,000 bytes, longer than one argument may be', async () => {
    const long = Buffer.from('long text '.repeat(10_000))
    const { packet } = await arrived('PUBLISH', publishPacket('t', long))
    expect(Buffer.from(packet.payload).equals(long)).toBe(true)
  })

  test('PUBLISH by alias, with the topic that is known', async () => {
    const { packet } = await arrived('PUBLISH', publishPacket(''), { topic: 'known/by alias' })
    expect(packet.topic).toBe('known/by alias')
  })

  const full: ConnectPacket = connectPacket({
    clientId: "it's me",
    clean: false,
    keepAlive: 30,
    username: 'a user',
    password: Buffer.from('pass word'),
    will: {
      topic: 'will/topic',
      payload: Uint8Array.of(1, 0xff, 0x41),
      qos: 1,
      retain: true,
      properties: [
        { name: 'willDelayInterval', value: 5 },
        { name: 'userProperty', value: ['w', 'x y'] },
      ],
    },
    properties: [
      { name: 'requestResponseInformation', value: 1 },
      { name: 'userProperty', value: ['usp-endpoint-id', 'os::00256D-1'] },
      { name: 'receiveMaximum', value: 7 },
      { name: 'userProperty', value: ['usp-endpoint-id', 'again'] },
      // Its place means nothing, and the programs put it last.
      { name: 'sessionExpiryInterval', value: 60 },
    ],
  })

  test('CONNECT with everything', async () => {
    const { packet } = await arrived('CONNECT', full)
    expect(plain(packet)).toEqual(plain(full))
  })

  test('the connection of a PUBLISH', async () => {
    const { packet } = await arrived('CONNECT', publishPacket('a', 'x'), { connect: full })
    expect(plain(packet)).toEqual(plain(full))
  })

  test('a CONNECT that keeps its session but says nothing of expiry', async () => {
    const { packet } = await arrived('CONNECT', connectPacket({ clientId: 'c', clean: false, keepAlive: 60 }))
    expect(packet).toMatchObject({ clean: false })
    expect(packet.properties.some(({ name }) => name === 'sessionExpiryInterval')).toBe(false)
  })

  test.each([4, 3] as const)('MQTT 3.1.x, protocol level %i', async (level) => {
    const connect = { ...connectPacket({ clientId: 'old', keepAlive: 60, username: 'u' }), level }
    expect(plain((await arrived('CONNECT', connect)).packet)).toEqual(plain(connect))
    const publish = publishPacket('t/reply-to=a%2Fb', 'x', { qos: 1 })
    const { packet } = await arrived('PUBLISH', publish, { level })
    expect(packet).toMatchObject({ topic: 't/reply-to=a%2Fb', qos: 1 })
  })

  test('SUBSCRIBE with several filters', async () => {
    const sent = subscribePacket({
      subscriptions: ['agent/os::00256D-1', '+/a b/#'].map((filter) => ({
        filter,
        qos: 1,
        noLocal: false,
        retainAsPublished: true,
        retainHandling: 0,
      })),
      properties: [
        { name: 'userProperty', value: ['k', 'v'] },
        { name: 'subscriptionIdentifier', value: 300 },
      ],
    })
    const { packet, notes } = await arrived('SUBSCRIBE', sent)
    expect({ ...packet, packetId: 1 }).toEqual(sent)
    expect(notes).toEqual([])
  })
})
