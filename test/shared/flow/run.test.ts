import { describe, expect, test } from 'vitest'
import { bodyOf } from '../../../shared/flow/messages.ts'
import { describeDifference } from '../../../shared/flow/match.ts'
import { decodeMsg } from '../../../shared/usp/codec.ts'
import { CONTROLLER, DEVICE, flowOf, outline, play, stepsOf, type Device } from './bench.ts'
import { GET_AND_CHECK } from './samples.ts'
import { getResp, answering, good, notify, disconnect } from './devices.ts'

describe('a request and its answer', () => {
  test('is sent as a Msg with a fresh msg_id, and judged', () => {
    const { go, sent, commands } = play(flowOf(GET_AND_CHECK), good)
    const result = go()
    expect(outline(result)).toEqual(['steps.0 passed'])
    expect(result).toMatchObject({ status: 'passed', device: DEVICE, duration: 10 })
    expect(result.steps[0]).toMatchObject({ title: 'get Device.DeviceInfo.', latency: 10, packets: [1, 2] })
    expect(decodeMsg(sent[0]!.bytes).header?.msgId).toBe('r1-1')
    expect(sent[0]).toMatchObject({ to: DEVICE, step: 'steps.0' })
    expect(commands.at(-1)).toEqual({ do: 'finished' })
  })

  test('what differs stands in the result', () => {
    const result = play(flowOf(GET_AND_CHECK), answering(getResp({ UpTime: '0' }))).go()
    expect(result.status).toBe('failed')
    expect(result.steps[0]?.differences.map(describeDifference)).toEqual([
      'params["Device.DeviceInfo.Manufacturer"] is missing; expected "$present"',
      'params["Device.DeviceInfo.UpTime"] is too small; expected {"$min":1}, seen "0"',
    ])
    expect(result.steps[0]?.seen).toEqual(getResp({ UpTime: '0' }))
  })

  test.each<[string, Device, string]>([
    ['- send: { get: Device. }', () => [], 'failed: No answer came within 10 s.'],
    ['- send: { get: Device. }\n  within: 250ms', () => [], 'failed: No answer came within 0.25 s.'],
    [
      '- send: { get: Device. }',
      answering({ error: { err_code: 7004, err_msg: 'no' } }),
      'failed: The answer is Error 7004 no.',
    ],
    [
      '- send: { get: Device. }',
      () => [{ body: getResp({}), msgId: 'other' }],
      'failed: No answer came within 10 s.',
    ],
    [
      '- send: { get: Device. }',
      () => [{ body: getResp({}), packet: { from: 'os::other' } }],
      'failed: No answer came within 10 s.',
    ],
    ['- send: { get: Device. }\n  expect: nothing', good, 'failed: An answer came, and none was expected.'],
    ['- send: { get: Device. }\n  expect: nothing', () => [], 'passed'],
    [
      '- send: { get: Device. }\n  expect: { error: { err_code: 7004 } }',
      answering({ error: { err_code: 7004 } }),
      'passed',
    ],
    [
      '- send: { get: Device. }\n  expect: { get_resp: $present }',
      answering({ error: { err_code: 7004 } }),
      'failed: The answer is Error 7004.',
    ],
    ['- send: { get: "${steps}" }', good, 'passed'],
    ['- send: { operate: { command: Device.Reboot() } }', () => [], 'passed'],
    [
      '- send: { operate: { command: Device.Reboot(), send_resp: true } }',
      () => [],
      'failed: No answer came within 10 s.',
    ],
    [
      '- send: { get: { max_depth: "${device}" } }',
      good,
      'error: get.max_depth: a number is needed, not a text',
    ],
  ])('%s', (text, device, expected) => {
    if (text.includes('${steps}'))
      return expect(outline(play(stepsOf(text), device).go())[0]).toContain('must be a text')
    expect(outline(play(stepsOf(text), device).go())).toEqual([`steps.0 ${expected}`])
  })

  test('numbers and lists become what the fields take, keys of the Record and of MQTT go along', () => {
    const { sent } = play(
      stepsOf(`
- send: { set: { update_objs: { obj_path: "Device.X.\${1 + 1}.", param_settings: { A: 5, B: true } } } }
  to: os::a
  from: os::b
  record_to: os::c
  version: '1.0'
  msg_id: mine
  topic: a/\${device}
  reply_topic: b
  content_type: x
  qos: 1
  retain: true
  properties: { user: [[a, b], [a, c]], message_expiry_interval: 5, correlation_data: { hex: 01 02 } }
  session: { session_id: 5 }`),
    )
    expect(sent[0]).toMatchObject({
      to: 'os::a',
      from: 'os::b',
      recordTo: 'os::c',
      version: '1.0',
      msgId: 'mine',
      topic: `a/${DEVICE}`,
      replyTopic: 'b',
      contentType: 'x',
      qos: 1,
      retain: true,
      session: { session_id: 5 },
      properties: [
        { name: 'userProperty', value: ['a', 'b'] },
        { name: 'userProperty', value: ['a', 'c'] },
        { name: 'messageExpiryInterval', value: 5 },
        { name: 'correlationData', value: Uint8Array.of(1, 2) },
      ],
      msg: {
        header: { msg_id: 'mine', msg_type: 'SET' },
        body: {
          request: {
            set: {
              update_objs: [
                {
                  obj_path: 'Device.X.2.',
                  param_settings: [
                    { param: 'A', value: '5', required: true },
                    { param: 'B', value: 'true', required: true },
                  ],
                },
              ],
            },
          },
        },
      },
    })
  })

  test('a template may give some of the paths', () => {
    const { sent } = play(
      stepsOf('- set: { paths: [Device.A., Device.B.] }\n- send: { get: [Device.C., "${paths}"] }'),
    )
    expect(bodyOf(sent[0]!.msg)).toEqual({ get: { param_paths: ['Device.C.', 'Device.A.', 'Device.B.'] } })
  })

  test('what could not be sent is an error with its reason', () => {
    const { run, now, perform, go } = play(stepsOf('- send: { get: Device. }'), undefined, {})
    perform(run.feed({ kind: 'done', token: 1, error: 'the device is not connected' }, now))
    expect(outline(go())).toEqual(['steps.0 error: the device is not connected'])
  })

  test('later answers are asked for by the id of their request, in any order', () => {
    const flow = stepsOf(`
- { id: one, send: { get: Device.A. }, expect: later }
- { id: two, send: { get: Device.B. }, expect: later }
- { expect: { answer: two, is: { params: { Device.B.X: 1 } } }, bind: { took: latency } }
- { expect: { answer: one } }
- check: took == 0.02`)
    const device: Device = ({ msg }) => {
      const isOne = JSON.stringify(msg).includes('Device.A.')
      return [{ body: getResp({ X: '1' }, isOne ? 'Device.A.' : 'Device.B.'), after: isOne ? 500 : 20 }]
    }
    expect(outline(play(flow, device).go())).toEqual(
      Array.from({ length: 5 }, (_, at) => `steps.${at} passed`),
    )
  })
})

describe('waiting for packets', () => {
  test('a Notify that came before the answer counts, each once', () => {
    const flow = stepsOf(`
- send: { set: { update_objs: { obj_path: Device.X., param_settings: { A: 1 } } } }
- expect: { notify: { value_change: { param_value: { $bind: seen, $in: [1, 2] } } } }
- expect: { notify: { value_change: { param_value: "\${3 - seen}" } } }
- expect: { notify: $present }
  within: 1s`)
    const device: Device = () => [
      { body: notify('1'), after: 5, msgId: 'n1' },
      { body: { set_resp: {} }, after: 10 },
      { body: notify('2'), after: 900, msgId: 'n2' },
    ]
    expect(outline(play(flow, device).go())).toEqual([
      'steps.0 passed',
      'steps.1 passed',
      'steps.2 passed',
      'steps.3 failed: No such message came within 1 s.',
    ])
  })

  test('the closest one is shown when none fits', () => {
    const flow = stepsOf(
      '- expect: { notify: { value_change: { param_path: Device.X.A, param_value: 5 } } }\n  within: 1s',
    )
    const { packet, go } = play(flow)
    packet(1, { msg: { body: { request: notify('9', 'Device.Y') } } })
    packet(2, { msg: { body: { request: notify('4') } } })
    const [step] = go().steps
    expect(step?.note).toBe('No such message came within 1 s; the closest one is shown.')
    expect(step?.differences.map(describeDifference)).toEqual([
      'notify.value_change.param_value is not equal; expected 5, seen "4"',
    ])
    expect(step?.packets).toEqual([2])
  })

  test('filters see any packet since the last send, and its fields can be bound', () => {
    const flow = stepsOf(
      '- expect: { packet: mqtt.msgtype == DISCONNECT }\n  bind: { type: \'packet.fields["mqtt.msgtype"]\' }\n- check: type == 14',
    )
    const { packet, go } = play(flow)
    packet(5, { from: '', view: disconnect })
    expect(outline(go())).toEqual(['steps.0 passed', 'steps.1 passed'])
    expect(outline(play(flow).go())[0]).toBe('steps.0 failed: No such packet came within 10 s.')
  })

  test('nothing passes when nothing came', () => {
    const flow = stepsOf('- nothing: { notify: $present }\n  for: 2s')
    const quiet = play(flow)
    expect(outline(quiet.go())).toEqual(['steps.0 passed'])
    expect(quiet.now).toBe(1_002_000)
    const loud = play(flow)
    loud.packet(1999, { msg: { body: { request: notify('1') } } })
    expect(outline(loud.go())).toEqual(['steps.0 failed: It came, and nothing was expected.'])
    const late = play(flow)
    late.packet(2001, { msg: { body: { request: notify('1') } } })
    expect(outline(late.go())).toEqual(['steps.0 passed'])
  })

  test('a device that comes and goes', () => {
    const flow = stepsOf('- wait: online\n- wait: offline\n  within: 30s\n- wait: online')
    const { later, go } = play(flow, undefined, { online: { [DEVICE]: true } })
    later(20_000, { kind: 'device', device: DEVICE, online: false })
    later(20_500, { kind: 'device', device: 'os::other', online: true })
    expect(outline(go())).toEqual([
      'steps.0 passed',
      'steps.1 passed',
      `steps.2 failed: ${DEVICE} was not online within 10 s.`,
    ])
  })
})

describe('what decides', () => {
  test('loops, branches, variables', () => {
    const flow = stepsOf(`
- set: { sum: 0, items: [] }
- for: item
  in: [1, 2, 3]
  steps:
    - if: item % 2 == 1
      steps: [{ set: { sum: "\${sum + item}" } }]
      else: [{ set: { items: "\${items + [item]}" } }]
- repeat: 10
  every: 1s
  until: sum > 6
  steps: [{ set: { sum: "\${sum + 1}" } }]
- check: sum == 7 and items == [2] and device == "${DEVICE}" and controller == "${CONTROLLER}" and run.id == "r1"
- { when: sum == 0, check: false }`)
    const played = play(flow)
    const result = played.go()
    expect(result).toMatchObject({ status: 'passed', variables: { sum: 7, items: [2] } })
    expect(played.now - 1_000_000).toBe(2000)
    expect(result.steps.at(-1)?.status).toBe('skipped')
    expect(outline(result)).toContain('  steps.2.steps passed')
  })

  test('a failed step ends the flow, unless it says otherwise; the clean-up is done', () => {
    const flow = flowOf(`
flow: 1
name: x
steps:
  - { check: 1 > 2, on_failure: continue }
  - group: inner
    steps: [{ check: 2 > 3 }, { sleep: 1 }]
  - sleep: 1
cleanup:
  - check: 'false'
  - set: { cleaned: true }
`)
    const result = play(flow).go()
    expect(outline(result)).toEqual([
      'steps.0 failed: 1 > 2 is false.',
      'steps.1 failed: check 2 > 3 failed.',
      '  steps.1.steps.0 failed: 2 > 3 is false.',
      '  steps.1.steps.1 skipped',
      'steps.2 skipped',
      'cleanup.0 failed: false is false.',
      'cleanup.1 passed',
    ])
    expect(result).toMatchObject({ status: 'failed', variables: { cleaned: true } })
  })

  test('what came is known of a step that failed over it', () => {
    const flow = stepsOf(`
- id: asked
  send: { get: Device. }
  on_failure: continue
- check: steps.asked.answer.error.err_code == 7004
`)
    expect(outline(play(flow, answering({ error: { err_code: 7004 } })).go())).toEqual([
      'steps.0 failed: The answer is Error 7004.',
      'steps.1 passed',
    ])
  })

  test('a failed setup is an error: nothing was tested', () => {
    const result = play(stepsOf('- sleep: 1', 'setup: [{ check: 1 > 2 }]\n')).go()
    expect(result).toMatchObject({ status: 'error', note: 'The setup failed, so the flow was not run.' })
    expect(outline(result)).toEqual(['setup.0 failed: 1 > 2 is false.', 'steps.0 skipped'])
  })

  test('an end ends', () => {
    const result = play(
      stepsOf('- group: g\n  steps: [{ end: skipped, because: not supported }, { sleep: 1 }]\n- sleep: 1'),
    ).go()
    expect(result).toMatchObject({ status: 'skipped', note: 'not supported' })
    expect(outline(result)).toEqual([
      'steps.0 skipped: not supported',
      '  steps.0.steps.0 skipped: not supported',
      'steps.1 skipped',
    ])
  })

  test('steps at the same time share variables, and one failed fails all', () => {
    const flow = stepsOf(`
- set: { n: 0 }
- parallel:
    - group: slow
      steps: [{ sleep: 2 }, { set: { n: "\${n + 1}" } }]
    - group: fast
      steps: [{ sleep: 1 }, { set: { n: "\${n + 1}" } }, { check: n == 1 }]
- check: n == 2
- parallel: [{ check: 'false' }, { sleep: 3 }]`)
    const played = play(flow)
    const result = played.go()
    expect(result.steps.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed', 'failed'])
    expect(played.now - 1_000_000).toBe(5000)
  })

  test('another flow is called with values and gives values back; its clean-up is its own', () => {
    const inner = flowOf(
      'flow: 1\nname: inner\nvariables: { a: 1, b: 2 }\nsteps: [{ set: { sum: "${a + b}" } }]\ncleanup: [{ set: { sum: 0 } }]',
    )
    const flow = stepsOf(
      '- call: inner\n  with: { a: "${2 * 20}" }\n  bind: { got: a + b }\n- check: got == 42\n- call: other',
    )
    const result = play(flow, undefined, { flows: new Map([['inner', inner]]) }).go()
    expect(outline(result)).toEqual([
      'steps.0 passed',
      '  steps.0.steps.0 passed',
      '  steps.0.cleanup.0 passed',
      'steps.1 passed',
      'steps.2 error: there is no flow other',
    ])
    expect(result.status).toBe('error')
  })

  test('a value for a variable that the other flow does not have is an error', () => {
    const flow = stepsOf('- call: inner\n  with: { b: 1 }')
    const flows = new Map([['inner', stepsOf('- check: a == 1', 'variables: { a: 1 }\n')]])
    expect(outline(play(flow, undefined, { flows }).go())).toEqual([
      'steps.0 error: the flow inner has no variable b',
    ])
  })

  test('a flow that calls itself ends', () => {
    const flow = flowOf('flow: 1\nname: x\nsteps: [{ call: x }]')
    const result = play(flow, undefined, { flows: new Map([['x', flow]]) }).go()
    expect(JSON.stringify(result)).toContain('flows call each other more than 16 deep')
  })
})
