/** The filter of the packet list, what it found, and the switches of the recording. */
import { useStore } from 'zustand'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { count, plural } from '../../ui/format.ts'
import { ConfirmButton, Icon } from '../../ui/kit.tsx'

export function PacketFilterBar() {
  const model = useModel()
  const { packets } = model
  const filter = useStore(packets, (state) => state.filter)
  const recent = useStore(model.settings, (state) => state.recentFilters)
  const total = useStore(packets.list, (state) => state.total)
  const all = useStore(packets.list, (state) => state.all)
  const progress = useStore(packets.list, (state) => state.progress)
  const filtered = useStore(packets.list, (state) => state.params.text !== '')
  const recording = useStore(model.live, (state) => state.capture?.recording)
  return (
    <div className="filter-bar">
      <FilterInput
        id="packets-filter"
        label="Filter packets"
        placeholder="Filter: words found in type, topic, device or USP message"
        value={filter}
        recent={recent}
        onChange={packets.setFilter}
        listId="packets-list"
      />
      <span className="number dim found" role="status">
        {filtered ? `${count(total)} of ${count(all)}` : `${count(all)} packets`}
        {progress !== undefined && ` · searching ${Math.floor(progress * 100)} %`}
      </span>
      <Follow />
      {recording !== undefined && (
        <button
          type="button"
          className="button"
          onClick={() => runCommand(commandById(recording ? 'packets.record' : 'packets.resume'), model)}
        >
          {recording ? 'Pause' : 'Resume'}
        </button>
      )}
      <ConfirmButton
        question={`Clear ${plural(all, 'packet')}?`}
        disabled={all === 0}
        onConfirm={() => runCommand(commandById('packets.clear'), model)}
      >
        Clear
      </ConfirmButton>
      {progress !== undefined && (
        <progress className="search-progress" aria-label="Searching" max={1} value={progress} />
      )}
    </div>
  )
}

/** Whether the newest packet is kept in sight; when not, how many came since. */
function Follow() {
  const { list } = useModel().packets
  const follow = useStore(list, (state) => state.follow)
  const fresh = useStore(list, (state) => (state.follow ? 0 : Math.max(0, state.total - state.leftAt)))
  return (
    <button
      type="button"
      className={`button number follow ${fresh > 0 ? 'is-fresh' : ''}`}
      aria-pressed={follow}
      aria-keyshortcuts="F"
      title={follow ? 'The newest packet is kept in sight' : 'Go to the newest packet and keep it in sight'}
      onClick={() => list.getState().setFollow(!follow)}
    >
      {fresh > 0 && `${count(fresh)} new `}
      <Icon name="down" />
      {fresh > 0 ? 'follow' : 'Follow'}
    </button>
  )
}
