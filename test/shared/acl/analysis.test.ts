import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyse, analyseInSlices } from '../../../shared/acl/analysis.ts'
import type { AclList, AclRule } from '../../../shared/acl/model.ts'
import { acl, question } from './arbitrary.ts'
import { decideByTheBook } from './by-the-book.ts'

const rules = (...drafts: Partial<AclRule>[]): AclList => ({
  version: 1,
  rules: drafts.map((draft, i) => ({
    id: `r${i}`,
    name: `r${i}`,
    effect: 'allow',
    action: 'both',
    topic: 'a/#',
    who: {},
    enabled: true,
    ...draft,
  })),
})
const found = (list: AclList) => analyse(list).map(({ kind, index, by }) => [kind, index, by?.index])

describe('analyse', () => {
  it.each<[string, AclList, unknown[]]>([
    ['nothing to say', rules({ topic: 'a' }, { topic: 'b' }), []],
    ['a duplicate', rules({}, { name: 'again' }), [['duplicate', 1, 0]]],
    ['a duplicate said otherwise', rules({ topic: '#' }, { topic: '+/#' }), [['duplicate', 1, 0]]],
    [
      'a wider rule before',
      rules({ topic: '#' }, { effect: 'deny' }, {}),
      [
        ['shadowed', 1, 0],
        ['shadowed', 2, 0],
      ],
    ],
    ['the narrower before the wider', rules({ topic: 'a/b', effect: 'deny' }, {}), []],
    ['$ topics are not under #', rules({ topic: '#' }, { topic: '$SYS/#' }), []],
    [
      'an allow before a deny that touches more subscriptions',
      rules({}, { topic: 'a/b', effect: 'deny' }, { topic: '#' }),
      [],
    ],
    [
      'the same for publishing alone',
      rules({}, { topic: 'a/b', effect: 'deny', action: 'publish' }, { topic: '#' }),
      [['shadowed', 1, 0]],
    ],
    ['a rule that is off shadows nothing', rules({ enabled: false }, {}), []],
    ['a rule that is off is not looked at', rules({}, { enabled: false }), []],
    ['one of the actions only', rules({ action: 'publish' }, {}), []],
    [
      'QoS',
      rules({ qos: { max: 1 } }, { qos: { only: [0, 1] } }, { qos: { only: [2] } }),
      [['duplicate', 1, 0]],
    ],
    ['retain', rules({ retain: true }, { retain: false }, { topic: 'a/b' }), []],
    [
      'retain of messages',
      rules({ retain: true }, { retain: true, topic: 'a/b', action: 'publish' }),
      [['shadowed', 1, 0]],
    ],
    [
      'a placeholder under a wildcard',
      rules({ topic: 'a/+' }, { topic: 'a/${username}' }),
      [['shadowed', 1, 0]],
    ],
    ['a wildcard after a placeholder', rules({ topic: 'a/${username}' }, { topic: 'a/+' }), []],
    ['another placeholder', rules({ topic: 'a/${username}' }, { topic: 'a/${clientid}' }), []],
    [
      'who',
      rules({ who: { username: { wildcard: 'a*' } } }, { who: { username: { exact: 'ab' } } }, {}),
      [['shadowed', 1, 0]],
    ],
    ['any user name is not no user name', rules({ who: { username: { wildcard: '*' } } }, {}), []],
    [
      'any client ID is everybody',
      rules({ who: { clientId: { wildcard: '*' } } }, {}),
      [['duplicate', 1, 0]],
    ],
    [
      'networks',
      rules({ who: { network: '10.0.0.0/8' } }, { who: { network: '10.1.0.0/16' } }),
      [['shadowed', 1, 0]],
    ],
    [
      'listeners',
      rules({ who: { listener: { port: 1 } } }, { who: { listener: { port: 1, transport: 'ws' } } }),
      [['shadowed', 1, 0]],
    ],
    [
      'no client can fill it',
      rules({ topic: 'a/${username}', who: { username: { exact: 'x/y' } } }),
      [['never', 0, undefined]],
    ],
    [
      'nor with this wildcard',
      rules({ topic: 'a/${clientid}', who: { clientId: { wildcard: 'x/*' } } }),
      [['never', 0, undefined]],
    ],
    [
      'nor without a name',
      rules({ topic: 'a/${username}', who: { username: { none: true } } }),
      [['never', 0, undefined]],
    ],
    [
      'what the default does',
      rules({}, { topic: 'b', effect: 'deny' }, { topic: 'c', effect: 'deny' }),
      [
        ['redundant', 1, undefined],
        ['redundant', 2, undefined],
      ],
    ],
  ])('%s', (_, list, expected) => {
    expect(found(list)).toEqual(expected)
  })

  it('names the rules', () => {
    expect(analyse(rules({ topic: '#', name: 'All' }, { effect: 'deny' }))[0]!.text).toBe(
      'It is never reached: rule 1 "All" allows everything that it is about.',
    )
  })

  it('claims nothing false: no question changes when the rules it found are taken out', () => {
    let claims = 0
    fc.assert(
      fc.property(acl, fc.array(question, { minLength: 30, maxLength: 30 }), (list, questions) => {
        for (const { kind, index } of analyse(list)) {
          claims++
          const rest = {
            ...list,
            rules: list.rules.map((one, i) => (i === index ? { ...one, enabled: false } : one)),
          }
          for (const asked of questions) {
            const whole = decideByTheBook(list, asked)
            if (kind === 'redundant') expect(decideByTheBook(rest, asked).verdict).toBe(whole.verdict)
            else expect(whole.index, `${kind} ${JSON.stringify(asked)}`).not.toBe(index)
          }
        }
      }),
      { numRuns: 500 },
    )
    expect(claims).toBeGreaterThan(100)
  })

  it('claims nothing false of two rules and every odd client', () => {
    const pairs = fc
      .tuple(acl, acl)
      .map(([one, other]) => [...one.rules.slice(0, 1), ...other.rules.slice(0, 1)])
    fc.assert(
      fc.property(pairs, fc.array(question, { minLength: 40, maxLength: 40 }), (pair, questions) => {
        const list = { version: 1, rules: pair.map((one, i) => ({ ...one, id: `r${i}`, enabled: true })) }
        const finding = analyse(list).find(({ index, kind }) => index === 1 && kind !== 'redundant')
        if (finding === undefined) return
        for (const asked of questions) expect(decideByTheBook(list, asked).index).not.toBe(1)
      }),
      { numRuns: 2500 },
    )
  })
})

describe('analyseInSlices', () => {
  const many = {
    version: 0,
    rules: Array.from({ length: 600 }, (_, i) => ({
      id: `${i}`,
      name: `${i}`,
      effect: 'allow' as const,
      action: 'both' as const,
      topic: `a/${i % 300}/b`,
      who: {},
      enabled: true,
    })),
  }

  it('finds the same, and lets others have their turn', async () => {
    let turns = 0
    const found = await analyseInSlices(many, async () => void turns++)
    expect(found).toEqual(analyse(many))
    expect(found).toHaveLength(300)
    expect(turns).toBeGreaterThan(0)
  })

  it('stops when nobody wants to know any more', async () => {
    expect(
      await analyseInSlices(
        many,
        async () => undefined,
        () => true,
      ),
    ).toBeUndefined()
  })
})
