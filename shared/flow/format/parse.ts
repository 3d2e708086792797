/** YAML text → flow, with every error at its line and column. Never throws, whatever the text. */
import type { Flow, Step } from '../model.ts'
import { checkFlow } from './check.ts'
import { flowShape, placesOf } from './keys.ts'
import { readSource, type Problem, type Source } from './source.ts'

export type { Problem }

export interface ParsedFlow {
  /** Absent when there is an error. */
  readonly flow?: Flow
  /** In the order of the text. */
  readonly problems: readonly Problem[]
  /** Where a step of the flow stands in the text: UTF-16 units `[start, end)`. */
  place(step: Step): { readonly start: number; readonly end: number } | undefined
}

export function parseFlow(text: string): ParsedFlow {
  let source: Source
  try {
    source = readSource(text)
  } catch {
    // The YAML parser gives up on some texts by an error of its own, e.g. for want of stack.
    const message = 'This text cannot be read as YAML.'
    const problem: Problem = { severity: 'error', message, line: 1, column: 1, start: 0, end: text.length }
    return { problems: [problem], place: () => undefined }
  }
  const { remarks, root } = source
  const flow = root && flowShape.read(root, remarks)
  if (root && flow) checkFlow(root, flow, remarks)
  const places = new Map(placesOf(remarks).map(({ step, start, end }) => [step, { start, end }]))
  const problems = [...remarks.problems].sort((one, other) => one.start - other.start)
  return {
    ...(flow && !remarks.hasErrors && { flow }),
    problems,
    place: (step) => places.get(step),
  }
}

/** `7:3 A step "send" has no expct. Did you mean expect?` */
export const describeProblem = ({ line, column, message, hint }: Problem): string =>
  `${line}:${column} ${message}${hint === undefined ? '' : ` ${hint}`}`
