import { describe, expect, test } from 'vitest'
import { notChecked } from '../../../shared/lint/not-checked.ts'
import { findRule, rules } from '../../../shared/lint/rules/index.ts'
import { cases } from './cases.ts'
import { broken } from './talk.ts'

describe('each rule', () => {
  test.each(rules.map(({ id }) => id))('%s speaks when it is broken', (id) => {
    const sample = cases[id]
    if (sample === undefined) throw new Error(`no case for ${id}`)
    expect(loud(broken(sample.breaks), id)).toEqual(
      [id, ...(sample.also ?? [])].filter((one) => isLoud(one, id)).sort(),
    )
  })

  test.each(rules.map(({ id }) => id))('%s is silent beside that', (id) => {
    expect(
      loud(
        broken((talk) => cases[id]?.keeps(talk)),
        id,
      ),
    ).toEqual([])
  })
})

/** Notes of other rules are by the way: MQTT 3.1.1 alone is one. */
const isLoud = (rule: string, id: string): boolean => rule === id || findRule(rule)?.severity !== 'note'
const loud = (found: readonly string[], id: string): string[] => found.filter((rule) => isLoud(rule, id))

describe('the table of rules', () => {
  test('each has a case, and each case a rule', () => {
    expect(Object.keys(cases).sort()).toEqual(rules.map(({ id }) => id).sort())
  })

  test('names are unique and plain', () => {
    const ids = rules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })

  test('requirements are labels of the specification', () => {
    const label = /^R-[A-Z0-9]+\.\d+[a-e]?$/
    for (const { requirements } of [...rules, ...notChecked])
      for (const one of requirements) expect(one).toMatch(label)
  })

  test('what is expected is a sentence', () => {
    for (const { expected } of rules) expect(expected).toMatch(/\.$/)
  })

  test('a requirement without level has no severity of error', () => {
    for (const { id, level, severity } of rules)
      expect([id, level === 'none' && severity === 'error']).toEqual([id, false])
  })
})
