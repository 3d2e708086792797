/** What came out of a run: a tree with a node for each step. Plain JSON. Times are milliseconds since 1970. */
import type { Attachment } from '../attachments.ts'
import { isList, isMap, mapOf, type Json, type JsonMap } from '../json.ts'
import type { Difference } from '../match.ts'
import type { Phase, StepKind } from '../model.ts'

/** `error`: it could not be judged, e.g. for a variable without a value or a send that did not go out. */
export type StepStatus = 'running' | 'passed' | 'failed' | 'skipped' | 'error'
export type FlowStatus = StepStatus | 'stopped'

export interface StepResult {
  /** Where the step stands in the flow: `steps.2.else.0`. */
  readonly path: string
  readonly kind: StepKind | 'turn'
  readonly title: string
  readonly status: StepStatus
  readonly start?: number
  /** Milliseconds. */
  readonly duration?: number
  /** From the request to what was expected. */
  readonly latency?: number
  /** Why it is not passed, in one sentence. */
  readonly note?: string
  readonly differences: readonly Difference[]
  /** Numbers of the packets that belong to it. */
  readonly packets: readonly number[]
  /** Variables that got a value. */
  readonly bindings: JsonMap
  /** The body that was looked at. */
  readonly seen?: Json
  /** Files that are kept with the result. */
  readonly attachments?: readonly Attachment[]
  /** Of a step that was sent again: from 2. */
  readonly attempt?: number
  readonly children: readonly StepResult[]
  /** Passed turns of a loop that are not listed. */
  readonly omitted?: number
}

export interface FlowResult {
  readonly name: string
  readonly description?: string
  readonly requirements: readonly string[]
  readonly tags: readonly string[]
  readonly device: string
  readonly controller: string
  readonly runId: string
  readonly status: FlowStatus
  readonly note?: string
  readonly start: number
  readonly duration?: number
  readonly setup: readonly StepResult[]
  readonly steps: readonly StepResult[]
  readonly cleanup: readonly StepResult[]
  /** Values at the end. */
  readonly variables: JsonMap
}

/** A node while it is worked on. */
export type OpenStep = {
  -readonly [K in keyof Omit<StepResult, Lists>]: StepResult[K]
} & {
  children: OpenStep[]
  readonly differences: Difference[]
  readonly packets: number[]
  readonly bindings: Record<string, Json>
}
type Lists = 'children' | 'differences' | 'packets' | 'bindings'
export type OpenPhases = Record<Phase, OpenStep[]>

export const openStep = (
  kind: OpenStep['kind'],
  path: string,
  title: string,
  status: OpenStep['status'],
): OpenStep => ({ path, kind, title, status, differences: [], packets: [], bindings: {}, children: [] })

/** Shorter secrets would be found in everything: they are masked only where they are the whole text. */
const SHORTEST_PART = 4
const MASK = '••••••'

/** The nodes as they are now. What they hold does not change: it is no copy. */
export const snapshot = (steps: readonly StepResult[]): StepResult[] =>
  steps.map((step) => ({
    ...step,
    differences: [...step.differences],
    packets: [...step.packets],
    bindings: { ...step.bindings },
    children: snapshot(step.children),
  }))

/** A copy in which no text holds a secret; the value itself where there are none to hide. */
export function masked<T>(value: T, secrets: readonly string[]): T {
  const hidden = secrets.filter((secret) => secret !== '').sort((one, other) => other.length - one.length)
  if (hidden.length === 0) return value
  const mask = (text: string): string => {
    if (hidden.includes(text)) return MASK
    return hidden.reduce(
      (shown, secret) => (secret.length < SHORTEST_PART ? shown : shown.replaceAll(secret, MASK)),
      text,
    )
  }
  const copy = (one: Json): Json => {
    if (typeof one === 'string') return mask(one)
    if (isList(one)) return one.map(copy)
    return isMap(one) ? mapOf(Object.entries(one).map(([name, item]) => [mask(name), copy(item)])) : one
  }
  return copy(value as Json) as T
}

/** Every step of a result, depth first, with how deep it stands. */
export function* everyStep(
  steps: readonly StepResult[],
  depth = 0,
): Generator<readonly [StepResult, number]> {
  for (const step of steps) {
    yield [step, depth]
    yield* everyStep(step.children, depth + 1)
  }
}
