/** Flows over the contract: files, runs that are stepped and stopped, what they do to the bench, results. */
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { everyStep } from '../../../shared/flow/run/result.ts'
import { eventually, flow, flowBench } from './bench.ts'

const endpointId = 'os::02005E-FLOW02'
const bench = flowBench()

const handlers = () => bench.engine.handlers
const simulate = async (misbehave: readonly 'segmented'[] = []): Promise<void> => {
  await bench.simulate({ endpointId, misbehave })
}

async function start(text: string, more: object = {}): Promise<string> {
  const { run } = await handlers()['flows.run']({ source: { text }, device: endpointId, ...more })
  return run
}
async function ended(run: string): Promise<FlowResult> {
  await eventually(() => bench.engine.current('flowRuns').results.map(({ id }) => id)).toContain(run)
  return handlers()['flows.result']({ id: run })
}
const steps = ({ steps: list, cleanup }: FlowResult) =>
  [...everyStep([...list, ...cleanup])].map(([{ path, status }]) => `${path} ${status}`)

describe('files', () => {
  test('are written, listed, read and moved to the trash', async () => {
    const text = flow('- sleep: 1ms')
    expect(await handlers()['flows.write']({ path: 'lab/my flow.yaml', text })).toMatchObject({
      problems: [],
    })
    const file = bench.engine.current('flowFiles').files?.find(({ path }) => path === 'lab/my flow.yaml')
    expect(file).toMatchObject({ name: 'test', steps: 1, errors: 0 })
    expect((await handlers()['flows.read']({ path: 'lab/my flow.yaml' })).text).toBe(text)
    await handlers()['flows.delete']({ path: 'lab/my flow.yaml' })
    expect(await readdir(join(bench.folder, 'flows', '.trash'))).toEqual(['lab-my flow.yaml'])
    await expect(handlers()['flows.read']({ path: 'lab/my flow.yaml' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('with errors are kept, told by line and column, and not run', async () => {
    const text = flow('- sned: { get: Device. }')
    const { problems } = await handlers()['flows.write']({ path: 'wrong.yaml', text })
    expect(problems[0]).toMatchObject({ severity: 'error', line: 4, column: 5 })
    await expect(
      handlers()['flows.run']({ source: { path: 'wrong.yaml' }, device: endpointId }),
    ).rejects.toMatchObject({ code: 'invalid-request', message: expect.stringContaining('4:5') })
  })

  test('behind a link that leads out of the folder are not touched', async () => {
    const outside = join(bench.folder, 'captures', 'outside')
    await mkdir(outside, { recursive: true })
    await writeFile(join(outside, 'a.yaml'), 'secret')
    await symlink(outside, join(bench.folder, 'flows', 'link'))
    const path = 'link/a.yaml'
    await expect(handlers()['flows.read']({ path })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(handlers()['flows.write']({ path, text: 'x' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(handlers()['flows.delete']({ path })).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await readFile(join(outside, 'a.yaml'), 'utf8')).toBe('secret')
  })
})

describe('runs', () => {
  test('an answer in segments of a session context is put together; evidence are packets of the capture', async () => {
    await simulate(['segmented'])
    const run = await start(
      flow(
        '- send: { get: { param_paths: [Device.DeviceInfo.] } }\n  expect: { params: { Device.DeviceInfo.Manufacturer: Oktobench } }',
      ),
    )
    const result = await ended(run)
    expect([result.status, steps(result)]).toEqual(['passed', ['steps.0 passed']])
    const [asked = 0, answered = 0] = result.steps[0]?.packets ?? []
    const rows = await bench.rows()
    expect(rows.find(({ no }) => no === asked)).toMatchObject({ direction: 'out', type: 'PUBLISH' })
    expect(rows.find(({ no }) => no === answered)).toMatchObject({ direction: 'in', type: 'PUBLISH' })
  })

  test('a plain message is published, and packets are expected by a filter', async () => {
    await simulate()
    const result = await ended(
      await start(
        flow(
          '- publish: lab/test\n  payload: hello\n- expect: { packet: \'mqtt.topic == "lab/test"\' }\n- act: disconnect\n  with: { reason_code: 139 }\n- expect: { packet: mqtt.msgtype == DISCONNECT && mqtt.reason_code == 139 }\n- wait: offline\n- wait: online',
        ),
      ),
    )
    expect([result.status, steps(result)]).toEqual([
      'passed',
      [0, 1, 2, 3, 4, 5].map((at) => `steps.${at} passed`),
    ])
  })

  test('what a flow did to the bench is undone when it ends', async () => {
    const before = bench.engine.current('access').list.rules.length
    const text = flow(
      '- act: rule\n  with: { rule: { effect: deny, topic: lab/# } }\n- act: credential\n  with: { username: lab, password: "${secret.word}" }\n- ask: Look\n  choices: [Done]',
      'secrets: [word]\n',
    )
    const run = await start(text, { secrets: { word: 'open sesame' } })
    await eventually(() => bench.engine.current('flowRuns').runs[0]?.questions.length).toBe(1)
    expect(bench.engine.current('access').list.rules[0]).toMatchObject({ effect: 'deny', topic: 'lab/#' })
    expect((await handlers()['access.users'](undefined)).map(({ username }) => username)).toContain('lab')
    const token = bench.engine.current('flowRuns').runs[0]?.questions[0]?.token ?? -1
    await handlers()['flows.answer']({ run, token, choice: 'Done' })
    const result = await ended(run)
    expect(result.status).toBe('passed')
    expect(JSON.stringify(result)).not.toContain('open sesame')
    expect(bench.engine.current('access').list.rules).toHaveLength(before)
    expect((await handlers()['access.users'](undefined)).map(({ username }) => username)).not.toContain('lab')
  })

  test('flows that run side by side do not undo what the other one did', async () => {
    const rule = (topic: string) =>
      flow(`- act: rule\n  with: { rule: { effect: deny, topic: ${topic} } }\n- sleep: 50ms`)
    const before = bench.engine.current('access').list.rules
    const runs = await Promise.all(['a', 'b', 'c'].map((topic) => start(rule(topic))))
    const all = await Promise.all(runs.map(ended))
    const notes = ({ note, steps: list }: FlowResult) => [note, ...list.map((step) => step.note)]
    expect(all.flatMap(notes)).toEqual(runs.flatMap(() => [undefined, undefined, undefined]))
    expect(all.map(({ status }) => status)).toEqual(runs.map(() => 'passed'))
    expect(bench.engine.current('access').list.rules).toEqual(before)
  })

  test('Notifies of the device of the flow are not answered, those of others are', async () => {
    await simulate()
    await bench.simulate({ endpointId: 'os::02005E-OTHER' })
    const ask = (to: string) =>
      `- send: { operate: { command: Device.LocalAgent.Controller.1.SendOnBoardRequest(), send_resp: true } }\n  to: ${to}`
    const answer = (to: string) => `{ packet: 'usp.type == NOTIFY_RESP && usp.to_id == "${to}"' }`
    const text = flow(
      [
        '- act: notify_responses\n  with: { send: false }',
        ask('os::02005E-OTHER'),
        ask('${device}'),
        `- expect: ${answer('os::02005E-OTHER')}`,
        `- nothing: ${answer('${device}')}\n  for: 300ms`,
        '- act: notify_responses',
        // It is sent again until it is answered.
        `- expect: ${answer('${device}')}`,
      ].join('\n'),
    )
    const result = await ended(await start(text))
    expect([result.status, result.note, steps(result)]).toEqual([
      'passed',
      undefined,
      [0, 1, 2, 3, 4, 5, 6].map((at) => `steps.${at} passed`),
    ])
  })

  test('a fault of a flow meets its device, and is gone when the run ends', async () => {
    await simulate()
    const lost = flow(
      '- act: fault\n  with: { do: drop, name: lost, way: out, filter: mqtt.msgtype == PUBLISH }\n- send: { get: { param_paths: [Device.DeviceInfo.] } }\n  expect: nothing\n  within: 0.3\n- act: end_faults\n- send: { get: { param_paths: [Device.DeviceInfo.] } }\n- act: fault\n  with: { do: delay, ms: 5 }\n- ask: Look\n  choices: [Done]',
    )
    const run = await start(lost)
    await eventually(() => bench.engine.current('flowRuns').runs[0]?.questions.length).toBe(1)
    expect(bench.engine.current('faults').list).toMatchObject([
      { on: true, fault: { name: 'delay of a flow', device: endpointId, action: { kind: 'delay', ms: 5 } } },
    ])
    const token = bench.engine.current('flowRuns').runs[0]?.questions[0]?.token ?? -1
    await handlers()['flows.answer']({ run, token, choice: 'Done' })
    const result = await ended(run)
    expect(steps(result)).toEqual([0, 1, 2, 3, 4, 5].map((at) => `steps.${at} passed`))
    expect(bench.engine.current('faults').list).toEqual([])
    // The answer to its Boot! may be lost as well.
    const requests = (await bench.rows('fault == lost')).filter(({ usp }) => usp === 'GET')
    expect(requests.map(({ type, verdict }) => [type, verdict])).toEqual([['PUBLISH', 'dropped']])
  })

  test('are held, stepped and stopped with their clean-up', async () => {
    const run = await start(
      `${flow('- set: { a: 1 }\n- set: { a: 2 }\n- sleep: 1h')}\ncleanup:\n  - set: { a: 3 }`,
      { paused: true },
    )
    const state = () => bench.engine.current('flowRuns').runs.find(({ id }) => id === run)
    expect(state()).toMatchObject({ paused: true, step: 'steps.0', done: 0 })
    await handlers()['flows.control']({ run, action: 'step' })
    expect(state()).toMatchObject({ paused: true, step: 'steps.1', done: 1 })
    await handlers()['flows.control']({ run, action: 'continue' })
    expect(state()).toMatchObject({ paused: false, step: 'steps.2', done: 2 })
    await handlers()['flows.control']({ run, action: 'stop' })
    const result = await ended(run)
    expect([result.status, steps(result)]).toEqual([
      'stopped',
      ['steps.0 passed', 'steps.1 passed', 'steps.2 skipped', 'cleanup.0 passed'],
    ])
    const { text } = await handlers()['flows.report']({ ids: [run], format: 'junit' })
    expect(text).toContain('<testsuite')
    await expect((async () => handlers()['flows.control']({ run, action: 'stop' }))()).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('two results are compared, and all of them stand in a matrix', async () => {
    const text = (value: string) => flow(`- set: { value: ${value} }\n- check: value == 1`)
    const [before, after] = [await start(text('1')), await start(text('2'))]
    for (const run of [before, after]) await ended(run)
    const { steps: differing, counts } = await handlers()['flows.compare']({ before, after })
    expect(differing.map(({ path, before: one, after: other }) => [path, one, other])).toEqual([
      ['steps.0', 'passed', 'passed'],
      ['steps.1', 'passed', 'failed'],
    ])
    expect(counts).toMatchObject({ broken: 1, values: 1 })
    await expect(handlers()['flows.compare']({ before, after: 'nobody' })).rejects.toMatchObject({
      code: 'not-found',
    })
    const { devices, rows } = await handlers()['flows.matrix'](undefined)
    expect([devices, rows]).toMatchObject([[endpointId], [{ name: 'test', cells: [{ runs: 2, bad: 1 }] }]])
  })

  test('a device that is not there is an error of the step that sends', async () => {
    const result = await ended(await start(flow('- send: { get: Device. }')))
    expect(result.status).toBe('error')
    expect(result.steps[0]?.note).toContain('not connected')
  })

  test('a flow calls another of its folder', async () => {
    await handlers()['flows.write']({
      path: 'lab/inner.yaml',
      text: flow('- set: { result: "${given + 1}" }', 'variables: { given: 0 }\n'),
    })
    const outer = flow('- call: inner\n  with: { given: 41 }\n  bind: { mine: result }\n- check: mine == 42')
    await handlers()['flows.write']({ path: 'lab/outer.yaml', text: outer })
    const { run } = await handlers()['flows.run']({ source: { path: 'lab/outer.yaml' }, device: endpointId })
    expect((await ended(run)).status).toBe('passed')
  })
})
