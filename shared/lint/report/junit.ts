/**
 * A report as JUnit XML: a suite a device, a case a rule; findings of the chosen severity and above are failures,
 * rules that are not to be seen are skipped.
 */
import { rules as allRules } from '../rules/index.ts'
import { remedyText, type Severity, severityRank } from '../rule.ts'
import { escapeText } from '../../report/escape.ts'
import { type LintReport, type ReportDevice, type ReportRule, requirementText, totalOf } from './report.ts'

/** `failing`: the mildest severity that fails a case. */
export function junitReport(report: LintReport, failing: Severity): string {
  const { source, devices } = report
  // Without a single case a reader takes the file for one of a run that broke off.
  const clean: readonly ReportDevice[] = [{ endpoint: source, rules: [] }]
  const suites = (devices.length > 0 ? devices : clean).map((device) => suite(device, failing, report))
  const sum = (of: 'tests' | 'failures') => suites.reduce((total, one) => total + one[of], 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeText(source)}" tests="${sum('tests')}" failures="${sum('failures')}" errors="0">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite({ endpoint, rules }: ReportDevice, failing: Severity, report: LintReport) {
  const found = new Map(rules.map((rule) => [rule.facts.id, rule]))
  const suppressed = new Set(report.suppressed)
  let failures = 0
  const cases = allRules.map(({ id, title, severity }) => {
    const rule = found.get(id)
    const head = `    <testcase classname="${escapeText(endpoint)}" name="${escapeText(`${id}: ${title}`)}" time="0"`
    if (suppressed.has(id))
      return `${head}>\n      <skipped message="the rule is suppressed"/>\n    </testcase>`
    if (rule === undefined) return `${head}/>`
    const fails = severityRank(severity) >= severityRank(failing)
    if (fails) failures += 1
    return `${head}>\n${outcome(rule, endpoint, fails)}\n    </testcase>`
  })
  const tests = cases.length
  const skipped = allRules.filter(({ id }) => suppressed.has(id)).length
  const attributes = `name="${escapeText(endpoint)}" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}"`
  const xml = [`  <testsuite ${attributes}>`, ...properties(report), ...cases, '  </testsuite>'].join('\n')
  return { tests, failures, xml }
}

/** What was looked at: of the capture, so the same in each suite. */
function properties({ checked, skipped, from, to }: LintReport): string[] {
  const facts = [
    ['packets checked', checked],
    ['packets not checked', skipped],
    ['from', from],
    ['to', to],
  ] as const
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`      <property name="${name}" value="${escapeText(String(value))}"/>`],
  )
  return ['    <properties>', ...lines, '    </properties>']
}

function outcome(rule: ReportRule, endpoint: string, fails: boolean): string {
  const { facts, findings, more } = rule
  const text = [
    ...findings.map(({ no, seen }) => `packet ${no}: ${seen}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `expected: ${facts.expected} (${requirementText(facts)})`,
    ...(facts.remedy === undefined ? [] : [`on an OB-USP-A: ${remedyText(facts.remedy, endpoint)}`]),
  ].join('\n')
  if (!fails) return `      <system-out>${escapeText(text)}</system-out>`
  const message = `${totalOf(rule)} × ${facts.title}`
  return `      <failure type="${facts.severity}" message="${escapeText(message)}">${escapeText(text)}</failure>`
}
