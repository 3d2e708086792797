/** Running the flow in the editor: on which devices, with what; and the run or result that is looked at. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { FlowHolds, FlowResultInfo, FlowRunState } from '../../../shared/contract/flows.ts'
import type { FlowStepRow } from '../../../shared/contract/flow-steps.ts'
import type { Host } from '../../../shared/contract/host.ts'
import { ok, type BenchError, type Result } from '../../../shared/contract/result.ts'
import type { FlowResult, StepResult } from '../../../shared/flow/run/result.ts'
import type { LiveStore } from '../../app/live.ts'
import { createListStore, rowAt, type ListStore } from '../../list/list-store.ts'
import { createDeviceModel, type DeviceModel, type RowsOf } from '../messages/device-model.ts'
import type { FlowEditor } from './editor.ts'
import { givenVariables, placeOfStep, textOfStep, type Parsed } from './parsed.ts'

export interface RunsState {
  /** Endpoint IDs of the devices under test. */
  readonly devices: readonly string[]
  /** As typed for each file; what is empty has the default of the flow. */
  readonly variables: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly secrets: Readonly<Record<string, string>>
  /** 0: as fast as answers come; 1: as recorded. */
  readonly pace: number
  readonly repeat: 'once' | 'times' | 'for'
  readonly times: number
  readonly minutes: number
  /** Filters to hold after, a line each. */
  readonly filters: string
  readonly holdsAtFailures: boolean
  readonly holdsAtStart: boolean
  readonly optionsOpen: boolean
  /** Runs that were begun together, by the id of their series or their own. */
  readonly together: readonly string[]
  /** The run or result that is looked at. */
  readonly shown: string | undefined
  readonly head: FlowResult | undefined
  readonly step: StepResult | undefined
  readonly stepKey: string | undefined
  readonly error: BenchError | undefined
}

export interface FlowRuns extends StoreApi<RunsState> {
  readonly steps: ListStore<'flowSteps'>
  /** By whose model paths are completed. */
  readonly model: DeviceModel
  readonly setDevices: (devices: readonly string[]) => void
  /** Runs the text in the editor on each device. Answers the first that could not be begun. */
  readonly start: () => Promise<BenchError | undefined>
  /** Where to hold from now on; answers why a filter cannot be used. */
  readonly tellHolds: () => Promise<BenchError | undefined>
  readonly show: (id: string) => void
  readonly hide: () => void
  readonly fold: (row: FlowStepRow, folded: boolean) => void
  readonly setOnly: (only: 'all' | 'wrong') => void
  readonly control: (action: 'pause' | 'continue' | 'step' | 'again' | 'stop') => Promise<Result<void>>
  /** Does the step that failed, or the one before, again: as it was, or as this text has it. */
  readonly again: (step?: string) => Promise<Result<void>>
  /** Text of the step that would be done again; undefined where the text of the run is not known. */
  readonly textAgain: () => string | undefined
  readonly close: () => void
}

/** Texts of runs that are remembered, for their steps to be edited. */
const MAX_TEXTS = 20

export const runOf = (runs: readonly FlowRunState[] | undefined, id: string | undefined) =>
  runs?.find((run) => run.id === id)
const seriesOf = (run: FlowRunState): string => run.series?.id ?? run.id

export function createRuns(host: Host, live: LiveStore, editor: FlowEditor, rowsOf: RowsOf): FlowRuns {
  const steps = createListStore({
    host,
    view: 'flowSteps',
    params: { id: '', folded: [], only: 'all' },
    key: (row) => row.key,
    growing: true,
  })
  const store = createStore<RunsState>(() => ({
    devices: [],
    variables: {},
    secrets: {},
    pace: 0,
    repeat: 'once',
    times: 10,
    minutes: 10,
    filters: '',
    holdsAtFailures: false,
    holdsAtStart: false,
    optionsOpen: false,
    together: [],
    shown: undefined,
    head: undefined,
    step: undefined,
    stepKey: undefined,
    error: undefined,
  }))
  const model = createDeviceModel(host, rowsOf)
  const texts = new Map<string, Parsed>()
  let asking = false

  const flows = () => live.getState().flowRuns
  const shownRun = () => runOf(flows()?.runs, store.getState().shown)

  const readHead = async (id: string) => {
    const answer = await host.call('flows.head', { id })
    if (store.getState().shown !== id) return
    store.setState(
      answer.ok ? { head: answer.value, error: undefined } : { head: undefined, error: answer.error },
    )
  }
  /** One question at a time; a step that is under way is asked for again when its row changes. */
  const readStep = async (): Promise<void> => {
    const { shown, stepKey } = store.getState()
    if (asking || shown === undefined || stepKey === undefined) return
    asking = true
    const answer = await host.call('flows.step', { id: shown, key: stepKey })
    asking = false
    const now = store.getState()
    if (now.shown !== shown || now.stepKey !== stepKey) return readStep()
    store.setState({ step: answer.ok ? answer.value : undefined })
  }

  /** Whose turns are followed; empty once a person chose what to look at, or a turn went wrong. */
  let followed = ''
  const present = (id: string) => {
    if (id === store.getState().shown) return void readHead(id)
    store.setState({ shown: id, head: undefined, step: undefined, stepKey: undefined, error: undefined })
    const list = steps.getState()
    list.clearCursor()
    list.setParams({ ...list.params, id, folded: [] })
    list.setFollow(runOf(flows()?.runs, id)?.status === 'running')
    if (runOf(flows()?.runs, id)?.status !== 'running') list.scroll(0)
    void readHead(id)
  }

  const ends = [
    live.subscribe((state, old) => {
      if (state.flowRuns === old.flowRuns) return
      const { shown } = store.getState()
      const run = runOf(state.flowRuns?.runs, shown)
      const before = runOf(old.flowRuns?.runs, shown)
      if (shown !== undefined && run?.status !== before?.status) void readHead(shown)
      // The next turn takes the place of the one before; quick ones may be forgotten by then.
      if (followed === '') return
      if (run && run.status !== 'passed' && run.status !== 'running') followed = ''
      const next = state.flowRuns?.runs.findLast((one) => seriesOf(one) === followed)
      if (!next || next.id === shown || run?.status === 'running') return
      const parsed = texts.get(followed)
      if (parsed) texts.set(next.id, parsed)
      present(next.id)
    }),
    steps.subscribe((state, old) => {
      if (state.cursor === old.cursor && state.rows === old.rows) return
      // The heading of a phase is no step.
      const at = String(state.cursor?.key ?? '')
      const key = at.includes('/') ? at : undefined
      const row = state.cursor && rowAt(state, state.cursor.index)
      const before = old.rows.find((one) => one.key === key)
      if (key !== store.getState().stepKey) {
        store.setState({ stepKey: key, ...(key === undefined && { step: undefined }) })
        void readStep()
      } else if (row && row.key === key && JSON.stringify(row) !== JSON.stringify(before)) void readStep()
    }),
  ]

  const holds = (): FlowHolds => {
    const { filters, holdsAtFailures } = store.getState()
    const { breakpoints, parsed } = editor.getState()
    const lines = filters.split('\n').map((line) => line.trim())
    return {
      breakpoints: parsed.steps.filter(({ start }) => breakpoints.includes(start)).map(({ path }) => path),
      filters: lines.filter((line) => line !== ''),
      failures: holdsAtFailures,
    }
  }
  const tellHolds = async (): Promise<BenchError | undefined> => {
    const run = shownRun()
    if (run?.status !== 'running') return undefined
    const answer = await host.call('flows.breakpoints', { run: run.id, ...holds() })
    return answer.ok ? undefined : answer.error
  }
  ends.push(
    editor.subscribe((state, old) => {
      if (state.breakpoints !== old.breakpoints) void tellHolds()
      // Saved under a name, or renamed: it is the same flow.
      if (state.slot === old.slot || state.text !== old.text || !old.isOpen) return
      const { [old.slot]: own, ...others } = store.getState().variables
      if (own) store.setState({ variables: { ...others, [state.slot]: own } })
    }),
    store.subscribe((state, old) => {
      if (state.holdsAtFailures !== old.holdsAtFailures) void tellHolds()
    }),
  )

  const repeatOf = ({ repeat, times, minutes }: RunsState) =>
    repeat === 'times' ? { repeat: { times } } : repeat === 'for' ? { repeat: { for: minutes * 60_000 } } : {}

  return Object.assign(store, {
    steps,
    model,
    tellHolds,
    setDevices(devices: readonly string[]) {
      store.setState({ devices })
      model.choose(devices[0])
    },
    async start() {
      const state = store.getState()
      const { path, slot } = editor.getState()
      const parsed = await editor.parse()
      const { text, flow } = parsed
      const secrets = Object.fromEntries(
        (flow?.secrets ?? []).map((name) => [name, state.secrets[name] ?? '']),
      )
      const begun: string[] = []
      let failed: BenchError | undefined
      for (const device of state.devices) {
        const answer = await host.call('flows.run', {
          source: { text, ...(path !== undefined && { path }) },
          device,
          variables: flow ? givenVariables(flow, state.variables[slot] ?? {}) : {},
          secrets,
          pace: state.pace,
          paused: state.holdsAtStart,
          ...repeatOf(state),
          ...holds(),
        })
        if (answer.ok) begun.push(answer.value.run)
        else failed ??= answer.error
      }
      for (const id of begun) texts.set(id, parsed)
      for (const id of [...texts.keys()].slice(0, Math.max(0, texts.size - MAX_TEXTS))) texts.delete(id)
      const [first] = begun
      if (first !== undefined) {
        store.setState({ together: begun })
        followed = first
        present(first)
      }
      return failed
    },
    show(id: string) {
      const run = runOf(flows()?.runs, id)
      followed = run?.status === 'running' ? seriesOf(run) : ''
      present(id)
    },
    hide() {
      followed = ''
      store.setState({
        shown: undefined,
        head: undefined,
        step: undefined,
        stepKey: undefined,
        error: undefined,
      })
      steps.getState().clearCursor()
      steps.getState().setParams({ ...steps.getState().params, id: '', folded: [] })
    },
    fold(row: FlowStepRow, folded: boolean) {
      const { params, setParams } = steps.getState()
      const others = params.folded.filter((key) => key !== row.key)
      setParams({ ...params, folded: folded ? [...others, row.key] : others })
    },
    setOnly(only: 'all' | 'wrong') {
      const { params, setParams } = steps.getState()
      if (params.only !== only) setParams({ ...params, only })
    },
    async control(action: 'pause' | 'continue' | 'step' | 'again' | 'stop') {
      const run = shownRun()
      return run ? host.call('flows.control', { run: run.id, action }) : ok(undefined)
    },
    async again(step?: string) {
      const run = shownRun()
      return run
        ? host.call('flows.again', { run: run.id, ...(step !== undefined && { step }) })
        : ok(undefined)
    },
    textAgain() {
      const run = shownRun()
      const parsed = run && texts.get(run.id)
      const path = run && stepAgain(run)
      if (parsed === undefined || path === undefined) return undefined
      const place = placeOfStep(parsed.steps, path)
      return place && textOfStep(parsed.text, place)
    },
    close() {
      ends.forEach((end) => end())
      steps.getState().close()
      model.stop()
    },
  })
}

/** Path of the step that would be done again: the one that failed, or the one before in its list. */
export function stepAgain({ held, step }: Pick<FlowRunState, 'held' | 'step'>): string | undefined {
  if (held === 'failed') return step
  const found = /^(.*\.)(\d+)$/.exec(step)
  const index = Number(found?.[2] ?? 0)
  return held === 'before' && index > 0 ? `${found?.[1]}${index - 1}` : undefined
}

/** The newest result of the same flow and device that began before this one. Pure. */
export function resultBefore(
  results: readonly FlowResultInfo[],
  id: string | undefined,
): FlowResultInfo | undefined {
  const shown = results.find((one) => one.id === id)
  if (!shown) return undefined
  return results
    .filter(
      ({ name, device, startedAt }) =>
        name === shown.name && device === shown.device && startedAt < shown.startedAt,
    )
    .toSorted((one, other) => other.startedAt - one.startedAt)[0]
}
