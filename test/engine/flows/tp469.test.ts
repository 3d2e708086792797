/** The TP-469 flows: each passes on a simulated agent, and fails on one that is wrong in just that point. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { builtInFlows } from '../../../electron/engine/flows/built-in.ts'
import type { Link } from '../../../electron/engine/simulator/link.ts'
import type { MisbehaviourName } from '../../../electron/engine/simulator/misbehaviours.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { parseFlow } from '../../../shared/flow/format/parse.ts'
import { formatFlow } from '../../../shared/flow/format/format.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import { innerSteps, type Flow, type Step } from '../../../shared/flow/model.ts'
import { everyStep, type FlowResult } from '../../../shared/flow/run/result.ts'
import { notCovered } from '../../../shared/flow/tp469.ts'
import { flowOf } from '../../shared/flow/bench.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { startSimulated, type SimulatedOptions } from '../../support/simulated.ts'
import { cases, type AgentKind } from './tp469-cases.ts'

const PASSWORD = 'correct horse battery'
const flows = new Map(
  Object.entries(builtInFlows.tp469).map(([name, text]) => [/^[\d.]+(?=-)/.exec(name)?.[0] ?? name, text]),
)
const order = (number: string): number => Number(number.split('.')[0]) * 1000 + Number(number.split('.')[1])
const numbers = [...flows.keys()].sort((one, other) => order(one) - order(other))

let bench: TestEngine
const agents = new Map<string, Promise<{ readonly link: Link; readonly endpointId: string }>>()

beforeAll(async () => {
  bench = await testEngine({ 'usp.controller': true, 'usp.discover': false, 'access.open': false })
  await vi.waitFor(() => expect(bench.engine.current('usp').controller.state).toBe('connected'), 10_000)
})
afterAll(async () => {
  for (const agent of agents.values()) await (await agent).link.stop()
  await bench.stop()
})

const kinds: Readonly<Record<AgentKind, Partial<SimulatedOptions>>> = {
  quick: { haste: 20 },
  // It looks for changed values each 15 s.
  timed: {
    haste: 20,
    hasteFrom: 14_000,
    maxRetrySeconds: 60,
    model: routerModel.replace('ConnectRetryTime unsignedInt rw = 5', 'ConnectRetryTime unsignedInt rw = 1'),
  },
  old: { haste: 20, identity: { mqtt: 4 } },
  tls: { haste: 20 },
  plain: { haste: 20, identity: { requestsResponseInformation: false } },
}

/** One of each kind for all flows. */
async function agentFor(kind: AgentKind, wrong?: MisbehaviourName): Promise<string> {
  const name = [kind, wrong].filter(Boolean).join('-')
  const known = agents.get(name)
  if (known) return (await known).endpointId
  const endpointId = `os::02005E-${name.toUpperCase()}`
  const started = (async () => {
    await bench.engine.handlers['access.user.set']({ username: endpointId, password: PASSWORD })
    const { identity, ...options } = kinds[kind]
    const link = await startSimulated({
      port: kind === 'tls' ? portOf('tls') : bench.port,
      endpointId,
      ...(kind === 'tls' && { ca: await readFile(join(bench.folder, 'certificates', 'lab-ca.pem')) }),
      ...options,
      identity: { requestsResponseInformation: true, user: endpointId, password: PASSWORD, ...identity },
      ...(wrong && { misbehave: [wrong] }),
    })
    return { link, endpointId }
  })()
  agents.set(name, started)
  return (await started).endpointId
}
const portOf = (transport: string): number =>
  bench.engine.current('bench').listeners.find((one) => one.transport === transport)?.port ?? 0

/** The flow with shorter times, so that what does not come is not waited for long. */
function hurried(flow: Flow, most: { readonly within: number; readonly for: number }): Flow {
  const step = (one: Step): Step => {
    const inner = Object.fromEntries(innerSteps(one).map(([key, steps]) => [key, steps.map(step)]))
    return {
      ...one,
      ...inner,
      ...('within' in one && one.within !== undefined && { within: Math.min(one.within, most.within) }),
      ...(one.kind === 'nothing' && { for: Math.min(one.for, most.for) }),
    } as Step
  }
  const { setup = [], steps, cleanup = [] } = flow
  return {
    ...flow,
    limits: { ...flow.limits, answer: Math.min(10_000, most.within) },
    setup: setup.map(step),
    steps: steps.map(step),
    cleanup: cleanup.map(step),
  }
}

async function run(flow: Flow, device: string, variables: JsonMap = {}): Promise<FlowResult> {
  const { handlers } = bench.engine
  const text = formatFlow(flow)
  const { run: id } = await handlers['flows.run']({ source: { text }, device, variables })
  const status = async () => (await handlers['flows.result']({ id })).status
  await expect.poll(status, { timeout: 18_000, interval: 20 }).not.toBe('running')
  return handlers['flows.result']({ id })
}

/** What did not pass, with why. */
const red = ({ setup, steps, cleanup }: FlowResult): string[] =>
  [...everyStep([...setup, ...steps, ...cleanup])]
    .filter(([{ status }]) => status === 'failed' || status === 'error')
    .map(([{ title, note, differences }]) => `${title}: ${note} ${JSON.stringify(differences)}`)

test('every test of chapters 1 and 11 has a flow, or a reason why not', () => {
  const all = Array.from({ length: 107 }, (_, at) => `1.${at + 1}`)
  all.push(...Array.from({ length: 17 }, (_, at) => `11.${at + 1}`))
  const known = [...flows.keys(), ...notCovered.map(({ test: number }) => number)]
  expect(known.sort()).toEqual(all.sort())
  expect(Object.keys(cases).sort()).toEqual([...flows.keys()].sort())
})

test.each(numbers)('%s names its test and has no warnings', (number) => {
  const { flow, problems } = parseFlow(flows.get(number) ?? '')
  expect(problems).toEqual([])
  expect(flow?.requirements?.[0]).toBe(`TP-469 ${number}`)
  expect(flow?.tags).toContain(`tp469-${number.split('.')[0]}`)
})

describe('on an agent that is right', () => {
  test.each(numbers)('%s passes', async (number) => {
    const { on = 'quick', given } = cases[number] ?? { wrong: 'silent' }
    const flow = hurried(flowOf(flows.get(number) ?? ''), { within: 15_000, for: 1500 })
    const result = await run(flow, await agentFor(on), given)
    expect([result.status, result.note, red(result)]).toEqual(['passed', undefined, []])
  })
})

describe('on an agent that is wrong in this', () => {
  test.each(numbers)('%s fails', async (number) => {
    const { on = 'quick', given, wrong } = cases[number] ?? { wrong: 'silent' }
    const device = typeof wrong === 'string' ? await agentFor(on, wrong) : await agentFor(wrong.on)
    const flow = hurried(flowOf(flows.get(number) ?? ''), { within: 1500, for: 1200 })
    const result = await run(flow, device, given)
    expect([result.status, red(result).length > 0]).toEqual(['failed', true])
  })
})
