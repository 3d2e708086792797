/** What differs between two results of a flow: verdicts, values and latencies of its steps. Pure. */
import { equalJson, type Json } from '../json.ts'
import { PHASES, type Phase } from '../model.ts'
import {
  everyStep,
  type FlowResult,
  type FlowStatus,
  type StepResult,
  type StepStatus,
} from '../run/result.ts'
import { leavesOf } from './flatten.ts'

/** One value that is another now. Absent where there is none. */
export interface ValueChange {
  /** Of a variable its name, of a message the place in it: `get_resp.req_path_results[0].err_code`. */
  readonly path: string
  readonly before?: Json
  readonly after?: Json
}

export interface StepComparison {
  readonly phase: Phase
  readonly path: string
  readonly title: string
  /** Absent where the step is not in that result. */
  readonly before?: StepStatus
  readonly after?: StepStatus
  readonly values: readonly ValueChange[]
  /** Values that differ and are not listed. */
  readonly moreValues: number
  /** Milliseconds; only where it differs by more than the tolerance. */
  readonly latency?: { readonly before: number; readonly after: number }
}

export interface ComparedResult {
  readonly name: string
  readonly device: string
  readonly status: FlowStatus
  readonly start: number
  readonly duration?: number
}

export interface ResultComparison {
  readonly before: ComparedResult
  readonly after: ComparedResult
  /** Steps in which something differs, in the order of the later result. */
  readonly steps: readonly StepComparison[]
  /** Steps that passed and do not any more; that pass now; with other values; slower; faster. */
  readonly counts: {
    readonly broken: number
    readonly mended: number
    readonly values: number
    readonly slower: number
    readonly faster: number
  }
}

export interface Tolerance {
  /** An answer counts as slower or faster when it takes so many times as long, or as short … */
  readonly factor: number
  /** … and differs by so many milliseconds at least. */
  readonly ms: number
}
const USUAL: Tolerance = { factor: 2, ms: 50 }
const MAX_VALUES = 50

export function compareResults(
  before: FlowResult,
  after: FlowResult,
  tolerance: Tolerance = USUAL,
): ResultComparison {
  const old = keyed(before)
  const now = keyed(after)
  const keys = [...now.keys(), ...[...old.keys()].filter((key) => !now.has(key))]
  const steps = keys.flatMap((key) => {
    const compared = compareStep(old.get(key), now.get(key), tolerance)
    return compared ? [compared] : []
  })
  const count = (holds: (step: StepComparison) => boolean): number => steps.filter(holds).length
  return {
    before: headOf(before),
    after: headOf(after),
    steps,
    counts: {
      broken: count((step) => step.before === 'passed' && isBad(step.after)),
      mended: count((step) => isBad(step.before) && step.after === 'passed'),
      values: count(({ values }) => values.length > 0),
      slower: count(({ latency }) => latency !== undefined && latency.after > latency.before),
      faster: count(({ latency }) => latency !== undefined && latency.after < latency.before),
    },
  }
}

const isBad = (status: StepStatus | undefined): boolean => status === 'failed' || status === 'error'

const headOf = ({ name, device, status, start, duration }: FlowResult): ComparedResult => ({
  name,
  device,
  status,
  start,
  ...(duration !== undefined && { duration }),
})

interface Placed {
  readonly phase: Phase
  readonly step: StepResult
}

/** Steps by place: a loop does the same step again and again, so each turn of it counts. */
function keyed(result: FlowResult): ReadonlyMap<string, Placed> {
  const found = new Map<string, Placed>()
  const times = new Map<string, number>()
  for (const phase of PHASES) {
    for (const [step] of everyStep(result[phase])) {
      const place = `${phase} ${step.path}`
      const time = (times.get(place) ?? 0) + 1
      times.set(place, time)
      found.set(`${place} ${time}`, { phase, step })
    }
  }
  return found
}

function compareStep(
  before: Placed | undefined,
  after: Placed | undefined,
  tolerance: Tolerance,
): StepComparison | undefined {
  const placed = after ?? before
  if (!placed) return undefined
  const [one, other] = [before?.step, after?.step]
  const changes = one && other ? changedValues(one, other) : []
  const latency = changedLatency(one?.latency, other?.latency, tolerance)
  if (one?.status === other?.status && changes.length === 0 && !latency) return undefined
  return {
    phase: placed.phase,
    path: placed.step.path,
    title: placed.step.title,
    ...(one && { before: one.status }),
    ...(other && { after: other.status }),
    values: changes.slice(0, MAX_VALUES),
    moreValues: Math.max(0, changes.length - MAX_VALUES),
    ...(latency && { latency }),
  }
}

function changedValues(before: StepResult, after: StepResult): ValueChange[] {
  return [
    ...changes(new Map(Object.entries(before.bindings)), new Map(Object.entries(after.bindings))),
    ...changes(leavesOf(before.seen).leaves, leavesOf(after.seen).leaves),
  ]
}

function changes(before: ReadonlyMap<string, Json>, after: ReadonlyMap<string, Json>): ValueChange[] {
  const paths = new Set([...after.keys(), ...before.keys()])
  return [...paths].flatMap((path) => {
    const [one, other] = [before.get(path), after.get(path)]
    if (one !== undefined && other !== undefined && equalJson(one, other)) return []
    return [{ path, ...(one !== undefined && { before: one }), ...(other !== undefined && { after: other }) }]
  })
}

function changedLatency(
  before: number | undefined,
  after: number | undefined,
  { factor, ms }: Tolerance,
): StepComparison['latency'] {
  if (before === undefined || after === undefined || Math.abs(after - before) < ms) return undefined
  const isFar = Math.max(before, after) >= factor * Math.min(before, after)
  return isFar ? { before, after } : undefined
}
