/** Watched parameters of all devices, and the course of the chosen one. */
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { WatchRow, WatchSample } from '../../../shared/contract/watch.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, clock, count } from '../../ui/format.ts'
import { Empty, Icon } from '../../ui/kit.tsx'
import { WatchChart } from './watch-chart.tsx'

const paces = [0, 1, 2, 5, 10, 30, 60, 300] as const
const paceWord = (seconds: number): string => (seconds === 0 ? 'told by the device' : `each ${seconds} s`)

export function WatchTab() {
  const { live } = useModel()
  const rows = useStore(live, (state) => state.watches)
  const [chosen, setChosen] = useState<string>()
  const row = rows.find(({ id }) => id === chosen) ?? rows[0]
  if (!row)
    return (
      <Empty>
        Parameters that are asked for again and again, or told by the device, stand here with their course. In
        the tree, the key w watches a parameter.
      </Empty>
    )
  return (
    <div className="model-table-pane">
      <div className="model-scroll">
        <table className="model-table">
          <thead>
            <tr>
              {['Device', 'Parameter', 'Value', 'Before', 'Last', 'Samples', 'Pace', ''].map((title) => (
                <th key={title}>{title}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <WatchLine key={one.id} row={one} selected={one === row} onChoose={() => setChosen(one.id)} />
            ))}
          </tbody>
        </table>
      </div>
      <Course key={row.id} row={row} />
    </div>
  )
}

interface LineProps {
  readonly row: WatchRow
  readonly selected: boolean
  readonly onChoose: () => void
}

function WatchLine({ row, selected, onChoose }: LineProps) {
  const model = useModel()
  const now = useNow()
  const { id, endpointId, path, seconds, last, previous, samples, problem } = row
  return (
    <tr aria-selected={selected} onClick={onChoose}>
      <td>{endpointId}</td>
      <td className="mono">
        <button type="button" className="link" aria-pressed={selected} onClick={onChoose}>
          {path}
        </button>
      </td>
      <td className="mono">
        {problem === undefined ? <Value text={last?.[1]} /> : <span className="bad">{problem}</span>}
      </td>
      <td className="mono dim">{previous?.[1]}</td>
      <td className="number">{last && ago(last[0], now)}</td>
      <td className="number">{count(samples)}</td>
      <td>
        <select
          className="input"
          aria-label={`Pace of ${path}`}
          value={seconds}
          onChange={(event) =>
            void model.run('model.watch', { endpointId, paths: [path], seconds: Number(event.target.value) })
          }
        >
          {paces.map((pace) => (
            <option key={pace} value={pace}>
              {paceWord(pace)}
            </option>
          ))}
        </select>
      </td>
      <td>
        <button
          type="button"
          className="button quiet"
          aria-label={`Stop watching ${path}`}
          onClick={() => void model.run('model.unwatch', { id })}
        >
          <Icon name="close" />
        </button>
      </td>
    </tr>
  )
}

function Value({ text }: { text: string | undefined }) {
  if (text === undefined) return <span className="dim">asking…</span>
  return text === '' ? <span className="dim">empty</span> : text
}

/** Values shown of a parameter that is no number. */
const MAX_SHOWN = 200

function Course({ row }: { row: WatchRow }) {
  const samples = useSamples(row)
  if (row.numeric && samples.length > 1) {
    return (
      <section className="model-course" aria-label={`Course of ${row.path}`}>
        <h2 className="mono">{row.path}</h2>
        <WatchChart label={row.path} samples={samples} />
      </section>
    )
  }
  const shown = samples.slice(-MAX_SHOWN).toReversed()
  return (
    <section className="model-course" aria-label={`Course of ${row.path}`}>
      <h2 className="mono">{row.path}</h2>
      {samples.length > MAX_SHOWN && (
        <p className="dim">
          The newest {MAX_SHOWN} of {count(samples.length)}.
        </p>
      )}
      <ul className="plain">
        {shown.map(([time, value]) => (
          <li key={time}>
            <time className="dim number">{clock(time)}</time> <code>{value === '' ? 'empty' : value}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** All samples of a row; what is new is fetched when it has come. */
function useSamples({ id, last }: WatchRow): readonly WatchSample[] {
  const { host } = useModel()
  const [samples, setSamples] = useState<readonly WatchSample[]>([])
  const newest = last?.[0]
  useEffect(() => {
    let over = false
    const read = async () => {
      const answer = await host.call('model.watched', { id })
      if (!over && answer.ok) setSamples(answer.value)
    }
    void read()
    return () => {
      over = true
    }
  }, [host, id, newest])
  return samples
}
