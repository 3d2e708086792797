/** The filter of the packet list, what it found, and the switches of the recording. */
import { useStore } from 'zustand'
import { commandById, runCommand } from '../../app/commands.ts'
import { useModel } from '../../app/model.ts'
import { FilterEditor } from '../../filter/filter-editor.tsx'
import { count, plural } from '../../ui/format.ts'
import { ConfirmButton, Icon } from '../../ui/kit.tsx'
import { FollowButton } from '../../list/follow-button.tsx'
import { MenuButton, type MenuItem } from '../../ui/menu.tsx'
import { useTab } from './use-tab.ts'
import type { PacketsTab } from './tab.ts'

/** `listId`: where Enter goes on to. */
export function PacketFilterBar({ listId = 'packets-list' }: { listId?: string }) {
  const model = useModel()
  const tab = useTab()
  const filter = useStore(tab, (state) => state.filter)
  const recent = useStore(model.settings, (state) => state.recentFilters)
  const saved = useStore(model.look, (state) => state.savedFilters)
  const progress = useStore(tab.list, (state) => state.progress)
  return (
    <div className="filter-bar">
      <FilterEditor
        key={tab.capture}
        id="packets-filter"
        label="Filter packets"
        placeholder='Filter: words, or an expression such as  mqtt.topic ~ "oktopus/#" and usp.type == NOTIFY'
        value={filter}
        capture={tab.capture}
        recent={recent}
        saved={saved}
        onChange={tab.setFilter}
        onEnter={() => document.getElementById(listId)?.focus()}
        onLeave={() => document.getElementById(listId)?.focus()}
      />
      <Found tab={tab} />
      <FiltersMenu tab={tab} />
      {tab.capture === 'live' && <LiveSwitches tab={tab} />}
      {progress !== undefined && (
        <progress className="search-progress" aria-label="Searching" max={1} value={progress} />
      )}
    </div>
  )
}

function Found({ tab }: { tab: PacketsTab }) {
  const total = useStore(tab.list, (state) => state.total)
  const all = useStore(tab.list, (state) => state.all)
  const progress = useStore(tab.list, (state) => state.progress)
  const filtered = useStore(tab.list, (state) => state.params.filter !== '')
  return (
    <span className="number dim found" role="status">
      {filtered ? `${count(total)} of ${count(all)}` : `${count(all)} packets`}
      {progress !== undefined && ` · searching ${Math.floor(progress * 100)} %`}
    </span>
  )
}

/** Saved filters, and what else is done with filters. */
function FiltersMenu({ tab }: { tab: PacketsTab }) {
  const model = useModel()
  const items = (): MenuItem[] => {
    const { savedFilters } = model.look.getState()
    const command = (id: string, group?: string): MenuItem => ({
      title: commandById(id).title,
      chord: commandById(id).keys?.[0],
      ...(group !== undefined && { group }),
      run: () => void runCommand(commandById(id), model),
    })
    return [
      ...savedFilters.map(({ name, filter }, index) => ({
        title: name,
        ...(index === 0 && { group: 'Saved filters' }),
        run: () => tab.setFilter(filter, true),
      })),
      command('packets.saved-filters', ''),
      command('packets.colours'),
      command('packets.find', ''),
      command('packets.goto'),
      command('flows.record', ''),
    ]
  }
  return (
    <MenuButton label="Filters" items={items}>
      Filters <Icon name="down" />
    </MenuButton>
  )
}

/** Only the live capture grows, pauses and is emptied. */
function LiveSwitches({ tab }: { tab: PacketsTab }) {
  const model = useModel()
  const all = useStore(tab.list, (state) => state.all)
  const recording = useStore(model.live, (state) => state.capture?.recording)
  return (
    <>
      <FollowButton list={tab.list} />
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
    </>
  )
}
