/** The packet list, the packet under its cursor as a tree, and its bytes. */
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { ListFrame } from '../../list/list-frame.tsx'
import { plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { CaptureTabs } from './capture-tabs.tsx'
import { PacketDetailPane } from './detail-pane.tsx'
import { PacketFilterBar } from './filter-bar.tsx'
import { FindBar } from './find-bar.tsx'
import { PacketList } from './packet-list.tsx'
import { useTab } from './use-tab.ts'
import './packets.css'

export function PacketsView() {
  const tab = useTab()
  const selected = useStore(tab.detail, (state) => state.no !== undefined)
  return (
    <ListFrame
      name="packets"
      label="Height of the packet list"
      share={0.58}
      bars={
        <>
          <CaptureTabs />
          <PacketFilterBar />
          <FindBar />
        </>
      }
      list={
        <ListOrReason key={tab.capture}>
          <PacketList />
        </ListOrReason>
      }
      detail={selected ? <PacketDetailPane /> : undefined}
    />
  )
}

/** The list; in place of an empty one, why it is empty and what to do. */
export function ListOrReason({ children }: { children: ReactNode }) {
  const model = useModel()
  const { capture, list, setFilter } = useTab()
  const empty = useStore(list, (state) => state.loaded && state.total === 0 && state.progress === undefined)
  const error = useStore(list, (state) => state.error)
  const filter = useStore(list, (state) => state.params.filter)
  const all = useStore(list, (state) => state.all)
  const paused = useStore(model.live, (state) => state.capture?.recording === false)
  if (error) return <Empty action={<RetryFilter />}>{error.message}</Empty>
  if (!empty) return children
  if (filter)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={() => setFilter('', true)}>
            Clear the filter
          </button>
        }
      >
        None of {plural(all, 'packet')} matches: {filter}
      </Empty>
    )
  if (capture !== 'live') return <Empty>This capture holds no packets.</Empty>
  if (paused)
    return (
      <Empty
        action={
          <button
            type="button"
            className="button main"
            onClick={() => void model.run('packets.record', { on: true })}
          >
            Resume recording
          </button>
        }
      >
        Recording is paused. Once it is on again, every packet of every device appears here.
      </Empty>
    )
  return (
    <Empty
      action={
        <button type="button" className="button main" onClick={() => model.show('attach')}>
          Attach a device
        </button>
      }
    >
      Every MQTT packet of every device will appear here, in both directions, as soon as one connects.
    </Empty>
  )
}

function RetryFilter() {
  const { list } = useTab()
  return (
    <button
      type="button"
      className="button"
      onClick={() => list.getState().setParams(list.getState().params)}
    >
      Try again
    </button>
  )
}
