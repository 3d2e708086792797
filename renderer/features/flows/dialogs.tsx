/** The sheets that ask for the name of a flow. */
import { useState } from 'react'
import type { BenchError } from '../../../shared/contract/result.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Alert } from '../../ui/kit.tsx'

/** A name as it is typed: the ending is the bench's business. */
const withEnding = (name: string): string => {
  const trimmed = name.trim()
  return /\.ya?ml$/i.test(trimmed) ? trimmed : `${trimmed}.yaml`
}
const withoutEnding = (path: string): string => path.replace(/\.ya?ml$/, '')

interface Props {
  readonly title: string
  readonly action: string
  readonly name: string
  readonly onName: (path: string) => Promise<BenchError | undefined>
}

function NameDialog({ title, action, name: before, onName }: Props) {
  const model = useModel()
  const [name, setName] = useState(before)
  const [fault, setFault] = useState('')
  const run = async () => {
    const error = await onName(withEnding(name))
    if (error) setFault(error.message)
    else model.show('none')
  }
  return (
    <Dialog title={title} action={{ title: action, disabled: name.trim() === '', run: () => void run() }}>
      <Labelled
        label="Name"
        remark="A slash makes a folder: wifi/scan. Flows are files below flows/ of the workspace."
      >
        <input
          className="input"
          value={name}
          maxLength={400}
          aria-invalid={fault !== ''}
          onChange={(event) => {
            setName(event.target.value)
            setFault('')
          }}
        />
      </Labelled>
      <Alert text={fault} />
    </Dialog>
  )
}

/** A name that a file can have, from that of the flow. */
export const fileNameOf = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9 _.()+-]+/g, ' ')
    .replace(/^[^A-Za-z0-9_]+/, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
    .slice(0, 80) || 'flow'

export function SaveDialog() {
  const { editor } = useModel().flows
  const { path, parsed } = editor.getState()
  const name = path === undefined ? fileNameOf(parsed.flow?.name ?? 'flow') : `${withoutEnding(path)} copy`
  return <NameDialog title="Save the flow" action="Save" name={name} onName={(to) => editor.save(to)} />
}

export function RenameDialog() {
  const { editor } = useModel().flows
  const { path = '' } = editor.getState()
  return (
    <NameDialog
      title="Rename or move the flow"
      action="Rename"
      name={withoutEnding(path)}
      onName={editor.rename}
    />
  )
}
