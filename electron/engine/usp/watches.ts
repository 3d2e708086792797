/** Watched parameters: asked for at a pace, or told by the device; the newest values of each are kept. */
import { MAX_SAMPLES, MAX_WATCHED, type WatchRow, type WatchSample } from '../../../shared/contract/watch.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { valuesOf } from '../../../shared/usp/model-answers.ts'
import type { Asked, RequestWish } from './controller.ts'
import type { OwnSubscriptions } from './own-subscriptions.ts'

/** UTF-16 units of a value that is kept; longer ones are none to draw, and many of them are much. */
const MAX_VALUE = 1000
const ID_PREFIX = 'bench-watch-'

interface Watched {
  readonly id: string
  readonly endpointId: string
  readonly path: string
  seconds: number
  samples: WatchSample[]
  /** Samples that are no numbers. */
  words: number
  problem: string | undefined
  /** ID of the Subscription row, once it was made. */
  subscription: string | undefined
}

interface Poll {
  readonly timer: NodeJS.Timeout
  busy: boolean
}

export interface WatchesOptions {
  readonly ask: (wish: RequestWish) => Promise<Asked>
  readonly subscriptions: OwnSubscriptions
  readonly onChange: () => void
}

export class Watches {
  readonly #options: WatchesOptions
  readonly #all = new Map<string, Watched>()
  /** One a device and pace: parameters of the same pace are asked for together. */
  readonly #polls = new Map<string, Poll>()
  #last = 0

  constructor(options: WatchesOptions) {
    this.#options = options
  }

  get rows(): readonly WatchRow[] {
    return [...this.#all.values()].map(({ id, endpointId, path, seconds, samples, words, problem }) => {
      const last = samples.at(-1)
      const previous = samples.at(-2)
      return {
        id,
        endpointId,
        path,
        seconds,
        ...(last && { last }),
        ...(previous && { previous }),
        samples: samples.length,
        numeric: samples.length > 0 && words === 0,
        ...(problem !== undefined && { problem }),
      }
    })
  }

  /** Throws a BenchFailure `conflict` when there would be too many. Rejects with why a device did not subscribe. */
  async watch(endpointId: string, paths: readonly string[], seconds: number): Promise<void> {
    const wished = [...new Set(paths)]
    const found = wished.map((path) => this.#find(endpointId, path))
    if (this.#all.size + found.filter((one) => !one).length > MAX_WATCHED) {
      throw new BenchFailure(
        'conflict',
        `At most ${MAX_WATCHED} parameters are watched: take some off first.`,
      )
    }
    const mine = wished.map((path, at) => {
      const watched = found[at] ?? this.#add(endpointId, path)
      watched.seconds = seconds
      return watched
    })
    this.#setPolls()
    this.#options.onChange()
    // What it is now comes at once, and does not wait for the first change.
    void this.#read(endpointId, mine)
    await this.#unsubscribe(mine.filter((one) => one.seconds > 0))
    for (const one of mine) if (one.seconds === 0) await this.#subscribe(one)
  }

  async unwatch(id: string): Promise<void> {
    const watched = this.#all.get(id)
    if (!watched) throw new BenchFailure('not-found', 'That is no longer watched.')
    this.#all.delete(id)
    this.#setPolls()
    this.#options.onChange()
    await this.#unsubscribe([watched])
  }

  samples(id: string, since = 0): readonly WatchSample[] {
    const watched = this.#all.get(id)
    if (!watched) throw new BenchFailure('not-found', 'That is no longer watched.')
    return watched.samples.filter(([time]) => time > since)
  }

  /** A ValueChange came, whoever subscribed to it. */
  notified(endpointId: string, path: string, value: string): void {
    const watched = this.#find(endpointId, path)
    if (watched) this.#take(watched, value)
  }

  /** The device is there again: it may have forgotten what it was to tell. */
  async arrived(endpointId: string): Promise<void> {
    const told = [...this.#all.values()].filter((one) => one.endpointId === endpointId && one.seconds === 0)
    if (told.length === 0) return
    void this.#read(endpointId, told)
    const there = await this.#options.subscriptions.list(endpointId).catch(() => undefined)
    if (!there) return
    for (const one of told) {
      if (there.some(({ id }) => id === one.subscription)) continue
      one.subscription = undefined
      await this.#subscribe(one).catch(() => undefined)
    }
  }

  /** Subscriptions are ended by who keeps them. */
  stop(): void {
    this.#all.clear()
    this.#setPolls()
  }

  #find(endpointId: string, path: string): Watched | undefined {
    return [...this.#all.values()].find((one) => one.endpointId === endpointId && one.path === path)
  }

  #add(endpointId: string, path: string): Watched {
    const id = String(++this.#last)
    const watched: Watched = {
      id,
      endpointId,
      path,
      seconds: 0,
      samples: [],
      words: 0,
      problem: undefined,
      subscription: undefined,
    }
    this.#all.set(id, watched)
    return watched
  }

  async #subscribe(watched: Watched): Promise<void> {
    if (watched.subscription !== undefined) return
    const { endpointId, path } = watched
    const id = `${ID_PREFIX}${Date.now().toString(36)}-${watched.id}`
    watched.subscription = id
    try {
      const references = [path]
      const wish = { kind: 'ValueChange', references, id, persistent: false, notifyRetry: false } as const
      await this.#options.subscriptions.add(endpointId, wish)
    } catch (error) {
      watched.subscription = undefined
      watched.problem = `The device does not tell of changes: ${(error as Error).message}`
      this.#options.onChange()
      throw error
    }
  }

  async #unsubscribe(some: readonly Watched[]): Promise<void> {
    const byDevice = new Map<string, string[]>()
    for (const one of some) {
      if (one.subscription === undefined) continue
      byDevice.set(one.endpointId, [...(byDevice.get(one.endpointId) ?? []), one.subscription])
      one.subscription = undefined
    }
    for (const [endpointId, ids] of byDevice) {
      await this.#options.subscriptions.deleteByIds(endpointId, ids)
    }
  }

  #setPolls(): void {
    const wanted = new Map<string, Watched>()
    for (const one of this.#all.values()) if (one.seconds > 0) wanted.set(pollKey(one), one)
    for (const [key, { timer }] of this.#polls) {
      if (wanted.has(key)) continue
      clearInterval(timer)
      this.#polls.delete(key)
    }
    for (const [key, { endpointId, seconds }] of wanted) {
      if (this.#polls.has(key)) continue
      const poll: Poll = {
        timer: setInterval(() => void this.#poll(key, endpointId, poll), seconds * 1000),
        busy: false,
      }
      this.#polls.set(key, poll)
    }
  }

  /** A device that is slower than the pace is asked again when it has answered. */
  async #poll(key: string, endpointId: string, poll: Poll): Promise<void> {
    if (poll.busy) return
    poll.busy = true
    try {
      await this.#read(
        endpointId,
        [...this.#all.values()].filter((one) => one.seconds > 0 && pollKey(one) === key),
      )
    } finally {
      poll.busy = false
    }
  }

  /** Never rejects: what went wrong stands beside the parameters. */
  async #read(endpointId: string, watched: readonly Watched[]): Promise<void> {
    const message = { get: { param_paths: watched.map(({ path }) => path), max_depth: 1 } }
    const { report, msg } = await this.#options.ask({ endpointId, message })
    const values = new Map(msg ? valuesOf(msg) : [])
    for (const one of watched) {
      const value = values.get(one.path)
      if (value !== undefined) {
        this.#take(one, value)
        continue
      }
      const failure = report.failures.find(({ path }) => path === one.path)
      const said = failure && `${failure.code} ${failure.text || failure.name}`
      one.problem = said ?? (msg ? 'The device has no such parameter now.' : report.text)
    }
    this.#options.onChange()
  }

  #take(watched: Watched, told: string): void {
    const value = told.length > MAX_VALUE ? `${told.slice(0, MAX_VALUE - 1)}…` : told
    const before = watched.samples.at(-1)?.[1]
    const isWord = !isNumber(value)
    watched.problem = undefined
    // Of a word only its changes say something.
    if (isWord && value === before) return
    watched.samples.push([Date.now(), value])
    if (isWord) watched.words++
    if (watched.samples.length > MAX_SAMPLES) {
      const [dropped] = watched.samples.splice(0, 1)
      if (dropped && !isNumber(dropped[1])) watched.words--
    }
    this.#options.onChange()
  }
}

const pollKey = ({ endpointId, seconds }: Watched): string => `${seconds} ${endpointId}`

const isNumber = (text: string): boolean => /^-?\d+(?:\.\d+)?$/.test(text)
