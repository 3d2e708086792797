import { describe, expect, test } from 'vitest'
import { AgentPlay, type AgentCommand } from '../../../shared/flow/agent/agent-play.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import { bodyOf, makeMsgJson } from '../../../shared/flow/messages.ts'
import { recordFlow } from '../../../shared/flow/record/recorder.ts'
import { FlowRun } from '../../../shared/flow/run/flow-run.ts'
import type { Command } from '../../../shared/flow/run/events.ts'
import { flowOf, outline, stepsOf } from './bench.ts'
import { readTour, TOUR_DEVICES } from './tour.ts'

const options = { device: 'os::d', controller: 'self::c', runId: 'a1' }
const bodies = (commands: readonly AgentCommand[]) => commands.map(({ msg }) => bodyOf(msg))
const ask = (agent: AgentPlay, body: JsonMap, id = '1') =>
  agent.feed({ kind: 'msg', msg: makeMsgJson(body, id), packet: 1 })

test.each(TOUR_DEVICES)('what was recorded of %s passes when the bench plays both sides', (device) => {
  const { flow } = recordFlow(readTour(), { name: 'Tour', device })
  const agent = new AgentPlay(flow, { ...options, device, controller: 'oktopusController' })
  const run = new FlowRun(flow, { device, controller: 'oktopusController', runId: 'r1' })
  let now = 0
  const work: Command[] = [...run.start(now)]
  const pass = (commands: readonly AgentCommand[]) => {
    for (const { msg } of commands) {
      now += 1
      work.push(...run.feed({ kind: 'packet', packet: { no: now, time: now, from: device, msg } }, now))
    }
    for (const { do: kind, msgId } of commands) {
      if (kind === 'notify')
        pass(agent.feed({ kind: 'msg', msg: makeMsgJson({ notify_resp: {} }, msgId), packet: now }))
    }
  }
  pass(agent.feed({ kind: 'online' }))
  while (!run.finished) {
    const command = work.shift()
    if (command === undefined) {
      now = run.wakeAt
      work.push(...run.tick(now))
    } else if (command.do === 'send') {
      work.push(...run.feed({ kind: 'done', token: command.token }, now))
      pass(agent.feed({ kind: 'msg', msg: command.msg, packet: now }))
    } else if (command.do === 'record') work.push(...run.feed({ kind: 'done', token: command.token }, now))
  }
  expect(outline(run.result()).filter((line) => !/(passed|skipped)$/.test(line))).toEqual([])
  const { complete, unknown, problems } = agent.result()
  expect({ complete, unknown }).toEqual({ complete: true, unknown: [] })
  expect(problems.every((text) => text.includes('has nothing that a device does'))).toBe(true)
})

describe('requests', () => {
  const flow = stepsOf(`
- send: { get: Device.A. }
  expect: { params: { Device.A.X: 1, Device.A.T: { $type: dateTime } } }
- send: { get: Device.A. }
  expect: { params: { Device.A.X: 2 } }
- send: { get: [Device.A., Device.B.] }
  expect: { error: { err_code: 7004 } }
- send: { get: Device.C. }
- send: { get: Device.D. }
  expect: { get_resp: { req_path_results: { requested_path: { $pattern: x } } } }
- send: { get: Device.E. }
  expect: nothing`)

  test('are served in any order, those of the same kind one after the other', () => {
    const agent = new AgentPlay(flow, options)
    const get = (...paths: string[]) => bodies(ask(agent, { get: { param_paths: paths } }))[0]
    expect(get('Device.A.', 'Device.B.')).toEqual({ error: { err_code: 7004 } })
    expect(get('Device.A.')).toMatchObject({
      params: { 'Device.A.X': '1', 'Device.A.T': '0001-01-01T00:00:00Z' },
    })
    expect(get('Device.A.')).toMatchObject({ params: { 'Device.A.X': '2' } })
    expect(get('Device.A.')).toMatchObject({ params: { 'Device.A.X': '1' } })
    expect(get('Device.E.')).toBeUndefined()
    expect(agent.result().complete).toBe(false)
    expect(agent.result().items.map(({ times }) => times)).toEqual([2, 1, 1, 0, 0, 1])
  })

  test('that the flow does not have get an Error, and are listed', () => {
    const agent = new AgentPlay(flow, options)
    expect(bodies(ask(agent, { set: {} }))).toEqual([
      { error: { err_code: 7001, err_msg: 'The flow has no such request.' } },
    ])
    expect(agent.result().unknown).toEqual([{ packet: 1, title: 'set' }])
  })

  test('whose answer is not known get an Error that says what to add', () => {
    const agent = new AgentPlay(flow, options)
    expect(JSON.stringify(bodies(ask(agent, { get: { param_paths: ['Device.C.'] } })))).toContain(
      'does not say what is answered',
    )
    expect(JSON.stringify(bodies(ask(agent, { get: { param_paths: ['Device.D.'] } })))).toContain(
      'add $sample',
    )
    expect(agent.result().problems).toHaveLength(2)
  })
})

test('Notifies go out in order, each when its turn has come and the one before was answered', () => {
  const flow = flowOf(`flow: 1
name: x
variables: { key: k }
steps:
  - expect: { notify: { send_resp: true, event: { event_name: Boot! } } }
  - expect: { notify: { subscription_id: s, value_change: { param_value: { $type: int, $sample: "7" } } } }
  - send: { operate: { command: Device.X(), command_key: "\${key}", send_resp: true } }
    expect: { operate_resp: { operation_results: { req_obj_path: { $bind: row, $sample: Device.LocalAgent.Request.3. } } } }
  - expect: { notify: { oper_complete: { command_key: "\${key}" } } }
  - send: { delete: "\${row}" }
    expect: { delete_resp: $present }
`)
  const agent = new AgentPlay(flow, options)
  expect(bodies(agent.feed({ kind: 'online' }))).toEqual([
    { notify: { send_resp: true, event: { event_name: 'Boot!' } } },
  ])
  expect(agent.feed({ kind: 'msg', msg: makeMsgJson({ notify_resp: {} }, 'other'), packet: 1 })).toEqual([])
  const second = agent.feed({ kind: 'msg', msg: makeMsgJson({ notify_resp: {} }, 'a1-notify-1'), packet: 2 })
  expect(bodies(second)).toEqual([{ notify: { subscription_id: 's', value_change: { param_value: '7' } } }])
  const third = ask(agent, { operate: { command: 'Device.X()', command_key: 'mine', send_resp: true } })
  expect(bodies(third)).toEqual([
    { operate_resp: { operation_results: [{ req_obj_path: 'Device.LocalAgent.Request.3.' }] } },
    { notify: { oper_complete: { command_key: 'mine' } } },
  ])
  expect(
    JSON.stringify(bodies(ask(agent, { delete: { obj_paths: ['Device.LocalAgent.Request.3.'] } }))),
  ).toContain('delete_resp')
  expect(agent.result().complete).toBe(true)
})
