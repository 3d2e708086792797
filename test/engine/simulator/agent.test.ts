/** What the agent does by itself: Connect Record, Boot!, notifications, retries, restarts. */
import { describe, expect, test } from 'vitest'
import { MAX_NEW_ROWS } from '../../../electron/engine/simulator/data-model.ts'
import { MAX_WAITING } from '../../../electron/engine/simulator/notifier.ts'
import { MAX_RUNNING } from '../../../electron/engine/simulator/requests.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { controllerTopic, endpointId, replyTopic, rig, setOf, subscribe, type Rig } from './rig.ts'

const boot = { objPath: 'Device.', eventName: 'Boot!' }
const CONTROLLER = 'Device.LocalAgent.Controller.1.'

function connected(...args: Parameters<typeof rig>): Rig {
  const made = rig(...args)
  made.agent.connected('oktopus/usp/v1/agent/x', {})
  made.world.pass(1)
  for (const { json } of made.take()) {
    const header = { msgId: String(json['header']?.['msgId'] ?? ''), msgType: 'NOTIFY_RESP' }
    made.give({ header, body: { response: { notifyResp: {} } } })
  }
  made.notifications()
  return made
}

const value = ({ ask }: Rig, path: string): unknown => {
  const found = ask({ get: { paramPaths: [path] } })?.['response']?.['getResp']?.['reqPathResults']?.[0]
  return found?.['resolvedPathResults']?.[0]?.['resultParams']?.[path.split('.').at(-1) ?? '']
}

describe('a start', () => {
  test('says the Connect Record first, then Boot! once', () => {
    const { agent, world, take } = rig()
    agent.connected('my/topic', { clientId: 'given' })
    world.pass(1)
    const [first, second, ...rest] = take()
    expect(first).toMatchObject({
      topic: controllerTopic(endpointId),
      json: {
        version: '1.3',
        toId: 'oktopusController',
        mqttConnect: { version: 'V5', subscribedTopic: 'my/topic' },
      },
    })
    expect(second?.json['body']?.['request']?.['notify']).toMatchObject({
      subscriptionId: 'default-boot-event-ACS',
      sendResp: true,
      event: {
        ...boot,
        params: {
          CommandKey: '',
          Cause: 'LocalFactoryReset',
          FirmwareUpdated: 'false',
          ParameterMap: `{"Device.LocalAgent.EndpointID":"${endpointId}"}`,
        },
      },
    })
    expect(second?.json['header']?.['msgId']).toMatch(/^Event-2026-11-22T09:00:00Z-1$/)
    expect(rest).toEqual([])

    agent.disconnected()
    agent.connected('my/topic', {})
    world.pass(1)
    expect(take().map(({ json }) => Object.keys(json).at(-1))).toEqual(['mqttConnect'])
  })

  test('Boot! is retried with the same bytes, later and later, until NotifyResp comes', () => {
    const { agent, world, take, give } = rig()
    agent.connected('t', {})
    world.pass(0.1)
    const [, first] = take()
    const times: number[] = []
    for (let second = 1; second <= 100; second++) {
      world.pass(1)
      for (const again of take()) {
        times.push(second)
        expect(again.payload).toEqual(first?.payload)
      }
    }
    // With no chance in it: 5, then 10, 20, 40 s after the one before.
    expect(times).toEqual([5, 15, 35, 75])
    const msgId = String(first?.json['header']?.['msgId'])
    give({
      header: { msgId, msgType: 'NOTIFY_RESP' },
      body: { response: { notifyResp: { subscriptionId: 'x' } } },
    })
    world.pass(100_000)
    expect(take()).toEqual([])
  })

  test('what comes due without a connection goes out with the next one, once', () => {
    const { agent, ask, line, world, take, notifications } = connected()
    ask(subscribe('made', 'ObjectCreation', `${CONTROLLER}BootParameter.`))
    line.isUp = false
    ask({ add: { createObjs: [{ objPath: `${CONTROLLER}BootParameter.` }] } })
    expect(notifications()).toEqual([])
    line.isUp = true
    take()
    agent.connected('t', {})
    world.pass(100)
    expect(take().map(({ json }) => json['mqttConnect'] !== undefined)).toEqual([true, false])
    expect(notifications()).toMatchObject([{ subscriptionId: 'made' }])
  })

  test('Reboot() closes without a word; Boot! tells the command key; what does not persist is gone', () => {
    const made = connected()
    const { ask, agent, world, left } = made
    ask(subscribe('gone', 'Event', 'Device.Boot!'))
    ask(subscribe('kept', 'Event', 'Device.Boot!', { Persistent: 'true' }))
    ask(setOf(CONTROLLER, { ProvisioningCode: 'stays' }))
    expect(ask({ operate: { command: 'Device.Reboot()', commandKey: 'rb', sendResp: true } })).toMatchObject({
      response: {
        operateResp: { operationResults: [{ executedCommand: 'Device.Reboot()', reqOutputArgs: {} }] },
      },
    })
    world.pass(0.1)
    expect(left).toEqual(['close 1000'])
    made.notifications()
    agent.connected('t', {})
    world.pass(0.1)
    const told = made.notifications()
    expect(told.map((one) => one['subscriptionId'])).toEqual(['default-boot-event-ACS', 'kept'])
    expect(told[0]?.['event']?.['params']).toMatchObject({ Cause: 'RemoteReboot', CommandKey: 'rb' })
    expect(value(made, `${CONTROLLER}ProvisioningCode`)).toBe('stays')
  })

  test('FactoryReset() forgets everything', () => {
    const made = connected()
    made.ask(setOf(CONTROLLER, { ProvisioningCode: 'goes' }))
    made.ask({ operate: { command: 'Device.FactoryReset()', sendResp: true } })
    made.world.pass(0.1)
    made.agent.connected('t', {})
    made.world.pass(0.1)
    expect(made.notifications()[0]?.['event']?.['params']).toMatchObject({ Cause: 'RemoteFactoryReset' })
    expect(value(made, `${CONTROLLER}ProvisioningCode`)).toBe('')
  })
})

describe('subscriptions', () => {
  test('ValueChange is looked for every 15 s: two quick changes are one notification', () => {
    const { ask, world, notifications } = connected()
    ask(subscribe('vc', 'ValueChange', `${CONTROLLER}ProvisioningCode,Device.DeviceInfo.`))
    ask(setOf(CONTROLLER, { ProvisioningCode: 'a' }))
    ask(setOf(CONTROLLER, { ProvisioningCode: 'b' }))
    expect(notifications()).toEqual([])
    world.pass(15)
    expect(notifications()).toEqual([
      { subscriptionId: 'vc', valueChange: { paramPath: `${CONTROLLER}ProvisioningCode`, paramValue: 'b' } },
    ])
    // UpTime changes all the time and is not told; one that is changed back is no change.
    ask(setOf(CONTROLLER, { ProvisioningCode: 'c' }))
    ask(setOf(CONTROLLER, { ProvisioningCode: 'b' }))
    world.pass(60)
    expect(notifications()).toEqual([])
  })

  test('ObjectCreation and ObjectDeletion, of the tables and rows named', () => {
    const { ask, notifications } = connected()
    ask(subscribe('made', 'ObjectCreation', `${CONTROLLER}BootParameter.`))
    ask(subscribe('gone', 'ObjectDeletion', `${CONTROLLER}BootParameter.*.`))
    ask({ add: { createObjs: [{ objPath: `${CONTROLLER}BootParameter.`, paramSettings: [] }] } })
    expect(notifications()).toEqual([
      {
        subscriptionId: 'made',
        objCreation: {
          objPath: `${CONTROLLER}BootParameter.2.`,
          uniqueKeys: { Alias: 'cpe-2', ParameterName: 'cpe-2' },
        },
      },
    ])
    ask({ delete: { objPaths: [`${CONTROLLER}BootParameter.2.`] } })
    expect(notifications()).toEqual([
      { subscriptionId: 'gone', objDeletion: { objPath: `${CONTROLLER}BootParameter.2.` } },
    ])
  })

  test('OperationComplete with its command key, for the command or the object named', () => {
    const made = connected()
    const { ask, world, notifications } = made
    ask(subscribe('op', 'OperationComplete', 'Device.SelfTestDiagnostics()'))
    ask(subscribe('all', 'OperationComplete', 'Device.IP.Diagnostics.'))
    const started = ask({
      operate: { command: 'Device.SelfTestDiagnostics()', commandKey: 'k', sendResp: true },
    })
    expect(started?.['response']?.['operateResp']?.['operationResults']).toEqual([
      { executedCommand: 'Device.SelfTestDiagnostics()', reqObjPath: 'Device.LocalAgent.Request.1' },
    ])
    expect(value(made, 'Device.LocalAgent.Request.1.CommandKey')).toBe('k')
    world.pass(1)
    expect(notifications()).toEqual([
      {
        subscriptionId: 'op',
        operComplete: {
          objPath: 'Device.',
          commandName: 'SelfTestDiagnostics()',
          commandKey: 'k',
          reqOutputArgs: { outputArgs: { Results: 'PASS' } },
        },
      },
    ])
    expect(value(made, 'Device.LocalAgent.RequestNumberOfEntries')).toBe('0')
    ask({ operate: { command: 'Device.IP.Diagnostics.IPPing()', inputArgs: { Host: 'x' } } })
    world.pass(1)
    expect(notifications().map((one) => one['subscriptionId'])).toEqual(['all'])
  })

  test('a canceled command completes with 7023', () => {
    const { ask, world, notifications } = connected()
    ask(subscribe('op', 'OperationComplete', 'Device.ScheduleTimer()'))
    ask({
      operate: { command: 'Device.ScheduleTimer()', commandKey: 'k', inputArgs: { DelaySeconds: '60' } },
    })
    ask({ operate: { command: 'Device.LocalAgent.Request.1.Cancel()', sendResp: true } })
    world.pass(0.1)
    expect(notifications()[0]?.['operComplete']?.['cmdFailure']).toMatchObject({ errCode: 7023 })
    world.pass(100)
    expect(notifications()).toEqual([])
  })

  test('Periodic! keeps the beat of PeriodicNotifTime', () => {
    const { ask, world, notifications } = connected()
    ask(setOf(CONTROLLER, { PeriodicNotifInterval: '60', PeriodicNotifTime: '2026-11-22T08:00:30Z' }))
    ask(subscribe('beat', 'Event', 'Device.LocalAgent.Periodic!'))
    world.pass(28)
    expect(notifications()).toEqual([])
    world.pass(2)
    expect(notifications()).toEqual([
      { subscriptionId: 'beat', event: { objPath: 'Device.LocalAgent.', eventName: 'Periodic!' } },
    ])
    world.pass(180)
    expect(notifications()).toHaveLength(3)
    ask(setOf(CONTROLLER, { PeriodicNotifInterval: '3600' }))
    world.pass(180)
    expect(notifications()).toEqual([])
  })

  test('one with a TimeToLive ends', () => {
    const made = connected()
    made.ask(subscribe('short', 'Event', 'Device.LocalAgent.Periodic!', { TimeToLive: '10' }))
    expect(value(made, 'Device.LocalAgent.SubscriptionNumberOfEntries')).toBe('2')
    made.world.pass(11)
    expect(value(made, 'Device.LocalAgent.SubscriptionNumberOfEntries')).toBe('1')
  })

  test('retries end with NotifExpiration', () => {
    const { ask, world, notifications } = connected()
    ask(
      subscribe('made', 'ObjectCreation', `${CONTROLLER}BootParameter.`, {
        NotifRetry: 'true',
        NotifExpiration: '20',
      }),
    )
    ask({ add: { createObjs: [{ objPath: `${CONTROLLER}BootParameter.` }] } })
    world.pass(1000)
    // Boot! goes on being retried.
    const told = notifications().filter((one) => one['subscriptionId'] === 'made')
    expect(told).toHaveLength(3)
    expect(told[0]).toMatchObject({ sendResp: true })
  })

  test('one that is switched off, or whose controller is, tells nothing', () => {
    const { ask, notifications } = connected()
    ask(subscribe('off', 'ObjectCreation', `${CONTROLLER}BootParameter.`, { Enable: 'false' }))
    ask({ add: { createObjs: [{ objPath: `${CONTROLLER}BootParameter.` }] } })
    expect(notifications()).toEqual([])
  })

  test('SendOnBoardRequest() tells who the device is and wants an answer', () => {
    const { ask, notifications } = connected()
    ask({ operate: { command: `${CONTROLLER}SendOnBoardRequest()`, sendResp: true } })
    expect(notifications()).toEqual([
      {
        sendResp: true,
        onBoardReq: {
          oui: '02005E',
          productClass: 'SIM-1',
          serialNumber: 'TEST01',
          agentSupportedProtocolVersions: '1.0,1.1,1.2,1.3',
        },
      },
    ])
  })
})

describe('what subscriptions trigger', () => {
  const own = 'Device.LocalAgent.Subscription.2.'
  const change = (made: Rig, action: string, settings: string): void => {
    const more = { TriggerAction: action, TriggerConfigSettings: settings }
    made.ask(subscribe('trigger', 'ValueChange', `${CONTROLLER}ProvisioningCode`, more))
    made.ask(setOf(CONTROLLER, { ProvisioningCode: 'other' }))
    made.world.pass(16)
  }

  test.each([
    ['Notify', 1, 'true'],
    ['Config', 0, 'false'],
    ['NotifyAndConfig', 1, 'false'],
  ])('TriggerAction %s', (action, told, enabled) => {
    const made = connected()
    change(made, action, `${own}Enable=false`)
    expect(made.notifications()).toHaveLength(told)
    expect(value(made, `${own}Enable`)).toBe(enabled)
  })

  test('several settings, by search paths as well; what cannot be set is left', () => {
    const made = connected()
    const settings = [
      `Device.LocalAgent.Subscription.[ID=="trigger"].NotifExpiration=7`,
      'Device.LocalAgent.EndpointID=mine',
      'no path',
      `${CONTROLLER}ControllerCode=a=b`,
    ]
    change(made, 'Config', settings.join(', '))
    expect(value(made, `${own}NotifExpiration`)).toBe('7')
    expect(value(made, `${CONTROLLER}ControllerCode`)).toBe('a=b')
    expect(value(made, 'Device.LocalAgent.EndpointID')).toBe(endpointId)
  })
})

describe('on-boarding', () => {
  const complete = `${CONTROLLER}OnBoardingComplete`
  const asked = (made: Rig): number => made.notifications().filter((one) => 'onBoardReq' in one).length
  const answerAll = (made: Rig): void => {
    for (const { json } of made.take()) {
      const header = { msgId: String(json['header']?.['msgId'] ?? ''), msgType: 'NOTIFY_RESP' }
      made.give({ header, body: { response: { notifyResp: {} } } })
    }
  }
  const begun = (seconds: string): Rig => {
    const made = connected()
    made.ask(setOf(CONTROLLER, { OnBoardingRestartTime: seconds }))
    made.ask({ operate: { command: `${CONTROLLER}SendOnBoardRequest()` } })
    expect([asked(made), value(made, complete)]).toEqual([1, 'false'])
    return made
  }

  test('goes on until it is complete; its time begins with NotifyResp', () => {
    const made = begun('60')
    answerAll(made)
    made.world.pass(59)
    expect(asked(made)).toBe(0)
    made.world.pass(2)
    expect(asked(made)).toBe(1)
    answerAll(made)
    made.ask(setOf(CONTROLLER, { OnBoardingComplete: 'true' }))
    made.world.pass(120)
    expect(asked(made)).toBe(0)
  })

  test('is asked for once when no time is set, and again at the next start', () => {
    const made = begun('0')
    answerAll(made)
    made.world.pass(1000)
    expect(asked(made)).toBe(0)
    made.ask({ operate: { command: 'Device.Reboot()' } })
    made.world.pass(1)
    made.agent.connected('topic', {})
    expect(asked(made)).toBe(1)
  })
})

test('with a controller its subscriptions go', () => {
  const made = connected()
  made.ask(setOf('Device.LocalAgent.Subscription.1.', { Persistent: 'false' }))
  made.ask({ add: { createObjs: [{ objPath: 'Device.LocalAgent.Controller.' }] } })
  made.ask({ delete: { objPaths: ['Device.LocalAgent.Controller.2.'] } })
  expect(made.agent.model.rows('Device.LocalAgent.Subscription.')).toEqual([1])
  made.ask({ delete: { objPaths: [CONTROLLER] } })
  expect(made.agent.model.rows('Device.LocalAgent.Subscription.')).toEqual([])
})

describe('what it does not take', () => {
  test.each([
    ['another to_id', { toId: 'os::000000-other' }],
    ['an unknown controller', { fromId: 'somebody' }],
  ])('%s: dropped without a word', (_name, record) => {
    const { give, take, agent } = connected()
    give({ header: { msgId: 'x' }, body: { request: { get: { paramPaths: ['Device.'] } } } }, record)
    expect(take()).toEqual([])
    expect(agent.counts).toMatchObject({ dropped: 1, requests: 0 })
  })

  test('bytes that are no Record: dropped', () => {
    const { agent, take } = connected()
    agent.receive(new TextEncoder().encode('not a record'), 'reply')
    expect(take()).toEqual([])
    expect(agent.counts.dropped).toBe(1)
  })

  test.each([
    ['an encrypted payload', { payloadSecurity: 1 }, 7104],
    ['a session context', { recordType: { case: 'sessionContext', value: { sessionId: 2n } } }, 7106],
    ['a Disconnect Record', { recordType: { case: 'disconnect', value: { reason: 'bye' } } }, 7105],
  ])('%s: Disconnect Record, DISCONNECT, back later', (_name, record, reasonCode) => {
    const { give, take, left } = connected()
    give({ header: { msgId: 'x' }, body: { request: { get: {} } } }, record)
    expect(take()).toMatchObject([{ topic: replyTopic, json: { disconnect: { reasonCode } } }])
    expect(left).toEqual(['disconnect 5000'])
  })

  test('no answer is wanted: none comes, not even an Error', () => {
    const { ask, agent } = connected()
    expect(ask({ operate: { command: 'Device.Nope()' } })).toBeUndefined()
    expect(agent.counts.requests).toBe(1)
  })
})

describe('nothing grows without a bound', () => {
  test('rows', () => {
    const { ask } = connected()
    const createObjs = Array.from({ length: MAX_NEW_ROWS + 1 }, () => ({ objPath: 'Device.LocalAgent.MTP.' }))
    expect(ask({ add: { createObjs } })).toMatchObject({
      error: { errCode: 7004, paramErrs: [{ errCode: 7005 }] },
    })
    expect(ask({ get: { paramPaths: ['Device.LocalAgent.MTPNumberOfEntries'] } })).toMatchObject({
      response: {
        getResp: {
          reqPathResults: [{ resolvedPathResults: [{ resultParams: { MTPNumberOfEntries: '1' } }] }],
        },
      },
    })
  })

  test('running commands', () => {
    const { ask } = connected()
    const operate = { command: 'Device.ScheduleTimer()', inputArgs: { DelaySeconds: '100' }, sendResp: true }
    for (let n = 0; n < MAX_RUNNING; n++) ask({ operate })
    const refused = ask({ operate })?.['response']?.['operateResp']?.['operationResults']
    expect(refused).toMatchObject([{ cmdFailure: { errCode: 7005 } }])
  })

  test('notifications that wait for their answer', () => {
    const { ask, world } = connected()
    ask(subscribe('made', 'ObjectCreation', 'Device.WiFi.SSID.', { NotifRetry: 'true' }))
    for (let n = 0; n < MAX_WAITING + 20; n++)
      ask({ add: { createObjs: [{ objPath: 'Device.WiFi.SSID.' }] } })
    expect(world.waiting).toBe(MAX_WAITING)
  })

  test('references that lead in a circle', () => {
    const { ask } = connected({}, `${routerModel}\nDevice.IP.Interface.1.LowerLayers "Device.IP.Interface.1"`)
    const path = `Device.IP.Interface.1.${'LowerLayers+.'.repeat(12)}Name`
    const answer = ask({ get: { paramPaths: [path] } })?.['response']?.['getResp']?.['reqPathResults']
    expect(answer).toMatchObject([{ resolvedPathResults: [{ resultParams: { Name: 'wan' } }] }])
  })
})

test('a stopped agent has no timer left', () => {
  const { agent, ask, world } = connected()
  ask(subscribe('vc', 'ValueChange', 'Device.DeviceInfo.'))
  ask(subscribe('beat', 'Event', 'Device.LocalAgent.Periodic!', { TimeToLive: '100' }))
  ask({ operate: { command: 'Device.ScheduleTimer()', inputArgs: { DelaySeconds: '100' } } })
  expect(world.waiting).toBeGreaterThan(3)
  agent.stop()
  expect(world.waiting).toBe(0)
})
