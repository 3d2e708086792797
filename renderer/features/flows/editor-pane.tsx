/** The text of a flow, what is wrong with it, and where it is kept. */
import { yaml } from '@codemirror/lang-yaml'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { FlowSet } from '../../../shared/contract/flows.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { CodeEditor, type LineMark, type Remark } from '../../ui/editor/code-editor.tsx'
import { Empty, Icon, Keys } from '../../ui/kit.tsx'
import { addFlowSet, saveFlow, startFlow, told } from './actions.ts'
import { ModelBar } from '../messages/model-bar.tsx'
import { completeFlow, explainFlow } from './complete.ts'
import { isDirty } from './editor.ts'
import { namesOf } from './parsed.ts'
import { useStepMarks } from './step-marks.ts'

const language = yaml()

/** Flows that come with the bench, in the order in which one wants them. */
const sets: readonly { readonly set: FlowSet; readonly title: string }[] = [
  { set: 'starter', title: 'Add the starter flows' },
  { set: 'tp469', title: 'Add the TP-469 flows' },
]

export function EditorPane() {
  const model = useModel()
  const { editor } = model.flows
  const isOpen = useStore(editor, (state) => state.isOpen)
  const slot = useStore(editor, (state) => state.slot)
  const files = useStore(model.live, (state) => state.flowFiles?.files)
  const missing = files && sets.find(({ set }) => !files.some(({ path }) => path.startsWith(`${set}/`)))
  if (!isOpen)
    return (
      <section className="flow-editor" aria-label="Flow">
        <Empty
          action={
            <span className="buttons">
              <button
                type="button"
                className="button main"
                onClick={() => runCommand(commandById('flows.new'), model)}
              >
                New flow
              </button>
              {missing !== undefined && (
                <button type="button" className="button" onClick={() => void addFlowSet(model, missing.set)}>
                  {missing.title}
                </button>
              )}
              <button type="button" className="button" onClick={() => model.goTo('packets')}>
                Record from packets
              </button>
              <button type="button" className="button" onClick={() => model.show('flow-reference')}>
                How a flow is written
              </button>
            </span>
          }
        >
          A flow sends USP messages to a device and judges what comes back. Choose one on the left, write one,
          or make one of packets that were recorded.
        </Empty>
      </section>
    )
  return (
    <section className="flow-editor" aria-label="Flow">
      <Head />
      <ModelBar device={model.flows.runs.model} used="completed" />
      <Conflict />
      <div className="flow-text" id="flow-text">
        <Text key={slot} />
      </div>
      <Problems />
    </section>
  )
}

function Head() {
  const model = useModel()
  const { editor } = model.flows
  const path = useStore(editor, (state) => state.path)
  const dirty = useStore(editor, isDirty)
  const unkept = useStore(editor, (state) => state.unkept)
  return (
    <header className="flow-head">
      <span className="cut mono" title={path}>
        {path ?? 'Not saved yet'}
      </span>
      {dirty && <span className="warn">changed</span>}
      {unkept && (
        <span className="warn" title="These changes are too large to be kept over a reload of this page">
          save soon
        </span>
      )}
      <span className="spacer" />
      <button type="button" className="button" disabled={!dirty} onClick={() => void saveFlow(model)}>
        {path === undefined ? 'Save…' : 'Save'}
      </button>
      <Keys chord="mod+s" />
    </header>
  )
}

/** The file is another by now than the one that was opened. */
function Conflict() {
  const model = useModel()
  const { editor } = model.flows
  const theirs = useStore(editor, (state) => state.theirs)
  const path = useStore(editor, (state) => state.path)
  if (!theirs || path === undefined) return null
  return (
    <p className="flow-remark warn" role="alert">
      <span>{path} was changed by somebody else. Your text is not saved.</span>
      <button type="button" className="button" onClick={() => editor.revert()}>
        Take theirs
      </button>
      <button
        type="button"
        className="button"
        onClick={() => void editor.save(path, true).then((error) => told(model, error))}
      >
        Write mine over it
      </button>
      <button type="button" className="button" onClick={() => model.show('flow-save')}>
        Save mine elsewhere
      </button>
    </p>
  )
}

function Text() {
  const model = useModel()
  const { editor, runs } = model.flows
  const text = useStore(editor, (state) => state.text)
  const parsed = useStore(editor, (state) => state.parsed)
  const breakpoints = useStore(editor, (state) => state.breakpoints)
  const reveal = useStore(editor, (state) => state.reveal)
  const stepMarks = useStepMarks()
  const remarks = useMemo(
    (): readonly Remark[] =>
      parsed.problems.map(({ start, end, severity, message, hint }) => ({
        from: start,
        // A structure that is not closed reaches to the end: one line shows where it begins.
        to: Math.min(end, lineEnd(parsed.text, start)),
        severity,
        text: hint === undefined ? message : `${message} ${hint}`,
      })),
    [parsed],
  )
  const marks = useMemo(
    (): readonly LineMark[] => [
      ...breakpoints.map((at): LineMark => ({
        at,
        sign: '●',
        tone: 'break',
        title: 'The run holds before this step',
      })),
      ...stepMarks,
    ],
    [breakpoints, stepMarks],
  )
  const names = useRef(namesOf(undefined, []))
  useEffect(() => {
    const files = model.live.getState().flowFiles?.files ?? []
    const flows = files.map(({ path }) => path.replace(/\.ya?ml$/, ''))
    // While something is wrong the names are those that were known before.
    if (parsed.flow || names.current.flows.length === 0) names.current = namesOf(parsed.flow, flows)
  }, [model, parsed])
  const complete = useCallback(
    (context: Parameters<typeof completeFlow>[0]) =>
      completeFlow(context, { names: names.current, model: runs.model.getState().index }),
    [runs],
  )
  return (
    <CodeEditor
      label="Flow as YAML"
      unwrapped
      value={text}
      language={language}
      remarks={remarks}
      marks={marks}
      complete={complete}
      explain={explainFlow}
      reveal={reveal}
      onChange={editor.setText}
      onSubmit={() => void startFlow(model)}
      onMark={(lineStart) => void editor.toggleBreakpoint(lineStart)}
      onCaret={editor.setCaret}
    />
  )
}

const lineEnd = (text: string, at: number): number => {
  const newline = text.indexOf('\n', at)
  return newline < 0 ? text.length : newline
}

function Problems() {
  const { editor } = useModel().flows
  const parsed = useStore(editor, (state) => state.parsed)
  const [at, setAt] = useState(0)
  const { problems, errors } = parsed
  const shown = problems[Math.min(at, problems.length - 1)]
  if (!shown)
    return (
      <p className="flow-problems dim" role="status">
        Nothing is wrong in the text.
      </p>
    )
  const warnings = problems.length - errors
  const next = async () => {
    await editor.showProblem()
    const { reveal } = editor.getState()
    setAt(
      Math.max(
        0,
        problems.findIndex(({ start }) => start === reveal?.at),
      ),
    )
  }
  return (
    <p className="flow-problems" role="status">
      <span className={shown.severity === 'error' ? 'bad' : 'warn'}>
        <Icon name={shown.severity === 'error' ? 'error' : 'warning'} label={shown.severity} />
      </span>
      <button
        type="button"
        className="link cut"
        title={`${shown.message} ${shown.hint ?? ''}`}
        onClick={() => void next()}
      >
        {shown.line}:{shown.column} {shown.message} {shown.hint}
      </button>
      <span className="spacer" />
      <span className="dim">
        {[errors > 0 && plural(errors, 'error'), warnings > 0 && plural(warnings, 'remark')]
          .filter(Boolean)
          .join(', ')}
      </span>
      <Keys chord="f4" />
    </p>
  )
}
