/** `oktobench run`: flows against devices. */
import { resolve } from 'node:path'
import { didYouMean, UsageError } from '../common/options.ts'
import { openBench } from './run-bench.ts'
import { Evidence } from './run-evidence.ts'
import { flowsToRun, type FlowToRun } from './run-files.ts'
import { readRunOptions, type RunOptions } from './run-options.ts'
import { prepareReports, Reports } from './run-reports.ts'
import { SECRET, Suite } from './run-suite.ts'
import type { Build } from './serve.ts'
import { untilSignal } from './until-signal.ts'

/** Exit code when not all could be run, or told. */
const CANNOT = 2

/** Answers the exit code. Rejects with a UsageError or BenchFailure when it cannot run. */
export async function runFlows(args: readonly string[], build: Build): Promise<number> {
  const options = readRunOptions(args)
  const flows = await flowsToRun(options.paths, options.tags)
  checkVariables(options, flows)
  await prepareReports(options.reports)
  /** There once the bench is. */
  const running: { suite?: Suite } = {}
  const stopped = untilSignal('the flows stop', (times) => {
    if (times > 2) process.exit(CANNOT)
    running.suite?.abandon()
  })
  // Who read it is gone: nobody wants more of it, and there is nobody to tell.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => running.suite?.stop())
  lackingSecrets(flows).forEach(warn)
  const bench = await openBench(options, build, warn)
  const { capture } = options
  const reports = new Reports(options.reports, bench.host)
  const suite = new Suite({
    host: bench.host,
    options,
    flows,
    ...(capture !== undefined && {
      evidence: new Evidence(bench.host, resolve(capture), bench.workspace),
    }),
    ...(reports.attachments && { attachments: reports.attachments }),
    say,
    warn,
    absent: bench.absent,
    colours: process.stdout.isTTY && !process.env['NO_COLOR'],
  })
  running.suite = suite
  void stopped.then(() => {
    warn('what runs is stopped and cleans up; a second signal ends the clean-up, a third one everything.')
    suite.stop()
  })
  let failures: readonly string[] = []
  try {
    bench.remarks.forEach(warn)
    await suite.run()
    failures = await reports.write(suite.outcomes.kept)
    failures.forEach(warn)
  } finally {
    await bench.close()
  }
  return failures.length === 0 ? suite.outcomes.exitCode : CANNOT
}

/** Throws a UsageError for a value that no flow asks for. */
function checkVariables({ variables }: RunOptions, flows: readonly FlowToRun[]): void {
  const known = new Set(flows.flatMap(({ flow }) => Object.keys(flow.variables ?? {})))
  for (const name of Object.keys(variables)) {
    if (known.has(name)) continue
    const text = `--var ${name}: none of the flows has a variable of that name.`
    throw new UsageError(text + didYouMean(name, [...known]))
  }
}

/** Their flows will not run; that is said before the first one. */
function lackingSecrets(flows: readonly FlowToRun[]): string[] {
  const wanted = new Set(flows.flatMap(({ flow }) => flow.secrets ?? []))
  return [...wanted]
    .filter((name) => process.env[SECRET + name] === undefined)
    .map((name) => `the secret ${name} has no value: set ${SECRET}${name} in the environment.`)
}

function say(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`)
}

function warn(text: string): void {
  process.stderr.write(`oktobench: ${text}\n`)
}
