/** The bench's own nats-server: started, watched, started again when it ends, ended in order. */
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { locateServer, type Places } from './locate.ts'
import { backoffMs, Pause, type Backoff } from './pause.ts'
import { probe } from './probe.ts'
import { pidFile, serverLogin, writeConfig, type ServerLogin } from './server-config.ts'
import { Signal } from './signal.ts'
import { portOf, runServer, type ServerRun } from './supervise.ts'
import { parseTarget, type NatsAddress, type NatsTarget } from './target.ts'

export interface NatsServerState {
  /**
   * `absent`: no program to start; looked for again from time to time. `external`: a server of somebody else is
   * used. `failed`: it does not start; tried again from time to time.
   */
  readonly state: 'starting' | 'running' | 'restarting' | 'absent' | 'external' | 'failed' | 'stopped'
  readonly version?: string
  /** Without secrets; empty while there is none. */
  readonly url: string
  readonly message?: string
}

export interface NatsServer {
  readonly state: NatsServerState
  onState(listener: (state: NatsServerState) => void): () => void
  /** Where it is and its login; undefined while it does not run. */
  target(): NatsTarget | undefined
  stop(): Promise<void>
}

export interface OwnServerOptions extends Places {
  /** The folder `nats` of the workspace. */
  readonly folder: string
  /** 0 takes a free port, and keeps it while the bench runs. */
  readonly port?: number
  readonly maxStoreBytes?: number
  readonly backoff?: Backoff
  /** How often, in milliseconds, a running server is asked whether it answers, and how often it may fail to. */
  readonly look?: { readonly everyMs: number; readonly failures: number }
}

const GIB = 1024 ** 3
const PROBE_MS = 2000
/** A server that ran this long did not fail to start. */
const STABLE_MS = 30_000
const FAILURES_TO_TELL = 5
const LEFT_BEHIND_LOOKS = 50
const LEFT_BEHIND_LOOK_MS = 100

/** Somebody else's server: nothing to start, nothing to end. Throws a NatsError when the target cannot be right. */
export function externalServer(target: NatsTarget): NatsServer {
  const state: NatsServerState = { state: 'external', url: parseTarget(target).shown }
  return { state, onState: () => () => undefined, target: () => target, stop: () => Promise.resolve() }
}

/** Starts a server in the background; `state` tells how far it is. */
export function ownServer(options: OwnServerOptions): NatsServer {
  return new OwnServer(options)
}

class OwnServer implements NatsServer {
  readonly #options: OwnServerOptions & Required<Pick<OwnServerOptions, 'backoff' | 'look'>>
  readonly #changed = new Signal<NatsServerState>()
  readonly #pause = new Pause()
  readonly #running: Promise<void>
  #state: NatsServerState = { state: 'starting', url: '' }
  #login: ServerLogin | undefined
  #run: ServerRun | undefined
  #stopping = false
  /** The port of the last run: clients of the bench's server find it again. */
  #lastPort: number | undefined

  constructor(options: OwnServerOptions) {
    this.#options = {
      backoff: { firstMs: 100, maxMs: 30_000 },
      look: { everyMs: 2000, failures: 3 },
      ...options,
    }
    this.#running = this.#keepRunning()
  }

  get state(): NatsServerState {
    return this.#state
  }

  onState(listener: (state: NatsServerState) => void): () => void {
    return this.#changed.on(listener)
  }

  target(): NatsTarget | undefined {
    if (this.#run === undefined || this.#login === undefined) return undefined
    const { user, password } = this.#login
    return { url: urlOf(this.#run.port), user, password }
  }

  async stop(): Promise<void> {
    this.#stopping = true
    this.#pause.end()
    await this.#run?.stop()
    await this.#running
  }

  async #keepRunning(): Promise<void> {
    let failures = 0
    while (!this.#stopping) {
      const startedAt = performance.now()
      const why = await this.#runOnce()
      if (this.#stopping) break
      failures = performance.now() - startedAt > STABLE_MS ? 1 : failures + 1
      const delay = backoffMs(this.#options.backoff, failures)
      if ('absent' in why) {
        this.#set({ state: 'absent', url: '', message: why.absent })
        await this.#pause.wait(this.#options.backoff.maxMs)
      } else {
        const text = `nats-server ended: ${why.ended}. It is started again in ${seconds(delay)}.`
        this.#set({ state: failures >= FAILURES_TO_TELL ? 'failed' : 'restarting', url: '', message: text })
        await this.#pause.wait(delay)
      }
    }
    this.#set({ state: 'stopped', url: '' })
  }

  /** From start to end of one server. Never rejects. */
  async #runOnce(): Promise<{ ended: string } | { absent: string }> {
    try {
      const found = await locateServer(this.#options)
      if ('absent' in found) return found
      return await this.#runProgram(found.program)
    } catch (error) {
      // The wished port may be taken; a port of ours is given up.
      this.#lastPort = undefined
      return { ended: error instanceof Error ? error.message : String(error) }
    }
  }

  async #runProgram(program: string): Promise<{ ended: string }> {
    const { folder, port: wished = 0, maxStoreBytes = GIB } = this.#options
    await mkdir(folder, { recursive: true })
    // Messages may hold passwords; nats-server makes its own files readable for the group.
    await chmod(folder, 0o700)
    let warning: string | undefined
    const login = await serverLogin(folder, (text) => (warning = text))
    this.#login = login
    await endLeftBehind(folder, login)
    const port = wished === 0 ? (this.#lastPort ?? -1) : wished
    await writeConfig({ folder, login, port, maxStoreBytes })
    const run = await runServer(program, folder)
    try {
      const { version } = await probe(addressOf(run.port), PROBE_MS)
      if (this.#stopping) return { ended: 'the bench is closing' }
      this.#run = run
      this.#lastPort = run.port
      const message = warning === undefined ? {} : { message: warning }
      this.#set({ state: 'running', version, url: urlOf(run.port), ...message })
      return { ended: await Promise.race([run.ended, this.#frozen(run)]) }
    } finally {
      this.#run = undefined
      await run.stop()
    }
  }

  /** Resolves, with what happened, when a server that runs no longer answers: it may be stopped, or stuck. */
  async #frozen(run: ServerRun): Promise<string> {
    const { everyMs, failures } = this.#options.look
    let running = true
    void run.ended.then(() => (running = false))
    let silent = 0
    while (silent < failures) {
      await Promise.race([run.ended, new Promise((resolve) => setTimeout(resolve, everyMs).unref())])
      if (!running) return run.ended
      const answer = await probe(addressOf(run.port), everyMs).catch(() => undefined)
      silent = answer === undefined ? silent + 1 : 0
    }
    return 'it no longer answered'
  }

  #set(state: NatsServerState): void {
    this.#state = state
    this.#changed.tell(state)
  }
}

/**
 * Two servers on one store would spoil it. Should one of this folder still run, although everything is done to have
 * it end with its bench, it is ended first. It is known by its name, which no other server has, and done with the
 * store when it closes its port.
 */
async function endLeftBehind(folder: string, { serverName }: ServerLogin): Promise<void> {
  const [pid, port] = await Promise.all([numberIn(pidFile(folder)), portOf(folder)])
  if (pid === undefined || port === undefined) return
  for (let look = 0; look < LEFT_BEHIND_LOOKS; look++) {
    const info = await probe(addressOf(port), PROBE_MS).catch(() => undefined)
    if (info?.name !== serverName) return
    try {
      process.kill(pid, 'SIGTERM')
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, LEFT_BEHIND_LOOK_MS))
  }
  throw new Error(`another nats-server (process ${pid}) uses ${folder} and does not end: end it`)
}

async function numberIn(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const value = Number.parseInt(text, 10)
  return Number.isInteger(value) && value > 1 ? value : undefined
}

const urlOf = (port: number): string => `nats://127.0.0.1:${port}`
const addressOf = (port: number): NatsAddress => ({
  host: '127.0.0.1',
  port,
  secure: false,
  url: urlOf(port),
})
const seconds = (ms: number): string => `${(ms / 1000).toLocaleString('en', { maximumFractionDigits: 1 })} s`
