/** What was recorded of a real agent, played over MQTT from both sides: the bench asks, and the bench answers. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ReplayAgent } from '../../../electron/engine/flows/replay-agent.ts'
import { Link } from '../../../electron/engine/simulator/link.ts'
import { formatFlow } from '../../../shared/flow/format/format.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { recordFlow } from '../../../shared/flow/record/recorder.ts'
import { outline, flowOf } from '../../shared/flow/bench.ts'
import { readTour, TOUR_DEVICES } from '../../shared/flow/tour.ts'
import { eventually, flowBench } from './bench.ts'

const bench = flowBench()
let links: Link<ReplayAgent>[]

beforeEach(() => {
  links = []
})
afterEach(async () => {
  for (const link of links) await link.stop()
})

async function replay(flow: Flow, device: string, mqtt: 4 | 5, runId = 'a1'): Promise<ReplayAgent> {
  const link = new Link({
    broker: { host: '127.0.0.1', port: bench.port, isTls: false },
    identity: { endpointId: device, mqtt, version: '', publishQos: 1, requestsResponseInformation: false },
    quirks: {},
    probes: false,
    maxRetrySeconds: 1,
    agent: (line) => new ReplayAgent({ flow, device, mqtt, runId, line }),
    onState: () => undefined,
  })
  links.push(link)
  link.start()
  await eventually(() => link.state).toBe('ready')
  return link.agent
}

/** Resolves when the run has begun; the answer waits for its result. */
async function begin(flow: Flow, device: string): Promise<() => Promise<FlowResult>> {
  const { run } = await bench.engine.handlers['flows.run']({ source: { text: formatFlow(flow) }, device })
  return () => ended(run)
}

async function ended(id: string): Promise<FlowResult> {
  const { handlers } = bench.engine
  const status = async () => (await handlers['flows.result']({ id })).status
  await expect.poll(status, { timeout: 18_000 }).not.toBe('running')
  return handlers['flows.result']({ id })
}

const levels = { [TOUR_DEVICES[0]]: 5, [TOUR_DEVICES[1]]: 4 } as const

test.each(TOUR_DEVICES)('%s, twice', async (device) => {
  const { flow } = recordFlow(readTour(), { name: 'Tour', device })
  for (const runId of ['first', 'second']) {
    // Its first Notify comes as soon as it is connected.
    const result = await begin(flow, device)
    const agent = await replay(flow, device, levels[device] ?? 5, runId)
    expect(outline(await result()).filter((line) => !/(passed|skipped)$/.test(line))).toEqual([])
    const { complete, unknown, moreUnknown } = agent.result
    expect({ complete, unknown, moreUnknown }).toEqual({ complete: true, unknown: [], moreUnknown: 0 })
    await links.pop()?.stop()
  }
})

test('a request in segments of a session context is put together; others are not answered', async () => {
  const device = 'os::02005E-REPLAY'
  const flow = flowOf(
    'flow: 1\nname: x\nsteps:\n  - send: { get: Device.DeviceInfo.UpTime }\n    expect: { params: { Device.DeviceInfo.UpTime: 7 } }\n',
  )
  const agent = await replay(flow, device, 5)
  const { handlers } = bench.engine
  const message = {
    header: { msgId: 'm1', msgType: 'GET' },
    body: { request: { get: { paramPaths: ['Device.DeviceInfo.UpTime'] } } },
  }
  await handlers['usp.configure']({
    endpointId: device,
    settings: { sessionContext: true, segmentBytes: 10 },
  })
  const answer = await handlers['usp.request']({ endpointId: device, message })
  expect([answer.outcome, JSON.stringify(answer.answer)]).toEqual([
    'answered',
    expect.stringContaining('"7"'),
  ])
  expect(agent.result.complete).toBe(true)
  await handlers['usp.sendRecord']({ endpointId: device, record: new Uint8Array([1, 2, 3]) })
  await eventually(() => agent.dropped).toBeGreaterThan(0)
})
