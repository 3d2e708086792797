/** Packets as a sequence diagram: the same list, filter and cursor as in Packets, drawn between the parties. */
import { useEffect, useMemo, useState, type MouseEvent } from 'react'
import { useStore } from 'zustand'
import type { PacketRow } from '../../../shared/contract/model.ts'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { Icon } from '../../ui/kit.tsx'
import { MenuButton } from '../../ui/menu.tsx'
import { Rows } from '../../ui/rows.tsx'
import { CaptureTabs } from '../packets/capture-tabs.tsx'
import { PacketFilterBar } from '../packets/filter-bar.tsx'
import { useFirstMoment } from '../packets/first-moment.ts'
import { ListOrReason } from '../packets/packets-view.tsx'
import { timeText } from '../packets/times.ts'
import { useTab } from '../packets/use-tab.ts'
import { geometryFor, HEADER, isBrokerPinned, laneX, ROW, rungs, type Geometry, type Rung } from './layout.ts'
import { noLanes, withParties, type Lane } from './lanes.ts'
import { LadderRung, MissingRung } from './ladder-row.tsx'
import './ladder.css'

export function LadderView() {
  const tab = useTab()
  return (
    <div className="list-view">
      <CaptureTabs />
      <PacketFilterBar listId="ladder-list" />
      <ListOrReason key={tab.capture}>
        <Ladder />
      </ListOrReason>
    </div>
  )
}

function Ladder() {
  const model = useModel()
  const tab = useTab()
  const { list } = tab
  const state = useStore(list)
  const format = useStore(model.settings, (settings) => settings.timeFormat)
  const first = useFirstMoment(tab.capture, format === 'first')
  const [element, setElement] = useState<HTMLDivElement | null>(null)
  const width = useWidth(element)
  const lanes = useLanes(state.rows, state.params.filter)
  const geometry = useMemo(() => geometryFor(lanes, width), [lanes, width])
  const drawn = useMemo(() => rungs(state.rows, geometry), [state.rows, geometry])
  const cursor = state.cursor?.index ?? -1
  useLaneInSight(element, geometry, drawn[cursor - state.from])

  const row = (index: number) => {
    const rung = drawn[index - state.from]
    if (!rung) return <MissingRung index={index} geometry={geometry} />
    const previous = drawn[index - state.from - 1]?.row
    return (
      <LadderRung
        rung={rung}
        geometry={geometry}
        index={index}
        time={timeText(format, rung.row, { previous, first })}
        current={index === cursor}
      />
    )
  }
  const indexOf = ({ target }: MouseEvent) =>
    target instanceof Element ? target.closest<HTMLElement>('[data-index]')?.dataset['index'] : undefined
  const leaveTail = () => state.follow && state.total > state.viewport && state.setFollow(false)
  return (
    <div
      className="ladder"
      id="ladder-list"
      ref={setElement}
      role="grid"
      tabIndex={0}
      aria-label="Ladder of the packets"
      aria-rowcount={state.total + 1}
      aria-activedescendant={cursor >= 0 ? `rung-${cursor}` : undefined}
      onMouseDown={(event) => {
        const index = event.button === 0 ? indexOf(event) : undefined
        if (index !== undefined) list.getState().select(Number(index))
      }}
      onDoubleClick={(event) => {
        if (indexOf(event) !== undefined) model.goTo('packets')
      }}
    >
      <Rows
        total={state.total}
        rowHeight={ROW}
        top={state.top}
        onTop={state.scroll}
        onUp={leaveTail}
        onViewport={state.resize}
        row={row}
        header={<Heads geometry={geometry} />}
        headerHeight={HEADER}
        minWidth={geometry.width}
      />
    </div>
  )
}

function Heads({ geometry }: { geometry: Geometry }) {
  const model = useModel()
  const items = ['ladder.save-screen', 'ladder.save-all'].map((id) => ({
    title: commandById(id).title,
    run: () => void runCommand(commandById(id), model),
  }))
  const heads = geometry.lanes.map((lane, index) => (
    <span
      key={lane.id}
      role="columnheader"
      className={`ladder-head is-${lane.kind}`}
      style={{ left: laneX(geometry, index), maxWidth: geometry.laneWidth - 12 }}
      title={lane.kind === 'others' ? 'More parties than lanes: these share one' : lane.title}
    >
      {lane.title}
    </span>
  ))
  const side = isBrokerPinned(geometry)
  return (
    <div className="ladder-heads" role="row" aria-rowindex={1} style={{ minWidth: geometry.width }}>
      {side ? heads.slice(1) : heads}
      <span className={`ladder-pinned ${side ? 'is-side' : ''}`} style={{ width: geometry.pinned }}>
        <MenuButton className="ladder-save" label="Save the ladder" items={() => items}>
          Save SVG <Icon name="down" />
        </MenuButton>
        {side && heads[0]}
      </span>
    </div>
  )
}

/** Where the lanes scroll sideways, brings the one of the packet under the cursor into sight. */
function useLaneInSight(element: HTMLElement | null, geometry: Geometry, rung: Rung | undefined): void {
  const far = rung && Math.max(rung.tail, rung.head)
  useEffect(() => {
    const list = element?.querySelector('.rows')
    if (!list || far === undefined || !isBrokerPinned(geometry)) return
    const { laneWidth, pinned, seen } = geometry
    const least = far + laneWidth / 2 - seen
    const most = far - laneWidth / 2 - pinned
    list.scrollLeft = Math.min(Math.max(list.scrollLeft, least), most)
  }, [element, geometry, far])
}

/** Lanes of all rows seen with this filter: they do not come and go while one scrolls. */
function useLanes(rows: readonly PacketRow[], filter: string): readonly Lane[] {
  const [known, setKnown] = useState({ filter, lanes: noLanes })
  const before = known.filter === filter ? known.lanes : noLanes
  const lanes = useMemo(() => withParties(before, rows), [before, rows])
  if (lanes !== known.lanes || filter !== known.filter) setKnown({ filter, lanes })
  return lanes
}

/** Pixels there are for the ladder, without the scroll bar. */
function useWidth(element: HTMLElement | null): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    if (!element) return
    const observer = new ResizeObserver(() => setWidth(element.querySelector('.rows')?.clientWidth ?? 0))
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  return width
}
