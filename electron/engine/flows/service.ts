/** Flows of the bench: files, runs and results, as the contract offers them. */
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { Request, ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type { Exchange } from '../../../shared/contract/flow-record.ts'
import type { FlowStepRow } from '../../../shared/contract/flow-steps.ts'
import type {
  flowCommands,
  FlowHolds,
  FlowRunState,
  FlowSeries,
  FlowFiles,
  FlowRuns,
} from '../../../shared/contract/flows.ts'
import type { DeviceDetail, PacketDetail } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { describeProblem, parseFlow, parseStep, type Problem } from '../../../shared/flow/format/parse.ts'
import { FlowFault } from '../../../shared/flow/language/functions.ts'
import { endingOf } from '../../../shared/flow/attachments.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import { PHASES, type Flow } from '../../../shared/flow/model.ts'
import { compareResults } from '../../../shared/flow/compare/compare.ts'
import { matrixOf } from '../../../shared/flow/compare/matrix.ts'
import { writeFlowReport } from '../../../shared/flow/report/report.ts'
import { isWrong } from '../../../shared/flow/run/outline.ts'
import { everyStep, type FlowResult, type StepResult } from '../../../shared/flow/run/result.ts'
import { exportFile } from '../capture/export-file.ts'
import { Throttle } from '../throttle.ts'
import type { Outlet } from '../usp/outlet.ts'
import { Acts, type ActsOptions } from './acts.ts'
import { Play } from './play.ts'
import { attachedFiles, Attachments, readAttachment } from './attachments.ts'
import { FlowResults } from './results.ts'
import { addSet, addStarter } from './starter.ts'
import { keptSteps, StepViews } from './step-view.ts'
import { FlowStore, stampOf, stepsOf } from './store.ts'
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
  /** What was said in a capture. */
  readonly exchange: (capture: string, ask: Omit<Request<'flows.exchange'>, 'capture'>) => Promise<Exchange>
  /** Devices that are connected. */
  readonly connected: () => readonly string[]
  /** Of the live capture. Rejects with a BenchFailure. */
  readonly packet: (no: number) => Promise<PacketDetail>
  readonly factsOf: (endpointId: string) => DeviceDetail | undefined
  /** Where exported files are made for a person. */
  readonly workspace: string
  readonly onFiles: () => void
  readonly onRuns: () => void
  readonly onProblem: (text: string) => void
}

export interface FlowsService {
  readonly files: FlowFiles
  readonly runs: FlowRuns
  readonly handlers: HandlersOf<typeof flowCommands>
  openView(params: ViewParams<'flowSteps'>, changed: () => void): ViewSource<FlowStepRow>
  /** A device came, subscribed, or is gone. */
  deviceChanged(endpointId: string, online: boolean): void
  /** Stops every run, with its clean-up as far as time allows. */
  stop(): Promise<void>
}

/** What a run is made of; of each turn of a series. */
interface Wish {
  readonly path: string
  readonly flow: Flow
  readonly calls: ReadonlyMap<string, Flow>
  readonly device: string
  readonly variables: JsonMap
  readonly secrets: Readonly<Record<string, string>>
  readonly pace: number
  readonly holds: FlowHolds
}

interface Run {
  readonly id: string
  readonly wish: Wish
  readonly series: FlowSeries | undefined
  readonly play: Play
  result: FlowResult | undefined
  /** No turn of the series follows. */
  stopped: boolean
}

/** How long runs may clean up when the bench ends. */
const STOP_MS = 5000

export function startFlows(options: FlowsOptions): FlowsService {
  const { folder, onProblem } = options
  const told = new Throttle(TELL_MS, options.onRuns)
  const changed = (): void => told.request()
  const store = new FlowStore(folder, options.onFiles)
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
  }

  const views = new StepViews((id) => {
    const { play, result } = runs.get(id) ?? {}
    if (play && !result) return play
    return result ? keptSteps(result) : results.get(id).then(keptSteps)
  })
  const wentOn = (): void => {
    views.touch()
    changed()
  }
  let closing = false

  const running = (): Run[] => [...runs.values()].filter(({ result }) => result === undefined)
  const runOf = (id: string): Run => {
    const run = runs.get(id)
    if (run && run.result === undefined) return run
    throw new BenchFailure('not-found', `There is no run ${id} under way.`)
  }

  async function sourceOf(source: Parameters<FlowsService['handlers']['flows.run']>[0]['source']) {
    await opened
    if (!('text' in source))
      return {
        path: source.path,
        flow: readFlow(await store.read(source.path), source.path),
        calls: await store.callable(source.path),
      }
    const { text, path = '' } = source
    const given = Object.entries(source.calls ?? {}).map(
      ([name, one]) => [name, readFlow(one, name)] as const,
    )
    const calls = new Map([...(path === '' ? [] : await store.callable(path)), ...given])
    return { path, flow: readFlow(text, path || 'the flow'), calls }
  }

  async function keep(run: Run): Promise<void> {
    const result = await run.play.done
    try {
      await results.add(run.id, result)
    } catch (error) {
      onProblem(`A result of a flow is not kept: ${(error as Error).message}.`)
    }
    run.result = result
    views.touch()
    nextTurn(run)
    const ended = [...runs.values()].filter((one) => one.result !== undefined)
    for (const { id } of ended.slice(0, Math.max(0, ended.length - MAX_ENDED))) runs.delete(id)
    changed()
  }

  function begin(wish: Wish, paused: boolean, series?: FlowSeries): Run {
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
    const { flow, calls, device, variables, secrets, pace, holds } = wish
    const id = `${new Date().toISOString().replaceAll(/[-:]|\..*/g, '')}-${randomBytes(3).toString('hex')}`
    const online = Object.fromEntries(options.connected().map((one) => [one, outlet.reaches(one)]))
    const play = made({
      flow,
      run: { device, runId: id.slice(-6), variables, secrets, pace, flows: calls, online },
      traffic: options.traffic,
      outlet,
      acts: new Acts(options.acts, device),
      packetOf: options.packetOf,
      holds,
      paused,
      attachments: new Attachments(results.folder, id, Object.values(secrets)),
      packet: options.packet,
      factsOf: options.factsOf,
      onChange: wentOn,
    })
    const run: Run = {
      id,
      wish,
      series: series && { ...series, id: series.id || id },
      play,
      result: undefined,
      stopped: false,
    }
    runs.set(id, run)
    play.start()
    void keep(run)
    changed()
    return run
  }

  /** Begins the next turn of a series, as long as nobody stopped it. */
  function nextTurn({ wish, series, result, stopped }: Run): void {
    if (!series || stopped || closing || result?.status === 'stopped') return
    const { turn, times = Number.POSITIVE_INFINITY, until = Number.POSITIVE_INFINITY } = series
    if (turn >= times || Date.now() >= until) return
    try {
      begin(wish, false, { ...series, turn: turn + 1 })
    } catch (error) {
      onProblem(`A flow is not repeated any more: ${(error as Error).message}`)
    }
  }

  const handlers: FlowsService['handlers'] = {
    async 'flows.scan'() {
      await opened
      await store.scan()
    },
    async 'flows.read'({ path }) {
      await opened
      const text = await store.read(path)
      return { text, stamp: stampOf(text), problems: parseFlow(text).problems }
    },
    async 'flows.write'({ path, text, over }) {
      await opened
      const stamp = await store.write(path, text, over)
      return { stamp, problems: parseFlow(text).problems }
    },
    async 'flows.rename'({ from, to }) {
      await opened
      await store.rename(from, to)
    },
    async 'flows.delete'({ path }) {
      await opened
      await store.delete(path)
    },
    async 'flows.addSet'({ set }) {
      await opened
      const added = await addSet(folder, set)
      await store.scan()
      return { added }
    },
    'flows.check': ({ text }) => ({ problems: parseFlow(text).problems }),
    async 'flows.run'({
      source,
      device,
      variables = {},
      secrets = {},
      pace = 0,
      paused = false,
      repeat,
      ...holds
    }) {
      const wish: Wish = { ...(await sourceOf(source)), device, variables, secrets, pace, holds }
      const { times, for: lasts } = repeat ?? {}
      const series: FlowSeries | undefined = repeat && {
        id: '',
        turn: 1,
        ...(times !== undefined && { times }),
        ...(lasts !== undefined && { until: Date.now() + lasts }),
      }
      if (repeat && times === undefined && lasts === undefined)
        throw new BenchFailure('invalid-request', 'Say how often, or for how long, the flow is repeated.')
      return { run: begin(wish, paused, series).id }
    },
    'flows.control'({ run: id, action }) {
      const run = runOf(id)
      const { play } = run
      const actions = {
        pause: () => play.pause(),
        continue: () => play.continue(),
        step: () => play.stepOnce(),
        again: () => play.again(),
        stop: () => play.stop(),
      }
      if (action === 'stop') run.stopped = true
      actions[action]()
    },
    'flows.breakpoints'({ run: id, ...holds }) {
      known(() => runOf(id).play.setHolds(holds))
    },
    'flows.again'({ run: id, step: text }) {
      const { play } = runOf(id)
      if (play.held === undefined)
        throw new BenchFailure('conflict', 'The run goes on: pause it before a step is done again.')
      const { step, problems } = text === undefined ? { problems: [] } : parseStep(text)
      if (text !== undefined && !step)
        throw new BenchFailure('invalid-request', `The step has errors. ${firstErrors(problems)}`)
      play.again(step)
    },
    async 'flows.answer'({ run: id, token, choice, file }) {
      const why = await runOf(id).play.answer(token, choice, file)
      if (why !== undefined) throw new BenchFailure(file ? 'invalid-request' : 'not-found', why)
    },
    async 'flows.attachment'({ id, file }) {
      return { bytes: await readAttachment(results.folder, id, file) }
    },
    async 'flows.exportAttachment'({ id, file }) {
      const name = file.replace(/^\d+-/, '')
      const ending = endingOf(name)
      const stem = ending === '' ? name : name.slice(0, -ending.length - 1)
      const target = await exportFile(options.workspace, stem, ending === '' ? 'bin' : ending)
      await writeFile(target.path, await readAttachment(results.folder, id, file))
      return { file: target.file }
    },
    'flows.result'({ id }) {
      const run = runs.get(id)
      return run ? (run.result ?? run.play.result()) : results.get(id)
    },
    async 'flows.report'({ ids, format }) {
      const found: FlowResult[] = []
      for (const id of ids) found.push(await handlers['flows.result']({ id }))
      return { text: writeFlowReport(found, format, await attachedFiles(results.folder, ids, found, format)) }
    },
    async 'flows.compare'({ before, after }) {
      const [one, other] = [
        await handlers['flows.result']({ id: before }),
        await handlers['flows.result']({ id: after }),
      ]
      return compareResults(one, other)
    },
    'flows.matrix': () => matrixOf(results.list),
    async 'flows.deleteResult'({ id }) {
      await results.delete(id)
      changed()
    },
    'flows.head': ({ id }) => views.head(id),
    'flows.step': ({ id, key }) => views.step(id, key),
    'flows.exchange': ({ capture, ...ask }) => options.exchange(capture, ask),
  }

  return {
    get files() {
      return { files: store.files, more: store.more }
    },
    get runs() {
      return { runs: [...runs.values()].map(stateOf), results: results.list }
    },
    handlers,
    openView: (params, changedRows) => views.open(params, changedRows),
    deviceChanged(endpointId, online) {
      for (const { play } of running()) play.deviceChanged(endpointId, online)
    },
    async stop() {
      closing = true
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
const made = (options: ConstructorParameters<typeof Play>[0]): Play => known(() => new Play(options))

function known<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof FlowFault) throw new BenchFailure('invalid-request', error.message)
    throw error
  }
}

const firstErrors = (problems: readonly Problem[]): string =>
  problems
    .filter(({ severity }) => severity === 'error')
    .slice(0, 5)
    .map(describeProblem)
    .join(' ')

/** BenchFailure `invalid-request` with the first errors, each with line and column. */
function readFlow(text: string, name: string): Flow {
  const { flow, problems } = parseFlow(text)
  if (flow) return flow
  throw new BenchFailure('invalid-request', `${name} has errors. ${firstErrors(problems)}`)
}

function stateOf({ id, wish, series, play, result: ended }: Run): FlowRunState {
  const { flow, path, device } = wish
  let last: StepResult | undefined
  let [done, failed] = [0, 0]
  // The tree itself, not a copy of it: this is asked many times a second.
  for (const phase of PHASES) {
    for (const [step] of everyStep(play.phases[phase])) {
      if (step.status === 'running') last = step
      else done += 1
      if (isWrong(step.status)) failed += 1
    }
  }
  const { held, heldBy } = play
  return {
    id,
    name: flow.name,
    path,
    device,
    status: ended ? ended.status : 'running',
    paused: play.paused,
    ...(held !== undefined && { held }),
    ...(heldBy !== undefined && { heldBy }),
    step: held !== undefined ? play.step : (last?.path ?? ''),
    done,
    steps: stepsOf(flow),
    failed,
    questions: play.questions,
    startedAt: play.startedAt,
    ...(series && { series }),
  }
}
