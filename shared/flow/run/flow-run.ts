/**
 * One run of a flow, without sockets and timers: it is told what happened and answers what is to be done.
 *
 *   const run = new FlowRun(flow, { device, controller, runId })
 *   perform(run.start(now))                   // commands: send, publish, ask, …
 *   perform(run.feed({ kind: 'packet', packet }, now))
 *   setTimeout(() => perform(run.tick(now)), run.wakeAt - now)
 */
import { mapOf, type Json } from '../json.ts'
import { FlowFault } from '../language/functions.ts'
import type { Flow, Phase, Step } from '../model.ts'
import type { Command, RunEvent, RunOptions } from './events.ts'
import { EndOfFlow, LimitReached, Stopped } from './outcomes.ts'
import type { Phases } from './outline.ts'
import { awaitsPacket, Player, type Frame, type Task } from './player.ts'
import { masked, snapshot, type FlowResult, type FlowStatus, type OpenPhases } from './result.ts'

export class FlowRun {
  readonly #flow: Flow
  readonly #player: Player
  readonly #phases: OpenPhases = { setup: [], steps: [], cleanup: [] }
  #frame: Frame | undefined
  #task: Task<void> | undefined
  #wakeAt = Number.POSITIVE_INFINITY
  #status: FlowStatus = 'running'
  #note: string | undefined
  #started = 0
  #ended: number | undefined

  constructor(flow: Flow, options: RunOptions) {
    this.#flow = flow
    this.#player = new Player(flow, options)
  }

  /** When the run wants to be ticked at the latest; infinite when only an event can go on with it. */
  get wakeAt(): number {
    return this.#wakeAt
  }

  get startedAt(): number {
    return this.#started
  }

  get finished(): boolean {
    return this.#ended !== undefined
  }

  get paused(): boolean {
    return this.#player.holding && !this.finished
  }

  /** It stands before a step (or behind one that failed) and waits to be told to go on. */
  get held(): boolean {
    return this.#player.held && !this.finished
  }

  /** The packet that a filter made it hold after. */
  get heldBy(): number | undefined {
    return this.paused ? this.#player.heldBy : undefined
  }

  /** The tree as it is now, to be walked: only masked copies of it may be handed out. */
  get phases(): Phases {
    return this.#phases
  }

  start(now: number): readonly Command[] {
    if (this.#task) return []
    this.#started = now
    this.#player.now = now
    this.#task = this.#play()
    return this.#resume(undefined)
  }

  feed(event: RunEvent, now: number): readonly Command[] {
    if (this.finished || !this.#task) return []
    this.#player.now = Math.max(this.#player.now, now)
    this.#player.take(event)
    return this.#resume(event)
  }

  /** Time passed. */
  tick(now: number): readonly Command[] {
    if (this.finished || !this.#task) return []
    this.#player.now = Math.max(this.#player.now, now)
    return this.#resume(undefined)
  }

  /** Holds before the next step; what is waited for goes on. */
  pause(): void {
    this.#player.holding = true
    this.#player.heldBy = undefined
  }

  resume(now: number): readonly Command[] {
    this.#player.holding = false
    return this.tick(now)
  }

  /** Does one step, and holds before the next. */
  stepOnce(now: number): readonly Command[] {
    this.pause()
    this.#player.passes = 1
    return this.tick(now)
  }

  /** While it holds: does the step before again, as it was or as it is given. The result has both. */
  again(now: number, edited?: Step): readonly Command[] {
    if (!this.paused) return []
    this.#player.again = edited ?? 'same'
    if (edited && awaitsPacket(edited)) this.#player.looksAtPackets = true
    return this.tick(now)
  }

  /**
   * Holds before each of these steps (by path), after each packet that one of the filters takes, and with `failures`
   * behind a step that failed. Throws a FlowFault for a text that is no filter; the breakpoints are then as before.
   */
  setBreakpoints(paths: readonly string[], filters: readonly string[] = [], failures = false): void {
    for (const filter of filters) this.#player.filter(filter)
    const { breakpoints } = this.#player
    this.#player.holdsAtFailures = failures
    breakpoints.clear()
    for (const path of paths) breakpoints.add(`step:${path}`)
    for (const filter of filters) breakpoints.add(filter)
  }

  /** Ends the flow; its clean-up is still done. A second time ends that too. */
  stop(now: number): readonly Command[] {
    if (this.#player.stopping) this.#player.abandoned = true
    this.#player.stopping = true
    this.#player.holding = false
    return this.tick(now)
  }

  /** What is known up to now. Secrets are masked. */
  result(): FlowResult {
    const { setup, steps, cleanup } = this.#phases
    return this.mask(
      this.#made({ setup: snapshot(setup), steps: snapshot(steps), cleanup: snapshot(cleanup) }),
    )
  }

  /** As `result`, without the steps. */
  head(): FlowResult {
    return this.mask(this.#made({ setup: [], steps: [], cleanup: [] }))
  }

  #made(phases: Phases): FlowResult {
    const { name, description, requirements = [], tags = [] } = this.#flow
    const { options } = this.#player
    return {
      name,
      ...(description !== undefined && { description }),
      requirements,
      tags,
      device: options.device,
      controller: options.controller,
      runId: options.runId,
      status: this.#status,
      ...(this.#note !== undefined && { note: this.#note }),
      start: this.#started,
      ...(this.#ended !== undefined && { duration: this.#ended - this.#started }),
      ...phases,
      variables: mapOf(this.#frame?.variables ?? new Map<string, Json>()),
    }
  }

  /** Without the secrets of this run. */
  mask<T>(value: T): T {
    const { secrets = [] } = this.#flow
    return masked(
      value,
      secrets.map((secret) => this.#player.options.secrets?.[secret] ?? ''),
    )
  }

  #resume(event: RunEvent | undefined): readonly Command[] {
    const { value, done } = (this.#task as Task<void>).next(event)
    this.#wakeAt = done === true ? Number.POSITIVE_INFINITY : (value ?? Number.POSITIVE_INFINITY)
    const { commands } = this.#player
    this.#player.commands = []
    return commands
  }

  *#play(): Task<void> {
    const player = this.#player
    player.timeLimit = player.now + player.limits.time
    try {
      this.#checkSecrets()
      const frame = player.frame(this.#flow, player.options.variables ?? {}, 0)
      this.#frame = frame
      yield* this.#main(frame)
      if (
        !(yield* player.cleanUp(this.#flow, 'cleanup', frame, this.#phases.cleanup)) &&
        this.#status === 'passed'
      ) {
        this.#status = 'failed'
        this.#note = 'The clean-up failed: the device may not be as it was.'
      }
    } catch (error) {
      this.#fail(error)
    }
    this.#ended = player.now
    // The result may be looked at for long.
    player.inbox.clear()
    player.commands.push({ do: 'finished' })
  }

  *#main(frame: Frame): Task<void> {
    try {
      if (!(yield* this.#phase('setup', frame))) {
        this.#status = 'error'
        this.#note = 'The setup failed, so the flow was not run.'
        this.#player.skip(this.#flow.steps, 'steps', 0, this.#phases.steps)
      } else if (yield* this.#phase('steps', frame)) this.#status = 'passed'
      else {
        const broken = this.#phases.steps.filter(({ status }) => status === 'failed' || status === 'error')
        this.#status = broken.every(({ status }) => status === 'error') ? 'error' : 'failed'
      }
    } catch (error) {
      this.#fail(error)
      const { setup, steps } = this.#phases
      this.#player.skip(this.#flow.setup ?? [], 'setup', setup.length, setup)
      this.#player.skip(this.#flow.steps, 'steps', steps.length, steps)
    }
  }

  #phase(phase: Phase, frame: Frame): Task<boolean> {
    return this.#player.list(this.#flow[phase] ?? [], phase, frame, this.#phases[phase])
  }

  #fail(error: unknown): void {
    const isKnown = error instanceof LimitReached || error instanceof FlowFault
    if (error instanceof EndOfFlow) this.#status = error.status
    else if (error instanceof Stopped) this.#status = 'stopped'
    else if (isKnown) this.#status = 'error'
    else throw error
    if (error.message !== '') this.#note = error.message
  }

  /** A secret without a value would be sent as nothing. */
  #checkSecrets(): void {
    const lacking = (this.#flow.secrets ?? []).filter(
      (name) => this.#player.options.secrets?.[name] === undefined,
    )
    if (lacking.length > 0) throw new FlowFault(`these secrets have no value: ${lacking.join(', ')}`)
  }
}
