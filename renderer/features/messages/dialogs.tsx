/** The sheets of the messages view: save, rename, import. */
import { useState, type ComponentType } from 'react'
import { useStore } from 'zustand'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import type { MessagesOverlay } from './overlay.ts'
import { Alert } from '../../ui/kit.tsx'

/** A name as it is typed: the suffix is the bench's business. */
const withSuffix = (name: string): string => `${name.trim().replace(/\.json$/i, '')}.json`
const withoutSuffix = (path: string): string => path.replace(/\.json$/, '')

function NameField(props: { name: string; fault: string; onName: (name: string) => void }) {
  return (
    <>
      <Labelled label="Name" remark="A slash makes a folder: wifi/scan">
        <input
          className="input"
          value={props.name}
          maxLength={300}
          aria-invalid={props.fault !== ''}
          onChange={(event) => props.onName(event.target.value)}
        />
      </Labelled>
      <Alert text={props.fault} />
    </>
  )
}

function SaveDialog() {
  const model = useModel()
  const { file, draft, note: before } = model.messages.getState()
  const [name, setName] = useState(file ? withoutSuffix(file.path) : draft.kind)
  const [note, setNote] = useState(before)
  const [fault, setFault] = useState('')
  const save = async () => {
    model.messages.setState({ note })
    const error = await model.messages.save(withSuffix(name))
    if (error) setFault(error.message)
    else model.show('none')
  }
  return (
    <Dialog
      title="Save the message"
      action={{ title: 'Save', disabled: name.trim() === '', run: () => void save() }}
    >
      <NameField
        name={name}
        fault={fault}
        onName={(next) => {
          setName(next)
          setFault('')
        }}
      />
      <Labelled
        label="Note"
        remark="A file below messages/ of the workspace; passwords in it can be read there."
      >
        <textarea
          className="input"
          rows={3}
          maxLength={20_000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </Labelled>
    </Dialog>
  )
}

function RenameDialog() {
  const model = useModel()
  const { file } = model.messages.getState()
  const [name, setName] = useState(withoutSuffix(file?.path ?? ''))
  const [fault, setFault] = useState('')
  const rename = async () => {
    if (!file) return
    const to = withSuffix(name)
    const answer = await model.host.call('messages.rename', { from: file.path, to })
    if (!answer.ok) return setFault(answer.error.message)
    model.messages.setState({ file: { ...file, path: to } })
    await model.messages.library.refresh()
    model.show('none')
  }
  return (
    <Dialog
      title="Rename the message"
      action={{ title: 'Rename', disabled: name.trim() === '', run: () => void rename() }}
    >
      <NameField
        name={name}
        fault={fault}
        onName={(next) => {
          setName(next)
          setFault('')
        }}
      />
    </Dialog>
  )
}

/** Files or pasted text; each file is tried, and those that are no messages say why. */
function ImportDialog() {
  const model = useModel()
  const search = useStore(model.messages.library, (state) => state.search)
  const [folder, setFolder] = useState('oktopus')
  const [text, setText] = useState('')
  const [files, setFiles] = useState<readonly File[]>([])
  const [faults, setFaults] = useState<readonly string[]>([])
  const run = async () => {
    const sources = [
      ...(text.trim() === '' ? [] : [{ name: 'pasted', text }]),
      ...(await Promise.all(files.map(async (file) => ({ name: file.name, text: await file.text() })))),
    ]
    const found: string[] = []
    const saved: string[] = []
    for (const source of sources) {
      const answer = await model.host.call('messages.import', { folder: folder.trim(), ...source })
      if (answer.ok) saved.push(...answer.value)
      else found.push(answer.error.message)
    }
    if (search !== '') model.messages.library.setState({ search: '' })
    await model.messages.library.refresh()
    setFaults(found)
    if (found.length > 0) return
    model.notices.getState().say(`Imported ${saved.length === 1 ? saved[0] : `${saved.length} messages`}.`)
    model.show('none')
  }
  const nothing = text.trim() === '' && files.length === 0
  return (
    <Dialog title="Import messages" action={{ title: 'Import', disabled: nothing, run: () => void run() }}>
      <Labelled
        label="Files"
        remark="JSON: a message, a file of this bench, or what Oktopus saves, one or several."
      >
        <input
          type="file"
          multiple
          accept=".json,application/json"
          onChange={(event) => setFiles([...(event.target.files ?? [])])}
        />
      </Labelled>
      <Labelled label="Or text">
        <textarea
          className="input mono"
          rows={8}
          value={text}
          spellCheck={false}
          onChange={(event) => setText(event.target.value)}
        />
      </Labelled>
      <Labelled label="Into the folder">
        <input
          className="input"
          value={folder}
          maxLength={200}
          onChange={(event) => setFolder(event.target.value)}
        />
      </Labelled>
      {faults.map((fault) => (
        <p key={fault} className="bad" role="alert">
          {fault}
        </p>
      ))}
    </Dialog>
  )
}

export const messagesSheets: Readonly<Record<MessagesOverlay, ComponentType>> = {
  'message-save': SaveDialog,
  'message-rename': RenameDialog,
  'message-import': ImportDialog,
}
