/** The bench that `oktobench run` uses: one of its own, the one that has the workspace already, or one before a foreign broker. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentTopic, controllerUser } from '../../shared/usp/oktopus.ts'
import type { Host } from '../../shared/contract/host.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { Engine } from '../engine/types.ts'
import { errorCode } from '../engine/workspace/files.ts'
import { settingsFromEnvironment } from '../engine/workspace/settings.ts'
import { nearHost } from '../common/near-host.ts'
import { version, workspaceFolder } from '../common/launch.ts'
import { logLine } from '../common/log.ts'
import { UsageError } from '../common/options.ts'
import { joinBench } from '../common/door.ts'
import { stopInOrder, type Step } from '../common/stop.ts'
import type { RunOptions } from './run-options.ts'
import { Relay, type ForeignBroker } from './relay.ts'
import type { Build } from './serve.ts'

const STOP_LIMIT = 15_000
/** How long a bench may take from having the workspace to opening its door, and how often it is looked for. */
const STARTING_MS = 5000
const AGAIN_MS = 250

export interface RunBench {
  readonly host: Host
  readonly workspace: string
  /** Lines for a person: problems, and what holds otherwise than asked. */
  readonly remarks: readonly string[]
  /** What a device that does not come may lack. */
  readonly absent: (device: string) => string
  close(): Promise<void>
}

const notHere = (): string =>
  'Its endpoint ID must be that one, and it must be allowed in: see Access, or --open-bench.'
const notThere = (broker: ForeignBroker, device: string): string =>
  `Nothing was heard of it at ${broker.host}:${broker.port}: it must be connected there, know the controller ` +
  `${controllerUser}, and listen on ${agentTopic(device)}.`

/** Rejects with a UsageError or BenchFailure when there is none to be had. */
export async function openBench(
  options: RunOptions,
  build: Build,
  warn: (text: string) => void,
): Promise<RunBench> {
  if (options.broker !== undefined) return await relayedBench(options, options.broker, build, warn)
  const given = options.bench.plain['workspace']
  const workspace = workspaceFolder(typeof given === 'string' ? given : undefined, process.env)
  const joined = await joinedBench(options, workspace)
  if (joined) return joined
  try {
    return await ownBench(options, workspace, build)
  } catch (error) {
    if (!(error instanceof BenchFailure) || error.code !== 'conflict') throw error
    // One that is just starting opens its door a moment after it took the workspace.
    for (const end = Date.now() + STARTING_MS; Date.now() < end; await sleep(AGAIN_MS)) {
      const late = await joinedBench(options, workspace)
      if (late) return late
    }
    const text = `${error.message} One that has a window, and one of oktobench serve, is joined; one of another oktobench run is not.`
    throw new BenchFailure('conflict', text)
  }
}

/** The bench that has the workspace, where one lets itself be joined. */
async function joinedBench({ bench }: RunOptions, workspace: string): Promise<RunBench | undefined> {
  const open = await joinBench(workspace)
  if (open === undefined) return undefined
  const ignored = Object.keys(bench.settings).length > 0
  return {
    host: open.host,
    workspace,
    remarks: [
      'the bench that runs on this workspace is used.',
      ...(ignored ? ['its own settings hold, not those of this command line.'] : []),
    ],
    absent: notHere,
    close: async () => open.close(),
  }
}

async function ownBench(options: RunOptions, workspace: string, build: Build, more = {}): Promise<RunBench> {
  const { startEngine, captureWorker } = build
  const engine = await startEngine({
    workspace,
    host: 'browser',
    version,
    captureWorker,
    overrides: { ...environment(), ...more, ...options.bench.settings },
  })
  const near = nearHost(engine, logLine)
  const steps: Step[] = [
    { name: 'the bench', run: () => engine.stop() },
    { name: 'its door', run: () => near.close() },
  ]
  return {
    host: near.host,
    workspace,
    remarks: problemsOf(engine),
    absent: notHere,
    close: async () => void (await stopInOrder(steps, logLine, STOP_LIMIT)),
  }
}

/** A bench that nobody else reaches, with a relay for each device between it and the foreign broker. */
async function relayedBench(
  options: RunOptions,
  address: ForeignBroker,
  build: Build,
  warn: (text: string) => void,
): Promise<RunBench> {
  const given = options.bench.plain['workspace']
  const isOwn = typeof given !== 'string'
  const workspace = isOwn ? await mkdtemp(join(tmpdir(), 'oktobench-run-')) : workspaceFolder(given, {})
  const loopback = { 'listeners.tcp.host': '127.0.0.1', 'listeners.tcp.port': 0, 'access.open': true }
  const others = Object.fromEntries(['tls', 'ws', 'wss'].map((name) => [`listeners.${name}.enabled`, false]))
  const relays: Relay[] = []
  const { brokerCa } = options
  const broker = { ...address, ...(brokerCa !== undefined && { ca: await readAuthority(brokerCa) }) }
  const removed = async (): Promise<void> => {
    if (isOwn) await rm(workspace, { recursive: true, force: true })
  }
  try {
    const bench = await ownBench(options, workspace, build, {
      ...loopback,
      ...others,
      'nats.enabled': false,
      'usp.discover': false,
    })
    const port = await portOf(bench.host)
    for (const device of options.devices) relays.push(new Relay({ device, broker, port, onTrouble: warn }))
    const close = async (): Promise<void> => {
      await Promise.all(relays.map((relay) => relay.stop()))
      await bench.close()
      await removed()
    }
    try {
      await Promise.all(relays.map((relay) => relay.start()))
    } catch (error) {
      await close()
      throw error
    }
    return { ...bench, absent: (device) => notThere(broker, device), close }
  } catch (error) {
    await removed()
    throw error
  }
}

async function readAuthority(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new UsageError(`--broker-ca: ${file} cannot be read (${errorCode(error) ?? 'error'}).`, {
      cause: error,
    })
  }
}

function portOf(host: Host): Promise<number> {
  return new Promise((resolve, reject) => {
    const end = host.on('bench', ({ listeners }) => {
      const { port, message, state } = listeners.find(({ transport }) => transport === 'tcp') ?? {}
      queueMicrotask(() => end())
      if (state === 'listening' && port !== undefined) resolve(port)
      else reject(new BenchFailure('unavailable', `The bench has no port for the relay: ${message ?? ''}.`))
    })
  })
}

function environment(): ReturnType<typeof settingsFromEnvironment> {
  try {
    return settingsFromEnvironment(process.env)
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

const problemsOf = (engine: Engine): string[] => engine.current('bench').problems.map(({ text }) => text)
