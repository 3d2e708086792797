/** A host with flow files, runs that a test leads, and results with steps. */
import type {
  CommandName,
  EventName,
  Events,
  Request,
  Response,
  ViewName,
  ViewParams,
  ViewRows,
  ViewUpdate,
  ViewWindow,
} from '../../../../shared/contract/contract.ts'
import type { FlowFiles, FlowRuns, FlowRunState } from '../../../../shared/contract/flows.ts'
import type { FlowStepRow } from '../../../../shared/contract/flow-steps.ts'
import type { OpenView } from '../../../../shared/contract/host.ts'
import { fail, ok, type Result } from '../../../../shared/contract/result.ts'
import type { ResultComparison } from '../../../../shared/flow/compare/compare.ts'
import type { FlowResult, StepResult } from '../../../../shared/flow/run/result.ts'
import { FakeHost } from '../../fake-host.ts'

const DEVICE = 'os::00256D-1'
export const runState = (more: Partial<FlowRunState> = {}): FlowRunState => ({
  id: 'run-1',
  name: 'One',
  path: 'one.yaml',
  device: DEVICE,
  status: 'running',
  paused: false,
  step: 'steps.0',
  done: 0,
  steps: 2,
  failed: 0,
  questions: [],
  startedAt: 1_700_000_000_000,
  ...more,
})
export const stepRow = (index: number, more: Partial<FlowStepRow> = {}): FlowStepRow => ({
  key: `steps/${index}`,
  depth: 0,
  kind: 'send',
  path: `steps.${index}`,
  title: `step ${index}`,
  status: 'passed',
  packets: [],
  differences: 0,
  ...more,
})
const stepResult = ({
  key: _key,
  depth: _depth,
  kind,
  differences: _count,
  folded: _folded,
  ...row
}: FlowStepRow): StepResult => ({
  ...row,
  kind: kind === 'phase' ? 'group' : kind,
  differences: [],
  bindings: {},
  children: [],
})

export class FlowsHost extends FakeHost {
  readonly files = new Map<string, string>()
  readonly details = new Map<string, StepResult>()
  rows: readonly FlowStepRow[] = []
  head: Partial<FlowResult> = {}
  flows: FlowFiles & FlowRuns = { files: [], more: 0, runs: [], results: [] }
  readonly #told = new Set<(flows: FlowFiles & FlowRuns) => void>()
  readonly #views = new Set<() => void>()

  write(path: string, text: string): void {
    this.files.set(path, text)
    const files = [...this.files].map(([one, content]) => ({
      path: one,
      name: one,
      tags: [],
      requirements: [],
      steps: 1,
      errors: 0,
      changedAt: content.length + (one === path ? Math.random() : 0),
    }))
    this.tell({ files })
  }
  tell(change: Partial<FlowFiles & FlowRuns>): void {
    this.flows = { ...this.flows, ...change }
    this.#told.forEach((listener) => listener(this.flows))
    this.#views.forEach((refresh) => refresh())
  }

  override on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void {
    if (name !== 'flowFiles' && name !== 'flowRuns') return super.on(name, listener)
    const told = listener as (flows: FlowFiles & FlowRuns) => void
    this.#told.add(told)
    told(this.flows)
    return () => this.#told.delete(told)
  }

  override open<V extends ViewName>(
    view: V,
    params: ViewParams<V>,
    window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView {
    if (view !== 'flowSteps') return super.open(view, params, window, listener)
    const { id } = params as ViewParams<'flowSteps'>
    const refresh = () => {
      const rows = id === '' ? [] : this.rows
      const update = { total: rows.length, all: rows.length, from: 0, rows }
      queueMicrotask(() => listener(ok(update as never)))
    }
    this.#views.add(refresh)
    refresh()
    return {
      setWindow: refresh,
      locate: async (key) => this.rows.findIndex((row) => row.key === key),
      close: () => void this.#views.delete(refresh),
    }
  }

  override async call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>> {
    const answers: { readonly [N in CommandName]?: (request: Request<N>) => Result<unknown> } = {
      'flows.scan': () => ok(undefined),
      'flows.read': ({ path }) => {
        const text = this.files.get(path)
        return text === undefined
          ? fail('not-found', 'There is none.')
          : ok({ text, stamp: text, problems: [] })
      },
      'flows.write': ({ path, text, over }) => {
        const before = this.files.get(path)
        if (over !== undefined && before !== undefined && before !== over)
          return fail('conflict', `${path} was changed by somebody else since it was opened.`)
        this.write(path, text)
        return ok({ stamp: text, problems: [] })
      },
      'flows.run': () => {
        this.tell({ runs: [runState()] })
        return ok({ run: 'run-1' })
      },
      'flows.head': () =>
        ok({
          name: 'One',
          requirements: [],
          tags: [],
          device: DEVICE,
          controller: 'c',
          runId: 'r',
          status: 'running',
          start: 1_700_000_000_000,
          setup: [],
          steps: [],
          cleanup: [],
          variables: {},
          ...this.head,
        } satisfies FlowResult),
      'flows.step': ({ key }) => {
        const row = this.rows.find((one) => one.key === key)
        return row
          ? ok(this.details.get(key) ?? stepResult(row))
          : fail('not-found', 'There is no such step.')
      },
      'flows.control': () => ok(undefined),
      'flows.compare': () => {
        const result = { name: 'One', device: DEVICE, status: 'passed', start: 0 } as const
        const step = { phase: 'steps', path: 'steps.0', title: 'step 0' } as const
        return ok({
          before: result,
          after: { ...result, status: 'failed' },
          steps: [
            {
              ...step,
              before: 'passed',
              after: 'failed',
              values: [{ path: 'params.X', before: 'a', after: 'b' }],
              moreValues: 0,
              latency: { before: 10, after: 400 },
            },
          ],
          counts: { broken: 1, mended: 0, values: 1, slower: 1, faster: 0 },
        } satisfies ResultComparison)
      },
      'flows.again': () => ok(undefined),
      'flows.answer': () => ok(undefined),
      'flows.breakpoints': () => ok(undefined),
      'model.get': () => fail('not-found', 'It was never read.'),
    }
    const own = answers[name] as ((request: Request<C>) => Result<unknown>) | undefined
    if (!own) return super.call(name, request)
    this.calls.push({ name, request })
    return own(request) as Result<Response<C>>
  }
}
