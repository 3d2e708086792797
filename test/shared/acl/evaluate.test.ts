import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileAcl, decide } from '../../../shared/acl/evaluate.ts'
import { explain } from '../../../shared/acl/explain.ts'
import type { AclList, AclRule, Question, Subject } from '../../../shared/acl/model.ts'
import { acl, FILTERS, listOf, plainSubject, question, rule, subject, topicsUnder } from './arbitrary.ts'
import { decideByTheBook } from './by-the-book.ts'

const makeRule = (
  id: string,
  effect: AclRule['effect'],
  topic: string,
  more: Partial<AclRule> = {},
): AclRule => ({
  id,
  name: id,
  effect,
  action: 'both',
  topic,
  who: {},
  enabled: true,
  ...more,
})
const makeList = (...rules: AclRule[]): AclList => ({ version: 1, rules })
const ask = (
  topic: string,
  action: Question['action'] = 'publish',
  who: Partial<Subject> = {},
): Question => ({
  action,
  topic,
  who: { ...plainSubject, ...who },
  qos: 0,
  retain: false,
})

describe('decide', () => {
  it('takes the first rule that matches, and denies what none does', () => {
    const list = makeList(
      makeRule('no', 'deny', 'a/b'),
      makeRule('yes', 'allow', 'a/#'),
      makeRule('late', 'deny', 'a/c'),
    )
    expect(decide(list, ask('a/b'))).toMatchObject({
      verdict: 'deny',
      index: 0,
      why: 'rule 1 "no" denies it',
    })
    expect(decide(list, ask('a/c'))).toMatchObject({ verdict: 'allow', index: 1, rule: { id: 'yes' } })
    expect(decide(list, ask('b'))).toEqual({
      verdict: 'deny',
      why: 'no rule matches, and what no rule allows is denied',
    })
    expect(decide(makeList(), ask('b')).verdict).toBe('deny')
  })

  it.each<[string, Question['action'], string]>([
    ['a/+', 'publish', 'the topic name holds the wildcard +'],
    ['', 'publish', 'the topic name is empty'],
    ['a#', 'subscribe', 'the topic filter has # after other characters: it must fill its level'],
    ['$share/g', 'subscribe', 'the topic filter has no topic filter after the share name'],
    ['x'.repeat(65_536), 'publish', 'the topic name is longer than 65,535 bytes'],
  ])('denies what is no topic, whatever the rules: %#', (topic, action, why) => {
    expect(decide(makeList(makeRule('all', 'allow', '#')), ask(topic, action))).toEqual({
      verdict: 'deny',
      why,
    })
  })

  it('allows a subscription only if one allow rule covers it all, and denies it if a deny rule touches it', () => {
    const list = makeList(makeRule('secret', 'deny', 'a/secret/#'), makeRule('rest', 'allow', 'a/#'))
    const verdict = (filter: string) => decide(list, ask(filter, 'subscribe')).verdict
    expect(['a/b', 'a/b/#', 'a/+/c', 'a/secret', 'a/#', 'a/+', '#', '+/b', 'b'].map(verdict)).toEqual([
      'allow',
      'allow',
      'deny',
      'deny',
      'deny',
      'deny',
      'deny',
      'deny',
      'deny',
    ])
  })

  it('judges shared subscriptions by their inner filter', () => {
    const list = makeList(makeRule('one', 'allow', 'a/+'))
    expect(decide(list, ask('$share/g/a/b', 'subscribe')).verdict).toBe('allow')
    expect(decide(list, ask('$share/g/a/#', 'subscribe')).verdict).toBe('deny')
    expect(decide(list, ask('$share/a/b', 'subscribe')).verdict).toBe('deny')
    // A message can be published to it: it is a topic like others that begin with $.
    expect(decide(makeList(makeRule('all', 'allow', '#')), ask('$share/g/a')).verdict).toBe('deny')
  })

  it.each(['', 'a/b', '+', '#', 'a#', 'a+b', 'a\0', undefined])(
    'no user name widens a rule: %j',
    (username) => {
      const list = makeList(makeRule('own', 'allow', 'dev/${username}/#'))
      for (const topic of ['dev/', 'dev/a/b', 'dev/x', 'dev/+', 'dev/#', 'dev/a', 'dev'])
        for (const action of ['publish', 'subscribe'] as const)
          expect(decide(list, ask(topic, action, { username })).verdict).toBe('deny')
      expect(explain(list, ask('dev/a', 'publish', { username })).passed[0]!.misses[0]!.text).toContain(
        '${username} cannot be filled: the user name ',
      )
    },
  )

  it('lets no user named $SYS read what the broker says of itself', () => {
    const list = makeList(makeRule('own', 'allow', '${username}/#'))
    expect(decide(list, ask('$SYS/#', 'subscribe', { username: '$SYS' })).verdict).toBe('deny')
    expect(decide(list, ask('SYS/#', 'subscribe', { username: 'SYS' })).verdict).toBe('allow')
    const below = makeList(makeRule('own', 'allow', 'a/${username}'))
    expect(decide(below, ask('a/$SYS', 'publish', { username: '$SYS' })).verdict).toBe('allow')
  })

  it('lets nobody slip out of a deny rule with an odd name', () => {
    const list = makeList(makeRule('own', 'deny', 'a/x-${clientid}/config'), makeRule('all', 'allow', '#'))
    const verdict = (topic: string, clientId: string) =>
      decide(list, ask(topic, 'publish', { clientId })).verdict
    expect(verdict('a/x-b/config', 'b')).toBe('deny')
    expect(verdict('a/x-c/config', 'b')).toBe('allow')
    expect(verdict('a/x-b/c/config', 'b/c')).toBe('deny')
    expect(verdict('b', 'b/c')).toBe('allow')
    expect(decide(list, ask('a/x', 'publish', { clientId: '#' })).why).toBe(
      'rule 1 "own" denies it, with every topic below a/ since ${clientid} cannot be filled: the client ID holds #',
    )
    const first = makeList(makeRule('own', 'deny', '${clientid}/config'), makeRule('sys', 'allow', '$SYS/#'))
    expect(decide(first, ask('$SYS/config', 'publish', { clientId: '$SYS' })).verdict).toBe('deny')
    const regex = makeList(
      makeRule('bad', 'deny', '#', { who: { clientId: { regex: '^evil' } } }),
      makeRule('all', 'allow', '#'),
    )
    expect(decide(regex, ask('a', 'publish', { clientId: `evil${'x'.repeat(300)}` })).verdict).toBe('deny')
    expect(decide(regex, ask('a', 'publish', { clientId: 'good' })).verdict).toBe('allow')
  })

  it('asks a retain condition of messages alone, a QoS condition of both', () => {
    const list = makeList(makeRule('one', 'allow', 'a', { retain: true, qos: { max: 1 } }))
    const base = ask('a', 'subscribe')
    expect(decide(list, base).verdict).toBe('allow')
    expect(decide(list, { ...base, qos: 2 }).verdict).toBe('deny')
    expect(decide(list, { ...base, action: 'publish' }).verdict).toBe('deny')
    expect(decide(list, { ...base, action: 'publish', retain: true }).verdict).toBe('allow')
  })

  it('takes topics of 65,535 bytes with as many levels', () => {
    const deep = '/'.repeat(65_535)
    const list = makeList(makeRule('one', 'deny', '+/a/#'), makeRule('two', 'allow', '#'))
    expect(decide(list, ask(deep)).verdict).toBe('allow')
    expect(decide(list, ask(deep, 'subscribe')).verdict).toBe('allow')
    expect(decide(list, ask(`${deep.slice(2)}#`, 'subscribe')).verdict).toBe('allow')
    const long = makeList(makeRule('one', 'allow', `${'x'.repeat(65_530)}/\${username}`))
    expect(decide(long, ask(`${'x'.repeat(65_530)}/a`)).verdict).toBe('allow')
    expect(decide(long, ask('x', 'publish', { username: 'y'.repeat(60_000) })).verdict).toBe('deny')
  })
})

describe('every list', () => {
  it('decides as its rules say, word for word', () => {
    fc.assert(
      fc.property(acl, question, (list, asked) => {
        const { verdict, index } = decide(list, asked)
        expect({ verdict, index }).toEqual(decideByTheBook(list, asked))
      }),
      { numRuns: 4000 },
    )
  })

  it('lets a subscription bring only topics that it allows one by one', () => {
    let allowed = 0
    const lists = listOf(rule.map((one) => ({ ...one, who: {}, enabled: true }) as AclRule))
    fc.assert(
      fc.property(lists, subject, fc.constantFrom(0 as const, 1 as const), (list, who, qos) => {
        const session = compileAcl(list).session(who)
        for (const filter of FILTERS) {
          if (session.decide('subscribe', filter, qos, false).verdict === 'deny') continue
          allowed++
          const denied = topicsUnder(filter).filter(
            (topic) => session.decide('subscribe', topic, qos, false).verdict === 'deny',
          )
          expect(denied, filter).toEqual([])
        }
      }),
      { numRuns: 60 },
    )
    expect(allowed).toBeGreaterThan(100)
  })

  it('decides the same again, and in any order, from its cache', () => {
    const questions = fc.array(question, { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(acl, subject, questions, (list, who, asked) => {
        const session = compileAcl(list).session(who)
        for (const one of [...asked, ...asked.toReversed()]) {
          const { action, topic, qos, retain } = one
          expect(session.decide(action, topic, qos, retain)).toEqual(decide(list, { ...one, who }))
        }
      }),
      { numRuns: 200 },
    )
    const session = compileAcl(makeList(makeRule('one', 'allow', 'a/+'))).session(plainSubject)
    const verdicts = Array.from({ length: 3000 }, (_, i) =>
      session.decide('publish', i % 3 ? `a/${i}` : `b/${i}`, 0, false),
    )
    expect(verdicts.filter(({ verdict }) => verdict === 'allow').length).toBe(2000)
  })

  it('explains every rule that it passed over', () => {
    fc.assert(
      fc.property(acl, question, (list, asked) => {
        const { decision, passed } = explain(list, asked)
        expect(decision).toEqual(decide(list, asked))
        expect(passed.map(({ index }) => index)).toEqual([...list.rules.keys()].slice(0, decision.index))
        for (const { misses } of passed) expect(misses.length).toBeGreaterThan(0)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('explain', () => {
  it('says which condition did not hold, in words', () => {
    const list = makeList(
      makeRule('off', 'allow', 'a', { enabled: false }),
      makeRule('sub', 'allow', 'a', { action: 'subscribe' }),
      makeRule('user', 'allow', 'a', { who: { username: { exact: 'x' } } }),
      makeRule('none', 'allow', 'a', { who: { username: { none: true } } }),
      makeRule('id', 'allow', 'a', { who: { clientId: { wildcard: 'x*' }, endpointId: { regex: '^x' } } }),
      makeRule('net', 'allow', 'a', { who: { network: '192.168.0.0/16' } }),
      makeRule('port', 'allow', 'a', { who: { listener: { transport: 'tls', port: 8883 } } }),
      makeRule('qos', 'allow', 'a', { qos: { max: 0 }, retain: true }),
      makeRule('topic', 'allow', 'b/${endpoint}'),
    )
    const { decision, passed } = explain(list, { ...ask('a'), qos: 1 })
    expect(decision.index).toBeUndefined()
    expect(passed.map(({ misses }) => misses.map(({ condition, text }) => `${condition}: ${text}`))).toEqual([
      ['enabled: it is switched off'],
      ['action: it is about subscribing'],
      ['username: it wants the user name "x", and this one is "a"'],
      ['username: it is for clients without a user name, and this one is "a"'],
      [
        'clientId: it wants the client ID like x*, and this one is "b"',
        'endpointId: it wants the endpoint ID matching /^x/, and this one is "z"',
      ],
      ['network: it wants an address in 192.168.0.0/16, and this one is 10.1.2.3'],
      ['listener: it wants the listener tls 8883, and this one is tcp 1883'],
      ['qos: it is not for QoS 1', 'retain: it is for retained messages'],
      ['topic: its filter b/z does not take the topic'],
    ])
    const part = explain(makeList(makeRule('part', 'allow', 'a/b')), ask('a/+', 'subscribe'))
    expect(part.passed[0]!.misses[0]!.text).toBe(
      'its filter a/b takes only a part of what the subscription asks for',
    )
    expect(explain(list, ask('a/#')).passed).toEqual([])
  })
})
