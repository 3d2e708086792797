import { describe, expect, test } from 'vitest'
import { editFlow, formatFlow } from '../../../shared/flow/format/format.ts'
import { describeProblem, parseFlow } from '../../../shared/flow/format/parse.ts'
import { isMap, mapTexts, type JsonMap } from '../../../shared/flow/json.ts'
import { bodyOf, msgIdOf } from '../../../shared/flow/messages.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import { recordFlow, type RecordedPacket, type RecordOptions } from '../../../shared/flow/record/recorder.ts'
import { describeDifference } from '../../../shared/flow/match.ts'
import { everyStep } from '../../../shared/flow/run/result.ts'
import { outline, play, type Device } from './bench.ts'
import { readTour, TOUR_DEVICES } from './tour.ts'

const tour = readTour()

/** The bodies that a device sent after each request of a recording, the first before any: answer and Notifies. */
function script(device: string): JsonMap[][] {
  const parts: JsonMap[][] = [[]]
  const notified = new Set<string>()
  for (const { to, from, msg } of tour) {
    const kind = msg === undefined ? 'bytes' : (Object.keys(bodyOf(msg))[0] ?? '')
    const isSent = to === device && !kind.endsWith('_resp') && from !== device
    if (isSent) parts.push([])
    if (from !== device || msg === undefined) continue
    if (kind === 'notify' && notified.has(msgIdOf(msg))) continue
    if (kind === 'notify') notified.add(msgIdOf(msg))
    parts.at(-1)?.push(bodyOf(msg))
  }
  return parts
}

/** Plays the recorded device: rows get other numbers, command keys are those of the request. */
function replay(flow: Flow, device: string, shift: number) {
  const [first = [], ...rest] = script(device)
  const keys = new Map<string, string>()
  const renumber = (text: string) =>
    text.replace(
      /^(Device\.LocalAgent\.(?:Subscription|Request)\.)(\d+)/,
      (whole, table: string, number: string) =>
        table.includes('Subscription') && number === '1' ? whole : `${table}${Number(number) + shift}`,
    )
  const changed = (body: JsonMap): JsonMap => {
    const { params: _params, ...message } = body
    return mapTexts(message, (text) => keys.get(text) ?? renumber(text)) as JsonMap
  }
  const recordedKeys = tour.flatMap(({ to, msg }) => {
    const operate = to === device && msg ? bodyOf(msg)['operate'] : undefined
    return isMap(operate) && typeof operate['command_key'] === 'string' ? [operate['command_key']] : []
  })
  let at = 0
  const answers: Device = ({ msg, msgId }) => {
    const operate = bodyOf(msg)['operate']
    if (isMap(operate)) keys.set(recordedKeys.shift() ?? '', String(operate['command_key']))
    const bodies = rest[at++] ?? []
    return bodies.map((body, index) => ({
      body: changed(body),
      after: 5 + index,
      msgId: Object.hasOwn(body, 'notify') ? `n${at}-${index}` : msgId,
    }))
  }
  // What the device did not answer has no step that waits for it; `record` steps are sent, too.
  const played = play(flow, answers, { device, controller: 'oktopusController', runId: `run-${shift}` })
  for (const body of first) played.packet(1, { from: device, msg: { body: { request: changed(body) } } })
  return played.go()
}

describe.each(TOUR_DEVICES)('the tour of %s', (device) => {
  const recording = recordFlow(tour, { name: 'Tour', device })
  const { flow } = recording

  test('is a flow that can be read again', () => {
    const text = formatFlow(flow)
    const { flow: read, problems } = parseFlow(text)
    expect(problems.map(describeProblem)).toEqual([])
    expect(read).toEqual(flow)
    expect(editFlow(text, flow)).toBe(text)
  })

  test.each([0, 5])('passes against what the agent answered, rows numbered %d further', (shift) => {
    const result = replay(flow, device, shift)
    const differing = [...everyStep(result.steps)].flatMap(([{ differences }]) => differences)
    expect(differing.map(describeDifference)).toEqual([])
    expect(outline(result).filter((line) => !line.endsWith(' passed') && !line.endsWith(' skipped'))).toEqual(
      [],
    )
    expect(result.status).toBe('passed')
    expect(result.steps.length).toBeGreaterThan(2)
  })

  test('fails when a value is another one', () => {
    const text = JSON.stringify(flow)
    const broken = text.replaceAll('"EndpointID":"${controller}"', '"EndpointID":"somebody"')
    expect(broken).not.toBe(text)
    expect(replay(JSON.parse(broken) as Flow, device, 0).status).toBe('failed')
  })

  test('nothing of the recording is kept that is another at each replay', () => {
    const text = formatFlow(flow)
    const plain = text.replaceAll(/\$sample: .*$/gm, '').replaceAll(/^\s*(?:- )?record:.*$/gm, '')
    expect(plain).not.toContain(device)
    for (const { msg } of tour)
      if (msg && msgIdOf(msg).length > 3) expect(plain).not.toContain(`"${msgIdOf(msg)}"`)
    expect(recording.review.every(({ why }) => why !== '')).toBe(true)
  })

  test('every packet is in a step or in the list of those left out', () => {
    const inSteps = flow.steps.length
    const left = new Set(recording.left.map(({ packet }) => packet))
    expect(left.size).toBe(recording.left.length)
    expect(inSteps + left.size).toBeLessThanOrEqual(tour.length)
  })
})

describe('choices', () => {
  const msg = (id: string, body: JsonMap, place: string): JsonMap => ({
    header: { msg_id: id },
    body: { [place]: body },
  })
  const packets: RecordedPacket[] = [
    {
      no: 1,
      time: 0,
      from: 'self::c',
      to: 'os::d',
      msg: msg('1', { get: { param_paths: ['Device.X.'] } }, 'request'),
    },
    {
      no: 2,
      time: 20,
      from: 'os::d',
      to: 'self::c',
      msg: msg('1', { get_resp: { req_path_results: [{ requested_path: 'Device.X.' }] } }, 'response'),
    },
    {
      no: 3,
      time: 520,
      from: 'os::d',
      to: 'self::c',
      msg: msg(
        'n',
        { notify: { value_change: { param_path: 'Device.X.UpTime', param_value: '5' } } },
        'request',
      ),
    },
    { no: 4, time: 600, from: 'self::c', to: 'os::d', bytes: Uint8Array.of(1, 2) },
    {
      no: 5,
      time: 700,
      from: 'self::c',
      to: 'os::d',
      msg: msg('2', { operate: { command: 'Device.Y()', command_key: 'k', send_resp: true } }, 'request'),
    },
    { no: 6, time: 5000, from: 'os::other', to: 'self::c' },
  ]
  const steps = (options: Partial<RecordOptions> = {}) =>
    recordFlow(packets, { name: 'x', device: 'os::d', ...options }).flow.steps

  test('by default everything is expected as it was, with the gaps between', () => {
    expect(steps()).toEqual([
      {
        kind: 'send',
        send: { get: { param_paths: ['Device.X.'] } },
        expect: { get_resp: { req_path_results: [{ requested_path: 'Device.X.' }] } },
      },
      {
        kind: 'expect',
        expect: {
          notify: {
            value_change: {
              param_path: 'Device.X.UpTime',
              param_value: { $type: 'unsignedLong', $sample: '5' },
            },
          },
        },
      },
      { kind: 'record', record: { base64: 'AQI=' }, gap: 80 },
      {
        kind: 'send',
        send: { operate: { command: 'Device.Y()', command_key: '${command_key_1}', send_resp: true } },
        expect: 'later',
        gap: 100,
      },
    ])
  })

  test('each can be kept loosely or left out', () => {
    const choices = new Map([
      [2, 'keep'],
      [3, 'keep'],
      [4, 'ignore'],
      [5, 'ignore'],
    ] as const)
    expect(steps({ choices })).toEqual([
      { kind: 'send', send: { get: { param_paths: ['Device.X.'] } }, expect: 'response' },
      { kind: 'expect', expect: { notify: { value_change: '$present' } } },
    ])
    expect(recordFlow(packets, { name: 'x', device: 'os::d', choices }).left).toEqual([
      { packet: 4, why: 'left out by choice' },
      { packet: 5, why: 'left out by choice' },
      { packet: 6, why: 'another device' },
    ])
  })

  test('texts of this device become variables', () => {
    const { flow } = recordFlow(packets, {
      name: 'x',
      device: 'os::d',
      known: { 'Device.X.': 'object', unseen: 'client_id' },
    })
    expect(flow.variables).toMatchObject({ object: 'Device.X.' })
    expect(flow.variables).not.toHaveProperty('client_id')
    expect(flow.steps[0]).toMatchObject({ send: { get: { param_paths: ['${object}'] } } })
  })

  test('passwords are not written down', () => {
    const set: RecordedPacket = {
      ...packets[0]!,
      msg: msg(
        '1',
        {
          set: {
            update_objs: [
              { obj_path: 'Device.X.', param_settings: [{ param: 'KeyPassphrase', value: 'hunter22' }] },
            ],
          },
        },
        'request',
      ),
    }
    const answer: RecordedPacket = {
      ...packets[1]!,
      msg: msg(
        '1',
        {
          set_resp: {
            updated_obj_results: [
              {
                oper_status: {
                  oper_success: {
                    updated_inst_results: [
                      { affected_path: 'Device.X.', updated_params: { KeyPassphrase: 'hunter22' } },
                    ],
                  },
                },
              },
            ],
          },
        },
        'response',
      ),
    }
    const { flow } = recordFlow([set, answer], { name: 'x', device: 'os::d' })
    expect(flow.secrets).toEqual(['password_1'])
    expect(JSON.stringify(flow)).toContain('${secret.password_1}')
    expect(JSON.stringify(flow)).not.toContain('hunter22')
    expect(parseFlow(formatFlow(flow)).flow).toEqual(flow)
  })
})
