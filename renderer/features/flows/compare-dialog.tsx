/** What differs between a result and the one before it, of the same flow on the same device. */
import { useEffect, useMemo, useState } from 'react'
import { useStore } from 'zustand'
import type { BenchError } from '../../../shared/contract/result.ts'
import type { ResultComparison, StepComparison } from '../../../shared/flow/compare/compare.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { dateTime, plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { resultBefore } from './runs.ts'
import { duration, pretty, statusTone, statusWord } from './words.ts'
import './flows.css'

/** A step with its place among those that differ. */
type Row = StepComparison & { readonly at: number }

const status = (of: StepComparison['before']) =>
  of === undefined ? (
    <span className="dim">not there</span>
  ) : (
    <span className={statusTone[of]}>{statusWord[of]}</span>
  )

const columns: readonly GridColumn<Row>[] = [
  {
    title: 'Step',
    width: 'minmax(200px, 1fr)',
    cell: ({ title }) => title,
    hint: ({ title, path }) => `${title}\n${path}`,
  },
  { title: 'Before', width: '84px', cell: ({ before }) => status(before) },
  { title: 'Now', width: '84px', cell: ({ after }) => status(after) },
  {
    title: 'Latency',
    width: '150px',
    cell: ({ latency }) => (latency ? `${duration(latency.before)} → ${duration(latency.after)}` : ''),
  },
  {
    title: 'Values',
    width: '64px',
    right: true,
    cell: ({ values, moreValues }) => values.length + moreValues || '',
  },
]

export function CompareDialog() {
  const model = useModel()
  const results = useStore(model.live, (state) => state.flowRuns?.results)
  const shown = useStore(model.flows.runs, (state) => state.shown)
  const before = resultBefore(results ?? [], shown)?.id
  const [compared, setCompared] = useState<ResultComparison>()
  const [error, setError] = useState<BenchError>()
  const [selected, setSelected] = useState<Row>()
  useEffect(() => {
    if (shown === undefined || before === undefined) return
    let current = true
    void model.host.call('flows.compare', { before, after: shown }).then((answer) => {
      if (!current) return
      if (answer.ok) setCompared(answer.value)
      else setError(answer.error)
    })
    return () => {
      current = false
    }
  }, [model, before, shown])
  const rows = useMemo(() => compared?.steps.map((step, at): Row => ({ ...step, at })) ?? [], [compared])
  return (
    <Dialog title="Compare with the result before" wide>
      {error && (
        <p className="bad" role="alert">
          {error.message}
        </p>
      )}
      {compared && (
        <>
          <p className="dim">
            {compared.after.name} on {compared.after.device}, {dateTime(compared.after.start)}, against{' '}
            {dateTime(compared.before.start)}. {countsOf(compared)}
          </p>
          <div className="record-flow-body">
            {rows.length === 0 ? (
              <Empty>
                Nothing differs. A latency counts once it is twice as long or as short, and by 50 ms.
              </Empty>
            ) : (
              <Grid
                id="flow-compared"
                label="Steps that differ"
                columns={columns}
                rows={rows}
                keyOf={({ at }) => at}
                selected={selected?.at}
                onSelect={setSelected}
              />
            )}
            {selected && selected.values.length > 0 && <Values step={selected} />}
          </div>
        </>
      )}
    </Dialog>
  )
}

function countsOf({ counts }: ResultComparison): string {
  const { broken, mended, values, slower, faster } = counts
  const said = [
    broken > 0 && `${plural(broken, 'step')} broken`,
    mended > 0 && `${plural(mended, 'step')} mended`,
    values > 0 && `${plural(values, 'step')} with other values`,
    slower > 0 && `${slower} slower`,
    faster > 0 && `${faster} faster`,
  ].filter(Boolean)
  return said.length === 0 ? '' : `${said.join(', ')}.`
}

function Values({ step: { values, moreValues } }: { step: StepComparison }) {
  return (
    <div className="flow-compared-values">
      <table className="flow-values" aria-label="Values that differ">
        <thead>
          <tr>
            <th>Where</th>
            <th>Before</th>
            <th>Now</th>
          </tr>
        </thead>
        <tbody>
          {values.map(({ path, before, after }) => (
            <tr key={path}>
              <td className="mono">{path}</td>
              <td className="mono">{pretty(before)}</td>
              <td className="mono">{pretty(after)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {moreValues > 0 && <p className="dim">{plural(moreValues, 'more value')} differ and are not listed.</p>}
    </div>
  )
}
