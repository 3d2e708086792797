/** The message that is being written: topic, payload, properties, and whether it is asked or said repeatedly. */
import { useMemo, useState } from 'react'
import { useStore } from 'zustand'
import { DraftFault } from '../../../shared/client/draft-fault.ts'
import { ownVariables, readPublish, variablesOf } from '../../../shared/client/publish-draft.ts'
import { useModel } from '../../app/model.ts'
import { plural } from '../../ui/format.ts'
import { Icon, Keys, Tabs } from '../../ui/kit.tsx'
import { copyDraft, mayPublish, savePublish } from './actions.ts'
import { PayloadEditor } from './payload-editor.tsx'
import { PropertyEditor } from './property-editor.tsx'
import { connectionInFront, isChanged, isConnected, profileInFront } from './store.ts'

type Tab = 'payload' | 'properties' | 'more'

export function PublishPane() {
  const { client } = useModel()
  const draft = useStore(client, (state) => state.draft)
  const request = useStore(client, (state) => state.request)
  const repeat = useStore(client, (state) => state.repeat)
  const level = useStore(client, (state) => profileInFront(state)?.level ?? 5)
  const [tab, setTab] = useState<Tab>('payload')
  const { properties } = draft
  const extras = [request.on && 'request', repeat.on && `${repeat.times}×`].filter(Boolean).join(', ')
  return (
    <section className="client-publish" aria-label="Publish">
      <Head />
      <Variables />
      <div className="publish-tabs">
        <Tabs
          label="Parts of the message"
          tabs={[
            ['payload', 'Payload'],
            ['properties', properties.length > 0 ? `Properties (${properties.length})` : 'Properties'],
            ['more', extras === '' ? 'Request, repeat' : `Request, repeat (${extras})`],
          ]}
          selected={tab}
          onSelect={setTab}
        />
        <span className="spacer" />
        <FileButtons />
      </div>
      <div className="publish-body">
        {tab === 'payload' && <PayloadEditor />}
        {tab === 'properties' &&
          (level === 5 ? (
            <div className="publish-scroll">
              <PropertyEditor
                id="publish-property"
                label="Properties"
                place="PUBLISH"
                value={properties}
                onChange={(next) => client.setDraft({ properties: next })}
              />
            </div>
          ) : (
            <p className="publish-scroll dim">
              MQTT 3.1.1 has no properties: choose MQTT 5.0 in the connection to send any.
            </p>
          ))}
        {tab === 'more' && <More />}
      </div>
      <Said />
    </section>
  )
}

function Head() {
  const model = useModel()
  const { client } = model
  const draft = useStore(client, (state) => state.draft)
  const sending = useStore(client, (state) => state.sending)
  const request = useStore(client, (state) => state.request.on)
  const repeating = useStore(client, (state) => connectionInFront(state)?.repeat)
  const connected = useStore(client, (state) => isConnected(connectionInFront(state)))
  const current = useStore(client, (state) => state.current)
  return (
    <div className="publish-head">
      <input
        id="publish-topic"
        className="input mono publish-topic"
        aria-label="Topic"
        placeholder="Topic"
        spellCheck={false}
        autoComplete="off"
        value={draft.topic}
        onChange={(event) => client.setDraft({ topic: event.target.value })}
      />
      <select
        className="input"
        aria-label="QoS"
        value={draft.qos}
        onChange={(event) => client.setDraft({ qos: Number(event.target.value) as 0 | 1 | 2 })}
      >
        {[0, 1, 2].map((qos) => (
          <option key={qos} value={qos}>
            QoS {qos}
          </option>
        ))}
      </select>
      <label className="check">
        <input
          type="checkbox"
          checked={draft.retain}
          onChange={(event) => client.setDraft({ retain: event.target.checked })}
        />
        Retain
      </label>
      {repeating ? (
        <button
          type="button"
          className="button"
          onClick={() => void model.run('client.stop', { id: current })}
        >
          Stop at {repeating.sent} of {repeating.times}
        </button>
      ) : (
        <button
          type="button"
          className="button main"
          disabled={!mayPublish(model) || sending}
          title={connected ? undefined : 'Connect first'}
          onClick={() => void client.publish()}
        >
          {request ? 'Ask' : 'Publish'}
        </button>
      )}
      <Keys chord="mod+enter" />
    </div>
  )
}

function Variables() {
  const { client } = useModel()
  const draft = useStore(client, (state) => state.draft)
  const variables = useStore(client, (state) => state.variables)
  const names = useMemo(() => variablesOf(draft), [draft])
  if (names.length === 0) return null
  return (
    <div className="variables">
      {names.map((name) => (
        <label key={name}>
          <span className="mono dim">{name}</span>
          <input
            className="input mono"
            spellCheck={false}
            value={variables[name] ?? ''}
            onChange={(event) => client.setState({ variables: { ...variables, [name]: event.target.value } })}
          />
        </label>
      ))}
    </div>
  )
}

function FileButtons() {
  const model = useModel()
  const { client } = model
  const file = useStore(client, (state) => state.file)
  const changed = useStore(client, isChanged)
  return (
    <>
      {file && (
        <span className="cut dim publish-file" title={file.path}>
          {file.path.replace(/\.json$/, '')}
          {changed && ' (changed)'}
        </span>
      )}
      <button
        type="button"
        className="button quiet"
        title="Copy it as a mosquitto_pub command"
        aria-label="Copy it as a mosquitto_pub command"
        onClick={() => void copyDraft(model)}
      >
        <Icon name="copy" />
      </button>
      <button type="button" className="button quiet" onClick={() => client.fresh()}>
        New
      </button>
      <button
        type="button"
        className="button quiet"
        disabled={file !== undefined && !changed}
        onClick={() => void savePublish(model)}
      >
        {file ? 'Save' : 'Save…'}
      </button>
    </>
  )
}

const timeouts = [1, 5, 10, 30, 60, 300] as const

function More() {
  const { client } = useModel()
  const request = useStore(client, (state) => state.request)
  const repeat = useStore(client, (state) => state.repeat)
  const level = useStore(client, (state) => profileInFront(state)?.level ?? 5)
  const number = (value: string, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.floor(Number(value) || least)))
  return (
    <div className="publish-scroll publish-more">
      <div>
        <label className="check">
          <input
            type="checkbox"
            checked={request.on && level === 5}
            disabled={level < 5}
            title={
              level < 5 ? 'MQTT 3.1.1 has no Response Topic: choose MQTT 5.0 in the connection' : undefined
            }
            onChange={(event) => client.setState({ request: { ...request, on: event.target.checked } })}
          />
          Await an answer for
        </label>
        <select
          className="input"
          aria-label="How long the answer is awaited"
          value={request.timeoutMs}
          onChange={(event) =>
            client.setState({ request: { ...request, timeoutMs: Number(event.target.value) } })
          }
        >
          {timeouts.map((seconds) => (
            <option key={seconds} value={seconds * 1000}>
              {seconds} s
            </option>
          ))}
        </select>
        <p className="dim">
          {level < 5
            ? 'A Response Topic exists since MQTT 5.0: this connection speaks 3.1.1.'
            : 'Response Topic and fresh Correlation Data are added where the properties have none, and the Response Topic is subscribed to. The answer, its time, and answers that come late or twice stand in the list.'}
        </p>
      </div>
      <div>
        <label className="check">
          <input
            type="checkbox"
            checked={repeat.on}
            onChange={(event) => client.setState({ repeat: { ...repeat, on: event.target.checked } })}
          />
          Publish
        </label>
        <input
          className="input number"
          type="number"
          aria-label="How many times"
          min={1}
          max={100_000}
          value={repeat.times}
          onChange={(event) =>
            client.setState({ repeat: { ...repeat, times: number(event.target.value, 1, 100_000) } })
          }
        />{' '}
        times, one every{' '}
        <input
          className="input number"
          type="number"
          aria-label="Milliseconds between two"
          min={1}
          max={3_600_000}
          value={repeat.intervalMs}
          onChange={(event) =>
            client.setState({ repeat: { ...repeat, intervalMs: number(event.target.value, 1, 3_600_000) } })
          }
        />{' '}
        ms
        <p className="dim">
          {ownVariables.map(([name, meaning]) => (
            <span key={name}>
              <code>{`\${${name}}`}</code> {meaning},{' '}
            </span>
          ))}
          and any other <code>{'${name}'}</code> is asked for.
        </p>
      </div>
    </div>
  )
}

/** What is wrong, or how large the packet’s payload is. */
function Said() {
  const { client } = useModel()
  const draft = useStore(client, (state) => state.draft)
  const variables = useStore(client, (state) => state.variables)
  const refused = useStore(client, (state) => state.fault)
  const checked = useMemo(() => {
    if (draft.topic === '' && draft.payload.text === '') return { text: '' }
    try {
      const { payload } = readPublish(draft, variables, { n: 1, time: 0, newId: () => 'id', random: 0 })
      return { text: plural(payload.length, 'byte') }
    } catch (error) {
      if (error instanceof DraftFault) return { text: error.message, bad: true }
      throw error
    }
  }, [draft, variables])
  return (
    <p className={`publish-said ${refused || checked.bad ? 'bad' : 'dim'}`} role="status">
      {refused?.message ?? checked.text}
    </p>
  )
}
