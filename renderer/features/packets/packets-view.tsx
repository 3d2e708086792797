/** The packet list, the packet under its cursor as a tree, and its bytes. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { Split } from '../../ui/split.tsx'
import { useSplit } from '../../app/use-split.ts'
import { PacketDetailPane } from './detail-pane.tsx'
import { PacketFilterBar } from './filter-bar.tsx'
import { PacketList } from './packet-list.tsx'
import '../../list/list.css'
import './packets.css'

export function PacketsView() {
  const { packets } = useModel()
  const selected = useStore(packets.detail, (state) => state.no !== undefined)
  const [ratio, setRatio] = useSplit('packets', 0.58)
  return (
    <div className="list-view">
      <PacketFilterBar />
      <Split
        direction="down"
        label="Height of the packet list"
        ratio={ratio}
        onRatio={setRatio}
        first={<ListOrReason />}
        second={selected ? <PacketDetailPane /> : undefined}
      />
    </div>
  )
}

/** The list; in place of an empty one, why it is empty and what to do. */
function ListOrReason() {
  const model = useModel()
  const { list, setFilter } = model.packets
  const empty = useStore(list, (state) => state.loaded && state.total === 0 && state.progress === undefined)
  const error = useStore(list, (state) => state.error)
  const filter = useStore(list, (state) => state.params.text)
  const all = useStore(list, (state) => state.all)
  const paused = useStore(model.live, (state) => state.capture?.recording === false)
  if (error) return <Empty action={<RetryFilter />}>{error.message}</Empty>
  if (!empty) return <PacketList />
  if (filter)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={() => setFilter('', true)}>
            Clear the filter
          </button>
        }
      >
        None of {plural(all, 'packet')} has all of these words: {filter}
      </Empty>
    )
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
        <button type="button" className="button main" onClick={() => model.goTo('bench')}>
          Attach a device
        </button>
      }
    >
      Every MQTT packet of every device will appear here, in both directions, as soon as one connects.
    </Empty>
  )
}

function RetryFilter() {
  const { packets } = useModel()
  return (
    <button
      type="button"
      className="button"
      onClick={() => packets.list.getState().setParams(packets.list.getState().params)}
    >
      Try again
    </button>
  )
}
