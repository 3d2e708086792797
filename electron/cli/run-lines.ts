/** What `oktobench run` says while it runs: a line a step. Pure. */
import { show } from '../../shared/flow/json.ts'
import { everyStep, type FlowResult, type FlowStatus, type StepResult } from '../../shared/flow/run/result.ts'
import type { RunOptions } from './run-options.ts'
import type { RunOutcomes } from './run-outcomes.ts'

const marks: Readonly<Record<FlowStatus, readonly [word: string, colour: number]>> = {
  passed: ['passed', 32],
  failed: ['FAILED', 31],
  error: ['ERROR', 31],
  skipped: ['skipped', 90],
  stopped: ['stopped', 33],
  running: ['running', 36],
}
const WORD = 8
const MAX_DIFFERENCES = 10

export class RunLines {
  readonly #show: RunOptions['show']
  readonly #colours: boolean
  readonly #said = new Set<string>()

  constructor(how: RunOptions['show'], colours: boolean) {
    this.#show = how
    this.#colours = colours
  }

  begin(name: string, device: string): string[] {
    return this.#show === 'quiet' ? [] : ['', `${name} on ${device}`]
  }

  /** Lines of the steps that ended since it was asked last; `prefix` tells runs beside each other apart. */
  steps(run: string, result: FlowResult, prefix: string): string[] {
    return [...everyStep([...result.setup, ...result.steps, ...result.cleanup])].flatMap(([step, depth]) => {
      // Turns of a loop that pass are like the first; one that does not is told whichever it is.
      const turn = step.status === 'passed' || step.status === 'skipped' ? '' : (step.start ?? '')
      const key = `${run} ${step.path} ${step.attempt ?? 1} ${turn}`
      // A group is told when all in it has ended.
      if (step.status === 'running' || this.#said.has(key)) return []
      this.#said.add(key)
      return this.#step(step).map((line) => prefix + '  '.repeat(depth + 1) + line)
    })
  }

  end({ name, device, status, note, duration = 0 }: FlowResult, run: string): string[] {
    for (const key of this.#said) if (key.startsWith(`${run} `)) this.#said.delete(key)
    if (this.#show === 'quiet' && status === 'passed') return []
    const why = note === undefined ? '' : `: ${note}`
    return [`${this.#word(status)}${name} on ${device} in ${seconds(duration)}${why}`]
  }

  /** Flows of one device that were not begun, for one reason. */
  notRun(results: readonly FlowResult[]): string[] {
    const [first] = results
    if (!first) return []
    const name = results.length === 1 ? first.name : `${results.length} flows`
    return [`${this.#word(first.status)}${name} on ${first.device}: ${first.note ?? ''}`]
  }

  summary({ counts, total, dropped }: Pick<RunOutcomes, 'counts' | 'total' | 'dropped'>): string {
    const parts = [...counts].map(([status, count]) => `${count} ${marks[status][0].toLowerCase()}`)
    const more = dropped === 0 ? '' : `; ${dropped} that passed are too many for the reports`
    return `${total} ${total === 1 ? 'run' : 'runs'}: ${parts.join(', ') || 'none'}${more}`
  }

  #step({ status, title, duration, latency, note, differences, packets, bindings }: StepResult): string[] {
    const isGood = status === 'passed' || status === 'skipped'
    if (isGood && this.#show === 'quiet') return []
    const time = latency ?? duration
    const took = time === undefined || status === 'skipped' ? '' : ` (${seconds(time)})`
    const lines = [`${this.#word(status)}${title}${took}`]
    if (note !== undefined) lines.push(`  ${note}`)
    for (const { path, expected, seen, why } of differences.slice(0, MAX_DIFFERENCES))
      lines.push(`  ${path}: ${why}; expected ${show(expected)}, seen ${show(seen)}`)
    if (differences.length > MAX_DIFFERENCES)
      lines.push(`  and ${differences.length - MAX_DIFFERENCES} more differences: see a report`)
    if (!isGood && packets.length > 0) lines.push(`  packets ${packets.join(', ')} of the capture`)
    if (this.#show === 'verbose')
      for (const [name, value] of Object.entries(bindings)) lines.push(`  ${name} = ${show(value)}`)
    return lines
  }

  #word(status: FlowStatus): string {
    const [word, colour] = marks[status]
    const padded = word.padEnd(WORD)
    return this.#colours ? `\u001b[${colour}m${padded}\u001b[0m` : padded
  }
}

const seconds = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`)
