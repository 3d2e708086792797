import { describe, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import { decide } from '../../../../shared/acl/evaluate.ts'
import { exportHivemq, importHivemq } from '../../../../shared/acl/formats/hivemq.ts'
import { encodeXml, parseXml, XmlError } from '../../../../shared/acl/formats/xml.ts'
import { ACL_LIMITS, type AclList, type AclRule, type Question } from '../../../../shared/acl/model.ts'
import { plainSubject } from '../arbitrary.ts'

const SECRET = 'c2FsdA==:100:aGFzaA=='
const FILE = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<file-rbac>
  <users>
    <user>
      <name>cpe &amp; more</name>
      <password>${SECRET}</password>
      <roles><id>device</id><id>reader</id></roles>
    </user>
    <user>
      <name>admin</name>
      <password>${SECRET}</password>
      <roles><id>superuser</id></roles>
    </user>
  </users>
  <roles>
    <role>
      <id>device</id>
      <permissions>
        <!-- own data -->
        <permission><topic>data/\${{clientid}}/#</topic></permission>
        <permission>
          <topic>outgoing/\${{username}}</topic>
          <activity>PUBLISH</activity>
          <qos>ZERO_ONE</qos>
          <retain>RETAINED</retain>
        </permission>
      </permissions>
    </role>
    <role>
      <id>reader</id>
      <permissions>
        <permission>
          <topic>shared</topic>
          <activity>SUBSCRIBE</activity>
          <shared-subscription>SHARED</shared-subscription>
        </permission>
        <permission><topic>in</topic><activity>SUBSCRIBE</activity><retain>RETAINED</retain></permission>
      </permissions>
    </role>
    <role>
      <id>superuser</id>
      <permissions><permission><topic>#</topic></permission></permissions>
    </role>
    <role><id>unused</id><permissions><permission><topic>x</topic></permission></permissions></role>
  </roles>
</file-rbac>
`

const asked = (
  username: string,
  action: Question['action'],
  topic: string,
  more: Partial<Question> = {},
): Question => ({
  action,
  topic,
  who: { ...plainSubject, username, clientId: 'c1' },
  qos: 0,
  retain: false,
  ...more,
})

describe('importing credentials.xml', () => {
  const { list, notes } = importHivemq(FILE)

  it('gives every user the permissions of its roles', () => {
    expect(
      list.rules.map(({ who, action, topic, qos, retain }) => [who.username, action, topic, qos, retain]),
    ).toEqual([
      [{ exact: 'cpe & more' }, 'both', 'data/${clientid}/#', undefined, undefined],
      [{ exact: 'cpe & more' }, 'publish', 'outgoing/${username}', { only: [0, 1] }, true],
      [{ exact: 'cpe & more' }, 'subscribe', 'in', undefined, undefined],
      [{ exact: 'admin' }, 'both', '#', undefined, undefined],
    ])
    expect(decide(list, asked('cpe & more', 'publish', 'data/c1/x')).verdict).toBe('allow')
    expect(decide(list, asked('cpe & more', 'publish', 'outgoing/cpe & more')).verdict).toBe('deny')
    expect(
      decide(list, asked('cpe & more', 'publish', 'outgoing/cpe & more', { retain: true })).verdict,
    ).toBe('allow')
    expect(decide(list, asked('admin', 'subscribe', '#')).verdict).toBe('allow')
    expect(decide(list, asked('else', 'subscribe', 'in')).verdict).toBe('deny')
  })

  it('says what it left out, and no password', () => {
    expect(notes.map(({ effect, line }) => [effect, line])).toEqual([
      ['narrower', 32],
      ['different', 44],
      ['different', undefined],
    ])
    expect(JSON.stringify({ list, notes })).not.toContain(SECRET)
  })

  it.each<[string, string]>([
    ['<file-rbac><users><user><name></name></user></users></file-rbac>', 'A user has no name'],
    [
      '<file-rbac><users><user><name>a</name><roles><id>b</id></roles></user></users></file-rbac>',
      'no role "b"',
    ],
    ['<other/>', 'The outermost element is other'],
    ['', 'exactly one outermost element'],
    ['<!DOCTYPE x><file-rbac/>', 'A DOCTYPE is not read'],
    ['<file-rbac>', '<file-rbac> is never closed'],
    ['<file-rbac></users>', '</users> closes nothing'],
    ['<file-rbac>&nbsp;</file-rbac>', 'The entity &nbsp; is not known'],
  ])('refuses %s', (text, said) => {
    expect(importHivemq(text).notes[0]).toMatchObject({
      effect: 'error',
      text: expect.stringContaining(said),
    })
  })

  it('stops when the list is full', () => {
    const permissions = '<permission><topic>x</topic></permission>'.repeat(2500)
    const users = '<user><name>u</name><roles><id>r</id></roles></user>'.repeat(5000)
    const told = importHivemq(
      `<file-rbac><users>${users}</users><roles><role><id>r</id><permissions>${permissions}</permissions></role></roles></file-rbac>`,
    )
    expect(told.list.rules.length).toBe(ACL_LIMITS.rules)
    expect(told.notes.map(({ effect }) => effect)).toEqual(['error', 'different'])
    expect(importHivemq(' '.repeat(ACL_LIMITS.file + 1)).notes[0]!.text).toContain('The file is longer than')
  })

  it.each<[string, string]>([
    ['<topic>a</topic><activity>constructor</activity>', 'Its activity, qos or retain is not known'],
    ['<topic>a</topic><retain>toString</retain>', 'Its activity, qos or retain is not known'],
    ['<topic>a</topic><expiry>1</expiry>', '<expiry> is not known'],
    ['<topic>a/${{clientid}}/${username}</topic>', 'taken for a placeholder'],
    ['<topic>a#</topic>', 'after other characters'],
    ['', 'topic is empty'],
    ['<topic>a</topic><shared-group>g</shared-group>', 'not told apart'],
  ])('leaves out %s', (permission, said) => {
    const text = `<file-rbac><users><user><name>u</name><roles><id>r</id></roles></user></users><roles><role><id>r</id><permissions><permission>${permission}</permission></permissions></role></roles></file-rbac>`
    const told = importHivemq(text)
    expect(told.list.rules).toEqual([])
    expect(told.notes[0]).toMatchObject({ effect: 'narrower', line: 1, text: expect.stringContaining(said) })
  })
})

describe('exporting credentials.xml', () => {
  it('reads back as it was', () => {
    const { list } = importHivemq(FILE)
    const { text, notes } = exportHivemq(list, { users: [] })
    const bare = ({ rules }: AclList) => rules.map((rule) => ({ ...rule, id: '', name: '' }))
    expect(bare(importHivemq(text).list)).toEqual(bare(list))
    expect(notes.map(({ effect, text: said }) => [effect, said.slice(0, 21)])).toEqual([
      ['wider', 'HiveMQ fills placehol'],
      ['error', 'Fill in the passwords'],
    ])
  })

  it('gives rules for everybody to the users it is told', () => {
    const { text, notes } = exportHivemq(OKTOPUS_DEFAULTS, {
      users: ['cpe-1', 'cpe-2'],
      endpointAs: 'username',
    })
    const { list } = importHivemq(text)
    expect(decide(list, asked('cpe-1', 'subscribe', 'oktopus/usp/v1/agent/cpe-1')).verdict).toBe('allow')
    expect(decide(list, asked('cpe-2', 'publish', 'oktopus/usp/v1/controller/cpe-1')).verdict).toBe('deny')
    expect(decide(list, asked('oktopusController', 'publish', 'oktopus/usp/v1/agent/cpe-1')).verdict).toBe(
      'allow',
    )
    // HiveMQ cannot deny, but the deny rule about odd endpoint IDs is for no user of the file.
    const ofRules = notes.filter(({ index }) => index !== undefined)
    expect(ofRules.map(({ effect, index }) => [effect, index])).toEqual([['wider', 2]])
    expect(ofRules[0]?.text).toContain('do not add one that it is for')
  })

  it('leaves out what a deny takes away that can be for a user of the file', () => {
    const narrower = (users: readonly string[], endpointAs: 'username' | 'clientid') =>
      exportHivemq(OKTOPUS_DEFAULTS, { users, endpointAs }).notes.filter(
        ({ effect, index }) => effect === 'narrower' && index !== undefined,
      ).length
    expect(narrower(['cpe-1', 'reply-to=x'], 'username')).toBe(7)
    // Whoever chooses its client ID can choose this one.
    expect(narrower(['cpe-1'], 'clientid')).toBe(7)
  })

  it('leaves out an allow rule that a deny before it takes away from', () => {
    const rule = (
      id: string,
      effect: AclRule['effect'],
      topic: string,
      who: AclRule['who'] = {},
    ): AclRule => ({ id, name: id, effect, action: 'both', topic, who, enabled: true })
    const list = {
      version: 1,
      rules: [
        rule('no', 'deny', 'a/secret'),
        rule('a', 'allow', 'a/#'),
        rule('b', 'allow', 'b'),
        rule('net', 'allow', 'c', { network: '::1' }),
      ],
    }
    const { text, notes } = exportHivemq(list, { users: ['u'] })
    expect(importHivemq(text).list.rules.map(({ topic }) => topic)).toEqual(['b'])
    expect(notes.map(({ index }) => index)).toEqual([1, 3, undefined])
    expect(notes[0]!.text).toBe(
      'rule 2 "a": rule 1 "no" takes away from it, and HiveMQ has no rules that deny. This allow rule is left out.',
    )
  })
})

describe('XML', () => {
  it('has elements, text, comments, CDATA, attributes and entities', () => {
    const root = parseXml(
      '\ufeff<?xml version="1.0"?><!-- x -->\n<a b="1" c=\'>\'> t&#65;&lt;<![CDATA[<&]]>\n<d/><e>x</e></a>\n',
    )
    expect(root).toEqual({
      name: 'a',
      line: 2,
      text: 'tA<<&',
      children: [
        { name: 'd', line: 3, text: '', children: [] },
        { name: 'e', line: 3, text: 'x', children: [] },
      ],
    })
  })

  it('reads what it encodes', () => {
    const text = '<a> & "b" \'c\' ]]> &amp; €'
    expect(parseXml(`<x>${encodeXml(text)}</x>`).text).toBe(text)
  })

  it('is bounded, and tells the line of an error', () => {
    expect(() => parseXml('<a>'.repeat(1000))).toThrow('nested too deeply')
    expect(() => parseXml('<a>\n<b>\n</a>')).toThrow(XmlError)
    expect(() => parseXml('<a>\n\n<')).toThrow(expect.objectContaining({ line: 3 }))
  })
})
