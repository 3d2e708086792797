/** A filter over an index: by its columns first, and only where they leave a row open by the packet itself. */
import type { Dictionary } from '../../../shared/filter/columns.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import { Answer, ColumnPlan } from '../../../shared/filter/plan.ts'
import { wantedBy, type Wanted } from '../../../shared/filter/wanted.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Run } from './columns.ts'
import type { Index } from './index-source.ts'
import { AWAITED_MS } from './work.ts'

type Program = ConstructorParameters<typeof ColumnPlan>[0]

/** Rows judged at a time: by columns a millisecond's work; fewer when packets had to be looked at. */
const LARGE = 65_536
const SMALL = 1024
/** The clock is asked after so many packets that were looked into. */
const CLOCK_EVERY = 16

/** The program of a filter text; undefined when it lets every row through. BenchFailure `invalid-request`. */
export function filterProgram(text: string): Program | undefined {
  const parsed = parseFilter(text)
  if (!parsed.ok) {
    const { message, start, hint } = parsed.error
    throw new BenchFailure(
      'invalid-request',
      `${message}${hint === undefined ? '' : ` ${hint}`}`,
      `at character ${start + 1}`,
    )
  }
  return parsed.filter.text === '' ? undefined : parsed.filter.program
}

export class RowFilter {
  readonly #index: Index
  readonly #program: Program
  readonly #plan: ColumnPlan
  readonly #wanted: Wanted | undefined
  #slice = LARGE

  constructor(program: Program, index: Index) {
    this.#index = index
    this.#program = program
    this.#plan = new ColumnPlan(program, index)
    this.#wanted = wantedBy(program)
  }

  /** See `ColumnPlan.forget`. */
  forget(dictionary: Dictionary, id: number): boolean {
    return this.#plan.forget(dictionary, id)
  }

  matches(no: number): boolean {
    const run = this.#index.columns.run(no)
    const answer = this.#plan.judge(
      this.#index.block({ ...run, to: run.from + 1 }),
      run.from,
      run.from + 1,
    )[0]
    return answer === Answer.unknown ? this.#packetMatches(no) : answer === Answer.yes
  }

  /**
   * Calls `found` for rows from `from` on that match, below `end`, for some milliseconds; answers the row from
   * which to go on.
   */
  scan(from: number, end: number, found: (no: number) => void): number {
    const deadline = performance.now() + AWAITED_MS
    let no = from
    while (no < end && performance.now() < deadline) {
      const run = this.#index.columns.run(no)
      const count = Math.min(run.to - run.from, end - no, this.#slice)
      no += this.#judge({ ...run, to: run.from + count }, deadline, found)
    }
    return no
  }

  /** The last row of `[first, before)` that matches; without one, the row before which to go on. */
  scanBack(first: number, before: number): { readonly found: number } | { readonly before: number } {
    const deadline = performance.now() + AWAITED_MS
    let end = before
    while (end > first && performance.now() < deadline) {
      const from = Math.max(first, end - SMALL)
      let last = 0
      let no = from
      while (no < end) no = this.scan(no, end, (match) => (last = match))
      if (last !== 0) return { found: last }
      end = from
    }
    return { before: end }
  }

  #packetMatches(no: number): boolean {
    return matchPacket(this.#program, this.#index.packet(no, this.#wanted))
  }

  /** Answers how many rows of the run were judged: at least one. */
  #judge(run: Run, deadline: number, found: (no: number) => void): number {
    const { from, to, no } = run
    const answers = this.#plan.judge(this.#index.block(run), from, to)
    let looked = 0
    for (let i = 0; i < to - from; i++) {
      const answer = answers[i]
      if (answer === Answer.yes) found(no + i)
      if (answer !== Answer.unknown) continue
      if (this.#packetMatches(no + i)) found(no + i)
      if (++looked % CLOCK_EVERY === 0 && performance.now() > deadline) {
        this.#slice = SMALL
        return i + 1
      }
    }
    this.#slice = looked > CLOCK_EVERY ? SMALL : LARGE
    return to - from
  }
}
