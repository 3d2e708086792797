/** Runs as they are looked at and led by a person: their steps as a view, holding, mending, repeating; files beside. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { ViewParams } from '../../../shared/contract/contract.ts'
import type { Exchange } from '../../../shared/contract/flow-record.ts'
import type { FlowRunState } from '../../../shared/contract/flows.ts'
import { formatFlow } from '../../../shared/flow/format/format.ts'
import { agentTopic } from '../../../shared/usp/oktopus.ts'
import { recordFlow, type Choice, type Recording } from '../../../shared/flow/record/recorder.ts'
import { titleOf } from '../../../shared/flow/run/title.ts'
import { readTour, TOUR_DEVICES } from '../../shared/flow/tour.ts'
import { captureFile } from '../../shared/usp/publishes.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'
import { eventually, flow, flowBench } from './bench.ts'

const device = 'os::02005E-FLOW03'
const bench = flowBench()

const handlers = () => bench.engine.handlers
const start = async (text: string, more: object = {}): Promise<string> =>
  (await handlers()['flows.run']({ source: { text }, device, ...more })).run
const runs = () => bench.engine.current('flowRuns').runs
const stateOf = (run: string): FlowRunState | undefined => runs().find(({ id }) => id === run)
const held = (run: string) => eventually(() => stateOf(run)?.held)
const control = (run: string, action: 'continue' | 'step' | 'pause' | 'stop') =>
  handlers()['flows.control']({ run, action })
const ended = (run: string) => eventually(() => stateOf(run)?.status).not.toBe('running')

async function rows(id: string, more: Partial<ViewParams<'flowSteps'>> = {}): Promise<string[]> {
  const view = bench.engine.views.flowSteps({ id, folded: [], only: 'all', ...more }, () => undefined)
  try {
    const update = await view.read({ from: 0, count: 1000, tail: false })
    return update.rows.map(({ key, depth, title, status }) => `${depth} ${key} ${title} ${status}`)
  } finally {
    view.close()
  }
}

describe('the steps of a run', () => {
  test('are rows, of a run under way and of its result; folded, and only what is wrong', async () => {
    const text = flow(
      '- group: first\n  steps: [{ set: { a: 1 } }, { check: a == 1 }]\n- ask: Go on?\n- group: second\n  steps: [{ check: a == 2 }, { check: true }]',
      'cleanup: [{ set: { a: 0 } }]\n',
    )
    const run = await start(text)
    await eventually(() => stateOf(run)?.questions.length).toBe(1)
    expect(await rows(run)).toEqual([
      '0 steps/0 first passed',
      '1 steps/0/0 set a passed',
      '1 steps/0/1 check a == 1 passed',
      '0 steps/1 Go on? running',
    ])
    const [question] = stateOf(run)?.questions ?? []
    await handlers()['flows.answer']({ run, token: question?.token ?? 0, choice: 'Done' })
    await ended(run)
    const lines = await rows(run)
    expect(lines).toEqual([
      '0 steps Steps failed',
      '1 steps/0 first passed',
      '2 steps/0/0 set a passed',
      '2 steps/0/1 check a == 1 passed',
      '1 steps/1 Go on? passed',
      '1 steps/2 second failed',
      '2 steps/2/0 check a == 2 failed',
      '2 steps/2/1 check true skipped',
      '0 cleanup Clean-up passed',
      '1 cleanup/0 set a passed',
    ])
    expect(await rows(run, { only: 'wrong' })).toEqual([lines[0], lines[5], lines[6]])
    expect(await rows(run, { folded: ['steps/0', 'cleanup'] })).toEqual(
      lines.filter((_, at) => ![2, 3, 9].includes(at)),
    )
    expect(await handlers()['flows.step']({ id: run, key: 'steps/2/0' })).toMatchObject({
      note: 'a == 2 is false.',
      children: [],
    })
    await expect(handlers()['flows.step']({ id: run, key: 'steps/9' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test('show no secret while they go on', async () => {
    const text = flow('- ask: ${secret.word}\n  name: ${secret.word}', 'secrets: [word]\n')
    const run = await start(text, { secrets: { word: 'open sesame' } })
    await eventually(() => stateOf(run)?.questions.length).toBe(1)
    expect(JSON.stringify(await rows(run))).not.toContain('sesame')
    control(run, 'stop')
    await ended(run)
  })
})

describe('a person leads a run', () => {
  test('step by step, a step that failed is mended and the rest is done', async () => {
    await bench.simulate({ endpointId: device })
    const text = flow(
      '- send: { get: Device.DeviceInfo.Manufacturer }\n  expect: { params: { Device.DeviceInfo.Manufacturer: Nobody } }\n- set: { done: true }',
    )
    const run = await start(text, { paused: true, failures: true })
    await held(run).toBe('before')
    expect(stateOf(run)).toMatchObject({ step: 'steps.0', paused: true })
    control(run, 'continue')
    await held(run).toBe('failed')
    expect(stateOf(run)).toMatchObject({ step: 'steps.0', failed: 1 })
    const wrong = { run, step: '- send: { get: Device. }\n  expct: {}' }
    expect(() => handlers()['flows.again'](wrong)).toThrow(/2:3 .*expct/)
    handlers()['flows.again']({
      run,
      step: '- send: { get: Device.DeviceInfo.Manufacturer }\n  expect: { params: { Device.DeviceInfo.Manufacturer: Oktobench } }\n',
    })
    await eventually(() => stateOf(run)?.step).toBe('steps.1')
    control(run, 'continue')
    await ended(run)
    const result = await handlers()['flows.result']({ id: run })
    expect([result.status, ...result.steps.map(({ attempt = 1, status }) => `${attempt} ${status}`)]).toEqual(
      ['passed', '1 failed', '2 passed', '1 passed'],
    )
  })

  test('breakpoints are changed while it goes on, also to a filter that other packets of the bench meet', async () => {
    const run = await start(flow('- ask: Ready?\n- sleep: 1ms\n- sleep: 1ms'))
    expect(() => handlers()['flows.breakpoints']({ run, filters: ['mqtt.topic =='] })).toThrow(
      'cannot be used',
    )
    handlers()['flows.breakpoints']({ run, filters: ['mqtt.msgtype == CONNECT'] })
    await bench.simulate({ endpointId: 'os::02005E-OTHER' })
    await eventually(() => stateOf(run)?.paused).toBe(true)
    const [question] = stateOf(run)?.questions ?? []
    await handlers()['flows.answer']({ run, token: question?.token ?? 0, choice: 'Done' })
    await held(run).toBe('before')
    const no = stateOf(run)?.heldBy
    await expect.poll(async () => (await bench.rows()).find((row) => row.no === no)?.type).toBe('CONNECT')
    handlers()['flows.breakpoints']({ run, breakpoints: ['steps.2'] })
    control(run, 'continue')
    await eventually(() => stateOf(run)?.step).toBe('steps.2')
    control(run, 'continue')
    await ended(run)
  })

  test('a run is repeated so often, each turn a result of its own, until it is stopped', async () => {
    const first = await start(flow('- sleep: 1ms'), { repeat: { times: 3 } })
    const results = () => bench.engine.current('flowRuns').results
    await eventually(() => results().length).toBe(3)
    expect(runs().map(({ series }) => [series?.id, series?.turn])).toEqual([
      [first, 1],
      [first, 2],
      [first, 3],
    ])
    await start(flow('- ask: Again?'), { repeat: { for: 60_000 } })
    const now = () => runs().at(-1)
    const [question] = now()?.questions ?? []
    await handlers()['flows.answer']({ run: now()?.id ?? '', token: question?.token ?? 0, choice: 'Done' })
    await eventually(() => now()?.series?.turn).toBe(2)
    control(now()?.id ?? '', 'stop')
    await eventually(() => results().length).toBe(5)
    expect(now()).toMatchObject({ status: 'stopped', series: { turn: 2 } })
    await expect(start(flow('- sleep: 1ms'), { repeat: {} })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })
})

describe('files', () => {
  test('what somebody else wrote is not written over unseen', async () => {
    const path = 'lab/one.yaml'
    const { stamp } = await handlers()['flows.write']({ path, text: flow('- sleep: 1'), over: 'new' })
    expect(await handlers()['flows.read']({ path })).toMatchObject({ stamp })
    await expect(handlers()['flows.write']({ path, text: '', over: 'new' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await writeFile(join(bench.folder, 'flows', path), flow('- sleep: 2'))
    await expect(handlers()['flows.write']({ path, text: '', over: stamp })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect((await handlers()['flows.read']({ path })).text).toContain('sleep: 2')
  })

  test('are renamed into folders that are made, and not over another', async () => {
    await handlers()['flows.write']({ path: 'one.yaml', text: flow('- sleep: 1') })
    await handlers()['flows.write']({ path: 'two.yaml', text: flow('- sleep: 2') })
    await expect(handlers()['flows.rename']({ from: 'one.yaml', to: 'two.yaml' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await handlers()['flows.rename']({ from: 'one.yaml', to: 'lab/deep/one.yaml' })
    await handlers()['flows.rename']({ from: 'two.yaml', to: 'Two.yaml' })
    await expect(handlers()['flows.rename']({ from: 'one.yaml', to: 'x.yaml' })).rejects.toMatchObject({
      code: 'not-found',
    })
    const paths = (bench.engine.current('flowFiles').files ?? []).map(({ path }) => path)
    expect(paths.filter((path) => !path.startsWith('starter/'))).toEqual(['Two.yaml', 'lab/deep/one.yaml'])
  })

  test('the starter set comes back on demand, without what is there', async () => {
    await handlers()['flows.delete']({ path: 'starter/reboot.yaml' })
    expect(await handlers()['flows.addSet']({ set: 'starter' })).toEqual({ added: ['starter/reboot.yaml'] })
    expect(await handlers()['flows.addSet']({ set: 'starter' })).toEqual({ added: [] })
  })
})

describe('a recording', () => {
  test('is what was said, each Record once, though the bench passed it on; of a filter and of a range', async () => {
    await bench.simulate({ endpointId: device, misbehave: ['segmented'] })
    const said = await start(flow('- send: { get: Device.DeviceInfo. }\n- send: { get_instances: Device. }'))
    await ended(said)
    const exchange = (more: object = {}) =>
      handlers()['flows.exchange']({ capture: 'live', filter: '', ...more })
    const words = ({ packets }: Awaited<ReturnType<typeof exchange>>) =>
      packets.flatMap(({ msg, from }) => {
        const header = msg?.['header'] as { msg_type?: string } | undefined
        return header && header.msg_type !== 'NOTIFY' && header.msg_type !== 'NOTIFY_RESP'
          ? [`${from === device ? '<' : '>'} ${header.msg_type}`]
          : []
      })
    const all = ['> GET', '< GET_RESP', '> GET_INSTANCES', '< GET_INSTANCES_RESP']
    // What the worker was told last may still be on its way.
    await expect.poll(async () => words(await exchange())).toEqual(all)
    expect(words(await exchange({ filter: `device == "${device}"` }))).toEqual(all)
    const { packets } = await exchange()
    const answer = packets.find(({ msg }) => msg !== undefined && JSON.stringify(msg).includes('GET_RESP'))
    expect(words(await exchange({ to: answer?.no }))).toEqual(all.slice(0, 2))
    await expect(exchange({ filter: 'mqtt.topic ==' })).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('has messages that are no Records, and is told of what it cannot have', async () => {
    const client = await WireClient.open(bench.port)
    await client.hello({ clientId: device })
    await client.subscribe(agentTopic(device))
    const text = flow(
      [
        `- publish: ${agentTopic('${device}')}`,
        '  payload: { hex: 00ff10 }',
        '  qos: 1',
        '  properties: { content_type: x/y, response_topic: "lab/${device}", message_expiry_interval: 60,',
        '    correlation_data: { hex: 0a0b }, user: [[a, "1"], [a, "3"], [b, "2"]] }',
        '- publish: lab/nobody',
        '  payload: Hello ${device}',
      ].join('\n'),
    )
    await ended(await start(text))
    client.send(publishPacket(`lab/${device}/uptime`, '42'))
    await client.next('PUBLISH')
    let exchange: Exchange | undefined
    const read = async () => {
      exchange = await handlers()['flows.exchange']({ capture: 'live', filter: '' })
      return exchange.packets.map(({ from, to, publish }) => [publish?.topic, from === device, to === device])
    }
    await expect.poll(read).toEqual([
      [agentTopic(device), false, true],
      ['lab/nobody', false, false],
      [`lab/${device}/uptime`, true, false],
    ])
    const { packets = [], left = [] } = exchange ?? {}
    expect(left).toContainEqual({
      why: expect.stringContaining('opens, ends or subscribes') as string,
      count: expect.any(Number) as number,
      first: 1,
    })
    const recording = (choices: ReadonlyMap<number, Choice>) =>
      recordFlow(packets, { name: 'x', device, choices })
    expect(recording(new Map()).left.map(({ why }) => why)).toEqual([
      'another device',
      'a message of the device that is no Record',
    ])
    const said = packets.at(-1)?.no ?? 0
    const { flow: made } = recording(new Map([[said, 'keep']]))
    expect(made.steps.map(({ gap: _gap, ...step }) => step)).toEqual([
      {
        kind: 'publish',
        publish: agentTopic('${device}'),
        payload: { base64: 'AP8Q' },
        qos: 1,
        properties: {
          content_type: 'x/y',
          response_topic: 'lab/${device}',
          message_expiry_interval: 60,
          correlation_data: { base64: 'Cgs=' },
          user: [
            ['a', '1'],
            ['a', '3'],
            ['b', '2'],
          ],
        },
      },
      {
        kind: 'expect',
        expect: { packet: 'mqtt.msgtype == PUBLISH && mqtt.topic == "lab/${device}/uptime"' },
      },
    ])
    const again = await start(formatFlow({ ...made, steps: made.steps.slice(0, 1) }))
    await ended(again)
    const [first, second] = client.received.filter((packet) => packet.type === 'PUBLISH')
    expect(second).toEqual(first)
    client.socket.destroy()
  })
})

test('a result whose run is forgotten is read from its file, step by step', async () => {
  const text = flow('- check: 1 == 2', 'requirements: [R-GET.2]\n')
  const run = await start(text)
  await ended(run)
  await eventually(() => bench.engine.current('flowRuns').results.map(({ id }) => id)).toContain(run)
  // Runs that ended are remembered up to a bound.
  for (let more = 0; more < 21; more++) await ended(await start(flow('- sleep: 1ms')))
  await eventually(() => stateOf(run)).toBeUndefined()
  expect(await rows(run)).toEqual(['0 steps/0 check 1 == 2 failed'])
  expect(await handlers()['flows.step']({ id: run, key: 'steps/0' })).toMatchObject({
    note: '1 == 2 is false.',
  })
  expect(await handlers()['flows.head']({ id: run })).toMatchObject({ requirements: ['R-GET.2'], steps: [] })
  await expect(rows('20200101T000000-none')).rejects.toMatchObject({ code: 'not-found' })
})

describe('an imported capture', () => {
  const wait = async (job: string): Promise<void> => {
    await eventually(() => bench.engine.current('jobs').find(({ id }) => id === job)?.state).toBe('done')
  }

  test.each(TOUR_DEVICES)('of %s becomes the flow that its Records make', async (endpointId) => {
    const { job } = await handlers()['captures.import']({
      path: fileURLToPath(captureFile('obuspa-tour.pcapng')),
    })
    await wait(job)
    const capture = bench.engine.current('captures').find(({ state }) => state === 'open')?.id ?? ''
    const { packets, more } = await handlers()['flows.exchange']({ capture, filter: '' })
    expect(more).toBe(0)
    // Bytes that nothing calls a Record are published as they were.
    const titles = ({ flow: { steps } }: Recording) =>
      steps.map((step) => (step.kind === 'record' || step.kind === 'publish' ? 'bytes' : titleOf(step)))
    const name = 'Tour'
    expect(titles(recordFlow(packets, { name, device: endpointId }))).toEqual(
      titles(recordFlow(readTour(), { name, device: endpointId })),
    )
  })
})
