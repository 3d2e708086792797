import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deciderText, DryRun, type Change } from '../../../shared/acl/dry-run.ts'
import { decide } from '../../../shared/acl/evaluate.ts'
import type { AclList, AclRule, Question } from '../../../shared/acl/model.ts'
import { acl, plainSubject, question } from './arbitrary.ts'

function run<Q extends Question>(before: AclList, after: AclList, questions: readonly Q[]) {
  const trial = new DryRun(before, after)
  const differences: (Change & { readonly question: Q })[] = []
  for (const question of questions) {
    const change = trial.ask(question)
    if (change) differences.push({ ...change, question })
  }
  return { differences, summary: trial.counts }
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

describe('DryRun', () => {
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
    expect(
      differences.map(({ kind, question: { no }, before: was, after: is }) => [
        kind,
        no,
        deciderText(was),
        deciderText(is),
      ]),
    ).toEqual([
      ['newly-denied', 1, 'rule 1 "all"', 'rule 1 "b"'],
      ['rule-changed', 2, 'rule 1 "all"', 'rule 2 "c"'],
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

  it('takes what was recorded in place of the first list, and then compares verdicts alone', () => {
    const trial = new DryRun({ version: 1, rules: [] }, { version: 2, rules: [rule('all', 'allow', '#')] })
    const question = {
      topic: 'a',
      action: 'publish',
      who: plainSubject,
      qos: 0,
      retain: false,
    } as const
    expect(trial.ask(question, { verdict: 'allow', why: 'the bench was open' })).toBeUndefined()
    const change = trial.ask(question, { verdict: 'deny', why: 'it was refused' })
    expect(change).toMatchObject({ kind: 'newly-allowed', before: { why: 'it was refused' } })
    expect(deciderText(change!.before)).toBe('no rule')
  })

  it('gives the same answers for more clients than it keeps', () => {
    const trial = new DryRun(
      { version: 1, rules: [] },
      { version: 2, rules: [rule('own', 'allow', '${clientid}')] },
    )
    for (let round = 0; round < 2; round++)
      for (let i = 0; i < 600; i++) {
        const who = { ...plainSubject, clientId: `c${i}` }
        const change = trial.ask({ topic: `c${i}`, action: 'publish', who, qos: 0, retain: false })
        expect(change?.kind).toBe('newly-allowed')
      }
    expect(trial.counts).toMatchObject({ asked: 1200, 'newly-allowed': 1200 })
  })
})
