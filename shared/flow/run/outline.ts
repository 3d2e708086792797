/** The tree of a result as lines, to be seen through a window: what is folded or passed may be left out. */
import { PHASES, type Phase } from '../model.ts'
import type { StepResult, StepStatus } from './result.ts'

export type Phases = Readonly<Record<Phase, readonly StepResult[]>>

/** A step, or the heading of a phase. */
export interface OutlineLine {
  readonly key: string
  readonly depth: number
  /** Absent: the heading of `phase`. */
  readonly step?: StepResult
  readonly phase: Phase
}

export interface OutlineOptions {
  /** Keys of lines whose steps are left out. */
  readonly folded: ReadonlySet<string>
  /** Only what failed or could not be judged, and what it stands in. */
  readonly onlyWrong: boolean
}

export const isWrong = (status: StepStatus): boolean => status === 'failed' || status === 'error'

/** Phases that have steps; one alone needs no heading. */
const usedPhases = (phases: Phases): Phase[] => PHASES.filter((phase) => phases[phase].length > 0)

export function outline(phases: Phases, { folded, onlyWrong }: OutlineOptions): OutlineLine[] {
  const lines: OutlineLine[] = []
  const add = (steps: readonly StepResult[], phase: Phase, at: string, depth: number): void => {
    for (const [index, step] of steps.entries()) {
      if (onlyWrong && !holdsWrong(step)) continue
      const key = `${at}/${index}`
      lines.push({ key, depth, step, phase })
      if (!folded.has(key)) add(step.children, phase, key, depth + 1)
    }
  }
  const used = usedPhases(phases)
  const headed = used.length > 1 || used[0] === 'setup'
  for (const phase of used) {
    if (onlyWrong && !phases[phase].some(holdsWrong)) continue
    if (headed) lines.push({ key: phase, depth: 0, phase })
    if (!headed || !folded.has(phase)) add(phases[phase], phase, phase, headed ? 1 : 0)
  }
  return lines
}

const holdsWrong = ({ status, children }: StepResult): boolean => isWrong(status) || children.some(holdsWrong)

/** Steps of a result with those in them. */
export const countResults = (phases: Phases): number =>
  PHASES.reduce((sum, phase) => sum + countIn(phases[phase]), 0)
const countIn = (steps: readonly StepResult[]): number =>
  steps.reduce((sum, { children }) => sum + 1 + countIn(children), 0)

/** The step with this key; `undefined` for the key of a phase, or none. */
export function stepAt(phases: Phases, key: string): StepResult | undefined {
  const [phase, ...places] = key.split('/')
  const named = PHASES.find((one) => one === phase)
  if (named === undefined) return undefined
  let steps = phases[named]
  let found: StepResult | undefined
  for (const place of places) {
    found = /^\d{1,9}$/.test(place) ? steps[Number(place)] : undefined
    if (found === undefined) return undefined
    steps = found.children
  }
  return found
}

/** What came of the steps of a phase together. */
export function phaseStatus(steps: readonly StepResult[]): StepStatus {
  const order: readonly StepStatus[] = ['running', 'failed', 'error', 'passed']
  return order.find((one) => steps.some(({ status }) => status === one)) ?? 'skipped'
}
