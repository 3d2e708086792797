import { EditorState } from '@codemirror/state'
import { describe, expect, test } from 'vitest'
import { completeFlow, explainFlow } from '../../../../renderer/features/flows/complete.ts'
import { createDrafts, DRAFTS_KEY } from '../../../../renderer/features/flows/drafts.ts'
import { captureOf } from '../../../../renderer/features/flows/evidence.ts'
import { fileLines } from '../../../../renderer/features/flows/file-lines.ts'
import { parsedOf } from '../../../../renderer/features/flows/parse.ts'
import {
  givenVariables,
  movedPlace,
  namesOf,
  stepAtOffset,
  stepInLine,
  textOfStep,
  typedValue,
} from '../../../../renderer/features/flows/parsed.ts'
import { devicesIn, leftOut, recordedRows, recordFlow } from '../../../../renderer/features/flows/recorded.ts'
import { stepAgain } from '../../../../renderer/features/flows/runs.ts'
import { marksOf } from '../../../../renderer/features/flows/step-marks.ts'
import { fileNameOf } from '../../../../renderer/features/flows/dialogs.tsx'
import type { FlowFile } from '../../../../shared/contract/flows.ts'
import type { FlowStepRow } from '../../../../shared/contract/flow-steps.ts'
import type { RecordedPacket } from '../../../../shared/flow/record/recorder.ts'
import { SupportedIndex } from '../../../../shared/usp/dm/supported-index.ts'
import { supportedModel } from '../../../shared/usp/forms/model.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { fakeLive } from '../../fake-captures.ts'

const file = (path: string, more: Partial<FlowFile> = {}): FlowFile => ({
  path,
  name: path,
  tags: [],
  requirements: [],
  steps: 1,
  errors: 0,
  changedAt: 0,
  ...more,
})

describe('the list of files', () => {
  const files = [file('a.yaml'), file('lab/deep/b.yaml', { tags: ['wifi'] }), file('lab/c.yaml')]
  const words = (search = '', folded: string[] = []) =>
    fileLines(files, [{ slot: 'new 1', name: 'Mine' }], search, new Set(folded)).map(
      ({ kind, depth, name }) => `${depth} ${kind} ${name}`,
    )

  test('has what has no file first, folders with what is in them, and files', () => {
    expect(words()).toEqual([
      '0 draft Mine',
      '0 folder lab',
      '1 folder deep',
      '2 file b',
      '1 file c',
      '0 file a',
    ])
    expect(words('', ['lab'])).toEqual(['0 draft Mine', '0 folder lab', '0 file a'])
  })

  test('is searched by tags too, with folders open', () => {
    expect(words('wifi', ['lab'])).toEqual(['0 draft Mine', '0 folder lab', '1 folder deep', '2 file b'])
  })
})

const text = `flow: 1
name: Some
variables: { count: 3, row: '' }
steps:
  - wait: online
  - group: Inner
    steps:
      - id: asked
        send: { get: Device. }
        bind: { made: answer.x }
      - set: { other: 1 }
`

describe('steps in the text', () => {
  const { steps, flow } = parsedOf(text)
  const place = (words: string) => text.indexOf(words)

  test('are found by the line they begin in, and by what they hold', () => {
    expect(stepInLine(text, steps, place('  - wait'))?.path).toBe('steps.0')
    expect(stepInLine(text, steps, place('    steps:'))).toBeUndefined()
    expect(stepAtOffset(steps, place('Device.'))?.path).toBe('steps.1.steps.0')
    expect(stepAtOffset(steps, place('Inner'))?.path).toBe('steps.1')
    expect(stepAtOffset(steps, 2)).toBeUndefined()
  })

  test('have a text of their own', () => {
    const step = steps.find(({ path }) => path === 'steps.1.steps.0')
    expect(step && textOfStep(text, step)).toBe('id: asked\nsend: { get: Device. }\nbind: { made: answer.x }')
  })

  test('keep their places while other text changes', () => {
    const change = { from: 5, to: 7, insert: 'xyz' }
    expect([2, 5, 6, 7, 9].map((at) => movedPlace(at, change))).toEqual([2, undefined, undefined, 8, 10])
  })

  test('give names for completion', () => {
    expect(namesOf(flow, ['lab/x'])).toEqual({
      variables: ['count', 'row', 'made', 'other'],
      secrets: [],
      ids: ['asked'],
      flows: ['lab/x'],
    })
  })

  test('variables that were typed are texts where the flow has texts, else values', () => {
    expect([typedValue('5', 'x'), typedValue('5', 3), typedValue('a', 3), typedValue('[1]', '')]).toEqual([
      '5',
      5,
      'a',
      [1],
    ])
    expect(flow && givenVariables(flow, { count: '4', row: '', nonsense: 'x' })).toEqual({ count: 4 })
  })

  test('have a sign by what came of them; of several attempts the last', () => {
    const row = (path: string, more: Partial<FlowStepRow> = {}): FlowStepRow => ({
      key: path,
      depth: 0,
      kind: 'send',
      path,
      title: '',
      status: 'passed',
      packets: [],
      differences: 0,
      ...more,
    })
    const rows = [row('steps.0', { status: 'failed', note: 'No.' }), row('steps.0', { attempt: 2 })]
    expect(marksOf({ steps }, rows, 'steps.1').map(({ at, sign }) => [at, sign])).toEqual([
      [place('wait: online'), '✓'],
      [place('group'), '▶'],
    ])
  })
})

test('the step that is done again is the one that failed, or the one before in its list', () => {
  expect(stepAgain({ held: 'failed', step: 'steps.2' })).toBe('steps.2')
  expect(stepAgain({ held: 'before', step: 'steps.2.else.1' })).toBe('steps.2.else.0')
  expect(stepAgain({ held: 'before', step: 'steps.0' })).toBeUndefined()
  expect(stepAgain({ step: 'steps.2' })).toBeUndefined()
})

test('drafts outlive the page, and what is too large is said not to', () => {
  const storage = new MemoryStorage()
  const drafts = createDrafts(storage)
  expect(drafts.set('lab/a.yaml', { text: 'flow: 1\nname: Mine\n', stamp: 's' })).toBe(true)
  expect(createDrafts(storage).list()).toEqual([{ slot: 'lab/a.yaml', name: 'Mine' }])
  expect(drafts.set('new 1', { text: 'x'.repeat(2_000_001), stamp: 'new' })).toBe(false)
  expect(drafts.get('new 1')?.text.length).toBe(2_000_001)
  expect(createDrafts(storage).list().length).toBe(1)
  // Those of another window stay.
  createDrafts(storage).set('new 2', { text: 'name: Theirs', stamp: 'new' })
  drafts.set('lab/a.yaml', undefined)
  expect(createDrafts(storage).list()).toEqual([{ slot: 'new 2', name: 'Theirs' }])
  storage.setItem(DRAFTS_KEY, '{"a":')
  expect(createDrafts(storage).list()).toEqual([])
})

test('the packets of a run are in the capture that was live when it began', () => {
  const at = (iso: string) => Date.parse(iso)
  const captures = [
    { ...fakeLive, id: 'now', startedAt: '2026-03-02T10:00:00Z' },
    {
      ...fakeLive,
      id: 'one',
      state: 'stored' as const,
      startedAt: '2026-03-01T10:00:00Z',
      endedAt: '2026-03-01T12:00:00Z',
    },
    { ...fakeLive, id: 'other', importedFrom: 'x.pcap', startedAt: '2026-03-02T10:30:00Z' },
  ]
  expect(captureOf(captures, at('2026-03-02T11:00:00Z'))?.id).toBe('now')
  expect(captureOf(captures, at('2026-03-01T11:00:00Z'))?.id).toBe('one')
  expect(captureOf(captures, at('2026-03-01T13:00:00Z'))).toBeUndefined()
  expect(captureOf(captures, at('2026-02-01T13:00:00Z'))).toBeUndefined()
})

test('a name that a file can have', () => {
  expect(fileNameOf('Wi-Fi: scan / “all”')).toBe('Wi-Fi scan all')
  expect(fileNameOf('…')).toBe('flow')
})

describe('completion', () => {
  const names = { variables: ['row'], secrets: [], ids: [], flows: [] }
  const model = new SupportedIndex(supportedModel.objects, { failures: [], rows: () => undefined })
  const at = (marked: string, explicit = false) => {
    const pos = marked.indexOf('‸')
    const doc = marked.replace('‸', '')
    const state = EditorState.create({ doc })
    const found = completeFlow({ state, pos, explicit }, { names, model })
    return (
      found && { replaced: doc.slice(found.from, found.to), labels: found.options.map(({ label }) => label) }
    )
  }

  test('of a word that was begun, not of an empty line unless asked for', () => {
    expect(at('flow: 1\nna‸')).toMatchObject({ replaced: 'na', labels: expect.arrayContaining(['name']) })
    expect(at('flow: 1\n‸')).toBeNull()
    expect(at('flow: 1\n‸', true)?.labels).toContain('steps')
  })

  test('of a name within an expression only the name is replaced', () => {
    expect(at('steps:\n  - check: "1 + ro‸"')).toMatchObject({
      replaced: 'ro',
      labels: expect.arrayContaining(['row']),
    })
  })

  test('of paths by the model of the device', () => {
    const found = at('steps:\n  - send: { get: Device.DeviceInfo.Ser‸ }')
    expect(found?.labels[0]).toMatch(/^SerialNumber/)
    expect(found?.replaced).toBe('Ser')
    expect(at('steps:\n  - send: { get: ‸ }', true)?.labels).toContain('Device.')
  })

  test('and what a key is for', () => {
    expect(explainFlow(text, text.indexOf('wait') + 2)).toEqual({
      from: text.indexOf('wait'),
      to: text.indexOf('wait') + 4,
      text: 'until the device is there, or gone',
    })
    expect(explainFlow(text, text.indexOf('{'))).toBeUndefined()
  })
})

describe('a recording', () => {
  const device = 'os::00256D-A'
  const packet = (no: number, from: string, body: object, place: 'request' | 'response'): RecordedPacket => ({
    no,
    time: no * 100,
    from,
    to: from === device ? 'acs' : device,
    msg: { header: { msg_id: String(no - (no % 2)) }, body: { [place]: body } } as never,
  })
  const packets = [
    packet(2, 'acs', { get: { param_paths: ['Device.DeviceInfo.'] } }, 'request'),
    packet(3, device, { get_resp: { req_path_results: [] } }, 'response'),
    packet(4, 'acs', { notify_resp: { subscription_id: 'x' } }, 'response'),
  ]

  test('knows devices from controllers by what they say', () => {
    expect(devicesIn(packets)).toEqual([device])
  })

  test('has a row for each packet, with what may be chosen and what is', () => {
    const choices = new Map([[3, 'keep' as const]])
    const made = recordFlow(packets, { name: 'x', device, choices })
    const rows = recordedRows(packets, device, made, choices)
    expect(
      rows.map(({ title, options, choice, gap, why }) => [
        title,
        options.length,
        choice,
        gap,
        why !== undefined,
      ]),
    ).toEqual([
      ['get Device.DeviceInfo.', 2, 'keep', 0, false],
      ['get_resp', 3, 'keep', 100, false],
      ['notify_resp', 0, undefined, 100, true],
    ])
  })
  test('has rows for messages that are no Records, and counts what is in no row', () => {
    const publish = { topic: 'lab/x', qos: 0, retain: false, properties: {} }
    const plain = [
      { no: 5, time: 500, from: '', to: device, publish },
      { no: 6, time: 600, from: device, to: '', publish },
      { no: 7, time: 700, from: 'os::other', to: '', publish },
    ]
    expect(devicesIn(plain)).toEqual([device, 'os::other'])
    const made = recordFlow(plain, { name: 'x', device })
    const rows = recordedRows(plain, device, made, new Map())
    expect(rows.map(({ title, options, choice }) => [title, options, choice])).toEqual([
      ['PUBLISH lab/x', ['keep', 'ignore'], 'keep'],
      ['PUBLISH lab/x', ['keep', 'ignore'], 'ignore'],
    ])
    const left = [{ why: 'a PUBLISH that cannot be read', count: 2, first: 3 }]
    const exchange = { packets: plain, clientIds: {}, more: 0, left }
    expect(leftOut(exchange, device, made)).toEqual([
      ...left,
      { why: `a message that is not from or to ${device}`, count: 1, first: 7 },
    ])
  })
})
