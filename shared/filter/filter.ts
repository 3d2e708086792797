/**
 * The filter language: one entry point for the filter bar, exports, flows, faults and assertions.
 *
 *   const parsed = parseFilter('mqtt.topic ~ "oktopus/#" and usp.type == GET_RESP')
 *   const plan = new ColumnPlan(parsed.filter.program, source)   // rows by the million: plan.ts
 *   matchPacket(parsed.filter.program, packet)                   // one packet: match.ts
 */
import type { Expression, FilterError } from './ast.ts'
import { compile, type ProgramNode } from './compile.ts'
import type { FieldDefinition } from './definition.ts'
import { formatExpression } from './format.ts'
import { parseExpression, type ParseOutcome } from './parser.ts'
import { readWords } from './words.ts'

/** UTF-16 units; more is no filter but a document that was pasted by mistake. */
export const MAX_LENGTH = 10_000

export interface Filter {
  readonly expression: Expression
  /** The canonical text; empty when every packet is meant. */
  readonly text: string
  readonly program: ProgramNode
}

export type FilterResult =
  { readonly ok: true; readonly filter: Filter } | { readonly ok: false; readonly error: FilterError }

/** A text as filter or as search for words. Never throws; time grows with the length of the text alone. */
export function parseFilter(text: string): FilterResult {
  const { result } = parseText(text)
  if (!result.ok) return result
  const { expression } = result
  return {
    ok: true,
    filter: { expression, text: formatExpression(expression), program: compile(expression) },
  }
}

/** As `parseFilter`, with what colours and completion want to know. */
export function parseText(text: string): ParseOutcome {
  if (text.length > MAX_LENGTH) {
    const message = `A filter has ${MAX_LENGTH} characters at most; this one has ${text.length}.`
    const error = { message, start: MAX_LENGTH, end: text.length }
    return { result: { ok: false, error }, marks: [], wanted: [] }
  }
  const search = readWords(text)
  if (search.kind === 'expression') return parseExpression(text)
  if (search.kind === 'error') return { result: { ok: false, error: search.error }, marks: [], wanted: [] }
  const { words } = search
  const expression: Expression = words.length === 0 ? { kind: 'and', items: [] } : { kind: 'words', words }
  return { result: { ok: true, expression }, marks: [], wanted: [] }
}

/** The fields that an expression asks for; `undefined` is among them when it looks for plain words. */
export function fieldsOf(expression: Expression): ReadonlySet<FieldDefinition | undefined> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return new Set(expression.items.flatMap((item) => [...fieldsOf(item)]))
    case 'not':
      return fieldsOf(expression.item)
    case 'words':
      return new Set([undefined])
    default:
      return new Set([expression.of.field])
  }
}
