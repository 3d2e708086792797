/** `oktobench serve`: a bench without a window, until a signal ends it. */
import type { Engine, EngineOptions } from '../engine/types.ts'
import { resolveSettings, settingsFromEnvironment } from '../engine/workspace/settings.ts'
import { peekSettings } from '../engine/workspace/workspace.ts'
import { version, workspaceFolder } from '../common/launch.ts'
import { logLine } from '../common/log.ts'
import { UsageError, workspaceOption, type Options, type PlainOption } from '../common/options.ts'
import { stopInOrder, type Step } from '../common/stop.ts'
import { joinable } from '../common/door.ts'
import { loopbackAddress } from '../serve/guard.ts'
import { writePassword } from '../serve/password.ts'
import { remoteOf } from '../serve/remote.ts'
import { serve } from '../serve/serve.ts'
import { askPassword } from './ask-password.ts'
import { greeting } from './greeting.ts'
import { openBrowser } from './open-browser.ts'
import { untilSignal } from './until-signal.ts'

export const serveOptions: readonly PlainOption[] = [
  workspaceOption,
  { flag: 'open', description: 'open the user interface in the browser' },
  {
    flag: 'set-password',
    description: 'ask for the password that other machines need with --host, keep it as a hash, and end',
  },
]

export interface Build {
  readonly startEngine: (options: EngineOptions) => Promise<Engine>
  readonly captureWorker: URL
  /** Folder of the built pages. */
  readonly pages: string
}

/**
 * Runs until SIGINT or SIGTERM and answers the exit code. Rejects with a BenchFailure or UsageError whose
 * message is one line for a person when it cannot start.
 */
export async function runServe({ settings: commandLine, plain }: Options, build: Build): Promise<number> {
  const given = plain['workspace']
  const workspace = workspaceFolder(typeof given === 'string' ? given : undefined, process.env)
  if (plain['set-password'] === true) {
    await writePassword(workspace, await askPassword('New password of the user interface: '))
    return 0
  }
  const stopped = untilSignal('the bench stops')
  const environment = readEnvironment()
  const overrides = { ...environment, ...commandLine }
  const file = await peekSettings(workspace)
  const settings = resolveSettings({ commandLine, environment, file })

  // The last thing made is the first to end.
  const steps: Step[] = []
  try {
    const { startEngine, captureWorker, pages } = build
    const engine = await startEngine({ workspace, host: 'browser', version, captureWorker, overrides })
    steps.unshift({ name: 'the engine', run: () => engine.stop() })
    const token = process.env['OKTOBENCH_TOKEN']
    const host = settings['serve.host']
    const remote =
      loopbackAddress(host) === undefined ? await remoteOf(engine, workspace, settings) : undefined
    const serving = await serve({
      engine,
      host,
      ...(remote && { remote }),
      port: settings['serve.port'],
      tryNext: !('serve.port' in overrides) && !('serve.port' in file),
      pages,
      log: logLine,
      ...(token === undefined || token === '' ? {} : { token }),
    })
    steps.unshift({ name: 'the user interface', run: () => serving.close() })
    await joinable({ engine, workspace, log: logLine }, steps)
    process.stdout.write(`${greeting(engine.current('bench'), serving.url)}\n`)
    if (plain['open'] === true) await open(serving.url, steps)
  } catch (error) {
    await stopInOrder(steps, logLine)
    throw error
  }
  const wasAsked = await stopped
  const clean = await stopInOrder(steps, logLine)
  return clean && wasAsked ? 0 : 1
}

async function open(url: string, steps: Step[]): Promise<void> {
  try {
    steps.unshift({ name: 'the page that opened the browser', run: await openBrowser(url) })
  } catch (error) {
    logLine('No browser could be started; open the address yourself', error)
  }
}

function readEnvironment(): ReturnType<typeof settingsFromEnvironment> {
  try {
    return settingsFromEnvironment(process.env)
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}
