/** Reads a regular expression: the common part of Perl's and JavaScript's syntax, without what needs backtracking. */

export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly item: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'assert'; readonly what: '^' | '$' | 'b' | 'B' }

type Range = readonly [from: number, to: number]

/** Code points, as ranges with both ends included. */
export class CharSet {
  readonly #ranges: readonly Range[]
  readonly #negated: boolean
  readonly #ignoreCase: boolean
  /** Answers for ASCII, worked out once. */
  readonly #ascii: Uint8Array

  constructor(ranges: readonly Range[], negated: boolean, ignoreCase: boolean) {
    this.#ranges = ranges
    this.#negated = negated
    this.#ignoreCase = ignoreCase
    this.#ascii = Uint8Array.from({ length: 128 }, (_, point) => (this.#find(point) ? 1 : 0))
  }

  has(point: number): boolean {
    return point < 128 ? this.#ascii[point] === 1 : this.#find(point)
  }

  #find(point: number): boolean {
    return (this.#holds(point) || (this.#ignoreCase && this.#holdsOtherCase(point))) !== this.#negated
  }

  #holds(point: number): boolean {
    return this.#ranges.some(([from, to]) => from <= point && point <= to)
  }

  #holdsOtherCase(point: number): boolean {
    const character = String.fromCodePoint(point)
    return [character.toLowerCase(), character.toUpperCase()].some((other) => {
      const code = other.codePointAt(0) as number
      // Some letters become two, which one place of a pattern cannot hold.
      return other.length === (code > 0xffff ? 2 : 1) && this.#holds(code)
    })
  }
}

const DIGIT: readonly Range[] = [[0x30, 0x39]]
const WORD: readonly Range[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]
const SPACE: readonly Range[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]
const NEWLINE: readonly Range[] = [[0x0a, 0x0a]]
const classes: Readonly<Record<string, readonly Range[]>> = { d: DIGIT, w: WORD, s: SPACE }
const LAST = 0x10ffff

const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }

/** Groups inside groups: more is a mistake, and each takes stack. */
const MAX_DEPTH = 50
const MAX_COUNT = 1000

class SyntaxFault extends Error {}

export type ParsedPattern =
  { readonly ok: true; readonly node: PatternNode } | { readonly ok: false; readonly message: string }

/** Never throws. */
export function parsePattern(source: string): ParsedPattern {
  const [prefix = ''] = /^\(\?-?i\)/.exec(source) ?? []
  try {
    return { ok: true, node: new Reader(source, prefix.length, prefix !== '(?-i)').all() }
  } catch (error) {
    if (error instanceof SyntaxFault) return { ok: false, message: error.message }
    throw error
  }
}

class Reader {
  readonly #source: string
  readonly #ignoreCase: boolean
  #at: number
  #depth = 0

  constructor(source: string, at: number, ignoreCase: boolean) {
    this.#source = source
    this.#at = at
    this.#ignoreCase = ignoreCase
  }

  all(): PatternNode {
    const node = this.#choice()
    if (this.#at < this.#source.length) throw new SyntaxFault('The pattern has a ) without a (.')
    return node
  }

  #next(): string {
    const point = this.#source.codePointAt(this.#at)
    if (point === undefined) throw new SyntaxFault('The pattern ends too early.')
    const character = String.fromCodePoint(point)
    this.#at += character.length
    return character
  }

  #skip(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** What a sticky expression finds here, and goes behind it. */
  #read(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at
    const found = expression.exec(this.#source)
    if (found === null) return undefined
    this.#at = expression.lastIndex
    return found
  }

  #choice(): PatternNode {
    const items = [this.#sequence()]
    while (this.#skip('|')) items.push(this.#sequence())
    return items.length === 1 ? (items[0] as PatternNode) : { kind: 'choice', items }
  }

  #sequence(): PatternNode {
    const items: PatternNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] as string)) {
      items.push(this.#repeated(this.#atom()))
    }
    return { kind: 'sequence', items }
  }

  #repeated(item: PatternNode): PatternNode {
    const found = this.#read(/[*+?]|\{(\d+)(?:(,)(\d*))?\}/y)
    if (found === undefined) return item
    const [text, from, comma, to] = found
    const min = from === undefined ? (text === '+' ? 1 : 0) : Number(from)
    const open = from === undefined ? text !== '?' : comma !== undefined && to === ''
    const max = open ? Number.POSITIVE_INFINITY : from === undefined ? 1 : Number(to ?? from)
    if (max < min) throw new SyntaxFault(`${text} asks for fewer at most than at least.`)
    if (min > MAX_COUNT || (max > MAX_COUNT && !open)) {
      throw new SyntaxFault(`${text} repeats more than ${MAX_COUNT} times.`)
    }
    // Lazy or not, there is a match or there is none.
    this.#skip('?')
    if (this.#read(/[*+?]|\{\d+(?:,\d*)?\}/y)) {
      throw new SyntaxFault(`A repetition stands behind the repetition ${text}: put the first into a group.`)
    }
    return { kind: 'repeat', item, min, max }
  }

  #set(ranges: readonly Range[], negated = false): PatternNode {
    return { kind: 'set', set: new CharSet(ranges, negated, this.#ignoreCase) }
  }

  #atom(): PatternNode {
    const character = this.#next()
    switch (character) {
      case '.':
        return this.#set(NEWLINE, true)
      case '^':
      case '$':
        return { kind: 'assert', what: character }
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '\\':
        return this.#escape()
      case '*':
      case '+':
      case '?':
        throw new SyntaxFault(`Nothing stands before ${character} that could repeat.`)
      default:
        return this.#character(character.codePointAt(0) as number)
    }
  }

  #character(point: number): PatternNode {
    return this.#set([[point, point]])
  }

  #group(): PatternNode {
    if (!this.#read(/\?:|\?P?<[A-Za-z_]\w*>/y) && this.#source[this.#at] === '?') {
      throw new SyntaxFault(
        'Look-around and flags inside a pattern are not supported; (?-i) may stand first.',
      )
    }
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new SyntaxFault(`Groups lie more than ${MAX_DEPTH} deep.`)
    const node = this.#choice()
    this.#depth -= 1
    if (!this.#skip(')')) throw new SyntaxFault('A ( is not closed.')
    return node
  }

  #escape(): PatternNode {
    const character = this.#next()
    if (character === 'b' || character === 'B') return { kind: 'assert', what: character }
    const ranges = classes[character.toLowerCase()]
    if (ranges) return this.#set(ranges, character !== character.toLowerCase())
    return this.#character(this.#escaped(character))
  }

  /** The character that `\` and this one stand for. */
  #escaped(character: string): number {
    const control = controls[character]
    if (control !== undefined) return control
    if (character === 'x' || character === 'u') {
      const digits = this.#read(character === 'x' ? /[\da-f]{2}/iy : /[\da-f]{4}/iy)
      if (digits === undefined) {
        throw new SyntaxFault(
          `\\${character} wants ${character === 'x' ? 'two' : 'four'} hexadecimal digits.`,
        )
      }
      return Number.parseInt(digits[0], 16)
    }
    if (/[1-9]/.test(character)) throw new SyntaxFault('Back-references are not supported.')
    if (/[a-z]/i.test(character)) throw new SyntaxFault(`\\${character} is not supported.`)
    return character.codePointAt(0) as number
  }

  #class(): PatternNode {
    const negated = this.#skip('^')
    const ranges: Range[] = []
    // A ] that stands first is a character.
    for (let first = true; first || !this.#skip(']'); first = false) {
      const from = this.#member(ranges)
      if (from === undefined) continue
      const isRange = this.#source[this.#at] === '-' && this.#source[this.#at + 1] !== ']'
      const to = isRange ? this.#rangeEnd(ranges) : from
      if (to < from) throw new SyntaxFault('A range in [ ] runs backwards.')
      ranges.push([from, to])
    }
    return this.#set(ranges, negated)
  }

  /** One character of a class, or `undefined` after a class like `\d`, which is added at once. */
  #member(ranges: Range[]): number | undefined {
    if (this.#at >= this.#source.length) throw new SyntaxFault('A [ is not closed.')
    const character = this.#next()
    if (character !== '\\') return character.codePointAt(0) as number
    const escaped = this.#next()
    const known = classes[escaped.toLowerCase()]
    if (known === undefined) return escaped === 'b' ? 8 : this.#escaped(escaped)
    ranges.push(...(escaped === escaped.toLowerCase() ? known : complement(known)))
    return undefined
  }

  #rangeEnd(ranges: Range[]): number {
    this.#at += 1
    const to = this.#member(ranges)
    if (to === undefined) throw new SyntaxFault('A range in [ ] cannot end in a class.')
    return to
  }
}

function complement(ranges: readonly Range[]): Range[] {
  const starts = [0, ...ranges.map(([, to]) => to + 1)]
  const ends = [...ranges.map(([from]) => from - 1), LAST]
  return starts.flatMap((from, i): Range[] =>
    from <= (ends[i] as number) ? [[from, ends[i] as number]] : [],
  )
}
