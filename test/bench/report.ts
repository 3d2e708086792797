/** What every part of the bench prints: figures beside what they are compared with, and whether that is enough. */
import { cpus, release, totalmem, type } from 'node:os'

/** Of a figure, or of a ratio. */
export type Target = { readonly atLeast: number } | { readonly atMost: number }

export interface Row {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** The same of something else, measured in the same run, and how the two compare. */
  readonly beside?: { readonly name: string; readonly value: number; readonly ratio: number }
  readonly target?: Target
  /** The target is one of the ratio, not of the value. */
  readonly targetOfRatio?: boolean
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN

/** `sorted` rises. */
export const percentile = (sorted: ArrayLike<number>, part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN

export const figure = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value)
    ? '–'
    : value >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toFixed(value < 0.1 ? 3 : 2)

/** `≥ 0.9 met`, `≤ 20 missed`. */
export function judged(value: number | undefined, target: Target | undefined): string {
  if (target === undefined) return ''
  const [sign, limit] =
    'atLeast' in target ? (['≥', target.atLeast] as const) : (['≤', target.atMost] as const)
  const wanted = `${sign} ${limit.toLocaleString('en')}`
  if (value === undefined || Number.isNaN(value)) return wanted
  return `${wanted} ${(sign === '≥' ? value >= limit : value <= limit) ? 'met' : 'missed'}`
}

export function printRows(title: string, rows: readonly Row[]): void {
  printTable(title, [
    ['', 'unit', 'oktobench', 'beside', '', 'ratio', 'target'],
    ...rows.map(({ name, unit, value, beside, target, targetOfRatio }) => [
      name,
      unit,
      figure(value),
      beside ? figure(beside.value) : '',
      beside?.name ?? '',
      beside ? beside.ratio.toFixed(2) : '',
      judged(targetOfRatio ? beside?.ratio : value, target),
    ]),
  ])
}

/** The first two columns are words, the rest figures. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  console.log(`\n${title}`)
  for (const row of rows) {
    const cells = row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    console.log(cells.join('  ').trimEnd())
  }
}

/** What all of it ran on. */
export function machine(): string {
  const [first] = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'}, ${gib} GiB, ${type()} ${release()}, Node ${process.version}`
}

/** To the person who waits; the tables alone go to the standard output. */
export const say = (text: string): void => void process.stderr.write(`${text} …\n`)
