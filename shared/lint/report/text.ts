/** A report for a terminal. */
import { remedyText } from '../rule.ts'
import {
  countsText,
  type LintReport,
  type ReportRule,
  requirementText,
  skippedText,
  totalOf,
} from './report.ts'

/** Findings of one rule that are written out. */
const SHOWN = 5

export function textReport(report: LintReport): string {
  const { source, checked, counts, devices, suppressed } = report
  const lines = [`${source}: ${countsText(counts)} in ${checked} packets`]
  for (const { endpoint, rules } of devices)
    lines.push('', endpoint, ...rules.flatMap((rule) => ruleLines(rule, endpoint)))
  const skipped = skippedText(report)
  if (skipped !== undefined) lines.push('', skipped)
  if (suppressed.length > 0) lines.push('', `Not shown: ${suppressed.join(', ')}`)
  return `${lines.join('\n')}\n`
}

function ruleLines(rule: ReportRule, endpoint: string): string[] {
  const { facts, findings } = rule
  const total = totalOf(rule)
  const left = total - Math.min(SHOWN, findings.length)
  return [
    `  ${facts.severity.padEnd(8)}${facts.title} (${requirementText(facts)}) [${facts.id}]`,
    ...findings.slice(0, SHOWN).map(({ no, seen }) => `    ${`#${no}`.padEnd(9)}${seen}`),
    ...(left > 0 ? [`    … and ${left} more`] : []),
    `    expected ${facts.expected}`,
    ...(facts.remedy === undefined ? [] : [`    OB-USP-A ${remedyText(facts.remedy, endpoint)}`]),
  ]
}
