/** What an agent does by the clock: look for changed values, tell Periodic!, end subscriptions. */
import { controllers, type Controller } from './controllers.ts'
import type { DataModel } from './data-model.ts'
import { endOf, subscriptionRows, type Subscription } from './subscription-rows.ts'
import { covers, valuesOf } from './watch.ts'
import type { World } from './world.ts'

/** OB-USP-A looks every 15 s, so that two quick changes are one notification. */
export const POLL_MS = 15_000
const PERIODIC = 'Device.LocalAgent.Periodic!'

interface Told {
  changed(subscription: Subscription, path: string, value: string): void
  periodic(controller: Controller): void
  /** Rows were taken away. */
  ended(): void
  subscriptions(): readonly Subscription[]
  /** Rows whose time is over stay. */
  readonly keepsExpired: boolean
}

export class Ticker {
  readonly #world: World
  readonly #model: DataModel
  readonly #told: Told
  /** Subscription row and parameter path to the value last seen. */
  #seen = new Map<string, string>()
  #poll: (() => void) | undefined
  readonly #periodic = new Map<string, { readonly interval: number; readonly cancel: () => void }>()
  #end: { readonly at: number; readonly cancel: () => void } | undefined

  constructor(world: World, model: DataModel, told: Told) {
    this.#world = world
    this.#model = model
    this.#told = told
  }

  /** Subscriptions or controllers may have changed. */
  refresh(): void {
    const list = this.#told.subscriptions()
    this.#refreshPoll(list.some(({ type }) => type === 'ValueChange'))
    this.#refreshPeriodic(list)
    this.#refreshEnds()
  }

  stop(): void {
    this.#poll?.()
    this.#poll = undefined
    for (const { cancel } of this.#periodic.values()) cancel()
    this.#periodic.clear()
    this.#end?.cancel()
    this.#end = undefined
  }

  #refreshPoll(isWanted: boolean): void {
    if (!isWanted) {
      this.#poll?.()
      this.#poll = undefined
      this.#seen.clear()
      return
    }
    // A new subscription starts from the values of now.
    this.#look(() => undefined, 'only new')
    this.#poll ??= this.#world.after(POLL_MS, () => this.#onPoll())
  }

  #onPoll(): void {
    this.#poll = this.#world.after(POLL_MS, () => this.#onPoll())
    this.#look((subscription, path, value) => this.#told.changed(subscription, path, value), 'all')
  }

  #look(changed: Told['changed'], which: 'all' | 'only new'): void {
    const seen = new Map<string, string>()
    for (const subscription of this.#told.subscriptions()) {
      if (subscription.type !== 'ValueChange') continue
      for (const reference of subscription.references) {
        for (const { path, place, parameter } of valuesOf(this.#model, reference)) {
          if (parameter.isQuiet) continue
          const key = `${subscription.path} ${path}`
          const before = this.#seen.get(key)
          const value = this.#model.shown(place, parameter)
          const isKept = which === 'only new' && before !== undefined
          seen.set(key, isKept ? before : value)
          if (!isKept && before !== undefined && before !== value) changed(subscription, path, value)
        }
      }
    }
    this.#seen = seen
  }

  #refreshPeriodic(list: readonly Subscription[]): void {
    const wanted = new Map<string, { controller: Controller; interval: number }>()
    for (const controller of controllers(this.#model)) {
      const { path } = controller.place
      const isAsked = list.some(
        (one) =>
          one.type === 'Event' &&
          one.recipient === path &&
          one.references.some((reference) => covers(this.#model, reference, PERIODIC, 'all below')),
      )
      const interval = Number(this.#model.text(controller.place, 'PeriodicNotifInterval'))
      if (isAsked && interval > 0) wanted.set(path, { controller, interval })
    }
    for (const [path, { interval, cancel }] of this.#periodic) {
      if (wanted.get(path)?.interval === interval) continue
      cancel()
      this.#periodic.delete(path)
    }
    for (const [path, { controller, interval }] of wanted) {
      if (!this.#periodic.has(path)) this.#schedule(path, controller, interval)
    }
  }

  #schedule(path: string, controller: Controller, interval: number): void {
    const cancel = this.#world.after(this.#untilNext(controller, interval), () => {
      this.#schedule(path, controller, interval)
      this.#told.periodic(controller)
    })
    this.#periodic.set(path, { interval, cancel })
  }

  /** PeriodicNotifTime sets the beat; the unknown time leaves it to the agent. */
  #untilNext({ place }: Controller, interval: number): number {
    const beat = Date.parse(this.#model.text(place, 'PeriodicNotifTime'))
    const ms = interval * 1000
    if (Number.isNaN(beat) || beat < 0) return ms
    const since = (this.#world.now() - beat) % ms
    return since <= 0 ? -since || ms : ms - since
  }

  #refreshEnds(): void {
    if (this.#told.keepsExpired) return
    const ends = subscriptionRows(this.#model).map((row) => endOf(this.#model, row) ?? Infinity)
    const soonest = Math.min(...ends, Infinity)
    if (soonest === (this.#end?.at ?? Infinity)) return
    this.#end?.cancel()
    this.#end = undefined
    if (soonest === Infinity) return
    const cancel = this.#world.after(soonest - this.#world.now(), () => {
      this.#end = undefined
      for (const row of subscriptionRows(this.#model)) {
        if ((endOf(this.#model, row) ?? Infinity) <= this.#world.now()) this.#model.deleteRow(row)
      }
      this.#told.ended()
    })
    this.#end = { at: soonest, cancel }
  }
}
