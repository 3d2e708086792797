/** Who may connect: user names, where they are kept, and the endpoint IDs they may state. */
import { useEffect, type KeyboardEvent } from 'react'
import { useStore } from 'zustand'
import type { UserInfo } from '../../../shared/contract/access.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { useModel, type Overlay } from '../../app/model.ts'
import { dateTime, plural } from '../../ui/format.ts'
import { ConfirmButton, Empty, State } from '../../ui/kit.tsx'
import { Grid, type GridColumn } from '../../list/grid.tsx'
import { sourceWords } from './words.ts'

export function UsersTab() {
  const { access } = useModel()
  const users = useStore(access, (state) => state.users)
  const error = useStore(access, (state) => state.usersError)
  const username = useStore(access, (state) => state.username)
  useEffect(() => void access.loadUsers(), [access])
  const user = users?.find((one) => one.username === username)
  return (
    <div className="access-tab">
      <UserBar user={user} />
      {users ? (
        users.length > 0 ? (
          <UserList users={users} />
        ) : (
          <Empty>Each user that may connect gets a row here. There is none: nobody can connect.</Empty>
        )
      ) : (
        <Empty>{error?.message ?? 'Reading the users…'}</Empty>
      )}
    </div>
  )
}

function UserBar({ user }: { user: UserInfo | undefined }) {
  const model = useModel()
  const { access, live, show } = model
  const nats = useStore(live, (state) => state.access?.nats)
  const add = () => {
    access.setState({ username: undefined })
    show('access-password')
  }
  const on = (overlay: Overlay) => () => show(overlay)
  const remove = async () => {
    if (user && (await model.run('access.user.remove', { username: user.username }))) {
      access.setState({ username: undefined })
      await access.loadUsers()
    }
  }
  return (
    <div className="access-bar">
      <span className="buttons">
        <button type="button" className="button main" onClick={add}>
          Add user…
        </button>
        <button type="button" className="button" disabled={!user} onClick={on('access-password')}>
          New password…
        </button>
        <button type="button" className="button" disabled={!user} onClick={on('access-endpoints')}>
          Endpoint IDs…
        </button>
        <ConfirmButton
          question={`Remove ${user?.username ?? ''}?`}
          disabled={!user}
          onConfirm={() => void remove()}
        >
          Remove
        </ConfirmButton>
      </span>
      <span className="spacer" />
      {nats && nats.pending > 0 && (
        <button type="button" className="link" onClick={() => model.goTo('nats')}>
          {plural(nats.pending, 'change waits', 'changes wait')} for NATS
        </button>
      )}
      <button type="button" className="button" onClick={on('access-import-users')}>
        Import password file…
      </button>
    </div>
  )
}

function UserList({ users }: { users: readonly UserInfo[] }) {
  const { access, live, show } = useModel()
  const username = useStore(access, (state) => state.username)
  const hasNats = useStore(live, (state) => state.access?.nats.credentials !== 'file')
  const onKey = ({ key }: KeyboardEvent) => {
    if (username === undefined) return false
    if (key === 'Enter') show('access-endpoints')
    else if (key === 'Escape') access.setState({ username: undefined })
    else return false
    return true
  }
  return (
    <Grid
      id="access-users"
      label="Users"
      columns={hasNats ? columns : columnsWithoutNats}
      rows={users}
      keyOf={(user) => user.username}
      selected={username}
      onSelect={(user) => access.setState({ username: user.username })}
      onKey={onKey}
    />
  )
}

const NATS = 'NATS'
const columns: readonly GridColumn<UserInfo>[] = [
  {
    title: 'User name',
    width: 'minmax(200px, 1.4fr)',
    cell: ({ username }) => (
      <>
        {username || '"" (empty)'}{' '}
        {username === controllerUser && <span className="dim">the controller</span>}
      </>
    ),
    hint: ({ username }) => username,
  },
  {
    title: 'Kept',
    width: 'minmax(200px, 1fr)',
    cell: ({ source }) => <State tone={source === 'awaiting' ? 'warn' : 'ok'}>{sourceWords[source]}</State>,
  },
  {
    title: 'Changed',
    width: '216px',
    cell: ({ changedAt }) =>
      changedAt === undefined ? <span className="dim">not known</span> : dateTime(changedAt),
  },
  {
    title: NATS,
    width: '110px',
    cell: ({ pending }) => (pending ? <span className="warn">waits for NATS</span> : ''),
    hint: ({ pending }) => (pending ? 'Will be written to NATS once that is back' : undefined),
  },
  {
    title: 'May also state',
    width: 'minmax(180px, 1.4fr)',
    mono: true,
    cell: ({ endpoints }) => endpoints.join(', '),
    hint: ({ endpoints }) =>
      endpoints.length > 0 ? endpoints.join('\n') : 'Its own name only, as its endpoint ID',
  },
]
/** Nothing waits for what is not there. */
const columnsWithoutNats = columns.filter(({ title }) => title !== NATS)
