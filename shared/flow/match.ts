/**
 * Compares what was expected with what was seen, field by field.
 *
 * - A plain value must be equal, as a person reads it: USP has values as texts, so `5` equals "5" (`sameValue`).
 * - A map must have the entries that are expected; others do not matter. A list must have an item for each that is
 *   expected, in any order; others do not matter. `$only` is the strict form of both.
 * - A field that was left out has its default (proto3): an expected 0, false, "" or [] equals what is not there.
 */
import type { Scope } from './language/evaluate.ts'
import { evaluateText, sameValue, within } from './language/evaluate.ts'
import { FlowFault, numberOf, truthOf } from './language/functions.ts'
import { patternOf } from './language/patterns.ts'
import { fillTemplate } from './language/template.ts'
import { isList, isMap, kindOf, member, show, textOf, type Json, type JsonMap } from './json.ts'
import { isMatcher, isOperator, isWord, operandFault, type OperatorName } from './matchers.ts'
import { likelyPlaces, pairItems } from './pair-items.ts'
import { isValueType, valueTypes } from './value-types.ts'

export interface Difference {
  /** `get_resp.req_path_results[0].resolved_path`; empty for the whole value. */
  readonly path: string
  /** As the flow has it, templates filled. Absent where nothing was expected. */
  readonly expected?: Json
  /** Absent where nothing is. */
  readonly seen?: Json
  /** A phrase: `is not equal`, `is missing`. */
  readonly why: string
}

export interface MatchResult {
  readonly ok: boolean
  readonly differences: readonly Difference[]
  /** Values kept by `$bind`. */
  readonly bindings: JsonMap
}

/** Values compared in one match: a list of a thousand against another takes a million. */
const MAX_COMPARISONS = 300_000
const MAX_DIFFERENCES = 200
const MAX_DEPTH = 64

class TooLarge extends Error {}

/** Never throws: what cannot be worked out is a difference. */
export function match(expected: Json, seen: Json | undefined, scope: Scope): MatchResult {
  const { differences, bindings } = matchAll(expected, seen, scope)
  const listed = differences.slice(0, MAX_DIFFERENCES)
  const more = differences.length - listed.length
  if (more > 0) listed.push({ path: '', why: `and ${more} more differences` })
  return { ok: differences.length === 0, differences: listed, bindings }
}

function matchAll(expected: Json, seen: Json | undefined, scope: Scope): Outcome {
  try {
    return new Matcher(scope).compare(expected, seen, '', 0)
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error
    return { differences: [{ path: '', why: 'is too large to compare' }], bindings: {} }
  }
}

export interface Outcome {
  readonly differences: Difference[]
  readonly bindings: Record<string, Json>
}

const good = (): Outcome => ({ differences: [], bindings: {} })
const join = (into: Outcome, from: Outcome): void => {
  into.differences.push(...from.differences)
  Object.assign(into.bindings, from.bindings)
}

/** What a field that was left out equals (proto3). */
const isDefault = (value: Json): boolean =>
  value === '' || value === 0 || value === false || (isList(value) && value.length === 0)

const memberPath = (path: string, name: string): string => {
  if (!/^[\w-]+$/.test(name)) return `${path}[${JSON.stringify(name)}]`
  return path === '' ? name : `${path}.${name}`
}

class Matcher {
  readonly #scope: Scope
  #left = MAX_COMPARISONS

  constructor(scope: Scope) {
    this.#scope = scope
  }

  compare(expected: Json, seen: Json | undefined, path: string, depth: number): Outcome {
    this.#left -= 1
    if (this.#left < 0 || depth > MAX_DEPTH) throw new TooLarge()
    try {
      if (isWord(expected)) return this.#word(expected, seen, path)
      if (isMatcher(expected)) return this.#operators(expected, seen, path, depth)
      if (isMap(expected)) return this.#map(expected, seen, path, depth)
      if (isList(expected)) return this.#list(expected, seen, path, depth)
      return this.#value(
        typeof expected === 'string' ? fillTemplate(expected, this.#scope) : expected,
        seen,
        path,
      )
    } catch (error) {
      if (!(error instanceof FlowFault)) throw error
      return this.#fail(path, expected, seen, `cannot be judged: ${error.message}`)
    }
  }

  #fail(path: string, expected: Json | undefined, seen: Json | undefined, why: string): Outcome {
    const difference: Difference = {
      path,
      why,
      ...(expected !== undefined && { expected }),
      ...(seen !== undefined && { seen }),
    }
    return { differences: [difference], bindings: {} }
  }

  #word(word: '$any' | '$present' | '$absent', seen: Json | undefined, path: string): Outcome {
    if (word === '$present' && seen === undefined) return this.#fail(path, word, seen, 'is missing')
    if (word === '$absent' && seen !== undefined) return this.#fail(path, word, seen, 'is there')
    return good()
  }

  /** A value that is meant literally: whatever a template gave is one. */
  #value(expected: Json, seen: Json | undefined, path: string): Outcome {
    if (seen === undefined) {
      return isDefault(expected) ? good() : this.#fail(path, expected, seen, 'is missing')
    }
    return sameValue(expected, seen) ? good() : this.#fail(path, expected, seen, 'is not equal')
  }

  #map(expected: JsonMap, seen: Json | undefined, path: string, depth: number): Outcome {
    if (!isMap(seen))
      return this.#fail(path, expected, seen, seen === undefined ? 'is missing' : `is ${kindOf(seen)}`)
    const outcome = good()
    for (const [template, item] of Object.entries(expected)) {
      const name = textOf(fillTemplate(template, this.#scope))
      join(outcome, this.compare(item, member(seen, name), memberPath(path, name), depth + 1))
    }
    return outcome
  }

  #list(expected: readonly Json[], seen: Json | undefined, path: string, depth: number): Outcome {
    if (seen === undefined && expected.length === 0) return good()
    if (!isList(seen))
      return this.#fail(path, expected, seen, seen === undefined ? 'is missing' : `is ${kindOf(seen)}`)
    const at = (index: number) => `${path}[${index}]`
    const { pairs, alone } = pairItems(
      expected.length,
      seen.length,
      (one, other) => this.compare(expected[one] as Json, seen[other], at(other), depth + 1),
      likelyPlaces(expected, seen),
    )
    const outcome = good()
    for (const pair of pairs) join(outcome, pair)
    for (const { item, closest } of alone) {
      if (closest) join(outcome, { ...closest, bindings: {} })
      else join(outcome, this.#fail(path, expected[item], undefined, 'has no such item'))
    }
    return outcome
  }

  #operators(expected: JsonMap, seen: Json | undefined, path: string, depth: number): Outcome {
    const outcome = good()
    const entries = Object.entries(expected)
    for (const [name, raw] of entries) {
      if (!isOperator(name)) {
        join(outcome, this.#fail(path, expected, seen, `cannot be judged: ${name} is no matcher`))
        continue
      }
      join(outcome, this.#operator(name, raw, { expected, seen, path, depth, bindings: outcome.bindings }))
    }
    // What did not match is nothing to keep.
    const kept = member(expected, '$bind')
    if (outcome.differences.length === 0 && typeof kept === 'string' && seen !== undefined)
      outcome.bindings[kept] = seen
    return outcome
  }

  #operator(name: OperatorName, raw: Json, at: Place): Outcome {
    const { seen, path, depth } = at
    if (name === '$sample') return good()
    if (name === '$not') {
      const inner = this.compare(raw, seen, path, depth + 1)
      return inner.differences.length > 0
        ? good()
        : this.#fail(path, at.expected, seen, 'matches what it must not')
    }
    if (seen === undefined) return this.#fail(path, at.expected, seen, 'is missing')
    if (name === '$bind' || name === '$tolerance') return good()
    const operand = typeof raw === 'string' ? fillTemplate(raw, this.#scope) : raw
    const fault = operandFault(name, operand)
    if (fault !== undefined) return this.#fail(path, at.expected, seen, `cannot be judged: ${fault}`)
    switch (name) {
      case '$length':
        return this.compare(operand, sizeOf(seen), `${path}.length`, depth + 1)
      case '$each':
        return this.#each(raw, at)
      case '$only':
        return this.#only(raw, at)
      case '$all':
        return this.#all(raw, at)
      default: {
        const why = this.#simple(name, operand, { ...at, seen })
        return why === undefined ? good() : this.#fail(path, { [name]: operand }, seen, why)
      }
    }
  }

  /** Why the value does not pass an operator that looks at nothing else. */
  #simple(name: OperatorName, operand: Json, { seen, expected, bindings }: Place & { readonly seen: Json }) {
    switch (name) {
      case '$is':
        return sameValue(operand, seen) ? undefined : 'is not equal'
      case '$in':
        return (operand as readonly Json[]).some((one) => sameValue(this.#filled(one), seen))
          ? undefined
          : 'is none of them'
      case '$pattern':
        return patternOf(textOf(operand)).test(textOf(seen)) ? undefined : 'does not match'
      case '$contains':
        return textOf(seen).includes(textOf(operand)) ? undefined : 'does not contain it'
      case '$type':
        return isValueType(textOf(operand)) && valueTypes[textOf(operand) as keyof typeof valueTypes](seen)
          ? undefined
          : `is no ${textOf(operand)}`
      case '$min':
        return numberOf(seen) >= numberOf(operand) ? undefined : 'is too small'
      case '$max':
        return numberOf(seen) <= numberOf(operand) ? undefined : 'is too large'
      case '$near':
        return this.#near(numberOf(operand), numberOf(seen), member(expected, '$tolerance') ?? 0)
      case '$where': {
        const scope = within(this.#scope, { ...bindings, value: seen })
        return truthOf(evaluateText(textOf(operand), scope)) ? undefined : 'does not hold'
      }
      default:
        return undefined
    }
  }

  #filled(value: Json): Json {
    return typeof value === 'string' ? fillTemplate(value, this.#scope) : value
  }

  #near(wanted: number, seen: number, stated: Json): string | undefined {
    const tolerance = this.#filled(stated)
    const isShare = typeof tolerance === 'string' && tolerance.endsWith('%')
    const allowed = isShare
      ? (Math.abs(wanted) * numberOf(tolerance.slice(0, -1))) / 100
      : numberOf(tolerance)
    const off = Math.abs(seen - wanted)
    return off <= allowed ? undefined : `is ${Number(off.toPrecision(6))} off, ${allowed} allowed`
  }

  #each(item: Json, { seen, path, depth, expected }: Place): Outcome {
    if (!isList(seen)) return this.#fail(path, expected, seen, `is ${kindOf(seen)}`)
    const outcome = good()
    seen.forEach((one, index) => join(outcome, this.compare(item, one, `${path}[${index}]`, depth + 1)))
    return outcome
  }

  #all(items: Json, { seen, path, depth }: Place): Outcome {
    const outcome = good()
    for (const item of isList(items) ? items : []) join(outcome, this.compare(item, seen, path, depth + 1))
    return outcome
  }

  #only(expected: Json, { seen, path, depth }: Place): Outcome {
    if (isList(expected)) {
      if (!isList(seen)) return this.#fail(path, expected, seen, `is ${kindOf(seen)}`)
      const outcome = good()
      for (let at = 0; at < Math.max(expected.length, seen.length); at++) {
        const [item, one] = [expected[at], seen[at]]
        const place = `${path}[${at}]`
        join(
          outcome,
          item === undefined
            ? this.#fail(place, item, one, 'is too many')
            : this.compare(item, one, place, depth + 1),
        )
      }
      return outcome
    }
    const outcome = this.compare(expected, seen, path, depth + 1)
    if (!isMap(expected) || !isMap(seen) || isMatcher(expected)) return outcome
    const wanted = new Set(Object.keys(expected).map((name) => textOf(fillTemplate(name, this.#scope))))
    for (const [name, value] of Object.entries(seen)) {
      if (!wanted.has(name))
        join(outcome, this.#fail(memberPath(path, name), undefined, value, 'was not expected'))
    }
    return outcome
  }
}

/** Where an operator stands. */
interface Place {
  readonly expected: JsonMap
  readonly seen: Json | undefined
  readonly path: string
  readonly depth: number
  /** What the operators before it kept. */
  readonly bindings: JsonMap
}

function sizeOf(value: Json): number {
  if (isMap(value)) return Object.keys(value).length
  return isList(value) ? value.length : [...textOf(value)].length
}

/** A difference in one line. */
export function describeDifference({ path, expected, seen, why }: Difference): string {
  const place = path === '' ? 'it' : path
  const wanted = expected === undefined ? '' : `; expected ${show(expected)}`
  return `${place} ${why}${wanted}${seen === undefined ? '' : `, seen ${show(seen)}`}`
}
