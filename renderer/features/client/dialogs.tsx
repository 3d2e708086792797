/** The sheets of the MQTT client. */
import { useState, type ComponentType } from 'react'
import { useStore } from 'zustand'
import type { SubscriptionDraft } from '../../../shared/contract/mqtt-client.ts'
import { isTopicFilter } from '../../../shared/mqtt/topics.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { AuthenticateDialog } from './authenticate-dialog.tsx'
import { DisconnectDialog } from './disconnect-dialog.tsx'
import type { ClientOverlay } from './overlay.ts'
import { ProfileDialog } from './profile-dialog.tsx'
import { subscriptionColours } from './profile-draft.ts'
import { PropertyEditor } from './property-editor.tsx'
import { profileInFront } from './store.ts'
import { ExportDialog, ImportDialog } from './transfer-dialogs.tsx'
import { markColours } from './words.ts'
import { Alert } from '../../ui/kit.tsx'

const handlings = ['Send retained messages', 'Send them only for a new subscription', 'Send none'] as const

function SubscriptionDialog() {
  const model = useModel()
  const editing = useStore(model.client, (state) => state.editingSubscription)
  const level = useStore(model.client, (state) => profileInFront(state)?.level ?? 5)
  const [draft, setDraft] = useState<SubscriptionDraft | undefined>(editing)
  if (!editing || !draft) return null
  const set = (change: Partial<SubscriptionDraft>) => setDraft({ ...draft, ...change })
  const validity = isTopicFilter(draft.filter)
  const subscribe = async () => {
    const id = model.client.getState().current
    if (editing.filter !== draft.filter && editing.filter !== '') {
      const { subscriptions = [] } = profileInFront(model.client.getState()) ?? {}
      const was = subscriptions.some(({ filter }) => filter === editing.filter)
      if (was && !(await model.run('client.unsubscribe', { id, filter: editing.filter }))) return
    }
    if (await model.run('client.subscribe', { id, subscription: draft })) model.show('none')
  }
  return (
    <Dialog
      title="Subscription"
      action={{ title: 'Subscribe', disabled: !validity.valid, run: () => void subscribe() }}
    >
      <Labelled
        label="Topic filter"
        remark={validity.valid || draft.filter === '' ? undefined : `The filter ${validity.reason}.`}
      >
        <input
          className="input mono"
          spellCheck={false}
          value={draft.filter}
          aria-invalid={!validity.valid && draft.filter !== ''}
          onChange={(event) => set({ filter: event.target.value })}
        />
      </Labelled>
      <div className="client-row">
        <Labelled label="QoS">
          <select
            className="input"
            value={draft.qos}
            onChange={(event) => set({ qos: Number(event.target.value) as 0 | 1 | 2 })}
          >
            {[0, 1, 2].map((qos) => (
              <option key={qos}>{qos}</option>
            ))}
          </select>
        </Labelled>
        <fieldset className="client-colours" aria-label="Colour">
          {subscriptionColours.map((colour) => (
            <label key={colour} title={colour}>
              <input
                type="radio"
                name="colour"
                aria-label={colour}
                checked={draft.colour === colour}
                onChange={() => set({ colour })}
              />
              <i className="client-colour" style={{ background: markColours[colour] }} />
            </label>
          ))}
        </fieldset>
      </div>
      {level === 5 ? (
        <>
          <div className="client-checks">
            <label className="check">
              <input
                type="checkbox"
                checked={draft.noLocal}
                onChange={(event) => set({ noLocal: event.target.checked })}
              />
              No Local
            </label>
            <label className="check">
              <input
                type="checkbox"
                checked={draft.retainAsPublished}
                onChange={(event) => set({ retainAsPublished: event.target.checked })}
              />
              Retain As Published
            </label>
          </div>
          <Labelled label="Retain Handling">
            <select
              className="input"
              value={draft.retainHandling}
              onChange={(event) => set({ retainHandling: Number(event.target.value) as 0 | 1 | 2 })}
            >
              {handlings.map((title, value) => (
                <option key={value} value={value}>
                  {value} – {title}
                </option>
              ))}
            </select>
          </Labelled>
          <PropertyEditor
            id="subscribe-property"
            label="Properties of SUBSCRIBE"
            place="SUBSCRIBE"
            value={draft.properties}
            onChange={(properties) => set({ properties })}
          />
        </>
      ) : (
        <p className="dim">Other options exist since MQTT 5.0.</p>
      )}
    </Dialog>
  )
}

/** A name as it is typed: the suffix is the bench's business. */
const withSuffix = (name: string): string => `${name.trim().replace(/\.json$/i, '')}.json`
const withoutSuffix = (path: string): string => path.replace(/\.json$/, '')

function NameDialog({ title, act }: { title: string; act: (path: string) => Promise<string | undefined> }) {
  const model = useModel()
  const { file, draft, note } = model.client.getState()
  const [name, setName] = useState(
    file ? withoutSuffix(file.path) : draft.topic.replaceAll(/[^\w/.-]+/g, ' ').trim(),
  )
  const [fault, setFault] = useState('')
  const run = async () => {
    const said = await act(withSuffix(name))
    if (said === undefined) model.show('none')
    else setFault(said)
  }
  return (
    <Dialog title={title} action={{ title: 'Save', disabled: name.trim() === '', run: () => void run() }}>
      <Labelled label="Name" remark="A slash makes a folder: wifi/scan">
        <input
          className="input"
          maxLength={300}
          value={name}
          aria-invalid={fault !== ''}
          onChange={(event) => {
            setName(event.target.value)
            setFault('')
          }}
        />
      </Labelled>
      <Alert text={fault} />
      <Labelled
        label="Note"
        remark="A file below publishes/ of the workspace; passwords in it can be read there."
      >
        <textarea
          className="input"
          rows={3}
          maxLength={20_000}
          defaultValue={note}
          onChange={(event) => model.client.setState({ note: event.target.value })}
        />
      </Labelled>
    </Dialog>
  )
}

function SaveDialog() {
  const { client } = useModel()
  return <NameDialog title="Save the message" act={async (path) => (await client.save(path))?.message} />
}

function RenameDialog() {
  const model = useModel()
  const rename = async (to: string): Promise<string | undefined> => {
    const { file } = model.client.getState()
    if (!file) return undefined
    const answer = await model.host.call('publishes.rename', { from: file.path, to })
    if (!answer.ok) return answer.error.message
    model.client.setState({ file: { ...file, path: to } })
    await model.client.refreshSaved()
    return undefined
  }
  return <NameDialog title="Rename the message" act={rename} />
}

export const clientSheets: Readonly<Record<ClientOverlay, ComponentType>> = {
  'client-profile': ProfileDialog,
  'client-subscription': SubscriptionDialog,
  'client-save': SaveDialog,
  'client-rename': RenameDialog,
  'client-disconnect': DisconnectDialog,
  'client-authenticate': AuthenticateDialog,
  'client-export': ExportDialog,
  'client-import': ImportDialog,
}
