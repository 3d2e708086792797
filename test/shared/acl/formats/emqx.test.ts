import { describe, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import { decide } from '../../../../shared/acl/evaluate.ts'
import { exportEmqx } from '../../../../shared/acl/formats/emqx-export.ts'
import { importEmqx } from '../../../../shared/acl/formats/emqx.ts'
import { ErlangError, erlangString, parseTerms } from '../../../../shared/acl/formats/erlang.ts'
import type { AclList, Question, Subject } from '../../../../shared/acl/model.ts'
import { plainSubject } from '../arbitrary.ts'

/** In the manner of the file that EMQX comes with, with the richer forms of version 5. */
const FILE = `%% -*- mode: erlang -*-
{allow, {username, {re, "^dashboard$"}}, subscribe, ["$SYS/#"]}.
{allow, {ipaddr, "127.0.0.1"}, all, ["$SYS/#", "#"]}.
{deny, all, subscribe, ["$SYS/#", {eq, "#"}, {eq, "+/#"}]}.

{allow, {user, "oktopusController"}, all, [<<"oktopus/usp/#">>]}.
{allow, all, subscribe,
  ["oktopus/usp/v1/agent/\${username}",
   "clients/\${clientid}/#"]}.
{allow, {'and', [{clientid, {re, "^cpe-[0-9]+$"}}, {ipaddrs, ["10.0.0.0/8", "192.168.1.7/24"]}]},
  {publish, [{qos, [0, 1]}, {retain, false}]}, ["oktopus/usp/v1/controller/%u"]}.
{deny, {'or', [{client, "bad"}, {username, "worse"}]}, pubsub, ["data/#"]}.
{allow, {user, "\\"quoted\\" \\x{e9}"}, {all, [{qos, 1}]}, [{eq, "data/it's"}]}.
{deny, all}.
`

const asked = (
  action: Question['action'],
  topic: string,
  who: Partial<Subject> = {},
  more: Partial<Question> = {},
): Question => ({
  action,
  topic,
  who: { ...plainSubject, ...who },
  qos: 0,
  retain: false,
  ...more,
})

describe('importing an acl.conf', () => {
  const { list, notes } = importEmqx(FILE)
  const verdict = (...args: Parameters<typeof asked>) => decide(list, asked(...args)).verdict

  it('keeps the order, with one rule for each topic and alternative', () => {
    expect(list.rules.map(({ id, effect, action, topic }) => `${id} ${effect} ${action} ${topic}`)).toEqual([
      'emqx-2 allow subscribe $SYS/#',
      'emqx-3 allow both $SYS/#',
      'emqx-3.2 allow both #',
      'emqx-4 deny subscribe $SYS/#',
      'emqx-6 allow both oktopus/usp/#',
      'emqx-8 allow subscribe oktopus/usp/v1/agent/${username}',
      'emqx-9 allow subscribe clients/${clientid}/#',
      'emqx-11 allow publish oktopus/usp/v1/controller/${username}',
      'emqx-11.2 allow publish oktopus/usp/v1/controller/${username}',
      'emqx-12 deny both data/#',
      'emqx-12.2 deny both data/#',
      "emqx-13 allow both data/it's",
      'emqx-14 deny both #',
    ])
    expect(list.rules[8]!.who).toEqual({ clientId: { regex: '^cpe-[0-9]+$' }, network: '192.168.1.0/24' })
    expect(list.rules[7]!).toMatchObject({ qos: { only: [0, 1] }, retain: false })
    expect(list.rules[11]!.who).toEqual({ username: { exact: '"quoted" é' } })
  })

  it('decides as the file says', () => {
    expect(verdict('subscribe', '$SYS/a', { username: 'dashboard' })).toBe('allow')
    expect(verdict('subscribe', '$SYS/a')).toBe('deny')
    expect(verdict('publish', 'x', { address: '127.0.0.1' })).toBe('allow')
    expect(verdict('publish', 'oktopus/usp/v1/controller/a', { clientId: 'cpe-7' })).toBe('allow')
    expect(verdict('publish', 'oktopus/usp/v1/controller/a', { clientId: 'cpe-7' }, { qos: 2 })).toBe('deny')
    expect(
      verdict('publish', 'oktopus/usp/v1/controller/a', { clientId: 'cpe-7', address: '11.0.0.1' }),
    ).toBe('deny')
    expect(verdict('publish', "data/it's", { username: '"quoted" é', clientId: 'bad' }, { qos: 1 })).toBe(
      'deny',
    )
    expect(verdict('publish', "data/it's", { username: '"quoted" é' }, { qos: 1 })).toBe('allow')
    expect(verdict('subscribe', 'clients/b/#')).toBe('allow')
  })

  it('lists what it cannot say, with the line', () => {
    expect(notes.map(({ effect, line, text }) => [effect, line, text.slice(0, 40)])).toEqual([
      ['wider', 4, 'This deny rule is left out. {eq, "#"} me'],
      ['wider', 4, 'This deny rule is left out. {eq, "+/#"} '],
      ['different', 11, '%u and %c are read as placeholders, as E'],
      ['different', 11, '%u and %c are read as placeholders, as E'],
      ['different', undefined, 'What no rule matches is denied here. EMQ'],
      ['narrower', undefined, 'EMQX compares the filter of a subscripti'],
      ['narrower', undefined, 'In EMQX before 5.8.4 a rule whose topic '],
    ])
  })

  it.each<[string, string, string]>([
    ['{allow, {zone, "x"}, all, ["a"]}.', 'narrower', 'Its condition zone is not known here'],
    ['{deny, {client_attr, "x", "y"}, all, ["a"]}.', 'narrower', 'made broader. Its condition client_attr'],
    ['{allow, {username, {re, "(a+)+"}}, all, ["a"]}.', 'narrower', 'regular expression repeats without end'],
    [
      '{allow, {\'and\', [{user, "a"}, {user, "b"}]}, all, ["a"]}.',
      'narrower',
      'two conditions on the same thing',
    ],
    ['{allow, {ipaddr, "10.0.0.300"}, all, ["a"]}.', 'narrower', 'is no IPv4 or IPv6 network'],
    ['{deny, all, connect, ["a"]}.', 'wider', 'Its action is none of'],
    ['{deny, all, {publish, [{qos, 3}]}, ["a"]}.', 'wider', 'Its QoS is none of'],
    ['{deny, all, {publish, [{dup, true}]}, ["a"]}.', 'wider', 'neither qos nor retain'],
    ['{deny, all, publish, "a"}.', 'wider', 'Its topics are no list'],
    ['{deny, all, publish, [a]}.', 'wider', 'neither a string nor'],
    ['{deny, all, publish, ["a/${cert_common_name}"]}.', 'wider', 'unknown placeholder'],
    ['{deny, all, publish, [{eq, "a/${username}"}]}.', 'wider', 'taken for a placeholder'],
    ['{allow, all, publish, ["a#"]}.', 'narrower', 'after other characters'],
    ['{permit, all}.', 'error', 'This is no rule'],
    ['ok.', 'error', 'This is no rule'],
    ['{allow, all', 'error', 'Here should be "}" instead of "the end of the file"'],
    ['{allow, all}', 'error', 'Here should be "." instead'],
    ['{allow, A}.', 'error', 'begins no Erlang term'],
  ])('%s', (text, effect, said) => {
    const told = importEmqx(text)
    expect(told.notes[0]).toMatchObject({ effect, line: 1 })
    expect(told.notes[0]!.text).toContain(said)
  })

  it('says that # does not reach $SYS here', () => {
    const told = importEmqx('{deny, {user, "a"}, all, ["#"]}. {allow, all, subscribe, ["$SYS/#"]}.')
    expect(told.notes.at(-1)).toMatchObject({
      effect: 'wider',
      text: expect.stringContaining('add a deny rule for $SYS/#'),
    })
  })

  it('bounds alternatives and nesting', () => {
    const or = `{'or', [${Array.from({ length: 12 }, (_, i) => `{user, "u${i}"}`).join(', ')}]}`
    const both = importEmqx(`{allow, {'and', [${or}, ${or.replaceAll('user', 'client')}]}, all, ["a"]}.`)
    expect(both.notes[0]!.text).toContain('more than 100 alternatives')
    expect(importEmqx('{'.repeat(10_000)).notes[0]!.text).toContain('nested too deeply')
  })
})

describe('exporting to acl.conf', () => {
  const expectSame = (list: AclList, again: AclList) => {
    const bare = ({ rules }: AclList) => rules.map((rule) => ({ ...rule, id: '', name: '' }))
    expect(bare(again)).toEqual(bare(list))
  }

  it('reads back as it was', () => {
    const { list } = importEmqx(FILE)
    const { text } = exportEmqx(list)
    const again = importEmqx(text)
    const last = again.list.rules.length - 1
    expectSame(list, { ...again.list, rules: again.list.rules.slice(0, last) })
    expect(again.list.rules[last]).toMatchObject({ effect: 'deny', topic: '#', who: {} })
  })

  it('writes the default list, told what stands for the endpoint ID', () => {
    const { text, notes } = exportEmqx(OKTOPUS_DEFAULTS, { endpointAs: 'clientid' })
    expect(text).toContain('{allow, {username, "oktopusController"}, all, ["#"]}.')
    expect(text).toContain('{allow, all, subscribe, ["oktopus/usp/v1/agent/${clientid}/#"]}.')
    expect(text).toContain('{deny, {clientid, {re, "^reply-to=[\\\\s\\\\S]*$"}}, all, ["#"]}.')
    expect(notes.every(({ effect, index }) => effect === 'wider' && index === undefined)).toBe(true)
    const { list } = importEmqx(text)
    const who = { username: 'u', clientId: 'os::1' }
    expect(decide(list, asked('subscribe', 'oktopus/usp/v1/agent/os::1', who)).verdict).toBe('allow')
    expect(decide(list, asked('publish', 'oktopus/usp/v1/controller/os::2', who)).verdict).toBe('deny')
  })

  it('leaves out or broadens what EMQX cannot say', () => {
    const { text, notes } = exportEmqx(OKTOPUS_DEFAULTS)
    expect(text).not.toContain('endpoint}')
    expect(
      notes.filter(({ index }) => index !== undefined).map(({ effect, index }) => [effect, index]),
    ).toEqual([
      ['wider', 2],
      ['narrower', 5],
      ['narrower', 6],
      ['narrower', 7],
      ['narrower', 9],
      ['narrower', 10],
      ['narrower', 11],
    ])
  })
})

describe('Erlang terms', () => {
  it('have strings, binaries, atoms, numbers, tuples, lists and comments', () => {
    const text = `% one
    {a, 'B c', "x\\ny" "z", <<"b">>, <<"ü"/utf8>>, <<>>, -7, [], {}}. b.`
    expect(
      JSON.parse(
        JSON.stringify(parseTerms(text), (key, value: unknown) => (key === 'line' ? undefined : value)),
      ),
    ).toEqual([
      {
        kind: 'tuple',
        items: [
          { kind: 'atom', name: 'a' },
          { kind: 'atom', name: 'B c' },
          { kind: 'text', text: 'x\nyz' },
          { kind: 'text', text: 'b' },
          { kind: 'text', text: 'ü' },
          { kind: 'text', text: '' },
          { kind: 'integer', value: -7 },
          { kind: 'list', items: [] },
          { kind: 'tuple', items: [] },
        ],
      },
      { kind: 'atom', name: 'b' },
    ])
  })

  it.each(['"a\\"b', "it's", 'tab\tnew\nline', 'ü€😀', '\\x{41}', ''])('write %j and read it', (text) => {
    expect(parseTerms(`${erlangString(text)}.`)).toEqual([{ kind: 'text', text, line: 1 }])
  })

  it('tell the line of an error', () => {
    expect(() => parseTerms('a.\n"x\ny".\n{b,}.')).toThrow(
      expect.objectContaining({ name: 'ErlangError', line: 4 }),
    )
    expect(ErlangError.name).toBe('ErlangError')
  })
})
