import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import { ACL_LIMITS } from '../../../shared/acl/model.ts'
import { checkAcl, formatAcl, parseAcl } from '../../../shared/acl/parse.ts'
import { acl } from './arbitrary.ts'

const good = { id: 'r1', name: 'One', effect: 'allow', action: 'both', topic: 'a/#', who: {}, enabled: true }
const errorsOf = (rule: object) => {
  const result = checkAcl({ format: 1, version: 1, rules: [{ ...good, ...rule }] })
  return result.ok ? [] : result.errors.map(({ text }) => text)
}

describe('the JSON form', () => {
  it('reads back as it was written, whatever the list', () => {
    fc.assert(
      fc.property(acl, (list) => {
        const text = formatAcl(list)
        expect(parseAcl(text)).toEqual({ ok: true, list })
        expect(formatAcl((parseAcl(text) as { list: typeof list }).list)).toBe(text)
      }),
      { numRuns: 300 },
    )
  })

  it('has one order of keys, however a rule was made', () => {
    const { id, ...rest } = good
    const who = { network: '10.0.0.0/8', username: { exact: 'a' } }
    const twisted = checkAcl({ rules: [{ ...rest, who, id }], version: 3, format: 1 })
    expect(twisted.ok && formatAcl(twisted.list)).toBe(
      `{
  "format": 1,
  "version": 3,
  "rules": [
    {
      "id": "r1",
      "name": "One",
      "effect": "allow",
      "action": "both",
      "topic": "a/#",
      "who": {
        "username": {
          "exact": "a"
        },
        "network": "10.0.0.0/8"
      },
      "enabled": true
    }
  ]
}
`,
    )
  })

  it('holds the defaults', () => {
    expect(parseAcl(formatAcl(OKTOPUS_DEFAULTS))).toEqual({ ok: true, list: OKTOPUS_DEFAULTS })
  })

  it.each([
    ['', 'is no JSON'],
    ['[]', 'must be an object'],
    ['{"format":2,"version":1,"rules":[]}', 'format must be 1'],
    ['{"format":1,"version":-1,"rules":[]}', 'version must be a whole number'],
    ['{"format":1,"version":1}', 'rules must be a list'],
    ['{"format":1,"version":1,"rules":[],"default":"allow"}', 'default is not known'],
    [' '.repeat(ACL_LIMITS.text + 1), 'is longer than'],
  ])('refuses the list %#', (text, said) => {
    const result = parseAcl(text)
    expect(result.ok ? '' : result.errors[0]!.text).toContain(said)
  })

  it.each<[object, string]>([
    [{ effect: 'permit' }, 'Rule 1 (r1): effect must be one of allow, deny.'],
    [{ action: 'read' }, 'action must be one of'],
    [{ id: '' }, 'id is empty'],
    [{ name: 7 }, 'name must be a text'],
    [{ topic: 'a#' }, 'topic has # after other characters'],
    [{ topic: '' }, 'topic is empty'],
    [{ topic: 'a/${user}' }, 'unknown placeholder ${user}'],
    [{ topic: 'a/${username' }, 'has ${ without a placeholder'],
    [{ topic: '$share/g/a' }, 'is a shared subscription'],
    [{ topic: 'x'.repeat(65_536) }, 'topic is longer than'],
    [{ who: { user: { exact: 'a' } } }, 'who.user is not known here'],
    [{ who: { username: 'a' } }, 'who.username must be an object'],
    [{ who: { username: {} } }, 'must have exactly one of exact, wildcard, regex, none'],
    [{ who: { username: { exact: 'a', regex: 'a' } } }, 'must have exactly one of'],
    [{ who: { clientId: { none: true } } }, 'who.clientId.none is not known'],
    [{ who: { username: { none: false } } }, 'must be true'],
    [{ who: { clientId: { regex: '(a+)+' } } }, 'who.clientId.regex repeats without end'],
    [{ who: { network: '10.0.0.0/40' } }, 'who.network is no IPv4 or IPv6 network'],
    [{ who: { network: '10.0.0.1/8' } }, 'names an address beyond its prefix'],
    [{ who: { listener: {} } }, 'must have a transport, a port or both'],
    [{ who: { listener: { port: 0 } } }, 'who.listener.port must be a whole number from 1 to 65535'],
    [{ qos: {} }, 'qos must have either max or only'],
    [{ qos: { max: 3 } }, 'qos.max must be a whole number from 0 to 2'],
    [{ qos: { only: [] } }, 'must be a list of 0, 1 or 2'],
    [{ qos: { only: [1, 0] } }, 'must ascend'],
    [{ retain: 'no' }, 'retain must be true or false'],
    [{ action: 'subscribe', retain: true }, 'retain is of messages'],
    [{ enabled: undefined }, 'enabled must be true or false'],
    [{ deny: true }, 'deny is not known here'],
  ])('refuses the rule %#', (change, said) => {
    expect(errorsOf(change).join('\n')).toContain(said)
  })

  it('tells every error, and which rule has it', () => {
    const rules = [good, { ...good, effect: 'x', topic: '#a' }, good, null]
    const result = checkAcl({ format: 1, version: 1, rules })
    expect(result.ok ? [] : result.errors.map(({ index, rule, field }) => [index, rule, field])).toEqual([
      [1, 'r1', 'effect'],
      [1, 'r1', 'topic'],
      [2, 'r1', 'id'],
      [3, undefined, ''],
    ])
  })

  it('is bounded', () => {
    const rules = Array.from({ length: ACL_LIMITS.rules + 1 }, (_, i) => ({ ...good, id: `r${i}` }))
    expect(checkAcl({ format: 1, version: 1, rules }).ok).toBe(false)
    expect(checkAcl({ format: 1, version: 1, rules: rules.slice(1) }).ok).toBe(true)
  })

  it('is never read with an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        checkAcl(value)
        checkAcl({ format: 1, version: 1, rules: [value] })
        checkAcl({ format: 1, version: 1, rules: [{ ...good, who: value, qos: value }] })
      }),
      { numRuns: 500 },
    )
  })
})
