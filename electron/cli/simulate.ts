/** `oktobench simulate`: simulated agents against any broker, until a signal ends it. */
import { DescriptionError, readDescription } from '../engine/simulator/description.ts'
import { Fleet, type FleetState } from '../engine/simulator/fleet.ts'
import { largeModel } from '../engine/simulator/models/large.ts'
import { routerModel } from '../engine/simulator/models/router.ts'
import type { Schema } from '../engine/simulator/schema.ts'
import { UsageError } from '../common/options.ts'
import { stopInOrder } from '../common/stop.ts'
import { logLine } from '../common/log.ts'
import { replayAsAgent } from './replay.ts'
import { readConnection, readNamed } from './simulate-connection.ts'
import { StateLine } from './state-line.ts'
import { readSimulateOptions, type SimulateOptions } from './simulate-options.ts'
import { untilSignal } from './until-signal.ts'

/** How often the line of state is written anew, at most. */
const LINE_MS = 1000

/** Answers the exit code. Rejects with a UsageError when it cannot start. */
export async function runSimulate(args: readonly string[]): Promise<number> {
  const options = readSimulateOptions(args)
  if (options.flow !== undefined) return await replayAsAgent(options, options.flow)
  const [schema, { broker, identity }] = await Promise.all([readModel(options), readConnection(options)])
  const { count, quirks, probes, perSecond, maxRetrySeconds } = options
  const stopped = untilSignal('the agents stop')
  const line = new StateLine()
  const told = (): string => describeState(count, fleet.state)
  const fleet = new Fleet({
    broker,
    identity,
    schema,
    quirks,
    probes,
    count,
    perSecond,
    maxRetrySeconds,
    onChange: () => undefined,
  })
  fleet.start()
  const timer = setInterval(() => line.show(told()), LINE_MS)
  const wasAsked = await stopped
  clearInterval(timer)
  const [last, lastTold] = [fleet.state, told()]
  const clean = await stopInOrder([{ name: 'the agents', run: () => fleet.stop() }], logLine, STOP_LIMIT)
  line.end(lastTold)
  return clean && wasAsked && last.wasReady ? 0 : 1
}

/** Milliseconds for all agents to say goodbye. */
const STOP_LIMIT = 30_000

async function readModel({ model, parameters }: SimulateOptions): Promise<Schema> {
  if (model === undefined) return readDescription(parameters > 0 ? largeModel(parameters) : routerModel)
  const text = (await readNamed('--model', model)).toString('utf8')
  try {
    return readDescription(text)
  } catch (error) {
    if (error instanceof DescriptionError)
      throw new UsageError(`${model}: ${error.message}`, { cause: error })
    throw error
  }
}

/** `3 agents: 2 ready, 1 waiting (connect ECONNREFUSED); 14 requests, 3 notifications` */
export function describeState(
  count: number,
  { agents, requests, notifications, failure }: FleetState,
): string {
  const { ready, connecting, waiting, stopped } = agents
  const why = failure === undefined ? '' : ` (${failure})`
  const parts = [
    `${ready} ready`,
    ...(connecting > 0 ? [`${connecting} connecting`] : []),
    ...(waiting > 0 ? [`${waiting} waiting${why}`] : []),
    ...(stopped > 0 ? [`${stopped} to come`] : []),
  ]
  const many = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`
  return `${many(count, 'agent')}: ${parts.join(', ')}; ${many(requests, 'request')}, ${many(notifications, 'notification')}`
}
