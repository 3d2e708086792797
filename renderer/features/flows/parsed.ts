/** The text in the editor as a flow: what is wrong with it, and which step stands where. Pure, and without the parser. */
import type { Problem } from '../../../shared/flow/format/parse.ts'
import { stepsWithPaths, type Flow } from '../../../shared/flow/model.ts'
import type { KnownNames } from '../../../shared/flow/format/complete.ts'
import { mapOf, type Json, type JsonMap } from '../../../shared/flow/json.ts'

export interface PlacedStep {
  readonly path: string
  /** UTF-16 units, `[start, end)`. */
  readonly start: number
  readonly end: number
}

export interface Parsed {
  /** Which it was made of: the text may have gone on. */
  readonly text: string
  readonly flow: Flow | undefined
  readonly problems: readonly Problem[]
  readonly errors: number
  /** In the order of the flow. Of a text with errors those of the last one without. */
  readonly steps: readonly PlacedStep[]
}

export const nothingParsed: Parsed = { text: '', flow: undefined, problems: [], errors: 0, steps: [] }

/** The innermost step at a place; `undefined` beside all of them. */
export function stepAtOffset(steps: readonly PlacedStep[], at: number): PlacedStep | undefined {
  let found: PlacedStep | undefined
  for (const step of steps)
    if (step.start <= at && at <= step.end && step.start >= (found?.start ?? 0)) found = step
  return found
}

/** The step that begins in the line from `start` to its end. */
export function stepInLine(
  text: string,
  steps: readonly PlacedStep[],
  start: number,
): PlacedStep | undefined {
  const newline = text.indexOf('\n', start)
  const end = newline < 0 ? text.length : newline
  return steps.find((step) => start <= step.start && step.start <= end)
}

export const placeOfStep = (steps: readonly PlacedStep[], path: string): PlacedStep | undefined =>
  steps.find((step) => step.path === path)

/** The step as a text of its own, not indented, as it stands in its list. */
export function textOfStep(text: string, { start, end }: PlacedStep): string {
  const column = start - (text.lastIndexOf('\n', start - 1) + 1)
  const lines = text.slice(start, end).trimEnd().split('\n')
  return lines
    .map((line, at) =>
      at === 0 ? line : line.slice(Math.min(column, line.length - line.trimStart().length)),
    )
    .join('\n')
}

/** Where a place of a text is after one stretch of it was replaced; `undefined` when it was in there. */
export function movedPlace(
  at: number,
  { from, to, insert }: { readonly from: number; readonly to: number; readonly insert: string },
): number | undefined {
  if (at < from) return at
  if (at >= to) return at + insert.length - (to - from)
  return undefined
}

/** Names for completion. */
export function namesOf(flow: Flow | undefined, flows: readonly string[]): KnownNames {
  if (!flow) return { variables: [], secrets: [], ids: [], flows }
  const variables = new Set(Object.keys(flow.variables ?? {}))
  const ids: string[] = []
  for (const [, step] of stepsWithPaths(flow)) {
    if (step.id !== undefined) ids.push(step.id)
    for (const name of Object.keys(step.bind ?? {})) variables.add(name)
    if (step.kind === 'set') for (const name of Object.keys(step.set)) variables.add(name)
    if (step.kind === 'for') variables.add(step.for)
    for (const name of boundIn(step as unknown as Json)) variables.add(name)
  }
  return { variables: [...variables], secrets: flow.secrets ?? [], ids, flows }
}

/** Names that matchers bind, in everything below. */
function boundIn(value: Json): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) =>
    name === '$bind' && typeof item === 'string' ? [item] : boundIn(item as Json),
  )
}

/** A variable as it is typed: text where the flow has a text, else a JSON value where it is one. */
export function typedValue(typed: string, usual: Json | undefined): Json {
  if (typeof usual === 'string' && usual !== '') return typed
  try {
    return JSON.parse(typed) as Json
  } catch {
    return typed
  }
}

/** Only what was typed: the rest has its default. */
export const givenVariables = (flow: Flow, typed: Readonly<Record<string, string>>): JsonMap =>
  mapOf(
    Object.entries(flow.variables ?? {}).flatMap(([name, usual]) => {
      const value = typed[name]
      return value === undefined || value === '' ? [] : [[name, typedValue(value, usual)] as const]
    }),
  )
