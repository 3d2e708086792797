import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Expression } from '../../../shared/filter/ast.ts'
import { compile } from '../../../shared/filter/compile.ts'
import { complete } from '../../../shared/filter/complete.ts'
import type { ColumnName } from '../../../shared/filter/columns.ts'
import { COLUMNS } from '../../../shared/filter/columns.ts'
import { filterFields } from '../../../shared/filter/fields.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { formatExpression } from '../../../shared/filter/format.ts'
import { fromField } from '../../../shared/filter/from-field.ts'
import { highlight } from '../../../shared/filter/highlight.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import { OPERATORS } from '../../../shared/filter/operators.ts'
import { Answer, ColumnPlan } from '../../../shared/filter/plan.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { isTopicFilter, isTopicName, topicMatches } from '../../../shared/mqtt/topics.ts'
import { anyPacketAndLevel } from '../mqtt/arbitrary.ts'
import { everyField } from '../usp/tree.ts'
import { anyExpression, expressionsOver } from './arbitrary.ts'
import { Indexed, readCapture } from './indexed.ts'

test('an expression, written and read again, is the same', () => {
  fc.assert(
    fc.property(anyExpression, (expression) => {
      const text = formatExpression(expression)
      const parsed = parseFilter(text)
      if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`)
      expect(parsed.filter.expression).toEqual(expression)
      expect(parsed.filter.text).toBe(text)
    }),
    { numRuns: 1000 },
  )
})

test('words, written and read again, are the same', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 8 }),
    fc.constantFrom('and', 'mqtt.topic', 'a"b', '!', 'Boot!', '..'),
  )
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
      const expression = {
        kind: 'words' as const,
        words: [...new Set(words.map((said) => said.toLowerCase()))],
      }
      if (expression.words.includes('')) return
      const parsed = parseFilter(formatExpression(expression))
      expect(parsed.ok && parsed.filter.expression).toEqual(expression)
    }),
    { numRuns: 500 },
  )
})

describe('any text', () => {
  const scrap = fc.constantFrom(
    'mqtt.topic',
    'mqtt.qos',
    'device',
    'usp.type',
    'rtt',
    'ip.src',
    'mqtt.msg',
    'mqtt.prop.user',
    'boot',

    '==',
    '!=',
    '<',
    '~',
    'contains',
    'matches',
    'in',
    'not',
    'and',
    'or',
    '&&',
    '!',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ',',
    '..',
    '"',
    '"a"',
    'r"',
    '\\',
    '1',
    '10ms',
    'GET',
    '10.0.0.0/8',
    '=',
    '|',
    '#',
    'é',
    '😀',
  )
  const anyText = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(scrap, { maxLength: 15 }).map((scraps) => scraps.join(' ')),
    fc.array(scrap, { maxLength: 15 }).map((scraps) => scraps.join('')),
  )

  test('gives a filter or an error inside it, and colours and completions inside it', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), (text, caret) => {
        const parsed = parseFilter(text)
        if (parsed.ok) {
          const again = parseFilter(parsed.filter.text)
          expect(again.ok && again.filter.expression).toEqual(parsed.filter.expression)
        } else {
          const { start, end, message } = parsed.error
          expect([start >= 0, start <= end, end <= text.length, message !== '']).toEqual(Array(4).fill(true))
        }
        let reached = 0
        for (const { start, end } of highlight(text).tokens) {
          expect(start).toBeGreaterThanOrEqual(reached)
          expect(end).toBeGreaterThan(start)
          reached = end
        }
        expect(reached).toBeLessThanOrEqual(text.length)
        const { from, to } = complete(text, Math.min(caret, text.length))
        expect(from).toBeLessThanOrEqual(to)
      }),
      { numRuns: 2000 },
    )
  })

  test('takes time that grows with its length alone', () => {
    const hard = ['(', '!', '"', 'a ', 'mqtt and ', 'mqtt.qos in {1,', '..', 'a!', '=', 'r"', '[', 'ff:']
    for (const part of hard) {
      const before = performance.now()
      const text = part.repeat(10_000).slice(0, 10_000)
      parseFilter(text)
      highlight(text)
      complete(text, text.length)
      expect(performance.now() - before).toBeLessThan(1000)
    }
  })
})

test('~ agrees with the matching of the broker', () => {
  const level = fc.constantFrom('', 'a', 'b', '$x', '+', '#')
  const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
  const index = new Indexed()
  index.open(1)
  fc.assert(
    fc.property(topic, topic, (filter, name) => {
      if (!isTopicFilter(filter).valid || !isTopicName(name).valid) return
      const publish = {
        type: 'PUBLISH',
        dup: false,
        qos: 0,
        retain: false,
        topic: name,
        properties: [],
      } as const
      const no = index.add(1, 'in', encodePacket({ ...publish, payload: new Uint8Array(0) }, 5))
      const parsed = parseFilter(`mqtt.topic ~ "${filter}"`)
      if (!parsed.ok) throw new Error(parsed.error.message)
      expect(matchPacket(parsed.filter.program, index.packet(no))).toBe(topicMatches(filter, name))
    }),
  )
})

describe('both stages agree', () => {
  /** What only the index knows; all other columns say what stands in the packet. */
  const onlyIndexed = new Set<ColumnName>([
    ...(['no', 'time', 'elapsed', 'delta', 'length', 'direction', 'verdict', 'rtt'] as const),
    ...(Object.keys(COLUMNS) as ColumnName[]).filter((column) => COLUMNS[column] === 'connection'),
  ])

  function expectAgreement(index: Indexed, rows: readonly number[], expression: Expression) {
    const program = compile(expression)
    const plan = new ColumnPlan(program, index)
    const answers = plan.judge(index.block, 0, index.rows)
    for (const no of rows) {
      const full = matchPacket(program, index.packet(no))
      const byTree = matchPacket(
        program,
        index.packet(no, (column) => onlyIndexed.has(column)),
      )
      const said = answers[no - 1]
      const where = `${formatExpression(expression)} at ${no}: ${Buffer.from(index.bytes(no)).toString('hex')}`
      if (said !== Answer.unknown) expect([where, full]).toEqual([where, said === Answer.yes])
      expect([where, byTree]).toEqual([where, full])
    }
  }

  /** Tests that some of the packets pass: each value that stands in one, with each operator that fits. */
  function seen(index: Indexed, rows: readonly number[]): string[] {
    const texts = new Set(['mqtt', 'usp', 'tcp.port == 1883', 'ip.src == 192.168.1.7', 'frame.number > 3'])
    for (const no of rows) {
      for (const field of everyField(index.fields(no))) {
        for (const { name } of OPERATORS) {
          if (name === 'in' || name === 'matches' || name === '~') continue
          const text = fromField(field, name, index.bytes(no))
          if (text !== undefined) texts.add(text)
          if (text?.includes('.reason_code')) texts.add(text.replace(/mqtt\.\w+\.reason/, 'mqtt.reason'))
        }
      }
    }
    for (const { name } of OPERATORS.slice(0, 6)) texts.add(`mqtt.reason_code ${name} Success`)
    return [...texts]
  }

  const read = (text: string): Expression => {
    const parsed = parseFilter(text)
    if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`)
    return parsed.filter.expression
  }
  const joined = (one: fc.Arbitrary<Expression>): fc.Arbitrary<Expression> =>
    fc.oneof(
      one,
      one.map((item): Expression => ({ kind: 'not', item })),
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(one, { minLength: 2, maxLength: 3 }))
        .map(([kind, items]): Expression => ({ kind, items })),
    )

  // The kind of a row is known to the index alone.
  const random = expressionsOver(filterFields.filter(({ name }) => name !== 'kind'))

  test('on a real capture', () => {
    const index = readCapture('obuspa-tour.pcapng')
    const rows = Array.from({ length: index.rows }, (_, i) => i + 1)
    const expressions = seen(index, rows).map(read)
    for (const expression of expressions) {
      const equal = expression.kind === 'compare' && expression.op === '=='
      if (equal && expression.of.field.columns.length > 0) expectAgreement(index, rows, expression)
    }
    const passed = fc.constantFrom(...expressions)
    fc.assert(
      fc.property(joined(fc.oneof({ weight: 3, arbitrary: passed }, random)), (expression) =>
        expectAgreement(index, rows, expression),
      ),
      { numRuns: 60 },
    )
  })

  test('on any packets', () => {
    const packets = fc.array(fc.tuple(anyPacketAndLevel, fc.boolean()), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(packets, (packets) => {
        const index = new Indexed()
        packets.forEach(([[packet, level], inbound], i) => {
          // A connection of its own, opened by a CONNECT of that level, gives the packet its meaning.
          index.open(i)
          const connect = { type: 'CONNECT', level, clean: true, keepAlive: 0, clientId: `c${i}` } as const
          index.add(i, 'in', encodePacket({ ...connect, properties: [] }, level))
          index.add(i, inbound ? 'in' : 'out', encodePacket(packet, level))
        })
        const rows = Array.from({ length: index.rows }, (_, i) => i + 1)
        for (const text of seen(index, rows)) expectAgreement(index, rows, read(text))
      }),
      { numRuns: 30 },
    )
  })

  test('on a Topic Alias', () => {
    const index = new Indexed()
    index.open(1)
    const publish = (topic: string) =>
      encodePacket(
        {
          type: 'PUBLISH',
          dup: false,
          qos: 0,
          retain: false,
          topic,
          payload: new Uint8Array(0),
          properties: [{ name: 'topicAlias', value: 1 }],
        },
        5,
      )
    const rows = [index.add(1, 'in', publish('a/b')), index.add(1, 'in', publish(''))]
    for (const text of [...seen(index, rows), 'mqtt.topic == ""', 'mqtt.topic != ""']) {
      expectAgreement(index, rows, read(text))
    }
  })
})
