/** Results as JUnit XML: a suite for each flow and device, a case for each step that stands in the flow's own lists. */
import { escapeText } from '../../report/escape.ts'
import type { AttachmentFiles } from '../attachments.ts'
import { describeDifference } from '../match.ts'
import { PHASES } from '../model.ts'
import { everyStep, type FlowResult, type StepResult } from '../run/result.ts'

const seconds = (ms: number | undefined): string => ((ms ?? 0) / 1000).toFixed(3)
const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeText(String(value))}"`)
    .join('')

interface Counts {
  tests: number
  failures: number
  errors: number
  skipped: number
}

export function junitReport(results: readonly FlowResult[], files: AttachmentFiles = {}): string {
  const suites = results.map((result) => suiteOf(result, files))
  const total: Counts = { tests: 0, failures: 0, errors: 0, skipped: 0 }
  for (const { counts } of suites) {
    for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += counts[name]
  }
  const { skipped: _skipped, ...shown } = total
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="Oktobench"${attributes({ ...shown })}>`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n')
}

/** Of a step that a person had done again, the last time counts. */
const lastAttempts = (steps: readonly StepResult[]): readonly StepResult[] =>
  steps.filter(({ path }, at) => steps[at + 1]?.path !== path)

function suiteOf(
  result: FlowResult,
  files: AttachmentFiles,
): { readonly counts: Counts; readonly xml: string } {
  const cases = PHASES.flatMap((phase) => lastAttempts(result[phase]).map((step) => [phase, step] as const))
  const counts: Counts = { tests: cases.length, failures: 0, errors: 0, skipped: 0 }
  for (const [, { status }] of cases) {
    if (status === 'failed') counts.failures += 1
    else if (status === 'error') counts.errors += 1
    else if (status !== 'passed') counts.skipped += 1
  }
  const own: string[] = []
  // What ended the flow outside of any step would be in no case.
  if (
    result.note !== undefined &&
    ['error', 'stopped'].includes(result.status) &&
    counts.errors + counts.failures === 0
  ) {
    counts.tests += 1
    counts.errors += 1
    own.push(testCase(result, 'the flow', result.duration, problem('error', result.note, '')))
  }
  const head = attributes({
    name: result.name,
    hostname: result.device,
    timestamp: new Date(result.start).toISOString().slice(0, 19),
    time: seconds(result.duration),
    ...counts,
  })
  const facts: readonly (readonly [string, string])[] = [
    ['device', result.device],
    ['controller', result.controller],
    ['run', result.runId],
    ...result.requirements.map((requirement) => ['requirement', requirement] as const),
    ...result.tags.map((tag) => ['tag', tag] as const),
  ]
  const xml = [
    `  <testsuite${head}>`,
    '    <properties>',
    ...facts.map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...cases.map(([phase, step]) =>
      testCase(
        result,
        `${phase === 'steps' ? '' : `${phase}: `}${step.title}`,
        step.duration,
        [outcome(step), attached(result, step, files)].filter(Boolean).join('\n'),
      ),
    ),
    ...own,
    '  </testsuite>',
  ].join('\n')
  return { counts, xml }
}

function testCase(
  { name, device }: FlowResult,
  title: string,
  duration: number | undefined,
  inside: string,
): string {
  const head = attributes({ classname: `${device}.${name}`, name: title, time: seconds(duration) })
  return inside === '' ? `    <testcase${head}/>` : `    <testcase${head}>\n${inside}\n    </testcase>`
}

const problem = (tag: string, message: string, text: string): string =>
  `      <${tag}${attributes({ message })}>${escapeText(text)}</${tag}>`

function outcome(step: StepResult): string {
  switch (step.status) {
    case 'passed':
      return ''
    case 'failed':
      return problem('failure', step.note ?? 'failed', detail(step))
    case 'error':
      return problem('error', step.note ?? 'error', detail(step))
    default:
      return problem('skipped', step.note ?? 'not done', '')
  }
}

/** As the attachments plug-in of Jenkins, and what others read as it does, want them: a line each. */
function attached({ runId }: FlowResult, step: StepResult, { path }: AttachmentFiles): string {
  const lines = [...everyStep([step])].flatMap(([{ attachments = [] }]) =>
    attachments.map(({ name, file }) => `[[ATTACHMENT|${path?.(runId, file) ?? name}]]`),
  )
  return lines.length === 0 ? '' : `      <system-out>${escapeText(lines.join('\n'))}</system-out>`
}

/** What was expected and seen, in the step and below it, with the packets. */
function detail(step: StepResult): string {
  const lines: string[] = []
  for (const [{ title, status, note, differences, packets }, depth] of everyStep([step])) {
    if (status === 'passed' || status === 'skipped') continue
    const indent = '  '.repeat(depth)
    if (depth > 0) lines.push(`${indent}${title}: ${note ?? status}`)
    lines.push(...differences.map((difference) => `${indent}${describeDifference(difference)}`))
    if (packets.length > 0) lines.push(`${indent}packets ${packets.join(', ')}`)
  }
  return lines.join('\n')
}
