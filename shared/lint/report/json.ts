/**
 * A report as JSON, for programs. Shape, version 1:
 *
 *     { "format": "oktobench-lint", "version": 1, "source", "from", "to", "checked", "skipped",
 *       "counts": { "error", "warning", "note" }, "suppressed": [rule id],
 *       "rules": { "<rule id>": { "title", "requirements", "level", "severity", "side", "expected", "remedy" } },
 *       "devices": [ { "endpoint", "groups": [ { "rule", "count", "more",
 *         "findings": [ { "packet", "related", "time", "seen" } ] } ] } ] }
 *
 * `count` is of all, `more` of those that were only counted. Times are ISO 8601, UTC; `remedy` may be absent.
 */
import { remedyText } from '../rule.ts'
import type { LintReport } from './report.ts'
import { totalOf } from './report.ts'

export function jsonReport({ devices, ...rest }: LintReport): string {
  const facts = new Map(devices.flatMap(({ rules }) => rules.map(({ facts }) => [facts.id, facts])))
  const rules = Object.fromEntries(
    [...facts].map(([id, { title, requirements, level, severity, side, expected, remedy }]) => [
      id,
      { title, requirements, level, severity, side, expected, remedy: remedy && remedyText(remedy) },
    ]),
  )
  const listed = devices.map(({ endpoint, rules }) => ({
    endpoint,
    groups: rules.map((rule) => ({
      rule: rule.facts.id,
      count: totalOf(rule),
      more: rule.more,
      findings: rule.findings.map(({ no, related, time, seen }) => ({ packet: no, related, time, seen })),
    })),
  }))
  return `${JSON.stringify({ format: 'oktobench-lint', version: 1, ...rest, rules, devices: listed }, null, 2)}\n`
}
