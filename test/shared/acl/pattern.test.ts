import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_REGEX_VALUE, preparePattern, regexFault, wildcardMatches } from '../../../shared/acl/pattern.ts'

describe('wildcards', () => {
  it('agree with the regular expression that says the same', () => {
    const pattern = fc
      .array(fc.constantFrom('*', '?', 'a', 'b', '.'), { maxLength: 7 })
      .map((all) => all.join(''))
    const value = fc
      .array(fc.constantFrom('a', 'b', '.', '*', '\n'), { maxLength: 9 })
      .map((all) => all.join(''))
    fc.assert(
      fc.property(pattern, value, (wildcard, text) => {
        const source = wildcard.replaceAll('.', '\\.').replaceAll('*', '[^]*').replaceAll('?', '[^]')
        expect(wildcardMatches(wildcard, text)).toBe(new RegExp(`^${source}$`).test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it('take no time over long values', () => {
    const value = 'a'.repeat(60_000)
    const started = performance.now()
    expect(wildcardMatches('*a*a*a*a*b', value)).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('regular expressions', () => {
  it.each([
    '^os::[0-9A-F]{6}-.*$',
    '^(dev|gw|cpe)-\\d+$',
    '^([0-9a-f]{2}:){5}[0-9a-f]{2}$',
    '^dash',
    'a|b',
    '(?:ab)+c',
    '(?<id>x)?',
    '^[^]*$',
    '\\[a+\\]',
  ])('takes %s', (source) => {
    expect(regexFault(source)).toBeUndefined()
  })

  it.each([
    ['(', 'is no regular expression'],
    ['[[:alpha:]]', 'is no regular expression'],
    ['\\Aa', 'is no regular expression'],
    ['(a+)+$', 'in several ways'],
    ['(a|aa)*$', 'in several ways'],
    ['((ab?))+', 'in several ways'],
    ['(a|b){2,}', 'in several ways'],
    ['(a*){9}', 'too many ways'],
    ['.*.*.*.*x', 'too many ways'],
    [`${'a?'.repeat(30)}${'a'.repeat(30)}`, 'too many ways'],
    ['^a*|b*c*d*', 'too many ways'],
    ['(a)\\1', 'refers back'],
    ['(?<x>a)\\k<x>', 'refers back'],
    ['(?=a)', 'looks ahead'],
    ['(?<!a)b', 'looks ahead or behind'],
  ])('refuses %s', (source, said) => {
    expect(regexFault(source)).toContain(said)
  })

  it('that are taken answer soon, whatever the value', () => {
    const atom = fc.constantFrom('a', '.', '[ab]', '\\w', '(a|b)', '(ab)', '(?:a?)', '(a*)', 'b')
    const times = fc.constantFrom('', '*', '+', '?', '{3}', '{1,4}', '{2,}', '*?')
    const source = fc
      .array(fc.tuple(atom, times), { minLength: 1, maxLength: 6 })
      .map((all) => `${all.flat().join('')}$`)
      .filter((text) => regexFault(text) === undefined)
    const value = fc.constantFrom(
      'a'.repeat(MAX_REGEX_VALUE - 1) + '!',
      'ab'.repeat(MAX_REGEX_VALUE / 2 - 1) + '!',
    )
    fc.assert(
      fc.property(source, value, (regex, text) => {
        const started = performance.now()
        preparePattern({ regex })(text)
        expect(performance.now() - started, regex).toBeLessThan(3000)
      }),
      { numRuns: 200 },
    )
  })

  it('do not judge values that are too long', () => {
    const judge = preparePattern({ regex: '^a*$' })
    expect(judge('a'.repeat(MAX_REGEX_VALUE))).toBe('yes')
    expect(judge('b')).toBe('no')
    expect(judge('a'.repeat(MAX_REGEX_VALUE + 1))).toBe('unknown')
  })
})
