import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { PROFILES_FILE, SECRETS_FILE, thisBench } from '../../../electron/engine/client/profiles.ts'
import type { PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import { agentTopic, controllerUser } from '../../../shared/usp/oktopus.ts'
import { startSimulated } from '../../support/simulated.ts'
import { WireClient } from '../../support/wire.ts'
import { clientBench, publishDraft, subscriptionDraft, type ClientBench } from './bench.ts'

let t: ClientBench

beforeEach(async () => {
  t = await clientBench()
})
afterEach(() => t.stop())

const call = () => t.engine.handlers
const user = (key: string, value: string): PropertyDraft => ({ name: 'userProperty', key, value })

describe('a connection', () => {
  test('the ready profile connects to this bench, and tells what CONNACK said in its order', async () => {
    await call()['client.connect']({ id: thisBench.id })
    await expect.poll(() => t.connection(thisBench.id)?.phase).toBe('connected')
    const connection = t.connection(thisBench.id)
    expect(connection).toMatchObject({ address: `mqtt://127.0.0.1:${t.port}`, clientId: thisBench.clientId })
    expect(connection?.connack.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'Reason',
        'Session present',
        'Response Information',
        'User Property subscribe-topic',
      ]),
    )
  })

  test('several at a time, over TCP and WebSocket, in MQTT 5.0 and 3.1.1', async () => {
    const { clientId } = await t.connect('five', { clientId: '' })
    expect(clientId).toMatch(/^oktobench-/)
    const four = await t.connect('four', { level: 4, target: { kind: 'bench', transport: 'ws' } })
    expect(four).toMatchObject({ phase: 'connected', address: `ws://127.0.0.1:${t.wsPort}/mqtt` })
    await call()['client.subscribe']({ id: 'four', subscription: subscriptionDraft('a/#', { qos: 2 }) })
    await t.publish('five', publishDraft('a/b', 'hello', { qos: 2 }))
    await expect.poll(() => t.connection('four')?.in.messages).toBe(1)
    expect(await t.log('four', 'mqtt.topic == "a/b"')).toMatchObject([
      { payload: 'hello', colour: 'blue', topic: 'a/b' },
    ])
  })

  test('says what is wrong when nothing listens, and when the listener is off', async () => {
    const nowhere = { kind: 'broker', transport: 'tcp', host: '127.0.0.1', port: 1, path: '' } as const
    expect((await t.connect('a', { target: nowhere })).message).toMatch(
      /^Nothing listens at mqtt:\/\/127.0.0.1:1: check address and port/,
    )
    await call()['listeners.set']({ transport: 'ws', enabled: false })
    expect((await t.connect('b', { target: { kind: 'bench', transport: 'ws' } })).message).toMatch(
      /^The WS listener of this bench is off: turn it on under Bench/,
    )
    expect(await t.log('a')).toMatchObject([{ type: 'NOTE', bad: true }])
  })

  test('the rules of the bench judge it as any other, and a refusal is told with its reason', async () => {
    await call()['access.setOpen']({ open: false })
    expect(await t.connect('engineer', { username: 'engineer' })).toMatchObject({ phase: 'connected' })
    await call()['client.subscribe']({ id: 'engineer', subscription: subscriptionDraft('#') })
    expect(t.connection('engineer')?.subscriptions).toEqual([
      { filter: '#', state: 'refused', text: 'Not authorized (0x87)' },
    ])
    await t.publish('engineer', publishDraft('oktopus/usp/v1/agent/x', 'no', { qos: 1 }))
    await expect
      .poll(async () => (await t.log('engineer', 'mqtt.msgtype == PUBLISH'))[0]?.outcome)
      .toMatchObject({ text: 'PUBACK Not authorized', bad: true })
    expect((await t.connect('stranger', { username: 'stranger' }, { password: 'x' })).message).toMatch(
      /Bad User Name or Password \(0x86\).*Check user name and password/,
    )
  })

  test('is made anew when the broker ends it, with its subscriptions', async () => {
    await t.connect('a', { reconnect: 1, subscriptions: [subscriptionDraft('x')], username: 'a' })
    await call()['devices.disconnect']({ endpointId: 'a' })
    await expect
      .poll(() => t.connection('a')?.message)
      .toMatch(/^The broker ended the connection: Administrative action/)
    expect(t.connection('a')?.phase).toBe('waiting')
    await expect.poll(() => t.connection('a')?.phase, { timeout: 5000 }).toBe('connected')
    await expect.poll(() => t.connection('a')?.subscriptions[0]?.state).toBe('granted')
  })
})

describe('publish and subscribe', () => {
  test('properties travel in their order both ways, repeated names included', async () => {
    const properties: PropertyDraft[] = [
      user('b', '1'),
      { name: 'contentType', value: 'text/plain' },
      user('a', '2'),
      user('b', '3'),
      { name: 'correlationData', value: '00 ff', hex: true },
      user('', ''),
      user('__proto__', '4'),
    ]
    const pairs = [
      ['b', '1'],
      ['a', '2'],
      ['b', '3'],
      ['', ''],
      ['__proto__', '4'],
    ]
    await t.connect('a', { properties: [user('z', '1'), user('y', '2'), user('z', '3')] })
    await call()['client.subscribe']({
      id: 'a',
      subscription: subscriptionDraft('t', {
        properties: [user('s2', ''), { name: 'subscriptionIdentifier', value: '7' }, user('s1', '')],
      }),
    })
    const reader = await WireClient.open(t.port)
    await reader.hello({ clientId: 'reader' })
    await reader.subscribe('t', 1)
    await t.publish('a', publishDraft('t', 'x', { qos: 1, properties }))
    expect(userProperties((await reader.next('PUBLISH')).properties)).toEqual(pairs)
    reader.destroy()

    await expect
      .poll(async () => (await t.log('a', 'frame.direction == in and mqtt.msgtype == PUBLISH')).length)
      .toBe(1)
    const [received] = await t.log('a', 'frame.direction == in and mqtt.msgtype == PUBLISH')
    const { fields, view, payload } = await call()['client.packet']({ no: received?.no ?? 0 })
    const shown: string[] = []
    const walk = (list: typeof fields): void => {
      for (const { name, text, children = [] } of list) {
        if (name === 'mqtt.prop.user') shown.push(text)
        walk(children)
      }
    }
    walk(fields)
    expect(shown).toEqual(['b = 1', 'a = 2', 'b = 3', ' = ', '__proto__ = 4'])
    expect([view, Buffer.from(payload ?? []).toString()]).toEqual(['text', 'x'])
    expect(
      await t.log('a', 'mqtt.prop.subscription_identifier == 7 and mqtt.msgtype == PUBLISH'),
    ).toHaveLength(1)

    // What the capture saw on the wire.
    const order = async (type: string) => {
      const filter = `device == "engineer" and frame.direction == in and mqtt.msgtype == ${type}`
      await expect.poll(() => t.rows(filter)).toHaveLength(1)
      const [row] = await t.rows(filter)
      const { bytes } = await call()['packets.get']({ capture: 'live', no: row?.no ?? 0 })
      const packet = decodePacket(bytes, 5)
      return 'properties' in packet ? packet.properties.map((one) => one.name) : []
    }
    expect(await order('PUBLISH')).toEqual(properties.map(({ name }) => name))
    expect(await order('SUBSCRIBE')).toEqual(['userProperty', 'subscriptionIdentifier', 'userProperty'])
    expect(await order('CONNECT')).toEqual(['userProperty', 'userProperty', 'userProperty'])
  })

  test('QoS 1 and 2 end with their reason and time, and topic aliases are resolved', async () => {
    await t.connect('a')
    await call()['client.subscribe']({ id: 'a', subscription: subscriptionDraft('t/#', { qos: 2 }) })
    const alias: PropertyDraft = { name: 'topicAlias', value: '1' }
    await t.publish('a', publishDraft('t/1', 'one', { qos: 2, properties: [alias] }))
    await t.publish('a', publishDraft('', 'two', { qos: 1, properties: [alias] }))
    await expect.poll(() => t.connection('a')?.in.messages).toBe(2)
    await expect.poll(() => t.connection('a')?.unacknowledged).toBe(0)
    const sent = await t.log('a', 'mqtt.msgtype == PUBLISH and frame.direction == out')
    expect(sent).toMatchObject([
      { topic: 't/1', outcome: { text: 'PUBCOMP Success', bad: false } },
      { topic: 't/1', outcome: { text: 'PUBACK Success', bad: false } },
    ])
    await expect(
      t.publish('a', publishDraft('', 'x', { properties: [{ name: 'topicAlias', value: '2' }] })),
    ).rejects.toThrow('The Topic Alias 2 stands for no topic yet')
    await expect(t.publish('a', publishDraft('a/+', 'x'))).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'The topic holds the wildcard +.',
      detail: 'topic',
    })
  })

  test('publishes many times, with a number in each, and can be stopped', async () => {
    await t.connect('a')
    await call()['client.subscribe']({ id: 'a', subscription: subscriptionDraft('n/#') })
    const draft = publishDraft('n/${n}', '${what} ${n}')
    await t.publish('a', draft, { variables: { what: 'message' }, repeat: { times: 50, intervalMs: 1 } })
    await expect.poll(() => t.connection('a')?.in.messages).toBe(50)
    expect((await t.log('a', 'mqtt.topic == "n/50" and frame.direction == in'))[0]?.payload).toBe(
      'message 50',
    )
    await t.publish('a', publishDraft('n/x', ''), { repeat: { times: 1000, intervalMs: 60_000 } })
    expect(t.connection('a')?.repeat).toEqual({ sent: 1, times: 1000 })
    await expect(t.publish('a', draft, { repeat: { times: 2, intervalMs: 1 } })).rejects.toMatchObject({
      code: 'conflict',
    })
    await call()['client.stop']({ id: 'a' })
    expect(t.connection('a')?.repeat).toBeUndefined()
  })
})

describe('requests', () => {
  test('an answer is paired and timed; a second one is a duplicate, one after the time-out is late', async () => {
    await t.connect('asker')
    const device = await WireClient.open(t.port)
    await device.hello({ clientId: 'device' })
    await device.subscribe('ask', 0)
    const answer = async (times: number, quiet = false) => {
      const { properties } = await device.next('PUBLISH')
      const topic = properties.find(({ name }) => name === 'responseTopic')?.value as string
      const correlation = properties.filter(({ name }) => name === 'correlationData')
      expect(correlation).toHaveLength(1)
      for (let i = 0; i < times; i++)
        device.send({
          type: 'PUBLISH',
          dup: false,
          qos: 0,
          retain: false,
          topic,
          properties: quiet ? [] : correlation,
          payload: Buffer.from('yes'),
        })
      return topic
    }
    const no = await t.publish('asker', publishDraft('ask', '?'), { request: { timeoutMs: 5000 } })
    const topic = await answer(2)
    // Not the Response Information of the bench: it is the topic of an agent.
    expect(topic).toBe('reply/asker')
    await expect
      .poll(async () => (await call()['client.packet']({ no: no ?? 0 })).row.request?.answers.length)
      .toBe(2)
    const { row } = await call()['client.packet']({ no: no ?? 0 })
    expect(row.request).toMatchObject({ state: 'answered', ms: expect.any(Number) as number })
    const answers = await t.log('asker', 'mqtt.msgtype == PUBLISH and frame.direction == in')
    expect(answers.map(({ answers: one }) => [one?.no, one?.kind, one?.by])).toEqual([
      [no, 'answered', 'correlation'],
      [no, 'duplicate', 'correlation'],
    ])

    const late = await t.publish('asker', publishDraft('ask', '?'), { request: { timeoutMs: 1 } })
    await expect
      .poll(async () => (await call()['client.packet']({ no: late ?? 0 })).row.request?.state)
      .toBe('timeout')
    await answer(1)
    await expect
      .poll(async () => (await call()['client.packet']({ no: late ?? 0 })).row.request?.state)
      .toBe('late')

    const plain = await t.publish('asker', publishDraft('ask', '?'), { request: { timeoutMs: 5000 } })
    await answer(1, true)
    await expect
      .poll(async () => (await t.log('asker')).at(-1)?.answers)
      .toMatchObject({ no: plain, by: 'topic', kind: 'answered' })
    device.destroy()
  })

  test('a USP device is asked with a Record, and its answer found by the msg_id', async () => {
    await t.connect('asker')
    const endpointId = 'os::02005E-CLIENT'
    const device = await startSimulated({ port: t.port, endpointId })
    const text = '{"get": {"param_paths": ["Device.DeviceInfo.Manufacturer"]}}'
    const payload = { form: 'usp', text, toId: endpointId, fromId: controllerUser } as const
    const no = await t.publish('asker', publishDraft(agentTopic(endpointId), '', { payload }), {
      request: { timeoutMs: 5000 },
    })
    await expect
      .poll(async () => (await t.log('asker', 'usp.type == GET_RESP'))[0]?.answers)
      .toMatchObject({ no, kind: 'answered', by: 'msg_id' })
    await device.stop()
  })
})

describe('what is kept', () => {
  test('secrets stand in a file of their own and never come out again', async () => {
    await t.connect(
      'a',
      { username: 'me', properties: [{ name: 'authenticationMethod', value: 'm' }] },
      { password: 'pass-1', authenticationData: 'data-1' },
    )
    expect(t.engine.current('clientProfiles').at(-1)).toMatchObject({
      id: 'a',
      secrets: ['password', 'authenticationData'],
    })
    const told = JSON.stringify([t.engine.current('clientProfiles'), t.engine.current('clients')])
    expect(told).not.toMatch(/pass-1|data-1/)
    expect(await readFile(join(t.folder, PROFILES_FILE), 'utf8')).not.toMatch(/pass-1|data-1/)
    const secrets = join(t.folder, SECRETS_FILE)
    expect((await stat(secrets)).mode & 0o077).toBe(0)
    expect(await readFile(secrets, 'utf8')).toContain('pass-1')
    const [connect] = await t.log('a', 'mqtt.msgtype == CONNECT')
    const detail = await call()['client.packet']({ no: connect?.no ?? 0 })
    expect(Buffer.from(detail.bytes).toString('latin1')).not.toMatch(/pass-1|data-1/)

    const profile = t.engine.current('clientProfiles').at(-1)
    if (!profile) throw new Error('no profile')
    const { secrets: _, ...kept } = profile
    await call()['client.save']({ profile: kept, secrets: { password: null } })
    expect(t.engine.current('clientProfiles').at(-1)?.secrets).toEqual(['authenticationData'])
    expect(await readFile(secrets, 'utf8')).not.toContain('pass-1')
  })

  test('a publish is saved as a file that reads well, and comes back as it was', async () => {
    const publish = publishDraft('a/${x}', '{\n  "a": 1\n}', { properties: [user('k', 'v')] })
    const saved = await call()['publishes.save']({
      path: 'wifi/one.json',
      publish,
      note: 'n',
      variables: { x: 'y' },
    })
    expect(await call()['publishes.read']({ path: 'wifi/one.json' })).toEqual(saved)
    expect(saved).toMatchObject({ publish, note: 'n', variables: { x: 'y' } })
    expect(await call()['publishes.list']({ text: 'a/$' })).toMatchObject({
      publishes: [{ path: 'wifi/one.json', topic: 'a/${x}', note: 'n' }],
      left: 0,
    })
    expect(await readFile(join(t.folder, 'publishes/wifi/one.json'), 'utf8')).toContain('"  \\"a\\": 1"')
  })

  test('packets are saved as a capture that the bench reads back, connection by connection', async () => {
    const properties = [user('b', '1'), user('a', '2'), user('b', '3')]
    await t.connect('a', { username: 'me' }, { password: 'pass-1' })
    await t.publish('a', publishDraft('t', 'x', { properties }))
    await call()['client.connect']({ id: 'a' })
    await expect.poll(() => t.connection('a')?.phase).toBe('connected')
    const { file } = await call()['client.export']({ id: 'a' })
    const path = join(t.folder, file)
    expect((await readFile(path)).includes('pass-1')).toBe(false)
    const { job } = await call()['captures.import']({ path })
    const imported = () => t.engine.current('jobs').find(({ id }) => id === job)
    await expect.poll(() => imported()?.state, { timeout: 10_000 }).toBe('done')
    const id = imported()?.capture ?? ''
    await expect.poll(() => t.engine.current('captures').find((one) => one.id === id)?.state).toBe('open')
    const rows = await t.rows('', id)
    expect(rows.map(({ connection, direction, type }) => `${connection} ${direction} ${type}`)).toEqual([
      '1 in CONNECT',
      '1 out CONNACK',
      '1 in PUBLISH',
      '1 in DISCONNECT',
      '1 in TCP CLOSE',
      '2 in CONNECT',
      '2 out CONNACK',
    ])
    const { bytes } = await call()['packets.get']({ capture: id, no: 3 })
    const packet = decodePacket(bytes, 5)
    expect('properties' in packet && userProperties(packet.properties).map(([key]) => key)).toEqual([
      'b',
      'a',
      'b',
    ])
  })
})
