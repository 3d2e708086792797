/** The device list: one row an endpoint ID. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { ListGrid } from '../../list/list-grid.tsx'
import { deviceColumns } from './columns.tsx'

export function DeviceList() {
  const { list, sortBy } = useModel().devices
  const { sort, descending } = useStore(list, (state) => state.params)
  return (
    <ListGrid
      list={list}
      id="devices-list"
      label="Devices"
      columns={deviceColumns}
      sort={sort}
      descending={descending}
      onSort={sortBy}
    />
  )
}
