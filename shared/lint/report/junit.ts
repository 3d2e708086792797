/** A report as JUnit XML: a suite a device, a case a rule; findings of the chosen severity and above are failures. */
import { rules as allRules } from '../rules/index.ts'
import { type Severity, severityRank } from '../rule.ts'
import { escapeText } from '../../report/escape.ts'
import { type LintReport, type ReportDevice, type ReportRule, requirementText, totalOf } from './report.ts'

/** `failing`: the mildest severity that fails a case. */
export function junitReport({ source, devices, suppressed }: LintReport, failing: Severity): string {
  const suites = devices.map((device) => suite(device, failing, suppressed))
  const tests = suites.reduce((sum, { tests }) => sum + tests, 0)
  const failures = suites.reduce((sum, { failures }) => sum + failures, 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeText(source)}" tests="${tests}" failures="${failures}" errors="0">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

function suite(device: ReportDevice, failing: Severity, suppressed: readonly string[]) {
  const found = new Map(device.rules.map((rule) => [rule.facts.id, rule]))
  const cases = allRules
    .filter(({ id }) => !suppressed.includes(id))
    .map((facts) => {
      const name = `${facts.id}: ${facts.title}`
      const rule = found.get(facts.id)
      const head = `    <testcase classname="${escapeText(device.endpoint)}" name="${escapeText(name)}" time="0"`
      if (rule === undefined) return { fails: false, xml: `${head}/>` }
      const fails = severityRank(facts.severity) >= severityRank(failing)
      return { fails, xml: `${head}>\n${outcome(rule, fails)}\n    </testcase>` }
    })
  const failures = cases.filter(({ fails }) => fails).length
  const attributes = `name="${escapeText(device.endpoint)}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0"`
  return {
    tests: cases.length,
    failures,
    xml: [`  <testsuite ${attributes}>`, ...cases.map(({ xml }) => xml), '  </testsuite>'].join('\n'),
  }
}

function outcome(rule: ReportRule, fails: boolean): string {
  const { facts, findings, more } = rule
  const text = [
    ...findings.map(({ no, seen }) => `packet ${no}: ${seen}`),
    ...(more > 0 ? [`and ${more} more`] : []),
    `expected: ${facts.expected} (${requirementText(facts)})`,
    ...(facts.remedy === undefined ? [] : [`on an OB-USP-A: ${facts.remedy}`]),
  ].join('\n')
  if (!fails) return `      <system-out>${escapeText(text)}</system-out>`
  const message = `${totalOf(rule)} × ${facts.title}`
  return `      <failure type="${facts.severity}" message="${escapeText(message)}">${escapeText(text)}</failure>`
}
