/** Tests of one value. A value of another kind than the literal's fits nothing. */
import { decodeLenient } from '../mqtt/utf8.ts'
import { topicMatches } from '../mqtt/topics.ts'
import type { Literal } from './ast.ts'
import type { Scalar } from './definition.ts'
import type { CompareOperator } from './operators.ts'
import { compilePattern } from './regex.ts'

export type Test = (value: Scalar) => boolean
/** The operators that are asked value by value; `!=` and `===` are made of them. */
export type ValueOperator = Exclude<CompareOperator, '!=' | '==='>

/** `op` with this literal. Throws RangeError for a pattern that the parser would have refused. */
export function testOf(op: ValueOperator, literal: Literal): Test {
  if (op === 'matches') return literal.kind === 'text' ? patternTest(literal.text) : none
  if (op === '~') return literal.kind === 'text' ? topicTest(literal.text) : none
  switch (literal.kind) {
    case 'text':
      return textTest(op, literal.text)
    case 'number':
      return numberTest(op, literal.low, literal.high)
    case 'bytes':
      return bytesTest(op, literal.bytes)
  }
}

const none: Test = () => false

type Order = Exclude<ValueOperator, 'matches' | '~'>

function textTest(op: Order, text: string): Test {
  const on = (test: (value: string) => boolean): Test => {
    return (value) => typeof value === 'string' && test(value)
  }
  switch (op) {
    case '==':
      return on((value) => value === text)
    case '!==':
      return on((value) => value !== text)
    case '<':
      return on((value) => value < text)
    case '<=':
      return on((value) => value <= text)
    case '>':
      return on((value) => value > text)
    case '>=':
      return on((value) => value >= text)
    case 'contains':
      return on((value) => value.includes(text))
  }
}

/** Below, within or above the interval `[low, high]`. */
function numberTest(op: Order, low: number | bigint, high: number | bigint): Test {
  const on = (test: (value: number | bigint) => boolean): Test => {
    return (value) => (typeof value === 'number' || typeof value === 'bigint') && test(value)
  }
  switch (op) {
    case '==':
      return on((value) => value >= low && value <= high)
    case '!==':
      return on((value) => value < low || value > high)
    case '<':
      return on((value) => value < low)
    case '<=':
      return on((value) => value <= high)
    case '>':
      return on((value) => value > high)
    case '>=':
      return on((value) => value >= low)
    case 'contains':
      return none
  }
}

function bytesTest(op: Order, bytes: Uint8Array): Test {
  const on = (test: (value: Uint8Array) => boolean): Test => {
    return (value) => value instanceof Uint8Array && test(value)
  }
  switch (op) {
    case '==':
      return on((value) => compareBytes(value, bytes) === 0)
    case '!==':
      return on((value) => compareBytes(value, bytes) !== 0)
    case '<':
      return on((value) => compareBytes(value, bytes) < 0)
    case '<=':
      return on((value) => compareBytes(value, bytes) <= 0)
    case '>':
      return on((value) => compareBytes(value, bytes) > 0)
    case '>=':
      return on((value) => compareBytes(value, bytes) >= 0)
    case 'contains':
      return on((value) => includesBytes(value, bytes))
  }
}

/** Byte by byte; of two that begin alike the shorter is less. */
function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length)
  for (let i = 0; i < length; i++) {
    const difference = (one[i] as number) - (other[i] as number)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

/** `indexOf` finds where the first byte stands much faster than a loop does. */
function includesBytes(all: Uint8Array, part: Uint8Array): boolean {
  const first = part[0]
  if (first === undefined) return true
  const last = all.length - part.length
  for (let at = all.indexOf(first); at >= 0 && at <= last; at = all.indexOf(first, at + 1)) {
    let length = 1
    while (length < part.length && all[at + length] === part[length]) length++
    if (length === part.length) return true
  }
  return false
}

function patternTest(source: string): Test {
  const compiled = compilePattern(source)
  if (!compiled.ok) throw new RangeError(compiled.message)
  const { pattern } = compiled
  return (value) => {
    if (typeof value === 'string') return pattern.test(value)
    return value instanceof Uint8Array && pattern.test(decodeLenient(value, 0, value.length))
  }
}

function topicTest(filter: string): Test {
  return (value) => typeof value === 'string' && value !== '' && topicMatches(filter, value)
}
