/**
 * Plays the steps of a flow. Each step is a generator that yields the time until which it waits and is resumed with
 * every event; so the same code runs under the engine, in tests and step by step, and parallel steps are generators
 * beside each other. No clock and no socket: `now` is told, what is to be done goes into `commands`.
 */
import { matchPacket } from '../../filter/match.ts'
import { parseFilter, type Filter } from '../../filter/filter.ts'
import { extentOf, mapOf, member, textOf, type Json, type JsonMap } from '../json.ts'
import { evaluateText, within, type Scope } from '../language/evaluate.ts'
import { bounded, FlowFault, truthOf } from '../language/functions.ts'
import { fillAll, fillTemplate } from '../language/template.ts'
import { DEFAULT_LIMITS, innerSteps, PHASES, type Flow, type Limits, type Step } from '../model.ts'
import type { Command, RunEvent, RunOptions, SeenPacket } from './events.ts'
import { Inbox } from './inbox.ts'
import { openStep, type OpenStep } from './result.ts'
import { runners } from './runners.ts'
import { titleOf } from './title.ts'
import { EndOfFlow, LimitReached, StepFailure, Stopped } from './outcomes.ts'

/** Yields until when it waits at most, is resumed with what happened; `undefined`: time passed. */
export type Task<T> = Generator<number | undefined, T, RunEvent | undefined>

/** Where a list of steps runs: its flow's variables, and since when packets count. */
export interface Frame {
  readonly flow: Flow
  readonly variables: Map<string, Json>
  /** `steps.ID` */
  readonly ids: Map<string, Json>
  /** Requests whose answer is asked for later, by id. */
  readonly pending: Map<string, { readonly msgId: string; readonly device: string; readonly at: number }>
  readonly depth: number
  /** Position in the inbox at the last step that sent or did something. */
  mark: number
}

type Done = Extract<RunEvent, { kind: 'done' }>
type Chosen = Extract<RunEvent, { kind: 'chosen' }>

const isBad = ({ status }: OpenStep): boolean => status !== 'passed' && status !== 'skipped'

/** Characters of seen bodies that a result keeps. */
const MAX_SEEN = 20_000_000
/** … and of values that steps kept. */
const MAX_BOUND = 5_000_000
const MAX_FILTERS = 500
/** Steps without waiting, after which others get a turn. */
const TURN = 500

/** Has the flow a step that looks for packets by a filter? */
const awaitsPackets = (flow: Flow): boolean => PHASES.some((phase) => (flow[phase] ?? []).some(awaitsPacket))
export function awaitsPacket(step: Step): boolean {
  if (step.kind === 'expect' && step.expect.packet !== undefined) return true
  if (step.kind === 'nothing' && step.nothing.packet !== undefined) return true
  return innerSteps(step).some(([, steps]) => steps.some(awaitsPacket))
}

export class Player {
  readonly options: RunOptions
  readonly limits: Required<Limits>
  readonly inbox = new Inbox()
  readonly online: Map<string, boolean>
  readonly breakpoints = new Set<string>()
  readonly done = new Map<number, Done>()
  readonly chosen = new Map<number, Chosen>()
  commands: Command[] = []
  /** Packets without a Msg are kept, too: a step looks for them by a filter. */
  looksAtPackets: boolean
  now = 0
  /** When the flow must have ended; its clean-up has as long again. */
  timeLimit = Number.POSITIVE_INFINITY
  stopping = false
  /** Stopped a second time: the clean-up ends too. */
  abandoned = false
  /** Holds before the next step. */
  holding = false
  /** Number of the packet that a filter held it for. */
  heldBy: number | undefined
  /** Holds behind a step that failed, before the steps after it are given up. */
  holdsAtFailures = false
  /** Steps that may pass while it holds. */
  passes = 0
  /** The step to do again, perhaps edited, while it holds. */
  again: Step | 'same' | undefined
  /** It holds now, and waits for the person. */
  get held(): boolean {
    return this.#held > 0
  }
  /** Clean-ups that are being done: several where flows are called at the same time. */
  #cleaning = 0
  #cleanLimit = 0
  /** Steps that are held, since when there is one. */
  #held = 0
  #heldSince = 0
  #packets = 0
  #steps = 0
  #tokens = 0
  #ids = 0
  #seen = 0
  #bound = 0
  #filters = new Map<string, Filter>()

  constructor(flow: Flow, options: RunOptions) {
    this.options = options
    this.limits = { ...DEFAULT_LIMITS, ...flow.limits }
    this.looksAtPackets = [flow, ...(options.flows?.values() ?? [])].some(awaitsPackets)
    this.online = new Map(Object.entries(options.online ?? {}))
  }

  /** Takes in what happened, before the steps are told. */
  take(event: RunEvent): void {
    switch (event.kind) {
      case 'packet':
        this.#packets += 1
        if (event.packet.msg !== undefined || this.looksAtPackets) this.inbox.add(event.packet)
        if (this.holding) return
        if (
          [...this.breakpoints].some((text) => !text.startsWith('step:') && this.takes(text, event.packet))
        ) {
          this.holding = true
          this.heldBy = event.packet.no
        }
        return
      case 'device':
        this.online.set(event.device, event.online)
        return
      case 'done':
        this.done.set(event.token, event)
        return
      case 'chosen':
        this.chosen.set(event.token, event)
    }
  }

  nextToken(): number {
    this.#tokens += 1
    return this.#tokens
  }

  freshMsgId(): string {
    this.#ids += 1
    return `${this.options.runId}-${this.#ids}`
  }

  /** A new place for steps of a flow; variables get their defaults, then what was given. */
  frame(flow: Flow, given: JsonMap, depth: number): Frame {
    const frame: Frame = {
      flow,
      variables: new Map(),
      ids: new Map(),
      pending: new Map(),
      depth,
      mark: this.inbox.end,
    }
    for (const [name, value] of Object.entries(flow.variables ?? {})) {
      frame.variables.set(name, member(given, name) ?? fillAll(value, this.scope(frame)))
    }
    for (const [name, value] of Object.entries(given)) frame.variables.set(name, value)
    return frame
  }

  scope(frame: Frame, local: JsonMap = {}): Scope {
    const { device, controller, runId, secrets = {} } = this.options
    const known: Readonly<Record<string, () => Json>> = {
      device: () => device,
      controller: () => controller,
      run: () => ({ id: runId, now: this.now / 1000 }),
      steps: () => mapOf(frame.ids),
      secret: () => secrets,
    }
    const outer: Scope = {
      get: (name) => frame.variables.get(name) ?? (Object.hasOwn(known, name) ? known[name]?.() : undefined),
    }
    return within(outer, local)
  }

  fill(frame: Frame, value: Json): Json {
    return fillAll(value, this.scope(frame))
  }

  text(frame: Frame, text: string): string {
    return textOf(fillTemplate(text, this.scope(frame)))
  }

  value(frame: Frame, expression: string): Json {
    return evaluateText(expression, this.scope(frame))
  }

  truth(frame: Frame, expression: string, local: JsonMap = {}): boolean {
    try {
      return truthOf(evaluateText(expression, this.scope(frame, local)))
    } catch (error) {
      if (error instanceof FlowFault) throw new FlowFault(`${expression}: ${error.message}`)
      throw error
    }
  }

  /** Does the filter, its templates filled, take the packet? */
  takes(text: string, packet: SeenPacket): boolean {
    const { program } = this.filter(text)
    return packet.view !== undefined && matchPacket(program, packet.view)
  }

  /** Throws a FlowFault for a text that is no filter. */
  filter(text: string): Filter {
    const known = this.#filters.get(text)
    if (known) return known
    const parsed = parseFilter(text)
    if (!parsed.ok) throw new FlowFault(`the filter ${text} cannot be used: ${parsed.error.message}`)
    if (this.#filters.size >= MAX_FILTERS) this.#filters.clear()
    this.#filters.set(text, parsed.filter)
    return parsed.filter
  }

  /** Waits for whatever comes, at most until `deadline`. Throws when the flow must end. */
  *next(deadline?: number): Task<RunEvent | undefined> {
    this.#mustEnd()
    const event = yield Math.min(deadline ?? Number.POSITIVE_INFINITY, this.#limit)
    this.#mustEnd()
    return event
  }

  /** Time does not run out while a person thinks. */
  get #limit(): number {
    if (this.#held > 0) return Number.POSITIVE_INFINITY
    return this.#cleaning > 0 ? this.#cleanLimit : this.timeLimit
  }

  #mustEnd(): void {
    if (this.stopping && (this.#cleaning === 0 || this.abandoned)) throw new Stopped()
    if (this.now >= this.#limit) {
      const what = this.#cleaning > 0 ? 'the clean-up' : 'the flow'
      throw new LimitReached(`${what} took longer than ${this.limits.time / 1000} s (limits.time)`)
    }
    if (this.#packets > this.limits.packets) {
      throw new LimitReached(`more than ${this.limits.packets} packets came (limits.packets)`)
    }
  }

  *until(time: number): Task<void> {
    while (this.now < time) yield* this.next(time)
  }

  /** Waits until a command was carried out. */
  *finish(token: number, self: OpenStep, deadline: number): Task<Done> {
    for (;;) {
      const done = this.done.get(token)
      if (done) {
        this.done.delete(token)
        if (done.error !== undefined) throw new FlowFault(done.error)
        self.packets.push(...(done.packets ?? []))
        return done
      }
      if (this.now >= deadline) throw new FlowFault('the bench did not say that it was done')
      yield* this.next(deadline)
    }
  }

  /** Keeps a value in a variable, and in the result. */
  bind(frame: Frame, self: OpenStep, bindings: JsonMap): void {
    for (const [name, value] of Object.entries(bindings)) {
      frame.variables.set(name, bounded(value))
      self.bindings[name] = this.#keptBinding(value)
    }
  }

  /** A result does not hold more than it has room for; the variable does. */
  #keptBinding(value: Json): Json {
    const { size } = extentOf(value)
    this.#bound += size
    return this.#bound <= MAX_BOUND ? value : `(a value of about ${size} characters, which is not kept here)`
  }

  bindExpressions(
    frame: Frame,
    self: OpenStep,
    wanted: Readonly<Record<string, string>> | undefined,
    local: JsonMap,
  ): void {
    const scope = this.scope(frame, local)
    for (const [name, expression] of Object.entries(wanted ?? {})) {
      try {
        this.bind(frame, self, { [name]: evaluateText(expression, scope) })
      } catch (error) {
        if (error instanceof FlowFault) throw new FlowFault(`${name}: ${error.message}`)
        throw error
      }
    }
  }

  /** Puts a body into the result, as long as there is room. */
  keepSeen(self: OpenStep, body: Json): void {
    const size = JSON.stringify(body).length
    this.#seen += size
    if (this.#seen <= MAX_SEEN) self.seen = body
    else self.note ??= `The answer of ${size} characters is not kept here: see the packet.`
  }

  /** Does the steps in order. False when one failed. */
  *list(steps: readonly Step[], at: string, frame: Frame, into: OpenStep[], always = false): Task<boolean> {
    // There is no step to hold at.
    if (steps.length === 0) return true
    let ok = true
    for (let index = 0; index <= steps.length; index++) {
      const step = steps[index]
      const before = steps[index - 1]
      for (;;) {
        yield* this.#gate(`${at}.${index}`, step === undefined)
        if (this.again === undefined) break
        if (before !== undefined) yield* this.#repeat(before, `${at}.${index - 1}`, frame, into)
        else this.again = undefined
      }
      if (step === undefined) break
      const gives = !always && step.on_failure !== 'continue'
      let result = yield* this.#step(step, `${at}.${index}`, frame, into)
      if (gives) result = yield* this.#mended(step, result, frame, into)
      if (!isBad(result)) continue
      ok = false
      if (!gives) continue
      this.skip(steps, at, index + 1, into)
      break
    }
    return ok
  }

  /** Where it is told to hold, a step that failed is done again as often as the person likes. */
  *#mended(step: Step, first: OpenStep, frame: Frame, into: OpenStep[]): Task<OpenStep> {
    const { path } = first
    let result = first
    while (isBad(result) && (this.holding || this.holdsAtFailures)) {
      this.holding = true
      yield* this.#hold(path, true)
      if (this.again === undefined) break
      result = yield* this.#repeat(step, path, frame, into)
    }
    return result
  }

  /** Does a step that was done once more, as it was or as it was edited. */
  *#repeat(step: Step, path: string, frame: Frame, into: OpenStep[]): Task<OpenStep> {
    const { again } = this
    this.again = undefined
    const attempts = into.filter((one) => one.path === path).length
    return yield* this.#step(
      again === undefined || again === 'same' ? step : again,
      path,
      frame,
      into,
      attempts + 1,
    )
  }

  /** A step alone. */
  *one(step: Step, path: string, frame: Frame, into: OpenStep[]): Task<boolean> {
    const { status } = yield* this.#step(step, path, frame, into)
    return status === 'passed' || status === 'skipped'
  }

  /** Does every step of a flow's clean-up, also when the run was stopped, in a time of its own. */
  *cleanUp(flow: Flow, at: string, frame: Frame, into: OpenStep[]): Task<boolean> {
    if (this.#cleaning === 0) this.#cleanLimit = this.now + this.limits.time
    this.#cleaning += 1
    try {
      return yield* this.list(flow.cleanup ?? [], at, frame, into, true)
    } finally {
      this.#cleaning -= 1
    }
  }

  /** Steps that are not done. */
  skip(steps: readonly Step[], at: string, from: number, into: OpenStep[]): void {
    steps.forEach((step, index) => {
      if (index >= from) into.push(openStep(step.kind, `${at}.${index}`, titleOf(step), 'skipped'))
    })
  }

  /** Holds where it was told to. `again` then says whether a step is to be done again. */
  *#gate(path: string, atEnd: boolean): Task<void> {
    if (!atEnd && !this.holding && this.breakpoints.has(`step:${path}`)) {
      this.holding = true
      this.heldBy = undefined
    }
    if (this.holding) yield* this.#hold(path, false)
  }

  /** Waits for the person; `failed`: behind the step, which is given up otherwise. */
  *#hold(path: string, failed: boolean): Task<void> {
    if (this.passes > 0) {
      this.passes -= 1
      return
    }
    this.commands.push({ do: 'paused', step: path, ...(failed && { failed: true as const }) })
    if (this.#held === 0) this.#heldSince = this.now
    this.#held += 1
    try {
      while (this.holding && this.passes === 0 && this.again === undefined) yield* this.next()
    } finally {
      this.#held -= 1
      if (this.#held === 0) {
        this.timeLimit += this.now - this.#heldSince
        this.#cleanLimit += this.now - this.#heldSince
      }
    }
    if (this.again === undefined && this.passes > 0) this.passes -= 1
  }

  *#step(step: Step, path: string, frame: Frame, into: OpenStep[], attempt = 1): Task<OpenStep> {
    const self = openStep(step.kind, path, titleOf(step), 'running')
    if (attempt > 1) self.attempt = attempt
    into.push(self)
    const started = this.now
    try {
      this.#steps += 1
      if (this.#steps > this.limits.steps)
        throw new LimitReached(`more than ${this.limits.steps} steps (limits.steps)`)
      // Long loops that never wait let others work in between.
      if (this.#steps % TURN === 0) yield this.now
      yield* this.until(started + (step.gap ?? 0) * (this.options.pace ?? 0))
      self.start = this.now
      if (step.when !== undefined && !this.truth(frame, step.when)) self.status = 'skipped'
      else {
        const task = runners[step.kind](this, step as never, self, frame)
        if (task) yield* task
        if (self.status === 'running') self.status = 'passed'
      }
    } catch (error) {
      this.#judge(self, error)
    } finally {
      self.duration = this.now - (self.start ?? started)
    }
    return self
  }

  #judge(self: OpenStep, error: unknown): void {
    if (error instanceof StepFailure) {
      self.status = 'failed'
      self.note = error.message
      self.differences.push(...error.differences)
    } else if (error instanceof FlowFault) {
      self.status = 'error'
      self.note = error.message
    } else {
      const isEnd = error instanceof EndOfFlow
      self.status = isEnd ? error.status : error instanceof Stopped ? 'skipped' : 'error'
      if (error instanceof Error && error.message !== '') self.note = error.message
      throw error
    }
  }
}
