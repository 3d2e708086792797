/** The starter set: green against a simulated agent, red at the right step against one that is wrong. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Link } from '../../../electron/engine/simulator/link.ts'
import { builtInFlows } from '../../../electron/engine/flows/built-in.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { startSimulated, type SimulatedOptions } from '../../support/simulated.ts'

const endpointId = 'os::02005E-FLOW01'

let bench: TestEngine
let agent: Link

beforeEach(async () => {
  bench = await testEngine({ 'usp.controller': true, 'usp.discover': false })
  await expect.poll(() => bench.engine.current('usp').controller.state, { timeout: 10_000 }).toBe('connected')
})
afterEach(async () => {
  await agent.stop()
  await bench.stop()
})

async function run(name: string, device: Partial<SimulatedOptions> = {}): Promise<FlowResult> {
  agent = await startSimulated({ port: bench.port, endpointId, haste: 20, ...device })
  const { handlers } = bench.engine
  const { run: id } = await handlers['flows.run']({
    source: { path: `starter/${name}` },
    device: endpointId,
  })
  const ended = async () => (await handlers['flows.result']({ id })).status
  await expect.poll(ended, { timeout: 25_000 }).not.toBe('running')
  return handlers['flows.result']({ id })
}

/** Titles of the steps that did not pass, clean-up apart, with why. */
const red = ({ steps }: FlowResult): string[] =>
  steps
    .filter(({ status }) => status === 'failed' || status === 'error')
    .map(({ title, note }) => `${title}: ${note}`)

test.each(Object.keys(builtInFlows.starter))('%s passes', async (name) => {
  const result = await run(name)
  expect([result.status, result.note, red(result)]).toEqual(['passed', undefined, []])
})

/** A device on which something of its data model is not as it should be. */
const without = (line: string, instead: string): Partial<SimulatedOptions> => {
  expect(routerModel).toContain(line)
  return { model: routerModel.replace(line, instead) }
}

const wrong: readonly [name: string, device: () => Partial<SimulatedOptions>, step: RegExp][] = [
  [
    'bring-up.yaml',
    () => without('  SerialNumber string = <serial>', '  SerialNumber string'),
    /^It says who it is: The answer is not/,
  ],
  [
    'subscriptions.yaml',
    () => without('  ProvisioningCode string rw\n  UpTime', '  ProvisioningCode string\n  UpTime'),
    /^Change the value: The answer is Error 70/,
  ],
  [
    'add-set-delete.yaml',
    () => without('  NotifRetry boolean rw', '  NotifRetry boolean'),
    /^Set a parameter of it: The answer is Error 70/,
  ],
  [
    'search-paths.yaml',
    () => ({ misbehave: ['segmented', 'wrong-msg-id'] }),
    /^A wildcard: No answer came within/,
  ],
  [
    'operate.yaml',
    () => without('  SelfTestDiagnostics() async out', '  SelfTestDiagnostics() sync out'),
    /^Run the command: The answer is not/,
  ],
  ['reboot.yaml', () => without('  Reboot() sync in Cause Reason\n', ''), /^Reboot: The answer is/],
]
test.each(wrong)('%s is red where the device is wrong', async (name, device, step) => {
  const result = await run(name, device())
  expect(result.status).toBe('failed')
  expect(red(result)).toEqual([expect.stringMatching(step)])
})
