/** What the broker remembers of its clients: their sessions, and the shared subscriptions that they form. */
import { useStore } from 'zustand'
import { useModel } from '../../app/model.ts'
import { FilterInput } from '../../list/filter-input.tsx'
import { ListFrame } from '../../list/list-frame.tsx'
import { ListGrid } from '../../list/list-grid.tsx'
import { ListWithReason } from '../../list/reason.tsx'
import { count, plural } from '../../ui/format.ts'
import { Empty, Tabs } from '../../ui/kit.tsx'
import { groupColumns, sessionColumns } from './columns.tsx'
import { GroupDetail } from './group-detail.tsx'
import { SessionDetailPane } from './session-detail.tsx'
import type { SessionState } from './store.ts'
import './sessions.css'

export const SESSION_LIST = 'sessions-list'

export function SessionsView() {
  const { sessions } = useModel()
  const tab = useStore(sessions, (state) => state.tab)
  const session = useStore(sessions.list, (state) => state.cursor !== undefined)
  const group = useStore(sessions, (state) => state.group !== undefined)
  const detail = tab === 'groups' ? group && <GroupDetail /> : session && <SessionDetailPane />
  return (
    <ListFrame
      name="sessions"
      label="Height of the list of sessions"
      share={0.5}
      bars={<Bars />}
      list={tab === 'groups' ? <Groups /> : <Sessions />}
      detail={detail || undefined}
    />
  )
}

const states: readonly (readonly [SessionState, string])[] = [
  ['all', 'all sessions'],
  ['connected', 'connected'],
  ['away', 'away'],
]

function Bars() {
  const { sessions } = useModel()
  const tab = useStore(sessions, (state) => state.tab)
  const text = useStore(sessions, (state) => state.text[state.tab])
  const state = useStore(sessions.list, ({ params }) => params.state)
  const [some, of] = useFound()
  return (
    <>
      <header className="sessions-head">
        <Tabs
          label="Sessions"
          tabs={[
            ['sessions', 'Sessions'],
            ['groups', 'Shared groups'],
          ]}
          selected={tab}
          onSelect={sessions.open}
        />
      </header>
      <div className="filter-bar">
        <FilterInput
          id="sessions-filter"
          label={tab === 'groups' ? 'Search shared groups' : 'Search sessions'}
          placeholder={
            tab === 'groups'
              ? 'Search: group, topic filter, client ID of a member'
              : 'Search: client ID, user, topic filter of a subscription'
          }
          value={text}
          onChange={sessions.setText}
          listId={SESSION_LIST}
        />
        {tab === 'sessions' && (
          <select
            className="input"
            aria-label="State"
            value={state}
            onChange={(event) => sessions.showOnly(event.target.value as SessionState)}
          >
            {states.map(([value, word]) => (
              <option key={value} value={value}>
                {word}
              </option>
            ))}
          </select>
        )}
        <span className="number dim found" role="status">
          {some === of
            ? plural(of, tab === 'groups' ? 'shared group' : 'session')
            : `${count(some)} of ${count(of)}`}
        </span>
      </div>
    </>
  )
}

function useFound(): readonly [some: number, of: number] {
  const { sessions } = useModel()
  const tab = useStore(sessions, (state) => state.tab)
  const some = useStore(sessions.list, (state) => state.total)
  const all = useStore(sessions.list, (state) => state.all)
  const groups = useStore(sessions.groups, (state) => state.total)
  const allGroups = useStore(sessions.groups, (state) => state.all)
  return tab === 'groups' ? [groups, allGroups] : [some, all]
}

function Sessions() {
  const { sessions } = useModel()
  const { list } = sessions
  const { sort, descending } = useStore(list, (state) => state.params)
  const empty = useStore(list, (state) => state.loaded && state.total === 0)
  const error = useStore(list, (state) => state.error)
  if (error) return <Empty>{error.message}</Empty>
  return (
    <ListWithReason reason={empty && <NoSession />}>
      <ListGrid
        list={list}
        id={SESSION_LIST}
        label="Sessions"
        columns={sessionColumns}
        sort={sort}
        descending={descending}
        onSort={sessions.sortBy}
      />
    </ListWithReason>
  )
}

function NoSession() {
  const model = useModel()
  const { sessions } = model
  const all = useStore(sessions.list, (state) => state.all)
  const showAll = () => {
    sessions.setText('', true)
    sessions.showOnly('all')
  }
  if (all > 0)
    return (
      <Empty
        action={
          <button type="button" className="button" onClick={showAll}>
            Show all sessions
          </button>
        }
      >
        None of {plural(all, 'session')} is as searched for.
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
      Each client that connects has a session here, with what waits for it and what it subscribed to; one that
      outlives its connection stays until it expires.
    </Empty>
  )
}

function Groups() {
  const { groups } = useModel().sessions
  const empty = useStore(groups, (state) => state.loaded && state.total === 0)
  const all = useStore(groups, (state) => state.all)
  const error = useStore(groups, (state) => state.error)
  if (error) return <Empty>{error.message}</Empty>
  const reason =
    all > 0
      ? 'No shared group is as searched for.'
      : 'Clients that subscribe to $share/{group}/{filter} share its messages; each such group stands here, with who took how many.'
  return (
    <ListWithReason reason={empty && <Empty>{reason}</Empty>}>
      <ListGrid list={groups} id={SESSION_LIST} label="Shared groups" columns={groupColumns} />
    </ListWithReason>
  )
}
