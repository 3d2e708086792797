/** JUnit reports against the schema of those who read them, by xmllint. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFlowReport } from '../../../shared/flow/report/report.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { play, stepsOf, type Device } from './bench.ts'

const schema = fileURLToPath(new URL('../../fixtures/junit.xsd', import.meta.url))

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'oktobench-junit-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function validate(xml: string): void {
  const file = join(folder, 'report.xml')
  writeFileSync(file, xml)
  execFileSync(requireTool('xmllint'), ['--noout', '--nonet', '--schema', schema, file], { stdio: 'pipe' })
}

const odd: Device = () => [
  { body: { error: { err_code: 7004, err_msg: ']]> <b>"\u0000\uFFFE\uD800 & \u{1F600}' } } },
]
const results: readonly (readonly [string, readonly FlowResult[]])[] = [
  ['nothing at all', []],
  [
    'all kinds of verdicts',
    [
      play(
        stepsOf(
          '- check: true\n- group: "a ]]> \\u0007 b"\n  steps:\n    - send: { get: Device. }\n- check: true',
        ),
        odd,
      ).go(),
      play(stepsOf('- check: true', 'secrets: [word]\nrequirements: ["<R>"]\ntags: ["&"]\n')).go(),
      play(stepsOf('- end: skipped\n  because: no\n- check: true')).go(),
    ],
  ],
  ['a run that still goes on', [play(stepsOf('- ask: Go on?')).run.result()]],
]

describeWith(['libxml2-utils'], 'a JUnit report', () => {
  test.each(results)('of %s is valid', (_name, list) => {
    validate(writeFlowReport(list, 'junit'))
  })

  test('that is not valid is told by the schema', () => {
    const xml = writeFlowReport(results[1]?.[1] ?? [], 'junit')
    for (const [right, wrong] of [
      [/ tests="\d+"/g, ''],
      [/time="[\d.]+"/, 'time="1e3"'],
      [/<property name="device"/, '<property'],
      [/<failure/g, '<failed'],
    ] as const) {
      expect(() => validate(xml.replaceAll(new RegExp(right.source, 'g'), wrong))).toThrow()
    }
  })
})
