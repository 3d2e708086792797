/**
 * Texts with `${…}` in them. A text that is one `${…}` and nothing else keeps the type of its value; elsewhere the
 * value is written as text. `$${` stands for `${` itself.
 */
import type { FilterError } from '../../filter/ast.ts'
import { mapTexts, type Json } from '../json.ts'
import { evaluate, type Scope } from './evaluate.ts'
import { parseExpression, type Expression } from './expression.ts'
import { bounded, FlowFault, made, madeText } from './functions.ts'

/** Literal text, or an expression with the place where it begins in the template. */
export type TemplatePart = string | { readonly expression: Expression; readonly at: number }

export type TemplateResult =
  | { readonly ok: true; readonly parts: readonly TemplatePart[] }
  | { readonly ok: false; readonly error: FilterError }

/** Never throws. Error positions are those of the text. */
export function parseTemplate(text: string): TemplateResult {
  const parts: TemplatePart[] = []
  let plain = ''
  for (let at = 0; at < text.length;) {
    const next = text.indexOf('${', at)
    if (next < 0) {
      plain += text.slice(at)
      break
    }
    if (text[next - 1] === '$' && next > at) {
      plain += `${text.slice(at, next - 1)}\${`
      at = next + 2
      continue
    }
    const end = closing(text, next + 2)
    if (end < 0) {
      const message = 'This ${ has no closing }.'
      const hint = 'Write $${ for the characters ${ themselves.'
      return { ok: false, error: { message, start: next, end: text.length, hint } }
    }
    const parsed = parseExpression(text.slice(next + 2, end))
    if (!parsed.ok) {
      const { error } = parsed
      return { ok: false, error: { ...error, start: error.start + next + 2, end: error.end + next + 2 } }
    }
    plain += text.slice(at, next)
    if (plain !== '') parts.push(plain)
    plain = ''
    parts.push({ expression: parsed.expression, at: next + 2 })
    at = end + 1
  }
  if (plain !== '') parts.push(plain)
  return { ok: true, parts }
}

/** The `}` that ends what began before `from`; one inside a text does not. -1 without. */
function closing(text: string, from: number): number {
  let quote = ''
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '}') return at
  }
  return -1
}

/** Throws a FlowFault when a part has no value. */
export function fillTemplate(text: string, scope: Scope): Json {
  if (!text.includes('${')) return text
  const parsed = parseTemplate(text)
  if (!parsed.ok) throw new FlowFault(parsed.error.message)
  const [only] = parsed.parts
  if (parsed.parts.length === 1 && typeof only === 'object') return evaluate(only.expression, scope)
  let filled = ''
  for (const part of parsed.parts) {
    filled = made(filled + (typeof part === 'string' ? part : madeText(evaluate(part.expression, scope))))
  }
  return filled
}

/** Every text in a value filled, the names of maps too. */
export const fillAll = (value: Json, scope: Scope): Json =>
  bounded(mapTexts(value, (text) => fillTemplate(text, scope)))

/** The text as a template that says just that. */
export const asTemplate = (text: string): string => text.replaceAll('${', () => '$${')
