/**
 * Runs the tests that name statements of MQTT 5.0 and 3.1.1 in their titles, and prints what they show of each
 * chapter, and every statement that they do not show, with its reason.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asJson, asMarkdown, asText, report, unknownNames, type TestResult } from './report.ts'
import { suite, vitest } from './suite.ts'

const USAGE = `npm run conformance [-- OPTIONS]
  -o FILE     also writes every statement with its tests: as JSON where FILE ends in .json, else as Markdown
  --not-yet   also runs the tests that are known not to pass yet`

/** What of vitest's JSON report is read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Answers the exit code: 0 all passed, 1 a test failed, 2 not run. */
export async function main(args: readonly string[]): Promise<number> {
  const output = args.includes('-o') ? args[args.indexOf('-o') + 1] : undefined
  const known = new Set(['-o', '--not-yet', ...(output === undefined ? [] : [output])])
  if (args.some((arg) => !known.has(arg)) || (args.includes('-o') && output === undefined)) {
    console.error(USAGE)
    return 2
  }
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-conformance-'))
  try {
    const file = join(folder, 'results.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const notYet = args.includes('--not-yet')
    const code = await vitest(['run', ...reporters, ...suite()], { notYet })
    const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as VitestReport
    const results = testResults.flatMap(({ assertionResults }) =>
      assertionResults.map(({ fullName, status }): TestResult => {
        const known = status === 'passed' || status === 'failed' ? status : 'skipped'
        return { title: fullName, status: known }
      }),
    )
    const lines = report(results)
    console.log(asText(lines))
    for (const text of unknownNames(results.map(({ title }) => title)))
      console.log(`No such statement: ${text}`)
    if (output !== undefined)
      writeFileSync(output, output.endsWith('.json') ? asJson(lines) : asMarkdown(lines))
    return code === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
