import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../../shared/acl/defaults.ts'
import { decide } from '../../../../shared/acl/evaluate.ts'
import { exportMosquitto } from '../../../../shared/acl/formats/mosquitto-export.ts'
import { importMosquitto } from '../../../../shared/acl/formats/mosquitto.ts'
import type { AclList, AclRule, Question } from '../../../../shared/acl/model.ts'
import { plainSubject, TOPICS } from '../arbitrary.ts'

const FILE = `# Lab broker
topic read public/#
topic deny public/secret

user oktopusController
topic readwrite #
topic read $SYS/#

user roger
topic write sensors/room 1/+
topic all
topic deny sensors/room 1/door
user oktopusController
topic deny private/#

pattern read oktopus/usp/v1/agent/%u
pattern write oktopus/usp/v1/controller/%u
pattern deny oktopus/usp/v1/controller/%u/x
pattern write clients/%c/state
`

const ask = (username: string | undefined, action: Question['action'], topic: string): Question => ({
  action,
  topic,
  who: { ...plainSubject, username, clientId: 'c1' },
  qos: 0,
  retain: false,
})

describe('importing an acl_file', () => {
  const { list, notes } = importMosquitto(FILE)

  it('puts denies first, users one by one, patterns last', () => {
    expect(list.rules.map(({ id, name }) => `${id} ${name}`)).toEqual([
      'mosquitto-3 no user: deny public/secret',
      'mosquitto-2 no user: read public/#',
      'mosquitto-14 oktopusController: deny private/#',
      'mosquitto-6 oktopusController: readwrite #',
      'mosquitto-7 oktopusController: read $SYS/#',
      'mosquitto-12 roger: deny sensors/room 1/door',
      'mosquitto-10 roger: write sensors/room 1/+',
      'mosquitto-11 roger: readwrite all',
      'mosquitto-18 everybody: deny oktopus/usp/v1/controller/%u/x',
      'mosquitto-16 everybody: read oktopus/usp/v1/agent/%u',
      'mosquitto-17 everybody: write oktopus/usp/v1/controller/%u',
      'mosquitto-19 everybody: write clients/%c/state',
    ])
  })

  it.each<[string | undefined, Question['action'], string, string]>([
    [undefined, 'subscribe', 'public/a', 'allow'],
    [undefined, 'subscribe', 'public/secret', 'deny'],
    [undefined, 'publish', 'public/a', 'deny'],
    ['roger', 'subscribe', 'public/a', 'deny'],
    ['roger', 'publish', 'sensors/room 1/window', 'allow'],
    ['roger', 'publish', 'sensors/room 1/door', 'deny'],
    ['roger', 'publish', 'all', 'allow'],
    ['roger', 'publish', 'oktopus/usp/v1/controller/roger', 'allow'],
    ['roger', 'publish', 'oktopus/usp/v1/controller/other', 'deny'],
    ['roger', 'publish', 'clients/c1/state', 'allow'],
    ['oktopusController', 'publish', 'private/x', 'deny'],
    ['oktopusController', 'subscribe', '$SYS/a', 'allow'],
  ])('%s may %s %s: %s', (username, action, topic, verdict) => {
    expect(decide(list, ask(username, action, topic)).verdict).toBe(verdict)
  })

  it('says where the two differ', () => {
    expect(notes.map(({ effect }) => effect)).toEqual(['narrower', 'narrower', 'wider'])
  })

  it('names the lines that it cannot take', () => {
    const bad =
      'topic\ntopic sees a\nuser\npattern write a/${username}\ntopic read a#\nfoo\n\tuser x\ntopic $share/g/a\n \ntopic deny b/${x}\n'
    const { notes: told, list: empty } = importMosquitto(bad)
    expect(empty.rules).toEqual([])
    expect(
      told.flatMap(({ line, effect, text }) =>
        line === undefined ? [] : [[line, effect, text.slice(0, 30)]],
      ),
    ).toEqual([
      [1, 'error', 'The topic is missing. Mosquitt'],
      [2, 'error', '"sees" is none of read, write,'],
      [3, 'error', 'The user line has no name. Mos'],
      [6, 'error', 'The line begins with "foo" ins'],
      [7, 'error', 'The line begins with "\tuser" i'],
      [10, 'wider', 'This deny rule is left out. It'],
      [5, 'narrower', 'This allow rule is left out. t'],
      [8, 'different', 'The line has no effect: Mosqui'],
      [4, 'narrower', 'This allow rule is left out. I'],
    ])
  })

  it('reads what it wrote', () => {
    const again = importMosquitto(exportMosquitto(list).text).list
    for (const username of [undefined, 'roger', 'oktopusController', 'x'])
      for (const topic of [
        'public/a',
        'public/secret',
        'all',
        'private/x',
        'sensors/room 1/a',
        'sensors/room 1/door',
        'clients/c1/state',
        '$SYS/a',
        `oktopus/usp/v1/agent/${username}`,
        `oktopus/usp/v1/controller/${username}/x`,
      ])
        for (const action of ['publish', 'subscribe'] as const) {
          const question = ask(username, action, topic)
          expect(decide(again, question).verdict, JSON.stringify(question)).toBe(
            decide(list, question).verdict,
          )
        }
  })
})

describe('exporting to an acl_file', () => {
  it('writes the default list, told what stands for the endpoint ID', () => {
    const { text, notes } = exportMosquitto(OKTOPUS_DEFAULTS, { endpointAs: 'username' })
    expect(text.split('\n').filter((line) => /^(user|topic|pattern)/.test(line))).toEqual([
      'user oktopusController',
      'topic readwrite #',
      'topic read $SYS/#',
      'pattern read oktopus/usp/v1/agent/%u/#',
      'pattern write oktopus/usp/v1/controller/%u',
      'pattern write oktopus/usp/v1/controller/%u/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F%u',
      'pattern write oktopus/usp/v1/controller',
      'pattern write oktopus/usp/v1/controller/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F%u',
      'pattern write oktopus/usp/v1/api/%u',
      'pattern write oktopus/usp/v1/api/%u/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2F%u',
    ])
    expect(notes.map(({ effect, index }) => [effect, index])).toEqual([
      ['wider', 2],
      ['wider', undefined],
      ['different', undefined],
    ])
    expect(notes[0]!.text).toContain('left out: without that it would undo rule 6')
  })

  it('leaves out allow rules that it cannot say, and makes deny rules broader', () => {
    const base = { action: 'both', who: {}, enabled: true } as const
    const list: AclList = {
      version: 1,
      rules: [
        { ...base, id: '1', name: 'net', effect: 'deny', topic: 'a/b', who: { network: '10.0.0.0/8' } },
        { ...base, id: '2', name: 'id', effect: 'deny', topic: 'c/${endpoint}/x' },
        { ...base, id: '3', name: 'qos', effect: 'allow', topic: 'a/#', qos: { max: 1 } },
        { ...base, id: '4', name: 'all', effect: 'allow', topic: '#' },
      ],
    }
    const { text, notes } = exportMosquitto(list)
    expect(text).toContain('pattern deny a/b\n')
    expect(text).toContain('pattern deny c/#\n')
    expect(text).toContain('pattern readwrite #\n')
    expect(text).not.toContain('a/#')
    expect(
      notes.filter(({ index }) => index !== undefined).map(({ index, effect }) => [index, effect]),
    ).toEqual([
      [0, 'narrower'],
      [1, 'narrower'],
      [2, 'narrower'],
    ])
  })

  it('never allows more, and says so where it allows less', () => {
    const level = fc.constantFrom('a', 'b', '+', '${username}')
    const topic = fc
      .tuple(fc.array(level, { minLength: 1, maxLength: 2 }), fc.boolean())
      .map(([levels, all]) => [...levels, ...(all ? ['#'] : [])].join('/'))
    const rule = fc.record({
      effect: fc.constantFrom('allow', 'deny'),
      action: fc.constantFrom('publish', 'subscribe', 'both'),
      topic,
      who: fc.constantFrom(
        {},
        {},
        { username: { exact: 'a' } },
        { username: { exact: 'b' } },
        { username: { none: true } },
      ),
    })
    let equal = 0
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 6 }), (rules) => {
        const list = {
          version: 1,
          rules: rules.map((one, i) => ({ id: `${i}`, name: `${i}`, enabled: true, ...one }) as AclRule),
        }
        const { text, notes } = exportMosquitto(list)
        const read = importMosquitto(text)
        // Deny rules of a placeholder deny more in the bench when the name is missing.
        const widens = list.rules.some(({ effect, topic: own }) => effect === 'deny' && own.includes('$'))
        const narrower = notes.some(({ effect }) => effect === 'narrower')
        if (!narrower) equal++
        for (const username of ['a', 'b', 'z', undefined])
          for (const name of TOPICS.filter((one) => one.split('/').length < 4))
            for (const action of ['publish', 'subscribe'] as const) {
              const question = ask(username, action, name)
              const [was, is] = [decide(list, question).verdict, decide(read.list, question).verdict]
              if (was === is || (username === undefined && widens)) continue
              expect([was, is, narrower], `${username} ${action} ${name}\n${text}`).toEqual([
                'allow',
                'deny',
                true,
              ])
            }
      }),
      { numRuns: 40 },
    )
    expect(equal).toBeGreaterThan(3)
  })
})
