/** The steps of a run or a result as a view: the tree is walked when it is read, and only rows in sight are copied. */
import type { ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type { FlowStepRow } from '../../../shared/contract/flow-steps.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Phase } from '../../../shared/flow/model.ts'
import {
  countResults,
  outline,
  phaseStatus,
  stepAt,
  type OutlineLine,
  type Phases,
} from '../../../shared/flow/run/outline.ts'
import type { FlowResult, StepResult } from '../../../shared/flow/run/result.ts'
import { pageOf } from '../view-window.ts'

/** Something that has steps: a run under way masks what it hands out. */
export interface Steps {
  readonly phases: Phases
  mask<T>(value: T): T
  /** The result without its steps. */
  head(): FlowResult
}

/** Steps of a result that is kept: secrets were masked before. */
export const keptSteps = (result: FlowResult): Steps => ({
  phases: result,
  mask: (value) => value,
  head: () => ({ ...result, setup: [], steps: [], cleanup: [] }),
})

/** Packets that a row names. */
const FIRST_PACKETS = 4
const phaseNames: Readonly<Record<Phase, string>> = { setup: 'Setup', steps: 'Steps', cleanup: 'Clean-up' }

/**
 * `find` answers the steps; later for those of a file, whose failure is shown in place of the rows. The view is told
 * by `touch` that a run went on.
 */
export class StepViews {
  readonly #find: (id: string) => Steps | Promise<Steps>
  readonly #open = new Set<() => void>()
  /** The last one that was read from a file: its steps are looked at one after the other. */
  #last: { readonly id: string; readonly steps: Promise<Steps> } | undefined

  constructor(find: (id: string) => Steps | Promise<Steps>) {
    this.#find = find
  }

  touch(): void {
    for (const changed of this.#open) changed()
  }

  open(params: ViewParams<'flowSteps'>, changed: () => void): ViewSource<FlowStepRow> {
    const { id } = params
    const options = { folded: new Set(params.folded), onlyWrong: params.only === 'wrong' }
    let lines: readonly OutlineLine[] | undefined
    const touched = (): void => {
      lines = undefined
      changed()
    }
    this.#open.add(touched)
    // A file is read once; a run under way is asked again each time, as it becomes a result when it ends.
    const steps = async (): Promise<Steps | undefined> => (id === '' ? undefined : this.#steps(id))
    return {
      async read(window) {
        const found = await steps()
        if (!found) return { total: 0, all: 0, from: 0, rows: [] }
        const { phases } = found
        const page = pageOf((lines ??= outline(phases, options)), window)
        const rows = page.rows.map((line) => found.mask(rowOf(line, phases, options.folded)))
        return { ...page, all: countResults(phases), rows }
      },
      async locate(key) {
        const found = await steps()
        lines ??= found && outline(found.phases, options)
        return lines?.findIndex((line) => line.key === key) ?? -1
      },
      close: () => void this.#open.delete(touched),
    }
  }

  async head(id: string): Promise<FlowResult> {
    return (await this.#steps(id)).head()
  }

  /** BenchFailure `not-found` for a key that no step has. */
  async step(id: string, key: string): Promise<StepResult> {
    const found = await this.#steps(id)
    const step = stepAt(found.phases, key)
    if (!step) throw new BenchFailure('not-found', 'The result has no such step.')
    // As it is now: it may go on.
    const { differences, packets, bindings } = step
    return found.mask({
      ...step,
      differences: [...differences],
      packets: [...packets],
      bindings: { ...bindings },
      children: [],
    })
  }

  #steps(id: string): Steps | Promise<Steps> {
    if (this.#last?.id === id) return this.#last.steps
    const found = this.#find(id)
    if (!(found instanceof Promise)) return found
    this.#last = { id, steps: found }
    found.catch(() => {
      if (this.#last?.steps === found) this.#last = undefined
    })
    return found
  }
}

function rowOf(
  { key, depth, step, phase }: OutlineLine,
  phases: Phases,
  folded: ReadonlySet<string>,
): FlowStepRow {
  if (!step) {
    const status = phaseStatus(phases[phase])
    const title = phaseNames[phase]
    return {
      key,
      depth,
      kind: 'phase',
      path: '',
      title,
      status,
      packets: [],
      differences: 0,
      folded: folded.has(key),
    }
  }
  const { kind, path, title, status, attempt, start, duration, latency, note, omitted } = step
  return {
    key,
    depth,
    kind,
    path,
    title,
    status,
    ...(attempt !== undefined && { attempt }),
    ...(start !== undefined && { start }),
    ...(duration !== undefined && { duration }),
    ...(latency !== undefined && { latency }),
    ...(note !== undefined && { note }),
    packets: step.packets.slice(0, FIRST_PACKETS),
    differences: step.differences.length,
    ...(step.children.length > 0 && { folded: folded.has(key) }),
    ...(omitted !== undefined && { omitted }),
  }
}
