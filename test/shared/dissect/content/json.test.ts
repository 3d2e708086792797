import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutJson } from '../../../../shared/dissect/content/json-layout.ts'
import { jsonView } from '../../../../shared/dissect/content/json.ts'
import { MAX_DEPTH, MAX_FIELDS } from '../../../../shared/dissect/content/view.ts'
import type { Field } from '../../../../shared/dissect/field.ts'
import { findings } from '../../usp/tree.ts'
import { dissect, outline, utf8 } from './support.ts'

const read = (text: string) => dissect(jsonView, utf8(text))
const errors = (text: string) => findings([read(text)]).filter(({ severity }) => severity === 'error')
const faults = (text: string) => errors(text).map((finding) => finding.text)

test('each member and element has its range', () => {
  const text = ' {"a": [1, "\u00e9"], "b":{"c":null,"d" : -1.50}}'
  const [root, ...parts] = outline([read(text)])
  expect(root).toMatch(/\[0, 45\)$/)
  expect(parts).toEqual([
    '  a = array, 2 elements [2, 16)',
    '    [0] = 1 [8, 9)',
    '    [1] = \u00e9 [11, 15)',
    '  b = object, 2 members [18, 44)',
    '    c = null [23, 31)',
    '    d = -1.50 [32, 43)',
  ])
})

test('numbers that a double cannot hold keep their digits', () => {
  const [big, small, huge] = read('[12345678901234567890, 1e400, 0.10]').children ?? []
  expect(big).toMatchObject({ text: '12345678901234567890', value: 12345678901234567890n })
  expect(small).toMatchObject({ text: '1e400', value: Infinity })
  expect(huge).toMatchObject({ text: '0.10', value: 0.1 })
})

describe('what is not JSON is told at its bytes, and reading goes on', () => {
  test.each([
    ['[1,]', 'A comma stands after the last part', '1'],
    ['[1 2]', 'A comma is missing after it', '1'],
    ['{"a" 1}', 'A colon and a value are missing after this name', '"a" 1'],
    ['{a: 1}', 'The name of a member is a text in double quotes', 'a: 1'],
    ['{"a": }', 'A value is missing', '"a": '],
    ['[tru]', 'tru is no value of JSON', 'tru'],
    ['[01]', '01 is no value of JSON', '01'],
    ['["a\nb"]', 'A control character or an unknown escape stands in the text', '"a\nb"'],
    [String.raw`["\x"]`, 'A control character or an unknown escape stands in the text', String.raw`"\x"`],
    ['["abc', 'The text is not closed: " is missing', '"abc'],
  ])('%s: %s', (text, fault, source) => {
    const flat = (field: Field): Field[] => [field, ...(field.children ?? []).flatMap(flat)]
    const marked = flat(read(text)).find(({ finding }) => finding?.text === fault)
    expect(marked && text.slice(marked.start, marked.end)).toBe(source)
  })

  test('containers', () => {
    expect(faults('[1')).toEqual(['It is not closed: ] is missing'])
    expect(faults('[1}')).toEqual(['} closes it where ] is due'])
    expect(faults('{} x')).toEqual(['The value has ended, and this comes after it'])
    expect(faults('')).toEqual(['A value is missing'])
  })

  test('a second fault does not hide behind the first', () => {
    expect(faults('{"a": tru, "b": [1 2], c: 3}')).toHaveLength(3)
  })

  test('wrong UTF-8', () => {
    expect(findings([dissect(jsonView, Uint8Array.from([0x5b, 0x22, 0xff, 0x22, 0x5d]))])[0]?.text).toBe(
      'Not valid UTF-8',
    )
  })

  test('double names and a byte order mark are allowed, but remarkable', () => {
    expect(findings([read('\ufeff{"a":1,"b":2,"a":3}')]).map(({ severity }) => severity)).toEqual([
      'warning',
      'warning',
    ])
  })
})

/** What the fields say, as a value. */
function valueOf({ text, value, children }: Field): unknown {
  if (text.startsWith('array, ') || text.startsWith('[')) return (children ?? []).map(valueOf)
  if (children !== undefined || text.startsWith('object, ') || text.startsWith('{')) {
    return (children ?? []).map((child) => [child.label, valueOf(child)])
  }
  return value
}

const tame = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tame)
  if (value === null) return 'null'
  if (typeof value === 'object') return Object.entries(value).map(([key, part]) => [key, tame(part)])
  return value
}

/** Texts that look like containers would be taken for one by `valueOf`. */
const text = fc.string({ unit: 'grapheme' }).map((any) => `.${any}`)
const json = fc.jsonValue({ stringUnit: 'grapheme' })

describe('agreement with JSON.parse', () => {
  test('the same values', () => {
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noDefaultInfinity: true, noNaN: true }),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(text, tie('any'), { maxKeys: 4 }),
      ),
    })).any
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 3 }), (any, indent) => {
        const source = JSON.stringify(any, null, indent)
        const parsed: unknown = JSON.parse(source)
        const normal = (some: unknown) =>
          JSON.stringify(some, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part))
        expect(normal(valueOf(read(source)))).toBe(normal(tame(parsed)))
        expect(findings([read(source)])).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('an error is told exactly when JSON.parse refuses', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b":',
      '1',
      '-',
      '.5',
      '1e5',
      'true',
      'nul',
      '\\',
      ' ',
      '\n',
    ]
    const piece = fc.constantFrom(...pieces)
    const mutated = fc.tuple(json, fc.nat(), fc.nat({ max: 2 }), piece).map(([value, place, cut, more]) => {
      const source = JSON.stringify(value)
      const at = place % (source.length + 1)
      return source.slice(0, at) + more + source.slice(at + cut)
    })
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
        ),
        (source) => {
          fc.pre(source.isWellFormed())
          let sound = true
          try {
            JSON.parse(source)
          } catch {
            sound = false
          }
          expect(errors(source).length === 0, source).toBe(sound)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('layOutJson', () => {
  test('lays out without touching a value', () => {
    expect(layOutJson('{"a":1.0,"a":12345678901234567890,"b":[],"c":{},"d":[1,{"x":"y:,{]\\""}]}')).toBe(
      [
        '{',
        '  "a": 1.0,',
        '  "a": 12345678901234567890,',
        '  "b": [],',
        '  "c": {},',
        '  "d": [',
        '    1,',
        '    {',
        '      "x": "y:,{]\\""',
        '    }',
        '  ]',
        '}',
      ].join('\n'),
    )
  })

  test('means the same as before, and looks as JSON.stringify would make it', () => {
    fc.assert(
      fc.property(json, (value) => {
        const source = JSON.stringify(value)
        expect(layOutJson(source)).toBe(JSON.stringify(JSON.parse(source), null, 2))
      }),
    )
  })

  test('loses nothing of what is not JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[],:"\\a1 \n') }), (source) => {
        expect(layOutJson(source).replaceAll(/\s/g, '')).toBe(source.replaceAll(/\s/g, ''))
      }),
    )
  })
})

test('hostile sizes end in a remark, in time proportional to them', () => {
  const deep = read('['.repeat(200_000))
  expect(findings([deep])[0]?.text).toBe(`Nested deeper than ${MAX_DEPTH} levels: from here on not opened`)
  expect(deep.text.length).toBeLessThan(200_000 * 140)
  const wide = read(`[${'1,'.repeat(MAX_FIELDS * 2)}1]`)
  expect(wide.children).toHaveLength(MAX_FIELDS)
  expect(wide.children?.at(-1)).toMatchObject({
    finding: { text: `More than ${MAX_FIELDS} values: from here on not listed one by one` },
  })
  expect(wide.text.split('\n')).toHaveLength(MAX_FIELDS * 2 + 3)
})
