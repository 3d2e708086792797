/** Many simulated agents at once. They share one data model; each is an MQTT client of its own. */
import type { Link, LinkState } from './link.ts'
import { simulatedLink, type SimulatedLinkOptions } from './simulated-link.ts'

export interface FleetOptions extends Omit<SimulatedLinkOptions, 'onState' | 'identity'> {
  readonly count: number
  /** Agent n, from 1. */
  readonly identity: (n: number) => SimulatedLinkOptions['identity']
  /** Agents that begin to connect in a second. */
  readonly perSecond: number
  readonly onChange: () => void
}

export interface FleetState {
  readonly agents: Readonly<Record<LinkState, number>>
  readonly requests: number
  readonly notifications: number
  readonly dropped: number
  /** Why a connection failed last. */
  readonly failure: string | undefined
  /** Whether any agent was ready at any time. */
  readonly wasReady: boolean
}

export const MAX_AGENTS = 10_000
/** How often some more begin to connect. */
const STEP_MS = 50
/** Agents that say goodbye at the same time. */
const STOPPING = 200

export class Fleet {
  readonly #options: FleetOptions
  readonly #links: Link[] = []
  #timer: NodeJS.Timeout | undefined
  #failure: string | undefined
  #wasReady = false

  constructor(options: FleetOptions) {
    this.#options = options
  }

  start(): void {
    const begun = Date.now()
    const { count, perSecond } = this.#options
    const step = (): void => {
      const due = Math.min(count, 1 + Math.floor(((Date.now() - begun) / 1000) * perSecond))
      while (this.#links.length < due) this.#add()
      if (due === count) clearInterval(this.#timer)
    }
    this.#timer = setInterval(step, STEP_MS)
    step()
  }

  get links(): readonly Link[] {
    return this.#links
  }

  get state(): FleetState {
    const agents: Record<LinkState, number> = { connecting: 0, ready: 0, waiting: 0, stopped: 0 }
    let requests = 0
    let notifications = 0
    let dropped = 0
    for (const { state, agent } of this.#links) {
      agents[state]++
      requests += agent.counts.requests
      notifications += agent.counts.notifications
      dropped += agent.counts.dropped
    }
    // Those whose turn has not come yet.
    agents.stopped += this.#options.count - this.#links.length
    return { agents, requests, notifications, dropped, failure: this.#failure, wasReady: this.#wasReady }
  }

  /** Each agent says goodbye: Disconnect Record, DISCONNECT. Never rejects. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    for (let at = 0; at < this.#links.length; at += STOPPING) {
      await Promise.all(this.#links.slice(at, at + STOPPING).map((link) => link.stop()))
    }
  }

  #add(): void {
    const { onChange, identity } = this.#options
    const link = simulatedLink({
      ...this.#options,
      identity: identity(this.#links.length + 1),
      onState: (state, why) => {
        if (state === 'ready') this.#wasReady = true
        if (why !== undefined) this.#failure = why
        onChange()
      },
    })
    this.#links.push(link)
    link.start()
  }
}
