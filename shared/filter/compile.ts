/**
 * Expression → program: the same tree with only two kinds of leaves left, "some value of this field passes a
 * test" and "these words are found". Both stages, plan.ts over columns and match.ts over a packet, run it.
 */
import type { Expression, FieldReference, Literal } from './ast.ts'
import { findField } from './fields.ts'
import { testOf, type Test } from './predicates.ts'

/** Does any value of the field pass? Without a test: is it there? */
export interface ValueLeaf extends FieldReference {
  readonly kind: 'value'
  /** `origin` is what 0 stands for in the values that will be tested, in nanoseconds since 1970. */
  readonly test?: (origin: bigint) => Test
}

export interface WordsLeaf {
  readonly kind: 'words'
  readonly words: readonly string[]
}

export type ProgramNode =
  | { readonly kind: 'and' | 'or'; readonly items: readonly ProgramNode[] }
  | { readonly kind: 'not'; readonly item: ProgramNode }
  | ValueLeaf
  | WordsLeaf

/** Throws RangeError for an expression that no text gives, e.g. with a pattern that cannot be compiled. */
export function compile(expression: Expression): ProgramNode {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return { kind: expression.kind, items: expression.items.map(compile) }
    case 'not':
      return not(compile(expression.item))
    case 'words':
      return expression
    case 'exists':
      return exists(expression.of)
    case 'in': {
      const { of, set } = expression
      return equality(of, set, (literals) => {
        const tests = literals.map((literal) => testOf('==', literal))
        return (value) => tests.some((test) => test(value))
      })
    }
    case 'compare': {
      const { of, op, value } = expression
      // "All of them, and there is one" is "there is one, and none that does not".
      if (op === '!=') return and(exists(of), not(compile({ ...expression, op: '==' })))
      if (op === '===') return and(exists(of), not(compile({ ...expression, op: '!==' })))
      const make = ([literal]: readonly Literal[]) => testOf(op, literal as Literal)
      return op === '==' ? equality(of, [value], make) : valueLeaf(of, [value], make)
    }
  }
}

const exists = ({ field, key }: FieldReference): ValueLeaf => ({
  kind: 'value',
  field,
  ...(key !== undefined && { key }),
})
const not = (item: ProgramNode): ProgramNode => ({ kind: 'not', item })
const and = (...items: ProgramNode[]): ProgramNode => ({ kind: 'and', items })

/** Is it one of these? Where another field is known to hold them all, that one is asked. */
function equality(
  of: FieldReference,
  literals: readonly Literal[],
  make: (literals: readonly Literal[]) => Test,
): ProgramNode {
  const { known } = of.field
  const fits = literals.every((literal) => literal.kind === 'text' && known?.form.test(literal.text))
  const field = known && findField(known.field)
  const within = known && findField(known.within)
  if (!fits || field === undefined || within === undefined) return valueLeaf(of, literals, make)
  return and(exists({ field: within }), valueLeaf({ field }, literals, make))
}

function valueLeaf(
  of: FieldReference,
  literals: readonly Literal[],
  make: (literals: readonly Literal[]) => Test,
): ValueLeaf {
  const plain = make(literals)
  const isTime = of.field.type === 'time'
  const test = (origin: bigint) =>
    isTime && origin !== 0n ? make(literals.map((literal) => shift(literal, origin))) : plain
  return { ...exists(of), test }
}

/** Times from an origin that is near fit into a double, and comparing those costs a tenth. */
function shift(literal: Literal, origin: bigint): Literal {
  if (literal.kind !== 'number') return literal
  const [low, high] = [literal.low, literal.high].map((end) => Number(BigInt(end) - origin))
  return { kind: 'number', low: low as number, high: high as number }
}
