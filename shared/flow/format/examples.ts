/** An example of each step, matcher and act, for the reference: what has none does not compile. */
import type { MatcherWord, OperatorName } from '../matchers.ts'
import type { ActName, StepKind } from '../model.ts'

/** A whole flow to begin with. */
export const FIRST_FLOW = `flow: 1
name: The device knows who it is
tags: [lab]
variables: { maker: Example }

setup:
  - wait: online
    within: 1m

steps:
  - name: Who made it
    send: { get: Device.DeviceInfo. }
    expect:
      params:
        Device.DeviceInfo.Manufacturer: \${maker}
        Device.DeviceInfo.SerialNumber: { $bind: serial, $pattern: '^[A-Z0-9]+$' }
  - name: The number is not too short
    check: length(serial) >= 6
`

/** Lists of steps. */
export const stepExamples: Readonly<Record<StepKind, string>> = {
  send: `- name: The value before
  send: { get: Device.DeviceInfo.ProvisioningCode }
  expect:
    params: { Device.DeviceInfo.ProvisioningCode: { $bind: before } }
- send:
    set:
      allow_partial: false
      update_objs:
        - obj_path: Device.DeviceInfo.
          param_settings: { ProvisioningCode: lab }
  expect:
    set_resp: { updated_obj_results: [{ oper_status: { oper_success: {} } }] }
- name: It does not answer what is not for it
  send: { get: Device. }
  record_to: os::somebody-else
  expect: nothing
  within: 3s`,
  record: `- name: Bytes that are no Record
  record: { hex: 0a03312e33 ff }
- name: A Record by its fields
  record:
    json: { version: '1.3', toId: '\${device}', fromId: '\${controller}', disconnect: { reason: Bye } }`,
  publish: `- publish: lab/\${run.id}/hello
  payload: { json: { from: '\${device}' } }
  qos: 1
  properties: { content_type: application/json }`,
  expect: `- id: asked
  send: { operate: { command: Device.SelfTestDiagnostics(), command_key: lab, send_resp: true } }
  expect: later
- name: The answer comes
  expect: { answer: asked, is: { operate_resp: $present } }
- name: And the Notify, once it is done
  expect: { notify: { oper_complete: { command_key: lab } } }
  within: 2m
- name: Any packet can be waited for, by a filter
  expect: { packet: 'mqtt.msgtype == PINGREQ && device == "\${device}"' }
  within: 2m`,
  nothing: `- name: It keeps still
  nothing: { notify: { value_change: {} } }
  for: 20s`,
  check: `- check: 1 < 2 and device contains "::"`,
  set: `- set: { path: Device.WiFi.Radio.1., channels: [1, 6, 11] }`,
  sleep: `- sleep: 500ms`,
  repeat: `- name: Until it is up, 10 times at most
  repeat: 10
  every: 2s
  until: param(steps.status.answer, "Device.WiFi.Radio.1.Status") == "Up"
  steps:
    - id: status
      send: { get: Device.WiFi.Radio.1.Status }`,
  for: `- for: channel
  in: [1, 6, 11]
  steps:
    - send:
        set:
          update_objs: [{ obj_path: Device.WiFi.Radio.1., param_settings: { Channel: '\${channel}' } }]`,
  if: `- if: device contains "LAB"
  steps:
    - check: true
  else:
    - end: skipped
      because: This is for devices of the lab.`,
  group: `- group: Radio
  steps:
    - send: { get: Device.WiFi.Radio. }`,
  parallel: `- parallel:
    - send: { get: Device.DeviceInfo. }
    - send: { get: Device.WiFi. }`,
  call: `- call: login
  with: { user: admin }`,
  wait: `- send: { operate: { command: Device.Reboot(), send_resp: true } }
- wait: offline
  within: 30s
- wait: online
  within: 5m`,
  act: `- act: disconnect
  with: { reason_code: 139 }
- expect: { packet: 'mqtt.msgtype == CONNECT && device == "\${device}"' }
  within: 1m`,
  ask: `- ask: What colour is the lamp?
  choices: [green, red, off]
  expect: green
- ask: Take a photo of the lamps
  file: lamps.jpg`,
  attach: `- id: who
  send: { get: Device.DeviceInfo. }
- attach: answer.json
  content: { json: '\${steps.who.answer}' }
- attach: answer.bin
  packets: steps.who.packet
- attach: device.json
  facts: \${device}`,
  end: `- end: skipped
  because: It has no radio.
  when: device contains "DSL"`,
}

/** What may stand in the place of a value. */
export const matcherExamples: Readonly<Record<OperatorName | MatcherWord, string>> = {
  $is: '{ $is: $5 bill }',
  $not: '{ $not: Error }',
  $in: '{ $in: [Up, Dormant] }',
  $pattern: '{ $pattern: ^\\d+\\.\\d+ }',
  $contains: '{ $contains: Router }',
  $type: '{ $type: unsignedInt }',
  $min: '{ $min: 1 }',
  $max: '{ $min: 1, $max: 5 }',
  $near: '{ $near: 60, $tolerance: 4 }',
  $tolerance: '{ $near: 60, $tolerance: 5% }',
  $length: '{ $length: { $min: 1 } }',
  $where: '{ $where: number(value) > 3 }',
  $each: '{ $each: { $type: path } }',
  $only: '{ $only: [1, 2] }',
  $all: '{ $all: [{ $contains: a }, { $contains: b }] }',
  $bind: '{ $bind: serial, $length: 12 }',
  $sample: '{ $sample: 4711, $type: unsignedInt }',
  $any: '$any',
  $present: '$present',
  $absent: '$absent',
}

/** What stands behind `with`; empty where nothing does. */
export const actExamples: Readonly<Record<ActName, string>> = {
  disconnect: '{ reason_code: 139 }',
  rule: '{ rule: { effect: deny, action: subscribe, topic: lab/# } }',
  credential: '{ username: lab, password: an example }',
  remove_credential: '{ username: lab }',
  listener: '{ listener: tls, enabled: false }',
  fault: '{ do: delay, ms: 500, filter: usp.type == GET_RESP, times: 3 }',
  end_faults: '',
  notify_responses: '{ send: false }',
}

/** An expectation with this matcher in it, as a step. */
export const matcherStep = (matcher: string): string =>
  `- send: { get: Device.X }\n  expect: { params: { Device.X: ${matcher} } }`
export const actStep = (name: ActName, given: string): string =>
  `- act: ${name}${given === '' ? '' : `\n  with: ${given}`}`

/** A flow of these steps. */
export const flowWith = (steps: string): string =>
  `flow: 1\nname: Example\nsteps:\n${steps.replaceAll(/^/gm, '  ')}\n`
