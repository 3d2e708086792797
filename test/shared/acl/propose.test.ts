import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAcl, decide } from '../../../shared/acl/evaluate.ts'
import { checkAcl, formatAcl, parseAcl } from '../../../shared/acl/parse.ts'
import { propose } from '../../../shared/acl/propose.ts'
import type { Question, Subject } from '../../../shared/acl/model.ts'
import { joinReplyTo } from '../../../shared/usp/oktopus.ts'
import { FILTERS, plainSubject, TOPICS } from './arbitrary.ts'

const device: Subject = { ...plainSubject, username: 'cpe-1', clientId: 'client-1', endpointId: 'os::1' }
const asked = (action: Question['action'], topic: string, more: Partial<Question> = {}): Question => ({
  action,
  topic,
  who: device,
  qos: 0,
  retain: false,
  ...more,
})
const agent = 'oktopus/usp/v1/agent/os::1'
const session = [
  asked('subscribe', agent),
  asked('subscribe', `${agent}/#`),
  asked('publish', 'oktopus/usp/v1/controller/os::1', { qos: 1 }),
  asked('publish', 'oktopus/usp/v1/controller/os::1'),
  asked('publish', joinReplyTo('oktopus/usp/v1/controller', agent)),
  asked('publish', 'bulk/data', { retain: true }),
]

describe('propose', () => {
  it('says a recorded session in a few rules, and which packets each covers', () => {
    const { rules, leftOut, list } = propose(session)
    expect(leftOut.size).toBe(0)
    expect(parseAcl(formatAcl(list))).toEqual({ ok: true, list })
    expect(
      rules.map(({ rule, count, first }) => [
        rule.action,
        rule.topic,
        rule.who,
        rule.qos,
        rule.retain,
        count,
        first,
      ]),
    ).toEqual([
      ['subscribe', 'oktopus/usp/v1/agent/${endpoint}/#', {}, { max: 0 }, undefined, 2, [0, 1]],
      ['publish', 'oktopus/usp/v1/controller/${endpoint}', {}, { max: 1 }, false, 2, [2, 3]],
      [
        'publish',
        'oktopus/usp/v1/controller/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F${endpoint}',
        {},
        { max: 0 },
        false,
        1,
        [4],
      ],
      ['publish', 'bulk/data', { username: { exact: 'cpe-1' } }, { max: 0 }, true, 1, [5]],
    ])
    expect(rules[0]!.rule.note).toBe('Covers 2 packets of the recording.')
  })

  it('gives other devices their own, and nothing else', () => {
    const other = { ...device, username: 'cpe-2', clientId: 'client-2', endpointId: 'os::2' }
    const { list } = propose(session)
    const verdict = (action: Question['action'], topic: string) =>
      decide(list, asked(action, topic, { who: other })).verdict
    expect(verdict('subscribe', 'oktopus/usp/v1/agent/os::2')).toBe('allow')
    expect(verdict('subscribe', agent)).toBe('deny')
    expect(verdict('publish', 'bulk/data')).toBe('deny')
  })

  it('keeps the words of the flow, even for a client that is called like one', () => {
    const who = { ...device, username: 'v1', clientId: 'agent', endpointId: 'controller' }
    const { rules } = propose([asked('publish', 'oktopus/usp/v1/agent/x', { who })])
    expect(rules[0]!.rule.topic).toBe('oktopus/usp/v1/agent/x')
  })

  it('groups topics only when asked to, and says that it allows more', () => {
    const many = Array.from({ length: 9 }, (_, i) => asked('publish', `log/${i}/line`))
    expect(propose(many).rules.length).toBe(9)
    expect(propose(many, { groupFrom: 10 }).rules.length).toBe(9)
    const { rules } = propose([...many, asked('publish', 'x/0')], { groupFrom: 3 })
    expect(rules.map(({ rule, count }) => [rule.topic, count])).toEqual([
      ['x/0', 1],
      ['log/+/line', 9],
    ])
    expect(rules[1]!.rule.note).toContain('9 topics are grouped here, so it allows more than was recorded')
    expect(rules[1]!.first).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    const tops = Array.from({ length: 9 }, (_, i) => asked('publish', `${i}/a`))
    expect(propose(tops, { groupFrom: 3 }).rules.length).toBe(9)
  })

  it('says what it leaves out', () => {
    const { rules, leftOut } = propose([
      asked('publish', 'a/${username}'),
      asked('publish', 'a/#'),
      asked('publish', ''),
    ])
    expect(rules).toEqual([])
    expect([...leftOut]).toEqual([
      ['the topic holds ${, which a rule takes for a placeholder', 1],
      ['the topic name holds the wildcard #', 1],
      ['the topic name is empty', 1],
    ])
    const endless = Array.from({ length: 2500 }, (_, i) => asked('publish', `a/${i}`))
    expect([...propose(endless).leftOut.values()]).toEqual([500])
  })

  it('allows all that was recorded, and no other topic', () => {
    const topics = TOPICS.filter((topic) => topic.split('/').length < 4)
    const one = fc.oneof(
      fc.constantFrom(...topics).map((topic) => asked('publish', topic, { who: plainSubject })),
      fc.constantFrom(...FILTERS).map((topic) => asked('subscribe', topic, { who: plainSubject })),
    )
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (questions) => {
        const { list, leftOut } = propose(questions)
        expect(leftOut.size).toBe(0)
        expect(checkAcl(JSON.parse(formatAcl(list))).ok).toBe(true)
        const proposed = compileAcl(list).session(plainSubject)
        for (const { action, topic } of questions)
          expect(proposed.decide(action, topic, 0, false).verdict, `${action} ${topic}`).toBe('allow')
        const published = new Set(
          questions.filter(({ action }) => action === 'publish').map(({ topic }) => topic),
        )
        for (const topic of topics)
          expect(proposed.decide('publish', topic, 0, false).verdict === 'allow').toBe(published.has(topic))
      }),
      { numRuns: 100 },
    )
  })
})
