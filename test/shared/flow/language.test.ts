import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluateText, scopeOf } from '../../../shared/flow/language/evaluate.ts'
import { parseExpression } from '../../../shared/flow/language/expression.ts'
import { FlowFault } from '../../../shared/flow/language/functions.ts'
import { asTemplate, fillTemplate, parseTemplate } from '../../../shared/flow/language/template.ts'
import type { Json } from '../../../shared/flow/json.ts'

const answer = {
  get_resp: {
    req_path_results: [
      { resolved_path_results: [{ resolved_path: 'Device.X.', result_params: { A: '1', 'B.C': 'two' } }] },
    ],
  },
}
const scope = scopeOf({
  n: 5,
  text: 'Five',
  list: [1, '2', { a: 'b' }],
  map: { a: 1, 'b c': 2 },
  answer,
  none: null,
})

describe('values', () => {
  test.each<[string, Json]>([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-n + 1', -4],
    ['7 % 4 / 2', 1.5],
    ['0x10', 16],
    ['"a" + 1', 'a1'],
    ['[1] + [2, 3]', [1, 2, 3]],
    ['n == "5"', true],
    ['n == 5 and not n > 5', true],
    ['n != 5 || text == "Five"', true],
    ['!true', false],
    ['true == "1"', true],
    ['"10" > "9"', true],
    ['"2026-01-02" > "2026-01-01"', true],
    ['text contains "iv"', true],
    ['list contains 2', true],
    ['map contains "a"', true],
    ['3 in [1, 2]', false],
    ['text matches "^F.*e$"', true],
    ['text matches "^f"', false],
    ['text matches "(?i)^f"', true],
    ['list[0] + list[-1].a', '1b'],
    ['map["b c"] == map.a + 1', true],
    ['map.nothing == null', true],
    ['length(list) + length(text) + length(map)', 9],
    ['join(split("a,b", ","), "-")', 'a-b'],
    ['param(answer, "Device.X.B.C")', 'two'],
    ['param(answer, "Device.X.Z")', null],
    ['keys(params(answer))', ['Device.X.A', 'Device.X.B.C']],
    ['instance("Device.X.12.")', 12],
    ['upper(first(["a"])) + lower(last(["B"])) + trim(" c ")', 'Abc'],
    ['round(1.6) + min(1, 2) + max(1, 2) + number("4")', 9],
    ['false and nothing', false],
  ])('%s', (text, value) => {
    expect(evaluateText(text, scope)).toEqual(value)
  })

  test.each([
    ['nothing', 'nothing has no value yet'],
    ['none.a', 'null has no "a"'],
    ['text + [1]', 'a text and a list cannot be added'],
    ['text * 2', 'a number is needed, not a text'],
    ['1 / 0', 'the result is no number'],
    ['map > 1', 'a map and a number cannot be put in order'],
    ['not text', 'true or false is needed, not a text'],
    ['text matches "("', 'the pattern ( cannot be used: A ( is not closed.'],
    ['first(text)', 'first: a list is needed, not a text'],
    ['instance("Device.X.")', 'instance: Device.X. does not end with an instance number'],
  ])('%s has none', (text, message) => {
    expect(() => evaluateText(text, scope)).toThrow(new FlowFault(message))
  })
})

describe('texts that are no expressions', () => {
  test.each<[string, number, string]>([
    ['', 0, 'An expression is missing.'],
    ['a ==', 4, 'The expression ends too early.'],
    ['a = 1', 2, '= is no operator.'],
    ['a b', 2, 'b is not expected here.'],
    ['(a', 2, ') is missing here.'],
    ['a.', 2, 'A name is missing after the dot.'],
    ['"open', 0, 'This text has no closing ".'],
    ['a ; b', 2, '; has no meaning here.'],
    ['lenght(a)', 0, 'There is no function lenght.'],
    ['split(a)', 0, 'split is written split(text, separator).'],
    ['('.repeat(100), 64, 'Expressions nest 64 deep at most.'],
    [Array.from({ length: 600 }, () => '1').join('+'), 500, 'An expression has 500 parts at most.'],
    ['1'.repeat(4001), 4000, 'An expression has 4000 characters at most; this one has 4001.'],
  ])('%s', (text, start, message) => {
    const parsed = parseExpression(text)
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) {
      expect(parsed.error.start).toBe(start)
      expect(parsed.error.message).toContain(message)
    }
  })

  test('parsing never throws, and what was parsed gives a value or a FlowFault', () => {
    const word = fc.constantFrom(
      'a',
      'n',
      'list',
      '1',
      '"x"',
      '(',
      ')',
      '[',
      ']',
      '.',
      ',',
      '+',
      '-',
      '*',
      '==',
      'in',
      'matches',
      'not',
      'and',
      'length(',
      '${',
      '}',
      ' ',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join(' ')),
        ),
        (text) => {
          if (!parseExpression(text).ok) return
          try {
            evaluateText(text, scope)
          } catch (error) {
            expect(error).toBeInstanceOf(FlowFault)
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('templates', () => {
  test.each<[string, Json]>([
    ['plain', 'plain'],
    ['${n}', 5],
    ['${list}', [1, '2', { a: 'b' }]],
    ['Device.X.${n}.', 'Device.X.5.'],
    ['${n}${n}', '55'],
    ['${map}!', '{"a":1,"b c":2}!'],
    ['$${n} costs $5', '${n} costs $5'],
    ["${text == '}'}", false],
    ['', ''],
  ])('%s', (text, value) => {
    expect(fillTemplate(text, scope)).toEqual(value)
  })

  test('an error stands at its character of the whole text', () => {
    const parsed = parseTemplate('a ${n = 1}')
    expect(parsed).toMatchObject({ ok: false, error: { start: 6, end: 7 } })
  })

  test('any text can be written as a template of itself', () => {
    const text = fc
      .array(fc.constantFrom('$', '{', '}', '${', 'a', '"'), { maxLength: 12 })
      .map((parts) => parts.join(''))
    fc.assert(fc.property(text, (said) => void expect(fillTemplate(asTemplate(said), scope)).toBe(said)))
  })
})
