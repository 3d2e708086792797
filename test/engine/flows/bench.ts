/** A bench with its controller for tests of flows, made anew for each, and one simulated agent where a test asks. */
import { afterEach, beforeEach, expect } from 'vitest'
import type { Link } from '../../../electron/engine/simulator/link.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { startSimulated, type SimulatedOptions } from '../../support/simulated.ts'

export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 10_000 })

/** Text of a flow with these steps. */
export const flow = (steps: string, head = ''): string =>
  `flow: 1\nname: test\n${head}steps:\n${steps.replaceAll(/^/gm, '  ')}`

export interface FlowBench {
  readonly engine: TestEngine['engine']
  readonly folder: string
  readonly port: number
  rows: TestEngine['rows']
  /** An agent in a hurry, until the test is over. */
  simulate(agent: Omit<SimulatedOptions, 'port' | 'haste'>): Promise<Link>
}

/** To be called at the top of a file; what it answers is good within a test. */
export function flowBench(): FlowBench {
  let bench: TestEngine
  let agents: Link[]
  beforeEach(async () => {
    agents = []
    bench = await testEngine({ 'usp.controller': true, 'usp.discover': false })
    await eventually(() => bench.engine.current('usp').controller.state).toBe('connected')
  })
  afterEach(async () => {
    for (const agent of agents) await agent.stop()
    await bench.stop()
  })
  return {
    get engine() {
      return bench.engine
    },
    get folder() {
      return bench.folder
    },
    get port() {
      return bench.port
    },
    rows: (...which) => bench.rows(...which),
    async simulate(wish) {
      const agent = await startSimulated({ port: bench.port, haste: 20, ...wish })
      agents.push(agent)
      return agent
    },
  }
}
