/** Access lists asked about recordings: which one, what is running, and what came of it. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { AclRule } from '../../../shared/acl/model.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import type { DryRunResult, ProposalResult } from '../../../shared/contract/dry-run.ts'
import type { Host } from '../../../shared/contract/host.ts'
import type { CaptureId } from '../../../shared/contract/model.ts'
import type { BenchError, Result } from '../../../shared/contract/result.ts'
import { fail } from '../../../shared/contract/result.ts'
import type { LiveStore } from '../../app/live.ts'
import { listValue } from './rules.ts'

export interface Recording {
  readonly capture: CaptureId
  readonly filter: string
}

/** What came of a run, with what it was asked of. */
export interface Outcome<R> {
  /** ID of the job that it comes from. */
  readonly job: string
  readonly result: R
  readonly of: Recording
  /** The rules that were asked; of a proposal, those in force. */
  readonly rules: readonly AclRule[]
  /** Of a dry run: what it was compared with. */
  readonly before: Before
}

export interface Run<R> {
  /** `starting` until the bench has made a job of it. */
  readonly job: string | undefined
  readonly outcome: Outcome<R> | undefined
  readonly error: BenchError | undefined
}

export type Before = Request<'access.dryRun'>['before']

export interface RecordingsState {
  readonly recording: Recording
  readonly before: Before
  readonly dryRun: Run<DryRunResult>
  readonly groupFrom: number | undefined
  /** Propose rules also for what was refused. */
  readonly refused: boolean
  readonly proposal: Run<ProposalResult>
}

export interface RecordingsModel extends StoreApi<RecordingsState> {
  readonly startDryRun: (rules: readonly AclRule[]) => Promise<void>
  readonly startProposal: (inForce: readonly AclRule[]) => Promise<void>
  readonly stop: (kind: 'dryRun' | 'proposal') => void
  readonly close: () => void
}

const idle = { job: undefined, outcome: undefined, error: undefined }
const STARTING = 'starting'

export function createRecordings(host: Host, live: LiveStore): RecordingsModel {
  const store = createStore<RecordingsState>(() => ({
    recording: { capture: 'live', filter: '' },
    before: 'force',
    dryRun: idle,
    groupFrom: undefined,
    refused: false,
    proposal: idle,
  }))
  const endings = new Set<() => void>()

  /** Resolves when the job is no longer running: how it ended. */
  function ended(job: string): Promise<Result<void>> {
    return new Promise((resolve) => {
      let seen = false
      const look = () => {
        const found = live.getState().jobs.find(({ id }) => id === job)
        seen ||= found !== undefined
        // A job that was told of once and is not any more: the bench was started anew, or somebody dismissed it.
        if (found?.state === 'running' || (found === undefined && !seen)) return
        close()
        if (found === undefined || found.state === 'done') resolve({ ok: true, value: undefined })
        else if (found.state === 'cancelled') resolve(fail('cancelled', 'It was stopped.'))
        else resolve(fail('failed', found.message ?? 'It failed.'))
      }
      const end = live.subscribe((state, old) => void (state.jobs !== old.jobs && look()))
      const close = () => {
        end()
        endings.delete(close)
      }
      endings.add(close)
      look()
    })
  }

  async function run<K extends 'dryRun' | 'proposal'>(
    kind: K,
    rules: readonly AclRule[],
    start: () => Promise<Result<{ readonly job: string }>>,
    fetch: (job: string) => Promise<Result<NonNullable<RecordingsState[K]['outcome']>['result']>>,
  ): Promise<void> {
    const { [kind]: last, recording, before } = store.getState()
    if (last.job !== undefined) return
    const set = (change: Partial<Run<unknown>>) =>
      store.setState((state) => ({ [kind]: { ...state[kind], ...change } }) as Partial<RecordingsState>)
    set({ job: STARTING, error: undefined })
    const started = await start()
    if (!started.ok) return set({ job: undefined, error: started.error })
    const { job } = started.value
    set({ job })
    const end = await ended(job)
    const answer = end.ok ? await fetch(job) : end
    // It is in sight here: there is no more to say in the tray.
    void host.call('jobs.dismiss', { id: job })
    if (answer.ok)
      set({ job: undefined, outcome: { job, result: answer.value, of: recording, rules, before } })
    else if (answer.error.code === 'cancelled') set({ job: undefined })
    else set({ job: undefined, error: answer.error })
  }

  return Object.assign(store, {
    startDryRun: (rules: readonly AclRule[]) => {
      const { recording, before } = store.getState()
      return run(
        'dryRun',
        rules,
        () => host.call('access.dryRun', { ...recording, before, list: listValue(0, rules) }),
        (job) => host.call('access.dryRun.result', { job }),
      )
    },
    startProposal: (inForce: readonly AclRule[]) => {
      const { recording, groupFrom, refused } = store.getState()
      const wish = { ...recording, refused, ...(groupFrom !== undefined && { groupFrom }) }
      return run(
        'proposal',
        inForce,
        () => host.call('access.propose', wish),
        (job) => host.call('access.propose.result', { job }),
      )
    },
    stop(kind: 'dryRun' | 'proposal') {
      const { job } = store.getState()[kind]
      if (job !== undefined && job !== STARTING) void host.call('jobs.cancel', { id: job })
    },
    close: () => endings.forEach((close) => close()),
  })
}
