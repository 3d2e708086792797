/** Findings as a report: by device, worst rule first. The formats beside this file only write it down. */
import { findRule } from '../rules/index.ts'
import { type RuleFacts, type Severity, severityRank } from '../rule.ts'

export interface ReportedFinding {
  readonly rule: string
  readonly no: number
  readonly related: readonly number[]
  readonly endpoint: string
  /** ISO 8601, UTC. */
  readonly time: string
  readonly seen: string
}

export interface ReportRule {
  readonly facts: RuleFacts
  readonly findings: readonly ReportedFinding[]
  /** More of the same that were only counted. */
  readonly more: number
}

export interface ReportDevice {
  readonly endpoint: string
  readonly rules: readonly ReportRule[]
}

export type SeverityCounts = Readonly<Record<Severity, number>>

export interface LintReport {
  /** What was looked at: file names, or the name of a capture. */
  readonly source: string
  readonly from?: string
  readonly to?: string
  readonly checked: number
  readonly skipped: number
  readonly counts: SeverityCounts
  readonly devices: readonly ReportDevice[]
  /** Rules that were not to be seen. */
  readonly suppressed: readonly string[]
}

export interface ReportInput extends Omit<LintReport, 'counts' | 'devices'> {
  readonly findings: Iterable<ReportedFinding>
  /** How many more there are of a rule and endpoint. */
  readonly more: (rule: string, endpoint: string) => number
}

export function makeReport({ findings, more, ...rest }: ReportInput): LintReport {
  const byDevice = new Map<string, Map<string, ReportedFinding[]>>()
  for (const finding of findings) {
    const rules = byDevice.get(finding.endpoint) ?? new Map<string, ReportedFinding[]>()
    byDevice.set(finding.endpoint, rules)
    const list = rules.get(finding.rule)
    if (list === undefined) rules.set(finding.rule, [finding])
    else list.push(finding)
  }
  const counts = { error: 0, warning: 0, note: 0 }
  const devices = [...byDevice].map(([endpoint, byRule]) => {
    const rules = [...byRule].flatMap(([id, found]): ReportRule[] => {
      const facts = findRule(id)
      return facts === undefined ? [] : [{ facts, findings: found, more: more(id, endpoint) }]
    })
    for (const { facts, findings, more } of rules) counts[facts.severity] += findings.length + more
    return { endpoint, rules: rules.sort(bySeverity) }
  })
  return { ...rest, counts, devices: devices.sort((a, b) => (a.endpoint < b.endpoint ? -1 : 1)) }
}

const bySeverity = (a: ReportRule, b: ReportRule): number =>
  severityRank(b.facts.severity) - severityRank(a.facts.severity) || (a.facts.id < b.facts.id ? -1 : 1)

export const requirementText = ({ requirements, level }: RuleFacts): string =>
  requirements.length === 0 ? 'no numbered requirement' : `${requirements.join(', ')} · ${level}`

/** `3 errors, 1 warning, no notes` */
export const countsText = ({ error, warning, note }: SeverityCounts): string =>
  [
    [error, 'error'],
    [warning, 'warning'],
    [note, 'note'],
  ]
    .map(([count, word]) => `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`)
    .join(', ')

export const totalOf = ({ findings, more }: ReportRule): number => findings.length + more

/** What was not looked at, as a sentence; `undefined` when all was. */
export const skippedText = ({ checked, skipped }: LintReport): string | undefined =>
  skipped === 0
    ? undefined
    : `${skipped} packets were gone, or could not be read, before they were checked; ${checked} were checked.`
