/** `oktobench run`: flows against devices, with a bench of its own. */
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { Engine } from '../engine/types.ts'
import { settingsFromEnvironment } from '../engine/workspace/settings.ts'
import { writeWhole } from '../engine/workspace/files.ts'
import { exitCode, writeFlowReport } from '../../shared/flow/report/report.ts'
import type { FlowResult } from '../../shared/flow/run/result.ts'
import { controllerUser } from '../../shared/usp/oktopus.ts'
import { version, workspaceFolder } from '../common/launch.ts'
import { logLine } from '../common/log.ts'
import { UsageError } from '../common/options.ts'
import { stopInOrder } from '../common/stop.ts'
import { flowsToRun, type FlowToRun } from './run-files.ts'
import { RunLines } from './run-lines.ts'
import { readRunOptions, type RunOptions } from './run-options.ts'
import type { Build } from './serve.ts'
import { untilSignal } from './until-signal.ts'

const SECRET = 'OKTOBENCH_SECRET_'
const STOP_LIMIT = 15_000

/** Answers the exit code. Rejects with a UsageError or BenchFailure when it cannot run. */
export async function runFlows(
  args: readonly string[],
  { startEngine, captureWorker }: Build,
): Promise<number> {
  const options = readRunOptions(args)
  const flows = await flowsToRun(options.paths, options.tags)
  for (const name of Object.keys(options.variables))
    if (!flows.some(({ flow }) => Object.hasOwn(flow.variables ?? {}, name)))
      throw new UsageError(`--var ${name}: none of the flows has a variable of that name.`)
  const stopped = untilSignal('the flows stop')
  const { settings, plain } = options.bench
  const given = plain['workspace']
  const engine = await startEngine({
    workspace: workspaceFolder(typeof given === 'string' ? given : undefined, process.env),
    host: 'browser',
    version,
    captureWorker,
    overrides: { ...settingsFromEnvironment(process.env), ...settings },
  })
  const suite = new Suite(engine, options, flows)
  void stopped.then(() => suite.stop())
  try {
    for (const { text } of engine.current('bench').problems) process.stderr.write(`oktobench: ${text}\n`)
    await suite.run()
    for (const { format, file } of options.reports)
      await writeWhole(resolve(file), writeFlowReport(suite.results, format))
  } finally {
    await stopInOrder([{ name: 'the bench', run: () => engine.stop() }], logLine, STOP_LIMIT)
  }
  return exitCode(suite.results)
}

class Suite {
  readonly results: FlowResult[] = []
  readonly #engine: Engine
  readonly #options: RunOptions
  readonly #flows: readonly FlowToRun[]
  readonly #lines: RunLines
  readonly #running = new Set<string>()
  /** Told to stop: a second time would end their clean-up. */
  readonly #halted = new Set<string>()
  readonly #stopping = new AbortController()

  constructor(engine: Engine, options: RunOptions, flows: readonly FlowToRun[]) {
    this.#engine = engine
    this.#options = options
    this.#flows = flows
    const colours = process.stdout.isTTY && !process.env['NO_COLOR']
    this.#lines = new RunLines(options.show, colours)
  }

  /** All flows on all devices; one device does one thing at a time. */
  async run(): Promise<void> {
    const { devices, jobs } = this.#options
    const waiting = [...devices]
    const worker = async (): Promise<void> => {
      for (let device = waiting.shift(); device !== undefined; device = waiting.shift())
        await this.#device(device)
    }
    await Promise.all(Array.from({ length: Math.min(jobs, devices.length) }, worker))
    say(['', this.#lines.summary(this.results)])
  }

  /** What runs does its clean-up, and nothing more is begun. */
  stop(): void {
    this.#stopping.abort()
    for (const run of this.#running) this.#halt(run)
  }

  async #device(device: string): Promise<void> {
    const isThere = await this.#comes(device)
    for (let turn = 0; turn < this.#options.repeat; turn++) {
      for (const flow of this.#flows) {
        if (isThere && !this.#stopping.signal.aborted) await this.#flow(flow, device)
        else this.#notRun(flow, device, isThere)
      }
    }
  }

  /** False when it does not come in time. */
  async #comes(device: string): Promise<boolean> {
    const { waitDevice } = this.#options
    const isOnline = async (): Promise<boolean> => {
      try {
        const { online, subscriptions } = await this.#engine.handlers['devices.get']({ endpointId: device })
        return online && subscriptions.length > 0
      } catch {
        return false
      }
    }
    const { signal } = this.#stopping
    const view = { text: '', sort: 'endpointId', descending: false } as const
    return await new Promise((settle) => {
      const end = (isThere: boolean): void => {
        clearTimeout(timer)
        watched.close()
        signal.removeEventListener('abort', abort)
        settle(isThere)
      }
      const abort = (): void => end(false)
      const look = (): void => void isOnline().then((online) => online && end(true))
      const timer = setTimeout(() => end(false), waitDevice)
      const watched = this.#engine.views.devices(view, look)
      signal.addEventListener('abort', abort)
      if (signal.aborted) abort()
      look()
    })
  }

  async #flow({ flow, text, calls }: FlowToRun, device: string): Promise<void> {
    const { devices } = this.#options
    // A flow refuses values for variables that it does not have; another of the same run may have them.
    const variables = Object.fromEntries(
      Object.entries(this.#options.variables).filter(([name]) => Object.hasOwn(flow.variables ?? {}, name)),
    )
    const { handlers } = this.#engine
    const secrets = Object.fromEntries(
      (flow.secrets ?? []).flatMap((name) => {
        const value = process.env[SECRET + name]
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
    say(this.#lines.begin(flow.name, device))
    const { run } = await handlers['flows.run']({ source: { text, calls }, device, variables, secrets })
    this.#running.add(run)
    if (this.#stopping.signal.aborted) this.#halt(run)
    const prefix = devices.length > 1 && this.#options.jobs > 1 ? `${device} ` : ''
    const tell = async (): Promise<void> =>
      say(this.#lines.steps(run, await handlers['flows.result']({ id: run }), prefix))
    await this.#ended(run, tell)
    this.#running.delete(run)
    const result = await handlers['flows.result']({ id: run })
    say([...this.#lines.steps(run, result, prefix), ...this.#lines.end(result, run)])
    this.results.push(result)
  }

  /** Resolves when the run has ended; `tell` is called while it goes on. */
  #ended(run: string, tell: () => Promise<void>): Promise<void> {
    return new Promise((settle) => {
      const look = (): void => {
        const state = this.#engine.current('flows').runs.find(({ id }) => id === run)
        const [question] = state?.questions ?? []
        if (question) {
          if (!this.#halted.has(run))
            process.stderr.write(`oktobench: “${question.text}” needs a person; the flow is stopped.\n`)
          this.#halt(run)
        }
        if (state?.status === 'running') return void tell()
        unlisten()
        settle()
      }
      const unlisten = this.#engine.on('flows', look)
      look()
    })
  }

  #notRun({ flow }: FlowToRun, device: string, isThere: boolean): void {
    const { name, requirements = [], tags = [] } = flow
    const isStopped = this.#stopping.signal.aborted
    const result: FlowResult = {
      name,
      requirements,
      tags,
      device,
      controller: controllerUser,
      runId: randomBytes(3).toString('hex'),
      status: isStopped ? 'stopped' : 'error',
      note: isStopped || isThere ? 'It was not begun.' : absent(device, this.#options.waitDevice),
      start: Date.now(),
      duration: 0,
      setup: [],
      steps: [],
      cleanup: [],
      variables: {},
    }
    this.results.push(result)
    say(this.#lines.end(result, ''))
  }

  #halt(run: string): void {
    if (this.#halted.has(run)) return
    this.#halted.add(run)
    // It may have ended this moment.
    void Promise.resolve()
      .then(() => this.#engine.handlers['flows.control']({ run, action: 'stop' }))
      .catch(() => undefined)
  }
}

const absent = (device: string, waited: number): string =>
  `The device ${device} did not connect and subscribe within ${waited / 1000} s. Its endpoint ID must be that one, ` +
  'and it must be allowed in: see Access, or --open-bench.'

function say(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}
