/** Flows for tests. */

export const GET_AND_CHECK = `flow: 1
name: The agent says who it is
steps:
  - send: { get: Device.DeviceInfo. }
    expect:
      params:
        Device.DeviceInfo.Manufacturer: $present
        Device.DeviceInfo.UpTime: { $min: 1 }
`

/** Every kind of step, and most of their keys. */
export const everyStep = `flow: 1
name: Everything
description: |
  Two lines
  of text.
requirements: [R-GET.2, TP-469 1.36]
tags: [smoke]
variables:
  table: Device.LocalAgent.Subscription.
  list: [1, 2]
secrets: [password]
limits: { time: 5m, packets: 100, answer: 3s, steps: 500 }

setup:
  - send: { get: "\${table}" }
    bind: { found: 'length(params(answer))' }
steps:
  - id: added
    name: A subscription
    when: found >= 0
    send:
      add:
        allow_partial: true
        create_objs:
          - obj_path: \${table}
            param_settings: { Enable: true, ID: 'oktobench-\${run.id}' }
    expect:
      add_resp:
        created_obj_results:
          oper_status: { oper_success: { instantiated_path: { $bind: row, $type: path } } }
    within: 5s
    topic: a/b
    content_type: application/vnd.bbf.usp.msg
    qos: 1
    properties: { user: { a: b }, message_expiry_interval: 60 }
    session: { session_id: 5, sequence_id: 1, expected_id: 1 }
    gap: 250ms
    on_failure: continue
  - record: { hex: 0a 03 31 2e 33 }
    to: os::x
  - publish: test/topic
    payload: hello
    retain: false
  - expect:
      notify: { value_change: { param_path: "\${row}Enable", param_value: $any } }
    since: start
  - nothing: { packet: mqtt.msgtype == DISCONNECT }
    for: 2s
  - check: steps.added.latency < 5 and secret.password != ""
  - set: { answered: "\${steps.added.answer}", next: 1 }
  - sleep: 10ms
  - repeat: 3
    until: next > 1
    every: 1s
    steps:
      - set: { next: "\${next + 1}" }
  - for: item
    in: \${list}
    steps:
      - check: item > 0
  - if: answered != null
    steps:
      - sleep: 1ms
    else:
      - end: failed
        because: no answer
  - group: Together
    steps:
      - sleep: 1ms
  - parallel:
      - sleep: 1ms
      - sleep: 2ms
  - call: other
    with: { path: Device. }
    bind: { theirs: result }
  - wait: offline
    device: \${device}
    within: 30s
  - act: disconnect
    with: { device: "\${device}", reason_code: 139 }
  - ask: Press the button
    choices: [Done, Not there]
    expect: Done
  - end: passed
cleanup:
  - send: { delete: { obj_paths: "\${row}" } }
    expect: later
`
