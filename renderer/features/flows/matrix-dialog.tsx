/** Flows × devices: how each flow went last on each device, and how often it did not pass. */
import { useMemo } from 'react'
import { useStore } from 'zustand'
import { matrixOf, type MatrixCell } from '../../../shared/flow/compare/matrix.ts'
import { Dialog } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { count } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { statusTone, statusWord } from './words.ts'
import './flows.css'

export function MatrixDialog() {
  const model = useModel()
  const results = useStore(model.live, (state) => state.flowRuns?.results)
  const { devices, rows } = useMemo(() => matrixOf(results ?? []), [results])
  const open = ({ at }: MatrixCell) => {
    const result = results?.[at]
    if (!result) return
    model.show('none')
    model.flows.runs.show(result.id)
  }
  return (
    <Dialog title="Results by device" wide>
      {rows.length === 0 ? (
        <Empty>Each run leaves a result; here stands how each flow went on each device.</Empty>
      ) : (
        <div className="flow-matrix">
          <table aria-label="Results by flow and device">
            <thead>
              <tr>
                <th scope="col">Flow</th>
                {devices.map((device) => (
                  <th scope="col" key={device} title={device}>
                    {device}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(({ name, cells }) => (
                <tr key={name}>
                  <th scope="row" title={name}>
                    {name}
                  </th>
                  {cells.map((cell, at) => (
                    <td key={devices[at]}>
                      {cell && (
                        <button type="button" className="link" onClick={() => open(cell)}>
                          <span className={statusTone[cell.status]}>{statusWord[cell.status]}</span>
                          <span className="dim"> {timesOf(cell)}</span>
                        </button>
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  )
}

/** Nothing for a single run: its status says all. */
function timesOf({ runs, bad }: MatrixCell): string {
  if (runs === 1) return ''
  return bad === 0 ? `${count(runs)} runs` : `${count(bad)} of ${count(runs)} not passed`
}
