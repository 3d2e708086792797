/** YAML text → flow, with every error at its line and column. Never throws, whatever the text. */
import type { Flow, Step } from '../model.ts'
import { checkFlow } from './check.ts'
import { flowShape, placesOf, stepShape } from './keys.ts'
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

/** The YAML parser gives up on some texts by an error of its own, e.g. for want of stack. */
const unreadable = (text: string): Problem => {
  const message = 'This text cannot be read as YAML.'
  return { severity: 'error', message, line: 1, column: 1, start: 0, end: text.length }
}

export function parseFlow(text: string): ParsedFlow {
  let source: Source
  try {
    source = readSource(text)
  } catch {
    return { problems: [unreadable(text)], place: () => undefined }
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

/** The text of one step. Names are not checked: those that it may use are known to its flow alone. */
export function parseStep(text: string): { readonly step?: Step; readonly problems: readonly Problem[] } {
  let source: Source
  try {
    source = readSource(text)
  } catch {
    return { problems: [unreadable(text)] }
  }
  const { remarks, root } = source
  // A step as it stands in its list begins with a dash.
  const node = root?.kind === 'list' && root.items.length === 1 ? root.items[0] : root
  const step = node && stepShape.read(node, remarks)
  return { ...(step && !remarks.hasErrors && { step }), problems: remarks.problems }
}

/** `7:3 A step "send" has no expct. Did you mean expect?` */
export const describeProblem = ({ line, column, message, hint }: Problem): string =>
  `${line}:${column} ${message}${hint === undefined ? '' : ` ${hint}`}`
