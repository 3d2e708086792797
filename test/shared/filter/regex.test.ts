import { createContext, Script } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../../shared/filter/regex.ts'

function matches(source: string, text: string): boolean {
  const compiled = compilePattern(source)
  if (!compiled.ok) throw new Error(compiled.message)
  return compiled.pattern.test(text)
}

const scope = createContext({ pattern: /x/, text: '' })
const runNative = new Script('pattern.test(text)')

/** What the built-in engine says, or `null` when its backtracking does not come to an end. */
function nativeMatches(pattern: RegExp, text: string): boolean | null {
  try {
    return runNative.runInContext(Object.assign(scope, { pattern, text }), { timeout: 200 }) as boolean
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return null
    throw error
  }
}

describe('agrees with the built-in engine', () => {
  const atom = fc.constantFrom(
    'a',
    'b',
    'B',
    '1',
    '_',
    ' ',
    '.',
    'é',
    '\\d',
    '\\w',
    '\\W',
    '\\s',
    '\\b',
    '\\B',
    '^',
    '$',
    '\\.',
    '\\x41',

    '[ab]',
    '[^a]',
    '[a-c1]',
    '[^\\d_]',
    '[\\w-]',
    '[a\\]]',
    '\\u0062',
    '[A-B]',
  )
  const times = fc.constantFrom('', '', '*', '+', '?', '*?', '{2}', '{0,1}', '{1,}', '{0}')
  const { pattern } = fc.letrec<{ pattern: string; branch: string; item: string }>((tie) => ({
    pattern: fc.array(tie('branch'), { minLength: 1, maxLength: 2 }).map((branches) => branches.join('|')),
    branch: fc.array(tie('item'), { maxLength: 3 }).map((items) => items.join('')),
    item: fc
      .tuple(
        fc.oneof(
          { maxDepth: 3 },
          atom,
          tie('pattern').map((inner) => `(${inner})`),
          tie('pattern').map((inner) => `(?:${inner})`),
        ),
        times,
      )
      .map(([item, count]) => (/^(\^|\$|\\b|\\B)$/i.test(item) ? item : `${item}${count}`)),
  }))
  const text = fc.string({
    unit: fc.constantFrom('a', 'A', 'b', 'c', '1', '_', ' ', '.', 'é', 'É', '\n', ']'),
    maxLength: 8,
  })

  test('on any pattern and text', () => {
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 1, maxLength: 4 }), (source, texts) => {
        const native = new RegExp(source, 'i')
        const compiled = compilePattern(source)
        if (!compiled.ok) throw new Error(`${source}: ${compiled.message}`)
        // One after the other with the same pattern: nothing may be left over from the text before.
        for (const text of texts) {
          const expected = nativeMatches(native, text)
          if (expected !== null)
            expect([source, text, compiled.pattern.test(text)]).toEqual([source, text, expected])
        }
      }),
      { numRuns: 3000 },
    )
  })
})

test.each([
  ['(?-i)abc', 'ABC', false],
  ['(?i)abc', 'ABC', true],
  ['^.$', '😀', true],
  ['[😀-😂]', '😁', true],
  ['É', 'é', true],
  ['a{,3}', 'a{,3}', true],
  ['(?<name>a)b', 'ab', true],
  ['[]a]', ']', true],
  ['^$', '', true],
  ['', 'anything', true],
])('%s on %s: %s', (source, text, expected) => {
  expect(matches(source, text)).toBe(expected)
})

test.each([
  ['(a', 'A ( is not closed.'],
  ['a)', 'The pattern has a ) without a (.'],
  ['[a', 'A [ is not closed.'],
  ['[b-a]', 'A range in [ ] runs backwards.'],
  ['*a', 'Nothing stands before * that could repeat.'],
  ['a**', 'A repetition stands behind the repetition *: put the first into a group.'],
  ['a{3,2}', '{3,2} asks for fewer at most than at least.'],
  ['a{5000}', '{5000} repeats more than 1000 times.'],
  [String.raw`(a)\1`, 'Back-references are not supported.'],
  ['a(?=b)', 'Look-around and flags inside a pattern are not supported; (?-i) may stand first.'],
  [String.raw`\q`, String.raw`\q is not supported.`],
  [String.raw`\x4`, String.raw`\x wants two hexadecimal digits.`],
  ['\\', 'The pattern ends too early.'],
  ['(((a{100}){100}){100})', 'The pattern is too large: 2000 steps at most.'],
  ['('.repeat(60) + 'a' + ')'.repeat(60), 'Groups lie more than 50 deep.'],
])('%s is refused: %s', (source, message) => {
  expect(compilePattern(source)).toEqual({ ok: false, message })
})

// Each of these takes the built-in engine longer than anybody waits.
test.each([
  ['(a+)+$', 'a'.repeat(50_000) + 'b'],
  ['^(a|a)*$', 'a'.repeat(50_000) + 'b'],
  ['(.*a){12}$', 'a'.repeat(50_000) + 'b'],
  [String.raw`\s+\s+\s+x`, ' '.repeat(50_000)],
])('%s takes no time to fail', (source, text) => {
  const before = performance.now()
  expect(matches(source, text)).toBe(false)
  expect(performance.now() - before).toBeLessThan(2000)
})

test('an empty repetition is not counted through', () => {
  expect(matches('(((((){1000}){1000}){1000}){1000})x', 'x')).toBe(true)
})
