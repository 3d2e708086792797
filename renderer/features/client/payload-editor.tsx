/** The payload as text in one of the forms in which people write it. */
import { json } from '@codemirror/lang-json'
import { useStore } from 'zustand'
import { payloadFormNames } from '../../../shared/client/payload.ts'
import { payloadForms, type PayloadForm } from '../../../shared/contract/mqtt-client.ts'
import { useModel } from '../../app/model.ts'
import { CodeEditor } from '../../ui/editor/code-editor.tsx'
import { chooseForm, mayPublish } from './actions.ts'

const jsonLanguage = json()
const plain: [] = []
const isJson = (form: PayloadForm): boolean => form === 'json' || form === 'cbor' || form === 'usp'

export function PayloadEditor() {
  const model = useModel()
  const { client } = model
  const payload = useStore(client, (state) => state.draft.payload)
  const set = (change: Partial<typeof payload>) => client.setDraft({ payload: { ...payload, ...change } })
  return (
    <div className="payload-editor">
      <div className="payload-form">
        <select
          className="input"
          aria-label="Form of the payload"
          value={payload.form}
          onChange={(event) => chooseForm(model, event.target.value as PayloadForm)}
        >
          {payloadForms.map((form) => (
            <option key={form} value={form}>
              {payloadFormNames[form]}
            </option>
          ))}
        </select>
        {payload.form === 'usp' && (
          <>
            <input
              className="input mono"
              aria-label="to_id of the Record"
              placeholder="to_id: os::012345-…"
              spellCheck={false}
              value={payload.toId ?? ''}
              onChange={(event) => set({ toId: event.target.value })}
            />
            <input
              className="input mono"
              aria-label="from_id of the Record"
              placeholder="from_id"
              spellCheck={false}
              value={payload.fromId ?? ''}
              onChange={(event) => set({ fromId: event.target.value })}
            />
          </>
        )}
      </div>
      <CodeEditor
        label="Payload"
        value={payload.text}
        language={isJson(payload.form) ? jsonLanguage : plain}
        onChange={(text) => set({ text })}
        onSubmit={() => mayPublish(model) && void client.publish()}
      />
    </div>
  )
}
