/** Words, tones and times of runs and steps. Pure. */
import type { FlowRunState } from '../../../shared/contract/flows.ts'
import type { FlowStatus } from '../../../shared/flow/run/result.ts'
import { isMap, isList, textOf, type Json } from '../../../shared/flow/json.ts'
import { plural } from '../../ui/format.ts'
import type { Tone } from '../../ui/kit.tsx'

export const statusTone: Readonly<Record<FlowStatus, Tone>> = {
  passed: 'ok',
  failed: 'bad',
  error: 'bad',
  stopped: 'warn',
  running: 'warn',
  skipped: 'off',
}
/** `error` alone would leave open whether the device or the flow is wrong. */
export const statusWord: Readonly<Record<FlowStatus, string>> = {
  passed: 'passed',
  failed: 'failed',
  error: 'not judged',
  stopped: 'stopped',
  running: 'running',
  skipped: 'skipped',
}

/** Stands for the word where there is no room for it, beside the text of a flow and in the list of results. */
export const statusSign: Readonly<Record<FlowStatus, string>> = {
  passed: '✓',
  failed: '✗',
  error: '!',
  stopped: '■',
  running: '▸',
  skipped: '–',
}

/** A run that goes on may wait for the person: that is what one looks for in a list of runs. */
export const runWord = ({ status, held, questions }: FlowRunState): string =>
  status !== 'running'
    ? statusWord[status]
    : held !== undefined
      ? 'held'
      : questions.length > 0
        ? 'asks'
        : 'running'

/** `4 ms`, `1.250 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(3)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** Where a run is, in a sentence. */
export function progressWords(run: FlowRunState): string {
  const { done, steps, failed, held, heldBy, step, paused, series, questions } = run
  const turn = series ? `Turn ${series.turn}${series.times === undefined ? '' : ` of ${series.times}`}. ` : ''
  const count = `${done} of ${plural(steps, 'step')} done${failed > 0 ? `, ${failed} wrong` : ''}`
  if (held === 'failed') return `${turn}${count}. Holds behind ${step}, which failed.`
  if (held === 'before')
    return `${turn}${count}. Holds before ${step}${heldBy === undefined ? '' : `, after packet ${heldBy}`}.`
  if (questions.length > 0) return `${turn}${count}. Waits for an answer.`
  return `${turn}${count}${paused ? '. Will hold before the next step.' : `: ${step}`}`
}

/** Values that are short in one line, others over lines. */
export function pretty(value: Json | undefined): string {
  if (value === undefined) return ''
  if (!isMap(value) && !isList(value)) return textOf(value)
  const line = JSON.stringify(value)
  return line.length <= 60 ? line : JSON.stringify(value, undefined, 2)
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '')
