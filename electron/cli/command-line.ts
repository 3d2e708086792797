/** The command line of `oktobench`: its commands, their help, and what a wrong one is told. */
import { BenchFailure } from '../../shared/contract/result.ts'
import { version } from '../common/launch.ts'
import { describeError, redact } from '../common/log.ts'
import { describeOptions, didYouMean, readOptions, UsageError, type PlainOption } from '../common/options.ts'
import { runCapture } from './capture.ts'
import { captureHelp } from './capture-options.ts'
import { runLint } from './lint.ts'
import { lintHelp } from './lint-options.ts'
import { runFlows } from './run.ts'
import { runHelp } from './run-options.ts'
import { runSimulate } from './simulate.ts'
import { simulateHelp } from './simulate-options.ts'
import { runServe, serveOptions, type Build } from './serve.ts'

interface Command {
  readonly summary: string
  readonly help: () => string
  /** Answers the exit code. */
  run(args: readonly string[], build: Build): Promise<number>
}

const commands: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'run the bench without a window and show it in a browser',
    help: () =>
      settingsHelp(
        'serve',
        'Runs the bench and serves its user interface on a loopback address. The address printed holds a token:\n' +
          'who has it has the bench. OKTOBENCH_TOKEN sets one; otherwise each start makes its own.\n' +
          'On another address it speaks TLS, with the certificate of the lab or a given one, and asks for a password.',
        serveOptions,
      ),
    run: (args, build) => runServe(readOptions(args, serveOptions), build),
  },
  run: {
    summary: 'run flows against devices, and tell which passed',
    help: () => runHelp,
    run: (args, build) => runFlows(args, build),
  },
  capture: {
    summary: 'read capture files, filter them and write other formats',
    help: () => captureHelp,
    run: (args) => runCapture(args),
  },
  lint: {
    summary: 'check capture files against the rules of USP over MQTT',
    help: () => lintHelp,
    run: (args) => runLint(args),
  },
  simulate: {
    summary: 'run simulated USP agents against a broker',
    help: simulateHelp,
    run: (args) => runSimulate(args),
  },
}

const help = (): string => `Usage: oktobench COMMAND [OPTIONS]

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

oktobench COMMAND --help   options of a command
oktobench --version        version of Oktobench

Exit codes: 0 done, 1 failed, 2 could not start.`

const settingsHelp = (
  name: string,
  text: string,
  options: readonly PlainOption[],
): string => `Usage: oktobench ${name} [OPTIONS]

${text}

Options (a command line wins over the environment, that over bench.json):
${describeOptions(options)}`

/** Runs a command line; answers the exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], build: Build): Promise<number> {
  try {
    const [first, ...rest] = args
    if (first === undefined || first === '--help' || first === '-h' || first === 'help') return print(help())
    if (first === '--version' || first === '-v') return print(version)
    const command = Object.hasOwn(commands, first) ? commands[first] : undefined
    if (command === undefined) {
      const isOption = first.startsWith('-')
      const known = isOption ? ['--help', '--version'] : Object.keys(commands)
      const what = isOption ? `${first} is not a known option.` : `“${first}” is not a command.`
      throw new UsageError(`${what}${didYouMean(first, known)} See oktobench --help.`)
    }
    if (rest.includes('--help') || rest.includes('-h')) return print(command.help())
    return await command.run(rest, build)
  } catch (error) {
    const expected = error instanceof UsageError || error instanceof BenchFailure
    const text = expected ? error.message : describeError(error)
    process.stderr.write(`oktobench: ${redact(text)}\n`)
    return expected ? 2 : 1
  }
}

function print(text: string): number {
  process.stdout.write(`${text}\n`)
  return 0
}
