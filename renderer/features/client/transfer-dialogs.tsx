/** Connections and saved publishes as a file, out and in. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { MAX_BUNDLE_TEXT, type ImportReport } from '../../../shared/contract/mqtt-client.ts'
import { saveText } from '../../app/deliver.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { plural } from '../../ui/format.ts'
import { profileInFront } from './store.ts'
import { Alert } from '../../ui/kit.tsx'

export function ExportDialog() {
  const model = useModel()
  const profile = useStore(model.client, profileInFront)
  const all = useStore(model.client, (state) => state.profiles?.length ?? 0)
  const [which, setWhich] = useState<'all' | 'one'>('all')
  const [publishes, setPublishes] = useState(true)
  const [fault, setFault] = useState('')
  const run = async () => {
    const profiles = which === 'one' && profile ? { profiles: [profile.id] } : {}
    const answer = await model.host.call('client.bundle', { ...profiles, publishes })
    if (!answer.ok) return setFault(answer.error.message)
    const { text, remarks } = answer.value
    if (!(await saveText(model, 'mqtt-clients.json', text))) return
    model.show('none')
    model.notices.getState().say(['Saved.', ...remarks].join(' '))
  }
  return (
    <Dialog title="Export connections" action={{ title: 'Save', run: () => void run() }}>
      <Choice
        label="Which connections"
        options={[
          ['all', `All ${plural(all, 'connection')}`],
          ['one', profile?.name ?? 'This one'],
        ]}
        value={which}
        onChange={setWhich}
      />
      <label className="check">
        <input type="checkbox" checked={publishes} onChange={(event) => setPublishes(event.target.checked)} />
        With the saved publishes
      </label>
      <p className="dim">
        A JSON file without passwords and keys. What you wrote into topics, payloads and properties is in it.
      </p>
      <Alert text={fault} />
    </Dialog>
  )
}

export function ImportDialog() {
  const model = useModel()
  const [text, setText] = useState('')
  const [fault, setFault] = useState('')
  const [report, setReport] = useState<ImportReport>()
  const read = async (file: File | undefined) => {
    if (!file) return
    if (file.size > 4 * MAX_BUNDLE_TEXT) return setFault(`${file.name} is too large to be such a file.`)
    setText(await file.text())
    setFault('')
  }
  const run = async () => {
    if (text.length > MAX_BUNDLE_TEXT) return setFault('The text is too long to be such a file.')
    const answer = await model.host.call('client.import', { text })
    if (!answer.ok) return setFault(answer.error.message)
    setFault('')
    setReport(answer.value)
    setText('')
    await model.client.refreshSaved()
  }
  return (
    <Dialog
      title="Import connections"
      action={{ title: 'Import', disabled: text.trim() === '', again: true, run: () => void run() }}
    >
      <Labelled label="File" remark="JSON: what this bench exports, or the connections that MQTTX exports">
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) => void read(event.target.files?.[0])}
        />
      </Labelled>
      <Labelled label="Or text">
        <textarea
          className="input mono"
          rows={8}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Labelled>
      <Alert text={fault} />
      {report && <Report report={report} />}
    </Dialog>
  )
}

function Report({ report: { profiles, publishes, remarks } }: { report: ImportReport }) {
  return (
    <div role="status">
      <p>
        {`Added ${plural(profiles.length, 'connection')} and ${plural(publishes.length, 'saved publish', 'saved publishes')}.`}
        {profiles.length > 0 && ` ${profiles.join(', ')}: give the passwords that they need.`}
      </p>
      {remarks.map((remark) => (
        <p key={remark} className="warn">
          {remark}
        </p>
      ))}
    </div>
  )
}
