/** `oktobench simulate --flow`: the device of a recorded flow, until a signal ends it. */
import { randomBytes } from 'node:crypto'
import { describeProblem, parseFlow } from '../../shared/flow/format/parse.ts'
import type { AgentResult } from '../../shared/flow/agent/agent-play.ts'
import type { Flow } from '../../shared/flow/model.ts'
import { ReplayAgent } from '../engine/flows/replay-agent.ts'
import { Link, type LinkState } from '../engine/simulator/link.ts'
import { logLine } from '../common/log.ts'
import { UsageError } from '../common/options.ts'
import { stopInOrder } from '../common/stop.ts'
import { readConnection, readNamed } from './simulate-connection.ts'
import type { SimulateOptions } from './simulate-options.ts'
import { StateLine } from './state-line.ts'
import { untilSignal } from './until-signal.ts'

/** How often the line of state is written anew, at most. */
const LINE_MS = 1000

/** Answers the exit code: 0 when every exchange of the flow was played. */
export async function replayAsAgent(options: SimulateOptions, file: string): Promise<number> {
  const { mqtt, quirks, probes, maxRetrySeconds } = options
  const [flow, { broker, identity }] = await Promise.all([readFlow(file), readConnection(options)])
  const own = identity(1)
  const stopped = untilSignal('the agent stops')
  const line = new StateLine()
  let state: LinkState = 'connecting'
  let failure: string | undefined
  const tell = (): void => line.show(described(link.agent.result, state, failure))
  const link = new Link({
    broker,
    identity: own,
    quirks,
    probes,
    maxRetrySeconds,
    agent: (to) =>
      new ReplayAgent({
        flow,
        device: own.endpointId,
        mqtt,
        runId: randomBytes(3).toString('hex'),
        line: to,
      }),
    onState(now, why) {
      state = now
      failure = why
    },
  })
  link.start()
  for (const problem of link.agent.result.problems) process.stderr.write(`oktobench: ${problem}\n`)
  // Timers of agents keep no process alive.
  const timer = setInterval(tell, LINE_MS)
  await stopped
  clearInterval(timer)
  const last = described(link.agent.result, state, failure)
  await stopInOrder([{ name: 'the agent', run: () => link.stop() }], logLine)
  line.end(last)
  return link.agent.result.complete ? 0 : 1
}

async function readFlow(file: string): Promise<Flow> {
  const { flow, problems } = parseFlow((await readNamed('--flow', file)).toString('utf8'))
  if (flow) return flow
  const errors = problems.filter(({ severity }) => severity === 'error')
  throw new UsageError(errors.map((problem) => `${file}:${describeProblem(problem)}`).join('\n'))
}

/** `ready: 12 of 14 exchanges played, 1 request that the flow does not have` */
function described({ items, unknown, moreUnknown }: AgentResult, state: LinkState, failure?: string): string {
  const played = items.filter(({ times }) => times > 0).length
  const strange = unknown.length + moreUnknown
  const more =
    strange === 0 ? '' : `, ${strange} request${strange === 1 ? '' : 's'} that the flow does not have`
  const why = failure === undefined ? '' : ` (${failure})`
  return `${state}${why}: ${played} of ${items.length} exchanges played${more}`
}
