/** Arbitrary expressions such as a text may give, for property tests. */
import fc from 'fast-check'
import type { Expression, FieldReference, Literal } from '../../../shared/filter/ast.ts'
import type { FieldDefinition } from '../../../shared/filter/definition.ts'
import { filterFields } from '../../../shared/filter/fields.ts'
import { parseNetwork } from '../../../shared/filter/ip.ts'
import { parseTime } from '../../../shared/filter/moments.ts'
import { OPERATORS, type CompareOperator } from '../../../shared/filter/operators.ts'

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('a', 'os::00256D-TOUR5', 'oktopus/usp/v1/agent/x', 'Device.', '1.3', 'usp.msg', ''),
)
const number = fc.oneof(fc.nat(10), fc.nat(70_000), fc.constantFrom(2n ** 60n, 2 ** 32 - 1))
const interval = (low: number | bigint, high = low): Literal => ({ kind: 'number', low, high })
const network = fc
  .tuple(fc.oneof(fc.ipV4(), fc.constantFrom('127.0.0.1', '192.168.1.7')), fc.nat(32))
  .map(([address, prefix]) => `${address}/${prefix}`)
const network6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, prefix]) => `${address}/${prefix}`)
const ranges = fc.oneof(network, network6).map((written) => parseNetwork(written)!)
const time = fc.constantFrom(
  '2026-01-01',
  '2026-01-01T00:00',
  '2026-01-01T00:00:00.05Z',
  '2026-01-01T00:00:00.02Z',
  '1999-12-31T23:59:59.123456789Z',
)

function literal({ type, names = [], numeric }: FieldDefinition): fc.Arbitrary<Literal> {
  switch (type) {
    case 'string':
    case 'topic':
      return text.map((value) => ({ kind: 'text', text: value }))
    case 'bytes':
      return fc
        .oneof(
          fc.uint8Array({ maxLength: 4 }),
          fc.string({ maxLength: 4 }).map((said) => Buffer.from(said)),
        )
        .map((bytes) => ({ kind: 'bytes', bytes: Uint8Array.from(bytes) }))
    case 'bool':
      return fc.nat(1).map((value) => interval(value))
    case 'enum': {
      const codes = fc.constantFrom(...names.map(([code]) => code))
      return (numeric ? fc.oneof(codes, number) : codes).map((value) => interval(value))
    }
    case 'ip':
      return ranges.map(({ low, high }) => interval(low, high))
    case 'time':
      return time.map((written) => parseTime(written)!).map(({ low, high }) => interval(low, high))
    case 'duration':
      return fc
        .oneof(
          fc.nat(5_000_000_000),
          fc.constantFrom(60e9, 1e6, -1e6, 4294967295e9, 4000000000.5e9, 2 ** 53 - 1),
        )
        .map((value) => interval(value))
    case 'number':
    case 'presence':
      return number.map((value) => interval(value))
  }
}

const pattern: fc.Arbitrary<Literal> = fc
  .constantFrom('^a', '(?-i)TOUR\\d$', 'a|b', '[^a-z]', 'device\\.', '.*', 'x{2,3}')
  .map((source) => ({ kind: 'text', text: source }))
const topicFilter: fc.Arbitrary<Literal> = fc
  .constantFrom('#', 'oktopus/#', 'oktopus/usp/v1/+/+', '+/+', 'a')
  .map((filter) => ({ kind: 'text', text: filter }))

const operand = (field: FieldDefinition, op: CompareOperator) =>
  op === 'matches' ? pattern : op === '~' ? topicFilter : literal(field)

const reference = (field: FieldDefinition): fc.Arbitrary<FieldReference> =>
  field.entry === undefined
    ? fc.constant({ field })
    : fc.option(text, { nil: undefined }).map((key) => (key === undefined ? { field } : { field, key }))

const isOrdered = ({ low, high }: Literal & { kind: 'number' }) => low <= high

function set(field: FieldDefinition): fc.Arbitrary<Literal[]> {
  const ranged = ['number', 'duration', 'ip', 'time'].includes(field.type)
  const range = fc.tuple(literal(field), literal(field)).map(([one, other]): Literal => {
    if (one.kind !== 'number' || other.kind !== 'number') return one
    const joined: Literal = { kind: 'number', low: one.low, high: other.high }
    return isOrdered(joined) ? joined : one
  })
  const item = ranged ? fc.oneof(literal(field), range) : literal(field)
  return fc.array(item, { minLength: 1, maxLength: 3 })
}

const test = (fields: readonly FieldDefinition[]): fc.Arbitrary<Expression> =>
  fc.constantFrom(...fields).chain((field) => {
    const operators = OPERATORS.flatMap(({ name, types }) =>
      name !== 'in' && types.has(field.type) ? [name] : [],
    )
    const exists = reference(field).map((of): Expression => ({ kind: 'exists', of }))
    if (operators.length === 0) return exists
    const compare = fc
      .constantFrom(...operators)
      .chain((op) =>
        fc
          .tuple(reference(field), operand(field, op))
          .map(([of, value]): Expression => ({ kind: 'compare', of, op, value })),
      )
    const isIn = fc
      .tuple(reference(field), set(field))
      .map(([of, set]): Expression => ({ kind: 'in', of, set }))
    return fc.oneof(exists, { weight: 4, arbitrary: compare }, isIn)
  })

/** Expressions over these fields. `and` never holds an `and`, nor `or` an `or`: reading joins them. */
export const expressionsOver = (fields: readonly FieldDefinition[]): fc.Arbitrary<Expression> =>
  fc.letrec<{ any: Expression; chain: Expression; not: Expression; test: Expression }>((tie) => ({
    any: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('test'), tie('chain'), tie('not')),
    chain: fc
      .tuple(
        fc.constantFrom('and' as const, 'or' as const),
        fc.array(tie('any'), { minLength: 2, maxLength: 3 }),
      )
      .map(([kind, items]) => ({
        kind,
        items: items.flatMap((item) => (item.kind === kind ? item.items : [item])),
      })),
    not: tie('any').map((item) => ({ kind: 'not', item })),
    test: test(fields),
  })).any

export const anyExpression = expressionsOver(filterFields)
