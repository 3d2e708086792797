/** `oktobench run`: flows against devices. */
import { resolve } from 'node:path'
import { writeWhole } from '../engine/workspace/files.ts'
import { writeFlowReport } from '../../shared/flow/report/report.ts'
import { UsageError } from '../common/options.ts'
import { openBench } from './run-bench.ts'
import { Evidence } from './run-evidence.ts'
import { flowsToRun } from './run-files.ts'
import { readRunOptions } from './run-options.ts'
import { Suite } from './run-suite.ts'
import type { Build } from './serve.ts'
import { untilSignal } from './until-signal.ts'

/** Answers the exit code. Rejects with a UsageError or BenchFailure when it cannot run. */
export async function runFlows(args: readonly string[], build: Build): Promise<number> {
  const options = readRunOptions(args)
  const flows = await flowsToRun(options.paths, options.tags)
  for (const name of Object.keys(options.variables))
    if (!flows.some(({ flow }) => Object.hasOwn(flow.variables ?? {}, name)))
      throw new UsageError(`--var ${name}: none of the flows has a variable of that name.`)
  const stopped = untilSignal('the flows stop')
  const bench = await openBench(options, build, warn)
  const { capture } = options
  const suite = new Suite({
    host: bench.host,
    options,
    flows,
    ...(capture !== undefined && {
      evidence: new Evidence(bench.host, resolve(capture), bench.workspace),
    }),
    say,
    warn,
    absent: bench.absent,
    colours: process.stdout.isTTY && !process.env['NO_COLOR'],
  })
  void stopped.then(() => suite.stop())
  try {
    bench.remarks.forEach(warn)
    await suite.run()
    for (const { format, file } of options.reports)
      await writeWhole(resolve(file), writeFlowReport(suite.outcomes.kept, format))
  } finally {
    await bench.close()
  }
  return suite.outcomes.exitCode
}

function say(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function warn(text: string): void {
  process.stderr.write(`oktobench: ${text}\n`)
}
