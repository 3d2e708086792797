/** Findings of a row as fields of its tree, where the filter language finds them as well. */
import type { Field } from '../../../shared/dissect/field.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import { type Finding, remedyText, severityRank } from '../../../shared/lint/rule.ts'

const field = (name: string, label: string, text: string, value: string | number = text): Field => ({
  name,
  label,
  text,
  value,
  start: 0,
  end: 0,
})

export function lintFields(findings: readonly Finding[]): readonly Field[] {
  const worstFirst = findings.toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity))
  return worstFirst.map(({ rule: id, severity, seen, related, endpoint }, i) => {
    const rule = findRule(id)
    const { title = id, requirements = [], level = 'none', expected = '', remedy } = rule ?? {}
    const finding = { severity, text: seen, rule: requirements[0] ?? id }
    return {
      ...field('lint', 'Finding', title, id),
      finding,
      children: [
        field('lint.rule', 'Rule', id),
        ...requirements.map((one) => field('lint.rule', 'Requirement', `${one} (${level})`, one)),
        // The row has the severity of its worst finding, as in the index.
        ...(i === 0 ? [field('lint.severity', 'Severity', severity, severityRank(severity))] : []),
        field('lint.seen', 'Seen', seen),
        field('lint.expected', 'Expected', expected),
        ...(remedy === undefined
          ? []
          : [field('lint.remedy', 'On an OB-USP-A', remedyText(remedy, endpoint))]),
        ...related.map((no) => field('lint.related', 'See packet', String(no), no)),
      ],
    }
  })
}
