/**
 * Runs the tests that name statements of MQTT 5.0 and 3.1.1 in their titles, and prints what they show of each
 * chapter, and every statement that they do not show, with its reason.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { asJson, asMarkdown, asText, report, unknownNames, type TestResult } from './report.ts'
import { suite, vitest } from './suite.ts'

const USAGE = `npm run conformance [-- OPTIONS]
  -o FILE     also writes every statement with its tests: as JSON where FILE ends in .json, else as Markdown`

/** What of vitest's JSON report is read. */
interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

/** Answers the exit code: 0 all passed, 1 a test failed, 2 not run. */
export async function main(args: readonly string[]): Promise<number> {
  const wishes = wishesOf(args)
  if (!wishes) {
    console.error(USAGE)
    return 2
  }
  const { output } = wishes
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-conformance-'))
  const file = join(folder, 'results.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await vitest(['run', ...reporters, ...suite()], { quiet: false })
    if (!existsSync(file)) {
      console.error('The tests did not run: what vitest said stands above.')
      return 2
    }
    const results = resultsIn(readFileSync(file, 'utf8'))
    const lines = report(results)
    console.log(asText(lines))
    const unknown = unknownNames(results.map(({ title }) => title))
    for (const text of unknown) console.log(`No such statement: ${text}`)
    if (output !== undefined) {
      writeFileSync(output, output.endsWith('.json') ? asJson(lines) : asMarkdown(lines))
    }
    return code === 0 ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function wishesOf(args: readonly string[]): { readonly output?: string } | undefined {
  try {
    return parseArgs({ args: [...args], options: { output: { type: 'string', short: 'o' } } }).values
  } catch {
    return undefined
  }
}

const resultsIn = (json: string): readonly TestResult[] =>
  (JSON.parse(json) as VitestReport).testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ fullName, status }) => ({
      title: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
    }))
