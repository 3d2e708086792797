/** What can be done with flows by name or key; and with packets, to make a flow of them. */
import { focus, type Command } from '../../app/command.ts'
import type { Model } from '../../app/model.ts'
import type { FlowRunState } from '../../../shared/contract/flows.ts'
import {
  addFlowSet,
  controlRun,
  duplicateFlow,
  NEW_FLOW,
  recordFrom,
  saveFlow,
  showRunPackets,
  startFlow,
} from './actions.ts'
import { isDirty } from './editor.ts'
import type { RecordingSource } from './recording.ts'
import { resultBefore, runOf, stepAgain } from './runs.ts'

const isHere = (model: Model): boolean => model.frame.getState().place === 'flows'
const isOpen = (model: Model): boolean => isHere(model) && model.flows.editor.getState().isOpen
const hasFile = (model: Model): boolean => isOpen(model) && model.flows.editor.getState().path !== undefined

/** The run that is looked at, while it goes on. */
function running(model: Model): FlowRunState | undefined {
  if (!isHere(model)) return undefined
  const run = runOf(model.live.getState().flowRuns?.runs, model.flows.runs.getState().shown)
  return run?.status === 'running' ? run : undefined
}

/** What is chosen in the packet list or the ladder: rows, else the filter, else everything. */
export function recordingSource(model: Model): RecordingSource {
  const tab = model.packets.current()
  const { filter } = tab.list.getState().params
  const { capture } = tab
  const selection = tab.selection()
  const shown = filter === '' ? '' : ` that match ${filter}`
  if (selection && selection.to > selection.from)
    return { capture, filter, ...selection, words: `packets ${selection.from} to ${selection.to}${shown}` }
  return { capture, filter, words: filter === '' ? 'all packets of the capture' : `all packets${shown}` }
}

const control = (
  action: 'step' | 'again' | 'stop',
  title: string,
  keys: readonly string[],
  available: (run: FlowRunState) => boolean,
): Command => ({
  id: `flows.${action}`,
  group: 'Flows',
  title,
  keys,
  available: (model) => {
    const run = running(model)
    return run !== undefined && available(run)
  },
  run: (model) => void controlRun(model, action),
})

/** What F6 goes through, by the ids of elements; the text is in a root of its own. */
const PANES = ['flow-files', 'flow-text', 'flows-list', 'flow-step'] as const

const toPane = (id: string, title: string, key: string, by: 1 | -1): Command => ({
  id: `flows.${id}`,
  group: 'Flows',
  title,
  keys: [key],
  available: isHere,
  run({ flows }) {
    const there = PANES.filter((pane) => document.getElementById(pane))
    const now = there.findIndex((pane) => document.getElementById(pane)?.contains(document.activeElement))
    const next = there.at((Math.max(now, by > 0 ? -1 : 0) + by) % Math.max(1, there.length))
    if (next === 'flow-text') flows.editor.focus()
    else if (next) focus(next)
  },
})

export const flowCommands: readonly Command[] = [
  {
    id: 'flows.run',
    group: 'Flows',
    title: 'Run the flow',
    available: isOpen,
    run: (model) => void startFlow(model),
  },
  {
    id: 'flows.hold',
    group: 'Flows',
    title: 'Pause the run before its next step, or go on',
    keys: ['f8'],
    available: (model) => running(model) !== undefined,
    run: (model) => void controlRun(model, running(model)?.paused === true ? 'continue' : 'pause'),
  },
  control('step', 'Do one step, and hold', ['f10'], () => true),
  control('again', 'Do the step again', ['f7'], (run) => stepAgain(run) !== undefined),
  control('stop', 'Stop the run; its clean-up is done', ['shift+f8'], () => true),
  {
    id: 'flows.breakpoint',
    group: 'Flows',
    title: 'Hold before the step of the caret, or not',
    keys: ['f9'],
    available: isOpen,
    async run(model) {
      if (!(await model.flows.editor.toggleBreakpoint()))
        model.notices.getState().say('The caret stands in no step: put it on one first.')
    },
  },
  {
    id: 'flows.problem',
    group: 'Flows',
    title: 'Go to the next thing that is wrong in the text',
    keys: ['f4'],
    available: isOpen,
    async run(model) {
      if (!(await model.flows.editor.showProblem()))
        model.notices.getState().say('Nothing is wrong in the text.')
    },
  },
  toPane('pane', 'To the next pane: files, text, steps, step', 'f6', 1),
  toPane('pane-back', 'To the pane before', 'shift+f6', -1),
  {
    id: 'flows.answer',
    group: 'Flows',
    title: 'Answer the question of the run',
    available: (model) => (running(model)?.questions.length ?? 0) > 0,
    run: () => focus('flow-choice'),
  },
  {
    id: 'flows.packets',
    group: 'Flows',
    title: 'Show the packets of the run',
    available: (model) => isHere(model) && model.flows.runs.getState().head !== undefined,
    run(model) {
      const { head } = model.flows.runs.getState()
      if (head) void showRunPackets(model, head)
    },
  },
  {
    id: 'flows.compare',
    group: 'Flows',
    title: 'Compare the result with the one before',
    available: (model) =>
      isHere(model) &&
      resultBefore(model.live.getState().flowRuns?.results ?? [], model.flows.runs.getState().shown) !==
        undefined,
    run: (model) => model.show('flow-compare'),
  },
  {
    id: 'flows.matrix',
    group: 'Flows',
    title: 'Results by device',
    available: (model) => (model.live.getState().flowRuns?.results.length ?? 0) > 0,
    run: (model) => model.show('flow-matrix'),
  },
  {
    id: 'flows.reference',
    group: 'Flows',
    title: 'How a flow is written',
    run: (model) => model.show('flow-reference'),
  },
  {
    id: 'flows.new',
    group: 'Flows',
    title: 'New flow',
    run(model) {
      model.goTo('flows')
      model.flows.editor.fresh(NEW_FLOW)
    },
  },
  {
    id: 'flows.save',
    group: 'Flows',
    title: 'Save the flow',
    available: (model) => isOpen(model) && isDirty(model.flows.editor.getState()),
    run: (model) => void saveFlow(model),
  },
  {
    id: 'flows.save-as',
    group: 'Flows',
    title: 'Save the flow under another name',
    available: isOpen,
    run: (model) => model.show('flow-save'),
  },
  {
    id: 'flows.rename',
    group: 'Flows',
    title: 'Rename or move the flow',
    available: hasFile,
    run: (model) => model.show('flow-rename'),
  },
  {
    id: 'flows.duplicate',
    group: 'Flows',
    title: 'Duplicate the flow',
    available: hasFile,
    run(model) {
      const { path } = model.flows.editor.getState()
      if (path !== undefined) void duplicateFlow(model, path)
    },
  },
  {
    id: 'flows.starter',
    group: 'Flows',
    title: 'Add the starter flows that are missing',
    run(model) {
      model.goTo('flows')
      void addFlowSet(model, 'starter')
    },
  },
  {
    id: 'flows.tp469',
    group: 'Flows',
    title: 'Add the TP-469 conformance flows that are missing',
    run(model) {
      model.goTo('flows')
      void addFlowSet(model, 'tp469')
    },
  },
  {
    id: 'flows.record',
    group: 'Flows',
    title: 'Make a flow of the packets',
    keys: ['shift+r'],
    available: (model) => ['packets', 'ladder'].includes(model.frame.getState().place),
    run: (model) => recordFrom(model, recordingSource(model)),
  },
]
