/** `oktobench lint`: checks capture files against the rules, without a bench. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { notChecked, reasons } from '../../shared/lint/not-checked.ts'
import { writeReport } from '../../shared/lint/report/index.ts'
import { requirementText } from '../../shared/lint/report/report.ts'
import { rules } from '../../shared/lint/rules/index.ts'
import { FileSink } from '../engine/capture/export/sink.ts'
import type { Work } from '../engine/capture/work.ts'
import { reportOf } from '../engine/lint/lint-report.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { checkFilter, read, toStdout } from './capture.ts'
import { type LintOptions, readLintOptions } from './lint-options.ts'

/** Answers the exit code. Rejects with a UsageError or BenchFailure when it cannot run. */
export async function runLint(args: readonly string[]): Promise<number> {
  const options = readLintOptions(args)
  if (options === 'list') {
    await toStdout(async (sink) => sink.write(Buffer.from(listOfRules())))
    return 0
  }
  checkFilter(options.filter)
  const controller = new AbortController()
  const stop = () => controller.abort(new Error('Stopped.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-lint-'))
  try {
    return await lint(options, folder, { signal: controller.signal, progress: () => undefined })
  } catch (error) {
    // Exit code 1 is for findings.
    if (error instanceof Error && 'code' in error && !(error instanceof BenchFailure))
      throw new BenchFailure('failed', `The files cannot be read or written: ${error.message}`)
    throw controller.signal.aborted ? new BenchFailure('cancelled', 'Stopped.') : error
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await rm(folder, { recursive: true, force: true })
  }
}

async function lint(options: LintOptions, folder: string, work: Work): Promise<number> {
  const { files, filter, severity, format, output } = options
  const imported = await read(options, folder, work)
  for (const remark of imported.remarks) process.stderr.write(`oktobench: ${remark}\n`)
  const source = files.map((file) => (file === '-' ? 'standard input' : basename(file))).join(', ')
  const choice = { source, filter, severity, ...(options.rules && { rules: options.rules }) }
  const report = await reportOf(imported.archive, choice, work)
  const text = Buffer.from(writeReport(report, format, severity))
  if (output === undefined) await toStdout(async (sink) => sink.write(text))
  else {
    const file = new FileSink(output)
    file.write(text)
    file.finish()
  }
  imported.close()
  return report.devices.length > 0 ? 1 : 0
}

function listOfRules(): string {
  const lines = rules.map((rule) => {
    const { id, severity, title } = rule
    return `${id.padEnd(32)}${severity.padEnd(9)}${title} (${requirementText(rule)})`
  })
  const others = notChecked.map(
    ({ requirements, reason, why }) => `  ${requirements.join(', ')}: ${reasons[reason]}. ${why}`,
  )
  return [...lines, '', 'Not checked:', ...others, ''].join('\n')
}
