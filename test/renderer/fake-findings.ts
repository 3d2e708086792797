/** Findings as the bench tells them, kept by a test. */
import type { FindingGroup, FindingRow, LintSummary } from '../../shared/contract/lint.ts'
import { findRule } from '../../shared/lint/rules/index.ts'

export function fakeGroup(rule: string, endpoint: string, change: Partial<FindingGroup> = {}): FindingGroup {
  const severity = findRule(rule)?.severity ?? 'note'
  return {
    rule,
    severity,
    endpoint,
    count: 2,
    more: 0,
    first: 3,
    last: 9,
    seen: 'as it was seen',
    suppressed: false,
    ...change,
  }
}

export class FakeFindings {
  summary: LintSummary = { groups: [], checked: 0, waiting: 0, skipped: 0, unlisted: 0 }

  set(groups: readonly FindingGroup[], change: Partial<LintSummary> = {}): void {
    this.summary = { ...this.summary, checked: 100, ...change, groups }
  }

  of(endpoint: string | undefined): LintSummary {
    const { groups } = this.summary
    const own = groups.filter((group) => endpoint === undefined || group.endpoint === endpoint)
    return { ...this.summary, groups: own }
  }

  rows(rule: string, endpoint: string): FindingRow[] {
    const group = this.summary.groups.find((one) => one.rule === rule && one.endpoint === endpoint)
    if (group === undefined) return []
    const { severity, seen, first, last } = group
    return [first, last].map((no) => ({
      rule,
      endpoint,
      severity,
      no,
      seen,
      related: [],
      time: '2026-01-01T00:00:00.000000000Z',
    }))
  }

  suppress(rule: string, suppressed: boolean): void {
    const groups = this.summary.groups.map((one) => (one.rule === rule ? { ...one, suppressed } : one))
    this.summary = { ...this.summary, groups }
  }
}
