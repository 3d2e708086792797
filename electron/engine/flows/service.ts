/** Flows of the bench: files, runs and results, as the contract offers them. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import { type flowCommands, type FlowRunState, type FlowsState } from '../../../shared/contract/flows.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { describeProblem, parseFlow } from '../../../shared/flow/format/parse.ts'
import { FlowFault } from '../../../shared/flow/language/functions.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import { writeFlowReport } from '../../../shared/flow/report/report.ts'
import { everyStep, type FlowResult } from '../../../shared/flow/run/result.ts'
import { Throttle } from '../throttle.ts'
import type { Outlet } from '../usp/outlet.ts'
import { Acts, type ActsOptions } from './acts.ts'
import { Play } from './play.ts'
import { FlowResults } from './results.ts'
import { addStarter } from './starter.ts'
import { FlowStore, stepsOf } from './store.ts'
import type { Traffic } from './traffic.ts'

const MAX_RUNNING = 16
/** Runs that ended and are still shown. */
const MAX_ENDED = 20
const TELL_MS = 100

export interface FlowsOptions {
  /** `flows/` of the workspace. */
  readonly folder: string
  readonly traffic: Traffic
  readonly outlet: () => Outlet | undefined
  readonly acts: ActsOptions
  readonly packetOf: (endpointId: string, msgId: string) => number | undefined
  /** Devices that are connected. */
  readonly connected: () => readonly string[]
  readonly onChange: () => void
  readonly onProblem: (text: string) => void
}

export interface FlowsService {
  readonly state: FlowsState
  readonly handlers: HandlersOf<typeof flowCommands>
  /** A device came, subscribed, or is gone. */
  deviceChanged(endpointId: string, online: boolean): void
  /** Stops every run, with its clean-up as far as time allows. */
  stop(): Promise<void>
}

interface Run {
  readonly id: string
  readonly path: string
  readonly flow: Flow
  readonly play: Play
  result: FlowResult | undefined
}

/** How long runs may clean up when the bench ends. */
const STOP_MS = 5000

export function startFlows(options: FlowsOptions): FlowsService {
  const { folder, onProblem } = options
  const told = new Throttle(TELL_MS, options.onChange)
  const changed = (): void => told.request()
  const store = new FlowStore(folder, changed)
  const results = new FlowResults(join(folder, 'results'))
  const runs = new Map<string, Run>()
  /** Beside the start of the bench, which does not wait for it. */
  const opened = open()
  async function open(): Promise<void> {
    try {
      await addStarter(folder)
      await results.open()
    } catch (error) {
      onProblem(`The folder of the flows cannot be used: ${(error as Error).message}.`)
    }
    await store.scan()
  }

  const running = (): Run[] => [...runs.values()].filter(({ result }) => result === undefined)
  const runOf = (id: string): Run => {
    const run = runs.get(id)
    if (run && run.result === undefined) return run
    throw new BenchFailure('not-found', `There is no run ${id} under way.`)
  }

  async function sourceOf(source: Parameters<FlowsService['handlers']['flows.run']>[0]['source']) {
    await opened
    if ('path' in source)
      return {
        path: source.path,
        flow: readFlow(await store.read(source.path), source.path),
        calls: await store.callable(source.path),
      }
    const calls = new Map(
      Object.entries(source.calls ?? {}).map(([name, text]) => [name, readFlow(text, name)]),
    )
    return { path: '', flow: readFlow(source.text, 'the flow'), calls }
  }

  async function keep(run: Run): Promise<void> {
    const result = await run.play.done
    try {
      await results.add(run.id, result)
    } catch (error) {
      onProblem(`A result of a flow is not kept: ${(error as Error).message}.`)
    }
    run.result = result
    const ended = [...runs.values()].filter((one) => one.result !== undefined)
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) runs.delete(id)
    changed()
  }

  const handlers: FlowsService['handlers'] = {
    async 'flows.scan'() {
      await opened
      await store.scan()
    },
    async 'flows.read'({ path }) {
      const text = await store.read(path)
      return { text, problems: parseFlow(text).problems }
    },
    async 'flows.write'({ path, text }) {
      await store.write(path, text)
      return { problems: parseFlow(text).problems }
    },
    'flows.delete': ({ path }) => store.delete(path),
    'flows.check': ({ text }) => ({ problems: parseFlow(text).problems }),
    async 'flows.run'({ source, device, variables = {}, secrets = {}, pace = 0, ...more }) {
      const outlet = options.outlet()
      if (!outlet) {
        const text = 'Flows need the USP controller: start the bench without --no-controller.'
        throw new BenchFailure('unavailable', text)
      }
      if (running().length >= MAX_RUNNING)
        throw new BenchFailure(
          'conflict',
          `${MAX_RUNNING} flows are running already: wait for one, or stop one.`,
        )
      const { path, flow, calls } = await sourceOf(source)
      const id = `${new Date().toISOString().replaceAll(/[-:]|\..*/g, '')}-${randomBytes(3).toString('hex')}`
      const online = Object.fromEntries(options.connected().map((one) => [one, outlet.reaches(one)]))
      const play = made({
        flow,
        run: { device, runId: id.slice(-6), variables, secrets, pace, flows: calls, online },
        traffic: options.traffic,
        outlet,
        acts: new Acts(options.acts, device),
        packetOf: options.packetOf,
        ...(more.breakpoints && { breakpoints: more.breakpoints }),
        ...(more.filters && { filters: more.filters }),
        paused: more.paused ?? false,
        onChange: changed,
      })
      const run: Run = { id, path, flow, play, result: undefined }
      runs.set(id, run)
      play.start()
      void keep(run)
      changed()
      return { run: id }
    },
    'flows.control'({ run: id, action }) {
      const { play } = runOf(id)
      const actions = {
        pause: () => play.pause(),
        continue: () => play.continue(),
        step: () => play.stepOnce(),
        again: () => play.again(),
        stop: () => play.stop(),
      }
      actions[action]()
    },
    'flows.answer'({ run: id, token, choice }) {
      if (!runOf(id).play.answer(token, choice))
        throw new BenchFailure('not-found', 'That question needs no answer any more.')
    },
    'flows.result'({ id }) {
      const run = runs.get(id)
      return run ? (run.result ?? run.play.result()) : results.get(id)
    },
    async 'flows.report'({ ids, format }) {
      const found: FlowResult[] = []
      for (const id of ids) found.push(await handlers['flows.result']({ id }))
      return { text: writeFlowReport(found, format) }
    },
    async 'flows.deleteResult'({ id }) {
      await results.delete(id)
      changed()
    },
  }

  return {
    get state() {
      return {
        files: store.files,
        more: store.more,
        runs: [...runs.values()].map(stateOf),
        results: results.list,
      }
    },
    handlers,
    deviceChanged(endpointId, online) {
      for (const { play } of running()) play.deviceChanged(endpointId, online)
    },
    async stop() {
      await opened
      const left = running()
      for (const { play } of left) play.stop()
      const all = Promise.all(left.map(({ play }) => play.done))
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          for (const { play } of running()) play.stop()
          resolve()
        }, STOP_MS)
      })
      await Promise.race([all, enough])
      clearTimeout(timer)
      told.stop()
    },
  }
}

/** BenchFailure `invalid-request` for a breakpoint that is no filter. */
function made(options: ConstructorParameters<typeof Play>[0]): Play {
  try {
    return new Play(options)
  } catch (error) {
    if (error instanceof FlowFault) throw new BenchFailure('invalid-request', error.message)
    throw error
  }
}

/** BenchFailure `invalid-request` with the first errors, each with line and column. */
function readFlow(text: string, name: string): Flow {
  const { flow, problems } = parseFlow(text)
  if (flow) return flow
  const errors = problems.filter(({ severity }) => severity === 'error').slice(0, 5)
  throw new BenchFailure('invalid-request', `${name} has errors. ${errors.map(describeProblem).join(' ')}`)
}

function stateOf({ id, path, flow, play, result: ended }: Run): FlowRunState {
  const result = ended ?? play.result()
  const all = [...everyStep([...result.setup, ...result.steps, ...result.cleanup])].map(([step]) => step)
  const under = all.filter(({ status }) => status === 'running')
  return {
    id,
    name: flow.name,
    path,
    device: result.device,
    status: ended ? ended.status : 'running',
    paused: play.paused,
    step: play.paused ? play.step : (under.at(-1)?.path ?? ''),
    done: all.length - under.length,
    steps: stepsOf(flow),
    failed: all.filter(({ status }) => status === 'failed' || status === 'error').length,
    questions: play.questions,
    startedAt: result.start,
  }
}
