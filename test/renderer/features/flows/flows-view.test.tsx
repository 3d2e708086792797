// @vitest-environment happy-dom
import { act } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { commandById, runCommand } from '../../../../renderer/app/commands.ts'
import { createModel, ModelProvider, type Model } from '../../../../renderer/app/model.ts'
import { CompareDialog } from '../../../../renderer/features/flows/compare-dialog.tsx'
import { MatrixDialog } from '../../../../renderer/features/flows/matrix-dialog.tsx'
import { ReferenceDialog } from '../../../../renderer/features/flows/reference-dialog.tsx'
import { resultBefore } from '../../../../renderer/features/flows/runs.ts'
import { FlowsView } from '../../../../renderer/features/flows/flows-view.tsx'
import { fail } from '../../../../shared/contract/result.ts'
import { all, button, click, find, press, settle, textOf, type, until } from '../../app/screen.ts'
import { MemoryStorage } from '../../memory-storage.ts'
import { FlowsHost, runState, stepRow } from './fake-flows.ts'

// What the editor measures, this environment does not lay out; the browser test types into the real one.
vi.mock('../../../../renderer/ui/editor/code-editor.tsx', () => ({
  CodeEditor: ({
    label,
    value,
    marks,
  }: {
    label: string
    value: string
    marks?: readonly { sign: string }[]
  }) => (
    <pre aria-label={label} data-marks={marks?.map(({ sign }) => sign).join('')}>
      {value}
    </pre>
  ),
}))

const flow = (name: string, steps = '  - sleep: 1ms\n  - sleep: 2ms\n', head = ''): string =>
  `flow: 1\nname: ${name}\n${head}steps:\n${steps}`
const device = 'os::00256D-1'

let host: FlowsHost
let model: Model
let root: Root
let storage: MemoryStorage

async function show(): Promise<void> {
  model = createModel(host, storage, async () => fail('unavailable', 'Nothing is uploaded here.'))
  model.goTo('flows')
  root = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    root.render(
      <ModelProvider value={model}>
        <FlowsView />
      </ModelProvider>,
    ),
  )
  await settle()
}
async function hide(): Promise<void> {
  act(() => root.unmount())
  model.close()
  document.body.replaceChildren()
}
beforeEach(async () => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(600)
  storage = new MemoryStorage()
  host = new FlowsHost()
  host.write('one.yaml', flow('One'))
  host.write('lab/two.yaml', flow('Two'))
  await show()
})
afterEach(hide)

const editor = () => model.flows.editor.getState()
const runs = () => model.flows.runs
const row = (name: string) =>
  all('#flow-files [role=row]').find((one) => one.textContent?.startsWith(name)) ??
  expect.fail(`no row ${name}`)
const openFile = async (name: string): Promise<void> => {
  act(() => void row(name).dispatchEvent(new MouseEvent('mousedown', { bubbles: true })))
  await until(() => expect(editor().parsed.text).toBe(editor().text))
}
const shownText = () => textOf('[aria-label="Flow as YAML"]')
const asked = (name: string) => host.calls.filter((call) => call.name === name).map(({ request }) => request)
const typeText = async (text: string): Promise<void> => {
  act(() => model.flows.editor.setText(text))
  await until(() => expect(editor().parsed.text).toBe(text))
}
const start = async (): Promise<void> => {
  await openFile('one')
  act(() => runs().setDevices([device]))
  await act(async () => void (await runs().start()))
  await settle()
}

test('changes stay with their file while another is looked at, and over a reload', async () => {
  await openFile('one')
  await typeText(flow('Mine'))
  await openFile('two')
  expect(shownText()).toContain('name: Two')
  expect(row('one').textContent).toContain('changed')
  await openFile('one')
  expect(shownText()).toContain('name: Mine')
  await hide()
  await show()
  await openFile('one')
  expect(shownText()).toContain('name: Mine')
  expect(host.files.get('one.yaml')).toContain('name: One')
})

test('a flow without a file is kept under its name until it is saved or thrown away', async () => {
  await click(button('New'))
  act(() => runs().setState({ variables: { [editor().slot]: { n: '5' } } }))
  await until(() => expect(row('New flow').textContent).toContain('changed'))
  await openFile('one')
  act(() => void row('New flow').dispatchEvent(new MouseEvent('mousedown', { bubbles: true })))
  await settle()
  expect(editor().path).toBeUndefined()
  expect(shownText()).toContain('Ask for the manufacturer')
  await act(async () => void (await model.flows.editor.save('lab/three.yaml')))
  expect(host.files.get('lab/three.yaml')).toBe(editor().text)
  expect(editor().drafts).toEqual([])
  expect(runs().getState().variables).toEqual({ 'lab/three.yaml': { n: '5' } })
})

test('a file that somebody else wrote is taken where nothing is lost by it, else asked about', async () => {
  await openFile('one')
  act(() => host.write('one.yaml', flow('Theirs')))
  await until(() => expect(shownText()).toContain('name: Theirs'))
  await typeText(flow('Mine'))
  act(() => host.write('one.yaml', flow('Theirs again')))
  await until(() => expect(textOf('[role=alert]')).toContain('one.yaml was changed by somebody else'))
  expect(shownText()).toContain('name: Mine')
  await click(button('Write mine over it'))
  expect(host.files.get('one.yaml')).toContain('name: Mine')
  expect(document.querySelector('[role=alert]')).toBeNull()
})

test('what hinders a run is said on its button; what is wrong in the text by line and column', async () => {
  expect(button('Run').title).toBe('Open a flow first')
  await openFile('one')
  expect(button('Run').title).toBe('Choose a device first')
  await typeText('flow: 1\nname: x\nsteps:\n  - sned: {}\n')
  expect(button('Run').title).toBe('The text has errors')
  expect(textOf('.flow-problems')).toContain('4:5 A step has no sned.')
  await click(button(/^4:5/))
  expect(editor().reveal?.at).toBe(editor().text.indexOf('sned'))
})

test('variables and secrets are asked for, and options other than usual are named', async () => {
  host.write(
    'one.yaml',
    flow('One', '  - check: length(word) > n\n', 'variables: { n: 3, word: abc }\nsecrets: [key]\n'),
  )
  await openFile('one')
  act(() => runs().setDevices([device]))
  await click(button('Options'))
  await type('.flow-variables input[placeholder="3"]', '5')
  await type('.flow-variables input[type=password]', 'sesame')
  act(() => runs().setState({ repeat: 'times', times: 4, pace: 1 }))
  expect(button(/pace ×1/).textContent).toContain('4 times')
  await click(button('Run'))
  await settle()
  expect(asked('flows.run')[0]).toMatchObject({
    device,
    source: { path: 'one.yaml', text: editor().text },
    variables: { n: 5 },
    secrets: { key: 'sesame' },
    pace: 1,
    repeat: { times: 4 },
  })
  const stored = Array.from({ length: storage.length }, (_, at) => storage.getItem(storage.key(at) ?? ''))
  expect(stored.join()).not.toContain('sesame')
})

test('a breakpoint stays at its step while text before it changes, and is told to a run under way', async () => {
  await openFile('one')
  const second = editor().text.indexOf('- sleep: 2ms')
  await act(async () => void (await model.flows.editor.toggleBreakpoint(second - 2)))
  await typeText(editor().text.replace('name: One', 'name: Another name'))
  expect(find('[aria-label="Flow as YAML"]').dataset['marks']).toContain('●')
  act(() => runs().setDevices([device]))
  await act(async () => void (await runs().start()))
  expect(asked('flows.run')[0]).toMatchObject({ breakpoints: ['steps.1'] })
  await act(
    async () => void (await model.flows.editor.toggleBreakpoint(editor().text.indexOf('  - sleep: 1ms'))),
  )
  await settle()
  expect(asked('flows.breakpoints').at(-1)).toMatchObject({
    run: 'run-1',
    breakpoints: ['steps.0', 'steps.1'],
  })
})

test('a run is shown while it goes on, held, mended and answered', async () => {
  host.rows = [stepRow(0), stepRow(1, { status: 'failed', note: 'It is false.' })]
  await start()
  expect(textOf('.flow-facts')).toContain('0 of 2 steps done')
  act(() =>
    host.tell({ runs: [runState({ paused: true, held: 'failed', step: 'steps.1', done: 2, failed: 1 })] }),
  )
  await settle()
  expect(textOf('.flow-facts')).toContain('Holds behind steps.1, which failed.')
  act(() => runs().steps.getState().select(1))
  await until(() => expect(textOf('#flow-step')).toContain('It is false.'))
  await click(button('Edit, and do it again'))
  expect(textOf('[aria-label="Step to be done again"]')).toBe('sleep: 2ms')
  await click(button('Do it so'))
  expect(asked('flows.again')).toEqual([{ run: 'run-1', step: 'sleep: 2ms' }])
  const questions = [{ token: 7, text: 'Is it green?', choices: ['Yes', 'No'] }]
  act(() => host.tell({ runs: [runState({ questions })] }))
  await settle()
  expect(textOf('.flow-question')).toContain('Is it green?')
  await click(button('Yes'))
  expect(asked('flows.answer')).toEqual([{ run: 'run-1', token: 7, choice: 'Yes' }])
})

test('expected stands against seen, field by field', async () => {
  host.rows = [stepRow(0, { status: 'failed', differences: 1 })]
  host.details.set('steps/0', {
    path: 'steps.0',
    kind: 'send',
    title: 'step 0',
    status: 'failed',
    note: 'The answer is not what was expected.',
    differences: [{ path: 'params.X', expected: 'a', seen: 'b', why: 'is not equal' }],
    packets: [4, 5],
    bindings: { row: 'Device.X.1.' },
    seen: { get_resp: {} },
    children: [],
  })
  await start()
  act(() => runs().steps.getState().select(0))
  await until(() =>
    expect(all('table[aria-label="Expected against seen"] td').map(({ textContent }) => textContent)).toEqual(
      ['params.X', 'a', 'b', 'is not equal'],
    ),
  )
  expect(all('.flow-packets button').map(({ textContent }) => textContent)).toEqual(['4', '5'])
  expect(textOf('table[aria-label="Variables that got a value"]')).toContain('Device.X.1.')
})

test('steps are folded by key, and only what is wrong is shown on demand', async () => {
  host.rows = [stepRow(0, { folded: false }), stepRow(1)]
  await start()
  act(() => runs().steps.getState().select(0))
  act(() => find('#flows-list').focus())
  await press('ArrowLeft')
  expect(runs().steps.getState().params.folded).toEqual(['steps/0'])
  act(() => runs().setOnly('wrong'))
  expect(runs().steps.getState().params.only).toBe('wrong')
})

test('a run of another window stands among the results while it goes on', async () => {
  await click(find('[role=tab][aria-selected=false]'))
  act(() => host.tell({ runs: [runState({ id: 'other', name: 'Elsewhere', paused: true, held: 'before' })] }))
  await settle()
  expect(row('held').textContent).toContain('Elsewhere')
  act(() => void row('held').dispatchEvent(new MouseEvent('mousedown', { bubbles: true })))
  await settle()
  expect(runs().getState().shown).toBe('other')
})

const info = (id: string, startedAt: number, more = {}) => ({
  id,
  name: 'One',
  device,
  status: 'passed' as const,
  startedAt,
  bytes: 1,
  ...more,
})

test('a result is compared with the one before it of the same flow and device', async () => {
  const results = [info('d', 4), info('c', 3, { device: 'other' }), info('b', 2), info('a', 1)]
  act(() => host.tell({ results }))
  expect([
    resultBefore(results, 'd')?.id,
    resultBefore(results, 'a')?.id,
    resultBefore(results, 'x'),
  ]).toEqual(['b', undefined, undefined])
  act(() => runs().show('d'))
  await settle()
  const sheet = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    sheet.render(
      <ModelProvider value={model}>
        <CompareDialog />
      </ModelProvider>,
    ),
  )
  await settle()
  expect(asked('flows.compare')).toEqual([{ before: 'b', after: 'd' }])
  expect(textOf('.dialog-body')).toContain('1 step broken, 1 step with other values, 1 slower.')
  const line = find('#flow-compared-0')
  expect(line.textContent).toBe('step 0passedfailed10 ms → 400 ms1')
  act(() => void line.dispatchEvent(new MouseEvent('mousedown', { bubbles: true })))
  expect(all('table[aria-label="Values that differ"] td').map(({ textContent }) => textContent)).toEqual([
    'params.X',
    'a',
    'b',
  ])
  act(() => sheet.unmount())
})

test('how each flow went on each device leads to its newest result', async () => {
  const results = [
    info('d', 4, { status: 'failed' }),
    info('c', 3, { device: 'other' }),
    info('b', 2, { name: 'Two' }),
    info('a', 1),
  ]
  act(() => host.tell({ results }))
  act(() => void runCommand(commandById('flows.matrix'), model))
  expect(model.frame.getState().overlay).toBe('flow-matrix')
  const sheet = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    sheet.render(
      <ModelProvider value={model}>
        <MatrixDialog />
      </ModelProvider>,
    ),
  )
  expect(all('.flow-matrix tr').map((line) => [...line.children].map((cell) => cell.textContent))).toEqual([
    ['Flow', device, 'other'],
    ['One', 'failed 1 of 2 not passed', 'passed '],
    ['Two', 'passed ', ''],
  ])
  await click(button('failed 1 of 2 not passed'))
  await settle()
  expect([runs().getState().shown, model.frame.getState().overlay]).toEqual(['d', 'none'])
  act(() => sheet.unmount())
})

test('the keyboard goes from pane to pane', async () => {
  host.rows = [stepRow(0)]
  await start()
  act(() => find('#flow-files').focus())
  const pane = (id: string) => act(() => void runCommand(commandById(id), model))
  pane('flows.pane')
  expect(editor().reveal).toEqual({ at: 0 })
  pane('flows.pane-back')
  await until(() => expect(document.activeElement?.id).toBe('flows-list'))
  pane('flows.pane')
  await until(() => expect(document.activeElement?.id).toBe('flow-files'))
})

test('the next turn of a series takes the place of the one that passed', async () => {
  await start()
  const series = { id: 'run-1', turn: 1, times: 2 }
  act(() => host.tell({ runs: [runState({ series })] }))
  act(() =>
    host.tell({
      runs: [
        runState({ series, status: 'passed' }),
        runState({ id: 'run-2', series: { ...series, turn: 2 } }),
      ],
    }),
  )
  await settle()
  expect(runs().getState().shown).toBe('run-2')
  act(() =>
    host.tell({
      runs: [
        runState({ id: 'run-2', series: { ...series, turn: 2 }, status: 'failed' }),
        runState({ id: 'run-3', series: { ...series, turn: 3 } }),
      ],
    }),
  )
  await settle()
  // What failed stays to be looked at.
  expect(runs().getState().shown).toBe('run-2')
})

test('turns so quick that the one before is forgotten are followed, until a person looks at another', async () => {
  await start()
  const turn = (number: number) =>
    runState({
      id: `run-${number}`,
      series: { id: 'run-1', turn: number },
      status: number === 30 ? 'running' : 'passed',
    })
  act(() => host.tell({ runs: [turn(29), turn(30)] }))
  await settle()
  expect(runs().getState().shown).toBe('run-30')
  act(() => runs().show('run-29'))
  act(() => host.tell({ runs: [turn(29), turn(31)] }))
  await settle()
  expect(runs().getState().shown).toBe('run-29')
})

test('what the keys do can be done by name only where it makes sense', async () => {
  const can = (id: string): boolean => commandById(id).available?.(model) ?? true
  expect(['flows.run', 'flows.hold', 'flows.save', 'flows.record'].map(can)).toEqual([
    false,
    false,
    false,
    false,
  ])
  await start()
  expect(['flows.run', 'flows.hold', 'flows.again'].map(can)).toEqual([true, true, false])
  const command = (id: string) => act(() => void runCommand(commandById(id), model))
  command('flows.hold')
  act(() => host.tell({ runs: [runState({ paused: true })] }))
  command('flows.hold')
  command('flows.stop')
  await settle()
  expect(asked('flows.control')).toEqual(
    ['pause', 'continue', 'stop'].map((action) => ({ run: 'run-1', action })),
  )
})

test('how a flow is written can be looked up, each with an example', async () => {
  act(() => void runCommand(commandById('flows.reference'), model))
  expect(model.frame.getState().overlay).toBe('flow-reference')
  const sheet = createRoot(document.body.appendChild(document.createElement('div')))
  act(() =>
    sheet.render(
      <ModelProvider value={model}>
        <ReferenceDialog />
      </ModelProvider>,
    ),
  )
  const titles = () => all('.flow-reference h4').map(({ textContent }) => textContent)
  expect(titles()).toEqual(expect.arrayContaining(['send', 'repeat', '$pattern', '$absent', 'fault']))
  await type('input[aria-label="Find in the reference"]', 'regular expression')
  expect(titles()).toContain('$pattern')
  expect(titles()).not.toContain('repeat')
  expect(textOf('.flow-reference pre')).toContain('$pattern:')
  await type('input[aria-label="Find in the reference"]', 'nothing like it')
  expect(textOf('.flow-reference')).toContain('Nothing has these words')
  act(() => sheet.unmount())
})
