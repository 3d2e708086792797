/** `oktobench simulate`: simulated agents against any broker, until a signal ends it. */
import { readFile } from 'node:fs/promises'
import { DescriptionError, readDescription } from '../engine/simulator/description.ts'
import { Fleet, type FleetState } from '../engine/simulator/fleet.ts'
import { largeModel } from '../engine/simulator/models/large.ts'
import { routerModel } from '../engine/simulator/models/router.ts'
import type { Schema } from '../engine/simulator/schema.ts'
import { version } from '../common/launch.ts'
import { UsageError } from '../common/options.ts'
import { stopInOrder } from '../common/stop.ts'
import { logLine } from '../common/log.ts'
import { readSimulateOptions, type SimulateOptions } from './simulate-options.ts'
import { untilSignal } from './until-signal.ts'

/** How often the line of state is written anew, at most. */
const LINE_MS = 1000

/** Answers the exit code. Rejects with a UsageError when it cannot start. */
export async function runSimulate(args: readonly string[]): Promise<number> {
  const options = readSimulateOptions(args)
  const [schema, password, ca] = await Promise.all([
    readModel(options),
    options.passwordFile === undefined ? undefined : readPassword(options.passwordFile),
    options.ca === undefined ? undefined : readNamed('--ca', options.ca),
  ])
  const { count, mqtt, user, quirks, probes, perSecond, maxRetrySeconds, endpointId } = options
  const stopped = untilSignal('the agents stop')
  const line = new StateLine(count)
  const fleet = new Fleet({
    broker: { host: options.host, port: options.port, isTls: options.isTls, ...(ca && { ca }) },
    identity: (n) => {
      const id = endpointId(n)
      const name = user ?? (password === undefined ? undefined : id)
      return {
        endpointId: id,
        mqtt,
        version,
        publishQos: options.publishQos,
        requestsResponseInformation: options.requestsResponseInformation,
        ...(name !== undefined && { user: name }),
        ...(password !== undefined && { password }),
      }
    },
    schema,
    quirks,
    probes,
    count,
    perSecond,
    maxRetrySeconds,
    onChange: () => undefined,
  })
  fleet.start()
  const timer = setInterval(() => line.show(fleet.state), LINE_MS)
  const wasAsked = await stopped
  clearInterval(timer)
  const last = fleet.state
  const clean = await stopInOrder([{ name: 'the agents', run: () => fleet.stop() }], logLine, STOP_LIMIT)
  line.end(last)
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

async function readPassword(file: string): Promise<string> {
  const [first = ''] = (await readNamed('--password-file', file)).toString('utf8').split(/\r?\n/)
  if (first === '') throw new UsageError(`--password-file: the first line of ${file} is empty.`)
  return first
}

async function readNamed(flag: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    throw new UsageError(
      `${flag}: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`,
      {
        cause: error,
      },
    )
  }
}

/** One line of state: written over itself on a terminal, a new line at each change elsewhere. */
class StateLine {
  readonly #count: number
  #last = ''

  constructor(count: number) {
    this.#count = count
  }

  show(state: FleetState): void {
    const text = describeState(this.#count, state)
    if (text === this.#last) return
    this.#last = text
    process.stdout.write(process.stdout.isTTY ? `\r\x1b[2K${text}` : `${text}\n`)
  }

  end(state: FleetState): void {
    this.show(state)
    if (process.stdout.isTTY) process.stdout.write('\n')
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
