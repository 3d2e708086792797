/** The connections there are, and below them the saved publishes. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { KeptProfile, SavedPublishRow } from '../../../shared/contract/mqtt-client.ts'
import { useModel, type Model } from '../../app/model.ts'
import { compact, count, dateTime } from '../../ui/format.ts'
import { ConfirmButton, Icon } from '../../ui/kit.tsx'
import { useMenu, type MenuItem } from '../../ui/menu.tsx'
import { editProfile, toggleConnection } from './actions.ts'
import { connectionMenu } from './connection-menu.ts'
import { targetText } from './profile-draft.ts'
import { stateOf } from './words.ts'

export function ConnectionsPane() {
  const model = useModel()
  const profiles = useStore(model.client, (state) => state.profiles)
  const { menu, open } = useMenu()
  return (
    <aside className="client-side" aria-label="Connections and saved publishes">
      <header>
        <h2>Connections</h2>
        <button
          type="button"
          className="button"
          aria-haspopup="menu"
          aria-label="More about connections"
          title="Import and export"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect()
            open({ x: box.left, y: box.bottom + 2, label: 'Connections', items: listMenu(model) })
          }}
        >
          <Icon name="down" />
        </button>
        <button type="button" className="button" onClick={() => editProfile(model, undefined)}>
          New
        </button>
        {menu}
      </header>
      <ul className="client-profiles">
        {profiles?.map((profile) => (
          <ProfileLine key={profile.id} profile={profile} />
        ))}
      </ul>
      <SavedPublishes />
    </aside>
  )
}

const listMenu = (model: Model): MenuItem[] => [
  { title: 'Import connections…', run: () => model.show('client-import') },
  { title: 'Export connections…', run: () => model.show('client-export') },
]

function ProfileLine({ profile }: { profile: KeptProfile }) {
  const model = useModel()
  const { client } = model
  const connection = useStore(client, (state) =>
    state.clients.connections.find(({ id }) => id === profile.id),
  )
  const current = useStore(client, (state) => state.current === profile.id)
  const { menu, open } = useMenu()
  const [word, tone] = stateOf(connection)
  return (
    <li>
      <button
        type="button"
        className="client-profile"
        aria-current={current}
        title={`${profile.name}: ${word}\n${targetText(profile)}`}
        onClick={() => client.choose(profile.id)}
        onDoubleClick={() => toggleConnection(model)}
        onContextMenu={(event) => {
          event.preventDefault()
          client.choose(profile.id)
          const { left, bottom } = event.currentTarget.getBoundingClientRect()
          const [x, y] = event.clientX === 0 ? [left + 12, bottom] : [event.clientX, event.clientY]
          open({ x, y, label: profile.name, items: connectionMenu(model, profile, connection) })
        }}
      >
        <span className={`dot is-${tone}`} aria-hidden="true" />
        <span className="cut">{profile.name}</span>
        <span className="dim number">
          {connection && `${compact(connection.in.messages)} in · ${compact(connection.out.messages)} out`}
        </span>
        <span className="dim cut client-where">
          {word}, {targetText(profile)}
        </span>
      </button>
      {menu}
    </li>
  )
}

function SavedPublishes() {
  const model = useModel()
  const { client } = model
  const saved = useStore(client, (state) => state.saved)
  const search = useStore(client, (state) => state.search)
  const file = useStore(client, (state) => state.file)
  useEffect(() => void client.refreshSaved(), [client])
  const remove = async () => {
    if (!file || !(await model.run('publishes.delete', { path: file.path }))) return
    client.setState({ file: undefined })
    await client.refreshSaved()
    model.notices.getState().say(`${file.path} is in the trash of the workspace: publishes/.trash.`)
  }
  return (
    <>
      <header>
        <h2>Saved publishes</h2>
      </header>
      <input
        className="input client-search"
        type="search"
        aria-label="Search saved publishes"
        title="Words of names, notes, topics and payloads"
        placeholder="Search"
        value={search}
        onChange={(event) => client.setSearch(event.target.value)}
      />
      <ul className="client-saved">
        {saved && saved.left > 0 && (
          <li className="warn">{count(saved.left)} more files are not looked at: too many.</li>
        )}
        {saved?.publishes.length === 0 && (
          <li className="dim client-nothing">
            {search === ''
              ? 'Messages that you save stand here, as files in the workspace.'
              : 'None has these words.'}
          </li>
        )}
        {saved?.publishes.map((row) => (
          <SavedLine key={row.path} row={row} />
        ))}
      </ul>
      {file && (
        <footer>
          <button type="button" className="button" onClick={() => model.show('client-rename')}>
            Rename
          </button>
          <ConfirmButton question="Delete it?" onConfirm={() => void remove()}>
            Delete
          </ConfirmButton>
        </footer>
      )}
    </>
  )
}

function SavedLine({ row }: { row: SavedPublishRow }) {
  const model = useModel()
  const current = useStore(model.client, (state) => state.file?.path === row.path)
  const open = async () => {
    const error = await model.client.open(row.path)
    if (error) model.notices.getState().fail(error)
  }
  return (
    <li>
      <button
        type="button"
        className="client-kept"
        aria-current={current}
        title={[row.path, row.topic, row.note, row.fault, dateTime(row.modifiedAt)]
          .filter(Boolean)
          .join('\n')}
        onClick={() => void open()}
      >
        <span className="cut">{row.path.replace(/\.json$/, '')}</span>
        {row.fault !== undefined && <Icon name="error" label="cannot be read" />}
      </button>
    </li>
  )
}
