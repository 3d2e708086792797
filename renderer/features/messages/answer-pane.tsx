/** What came back: of each device whether it did it, and the answer of one as tree, text or difference. */
import { json } from '@codemirror/lang-json'
import { useMemo, useState, type ReactNode } from 'react'
import { useStore } from 'zustand'
import type { Difference } from '../../../shared/dissect/diff.ts'
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { formatJson } from '../../../shared/usp/forms/draft.ts'
import { useModel } from '../../app/model.ts'
import { clock, plural } from '../../ui/format.ts'
import { CopyButton, Empty, State, Tabs, type Tone } from '../../ui/kit.tsx'
import { CodeEditor } from '../../ui/editor/code-editor.tsx'
import { ChooseDevice } from '../devices/device-picker.tsx'
import { openDoctor } from '../doctor/actions.ts'
import { showPacket } from '../packets/actions.ts'
import { adviceFor, answerDifferences, answerFields, type Advice } from './answer.ts'
import { AnswerTree } from './answer-tree.tsx'
import { verdictOf, type Delivery, type Verdict } from './send.ts'
import './answer.css'

const tones: Readonly<Record<Verdict, Tone>> = { waiting: 'off', ok: 'ok', part: 'warn', bad: 'bad' }
const jsonLanguage = json()

const word = (delivery: Delivery): string => {
  const { state, report, error } = delivery
  if (state === 'waiting') return 'waits'
  if (state === 'asking') return 'asked…'
  if (error) return error.code === 'cancelled' ? 'stopped' : 'not sent'
  return verdictOf(delivery) === 'part' ? 'answered in part' : (report?.outcome ?? 'not sent')
}
const took = (report: RequestReport | undefined): string =>
  report?.latencyMs === undefined
    ? ''
    : `${report.latencyMs < 10 ? report.latencyMs.toFixed(1) : Math.round(report.latencyMs)} ms`

export function AnswerPane() {
  const { messages, show } = useModel()
  const hasTargets = useStore(messages, (state) => state.targets.length > 0)
  const deliveries = useStore(messages, (state) => state.deliveries)
  const shown = useStore(messages, (state) => state.shown)
  const delivery = deliveries.find(({ endpointId }) => endpointId === shown) ?? deliveries[0]
  if (!delivery && !hasTargets) {
    return (
      <ChooseDevice onChoose={(one) => messages.setTargets([one])} onAttach={() => show('attach')}>
        What devices answer will stand here.
      </ChooseDevice>
    )
  }
  if (!delivery)
    return <Empty>What the devices answer will stand here: as a tree, as text, and what changed.</Empty>
  return (
    <div className="answers">
      {deliveries.length > 1 && <Deliveries deliveries={deliveries} shown={delivery.endpointId} />}
      <Answer key={delivery.endpointId} delivery={delivery} />
    </div>
  )
}

function Deliveries({ deliveries, shown }: { deliveries: readonly Delivery[]; shown: string }) {
  const { messages } = useModel()
  const done = deliveries.filter(({ state }) => state === 'done').length
  const count = (verdict: Verdict) => deliveries.filter((one) => verdictOf(one) === verdict).length
  return (
    <div className="deliveries">
      <p className="number dim" role="status">
        {done} of {plural(deliveries.length, 'device')}: {count('ok')} done, {count('part')} in part,{' '}
        {count('bad')} failed
      </p>
      <ul>
        {deliveries.map((one) => (
          <li key={one.endpointId}>
            <button
              type="button"
              className="delivery"
              aria-current={one.endpointId === shown}
              onClick={() => messages.setState({ shown: one.endpointId })}
            >
              <span className="cut" title={one.endpointId}>
                {one.endpointId}
              </span>
              <span className="number dim">{took(one.report)}</span>
              <State tone={tones[verdictOf(one)]}>{word(one)}</State>
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

type Look = 'tree' | 'json' | 'compare' | 'request'

function Answer({ delivery }: { delivery: Delivery }) {
  const [look, setLook] = useState<Look>('tree')
  const { report, error, before, state, endpointId } = delivery
  const answer = report?.answer
  const fields = useMemo(() => (answer === undefined ? [] : answerFields(answer)), [answer])
  const differences = useMemo(
    () =>
      before?.answer === undefined || answer === undefined
        ? undefined
        : answerDifferences(before.answer, answer),
    [before, answer],
  )
  if (state !== 'done') {
    return (
      <Empty>
        {state === 'asking' ? `Waiting for ${endpointId} to answer…` : `Soon sent to ${endpointId}.`}
      </Empty>
    )
  }
  if (error || !report) return <Empty>{error?.message ?? 'It was not sent.'}</Empty>
  const changed = differences === undefined ? 'Compare' : `Compare (${differences.length})`
  return (
    <div className="answer">
      <header className="answer-head">
        <State tone={tones[verdictOf(delivery)]}>{word(delivery)}</State>
        <span className="number dim">{took(report)}</span>
        <Tabs
          label="Looks at the answer"
          tabs={[
            ['tree', 'Tree'],
            ['json', 'JSON'],
            ['compare', changed],
            ['request', 'As sent'],
          ]}
          selected={look}
          onSelect={setLook}
        />
        <span className="spacer" />
        <PacketLink title="Request" no={report.requestPacket} />
        <PacketLink title="Answer" no={report.answerPacket} />
        <CopyButton
          label="Copy the answer as JSON"
          text={() => formatJson(report.answer ?? report.request)}
        />
      </header>
      <Remarks report={report} />
      <div className="answer-body">
        {look === 'request' ? (
          <Text label="Request as JSON" value={report.request} />
        ) : answer === undefined ? (
          <Empty>{report.outcome === 'sent' ? 'No answer is due.' : 'There is no answer.'}</Empty>
        ) : look === 'json' ? (
          <Text label="Answer as JSON" value={answer} />
        ) : look === 'compare' ? (
          <Compare before={before} differences={differences} />
        ) : (
          <AnswerTree fields={fields} label="Fields of the answer" />
        )}
      </div>
    </div>
  )
}

function Text({ label, value }: { label: string; value: unknown }) {
  const text = useMemo(() => formatJson(value), [value])
  return <CodeEditor label={label} value={text} language={jsonLanguage} />
}

function PacketLink({ title, no }: { title: string; no: number | undefined }) {
  const model = useModel()
  if (no === undefined) return null
  return (
    <button
      type="button"
      className="link number"
      title={`${title}: packet ${no} of the live capture`}
      onClick={() => void showPacket(model, 'live', no)}
    >
      {title} {no}
    </button>
  )
}

/** What went wrong, and what to do about it. */
function Remarks({ report }: { report: RequestReport }) {
  if (report.outcome === 'answered' && report.failures.length === 0) return null
  const advice = adviceFor(report)
  return (
    <div className="answer-remarks" role="alert">
      <p>{report.text}</p>
      {report.failures.map(({ path, code, name, text }, index) => (
        <p key={index}>
          <span className="mono">{path || 'whole message'}</span>{' '}
          <span className="bad">
            {code} {name}
          </span>
          {text && ` ${text}`}
        </p>
      ))}
      {advice && <AdviceLine advice={advice} report={report} />}
    </div>
  )
}

function AdviceLine({ advice, report }: { advice: Advice; report: RequestReport }) {
  const model = useModel()
  const acts: Readonly<Record<NonNullable<Advice['action']>, readonly [title: string, run: () => void]>> = {
    packets: [
      'Show the packets of this request',
      () => {
        model.packets.show('live')
        model.packets.current().setFilter(`usp.msg_id == ${JSON.stringify(report.msgId)}`, true)
        model.goTo('packets')
      },
    ],
    access: ['Show the access rules', () => model.goTo('access')],
    doctor: ['Examine the device', () => openDoctor(model, 'live', { endpointId: report.endpointId })],
    bench: ['Show the bench', () => model.goTo('bench')],
    devices: [
      'Show the device',
      () => {
        model.devices.setFilter(report.endpointId, true)
        model.goTo('devices')
      },
    ],
    model: ['Read its data model', () => void model.messages.device.read()],
  }
  const act = advice.action && acts[advice.action]
  return (
    <p>
      {advice.text}{' '}
      {act && (
        <button type="button" className="link" onClick={act[1]}>
          {act[0]}
        </button>
      )}
    </p>
  )
}

function Compare(props: {
  before: RequestReport | undefined
  differences: readonly Difference[] | undefined
}) {
  const { before, differences } = props
  if (!before || !differences) {
    return <Empty>The next answer of this device to such a request will be compared with this one.</Empty>
  }
  const since: ReactNode = `the answer of ${clock(before.sentAt)} UTC`
  if (differences.length === 0) return <Empty>Nothing differs from {since}.</Empty>
  return (
    <div className="answer-changes" role="table" aria-label="Differences from the answer before" tabIndex={0}>
      <p className="dim">
        {plural(differences.length, 'difference')} from {since}
      </p>
      {differences.map((one, index) => (
        <div key={index} className={`answer-change is-${one.kind}`} role="row">
          <span className="mono" role="rowheader">
            {placeOf(one)}
          </span>
          <span role="cell">{one.kind}</span>
          <span className="mono" role="cell">
            {sideOf(one, 'before')}
          </span>
          <span className="mono" role="cell">
            {sideOf(one, 'after')}
          </span>
        </div>
      ))}
    </div>
  )
}

const placeOf = ({ path }: Difference): string =>
  path
    .slice(-2)
    .map(({ label, occurrence }) => (occurrence > 1 ? `${label} (${occurrence})` : label))
    .join(' › ')

function sideOf(one: Difference, side: 'before' | 'after'): string {
  const field = one[side]
  if (!field) return ''
  return field.text || plural(field.children?.length ?? 0, 'field')
}
