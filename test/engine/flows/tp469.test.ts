/**
 * The TP-469 flows: each passes on a simulated agent, and fails on one that is wrong in just that point. Most of their
 * time is waiting, so those of different agents run at the same time, those of one agent one after the other.
 */
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
  await Promise.all([...agents.values()].map(async (agent) => (await agent).link.stop()))
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

/** One of each kind for all flows; what is slow has an agent of its own, named by its number. */
async function agentFor(kind: AgentKind, number: string, wrong?: MisbehaviourName): Promise<string> {
  const name = [kind, wrong, ...(isSlow(kind, number) ? [number] : [])].filter(Boolean).join('-')
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
      ...(one.kind === 'repeat' && one.every !== undefined && { every: Math.min(one.every, 100) }),
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
  // Until its result is kept it counts as one of those that run.
  const isKept = (): boolean => bench.engine.current('flowRuns').results.some((one) => one.id === id)
  await vi.waitFor(() => expect(isKept()).toBe(true), { timeout: 40_000, interval: 20 })
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

/** Waits as they are, a restart, or something that must not come. */
const isSlow = (kind: AgentKind, number: string): boolean =>
  kind === 'timed' || /^ *(?:- )?nothing:|Reboot\(\)/m.test(flows.get(number) ?? '')

/** More at once would only wait for each other, and be late for the times that some flows measure. */
const AT_ONCE = 10
let free = AT_ONCE
const waiting: (() => void)[] = []
const lastOn = new Map<string, Promise<unknown>>()

/** After the flow before it on the same agent, when one of the places is free. */
async function inTurn(device: string, play: () => Promise<FlowResult>): Promise<FlowResult> {
  const turn = async (): Promise<FlowResult> => {
    if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve))
    else free -= 1
    try {
      return await play()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free += 1
    }
  }
  const played = (lastOn.get(device) ?? Promise.resolve()).then(turn)
  lastOn.set(
    device,
    played.catch(() => undefined),
  )
  return played
}

async function playRight(number: string): Promise<FlowResult> {
  const { on = 'quick', given } = cases[number] ?? expect.fail(`no case for ${number}`)
  const flow = hurried(flowOf(flows.get(number) ?? ''), { within: 15_000, for: 1500 })
  const device = await agentFor(on, number)
  return inTurn(device, () => run(flow, device, given))
}
async function playWrong(number: string): Promise<FlowResult> {
  const { on = 'quick', given, wrong } = cases[number] ?? expect.fail(`no case for ${number}`)
  const flow = hurried(flowOf(flows.get(number) ?? ''), { within: 1500, for: 1200 })
  const device =
    typeof wrong === 'string' ? await agentFor(on, number, wrong) : await agentFor(wrong.on, number)
  return inTurn(device, () => run(flow, device, given))
}

const results = {
  right: new Map<string, Promise<FlowResult>>(),
  wrong: new Map<string, Promise<FlowResult>>(),
}
beforeAll(() => {
  // The slow ones first, so that at the end nothing is left to wait for alone.
  const slow = (number: string): number => (isSlow(cases[number]?.on ?? 'quick', number) ? 0 : 1)
  for (const number of numbers.toSorted((one, other) => slow(one) - slow(other))) {
    results.right.set(number, playRight(number))
    results.wrong.set(number, playWrong(number))
  }
  for (const each of Object.values(results))
    // A test tells it; until then it is nobody's.
    for (const result of each.values()) result.catch(() => undefined)
})

describe('on an agent that is right', () => {
  test.each(numbers)('%s passes', { timeout: 60_000 }, async (number) => {
    const result = (await results.right.get(number)) ?? expect.fail('was not run')
    expect([result.status, result.note, red(result)]).toEqual(['passed', undefined, []])
  })
})

describe('on an agent that is wrong in this', () => {
  test.each(numbers)('%s fails', { timeout: 60_000 }, async (number) => {
    const result = (await results.wrong.get(number)) ?? expect.fail('was not run')
    expect([result.status, red(result).length > 0]).toEqual(['failed', true])
  })
})
