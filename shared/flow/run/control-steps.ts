/** Steps that decide what is done: checks, variables, loops, branches, calls. */
import { isList, kindOf, mapOf, type Json } from '../json.ts'
import { numberOf, FlowFault } from '../language/functions.ts'
import { parseDuration } from '../../filter/moments.ts'
import { PHASES, type Step } from '../model.ts'
import type { RunEvent } from './events.ts'
import { EndOfFlow, LimitReached, StepFailure, Stopped } from './outcomes.ts'
import type { Frame, Player, Task } from './player.ts'
import { openStep, type OpenStep } from './result.ts'
import type { Runner } from './runners.ts'

/** Passed turns of one loop that a result lists. */
const MAX_TURNS = 100
const MAX_CALLS = 16

const failWith = (what: string): never => {
  throw new StepFailure(what)
}

export const check: Runner<'check'> = (player, step, _self, frame) => {
  if (!player.truth(frame, step.check)) failWith(`${step.check} is false.`)
}

export const set: Runner<'set'> = (player, step, self, frame) => {
  for (const [name, value] of Object.entries(step.set))
    player.bind(frame, self, { [name]: player.fill(frame, value) })
}

export const sleep: Runner<'sleep'> = function* (player, step, _self, frame) {
  const { sleep: wanted } = step
  const filled = typeof wanted === 'number' ? wanted : durationOf(player.fill(frame, wanted))
  yield* player.until(player.now + filled)
}

/** Milliseconds; a number is seconds, as in the text of a flow. */
function durationOf(value: Json): number {
  const duration = parseDuration(String(value))
  if (duration === undefined || duration < 0) throw new FlowFault(`${String(value)} is no duration`)
  return duration / 1e6
}

export const group: Runner<'group'> = function* (player, step, self, frame) {
  if (!(yield* player.list(step.steps, `${self.path}.steps`, frame, self.children))) failChildren(self)
}

/** A step is failed by what is in it; by an error only when nothing failed. */
function failChildren(self: OpenStep): never {
  const bad = self.children.filter(({ status }) => status === 'failed' || status === 'error')
  if (bad.length > 0 && bad.every(({ status }) => status === 'error')) {
    throw new FlowFault(`${bad[0]?.title}: ${bad[0]?.note ?? 'could not be done'}`)
  }
  return failWith(bad.length === 1 ? `${bad[0]?.title} failed.` : `${bad.length} steps failed.`)
}

export const choose: Runner<'if'> = function* (player, step, self, frame) {
  const way = player.truth(frame, step.if) ? 'steps' : 'else'
  const steps = way === 'steps' ? step.steps : (step.else ?? [])
  if (!(yield* player.list(steps, `${self.path}.${way}`, frame, self.children))) failChildren(self)
}

/** One turn of a loop, as a child of its own. Passed ones are listed as long as there is room. */
function* turn(
  player: Player,
  steps: readonly Step[],
  title: string,
  self: OpenStep,
  frame: Frame,
): Task<void> {
  const child = openStep('turn', `${self.path}.steps`, title, 'running')
  child.start = player.now
  self.children.push(child)
  try {
    const ok = yield* player.list(steps, `${self.path}.steps`, frame, child.children)
    child.status = ok ? 'passed' : 'failed'
  } catch (error) {
    child.status =
      error instanceof EndOfFlow ? error.status : error instanceof LimitReached ? 'error' : 'skipped'
    throw error
  } finally {
    child.duration = player.now - child.start
  }
  if (child.status === 'failed') failChildren(child)
  if (self.children.length <= MAX_TURNS) return
  self.children.pop()
  self.omitted = (self.omitted ?? 0) + 1
}

export const repeat: Runner<'repeat'> = function* (player, step, self, frame) {
  const times = numberOf(typeof step.repeat === 'number' ? step.repeat : player.fill(frame, step.repeat))
  for (let count = 1; count <= times; count++) {
    const began = player.now
    yield* turn(player, step.steps, `${count} of ${times}`, self, frame)
    if (step.until !== undefined && player.truth(frame, step.until)) return
    if (step.every !== undefined && count < times) yield* player.until(began + step.every)
  }
  if (step.until !== undefined) failWith(`${step.until} was not true after ${times} turns.`)
}

export const forEach: Runner<'for'> = function* (player, step, self, frame) {
  const items = player.fill(frame, step.in)
  if (!isList(items)) throw new FlowFault(`"in" needs a list, not ${kindOf(items)}`)
  for (const [at, item] of items.entries()) {
    frame.variables.set(step.for, item)
    yield* turn(player, step.steps, `${step.for} ${at + 1} of ${items.length}`, self, frame)
  }
}

/** Each step in a generator of its own: every event goes to all of them. */
export const parallel: Runner<'parallel'> = function* (player, step, self, frame) {
  interface Branch {
    readonly task: Task<boolean>
    readonly results: OpenStep[]
    deadline: number
    ended: boolean
  }
  let ok = true
  const branches = step.parallel.map((one, index): Branch => {
    const results: OpenStep[] = []
    // Branches share the variables, each looks at packets since its own last send.
    const task = player.one(one, `${self.path}.parallel.${index}`, { ...frame }, results)
    return { task, results, deadline: 0, ended: false }
  })
  const gather = () => {
    self.children = branches.flatMap(({ results }) => results)
  }
  // What ends the flow in one branch ends the others too; each does the clean-up of the flows that it has called.
  let ending: { readonly error: unknown } | undefined
  const endAll = (error: unknown) => {
    if (ending !== undefined) return
    ending = { error }
    for (const branch of branches) {
      if (!branch.ended) resume(branch, () => branch.task.throw(new Stopped()))
    }
  }
  const resume = (branch: Branch, go: () => IteratorResult<number | undefined, boolean>) => {
    try {
      const { done, value } = go()
      branch.ended = done === true
      if (done === true) ok = value && ok
      else branch.deadline = value ?? Number.POSITIVE_INFINITY
    } catch (error) {
      branch.ended = true
      endAll(error)
    }
  }
  for (const branch of branches) if (!branch.ended) resume(branch, () => branch.task.next())
  gather()
  for (;;) {
    const open = branches.filter(({ ended }) => !ended)
    if (open.length === 0) break
    try {
      const event: RunEvent | undefined = yield Math.min(...open.map(({ deadline }) => deadline))
      for (const branch of open) if (!branch.ended) resume(branch, () => branch.task.next(event))
    } catch (error) {
      // Thrown into this step by one that is done at the same time as it.
      endAll(error)
    }
    gather()
  }
  if (ending !== undefined) throw ending.error
  if (!ok) failChildren(self)
}

export const call: Runner<'call'> = function* (player, step, self, frame) {
  const flow = player.options.flows?.get(step.call)
  if (flow === undefined) throw new FlowFault(`there is no flow ${step.call}`)
  if (frame.depth >= MAX_CALLS) throw new FlowFault(`flows call each other more than ${MAX_CALLS} deep`)
  const given = mapOf(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, player.fill(frame, value)]),
  )
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(flow.variables ?? {}, name))
  if (unknown !== undefined) throw new FlowFault(`the flow ${step.call} has no variable ${unknown}`)
  const inner = player.frame(flow, given, frame.depth + 1)
  let ok = true
  try {
    for (const phase of PHASES) {
      if (phase === 'cleanup' || !ok) continue
      ok = yield* player.list(flow[phase] ?? [], `${self.path}.${phase}`, inner, self.children)
    }
  } catch (error) {
    // An `end` ends the flow that it stands in.
    if (!(error instanceof EndOfFlow)) throw error
    if (error.status === 'failed') ok = false
    if (error.status === 'skipped') self.status = 'skipped'
  } finally {
    yield* player.cleanUp(flow, `${self.path}.cleanup`, inner, self.children)
  }
  if (!ok) failChildren(self)
  for (const [name, expression] of Object.entries(step.bind ?? {})) {
    player.bind(frame, self, { [name]: player.value(inner, expression) })
  }
}

export const end: Runner<'end'> = (player, step, _self, frame) => {
  throw new EndOfFlow(step.end, player.text(frame, step.because ?? ''))
}
