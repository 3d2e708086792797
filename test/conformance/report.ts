/** Statements and the tests that name them, brought together: what is shown, what is not, and why. */
import type { Statement, Version } from './statement.ts'
import { v311 } from './v311.ts'
import { v5 } from './v5.ts'

export const STATEMENTS: Readonly<Record<Version, readonly Statement[]>> = { '5.0': v5, '3.1.1': v311 }

export interface TestResult {
  /** With those of the suites around it. */
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
}

export type Verdict = 'shown' | 'failing' | 'skipped' | 'not shown'

export interface Line extends Statement {
  readonly version: Version
  readonly verdict: Verdict
  readonly tests: readonly TestResult[]
}

/** The statements that a title names. Where it says no version before them, they are those of 5.0. */
export function named(title: string): readonly { readonly version: Version; readonly id: string }[] {
  const found: { version: Version; id: string }[] = []
  let version: Version = '5.0'
  for (const [word, id] of title.matchAll(/\[MQTT-([\d.-]+)\]|\b(?:5\.0|3\.1\.1)(?= \[MQTT-)/g)) {
    if (id === undefined) version = word as Version
    else found.push({ version, id })
  }
  return found
}

const key = (version: Version, id: string): string => `${version} ${id}`

export function report(results: readonly TestResult[]): readonly Line[] {
  const tests = new Map<string, TestResult[]>()
  for (const result of results) {
    for (const { version, id } of named(result.title)) {
      const at = key(version, id)
      tests.set(at, [...(tests.get(at) ?? []), result])
    }
  }
  return (Object.keys(STATEMENTS) as Version[]).flatMap((version) =>
    STATEMENTS[version].map((statement) => {
      const own = tests.get(key(version, statement.id)) ?? []
      return { ...statement, version, tests: own, verdict: judge(own) }
    }),
  )
}

function judge(tests: readonly TestResult[]): Verdict {
  if (tests.some(({ status }) => status === 'failed')) return 'failing'
  if (tests.some(({ status }) => status === 'skipped')) return 'skipped'
  return tests.length > 0 ? 'shown' : 'not shown'
}

/** Why a statement is not shown, for its line. */
export function reasonOf({ verdict, tests, why }: Line): string {
  if (verdict === 'not shown') return why ?? 'no test names it'
  const titles = tests.filter(({ status }) => status !== 'passed').map(({ title }) => title)
  return titles.join('; ')
}

/** Titles that name a statement which the standard does not have. */
export const unknownNames = (titles: readonly string[]): readonly string[] =>
  titles.flatMap((title) =>
    named(title)
      .filter(({ version, id }) => !STATEMENTS[version].some((statement) => statement.id === id))
      .map(({ version, id }) => `${version} [MQTT-${id}] in: ${title}`),
  )

/** `3.2` of `3.2.2-4`. */
const chapterOf = ({ id }: Statement): string => id.split(/[.-]/, 2).join('.')

const VERDICTS: readonly Verdict[] = ['shown', 'failing', 'skipped', 'not shown']
/** What binds clients alone counts apart: it is nothing that this server lacks. */
const columnOf = ({ by, verdict }: Line): Verdict | 'clients’ own' =>
  by === 'client' && verdict === 'not shown' ? 'clients’ own' : verdict

const COLUMNS = [...VERDICTS, 'clients’ own'] as const

export interface Totals {
  readonly version: Version
  readonly chapter: string
  readonly counts: readonly number[]
}

export function totals(lines: readonly Line[]): readonly Totals[] {
  const counted = new Map<string, { version: Version; chapter: string; counts: number[] }>()
  const add = (version: Version, chapter: string, line: Line): void => {
    const at = key(version, chapter)
    const row = counted.get(at) ?? { version, chapter, counts: COLUMNS.map(() => 0) }
    const column = COLUMNS.indexOf(columnOf(line))
    row.counts[column] = (row.counts[column] ?? 0) + 1
    counted.set(at, row)
  }
  for (const line of lines) add(line.version, chapterOf(line), line)
  for (const line of lines) add(line.version, 'all', line)
  return [...counted.values()].toSorted((a, b) => b.version.localeCompare(a.version))
}

/** Statements that a person should look at: not shown by a test, although they bind a server. */
export const open = (lines: readonly Line[]): readonly Line[] =>
  lines.filter((line) => line.verdict !== 'shown' && columnOf(line) !== 'clients’ own')

export function asText(lines: readonly Line[]): string {
  const head = ['', ...COLUMNS]
  const rows = totals(lines).map(({ version, chapter, counts }) => [
    `MQTT ${version}  ${chapter}`,
    ...counts.map((count) => (count === 0 ? '·' : String(count))),
  ])
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)))
  const table = [head, ...rows].map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  )
  const details = open(lines).map(
    (line) => `${line.version} [MQTT-${line.id}] ${line.says}\n    ${line.verdict}: ${reasonOf(line)}`,
  )
  return [...table, '', ...details].join('\n')
}

export function asMarkdown(lines: readonly Line[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|')
  const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
    [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
  const summary = totals(lines).map(({ version, chapter, counts }) => [
    version,
    chapter,
    ...counts.map(String),
  ])
  const all = lines.map((line) => {
    const shownBy = line.tests.length > 0 ? line.tests.map(({ title }) => title).join('<br>') : reasonOf(line)
    return [line.version, line.id, line.by, line.says, line.verdict, shownBy]
  })
  return [
    '# Conformance to MQTT',
    table(['Version', 'Chapter', ...COLUMNS], summary),
    table(['Version', 'Statement', 'Binds', 'Says', 'Verdict', 'Tests, or why none'], all),
    '',
  ].join('\n\n')
}

export const asJson = (lines: readonly Line[]): string =>
  `${JSON.stringify({ statements: lines.map((line) => ({ ...line, ...(line.verdict === 'shown' ? {} : { why: reasonOf(line) }) })) }, null, 2)}\n`
