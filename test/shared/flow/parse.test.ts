import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeProblem, parseFlow } from '../../../shared/flow/format/parse.ts'
import { editFlow, formatFlow } from '../../../shared/flow/format/format.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import { everyStep, GET_AND_CHECK } from './samples.ts'

const problems = (text: string): string[] => parseFlow(text).problems.map(describeProblem)

/** The flow of a text without errors. */
function read(text: string): Flow {
  const { flow, problems } = parseFlow(text)
  expect(problems.map(describeProblem)).toEqual([])
  return flow as Flow
}

/** A flow with these steps. */
const withSteps = (...lines: readonly string[]): string =>
  ['flow: 1', 'name: x', 'steps:', ...lines.map((line) => `  ${line}`)].join('\n')

describe('what is read', () => {
  test('a Get and its check in under twelve lines', () => {
    expect(GET_AND_CHECK.trim().split('\n').length).toBeLessThan(12)
    expect(read(GET_AND_CHECK)).toEqual({
      flow: 1,
      name: 'The agent says who it is',
      steps: [
        {
          kind: 'send',
          send: { get: { param_paths: ['Device.DeviceInfo.'] } },
          expect: {
            params: {
              'Device.DeviceInfo.Manufacturer': '$present',
              'Device.DeviceInfo.UpTime': { $min: 1 },
            },
          },
        },
      ],
    })
  })

  test('every kind of step, and again what is written', () => {
    const flow = read(everyStep)
    expect(new Set(flow.steps.map(({ kind }) => kind)).size).toBe(18)
    expect(read(formatFlow(flow))).toEqual(flow)
    expect(formatFlow(read(formatFlow(flow)))).toBe(formatFlow(flow))
  })

  test.each([
    ['- send: { get: [Device.A., Device.B.] }', { get: { param_paths: ['Device.A.', 'Device.B.'] } }],
    ['- send: { operate: Device.Reboot() }', { operate: { command: 'Device.Reboot()' } }],
    [
      '- send: { getSupportedDM: { objPaths: Device., returnParams: true } }',
      { get_supported_dm: { obj_paths: ['Device.'], return_params: true } },
    ],
    [
      '- send: { add: { create_objs: { obj_path: Device.X., param_settings: { Enable: true } } } }',
      {
        add: {
          create_objs: [
            { obj_path: 'Device.X.', param_settings: [{ param: 'Enable', value: true, required: true }] },
          ],
        },
      },
    ],
  ])('short forms: %s', (line, send) => {
    expect(read(withSteps(line)).steps[0]).toEqual({ kind: 'send', send })
  })

  test('durations are milliseconds, and a number too large for a double stays text', () => {
    const flow = read(
      withSteps('- { sleep: 1.5 }', '- { sleep: 2m }', '- check: length("18446744073709551615") == 20'),
    )
    expect(flow.steps[0]).toMatchObject({ sleep: 1500 })
    expect(flow.steps[1]).toMatchObject({ sleep: 120_000 })
    expect(read(withSteps('- set: { a: 18446744073709551615 }')).steps[0]).toMatchObject({
      set: { a: '18446744073709551615' },
    })
  })

  test('a short flow is written as one would', () => {
    expect(formatFlow(read(GET_AND_CHECK))).toBe(GET_AND_CHECK.replace('steps:', '\nsteps:'))
  })

  test.each(['1h', '2m', '90s', '1.5s', '250ms', '0s'])(
    'a duration is written as one would: %s',
    (written) => {
      expect(formatFlow(read(withSteps(`- sleep: ${written}`)))).toContain(`sleep: ${written}\n`)
    },
  )

  test('aliases are read as what they stand for', () => {
    const flow = read(withSteps('- send: &get { get: Device.A. }', '- send: *get'))
    expect(flow.steps[0]).toEqual(flow.steps[1])
  })
})

describe('errors are told at their line and column', () => {
  test.each<[string, string[]]>([
    ['', ['1:1 The text is empty. A flow begins with "flow: 1".']],
    [
      'flow: 1\nname: x\nstep: []',
      ['1:1 A flow needs steps.', '3:1 A flow has no step. Did you mean steps?'],
    ],
    [
      'flow: 2\nname: x\nsteps: []',
      ['1:7 This bench reads flows of version 1. It was made with a newer Oktobench: update this one.'],
    ],
    [withSteps('- send: { gett: Device. }'), ['4:13 A message has no gett. Did you mean get?']],
    [
      withSteps('- send: { get: Device. }', '  expct: response'),
      ['5:5 A step "send" has no expct. Did you mean expect?'],
    ],
    [
      withSteps('- send: { get: { paramPath: Device. } }'),
      ['4:20 Get has no paramPath. Did you mean param_paths?'],
    ],
    [withSteps('- send: { get: { max_depth: deep } }'), ['4:31 max_depth is a whole number from 0 on.']],
    [
      withSteps('- send: { set: {}, get: {} }'),
      ['4:22 A message has one body (R-ENC.3): this is the second.'],
    ],
    [
      withSteps('- sleep: soon'),
      ['4:12 Here stands a duration. Write 500ms, 5s, 2m or 1h; a plain number is seconds.'],
    ],
    [withSteps('- check: a = 1'), ['4:14 = is no operator. Write == for "equals".']],
    [withSteps('- check: devce == "x"'), ['4:12 Nothing gives devce a value. Did you mean device?']],
    [withSteps('- publish: "a/${devic}"'), ['4:19 Nothing gives devic a value. Did you mean device?']],
    [
      withSteps('- publish: a/${device', ''),
      ['4:16 This ${ has no closing }. Write $${ for the characters ${ themselves.'],
    ],
    [
      withSteps('- check: later > 1', '- set: { later: 2 }'),
      ['4:12 Nothing gives later a value. It gets one only in a later step.'],
    ],
    [withSteps('- check: secret.word == "x"'), ['4:12 The flow names no secret word.']],
    [withSteps('- check: steps.one.at > 1'), ['4:12 No step before this one has the id one.']],
    [withSteps('- expect: { answer: one }'), ['4:23 No step before this one has the id one.']],
    [
      withSteps('- expect: { packet: mqtt.topik == "a" }'),
      ['4:23 There is no field mqtt.topik. Did you mean mqtt.topic?'],
    ],
    [
      withSteps('- expect: { notify: { event: { event_nam: Boot! } } }'),
      ['4:34 Event has no event_nam. Did you mean event_name?'],
    ],
    [
      withSteps('- send: { get: Device. }', '  expect: { params: { a: { $mim: 1 } } }'),
      ['5:30 A matcher has no $mim. Did you mean $min?'],
    ],
    [
      withSteps('- send: { get: Device. }', '  expect: { params: { a: { $pattern: "(" } } }'),
      ['5:40 The pattern ( cannot be used: A ( is not closed.'],
    ],
    [
      withSteps('- send: { get: Device. }', '  expect: { params: { a: { $type: dat } } }'),
      [expect.stringContaining('5:37 $type is one of string, boolean')],
    ],
    [
      withSteps('- send: { get: Device. }', '  expect: { params: { a: { $min: 5, $max: 1 } } }'),
      ['5:30 Nothing is at least 5 and at most 1.'],
    ],
    [withSteps('- act: rul'), [expect.stringContaining('4:10 Here stands one of disconnect, rule')]],
    [
      withSteps('- { act: disconnect, with: { devise: x } }'),
      ['4:32 The act disconnect has no devise. Did you mean device?'],
    ],
    [withSteps('- name: nothing to do'), [expect.stringContaining('4:5 A step has no name.')]],
    [
      withSteps('- { id: a, sleep: 1 }', '- { id: a, sleep: 1 }'),
      ['5:11 The id a is taken by a step before this one.'],
    ],
    [withSteps('- sleep: 1', '  sleep: 2'), ['5:5 sleep stands here twice.']],
    [withSteps('- sleep: !!binary 1'), [expect.stringContaining('has no meaning in a flow')]],
    ['flow: 1\nname: x\nsteps: [', [expect.stringMatching(/^3:\d+ /)]],
    ['flow: 1\n---\nflow: 1', [expect.stringContaining('A file holds one flow.')]],
  ])('%s', (text, expected) => {
    expect(problems(text)).toEqual(expected)
    expect(parseFlow(text).flow).toBeUndefined()
  })

  test.each<[string, string[]]>([
    [withSteps('- end: passed', '- sleep: 1'), ['5:5 This is never reached: the step before ends the flow.']],
    [
      withSteps('- if: true', '  steps: [{ sleep: 1 }]'),
      ['4:9 This is always true: one of the two ways is never taken.'],
    ],
    [withSteps('- repeat: 0', '  steps: [{ sleep: 1 }]'), ['4:13 These steps are never done.']],
    [`variables: { a: 1 }\n${withSteps('- sleep: 1')}`, ['1:14 The variable a is not used.']],
    // What ends a loop may ask for the steps in it.
    [withSteps('- repeat: 2', '  until: steps.a.at > 1', '  steps: [{ id: a, send: { get: Device. } }]'), []],
  ])('a warning leaves the flow usable: %s', (text, expected) => {
    expect(problems(text)).toEqual(expected)
    expect(parseFlow(text).flow).toBeDefined()
  })
})

describe('limits', () => {
  test.each([
    ['depth', '['.repeat(100_000)],
    ['depth of what is closed', `flow: ${'['.repeat(200)}${']'.repeat(200)}`],
    ['depth by indentation', Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
    ['depth by dashes', '- '.repeat(5000)],
    ['length', 'a'.repeat(2_000_001)],
    [
      'alias expansion',
      [
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...'bcdefghij'
          .split('')
          .map(
            (name, at) =>
              `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[at]}`).join(', ')}]`,
          ),
      ].join('\n'),
    ],
    ['an alias to itself', 'a: &a [*a]'],
  ])('%s', (_, text) => {
    const started = performance.now()
    expect(problems(text)[0]).toMatch(/^\d+:\d+ \S/)
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test('many problems are counted, not listed for ever', () => {
    const many = Array.from({ length: 500 }, () => '- nonsense: 1')
    const found = problems(withSteps(...many))
    expect(found).toHaveLength(101)
    expect(found.at(-1)).toContain('There is more that is wrong')
  })
})

describe('any text', () => {
  const words = [
    'flow: 1\n',
    'name: x\n',
    'steps:\n',
    '  - ',
    'send: ',
    'expect: ',
    '{',
    '}',
    '[',
    ']',
    ': ',
    '&a ',
    '*a ',
    '${',
    '"',
    "'",
    '\n',
    '\t',
    'get',
    '$min',
    '!!str ',
    '? ',
    '| ',
    '> ',
    '#',
    '---\n',
    '%YAML 1.1\n',
    '<<: ',
    'null',
    '.inf',
    '__proto__: ',
  ]
  const anyText = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join('')),
    // A sound flow with one piece broken.
    fc
      .tuple(fc.nat(everyStep.length), fc.nat(30), fc.constantFrom(...words))
      .map(([at, cut, word]) => everyStep.slice(0, at) + word + everyStep.slice(at + cut)),
  )

  test('never throws, and says what is wrong where there is no flow', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { flow, problems: found } = parseFlow(text)
        const errors = found.filter(({ severity }) => severity === 'error')
        expect(flow === undefined).toBe(errors.length > 0)
        for (const { line, column, start, end } of found) {
          expect(line).toBeGreaterThan(0)
          expect(column).toBeGreaterThan(0)
          expect(start).toBeLessThanOrEqual(end)
        }
        if (flow) expect(parseFlow(formatFlow(flow)).flow).toEqual(flow)
      }),
      { numRuns: 400 },
    )
  })
})

describe('edits keep what they do not touch', () => {
  const text = [
    '# why this flow is here',
    'flow: 1',
    'name: x # short',
    'steps:',
    '  # first',
    '  - sleep: 1s',
    '  - send: { get: Device.A. } # asked',
    '    within: 5s',
    '  # last',
    "  - check: 'true'",
    '',
  ].join('\n')

  test('the same flow leaves the text alone', () => {
    const odd = text.replace('1s', '1000ms')
    expect(editFlow(text, read(text))).toBe(text)
    expect(read(editFlow(odd, read(odd)))).toEqual(read(odd))
  })

  test('a changed, a new and a lost step', () => {
    const flow = read(text)
    const [sleep, send, check] = flow.steps
    const changed = { ...flow, steps: [sleep!, { ...send!, within: 7000 } as never, check!] }
    const edited = editFlow(text, changed)
    expect(edited).toContain('# why this flow is here')
    expect(edited).toContain('# first')
    expect(edited).toContain('# asked')
    expect(edited).toContain('within: 7s')
    expect(read(edited)).toEqual(changed)
    const more = { ...flow, steps: [sleep!, send!, sleep!, check!] }
    expect(editFlow(text, more)).toContain('# asked')
    expect(read(editFlow(text, more))).toEqual(more)
    const less = { ...flow, steps: [sleep!, check!] }
    expect(editFlow(text, less)).toContain('# last')
    expect(read(editFlow(text, less))).toEqual(less)
  })

  test('a text that is no YAML is replaced', () => {
    expect(read(editFlow('[', read(text)))).toEqual(read(text))
  })
})
