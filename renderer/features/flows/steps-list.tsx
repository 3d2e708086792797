/** The steps of a run as a tree, seen through a window: as many as there are. */
import { memo, useCallback, type CSSProperties, type KeyboardEvent, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { FlowStepRow } from '../../../shared/contract/flow-steps.ts'
import { useModel, type Model } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { Empty, Icon, State } from '../../ui/kit.tsx'
import { Rows } from '../../ui/rows.tsx'
import { duration, statusTone, statusWord } from './words.ts'
import '../../list/grid.css'

const ROW = 22
const HEADER = 24
const columns = [
  { title: 'Step', width: 'minmax(150px, 1fr)' },
  { title: 'Result', width: '96px' },
  { title: 'Took', width: '76px', right: true },
  { title: 'Latency', width: '76px', right: true },
] as const
const style = { '--columns': columns.map(({ width }) => width).join(' ') } as CSSProperties
const minWidth = columns.reduce((sum, { width }) => sum + Number(/\d+/.exec(width)?.[0] ?? 0), 0)

export function StepsList() {
  const model = useModel()
  const { runs } = model.flows
  const state = useStore(runs.steps)
  const cursor = state.cursor?.index ?? -1
  const onMouseDown = useCallback(
    (event: MouseEvent<HTMLElement>) => {
      if (event.button !== 0 || !(event.target instanceof Element)) return
      const index = event.target.closest<HTMLElement>('[data-index]')?.dataset['index']
      if (index === undefined) return
      const list = runs.steps.getState()
      const row = rowAt(list, Number(index))
      if (event.target.closest('[data-fold]') && row?.folded !== undefined) runs.fold(row, !row.folded)
      else list.select(Number(index))
    },
    [runs],
  )
  const rowOf = () => (state.cursor ? rowAt(state, state.cursor.index) : undefined)
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  if (state.error) return <Empty>{state.error.message}</Empty>
  if (state.loaded && state.total === 0)
    return <Empty>{state.params.only === 'wrong' ? 'No step is wrong.' : 'No step was done.'}</Empty>
  return (
    <div
      className="grid flow-steps"
      id="flows-list"
      role="treegrid"
      tabIndex={0}
      aria-label="Steps"
      aria-rowcount={state.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= 0 ? `flow-step-${cursor}` : undefined}
      style={style}
      onMouseDown={onMouseDown}
      onDoubleClick={() => showInText(model, rowOf())}
      onKeyDown={(event) => {
        if (onKey(model, rowOf(), event)) event.preventDefault()
      }}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onUp={leaveTail}
        onViewport={state.resize}
        header={
          <div className="grid-row grid-header" role="row" aria-rowindex={1}>
            {columns.map((column) => (
              <span
                key={column.title}
                role="columnheader"
                className={`cut ${'right' in column ? 'right' : ''}`}
              >
                {column.title}
              </span>
            ))}
          </div>
        }
        headerHeight={HEADER}
        minWidth={minWidth}
        row={(index) => <Line index={index} row={rowAt(state, index)} selected={index === cursor} />}
      />
    </div>
  )
}

/** Shows the step in the text of the flow; a called flow's is not in it. */
export function showInText(model: Model, row: FlowStepRow | undefined): void {
  if (row && row.path !== '') model.flows.editor.showStep(row.path.replace(/\.(?:call)\..*$/, ''))
}

/** Folding by arrow keys, and `o` for the place in the text. */
function onKey(model: Model, row: FlowStepRow | undefined, event: KeyboardEvent): boolean {
  const { runs } = model.flows
  if (!row || event.ctrlKey || event.metaKey || event.altKey) return false
  if (event.key === 'ArrowRight' && row.folded === true) runs.fold(row, false)
  else if (event.key === 'ArrowLeft' && row.folded === false) runs.fold(row, true)
  else if (event.key === 'ArrowLeft') {
    const parent = row.key.slice(0, row.key.lastIndexOf('/'))
    if (parent !== '') void runs.steps.getState().selectKey(parent)
  } else if (event.key === 'o') showInText(model, row)
  else return false
  return true
}

const Line = memo(function Line({
  row,
  index,
  selected,
}: {
  row: FlowStepRow | undefined
  index: number
  selected: boolean
}) {
  return (
    <div
      className={`grid-row number ${row ? `is-${row.status}` : ''}`}
      role="row"
      id={`flow-step-${index}`}
      aria-rowindex={index + 2}
      aria-level={(row?.depth ?? 0) + 1}
      aria-expanded={row?.folded === undefined ? undefined : !row.folded}
      aria-selected={selected}
      aria-busy={row === undefined}
      data-index={index}
    >
      {row && <Cells row={row} />}
    </div>
  )
})

function Cells({ row }: { row: FlowStepRow }) {
  const { title, depth, folded, status, attempt, note, omitted, kind } = row
  const more = [
    attempt !== undefined && `attempt ${attempt}`,
    omitted !== undefined && `${omitted} more turns passed and are not listed`,
  ].filter(Boolean)
  return (
    <>
      <span
        role="gridcell"
        className="cut flow-step-title"
        style={{ paddingLeft: 6 + depth * 14 }}
        title={[title, note, ...more].filter(Boolean).join('\n')}
      >
        <span className="flow-fold" data-fold={folded === undefined ? undefined : ''}>
          {folded !== undefined && <Icon name={folded ? 'right' : 'down'} />}
        </span>
        <span className={kind === 'phase' ? 'dim' : ''}>{title}</span>
        {more.length > 0 && <span className="dim"> {more.join(', ')}</span>}
      </span>
      <span role="gridcell" className="cut">
        <State tone={statusTone[status]}>{statusWord[status]}</State>
      </span>
      <span role="gridcell" className="cut right">
        {row.duration === undefined ? '' : duration(row.duration)}
      </span>
      <span role="gridcell" className="cut right">
        {row.latency === undefined ? '' : duration(row.latency)}
      </span>
    </>
  )
}
