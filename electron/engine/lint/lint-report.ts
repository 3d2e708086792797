/** The report of a capture, whole or of the rows that a filter leaves. */
import { MAX_GROUP, type FindingRow } from '../../../shared/contract/lint.ts'
import { makeReport, type LintReport } from '../../../shared/lint/report/report.ts'
import { type Finding, type Severity, severityRank } from '../../../shared/lint/rule.ts'
import { isoTime, instantAt } from '../capture/clock.ts'
import type { Archive } from '../capture/archive.ts'
import { FileSink } from '../capture/export/sink.ts'
import type { ReportRequest } from '../capture/protocol.ts'
import { writeReport } from '../../../shared/lint/report/index.ts'
import { filterProgram, RowFilter } from '../capture/row-filter.ts'
import type { Work } from '../capture/work.ts'
import { judgeAll } from './judge-all.ts'

export interface ReportChoice {
  readonly source: string
  /** Filter expression over the packets; empty takes all. */
  readonly filter?: string | undefined
  /** Only findings about this endpoint. */
  readonly endpoint?: string | undefined
  /** The mildest that is reported. */
  readonly severity?: Severity
  /** Only these rules, by id or requirement. */
  readonly rules?: readonly string[]
}

/** A finding as the interface shows it. */
export function findingRow({ parts: { epoch } }: Archive, finding: Finding): FindingRow {
  return { ...finding, time: isoTime(instantAt(epoch, finding.time)) }
}

/** The oldest findings of a group. */
export const findingsOf = (
  archive: Archive,
  { rule, endpoint }: { readonly rule: string; readonly endpoint: string },
): readonly FindingRow[] =>
  archive.parts.lint
    .group(rule, endpoint)
    .slice(0, MAX_GROUP)
    .map((finding) => findingRow(archive, finding))

/** Writes the whole report into a file. Rejects with the system's error when that cannot be written. */
export async function saveReport(
  archive: Archive,
  { format, file, ...choice }: ReportRequest,
  work: Work,
): Promise<void> {
  const text = writeReport(await reportOf(archive, choice, work), format, 'warning')
  const sink = new FileSink(file)
  try {
    sink.write(Buffer.from(text))
  } catch (error) {
    sink.discard()
    throw error
  }
  sink.finish()
}

/** What is in the capture now, judged to the end. Rejects with a BenchFailure `invalid-request` for a filter that is none. */
export async function reportOf(archive: Archive, choice: ReportChoice, work: Work): Promise<LintReport> {
  const { lint, columns, epoch } = archive.parts
  const { source, filter = '', endpoint: only, severity = 'note', rules } = choice
  const program = filterProgram(filter)
  await judgeAll(archive, work)
  const rows = program && new RowFilter(program, archive.index)
  const isWanted = ({ no, severity: found, endpoint }: Finding): boolean =>
    severityRank(found) >= severityRank(severity) &&
    (only === undefined || endpoint === only) &&
    (rows === undefined || (columns.has(no) && rows.matches(no)))
  const findings: FindingRow[] = []
  for (const finding of lint.all()) {
    if (!isWanted(finding) || (rules && !rules.includes(finding.rule))) continue
    findings.push(findingRow(archive, finding))
  }
  const { groups, checked, skipped } = lint.summary()
  const more = new Map(groups.map(({ rule, endpoint, more }) => [`${rule}\0${endpoint}`, more]))
  const at = (no: number) => isoTime(instantAt(epoch, columns.get(no, 'time')))
  const part = [only, filter && `packets that match ${filter}`].filter(Boolean).join(', ')
  return makeReport({
    source: part === '' ? source : `${source} (${part})`,
    checked,
    skipped,
    suppressed: lint.suppressed,
    findings,
    // What was only counted has no packet that a filter could judge.
    more: (rule, endpoint) => (rows === undefined ? (more.get(`${rule}\0${endpoint}`) ?? 0) : 0),
    ...(columns.rows > 0 && { from: at(columns.first), to: at(columns.end - 1) }),
  })
}
