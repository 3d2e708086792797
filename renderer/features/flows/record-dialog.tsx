/** The review of what a flow is made of: packet by packet, and the values that will not be expected as they were. */
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { textOf } from '../../../shared/flow/json.ts'
import { reviewKey, type Choice, type ReviewItem } from '../../../shared/flow/record/recorder.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { clock, count, plural } from '../../ui/format.ts'
import { Empty, Icon, Tabs } from '../../ui/kit.tsx'
import { devicesIn, leftOut, recordedRows, type LeftOut, type RecordedRow } from './recorded.ts'
import { duration, pretty } from './words.ts'
import './flows.css'

type Tab = 'packets' | 'values' | 'variables' | 'left' | 'text'

export function RecordDialog() {
  const model = useModel()
  const { recording, editor } = model.flows
  const { source, exchange, error, name, device, made } = useStore(recording)
  const [tab, setTab] = useState<Tab>('packets')
  useEffect(() => {
    // It comes after the sheet, which gave the keyboard to what was there.
    if (exchange) document.getElementById('record-packets')?.focus()
  }, [exchange])
  const devices = useMemo(() => devicesIn(exchange?.packets ?? []), [exchange])
  const left = exchange && made ? leftOut(exchange, device, made) : []
  const accept = () => {
    editor.fresh(recording.text())
    model.goTo('flows')
  }
  const empty = made !== undefined && made.flow.steps.length === 0
  return (
    <Dialog
      title="Make a flow of packets"
      wide
      action={{ title: 'Make the flow', disabled: made === undefined || empty, run: accept }}
      aside={
        made && (
          <span className="dim">
            {plural(made.flow.steps.length, 'step')}
            {made.flow.cleanup !== undefined && `, ${plural(made.flow.cleanup.length, 'step')} to clean up`}
          </span>
        )
      }
    >
      <p className="dim">From {source?.words}.</p>
      {error && (
        <p className="bad" role="alert">
          {error.message}
        </p>
      )}
      {!exchange && !error && <p role="status">Reading the packets…</p>}
      {exchange && exchange.more > 0 && (
        <p className="warn" role="alert">
          Only the first {count(exchange.packets.length)} messages are taken, {count(exchange.more)} more are
          not: select fewer packets.
        </p>
      )}
      {exchange && devices.length === 0 && (
        <Empty>These packets hold no message. Choose packets with a request and its answer.</Empty>
      )}
      {exchange && devices.length > 0 && (
        <>
          <div className="record-flow-head">
            <Labelled label="Name">
              <input
                className="input"
                value={name}
                maxLength={200}
                onChange={(event) => recording.set({ name: event.target.value })}
              />
            </Labelled>
            <Labelled label="Device under test">
              <select
                className="input"
                value={device}
                onChange={(event) => recording.set({ device: event.target.value, choices: new Map() })}
              >
                {devices.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </Labelled>
          </div>
          <Tabs
            label="What the flow is made of"
            tabs={[
              ['packets', 'Packets'],
              ['values', `Values that change (${made?.review.length ?? 0})`],
              [
                'variables',
                `Variables (${Object.keys(made?.flow.variables ?? {}).length + (made?.flow.secrets?.length ?? 0)})`,
              ],
              ['left', `Left out (${count(left.reduce((sum, one) => sum + one.count, 0))})`],
              ['text', 'Text'],
            ]}
            selected={tab}
            onSelect={setTab}
          />
          <div className="record-flow-body">
            {tab === 'packets' && <Packets />}
            {tab === 'values' && <Values items={made?.review ?? []} />}
            {tab === 'variables' && <Variables />}
            {tab === 'left' && <Left items={left} />}
            {tab === 'text' && <pre className="mono">{recording.text()}</pre>}
          </div>
        </>
      )}
    </Dialog>
  )
}

const choiceTitles: Readonly<Record<Choice, string>> = { expect: 'expect', keep: 'keep', ignore: 'ignore' }
const choiceHints = (row: RecordedRow): Readonly<Record<Choice, string>> => ({
  expect: 'Its values are expected again',
  keep: row.fromDevice ? 'Any such message is expected, whatever its values' : 'It is sent again',
  ignore: 'It is left out',
})
const keys: Readonly<Record<string, Choice>> = { e: 'expect', k: 'keep', i: 'ignore' }

function Packets() {
  const { recording } = useModel().flows
  const { exchange, device, made, choices } = useStore(recording)
  const [selected, setSelected] = useState<number>()
  const rows = useMemo(
    () => (made && exchange ? recordedRows(exchange.packets, device, made, choices) : []),
    [exchange, device, made, choices],
  )
  const columns = useMemo(
    (): readonly GridColumn<RecordedRow>[] => [
      {
        title: 'No.',
        width: '56px',
        right: true,
        cell: ({ packet }) => <span className="dim">{packet.no}</span>,
      },
      { title: 'Time (UTC)', width: '110px', right: true, cell: ({ packet }) => clock(packet.time) },
      { title: 'Gap', width: '64px', right: true, cell: ({ gap }) => (gap === 0 ? '' : duration(gap)) },
      {
        title: 'Message',
        width: 'minmax(220px, 1fr)',
        cell: ({ fromDevice, title }) => (
          <>
            <Icon name={fromDevice ? 'in' : 'out'} label={fromDevice ? 'from the device' : 'to the device'} />{' '}
            {title}
          </>
        ),
        hint: ({ title }) => title,
      },
      {
        title: 'In the flow',
        width: 'minmax(210px, 0.6fr)',
        cell: (row) => <RowChoice row={row} />,
        hint: ({ why }) => why,
      },
    ],
    [],
  )
  return (
    <>
      <Grid
        id="record-packets"
        label="Packets"
        columns={columns}
        rows={rows}
        keyOf={({ packet }) => packet.no}
        selected={selected ?? rows[0]?.packet.no}
        onSelect={({ packet }) => setSelected(packet.no)}
        tone={({ choice }) => (choice === undefined || choice === 'ignore' ? 'is-left' : undefined)}
        rowHeight={26}
        onKey={(event) => {
          const choice = keys[event.key]
          const row = rows.find(({ packet }) => packet.no === (selected ?? rows[0]?.packet.no))
          if (!choice || !row?.options.includes(choice)) return false
          recording.choose(row.packet.no, choice)
          return true
        }}
      />
      <small className="dim">
        Keys: e expect its values, k keep (send it, or expect any such message), i ignore. Gaps are kept, for
        replay with the timing of the recording.
      </small>
    </>
  )
}

function RowChoice({ row }: { row: RecordedRow }) {
  const { recording } = useModel().flows
  const { options, choice, why, packet } = row
  const hints = choiceHints(row)
  if (options.length === 0) return <span className="dim">{why}</span>
  return (
    <span className="record-choice" role="group" aria-label={`Packet ${packet.no}`}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          tabIndex={-1}
          className="button"
          aria-pressed={option === choice}
          title={hints[option]}
          onClick={() => recording.choose(packet.no, option)}
        >
          {choiceTitles[option]}
        </button>
      ))}
    </span>
  )
}

/** Values that differ from run to run, each with what is expected of it instead. */
function Values({ items }: { items: readonly ReviewItem[] }) {
  const { recording } = useModel().flows
  const exact = useStore(recording, (state) => state.exact)
  const set = (key: string, on: boolean) => {
    const next = new Set(exact)
    if (on) next.add(key)
    else next.delete(key)
    recording.set({ exact: next })
  }
  if (items.length === 0) return <p className="dim">All values are expected again as they were.</p>
  return (
    <table className="flow-values" aria-label="Values that change">
      <thead>
        <tr>
          <th>Packet</th>
          <th>Where</th>
          <th>Recorded</th>
          <th>Expected</th>
          <th>Why</th>
          <th>As it was</th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => {
          const key = reviewKey(item)
          return (
            <tr key={key}>
              <td className="number">{item.packet}</td>
              <td className="mono">{item.path}</td>
              <td className="mono">{textOf(item.sample)}</td>
              <td className="mono">{pretty(item.expected)}</td>
              <td>{item.why}</td>
              <td>
                {item.canBeExact && (
                  <input
                    type="checkbox"
                    aria-label={`Expect ${item.path} of packet ${item.packet} as it was`}
                    checked={exact.has(key)}
                    onChange={(event) => set(key, event.target.checked)}
                  />
                )}
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** Packets that are in no step, whatever is chosen, and so in no line of the list. */
function Left({ items }: { items: readonly LeftOut[] }) {
  if (items.length === 0) return <p className="dim">Every packet that was chosen stands in the list.</p>
  return (
    <table className="flow-values" aria-label="Left out">
      <thead>
        <tr>
          <th>Packets</th>
          <th>First</th>
          <th>What</th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ why, count: packets, first }) => (
          <tr key={why}>
            <td className="number">{count(packets)}</td>
            <td className="number">{first}</td>
            <td>{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** What is another at each replay, and where it gets its value. */
function Variables() {
  const { recording } = useModel().flows
  const made = useStore(recording, (state) => state.made)
  const variables = Object.entries(made?.flow.variables ?? {})
  const secrets = made?.flow.secrets ?? []
  const bound = new Map(
    (made?.review ?? []).flatMap(({ expected, packet, sample }) => {
      const name =
        typeof expected === 'object' && expected !== null && '$bind' in expected
          ? expected['$bind']
          : undefined
      return typeof name === 'string' ? [[name, { packet, sample }] as const] : []
    }),
  )
  if (variables.length + secrets.length === 0)
    return (
      <p className="dim">
        Nothing in it is another at each replay, but message IDs and endpoint IDs, which are the bench's to
        give.
      </p>
    )
  return (
    <table className="flow-values" aria-label="Variables">
      <thead>
        <tr>
          <th>Variable</th>
          <th>Recorded as</th>
          <th>Gets its value</th>
        </tr>
      </thead>
      <tbody>
        {variables.map(([name, value]) => {
          const from = bound.get(name)
          return (
            <tr key={name}>
              <td className="mono">{name}</td>
              <td className="mono">{textOf(from?.sample ?? value)}</td>
              <td>{from ? `from the answer in packet ${from.packet}` : 'given when the flow is run'}</td>
            </tr>
          )
        })}
        {secrets.map((name) => (
          <tr key={`secret ${name}`}>
            <td className="mono">secret.{name}</td>
            <td className="dim">not kept</td>
            <td>given when the flow is run</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
