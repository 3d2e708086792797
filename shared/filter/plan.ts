/**
 * The first stage: judges rows by the columns of the index, a run of them at a time. Each part of a program
 * fills an array with its answers, 0 no, 1 unknown, 2 yes; so `and` is the lesser, `or` the greater, and `not`
 * 2 minus the answer (Kleene's logic of three values). Texts are tested once in each different one.
 */
import {
  inRows,
  isTextColumn,
  ROW_TYPES,
  rowTypeName,
  COLUMNS,
  type ColumnBlock,
  type ColumnSource,
  type Dictionary,
  type RowSet,
  type TextColumn,
} from './columns.ts'
import type { ProgramNode, ValueLeaf, WordsLeaf } from './compile.ts'
import { UNKNOWN, type ColumnUse } from './definition.ts'
import { Memo } from './memo.ts'
import { columnValue } from './values.ts'

export const Answer = { no: 0, unknown: 1, yes: 2 } as const

/** Memos of answers hold the answer plus one, because 0 says that there is none yet. */
const KEPT = 1

/** Fills `into[0 … to - from)` with the answers for the rows `[from, to)`. */
type Judge = (block: ColumnBlock, from: number, to: number, into: Uint8Array) => void

/** A program bound to an index. */
export class ColumnPlan {
  readonly #judge: Judge
  readonly #source: ColumnSource
  readonly #memos: { readonly dictionary: Dictionary; readonly memo: Memo }[] = []
  #answers = new Uint8Array(0)

  constructor(program: ProgramNode, source: ColumnSource) {
    this.#source = source
    this.#judge = this.#bind(program)
  }

  /** Answers (`Answer`) for the rows `[from, to)` of a block; good until the next call. */
  judge(block: ColumnBlock, from: number, to: number): Uint8Array {
    if (this.#answers.length < to - from) this.#answers = new Uint8Array(to - from)
    this.#judge(block, from, to, this.#answers)
    return this.#answers
  }

  /**
   * An id of a dictionary means something else from now on. True when it was judged before, so that rows which
   * have it may now be judged otherwise.
   */
  forget(dictionary: Dictionary, id: number): boolean {
    let known = false
    for (const kept of this.#memos) {
      if (kept.dictionary === dictionary && kept.memo.forget(id)) known = true
    }
    return known
  }

  #bind(node: ProgramNode): Judge {
    switch (node.kind) {
      case 'and':
        return combine(
          node.items.map((item) => this.#bind(item)),
          Answer.yes,
          lesser,
        )
      case 'or':
        return combine(
          node.items.map((item) => this.#bind(item)),
          Answer.no,
          greater,
        )
      case 'not':
        return negate(this.#bind(node.item))
      case 'value':
        return this.#value(node)
      case 'words':
        return this.#words(node)
    }
  }

  #memo(column: TextColumn, work: (text: string) => number): Memo {
    const memo = new Memo((id) => work(this.#source.text(column, id)))
    this.#memos.push({ dictionary: COLUMNS[column], memo })
    return memo
  }

  #value(leaf: ValueLeaf): Judge {
    const { field } = leaf
    // Columns do not hold the entries of a field.
    const uses = leaf.key === undefined ? field.columns : []
    const bound = uses.map((use) => ({ use, run: this.#use(leaf, use) }))
    return (block, from, to, into) => {
      const types = block.values('type')
      if (types === undefined) {
        into.fill(Answer.unknown, 0, to - from)
        return
      }
      const held = bound.filter(({ use }) => isHeld(block, use))
      const told = rowsOf(held)
      const lacking = rowsOf(bound.filter((one) => !held.includes(one)))
      // Rows that no column speaks of: the tree may hold the field, or cannot.
      const open = lacking | (field.tree.rows & ~told)
      const ofType = Uint8Array.from(ROW_TYPES, (_, type) =>
        inRows(open, type) ? Answer.unknown : Answer.no,
      )
      for (let i = from; i < to; i++) into[i - from] = ofType[types[i] as number] as number
      for (const { run } of held) run(block, from, to, into)
    }
  }

  /** Raises the answers to what this column says. */
  #use(leaf: ValueLeaf, use: ColumnUse): Judge {
    const test = leaf.test?.(use.column === 'time' ? this.#source.epoch : 0n) ?? (() => true)
    const judge = (raw: number | string): number => {
      const value = columnValue(use, leaf.field, raw)
      if (value === UNKNOWN) return Answer.unknown
      return value !== undefined && test(value) ? Answer.yes : Answer.no
    }
    const { column, rows, way } = use
    const memo = isTextColumn(column)
      ? this.#memo(column, (text) => KEPT + judge(text))
      : COLUMNS[column] === 'code'
        ? new Memo((code) => KEPT + judge(code))
        : undefined
    const each = memo ? memoLoop(memo) : numberLoop(judge)
    return (block, from, to, into) => {
      const values = block.values(column) as ArrayLike<number>
      const types = block.values('type') as ArrayLike<number>
      const ways = way === undefined ? undefined : block.values('direction')
      each({ values, types, rows, ways, way: way ?? 0 }, from, to, into)
    }
  }

  #words({ words }: WordsLeaf): Judge {
    const all = 2 ** words.length - 1
    const found = (text: string): number => {
      const lower = text.toLowerCase()
      return words.reduce((mask, word, bit) => (lower.includes(word) ? mask | (1 << bit) : mask), FOUND)
    }
    const types = new Memo((type) => found(rowTypeName(type)))
    const memos = SEARCHED.map((column) => ({ column, memo: this.#memo(column, found) }))
    return (block, from, to, into) => {
      const typeOf = block.values('type')
      const held = memos.flatMap(({ column, memo }) => {
        const values = block.values(column)
        return values === undefined ? [] : [{ values, memo }]
      })
      const otherwise = typeOf && held.length === memos.length ? Answer.no : Answer.unknown
      for (let i = from; i < to; i++) {
        let mask = typeOf === undefined ? 0 : types.get(typeOf[i] as number)
        for (const { values, memo } of held) {
          if ((mask & all) === all) break
          mask |= memo.get(values[i] as number)
        }
        into[i - from] = (mask & all) === all ? Answer.yes : otherwise
      }
    }
  }
}

/** What a loop over the rows of a column looks at. */
interface Look {
  readonly values: ArrayLike<number>
  readonly types: ArrayLike<number>
  readonly rows: RowSet
  /** The direction that the column speaks of, and that of each row; absent where it does not matter. */
  readonly way: number
  readonly ways: ArrayLike<number> | undefined
}
type Loop = (look: Look, from: number, to: number, into: Uint8Array) => void

const speaks = ({ types, rows, way, ways }: Look, i: number): boolean =>
  ((rows >> (types[i] as number)) & 1) === 1 && (ways === undefined || ways[i] === way)

const memoLoop =
  (memo: Memo): Loop =>
  (look, from, to, into) => {
    const { values } = look
    let { known } = memo
    for (let i = from; i < to; i++) {
      if (!speaks(look, i)) continue
      const id = values[i] as number
      let said = known[id] ?? 0
      if (said === 0) {
        said = memo.get(id)
        known = memo.known
      }
      if (said - KEPT > (into[i - from] as number)) into[i - from] = said - KEPT
    }
  }

const numberLoop =
  (judge: (value: number) => number): Loop =>
  (look, from, to, into) => {
    const { values } = look
    for (let i = from; i < to; i++) {
      if (!speaks(look, i)) continue
      const said = judge(values[i] as number)
      if (said > (into[i - from] as number)) into[i - from] = said
    }
  }

/** Bit of a mask of words that says that it was worked out; above those of all words. */
const FOUND = 1 << 30
const SEARCHED: readonly TextColumn[] = ['topic', 'usp', 'who']

const isHeld = (block: ColumnBlock, { column, way }: ColumnUse): boolean =>
  block.values(column) !== undefined && (way === undefined || block.values('direction') !== undefined)

const rowsOf = (bound: readonly { readonly use: ColumnUse }[]): RowSet =>
  bound.reduce((rows, { use }) => rows | use.rows, 0)

type Join = (into: Uint8Array, other: Uint8Array, count: number) => void

const lesser: Join = (into, other, count) => {
  for (let i = 0; i < count; i++) {
    const answer = other[i] as number
    if (answer < (into[i] as number)) into[i] = answer
  }
}
const greater: Join = (into, other, count) => {
  for (let i = 0; i < count; i++) {
    const answer = other[i] as number
    if (answer > (into[i] as number)) into[i] = answer
  }
}

function combine(parts: readonly Judge[], none: number, join: Join): Judge {
  let spare = new Uint8Array(0)
  return (block, from, to, into) => {
    const count = to - from
    const [first, ...others] = parts
    if (first === undefined) into.fill(none, 0, count)
    else first(block, from, to, into)
    if (others.length > 0 && spare.length < count) spare = new Uint8Array(count)
    for (const part of others) {
      part(block, from, to, spare)
      join(into, spare, count)
    }
  }
}

function negate(part: Judge): Judge {
  return (block, from, to, into) => {
    part(block, from, to, into)
    for (let i = 0; i < to - from; i++) into[i] = Answer.yes - (into[i] as number)
  }
}
