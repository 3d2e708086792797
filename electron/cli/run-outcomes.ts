/** Results of one `oktobench run`: all are counted, and as many kept for reports as memory should hold. */
import { exitCode } from '../../shared/flow/report/report.ts'
import type { FlowResult, FlowStatus } from '../../shared/flow/run/result.ts'

const MAX_KEPT = 2000

export class RunOutcomes {
  readonly #most: number
  #kept: FlowResult[] = []
  readonly #counts = new Map<FlowStatus, number>()
  #dropped = 0

  constructor(most = MAX_KEPT) {
    this.#most = most
  }

  /** The oldest that passed makes room, so that what has to be looked at stays as long as it can. */
  add(result: FlowResult): void {
    this.#counts.set(result.status, (this.#counts.get(result.status) ?? 0) + 1)
    this.#kept.push(result)
    if (this.#kept.length <= this.#most) return
    this.#kept.splice(
      Math.max(
        0,
        this.#kept.findIndex(({ status }) => status === 'passed'),
      ),
      1,
    )
    this.#dropped += 1
  }

  /** In the order in which they ended. */
  get kept(): readonly FlowResult[] {
    return this.#kept
  }

  /** Those that reports do not have any more. */
  get dropped(): number {
    return this.#dropped
  }

  get counts(): ReadonlyMap<FlowStatus, number> {
    return this.#counts
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
  }

  get exitCode(): 0 | 1 | 2 {
    return exitCode([...this.#counts.keys()].map((status) => ({ status })))
  }
}
