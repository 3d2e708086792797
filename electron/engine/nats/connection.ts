/**
 * The bench's connection to NATS. When it is lost a new one is made, for ever, each a fresh NatsConnection: whoever
 * uses it sets itself up anew in `onConnection`, so there is one way to get into step, at start and after a loss.
 */
import { randomBytes } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { explain, NatsError, noJetStream } from './explain.ts'
import { backoffMs, Pause, within, type Backoff } from './pause.ts'
import { probe } from './probe.ts'
import { Signal } from './signal.ts'
import { connectionOptions, parseTarget, type NatsTarget, type ParsedTarget } from './target.ts'

export interface NatsLinkState {
  /** `idle`: there is no server to connect to. `waiting`: between two attempts; `message` says why. */
  readonly state: 'idle' | 'connecting' | 'connected' | 'waiting' | 'closed'
  /** Without user, password and token. Empty while idle. */
  readonly url: string
  readonly serverName?: string
  readonly version?: string
  /** Present while connected. Without it `message` says what to do. */
  readonly jetStream?: boolean
  readonly message?: string
}

export interface NatsLinkOptions {
  /** Asked at each attempt; undefined while there is no server. */
  readonly target: () => NatsTarget | undefined
  /** Shown by the server's own tools for this client. */
  readonly name: string
  readonly backoff?: Backoff
  /** For one attempt at one address. */
  readonly timeoutMs?: number
}

/** A lost connection is noticed after two unanswered pings. */
const PING_MS = 5000
const CLOSE_MS = 1000

export class NatsLink {
  readonly #options: Required<NatsLinkOptions>
  readonly #pause = new Pause()
  readonly #changed = new Signal<NatsLinkState>()
  readonly #connected = new Signal<NatsConnection>()
  readonly #running: Promise<void>
  #state: NatsLinkState = { state: 'idle', url: '' }
  #connection: NatsConnection | undefined
  readonly #closing = new AbortController()

  constructor(options: NatsLinkOptions) {
    this.#options = { backoff: { firstMs: 100, maxMs: 5000 }, timeoutMs: 5000, ...options }
    // A header holds printable ASCII.
    const name = options.name.replaceAll(/[^ -~]/g, '_').slice(0, 60)
    this.writer = `${name} ${randomBytes(6).toString('hex')}`
    this.#running = this.#run()
  }

  get state(): NatsLinkState {
    return this.#state
  }

  /** Signs what this bench writes: its name, and what tells it from another of the same name. */
  readonly writer: string

  /** Undefined while not connected. */
  get connection(): NatsConnection | undefined {
    return this.#connection
  }

  onState(listener: (state: NatsLinkState) => void): () => void {
    return this.#changed.on(listener)
  }

  /** Told of each new connection, and at once of the one that stands. */
  onConnection(listener: (connection: NatsConnection) => void): () => void {
    if (this.#connection) listener(this.#connection)
    return this.#connected.on(listener)
  }

  /** Tries at once instead of waiting on: the server or its address has changed. */
  retry(): void {
    this.#pause.end()
  }

  /** Sends what waits to be sent, for a second at most. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#pause.end()
    const connection = this.#connection
    if (connection) {
      const late = new NatsError('away', 'late')
      await within(CLOSE_MS, connection.drain(), () => late).catch(() => connection.close())
    }
    await this.#running
  }

  async #run(): Promise<void> {
    let attempt = 0
    while (!this.#closing.signal.aborted) {
      const target = this.#options.target()
      if (target === undefined) {
        attempt = 0
        this.#set({ state: 'idle', url: '' })
        await this.#pause.wait(undefined)
        continue
      }
      const why = await this.#attempt(target, () => (attempt = 0))
      if (this.#closing.signal.aborted) break
      attempt += 1
      this.#set({ state: 'waiting', url: this.#state.url, message: why.message })
      // Spread, so that many benches do not come back to a server in one moment.
      await this.#pause.wait(backoffMs(this.#options.backoff, attempt) * (0.8 + 0.4 * Math.random()))
    }
    this.#set({ state: 'closed', url: this.#state.url })
  }

  /** Connects and stays until the connection ends; answers why it did. */
  async #attempt(target: NatsTarget, succeeded: () => void): Promise<Error> {
    let parsed: ParsedTarget
    try {
      parsed = parseTarget(target)
    } catch (error) {
      this.#set({ state: 'connecting', url: '' })
      return explain(error, { url: 'NATS', auth: 'none' })
    }
    this.#set({ ...this.#state, state: 'connecting', url: parsed.shown })
    let failure: Error = new NatsError('configuration', 'no NATS address is given')
    for (const address of parsed.addresses) {
      if (this.#closing.signal.aborted) break
      const context = { ...parsed, url: address.url }
      try {
        const info = await probe(address, this.#options.timeoutMs, this.#closing.signal)
        const connection = await connect({
          ...(await connectionOptions(parsed, address, info.tlsRequired)),
          name: this.#options.name,
          timeout: this.#options.timeoutMs,
          reconnect: false,
          ignoreClusterUpdates: true,
          pingInterval: PING_MS,
          maxPingOut: 2,
        })
        try {
          succeeded()
          await this.#serve(connection, address.url, info)
          const cause = await connection.closed()
          return new NatsError('away', `the connection to ${address.url} was lost`, { cause })
        } finally {
          this.#connection = undefined
          await connection.close()
        }
      } catch (error) {
        failure = explain(error, context)
      }
    }
    return failure
  }

  async #serve(
    connection: NatsConnection,
    url: string,
    { name, version, jetStream }: { name: string; version: string; jetStream: boolean },
  ): Promise<void> {
    if (this.#closing.signal.aborted) return connection.close()
    const usable = jetStream && (await hasJetStream(connection))
    if (connection.isClosed()) return
    this.#connection = connection
    this.#set({
      state: 'connected',
      url,
      serverName: name,
      version,
      jetStream: usable,
      ...(usable ? {} : { message: noJetStream(url) }),
    })
    this.#connected.tell(connection)
  }

  #set(state: NatsLinkState): void {
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return
    this.#state = state
    this.#changed.tell(state)
  }
}

/** Asks with this login: a server may have JetStream and the account not. */
async function hasJetStream(connection: NatsConnection): Promise<boolean> {
  try {
    await jetstreamManager(connection)
    return true
  } catch {
    return false
  }
}
