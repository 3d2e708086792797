import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import { decide } from '../../../../shared/acl/evaluate.ts'
import {
  ACL_LIMITS,
  QOS_LEVELS,
  subjectName,
  type AclRule,
  type Question,
} from '../../../../shared/acl/model.ts'
import { checkAcl } from '../../../../shared/acl/parse.ts'
import { allowDenied, questionOf } from '../../../../renderer/features/access/allow.ts'
import {
  answerTo,
  askedAgain,
  askedBy,
  blankQuestion,
  questionFrom,
  verdictWords,
} from '../../../../renderer/features/access/ask.ts'
import {
  copyOf,
  faultAt,
  faultsOf,
  freeId,
  judgeable,
  levelsOf,
  listValue,
  newRule,
  qosCondition,
  withField,
  withFreeIds,
} from '../../../../renderer/features/access/rules.ts'
import { endpointsProblem } from '../../../../renderer/features/access/user-dialogs.tsx'
import {
  knockAdvice,
  mayWords,
  presentedWords,
  whoWords,
} from '../../../../renderer/features/access/words.ts'
import { denial, device, knock, manyRules } from './fake-access.ts'

const rules = OKTOPUS_DEFAULTS.rules
const bare = newRule([])

describe('making rules', () => {
  it('makes one that is right, and opens nothing', () => {
    expect(faultsOf(bare)).toEqual([])
    expect(bare.effect).toBe('deny')
  })

  it('gives every rule an ID of its own', () => {
    const wanted = fc.array(fc.constantFrom('rule', 'rule-2', 'x'.repeat(ACL_LIMITS.id)), { maxLength: 8 })
    fc.assert(
      fc.property(wanted, (names) => {
        const added = names.map((id) => ({ ...bare, id }))
        const all = [bare, ...withFreeIds(added, [bare])]
        expect(checkAcl(listValue(1, all)).ok).toBe(true)
      }),
      { numRuns: 50 },
    )
    expect(freeId('rule', [bare])).toBe('rule-2')
    expect(copyOf({ ...bare, name: 'n'.repeat(200) }, [bare]).name).toHaveLength(ACL_LIMITS.name)
  })
})

describe('checking a rule', () => {
  const faults = (change: Partial<AclRule>) => faultsOf({ ...bare, ...change })
  it.each([
    ['topic', { topic: 'lab/#/x' }, '#'],
    ['topic', { topic: 'lab/${device}' }, 'unknown placeholder'],
    ['topic', { topic: '' }, 'is empty'],
    ['name', { name: '' }, 'is empty'],
    ['who.network', { who: { network: '192.168' } }, 'write it like 192.168.0.0/16'],
    ['who.network', { who: { network: '10.1.2.3/8' } }, 'clear its last bits'],
    ['who.username', { who: { username: { regex: '(' } } }, 'regular expression'],
    ['who.endpointId', { who: { endpointId: { regex: '(a+)+' } } }, 'repeats without end'],
    ['who.listener', { who: { listener: { port: Number.NaN } } }, 'whole number'],
    ['qos', { qos: { only: [] } }, 'not empty'],
  ] as const)('%s of %j', (field, change, said) => {
    const found = faults(change as Partial<AclRule>)
    expect(faultAt(found, field)).toContain(said)
    expect(found.map(({ text }) => text).join()).not.toContain('Rule 1')
  })

  it('does not take one field for another that begins alike', () => {
    expect(faultAt([{ field: 'who.network', text: 'x' }], 'who.net')).toBeUndefined()
  })

  it('leaves faulty rules out of what is judged, at their places', () => {
    const broken = { ...bare, id: 'broken', who: { username: { regex: '(' } } }
    const judged = judgeable([broken, ...rules])
    expect(judged[0]).toMatchObject({ id: 'broken', enabled: false })
    expect(judged.slice(1)).toEqual(rules)
    expect(judgeable(rules)).toBe(rules)
  })
})

describe('fields', () => {
  it('says QoS levels as a condition and back', () => {
    fc.assert(
      fc.property(fc.subarray([...QOS_LEVELS], { minLength: 1 }), (levels) => {
        expect(levelsOf(qosCondition(levels))).toEqual(levels)
      }),
    )
    expect(qosCondition([0, 1, 2])).toBeUndefined()
    expect(qosCondition([1, 0])).toEqual({ max: 1 })
    expect(qosCondition([2])).toEqual({ only: [2] })
  })

  it('takes the retain condition from a rule that only subscribes', () => {
    const retained = withField({ ...bare, action: 'publish' }, 'retain', true)
    expect(retained.retain).toBe(true)
    expect(withField(retained, 'action', 'subscribe')).not.toHaveProperty('retain')
    expect(withField(retained, 'retain', undefined)).not.toHaveProperty('retain')
  })
})

describe('allow this', () => {
  const ask = (change: Partial<Question>): Question => ({ ...questionOf(denial())!, ...change })
  const after = (denied = denial()) => {
    const allowed = allowDenied(rules, denied)
    if (!allowed.ok) throw new Error(allowed.reason)
    return allowed
  }

  it('follows the endpoint ID where the topic has it, for this user alone', () => {
    const { rule, rules: next } = after()
    expect(rule).toMatchObject({
      effect: 'allow',
      action: 'publish',
      topic: 'lab/telemetry/${endpoint}',
      who: { username: { exact: device.username } },
    })
    const list = { version: 0, rules: next }
    expect(checkAcl(listValue(0, next)).ok).toBe(true)
    expect(decide(list, ask({})).verdict).toBe('allow')
    expect(decide(list, ask({ topic: 'lab/telemetry/os::other' })).verdict).toBe('deny')
    const stranger = { ...device, username: 'guest', endpointId: device.endpointId }
    expect(decide(list, ask({ who: stranger })).verdict).toBe('deny')
  })

  it('stands before the rule that denied', () => {
    const denied = denial({ topic: 'oktopus/usp/v1/status/x', rule: 'status' })
    const { rule, rules: next } = after(denied)
    expect(next.findIndex(({ id }) => id === rule.id)).toBe(rules.findIndex(({ id }) => id === 'status'))
  })

  it('keeps to the client ID of a client without a user name', () => {
    const { rule } = after(denial({ who: { ...device, username: undefined } }))
    expect(rule.who).toEqual({ username: { none: true }, clientId: { exact: device.clientId } })
  })

  it('takes what could not be delivered as a subscription', () => {
    expect(after(denial({ action: 'deliver', topic: 'lab/x' })).rule.action).toBe('subscribe')
  })

  it('says why it makes none', () => {
    const reason = (denied: Parameters<typeof allowDenied>[1]) => {
      const allowed = allowDenied(rules, denied)
      return allowed.ok ? '' : allowed.reason
    }
    expect(reason(knock())).toContain('admitted under Knocking')
    expect(
      reason(denial({ action: 'subscribe', topic: `oktopus/usp/v1/agent/${device.endpointId}` })),
    ).toContain('allow it already')
    expect(reason(denial({ topic: 'lab/#' }))).toContain('No rule can allow it')
  })

  it('allows any topic name that was denied, and for nobody else', () => {
    const level = fc.stringMatching(/^[a-z0-9$:]{1,6}$/)
    fc.assert(
      fc.property(fc.array(level, { minLength: 1, maxLength: 4 }), (levels) => {
        const topic = levels.join('/')
        const { rules: next } = after(denial({ topic }))
        expect(decide({ version: 0, rules: next }, ask({ topic })).verdict).toBe('allow')
        const who = { ...device, username: 'guest', endpointId: 'guest', clientId: 'guest' }
        expect(decide({ version: 0, rules: next }, ask({ topic, who })).verdict).toBe('deny')
      }),
      { numRuns: 100 },
    )
  })
})

describe('asking', () => {
  it('answers with the rule and why those before it do not match', () => {
    const form = {
      ...blankQuestion,
      ...device,
      listener: 'tcp 1883',
      topic: `oktopus/usp/v1/api/${device.endpointId}`,
    }
    const answer = answerTo(form, rules)
    expect(answer.decision).toMatchObject({ verdict: 'allow', rule: { id: 'api' } })
    expect(answer.passed).toHaveLength(answer.decision.index ?? -1)
    expect(verdictWords(answer)).toMatch(/^Rule \d+ "A device answers users" allows it\.$/)
  })

  it('takes empty fields as not given', () => {
    const { who, retain } = questionFrom({ ...blankQuestion, action: 'subscribe', retain: true })
    expect(who).toMatchObject({ username: undefined, address: undefined, listener: undefined })
    expect(retain).toBe(false)
  })

  it('asks again what was denied', () => {
    expect(questionFrom(askedAgain(denial())!)).toEqual(questionOf(denial()))
    expect(askedAgain(knock())).toBeUndefined()
  })

  it('survives a rule with a fault', () => {
    const broken = { ...bare, who: { username: { regex: '(' } } }
    expect(answerTo({ ...blankQuestion, topic: 'x' }, [broken]).decision.verdict).toBe('deny')
  })

  it('knows a device', () => {
    const row = { endpointId: 'e', username: 'u', clientId: 'c', remoteAddress: '::1' }
    expect(askedBy(row as Parameters<typeof askedBy>[0])).toEqual({
      endpointId: 'e',
      username: 'u',
      clientId: 'c',
      address: '::1',
    })
  })
})

describe('words', () => {
  it.each([
    [{}, 'everybody'],
    [{ username: { exact: 'a' } }, 'user a'],
    [{ username: { exact: '' } }, 'user "" (empty)'],
    [{ username: { none: true } }, 'no user name'],
    [{ clientId: { wildcard: 'x*' }, network: '10.0.0.0/8' }, 'client like x*, in 10.0.0.0/8'],
    [
      { endpointId: { regex: '^os' }, listener: { transport: 'tls', port: 8883 } },
      'endpoint matching /^os/, over tls 8883',
    ],
  ] as const)('%j is %s', (who, said) => expect(whoWords(who)).toBe(said))

  it('says what a rule is about', () => {
    expect(mayWords({ ...bare, action: 'publish', qos: { max: 1 }, retain: false })).toBe(
      'publish, QoS 0 1, not retained',
    )
  })

  it('names who knocked, and what to do', () => {
    expect(subjectName({ ...device, endpointId: '', username: undefined })).toBe('cpe-7731')
    expect(knockAdvice(knock({ who: { ...device, username: undefined } }))).toContain('enter a user name')
    expect(knockAdvice(knock())).toContain('let the device try again')
    expect(knockAdvice(knock({ cause: 'limit' }))).toContain('raise that limit')
    expect(knockAdvice(knock({ who: { ...device, username: 'oktopusController' } }))).toContain('under Users')
    const refusedHandshake = knock({ cause: 'tls', who: { ...device, username: undefined } })
    expect(knockAdvice(refusedHandshake)).toBeUndefined()
    expect(presentedWords(refusedHandshake)).toBe('nothing but a TLS handshake')
  })

  it('says what a refused device showed', () => {
    const presented = { version: 'MQTT 5.0', assigned: true, certificate: 'CN=cpe' }
    expect(presentedWords(knock({ presented }))).toBe(
      `user ${device.username} · client none · MQTT 5.0 · certificate CN=cpe`,
    )
    expect(presentedWords(knock({ who: { ...device, endpointId: 'os::other' } }))).toContain(
      'client cpe-7731 · endpoint ID os::other',
    )
  })

  it('refuses what cannot be the endpoint IDs of a user', () => {
    expect(endpointsProblem(['os::1'])).toBeUndefined()
    expect(endpointsProblem(manyRules(101).map(({ id }) => id))).toContain('At most 100')
    expect(endpointsProblem(['x'.repeat(1001)])).toContain('longer than')
  })
})
