/**
 * Regular expressions whose time grows with the length of the text alone. The built-in ones backtrack: `(a+)+$`
 * takes hours for a payload of forty bytes, and a filter runs over payloads that others sent. Here all ways
 * through the pattern are followed side by side (Thompson's construction), so there is nothing to go back to;
 * what cannot be matched so (back-references, look-around) is refused. Letter case is ignored, as in
 * Wireshark, unless the pattern begins with `(?-i)`.
 */
import { parsePattern, type CharSet, type PatternNode } from './regex-syntax.ts'

/** Steps of a pattern with its counted repetitions written out. Each may cost a few ns a character. */
const MAX_STEPS = 2000

type Step =
  | { readonly do: 'take'; readonly set: CharSet }
  | { readonly do: 'fork'; readonly ways: readonly number[] }
  | { readonly do: 'assert'; readonly what: '^' | '$' | 'b' | 'B' }
  | { readonly do: 'accept' }

export type PatternResult =
  { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly message: string }

/** Never throws: a pattern that cannot be used gives the reason. */
export function compilePattern(source: string): PatternResult {
  const parsed = parsePattern(source)
  if (!parsed.ok) return parsed
  const steps: Step[] = []
  if (!emit(parsed.node, steps)) {
    return { ok: false, message: `The pattern is too large: ${MAX_STEPS} steps at most.` }
  }
  steps.push({ do: 'accept' })
  return { ok: true, pattern: new Pattern(steps) }
}

/** Appends the steps of a node; false when there are too many. */
function emit(node: PatternNode, steps: Step[]): boolean {
  if (steps.length > MAX_STEPS) return false
  switch (node.kind) {
    case 'set':
      steps.push({ do: 'take', set: node.set })
      return true
    case 'assert':
      steps.push({ do: 'assert', what: node.what })
      return true
    case 'sequence':
      return node.items.every((item) => emit(item, steps))
    case 'choice':
      return emitChoice(node.items, steps)
    case 'repeat':
      return emitRepeat(node.item, node.min, node.max, steps)
  }
}

/** A fork whose ways are known once what follows is written. */
function fork(steps: Step[]): number[] {
  const ways: number[] = []
  steps.push({ do: 'fork', ways })
  return ways
}

function emitChoice(items: readonly PatternNode[], steps: Step[]): boolean {
  const ways = fork(steps)
  const ends: number[][] = []
  for (const item of items) {
    ways.push(steps.length)
    if (!emit(item, steps)) return false
    ends.push(fork(steps))
  }
  for (const end of ends) end.push(steps.length)
  return true
}

function emitRepeat(item: PatternNode, min: number, max: number, steps: Step[]): boolean {
  for (let i = 0; i < min; i++) {
    const before = steps.length
    if (!emit(item, steps)) return false
    // What is empty once is so a thousand times: `((){1000}){1000}` must not be counted through.
    if (steps.length === before) return true
  }
  if (max === Number.POSITIVE_INFINITY) {
    const at = steps.length
    const ways = fork(steps)
    ways.push(steps.length)
    if (!emit(item, steps)) return false
    fork(steps).push(at)
    ways.push(steps.length)
    return true
  }
  const skips: number[][] = []
  for (let i = min; i < max; i++) {
    const ways = fork(steps)
    ways.push(steps.length)
    skips.push(ways)
    if (!emit(item, steps)) return false
  }
  for (const ways of skips) ways.push(steps.length)
  return true
}

export class Pattern {
  readonly #steps: readonly Step[]
  /** Round in which a step was last reached. */
  readonly #reached: Float64Array
  #round = 0
  #text = ''

  constructor(steps: readonly Step[]) {
    this.#steps = steps
    this.#reached = new Float64Array(steps.length)
  }

  /** Is there a match anywhere in the text? At most steps × characters of work. */
  test(text: string): boolean {
    this.#text = text
    // The marks of the text before must not be taken for those of this one.
    this.#round += 1
    let now: number[] = []
    let next: number[] = []
    for (let at = 0; ;) {
      if (this.#follow(0, at, now)) return true
      const point = text.codePointAt(at)
      if (point === undefined) return false
      at += point > 0xffff ? 2 : 1
      this.#round += 1
      for (const index of now) {
        const step = this.#steps[index] as Step
        if (step.do === 'take' && step.set.has(point) && this.#follow(index + 1, at, next)) return true
      }
      now.length = 0
      ;[now, next] = [next, now]
    }
  }

  /** Adds every `take` that can be reached from a step without taking; true when the end is reached. */
  #follow(from: number, at: number, into: number[]): boolean {
    const open = [from]
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (this.#reached[index] === this.#round + 1) continue
      this.#reached[index] = this.#round + 1
      const step = this.#steps[index] as Step
      if (step.do === 'accept') return true
      if (step.do === 'take') into.push(index)
      else if (step.do === 'fork') open.push(...step.ways)
      else if (this.#holds(step.what, at)) open.push(index + 1)
    }
    return false
  }

  #holds(what: '^' | '$' | 'b' | 'B', at: number): boolean {
    if (what === '^') return at === 0
    if (what === '$') return at === this.#text.length
    const edge = isWord(this.#text.charCodeAt(at - 1)) !== isWord(this.#text.charCodeAt(at))
    return edge === (what === 'b')
  }
}

/** `NaN`, before the first and after the last character, is none. */
const isWord = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122)
