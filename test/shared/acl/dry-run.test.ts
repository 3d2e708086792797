import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dryRun, type Difference, type DryRunSummary } from '../../../shared/acl/dry-run.ts'
import { decide } from '../../../shared/acl/evaluate.ts'
import type { AclList, AclRule, Question } from '../../../shared/acl/model.ts'
import { acl, plainSubject, question } from './arbitrary.ts'

function run<Q extends Question>(before: AclList, after: AclList, questions: Iterable<Q>) {
  const differences: Difference<Q>[] = []
  const steps = dryRun(before, after, questions)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return { differences, summary: step.value satisfies DryRunSummary }
    differences.push(step.value)
  }
}

const rule = (id: string, effect: AclRule['effect'], topic: string): AclRule => ({
  id,
  name: id,
  effect,
  action: 'both',
  topic,
  who: {},
  enabled: true,
})

describe('dryRun', () => {
  it('tells what changes, with the packet it would have happened to', () => {
    const before = { version: 1, rules: [rule('all', 'allow', '#')] }
    const after = {
      version: 2,
      rules: [rule('b', 'deny', 'b'), rule('c', 'allow', 'c'), rule('all', 'allow', '#')],
    }
    const questions = ['a', 'b', 'c', '$SYS'].map((topic, no) => ({
      no,
      topic,
      action: 'publish' as const,
      who: plainSubject,
      qos: 0 as const,
      retain: false,
    }))
    const { differences, summary } = run(before, after, questions)
    expect(differences.map(({ kind, question: { no }, text }) => [kind, no, text])).toEqual([
      ['newly-denied', 1, 'Before: allowed by rule 1 "all". After: denied by rule 1 "b".'],
      ['rule-changed', 2, 'Before: allowed by rule 1 "all". After: allowed by rule 2 "c".'],
    ])
    expect(summary).toEqual({ asked: 4, same: 2, 'newly-denied': 1, 'newly-allowed': 0, 'rule-changed': 1 })
    expect(run(after, before, questions).summary).toMatchObject({ 'newly-allowed': 1, 'rule-changed': 1 })
  })

  it('agrees with asking both lists, and counts every question once', () => {
    fc.assert(
      fc.property(acl, acl, fc.array(question, { maxLength: 20 }), (before, after, questions) => {
        const { differences, summary } = run(before, after, questions)
        const changed = questions.filter((one) => {
          const [was, is] = [decide(before, one), decide(after, one)]
          return was.verdict !== is.verdict || was.rule?.id !== is.rule?.id
        })
        expect(differences.map((one) => one.question)).toEqual(changed)
        expect(summary.asked).toBe(questions.length)
        expect(summary.same).toBe(questions.length - changed.length)
      }),
      { numRuns: 300 },
    )
  })

  it('works on a question only when it is asked for', () => {
    let given = 0
    function* endless(): Generator<Question> {
      for (;;)
        yield {
          topic: `b/${given++}`,
          action: 'publish',
          who: { ...plainSubject, clientId: `${given}` },
          qos: 0,
          retain: false,
        }
    }
    const steps = dryRun(
      { version: 1, rules: [] },
      { version: 2, rules: [rule('all', 'allow', '#')] },
      endless(),
    )
    for (let i = 0; i < 2000; i++) expect(steps.next().done).toBe(false)
    expect(given).toBe(2000)
  })
})
