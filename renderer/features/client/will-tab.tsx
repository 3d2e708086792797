/** The will of a connection: what the broker publishes when it is lost. */
import { emptyPublish } from '../../../shared/client/publish-draft.ts'
import { payloadFormNames } from '../../../shared/client/payload.ts'
import { payloadForms, type PayloadForm } from '../../../shared/contract/mqtt-client.ts'
import { Labelled } from '../../app/dialog.tsx'
import type { TabProps } from './profile-dialog.tsx'
import { PropertyEditor } from './property-editor.tsx'

export function WillTab({ profile, set }: TabProps) {
  const { will, level } = profile
  const { will: _, ...without } = profile
  return (
    <div className="client-form">
      <label className="check">
        <input
          type="checkbox"
          checked={will !== undefined}
          onChange={(event) =>
            set(event.target.checked ? { will: emptyPublish } : { ...without, will: undefined })
          }
        />
        The broker publishes a message when this connection is lost
      </label>
      {will && (
        <>
          <div className="client-row">
            <Labelled label="Topic">
              <input
                className="input mono"
                spellCheck={false}
                value={will.topic}
                onChange={(event) => set({ will: { ...will, topic: event.target.value } })}
              />
            </Labelled>
            <Labelled label="QoS">
              <select
                className="input"
                value={will.qos}
                onChange={(event) => set({ will: { ...will, qos: Number(event.target.value) as 0 | 1 | 2 } })}
              >
                {[0, 1, 2].map((qos) => (
                  <option key={qos}>{qos}</option>
                ))}
              </select>
            </Labelled>
            <label className="check">
              <input
                type="checkbox"
                checked={will.retain}
                onChange={(event) => set({ will: { ...will, retain: event.target.checked } })}
              />
              Retain
            </label>
          </div>
          <div className="client-row">
            <Labelled label="Payload">
              <textarea
                className="input mono"
                rows={4}
                spellCheck={false}
                value={will.payload.text}
                onChange={(event) =>
                  set({ will: { ...will, payload: { ...will.payload, text: event.target.value } } })
                }
              />
            </Labelled>
            <Labelled label="Form">
              <select
                className="input"
                value={will.payload.form}
                onChange={(event) =>
                  set({
                    will: { ...will, payload: { ...will.payload, form: event.target.value as PayloadForm } },
                  })
                }
              >
                {payloadForms
                  .filter((form) => form !== 'usp')
                  .map((form) => (
                    <option key={form} value={form}>
                      {payloadFormNames[form]}
                    </option>
                  ))}
              </select>
            </Labelled>
          </div>
          {level === 5 && (
            <PropertyEditor
              id="will-property"
              label="Properties of the will"
              place="WILL"
              value={will.properties}
              onChange={(properties) => set({ will: { ...will, properties } })}
            />
          )}
        </>
      )}
    </div>
  )
}
