/** Devices of another broker, beside a bench. */
import { connectAsync, type IClientPublishOptions, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hear } from '../../../electron/cli/relay-heard.ts'
import { Relay } from '../../../electron/cli/relay.ts'
import { disconnectRecord, mqttConnectRecord, plainRecord } from '../../../shared/usp/build-record.ts'
import { encodeMsg, msgFromJson } from '../../../shared/usp/codec.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  controllerUser,
  joinReplyTo,
  splitReplyTo,
  statusTopic,
} from '../../../shared/usp/oktopus.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { startMosquitto, type Mosquitto } from '../../support/mosquitto.ts'
import { startSimulated } from '../../support/simulated.ts'
import { describeWith } from '../../support/tools.ts'

const device = 'os::02005E-RELAY1'
const other = 'os::02005E-RELAY2'
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

const head = { version: '1.3', toId: controllerUser, fromId: device }
const connectedRecord = (): Uint8Array => mqttConnectRecord(head, '5.0', agentTopic(device))

test('a message tells the version of MQTT, and where its device listens', () => {
  const topic = controllerTopic(device)
  const payload = connectedRecord()
  const [own, api] = [agentTopic(device), apiTopic(device)]
  expect(hear({ topic, payload, properties: { responseTopic: own } })).toMatchObject({
    from: device,
    says: 'connect',
    level: 5,
    agentTopic: own,
  })
  expect(hear({ topic: joinReplyTo(topic, own), payload })).toMatchObject({ level: 4, agentTopic: own })
  expect(hear({ topic: api, payload: disconnectRecord(head, 7105, 'x') })).toMatchObject({
    says: 'disconnect',
    level: undefined,
    agentTopic: undefined,
  })
  expect(hear({ topic: joinReplyTo(topic, 'agent/+'), payload: Uint8Array.of(1) })).toEqual({
    from: '',
    msgId: undefined,
    says: undefined,
    level: 4,
    agentTopic: undefined,
  })
})

describeWith(['mosquitto'], 'a relay before Mosquitto', () => {
  let mosquitto: Mosquitto
  let bench: TestEngine
  let spy: MqttClient
  let heard: { topic: string; payload: Buffer }[]
  let troubles: string[]
  let ends: (() => Promise<unknown>)[]

  beforeEach(async () => {
    ends = []
    troubles = []
    mosquitto = await startMosquitto()
    bench = await testEngine({ 'usp.controller': true, 'usp.discover': false })
    spy = await connectAsync(`mqtt://127.0.0.1:${mosquitto.port}`, { protocolVersion: 5 })
    heard = []
    spy.on('message', (topic, payload) => heard.push({ topic, payload }))
    await spy.subscribeAsync('#')
    await eventually(() => bench.engine.current('usp').controller.state).toBe('connected')
  })
  afterEach(async () => {
    for (const end of ends.toReversed()) await end()
    await spy.endAsync(true)
    await bench.stop()
    await mosquitto.stop()
  })

  async function relay(id = device): Promise<void> {
    const made = new Relay({
      device: id,
      broker: { host: '127.0.0.1', port: mosquitto.port, isTls: false },
      port: bench.port,
      onTrouble: (text) => troubles.push(text),
    })
    ends.push(() => made.stop())
    await made.start()
  }
  async function simulated(endpointId: string, mqtt: 4 | 5) {
    const agent = await startSimulated({ port: mosquitto.port, endpointId, identity: { mqtt }, haste: 20 })
    ends.push(() => agent.stop())
    return agent
  }
  const seen = async (id = device) => {
    const found = await bench.engine.handlers['devices.get']({ endpointId: id })
    return found.online ? [found.version, found.subscriptions.map(({ filter }) => filter)] : 'away'
  }
  const ask = () =>
    bench.engine.handlers['usp.request']({
      endpointId: device,
      message: { get: { param_paths: ['Device.DeviceInfo.Manufacturer'] } },
    })

  test.each([
    [5, '5.0', agentTopic(device), agentTopic(device)],
    [4, '3.1.1', `${agentTopic(device)}/#`, joinReplyTo(agentTopic(device), apiTopic(device))],
  ] as const)(
    'finds an agent of MQTT level %i that said nothing, and speaks to it as it does',
    async (mqtt, version, filter, to) => {
      await simulated(device, mqtt)
      await simulated(other, 5)
      await relay()
      await eventually(() => seen()).toEqual([version, [filter]])
      heard = []
      expect(await ask()).toMatchObject({ outcome: 'answered' })
      const asked = heard.filter(({ payload }) => peekRecord(payload, 0, payload.length)?.msgType === 'GET')
      expect(asked.map(({ topic }) => topic)).toEqual([to])
      // Nobody else is asked, and nobody else is here.
      expect(heard.filter(({ topic }) => topic.startsWith(agentTopic(other)))).toEqual([])
      await expect(seen(other)).rejects.toMatchObject({ code: 'not-found' })
    },
  )

  test('takes none to be there that was not heard', async () => {
    await relay()
    await expect(seen()).rejects.toMatchObject({ code: 'not-found' })
    await simulated(device, 5)
    await eventually(() => seen().catch(() => 'unknown')).toEqual(['5.0', [agentTopic(device)]])
  })

  test('hears a device on the topic that all share, and asks it where it listens', async () => {
    await relay()
    const publish = (
      topic: string,
      record: Uint8Array,
      properties: IClientPublishOptions['properties'] = {},
    ) => spy.publishAsync(topic, Buffer.from(record), { qos: 1, properties })
    const shared = 'oktopus/usp/v1/controller'
    await publish(shared, mqttConnectRecord({ ...head, fromId: other }, '5.0', 'lab/x'))
    await publish(shared, connectedRecord(), { responseTopic: 'lab/agent', contentType: 'usp.msg' })
    await eventually(() => seen().catch(() => 'unknown')).toEqual(['5.0', [agentTopic(device), 'lab/agent']])
    await expect(seen(other)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('follows it: gone by its status and its last Record, there again with another version', async () => {
    // No agent: one that runs repeats what nobody answered whenever it likes, and is there again by that.
    const say = (topic: string, record: Uint8Array, properties?: IClientPublishOptions['properties']) =>
      spy.publishAsync(topic, Buffer.from(record), { qos: 1, ...(properties && { properties }) })
    const comes = () => say(controllerTopic(device), connectedRecord(), { responseTopic: agentTopic(device) })
    await relay()
    await comes()
    await eventually(() => seen().catch(() => 'unknown')).toEqual(['5.0', [agentTopic(device)]])
    await spy.publishAsync(statusTopic(device), '0', { qos: 1 })
    await eventually(() => seen()).toBe('away')
    heard = []
    await spy.publishAsync(statusTopic(device), '1', { qos: 1 })
    await eventually(() => heard.filter(({ topic }) => topic === agentTopic(device)).length).toBe(1)
    await comes()
    await eventually(() => seen()).toEqual(['5.0', [agentTopic(device)]])
    await say(controllerTopic(device), disconnectRecord(head, 7105, 'bye'))
    await eventually(() => seen()).toBe('away')
    await say(joinReplyTo(controllerTopic(device), agentTopic(device)), connectedRecord())
    await eventually(() => seen()).toEqual(['3.1.1', [`${agentTopic(device)}/#`]])
  })

  test('is told why it cannot: credentials, a broker that goes and comes', async () => {
    const strict = await startMosquitto({ more: ['allow_anonymous false'] })
    ends.push(() => strict.stop())
    const broker = { host: '127.0.0.1', port: strict.port, isTls: false }
    const made = new Relay({ device, broker, port: bench.port, onTrouble: () => undefined })
    ends.push(() => made.stop())
    await expect(made.start()).rejects.toThrow(/refuses the connection .*--broker-user/)
    await relay()
    await mosquitto.stop()
    await eventually(() => troubles.length).toBe(1)
    mosquitto = await startMosquitto({ port: mosquitto.port })
    await eventually(() => troubles.at(-1)).toContain('is back')
  })

  test('lets a request of the bench through once, and answers nothing itself', async () => {
    await simulated(device, 5)
    await relay()
    await eventually(() => seen().catch(() => 'unknown')).toEqual(['5.0', [agentTopic(device)]])
    const rows = await bench.rows('usp.type == GET_SUPPORTED_PROTO_RESP')
    expect(rows).toEqual([])
    heard = []
    const msg = msgFromJson({
      header: { msg_id: 'n1', msg_type: 'NOTIFY' },
      body: {
        request: {
          notify: {
            subscription_id: 's',
            send_resp: true,
            on_board_req: {
              oui: '02005E',
              product_class: 'x',
              serial_number: '1',
              agent_supported_protocol_versions: '1.3',
            },
          },
        },
      },
    })
    const record = Buffer.from(plainRecord(head, encodeMsg(msg)))
    const properties = { responseTopic: agentTopic(device), contentType: 'usp.msg' }
    await spy.publishAsync(controllerTopic(device), record, { qos: 1, properties })
    const answers = () =>
      heard.filter(({ topic, payload }) => {
        const peek = peekRecord(payload, 0, payload.length)
        return splitReplyTo(topic).topic === agentTopic(device) && peek?.msgType === 'NOTIFY_RESP'
      })
    await eventually(() => answers().length).toBe(1)
  })
})
