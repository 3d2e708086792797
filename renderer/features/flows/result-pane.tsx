/** A run while it goes on, or a result that is kept: what came of it, its steps, the one under the cursor. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { FlowQuestion, FlowRunState } from '../../../shared/contract/flows.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { Choice } from '../../ui/choice.tsx'
import { dateTime, plural } from '../../ui/format.ts'
import { Empty, Icon, State } from '../../ui/kit.tsx'
import type { MenuItem } from '../../ui/menu.tsx'
import { Split } from '../../ui/split.tsx'
import { showRunPackets } from './actions.ts'
import { FileField, type GivenFile } from './attachments.tsx'
import { ExportMenu } from './export-menu.tsx'
import { resultBefore, runOf } from './runs.ts'
import { StepDetail } from './step-detail.tsx'
import { StepsList } from './steps-list.tsx'
import { duration, progressWords, runWord, statusTone, statusWord } from './words.ts'

export function ResultPane() {
  const { runs } = useModel().flows
  const shown = useStore(runs, (state) => state.shown)
  const stepKey = useStore(runs, (state) => state.stepKey)
  const error = useStore(runs, (state) => state.error)
  const [ratio, setRatio] = useSplit('flow-step', 0.55)
  if (shown === undefined)
    return (
      <section className="flow-result" aria-label="Result">
        <Empty>What comes of a run stands here, step by step, with the packets and what differed.</Empty>
      </section>
    )
  return (
    <section className="flow-result" aria-label="Result">
      <Together />
      <Head />
      <Questions />
      {error ? (
        <Empty>{error.message}</Empty>
      ) : (
        <Split
          direction="down"
          label="Height of the list of steps"
          ratio={ratio}
          onRatio={setRatio}
          first={<StepsList />}
          second={stepKey === undefined ? undefined : <StepDetail key={stepKey} />}
        />
      )}
    </section>
  )
}

/** Runs that were begun together, on several devices, or in turns: the newest of each. */
function Together() {
  const model = useModel()
  const { runs } = model.flows
  const together = useStore(runs, (state) => state.together)
  const shown = useStore(runs, (state) => state.shown)
  const all = useStore(model.live, (state) => state.flowRuns?.runs)
  if (together.length < 2) return null
  const newest = together.flatMap((id) => all?.findLast((run) => (run.series?.id ?? run.id) === id) ?? [])
  if (newest.length < 2) return null
  return (
    <div className="flow-together" role="group" aria-label="Runs of the devices">
      {newest.map((run) => (
        <button
          key={run.device}
          type="button"
          className="button"
          aria-pressed={run.id === shown}
          title={progressWords(run)}
          onClick={() => runs.show(run.id)}
        >
          <State tone={statusTone[run.status]}>
            {run.device} {runWord(run)}
          </State>
        </button>
      ))}
    </div>
  )
}

function Head() {
  const model = useModel()
  const { runs } = model.flows
  const shown = useStore(runs, (state) => state.shown)
  const head = useStore(runs, (state) => state.head)
  const only = useStore(runs.steps, (state) => state.params.only)
  const all = useStore(runs.steps, (state) => state.all)
  const run = useStore(model.live, (state) => runOf(state.flowRuns?.runs, shown))
  const before = useStore(model.live, (state) => resultBefore(state.flowRuns?.results ?? [], shown)?.id)
  if (!head) return <header className="flow-head" />
  const more: readonly MenuItem[] = [
    {
      title: 'Compare with the result before',
      group: '',
      disabled: before ? undefined : 'It is the only one of this flow on this device',
      run: () => model.show('flow-compare'),
    },
    {
      title: 'Packets of the run',
      group: '',
      run: () => void runCommand(commandById('flows.packets'), model),
    },
    {
      title: 'Packets of the run as a file…',
      run: () =>
        void showRunPackets(model, head).then((found) => {
          if (found) runCommand(commandById('captures.export'), model)
        }),
    },
  ]
  const status = run?.status ?? head.status
  return (
    <>
      <header className="flow-head">
        <State tone={statusTone[status]}>{run ? runWord(run) : statusWord[status]}</State>
        <strong className="cut" title={head.name}>
          {head.name}
        </strong>
        <span className="buttons">
          <Choice
            label="Steps shown"
            options={[
              ['all', 'All'],
              ['wrong', 'Wrong', 'Only what failed or could not be judged'],
            ]}
            value={only}
            onChange={runs.setOnly}
          />
          <ExportMenu ids={shown === undefined ? [] : [shown]} label="Evidence" more={more} />
          <button type="button" className="button quiet" aria-label="Close the result" onClick={runs.hide}>
            <Icon name="close" />
          </button>
        </span>
      </header>
      <p className="flow-facts dim">
        {status === 'running' && run
          ? progressWords(run)
          : [
              plural(all, 'step'),
              head.duration !== undefined && duration(head.duration),
              run?.series && `turn ${run.series.turn}`,
              head.device,
              dateTime(head.start),
              head.requirements.join(', '),
            ]
              .filter(Boolean)
              .join(' · ')}
      </p>
      {head.note !== undefined && (
        <p className="flow-remark" role="alert">
          {head.note}
        </p>
      )}
      {status === 'running' && run && (
        <progress
          className="flow-progress"
          aria-label="Steps done"
          value={run.done}
          max={Math.max(1, run.steps, run.done)}
        />
      )}
    </>
  )
}

const none: readonly FlowQuestion[] = []
const questionsOf = (run: FlowRunState | undefined): readonly FlowQuestion[] => run?.questions ?? none

/** What the run asks the person; the first choice has the keyboard when it is asked for. */
function Questions() {
  const model = useModel()
  const shown = useStore(model.flows.runs, (state) => state.shown)
  const questions = useStore(model.live, (state) => questionsOf(runOf(state.flowRuns?.runs, shown)))
  return questions.map((question, index) => (
    <Question key={question.token} run={shown ?? ''} question={question} isFirst={index === 0} />
  ))
}

interface QuestionProps {
  readonly run: string
  readonly question: FlowQuestion
  readonly isFirst: boolean
}

function Question({ run, question: { token, text, choices, file: wanted }, isFirst }: QuestionProps) {
  const model = useModel()
  const [file, setFile] = useState<GivenFile>()
  return (
    <div className="flow-question" role="group" aria-label="Question of the run">
      <p role="alert">{text}</p>
      {wanted !== undefined && <FileField wanted={wanted} onChange={setFile} />}
      <span className="buttons">
        {choices.map((choice, at) => (
          <button
            key={choice}
            type="button"
            id={isFirst && at === 0 ? 'flow-choice' : undefined}
            className={`button ${at === 0 ? 'main' : ''}`}
            onClick={() => void model.run('flows.answer', { run, token, choice, ...(file && { file }) })}
          >
            {choice}
          </button>
        ))}
      </span>
    </div>
  )
}
