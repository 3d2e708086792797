/** Findings of a row as fields of its tree, where the filter language finds them as well. */
import type { Field } from '../../../shared/dissect/field.ts'
import { findRule } from '../../../shared/lint/rules/index.ts'
import type { Finding } from '../../../shared/lint/rule.ts'

const field = (name: string, label: string, text: string, value: string = text): Field => ({
  name,
  label,
  text,
  value,
  start: 0,
  end: 0,
})

export function lintFields(findings: readonly Finding[]): readonly Field[] {
  return findings.map(({ rule: id, severity, seen, related }) => {
    const rule = findRule(id)
    const { title = id, requirements = [], level = 'none', expected = '', remedy } = rule ?? {}
    const finding = { severity, text: seen, rule: requirements[0] ?? id }
    return {
      ...field('lint', 'Finding', title, id),
      finding,
      children: [
        field('lint.rule', 'Rule', id),
        ...requirements.map((one) => field('lint.rule', 'Requirement', `${one} (${level})`, one)),
        field('lint.severity', 'Severity', severity),
        field('lint.seen', 'Seen', seen),
        field('lint.expected', 'Expected', expected),
        ...(remedy === undefined ? [] : [field('lint.remedy', 'On an OB-USP-A', remedy)]),
        ...related.map((no) => field('lint.related', 'See packet', String(no))),
      ],
    }
  })
}
