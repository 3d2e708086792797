/** How a step ends other than well. Thrown inside a run; never leave it. */
import type { Difference } from '../match.ts'

/** What was expected did not happen. */
export class StepFailure extends Error {
  readonly differences: readonly Difference[]
  constructor(message: string, differences: readonly Difference[] = []) {
    super(message)
    this.differences = differences
  }
}

/** An `end` step. */
export class EndOfFlow extends Error {
  readonly status: 'passed' | 'failed' | 'skipped'
  constructor(status: 'passed' | 'failed' | 'skipped', because: string) {
    super(because)
    this.status = status
  }
}

/** A person stopped the run. */
export class Stopped extends Error {}

/** The flow took more than its limits allow. */
export class LimitReached extends Error {}
