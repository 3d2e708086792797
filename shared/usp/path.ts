/**
 * Paths of the data model (TR-369, 2.5): object, instance, parameter, command, event, search paths and paths of the
 * supported model. Pure.
 */

export type Operator = '==' | '!=' | '<=' | '>=' | '~=' | '<' | '>'

export interface Condition {
  /** Relative to the row; may descend into single objects and follow references. */
  readonly path: string
  readonly operator: Operator
  /** Without quotes, `%22` and `%25` undone. */
  readonly value: string
}

export type Part =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'instance'; readonly number: number }
  /** `*` */
  | { readonly kind: 'all' }
  /** `[Enable==true&&Alias=="x"]`; all must hold. */
  | { readonly kind: 'where'; readonly conditions: readonly Condition[] }
  /** `{i}`, in paths of the supported model only. */
  | { readonly kind: 'template' }
  /** `Name+`, `Name#2+`, `Name#*+`: on to what the parameter before refers to; items count from 1. */
  | { readonly kind: 'follow'; readonly item: number | 'all' }

export type PathKind = 'object' | 'parameter' | 'command' | 'event'

export interface Path {
  readonly text: string
  readonly kind: PathKind
  /** Without the name of a parameter, command or event. */
  readonly parts: readonly Part[]
  /** The name of a parameter, command (`Reboot()`) or event (`Boot!`); empty for an object. */
  readonly leaf: string
  /** Has `*`, `[…]` or follows references: that it matches nothing is no error (R-MSG.4a). */
  readonly isSearch: boolean
}

/** A path that cannot be read; the message says why and quotes it. */
export class PathSyntaxError extends Error {
  override readonly name = 'PathSyntaxError'
}

/** Longer ones are refused: no data model has them. */
export const MAX_PATH = 1024

const name = '[A-Za-z_][A-Za-z0-9_-]*'
const step = new RegExp(`^(${name})(?:(?:#([1-9]\\d{0,8}|\\*))?(\\+))?$`)
const leafName = new RegExp(`^${name}(?:\\(\\)|!)?$`)
const instance = /^[1-9]\d{0,9}$/
const comparison = /^\s*([A-Za-z_][\w.#*+-]*?)\s*(==|!=|<=|>=|~=|<|>)\s*(?:"([^"]*)"|([^"\s]+))\s*$/

/** Reads a path; throws a PathSyntaxError for one that is none (7008). */
export function parsePath(text: string): Path {
  if (text.length > MAX_PATH) throw new PathSyntaxError(`The path is longer than ${MAX_PATH} characters.`)
  const tokens = splitOutside(text, '.', text)
  const last = tokens.pop() ?? ''
  if (tokens.length === 0) throw new PathSyntaxError(`“${text}” is no path: it needs a dot.`)
  const parts: Part[] = []
  for (const token of tokens) for (const part of readToken(token, text)) append(parts, part, text)
  if (last !== '' && !leafName.test(last)) {
    throw new PathSyntaxError(`“${text}” must end with a name, or with a dot for an object.`)
  }
  return {
    text,
    kind:
      last === '' ? 'object' : last.endsWith('()') ? 'command' : last.endsWith('!') ? 'event' : 'parameter',
    parts,
    leaf: last,
    isSearch: parts.some(({ kind }) => kind === 'all' || kind === 'where' || kind === 'follow'),
  }
}

function append(parts: Part[], part: Part, text: string): void {
  const before = parts.at(-1)?.kind
  const selects =
    part.kind === 'instance' || part.kind === 'all' || part.kind === 'where' || part.kind === 'template'
  if (selects && before !== 'name') {
    throw new PathSyntaxError(`“${text}” has an instance number, *, [ or {i} that does not follow a name.`)
  }
  parts.push(part)
}

function readToken(token: string, text: string): readonly Part[] {
  if (token === '*') return [{ kind: 'all' }]
  if (token === '{i}') return [{ kind: 'template' }]
  if (instance.test(token)) return [{ kind: 'instance', number: Number(token) }]
  if (token.startsWith('[')) return [{ kind: 'where', conditions: readConditions(token, text) }]
  const [, stepName, item, plus] = step.exec(token) ?? []
  if (stepName === undefined) throw new PathSyntaxError(`“${token}” in “${text}” is no name and no instance.`)
  const named: Part = { kind: 'name', name: stepName }
  if (plus === undefined) return [named]
  return [named, { kind: 'follow', item: item === '*' ? 'all' : Number(item ?? 1) }]
}

function readConditions(token: string, text: string): readonly Condition[] {
  return splitOutside(token.slice(1, -1), '&&', text).map((part) => {
    const [, path, operator, quoted, plain] = comparison.exec(part) ?? []
    if (path === undefined) {
      throw new PathSyntaxError(`“${part.trim()}” in “${text}” is no comparison such as Alias=="x".`)
    }
    const value = quoted === undefined ? (plain ?? '') : quoted.replaceAll('%22', '"').replaceAll('%25', '%')
    return { path, operator: operator as Operator, value }
  })
}

/** Splits at a separator that stands neither in quotes nor in brackets. */
function splitOutside(text: string, separator: string, whole: string): string[] {
  const found: string[] = []
  let from = 0
  let isQuoted = false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') isQuoted = !isQuoted
    else if (isQuoted) continue
    else if (char === '[') depth++
    else if (char === ']') depth--
    else if (depth === 0 && text.startsWith(separator, at)) {
      found.push(text.slice(from, at))
      at += separator.length - 1
      from = at + 1
    }
  }
  if (isQuoted || depth !== 0)
    throw new PathSyntaxError(`“${whole}” has a bracket or quote that is not closed.`)
  found.push(text.slice(from))
  return found
}

/**
 * The path of the supported model that parts of a path belong to; undefined where they follow a reference, which
 * only the device knows.
 */
export function templateOf(parts: readonly Part[]): string | undefined {
  let path = ''
  for (const part of parts) {
    if (part.kind === 'follow') return undefined
    path += part.kind === 'name' ? `${part.name}.` : '{i}.'
  }
  return path
}
