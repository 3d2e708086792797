/** Saved messages by folder, and what was sent. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import type { SavedMessageRow, SentMessage } from '../../../shared/contract/saved-messages.ts'
import { useModel } from '../../app/model.ts'
import { useNow } from '../../ui/clock.ts'
import { ago, count, dateTime, plural } from '../../ui/format.ts'
import { ConfirmButton, Empty, Icon, Tabs } from '../../ui/kit.tsx'
import { openMessage, saveMessage } from './commands.ts'
import { isChanged } from './store.ts'

export function LibraryPane() {
  const model = useModel()
  const { library } = model.messages
  const shelf = useStore(library, (state) => state.shelf)
  const search = useStore(library, (state) => state.search)
  const saved = useStore(library, (state) => state.saved)
  const sent = useStore(library, (state) => state.sent)
  useEffect(() => void library.refresh(), [library])
  return (
    <aside className="library" aria-label="Kept messages">
      <header>
        <Tabs
          label="Kept messages"
          tabs={[
            ['saved', `Saved${saved ? ` (${count(saved.all)})` : ''}`],
            ['sent', `Sent (${count(sent.length)})`],
          ]}
          selected={shelf}
          onSelect={(to) => library.setState({ shelf: to })}
        />
      </header>
      {shelf === 'saved' && (
        <div className="library-search">
          <input
            className="input"
            type="search"
            aria-label="Search saved messages"
            title="Words of names, notes and content"
            placeholder="Search"
            value={search}
            onChange={(event) => library.setSearch(event.target.value)}
          />
        </div>
      )}
      {shelf === 'saved' ? <Saved /> : <Sent />}
      <footer>
        {shelf === 'saved' ? (
          <>
            <FileActions />
            <button type="button" className="button" onClick={() => model.show('message-import')}>
              Import
            </button>
          </>
        ) : (
          sent.length > 0 && (
            <ConfirmButton
              question="Forget all of it?"
              onConfirm={() => {
                void model.run('messages.clearHistory', undefined).then(library.refresh)
              }}
            >
              Forget
            </ConfirmButton>
          )
        )}
      </footer>
    </aside>
  )
}

function FileActions() {
  const model = useModel()
  const { messages } = model
  const file = useStore(messages, (state) => state.file)
  const changed = useStore(messages, isChanged)
  const isMessage = useStore(messages, (state) => state.mode === 'message')
  const remove = async () => {
    if (!file || !(await model.run('messages.delete', { path: file.path }))) return
    messages.setState({ file: undefined })
    await messages.library.refresh()
    model.notices.getState().say(`${file.path} is in the trash of the workspace: messages/.trash.`)
  }
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={!isMessage || (file !== undefined && !changed)}
        onClick={() => void saveMessage(model)}
      >
        {file ? 'Save' : 'Save…'}
      </button>
      {file && (
        <>
          <button type="button" className="button" onClick={() => model.show('message-rename')}>
            Rename
          </button>
          <ConfirmButton question="Delete it?" onConfirm={() => void remove()}>
            Delete
          </ConfirmButton>
        </>
      )}
    </>
  )
}

function Saved() {
  const { library } = useModel().messages
  const saved = useStore(library, (state) => state.saved)
  const error = useStore(library, (state) => state.error)
  if (error) return <Empty>{error.message}</Empty>
  if (!saved) return <div className="library-list" />
  if (saved.all === 0) {
    return (
      <Empty>
        Messages that you save stand here, as files in the workspace. Oktopus' own can be imported.
      </Empty>
    )
  }
  if (saved.messages.length === 0)
    return <Empty>None of {plural(saved.all, 'message')} has these words.</Empty>
  return (
    <div className="library-list">
      {saved.left > 0 && <p className="warn">{count(saved.left)} more files are not looked at: too many.</p>}
      <ul>
        {withFolders(saved.messages).map((entry) =>
          'folder' in entry ? (
            <li key={`${entry.folder}/`} className="folder cut" title={entry.folder}>
              {entry.folder}
            </li>
          ) : (
            <SavedLine key={entry.row.path} row={entry.row} />
          ),
        )}
      </ul>
    </div>
  )
}

type Entry = { readonly folder: string } | { readonly row: SavedMessageRow }

/** Messages of the root first, then each folder under its name. */
export function withFolders(rows: readonly SavedMessageRow[]): Entry[] {
  const folderOf = ({ path }: SavedMessageRow): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const folders = [...new Set(rows.map(folderOf))].sort()
  return folders.flatMap((folder): Entry[] => [
    ...(folder === '' ? [] : [{ folder }]),
    ...rows.filter((row) => folderOf(row) === folder).map((row) => ({ row })),
  ])
}

function SavedLine({ row }: { row: SavedMessageRow }) {
  const model = useModel()
  const current = useStore(model.messages, (state) => state.file?.path === row.path)
  const changed = useStore(model.messages, isChanged)
  const name = row.path.slice(row.path.lastIndexOf('/') + 1).replace(/\.json$/, '')
  return (
    <li>
      <button
        type="button"
        className="kept"
        aria-current={current}
        title={[row.path, row.note, row.fault, dateTime(row.modifiedAt)].filter(Boolean).join('\n')}
        onClick={() => void openMessage(model, row.path)}
      >
        <span className="cut">{name}</span>
        {row.fault ? <Icon name="error" label="cannot be read" /> : <span className="dim">{row.kind}</span>}
        {current && changed && <span className="warn">changed</span>}
      </button>
    </li>
  )
}

function Sent() {
  const { messages } = useModel()
  const sent = useStore(messages.library, (state) => state.sent)
  const now = useNow()
  if (sent.length === 0) return <Empty>Each message that is sent is kept here, the newest first.</Empty>
  return (
    <ul className="library-list">
      {sent.map((one) => (
        <li key={one.no}>
          <button
            type="button"
            className="kept is-sent"
            title={`${dateTime(one.time)}\n${one.endpointIds.join('\n')}`}
            onClick={() => messages.openSent(one)}
          >
            <span>{one.kind}</span>
            <span className="dim number">{ago(one.time, now)}</span>
            <span className="cut dim">{subjectOf(one)}</span>
            <span className={one.failed > 0 ? 'bad number' : 'ok number'}>{resultOf(one)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** The first path of it: what tells one from the other. */
const subjectOf = ({ text }: SentMessage): string => /"(Device\.[^"]*)"/.exec(text)?.[1] ?? ''
const resultOf = ({ devices, failed }: SentMessage): string =>
  failed === 0 ? 'done' : devices === 1 ? 'failed' : `${count(failed)} of ${count(devices)} failed`
