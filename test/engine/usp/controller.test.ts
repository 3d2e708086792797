import { afterEach, describe, expect, test } from 'vitest'
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { disconnectRecord, plainRecord } from '../../../shared/usp/build-record.ts'
import { encodeMsg, makeMsg } from '../../../shared/usp/codec.ts'
import { agentTopic, apiTopic, controllerTopic } from '../../../shared/usp/oktopus.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { errorMsg, TestAgent, type AgentOptions } from '../../support/usp-agent.ts'

const endpointId = 'os::00256D-1'
const values = { 'Device.DeviceInfo.ModelName': 'Router', 'Device.DeviceInfo.SerialNumber': '1' }
const get = (path: string) => ({ get: { param_paths: [path] } })

let bench: TestEngine
let agents: TestAgent[] = []
afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  agents = []
  await bench.stop()
})

async function start(overrides = {}): Promise<void> {
  bench = await testEngine({ 'usp.controller': true, 'usp.discover': false, ...overrides })
  await expect.poll(() => bench.engine.current('usp').controller.state).toBe('connected')
}

async function agent(options: Partial<AgentOptions> = {}): Promise<TestAgent> {
  const made = await TestAgent.connect({ port: bench.port, endpointId, values, ...options })
  agents.push(made)
  return made
}

const request = (message: object | string, more = {}): Promise<RequestReport> =>
  Promise.resolve(bench.engine.handlers['usp.request']({ endpointId, message: message as never, ...more }))
const history = async () =>
  (await bench.engine.handlers['devices.get']({ endpointId })).history.map(({ text }) => text)

describe('a request', () => {
  test('is answered, with its packets in the capture', async () => {
    await start()
    const device = await agent()
    const report = await request(get('Device.DeviceInfo.ModelName'))
    expect(report).toMatchObject({
      outcome: 'answered',
      kind: 'Get',
      topic: agentTopic(endpointId),
      failures: [],
      answer: {
        header: { msg_id: report.msgId, msg_type: 'GET_RESP' },
        body: {
          response: {
            get_resp: {
              req_path_results: [
                {
                  resolved_path_results: [
                    { resolved_path: 'Device.DeviceInfo.', result_params: { ModelName: 'Router' } },
                  ],
                },
              ],
            },
          },
        },
      },
    })
    expect(report.latencyMs).toBeGreaterThan(0)
    expect(device.received[0]).toMatchObject({
      contentType: 'usp.msg',
      incoming: { head: { fromId: 'oktopusController' } },
    })
    await bench.engine.handlers['packets.get']({ capture: 'live', no: 1 })
    const rows = await bench.rows()
    const row = (no = 0) => rows.find((one) => one.no === no)
    expect(row(report.requestPacket)).toMatchObject({
      direction: 'out',
      device: endpointId,
      topic: agentTopic(endpointId),
    })
    expect(row(report.answerPacket)).toMatchObject({
      direction: 'in',
      device: endpointId,
      topic: apiTopic(endpointId),
    })
    const { rows: devices } = await bench.engine.views
      .devices({ text: '', sort: 'endpointId', descending: false }, () => undefined)
      .read({ from: 0, count: 10, tail: false })
    // The controller itself is no device.
    expect(devices.map((one) => one.endpointId)).toEqual([endpointId])
  })

  test('works for MQTT 3.1.1, with reply-to both ways', async () => {
    await start()
    const device = await agent({ mqtt: 4 })
    expect(await request(get('Device.DeviceInfo.ModelName'))).toMatchObject({ outcome: 'answered' })
    const reply = apiTopic(endpointId).replaceAll('/', '%2F')
    expect(device.received[0]?.topic).toBe(`${agentTopic(endpointId)}/reply-to=${reply}`)
    await device.notify('n1', {
      subscriptionId: 's',
      sendResp: true,
      notification: { case: 'objDeletion', value: { objPath: 'Device.X.1.' } },
    })
    await expect.poll(() => device.msgs.length).toBe(2)
    expect(device.msgs[1]).toMatchObject({ header: { msgId: 'n1' } })
    expect(device.received[1]?.topic).toBe(
      `${agentTopic(endpointId)}/reply-to=${controllerTopic(endpointId).replaceAll('/', '%2F')}`,
    )
  })

  test('works within the default access rules, over the controller’s generated password', async () => {
    await start({ 'access.open': false, 'listeners.tcp.enabled': true })
    await bench.engine.handlers['access.user.set']({ username: endpointId, password: 'secret' })
    await agent({ username: endpointId, password: 'secret' })
    expect(await request(get('Device.DeviceInfo.ModelName'))).toMatchObject({ outcome: 'answered' })
    await bench.engine.handlers['access.user.generate']({ username: 'oktopusController' })
    expect(bench.engine.current('usp').controller.state).toBe('connected')
  })

  test('fails in words that say what to do', async () => {
    await start()
    expect(await request(get('Device.'))).toMatchObject({
      outcome: 'offline',
      text: expect.stringContaining('not connected'),
    })
    const device = await agent({
      answer: (msg) =>
        msg.header?.msgId === 'mute'
          ? null
          : msg.header?.msgId === 'denied'
            ? errorMsg(msg, 7006, 'no')
            : undefined,
    })
    expect(await request(get('Device.Nope'))).toMatchObject({
      outcome: 'answered',
      failures: [{ path: 'Device.Nope', code: 7026, name: 'Invalid path', text: 'Path is invalid' }],
      text: expect.stringContaining('supported data model'),
    })
    const as = (msg_id: string) => ({ header: { msg_id }, body: { request: get('Device.') } })
    expect(await request(as('denied'))).toMatchObject({
      outcome: 'error',
      error: { code: 7006, name: 'Permission denied' },
      text: expect.stringContaining('ControllerTrust'),
    })
    expect(await request(as('mute'), { timeoutMs: 150 })).toMatchObject({
      outcome: 'timeout',
      text: expect.stringContaining('doctor'),
    })
    await expect(request({ get: { param_path: [] } })).rejects.toThrow('did you mean param_paths')
    const waiting = request(as('mute'), { call: 'c' })
    await expect.poll(() => device.received.length).toBe(4)
    await expect(request(as('mute'))).rejects.toThrow('still waits')
    await bench.engine.handlers['usp.cancel']({ call: 'c' })
    expect(await waiting).toMatchObject({ outcome: 'cancelled' })
    await expect(async () => bench.engine.handlers['usp.cancel']({ call: 'c' })).rejects.toThrow(
      'ended already',
    )
    const left = request(as('mute'))
    await expect.poll(() => device.received.length).toBe(5)
    await device.close()
    expect(await left).toMatchObject({ outcome: 'offline' })
  })

  test('is not sent where nobody listens, or the device may not receive it', async () => {
    await start({ 'access.open': false })
    await bench.engine.handlers['access.user.set']({ username: endpointId, password: 'p' })
    await agent({ username: endpointId, password: 'p', filters: [`${agentTopic(endpointId)}/other`] })
    const report = await request(get('Device.'))
    expect(report.outcome).toBe('unreachable')
    expect(report.text).toContain(`${agentTopic(endpointId)}/other only`)
    // Its own wish is followed.
    await bench.engine.handlers['usp.configure']({
      endpointId,
      settings: { topic: `${agentTopic(endpointId)}/other` },
    })
    expect(await request(get('Device.DeviceInfo.'))).toMatchObject({ outcome: 'answered' })
    const { list } = bench.engine.current('access')
    const rules = list.rules.filter(({ id }) => id !== 'listen')
    await bench.engine.handlers['access.rules.save']({
      list: { ...list, rules },
      basedOn: list.version,
      note: '',
    })
    expect((await request(get('Device.'))).outcome).toBe('unreachable')
  })

  test('owes no answer with send_resp false', async () => {
    await start()
    const device = await agent()
    expect(await request({ operate: { command: 'Device.Reboot()' } })).toMatchObject({ outcome: 'sent' })
    await expect.poll(() => device.msgs.length).toBe(1)
  })

  test('travels in a session context, in segments', async () => {
    await start()
    const device = await agent()
    await bench.engine.handlers['usp.configure']({
      endpointId,
      settings: { sessionContext: true, segmentBytes: 64 },
    })
    const long = {
      get: {
        param_paths: [
          'Device.DeviceInfo.ModelName',
          ...Array.from({ length: 10 }, (_, i) => `Device.None${i}.Long`),
        ],
      },
    }
    for (let i = 0; i < 3; i++) {
      expect(await request(long)).toMatchObject({ outcome: 'answered', failures: { length: 10 } })
    }
    expect(device.received.length).toBeGreaterThan(6)
    const [first, second] = device.received.map(({ incoming }) =>
      incoming.kind === 'session' ? incoming.session : undefined,
    )
    expect(first).toMatchObject({ sarState: 'BEGIN', sequenceId: 1n })
    expect(second).toMatchObject({ sarState: 'INPROCESS', sequenceId: 2n, sessionId: first?.sessionId })
  })

  test('that the device rejects as a Record is told with the code', async () => {
    await start()
    const device = await agent({ answer: () => null })
    const waiting = request(get('Device.'), { sessionContext: true })
    await expect.poll(() => device.received.length).toBe(1)
    // As OB-USP-A does: it says so and hangs up.
    await device.send(disconnectRecord(device.head, 7106, 'no sessions here'))
    await device.client.endAsync()
    expect(await waiting).toMatchObject({
      outcome: 'rejected',
      error: { code: 7106, text: 'no sessions here' },
      text: expect.stringContaining('switch that off'),
    })
  })
})

describe('what a device says', () => {
  test('a Notify is listed, answered when it asks for that, and its retries are counted', async () => {
    await start()
    const device = await agent()
    const value = {
      objPath: 'Device.',
      eventName: 'Boot!',
      params: { Cause: 'LocalReboot', FirmwareUpdated: 'false' },
    }
    const boot = { subscriptionId: 'boot', sendResp: true, notification: { case: 'event', value } }
    await device.notify('1', boot)
    await device.notify('1', boot)
    await device.notify('2', {
      ...boot,
      sendResp: false,
      notification: { case: 'valueChange', value: { paramPath: 'Device.X.Y', paramValue: '5' } },
    })
    const view = bench.engine.views.notifications({ endpointId: '', text: '' }, () => undefined)
    await expect.poll(async () => (await view.read({ from: 0, count: 10, tail: false })).rows.length).toBe(2)
    const { rows } = await view.read({ from: 0, count: 10, tail: false })
    expect(rows).toMatchObject([
      {
        no: 1,
        endpointId,
        kind: 'Event',
        path: 'Device.Boot!',
        text: 'Cause = LocalReboot, FirmwareUpdated = false',
        retries: 1,
        answered: true,
        packet: expect.any(Number),
      },
      { no: 2, kind: 'ValueChange', path: 'Device.X.Y', text: '5', retries: 0, answered: false },
    ])
    expect(await bench.engine.handlers['usp.notification']({ no: 1 })).toMatchObject({
      msg: { body: { request: { notify: { subscription_id: 'boot', event: { event_name: 'Boot!' } } } } },
    })
    // Both times, since the first answer may have been lost (R-NOT.10).
    await expect.poll(() => device.msgs.length).toBe(2)
    expect(device.msgs[0]?.body?.msgBody).toMatchObject({
      value: { respType: { case: 'notifyResp', value: { subscriptionId: 'boot' } } },
    })
    const { usp } = await bench.engine.handlers['devices.get']({ endpointId })
    expect(usp).toMatchObject({
      recordVersion: '1.3',
      lastBoot: { cause: 'LocalReboot', firmwareUpdated: false },
    })
    await bench.engine.handlers['usp.clearNotifications'](undefined)
    expect((await view.read({ from: 0, count: 10, tail: false })).rows).toEqual([])
    view.close()
  })

  test('an OperationComplete is linked with its Operate', async () => {
    await start()
    const device = await agent({ answer: () => null })
    const operate = { operate: { command: 'Device.Test()', command_key: 'k', send_resp: true } }
    const report = request(operate, { timeoutMs: 100 })
    await expect.poll(() => device.msgs.length).toBe(1)
    const done = {
      objPath: 'Device.',
      commandName: 'Test()',
      commandKey: 'k',
      operationResp: { case: 'reqOutputArgs', value: { outputArgs: { Result: 'ok' } } },
    }
    await device.notify('n', { subscriptionId: 's', notification: { case: 'operComplete', value: done } })
    const { msgId } = await report
    const view = bench.engine.views.notifications({ endpointId, text: 'test' }, () => undefined)
    await expect
      .poll(async () => (await view.read({ from: 0, count: 1, tail: false })).rows)
      .toMatchObject([{ kind: 'OperationComplete', text: 'Result = ok', operateMsgId: msgId }])
    view.close()
  })

  test('requests to the controller, and what it cannot read, are answered as the standard says', async () => {
    await start()
    const device = await agent()
    const ask = makeMsg({
      header: { msgId: 'q', msgType: 1 },
      body: { msgBody: { case: 'request', value: { reqType: { case: 'get', value: {} } } } },
    })
    await device.send(plainRecord(device.head, encodeMsg(ask)))
    await expect
      .poll(() => device.msgs.at(-1)?.body?.msgBody)
      .toMatchObject({ case: 'error', value: { errCode: 7001 } })
    // For somebody else, or from somebody else: left alone.
    await device.send(plainRecord({ ...device.head, toId: 'other' }, encodeMsg(ask)))
    await device.send(plainRecord({ ...device.head, fromId: 'os::other' }, encodeMsg(ask)))
    // A late answer, and one that nobody asked for.
    await device.send(plainRecord(device.head, encodeMsg(errorMsg(ask, 7000))))
    await expect
      .poll(history)
      .toEqual(
        expect.arrayContaining([
          'a Record for other, not for oktopusController, was left alone',
          expect.stringContaining('from_id os::other'),
          expect.stringContaining('the answer q came although nobody asked'),
        ]),
      )
    expect(device.msgs).toHaveLength(1)
  })

  test('a Connect Record of another MQTT version is refused until it is mended (R-MQTT.26a)', async () => {
    await start()
    const device = await agent()
    await device.sayConnect('3.1.1')
    await expect
      .poll(() => device.received.at(-1)?.incoming)
      .toMatchObject({ kind: 'disconnect', code: 7104 })
    expect(await request(get('Device.DeviceInfo.'))).toMatchObject({
      outcome: 'unreachable',
      text: expect.stringContaining('R-MQTT.26a'),
    })
    await device.sayConnect('5.0')
    await expect.poll(async () => (await request(get('Device.DeviceInfo.'))).outcome).toBe('answered')
    expect((await bench.engine.handlers['devices.get']({ endpointId })).usp?.mtps.at(-1)).toMatchObject({
      mqttVersion: '5.0',
      topic: agentTopic(endpointId),
    })
  })
})

test('a Record by hand goes out as it is', async () => {
  await start()
  const device = await agent()
  const record = Uint8Array.of(1, 2, 3)
  const properties = {
    contentType: 'x',
    userProperties: [
      ['a', '1'],
      ['a', '2'],
    ] as [string, string][],
  }
  await bench.engine.handlers['usp.sendRecord']({ endpointId, record, properties })
  await expect
    .poll(() => device.received)
    .toMatchObject([{ contentType: 'x', incoming: { kind: 'fault', code: 7100 } }])
  await expect(async () =>
    bench.engine.handlers['usp.sendRecord']({ endpointId: 'nobody', record }),
  ).rejects.toThrow('say to which topic')
})

test('the controller does without the listeners for devices, and a switched-off one says so', async () => {
  await start({ 'listeners.tcp.enabled': false })
  expect(bench.engine.current('usp').controller).toMatchObject({
    state: 'connected',
    listener: expect.stringContaining('127.0.0.1'),
  })
  const off = await testEngine()
  expect(off.engine.current('usp').controller.state).toBe('off')
  await expect(async () => off.engine.handlers['usp.discover']({ endpointId })).rejects.toThrow(
    '--no-controller',
  )
  await off.stop()
})

describe('a device that arrives', () => {
  const info = {
    'Device.DeviceInfo.Manufacturer': 'ACME',
    'Device.DeviceInfo.ModelName': 'Router',
    'Device.DeviceInfo.SoftwareVersion': '1.2',
    'Device.DeviceInfo.SerialNumber': '007',
    'Device.DeviceInfo.ProductClass': 'HGW',
  }
  test('is asked who it is, one question at a time', async () => {
    await start({ 'usp.discover': true })
    const device = await agent({ values: info })
    const usp = async () => (await bench.engine.handlers['devices.get']({ endpointId })).usp
    await expect.poll(async () => (await usp())?.discovery.state).toBe('done')
    expect(await usp()).toMatchObject({
      manufacturer: 'ACME',
      modelName: 'Router',
      softwareVersion: '1.2',
      serialNumber: '007',
      productClass: 'HGW',
      supportedVersions: ['1.0', '1.1', '1.2', '1.3'],
      latencyMs: expect.any(Number),
    })
    expect(device.received.map(({ topic }) => topic)).toEqual(Array(6).fill(agentTopic(endpointId)))
    const view = bench.engine.views.devices(
      { text: 'acme 007', sort: 'endpointId', descending: false },
      () => undefined,
    )
    expect((await view.read({ from: 0, count: 10, tail: false })).total).toBe(1)
    view.close()
  })

  test('that lacks a parameter is known in part, and is asked again on demand', async () => {
    await start({ 'usp.discover': true })
    const { 'Device.DeviceInfo.ProductClass': _, ...less } = info
    const device = await agent({ values: less })
    const discovery = async () => (await bench.engine.handlers['devices.get']({ endpointId })).usp?.discovery
    await expect
      .poll(discovery)
      .toMatchObject({ state: 'partly', text: expect.stringContaining('ProductClass') })
    await bench.engine.handlers['usp.discover']({ endpointId })
    await expect.poll(() => device.received.length).toBe(12)
  })
})
