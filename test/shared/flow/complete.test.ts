import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { STEP_KINDS } from '../../../shared/flow/format/keys.ts'
import { aboutKey, meaningOf, type KnownNames } from '../../../shared/flow/format/complete.ts'
import { placeAt } from '../../../shared/flow/format/place.ts'

const CARET = '‸'
const at = (text: string) => placeAt(text.replace(CARET, ''), text.indexOf(CARET))
const known: KnownNames = { variables: ['row'], secrets: ['word'], ids: ['asked'], flows: ['lab/login'] }
const offered = (text: string): string[] => meaningOf(at(text), known).choices.map(({ label }) => label)
const steps = (text: string): string => `flow: 1\nname: x\nsteps:\n${text.replaceAll(/^/gm, '  ')}`

describe('where the caret stands', () => {
  test.each([
    ['key of the flow', `fl${CARET}`, 'key', []],
    ['key below another', `flow: 1\n${CARET}`, 'key', []],
    ['value', `flow: ${CARET}`, 'value', ['flow']],
    ['item on a line of its own', `steps:\n  - ${CARET}`, 'item', ['steps', 0]],
    ['second item', `steps:\n  - send: {}\n  - ${CARET}`, 'item', ['steps', 1]],
    ['first key of an item', `steps:\n  - se${CARET}: x`, 'key', ['steps', 0]],
    ['second key of an item', `steps:\n  - send: {}\n    ex${CARET}`, 'key', ['steps', 0]],
    ['empty line in an item', `steps:\n  - send: {}\n    ${CARET}\n  - wait: online`, 'key', ['steps', 0]],
    ['list at the column of its key', `steps:\n- send: {}\n  ${CARET}`, 'key', ['steps', 0]],
    [
      'list in a list of steps',
      `steps:\n  - group: a\n    steps:\n      - wait: ${CARET}`,
      'value',
      ['steps', 0, 'steps', 0, 'wait'],
    ],
    ['brackets', `steps:\n  - send: { ge${CARET} }`, 'key', ['steps', 0, 'send']],
    ['value in brackets', `steps:\n  - send: { get: Device.${CARET} }`, 'value', ['steps', 0, 'send', 'get']],
    [
      'brackets that are not closed',
      `steps:\n  - send: { get: { param_paths: [Dev${CARET}\n  - wait: online`,
      'item',
      ['steps', 0, 'send', 'get', 'param_paths', 0],
    ],
    [
      'brackets over lines',
      `steps:\n  - send: {\n      get: Dev${CARET}\n    }`,
      'value',
      ['steps', 0, 'send', 'get'],
    ],
    ['behind a quote', `steps:\n  - check: "a == ${CARET}"`, 'value', ['steps', 0, 'check']],
    [
      'behind a colon in a quoted key',
      `steps:\n  - expect: { params: { "Device.\${x}:": ${CARET} } }`,
      'value',
      ['steps', 0, 'expect', 'params', 'Device.${x}:'],
    ],
    ['comment', `steps: # ${CARET}`, 'none', []],
    ['text in a block', `description: |\n  some ${CARET}text\nsteps: []`, 'none', []],
  ] as const)('%s', (_, text, kind, path) => {
    const place = at(text)
    expect([place.at, place.at === 'none' ? [] : place.path]).toEqual([kind, path])
  })

  test('the word before the caret, and what is replaced', () => {
    const text = steps('- send: { get: "Device.De‸vice" }')
    const { typed, from, to, quote, inline } = at(text)
    expect([typed, text.replace(CARET, '').slice(from, to), quote, inline]).toEqual([
      'Device.De',
      'Device.Device',
      '"',
      true,
    ])
  })

  test('keys beside the caret, before and behind it', () => {
    expect(at(steps('- name: a\n  ‸\n  send: {}\n- wait: online')).siblings).toEqual(['name', 'send'])
    expect(at('{ flow: 1, ‸, name: x }').siblings).toEqual(['flow', 'name'])
  })

  test('deep in a long text the same as in a short one', () => {
    const many = Array.from({ length: 2000 }, (_, at) => `- name: Step ${at}\n  send: { get: Device. }`).join(
      '\n',
    )
    const inner = '- parallel:\n    - send: { get: Device. }\n    - wait: ‸\n      within: 3s'
    const whole = `${steps(many)}\n${inner.replaceAll(/^/gm, '  ')}`
    const here = whole.indexOf(CARET)
    expect(at(whole)).toEqual({ ...at(steps(inner)), from: here, to: here })
  })

  test('any text at any place has one', () => {
    const part = fc.constantFrom(
      'steps:',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      ': ',
      ',',
      '\n',
      '  ',
      'get',
      '|',
      '#',
      '${',
      'Dévice.',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.nat(), (parts, seed) => {
        const text = parts.join('')
        const caret = text.length === 0 ? 0 : seed % (text.length + 1)
        const place = placeAt(text, caret)
        expect(place.from).toBeLessThanOrEqual(caret)
        expect(place.to).toBeGreaterThanOrEqual(caret)
        if (place.at !== 'none') expect(text.slice(place.from, caret)).toBe(place.typed)
        meaningOf(place, known)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what may stand there', () => {
  test('keys of the flow that are not there yet', () => {
    expect(offered(`flow: 1\n${CARET}`)).toEqual(
      expect.arrayContaining(['name', 'steps', 'cleanup', 'secrets']),
    )
    expect(offered(`flow: 1\n${CARET}`)).not.toContain('flow')
  })

  test('kinds of steps; of a known kind only its own keys', () => {
    expect(offered(steps('- ‸'))).toEqual(
      expect.arrayContaining(['send', 'expect', 'wait', 'sleep', 'parallel']),
    )
    const keys = offered(steps('- sleep: 1s\n  ‸'))
    expect(keys).toEqual(expect.arrayContaining(['when', 'name', 'gap']))
    expect(keys).not.toContain('msg_id')
    expect(offered(steps('- ‸\n  send: {}'))).toContain('within')
  })

  test('messages and their fields, values of enums and words', () => {
    expect(offered(steps('- send: { ‸ }'))).toEqual(expect.arrayContaining(['get', 'operate', 'add']))
    expect(offered(steps('- send: { add: { ‸ } }'))).toEqual(['allow_partial', 'create_objs'])
    expect(offered(steps('- send:\n    add:\n      create_objs:\n        - ‸'))).toEqual([
      'obj_path',
      'param_settings',
    ])
    expect(offered(steps('- wait: ‸'))).toEqual(['online', 'offline'])
    expect(offered(steps('- act: ‸'))).toContain('disconnect')
    expect(offered(steps('- send: { add: { allow_partial: ‸ } }'))).toEqual(['true', 'false'])
    expect(offered(steps('- send: {}\n  expect: ‸'))).toEqual(
      expect.arrayContaining(['response', 'nothing', 'later']),
    )
  })

  test('matchers', () => {
    const text = steps('- send: { get: Device. }\n  expect: { params: { Device.DeviceInfo.UpTime: { ‸ } } }')
    expect(offered(text)).toEqual(expect.arrayContaining(['$min', '$type', '$bind']))
    const error = steps('- send: {}\n  expect:\n    error:\n      err_code: ‸')
    expect(offered(error)).toEqual(expect.arrayContaining(['$any', '$present']))
  })

  test('names in expressions and templates', () => {
    expect(offered(steps('- check: ‸'))).toEqual(expect.arrayContaining(['row', 'device', 'length']))
    expect(offered(steps('- send: { get: "${‸" }'))).toContain('row')
    expect(offered(steps('- check: secret.‸'))).toEqual(['word'])
    expect(offered(steps('- check: steps.asked.‸'))).toContain('answer')
    expect(offered(steps('- expect: { answer: ‸ }'))).toEqual(['asked'])
    expect(offered(steps('- call: ‸'))).toEqual(['lab/login'])
  })

  test.each([
    ['- send: { get: Device.‸ }', 'readable'],
    ['- send: { get: { param_paths: [Device.‸] } }', 'readable'],
    ['- send:\n    set:\n      update_objs:\n        - obj_path: ‸', 'settable'],
    ['- send: { operate: Device.‸ }', 'command'],
    ['- expect: { params: { Device.‸ } }', undefined],
    ['- send: {}\n  expect: { params: { Device.‸ } }', 'readable'],
    ['- expect: { notify: { value_change: { param_path: ‸ } } }', 'parameter'],
    ['- name: ‸', undefined],
  ])('paths of the data model: %s', (text, role) => {
    const found = meaningOf(at(steps(text)), known).path
    expect(found).toBe(text.includes('params') ? 'readable' : role)
  })

  test('what a key is for', () => {
    expect(aboutKey(at(steps('- wait‸: online')), 'wait')).toBe('until the device is there, or gone')
    expect(aboutKey(at(steps('- sleep: 1s\n  gap‸: 2s')), 'gap')).toContain('recorded')
    expect(aboutKey(at(steps('- send: {}\n  expect: { params: { x: { $min‸: 1 } } }')), '$min')).toBe(
      'at least this number',
    )
    expect(aboutKey(at(steps('- nonsense‸: 1')), 'nonsense')).toBeUndefined()
  })
})

test('a new step begins with what decides which it is', () => {
  const { choices } = meaningOf(at(steps(`- ${CARET}`)), known)
  const wanted = choices.filter(({ required }) => required).map(({ label }) => label)
  expect(wanted.toSorted()).toEqual(STEP_KINDS.toSorted())
})
