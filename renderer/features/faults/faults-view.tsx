/** Faults on purpose: what the bench does wrong, to whom, how often still. */
import { useStore } from 'zustand'
import type { FaultRow } from '../../../shared/contract/faults.ts'
import { actionText, wayOf } from '../../../shared/faults/model.ts'
import { faultPresets } from '../../../shared/faults/presets.ts'
import { quote } from '../../../shared/filter/lexer.ts'
import { useModel } from '../../app/model.ts'
import { useSplit } from '../../app/use-split.ts'
import { useNow } from '../../ui/clock.ts'
import { count, span } from '../../ui/format.ts'
import { Empty, Icon, Switch } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { showFiltered } from '../packets/actions.ts'
import { faultOf, wayWords } from './draft.ts'
import { FaultForm } from './fault-form.tsx'
import '../../list/list.css'
import '../../list/grid.css'
import './faults.css'

export function FaultsView() {
  const { faults } = useModel()
  const editing = useStore(faults, (state) => state.draft !== undefined)
  const [ratio, setRatio] = useSplit('faults', 0.64)
  return (
    <div className="list-view">
      <Bar />
      <Split
        direction="across"
        label="Width of the list of faults"
        ratio={ratio}
        onRatio={setRatio}
        first={<List />}
        second={editing ? <FaultForm /> : undefined}
      />
    </div>
  )
}

function Bar() {
  const model = useModel()
  const on = useStore(model.live, (state) => state.faults.filter((one) => one.on).length)
  return (
    <div className="filter-bar">
      <Presets />
      <span className="spacer" />
      <button
        type="button"
        className="button"
        disabled={on === 0}
        onClick={() => void model.run('faults.stop', undefined)}
      >
        Switch all off
      </button>
    </div>
  )
}

function Presets() {
  const { faults } = useModel()
  return (
    <select
      className="input"
      aria-label="Add a fault"
      value=""
      onChange={({ target }) => {
        const preset = faultPresets[Number(target.value)]
        if (preset) faults.begin(faultOf(preset, ''))
      }}
    >
      <option value="">Add a fault…</option>
      {faultPresets.map(({ name }, index) => (
        <option key={name} value={index}>
          {name}
        </option>
      ))}
    </select>
  )
}

function List() {
  const { live } = useModel()
  const rows = useStore(live, (state) => state.faults)
  if (rows.length === 0)
    return (
      <Empty action={<Presets />}>
        A fault refuses, delays, drops, repeats or cuts packets on purpose, to see what a device makes of it.
        Every packet that it meets is marked in the capture. Faults end with the bench.
      </Empty>
    )
  return (
    <div className="fault-scroll">
      <table className="list-table fault-table">
        <thead>
          <tr>
            {['On', 'Fault', 'What it does', 'To', 'Met', 'Ends', ''].map((title) => (
              <th key={title} className={title === 'Met' ? 'right' : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.id} row={row} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Line({ row }: { row: FaultRow }) {
  const model = useModel()
  const chosen = useStore(model.faults, (state) => state.id === row.id)
  const { id, fault, on, met } = row
  return (
    <tr aria-selected={chosen} className={on ? '' : 'is-off'}>
      <td>
        <Switch
          on={on}
          label={`${fault.name} on`}
          onChange={(next) => void model.run('faults.switch', { id, on: next })}
        />
      </td>
      <td>
        <button type="button" className="link" onClick={() => model.faults.change(row)}>
          {fault.name}
        </button>
      </td>
      <td>
        {actionText(fault.action)}
        {fault.percent < 100 && <span className="dim"> · {fault.percent} % of them</span>}
      </td>
      <td>
        {fault.device || 'every client'} <span className="dim">· {wayWords[wayOf(fault)]}</span>
        {fault.filter && <code className="fault-filter"> {fault.filter}</code>}
      </td>
      <td className="number right">
        <button
          type="button"
          className="link number"
          title="Show these packets"
          disabled={met === 0}
          onClick={() => showFiltered(model, 'live', `fault contains ${quote(fault.name)}`)}
        >
          {count(met)}
        </button>
      </td>
      <td className="number">
        <Ends row={row} />
      </td>
      <td>
        <button
          type="button"
          className="button quiet"
          aria-label={`Remove ${fault.name}`}
          onClick={() => {
            if (chosen) model.faults.leave()
            void model.run('faults.remove', { id })
          }}
        >
          <Icon name="close" />
        </button>
      </td>
    </tr>
  )
}

function Ends({ row: { on, left, endsAt } }: { row: FaultRow }) {
  const now = useNow()
  if (!on) return <span className="dim">off</span>
  const limits = [
    left === undefined ? '' : `after ${count(left)} more`,
    endsAt === undefined ? '' : `in ${span(Math.max(0, Math.ceil((endsAt - now) / 1000)))}`,
  ].filter(Boolean)
  return limits.length === 0 ? <span className="dim">when switched off</span> : limits.join(', or ')
}
