/** Dry run and proposal as jobs: the capture's own worker asks the lists, and what came of it is kept for a while. */
import type { DryRunResult, ProposalResult, dryRunCommands } from '../../../shared/contract/dry-run.ts'
import type { EngineHandlers } from '../../../shared/contract/contract.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Captures } from '../capture/captures.ts'
import { filterProgram } from '../capture/row-filter.ts'
import type { Access } from './access.ts'
import { requestedList } from './rules-store.ts'

/** Results kept of each kind: whoever started a job fetches its result when it is done. */
const KEPT = 4

class Results<R> {
  readonly #kept = new Map<string, R>()

  keep(job: string, result: R): void {
    this.#kept.set(job, result)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest)
  }

  get(job: string): R {
    const result = this.#kept.get(job)
    if (result === undefined)
      throw new BenchFailure('not-found', 'The result is no longer kept, or not there yet: run it again.')
    return result
  }
}

export function dryRunHandlers(
  captures: Pick<Captures, 'ask' | 'jobs' | 'nameOf'>,
  guard: Pick<Access, 'list'>,
): Pick<EngineHandlers, keyof typeof dryRunCommands> {
  const dryRuns = new Results<DryRunResult>()
  const proposals = new Results<ProposalResult>()
  return {
    'access.dryRun'({ capture, filter, list, before }) {
      filterProgram(filter)
      const asked = { filter, before, inForce: guard.list, edited: requestedList(list) }
      const title = `Dry run over ${captures.nameOf(capture)}`
      const job = captures.jobs.start('dry-run', title, { capture }, async (running) => {
        const result = await captures.ask(capture, 'dryRun', asked, running)
        dryRuns.keep(job, result)
        return { message: `${result.packets} packets` }
      })
      return { job }
    },
    'access.dryRun.result': ({ job }) => dryRuns.get(job),
    'access.propose'({ capture, ...wish }) {
      filterProgram(wish.filter)
      const title = `Rules proposed from ${captures.nameOf(capture)}`
      const asked = { ...wish, inForce: guard.list }
      const job = captures.jobs.start('proposal', title, { capture }, async (running) => {
        const result = await captures.ask(capture, 'propose', asked, running)
        proposals.keep(job, result)
        return { message: `${result.packets} packets` }
      })
      return { job }
    },
    'access.propose.result': ({ job }) => proposals.get(job),
  }
}
