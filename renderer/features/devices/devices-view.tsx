/** Every endpoint that ever connected, and the facts of the one under the cursor. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { ListFrame } from '../../list/list-frame.tsx'
import { count, plural } from '../../ui/format.ts'
import { Empty } from '../../ui/kit.tsx'
import { DeviceDetailPane } from './device-detail.tsx'
import { DeviceList } from './device-list.tsx'
import './devices.css'

export function DevicesView() {
  const model = useModel()
  const selected = useStore(model.devices, (state) => state.endpointId !== undefined)
  return (
    <ListFrame
      name="devices"
      label="Height of the device list"
      share={0.5}
      bars={<FilterBar />}
      list={<ListOrReason />}
      detail={selected ? <DeviceDetailPane /> : undefined}
    />
  )
}

function FilterBar() {
  const { devices } = useModel()
  const filter = useStore(devices, (state) => state.filter)
  const total = useStore(devices.list, (state) => state.total)
  const all = useStore(devices.list, (state) => state.all)
  const filtered = useStore(devices.list, (state) => state.params.text !== '')
  return (
    <div className="filter-bar">
      <FilterInput
        id="devices-filter"
        label="Filter devices"
        placeholder="Filter: endpoint ID, client ID, user, address"
        value={filter}
        onChange={devices.setFilter}
        listId="devices-list"
      />
      <span className="number dim found" role="status">
        {filtered ? `${count(total)} of ${count(all)}` : plural(all, 'device')}
      </span>
    </div>
  )
}

function ListOrReason() {
  const model = useModel()
  const { list, setFilter } = model.devices
  const loaded = useStore(list, (state) => state.loaded)
  const total = useStore(list, (state) => state.total)
  const all = useStore(list, (state) => state.all)
  const error = useStore(list, (state) => state.error)
  const filter = useStore(list, (state) => state.params.text)
  if (error) return <Empty>{error.message}</Empty>
  if (!loaded || total > 0) return <DeviceList />
  if (filter)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={() => setFilter('', true)}>
            Clear the filter
          </button>
        }
      >
        None of {plural(all, 'device')} has: {filter}
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
      Each device that connects gets a row here, by its endpoint ID. None has connected yet.
    </Empty>
  )
}
