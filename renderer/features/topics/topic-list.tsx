/** The tree of topics, driven by keys as the ARIA practice for tree grids has it. */
import { memo, type CSSProperties, type KeyboardEvent, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { useModel } from '../../app/model.ts'
import { rowAt } from '../../list/list-store.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, count, plural, rate, size } from '../../ui/format.ts'
import { Icon } from '../../ui/kit.tsx'
import { useMenu } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import '../../list/grid.css'
import { topicMenu } from './actions.ts'
import { foldedText, levelName, totalsText } from './words.ts'

export const TOPIC_LIST = 'topics-list'
const ROW = 22
const HEADER = 24
const INDENT = 16
const columns = [
  ['Topic', 'minmax(220px, 1.3fr)', ''],
  ['Last value', 'minmax(100px, 0.7fr)', ''],
  ['Messages', '76px', 'right'],
  ['Per s', '50px', 'right'],
  ['Bytes', '68px', 'right'],
  ['Changed', '78px', 'right'],
] as const
const style = { '--columns': columns.map(([, width]) => width).join(' ') } as CSSProperties
const MIN_WIDTH = 592

export function TopicList() {
  const model = useModel()
  const { topics } = model
  const { list } = topics
  const state = useStore(list)
  const now = useNow()
  const { menu, open } = useMenu()
  const cursor = state.cursor?.index ?? -1
  const chosen = cursor >= 0 ? rowAt(state, cursor) : undefined

  const toggle = (row: TopicRow) => {
    if (topics.toggle(row)) return
    const message = 'Too many branches were opened by hand: close all, or search.'
    model.notices.getState().fail({ code: 'conflict', message })
  }
  const rowOf = (target: EventTarget) => {
    const line = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null
    const index = line ? Number(line.dataset['index']) : -1
    return { index, row: index >= 0 ? rowAt(list.getState(), index) : undefined }
  }
  const onMouseDown = (event: MouseEvent) => {
    if (event.button !== 0 || !(event.target instanceof Element)) return
    const { index, row } = rowOf(event.target)
    if (!row) return
    list.getState().select(index)
    if (row.open !== undefined && event.target.closest('[data-part=twist]')) toggle(row)
  }
  const onDoubleClick = (event: MouseEvent) => {
    if (event.target instanceof Element && event.target.closest('[data-part=twist]')) return
    const { row } = rowOf(event.target)
    if (row?.open !== undefined) toggle(row)
  }
  const onContextMenu = (event: MouseEvent) => {
    const at = rowOf(event.target)
    const row = at.row ?? chosen
    if (!row) return
    event.preventDefault()
    if (at.row) list.getState().select(at.index)
    open({ x: event.clientX, y: event.clientY, label: row.path, items: topicMenu(model, row) })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !chosen) return
    const { open: isOpen } = chosen
    if (event.key === 'ArrowRight' && isOpen === false) toggle(chosen)
    else if (event.key === 'ArrowRight' && isOpen) list.getState().select(cursor + 1)
    else if (event.key === 'ArrowLeft' && isOpen) toggle(chosen)
    else if (event.key === 'ArrowLeft') selectParent(chosen)
    else return
    event.preventDefault()
  }
  const selectParent = ({ path, kind }: TopicRow) => {
    const end = kind === 'folded' ? path.length : path.lastIndexOf('/')
    if (end > 0) void list.getState().selectKey(path.slice(0, end))
  }

  return (
    <div
      className="grid topic-list"
      id={TOPIC_LIST}
      role="treegrid"
      tabIndex={0}
      aria-label="Topics"
      aria-rowcount={state.total + 1}
      aria-colcount={columns.length}
      aria-activedescendant={cursor >= 0 ? `topic-${cursor}` : undefined}
      style={style}
      onMouseDown={onMouseDown}
      onDoubleClick={onDoubleClick}
      onContextMenu={onContextMenu}
      onKeyDown={onKeyDown}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onViewport={state.resize}
        header={<Header />}
        headerHeight={HEADER}
        minWidth={MIN_WIDTH}
        row={(index) => {
          const row = rowAt(state, index)
          return (
            <Line
              index={index}
              row={row}
              selected={index === cursor}
              changed={row?.at === undefined ? '' : ago(row.at, now)}
            />
          )
        }}
      />
      {menu}
    </div>
  )
}

function Header() {
  return (
    <div className="grid-row grid-header" role="row" aria-rowindex={1}>
      {columns.map(([title, , side]) => (
        <span key={title} role="columnheader" className={`cut ${side}`}>
          {title}
        </span>
      ))}
    </div>
  )
}

interface LineProps {
  readonly row: TopicRow | undefined
  readonly index: number
  readonly selected: boolean
  readonly changed: string
}

const Line = memo(function Line({ row, index, selected, changed }: LineProps) {
  return (
    <div
      className="grid-row number"
      role="row"
      id={`topic-${index}`}
      aria-level={row && row.depth + 1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-expanded={row?.open}
      aria-busy={row === undefined}
      data-index={index}
    >
      {row && <Cells row={row} changed={changed} />}
    </div>
  )
})

function Cells({ row, changed }: { row: TopicRow; changed: string }) {
  const indent = { paddingLeft: 6 + row.depth * INDENT }
  if (row.kind === 'folded') {
    return (
      <span role="gridcell" className="topic-folded dim cut" style={indent} title={foldedText(row)}>
        {foldedText(row)}
      </span>
    )
  }
  const { path, name, open, topics, published, delivered, refused, retained, isRetained, value } = row
  return (
    <>
      <span role="gridcell" className="topic-name" style={indent} title={`${path}\n${totalsText(row)}`}>
        <span className="twist" data-part={open === undefined ? undefined : 'twist'} aria-hidden="true">
          {open !== undefined && <Icon name={open ? 'down' : 'right'} />}
        </span>
        <span className={`cut mono ${row.isTopic ? '' : 'dim'}`}>{levelName(name)}</span>
        {open !== undefined && (
          <span className="dim" title={plural(topics, 'topic')}>
            {count(topics)}
          </span>
        )}
        {isRetained && (
          <span className="topic-mark" title="The broker keeps a message of this topic">
            retained
          </span>
        )}
        {open === false && !isRetained && retained > 0 && (
          <span className="topic-mark is-below" title={`${count(retained)} retained below`}>
            {count(retained)} retained
          </span>
        )}
        {refused > 0 && (
          <span className="bad" title={`${count(refused)} refused`}>
            <Icon name="error" label={`${count(refused)} refused`} />
          </span>
        )}
      </span>
      <span role="gridcell" className="cut mono" title={value && `${value.info}\nfrom ${value.from}`}>
        {value && <Value usp={value.usp} info={value.info} length={value.length} />}
      </span>
      <span
        role="gridcell"
        className="right"
        title={`${count(published)} published, ${count(delivered)} delivered`}
      >
        {/* What only the bench says was never seen to be published. */}
        {count(published > 0 ? published : delivered)}
      </span>
      <span role="gridcell" className="right dim">
        {row.rate < 0.05 ? '' : rate(row.rate)}
      </span>
      <span role="gridcell" className="right dim">
        {size(row.bytes)}
      </span>
      <span role="gridcell" className="right dim">
        {changed}
      </span>
    </>
  )
}

export function Value({ usp, info, length }: { usp: string; info: string; length: number }) {
  if (length === 0) return <span className="dim">empty</span>
  return (
    <>
      {usp && <span className="usp">{usp} </span>}
      {info}
    </>
  )
}
