/** One question to the rules: what they say, which one decides, and why each before it did not. */
import { useStore } from 'zustand'
import type { Action, Qos } from '../../../shared/acl/model.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { count, plural } from '../../ui/format.ts'
import { showPacket } from '../packets/actions.ts'
import { Answer } from './ask-answer.tsx'
import { askedBy, type AskForm } from './ask.ts'
import { askedWords } from './dry-run.ts'
import { FieldRow } from './fields.tsx'
import { useKnownDevices } from '../devices/use-devices.ts'

export function AskTab() {
  return (
    <div className="ask-view">
      <Question />
      <Answer />
    </div>
  )
}

/** What a packet asks: one question, or one for each filter of a SUBSCRIBE. */
function FromPacket() {
  const model = useModel()
  const { access } = model
  const asked = useStore(access, (state) => state.askedPacket)
  const ask = useStore(access, (state) => state.ask)
  if (!asked) return null
  const { no, capture, questions } = asked
  return (
    <div className="ask-packet">
      <p>
        From{' '}
        <button type="button" className="link" onClick={() => void showPacket(model, capture, no)}>
          packet {count(no)}
        </button>
        , which asks {plural(questions.length, 'question')}.
      </p>
      {questions.length > 1 && (
        <ul>
          {questions.map((question, index) => (
            <li key={index} className="cut">
              <button
                type="button"
                className="link mono"
                aria-current={question.action === ask.action && question.topic === ask.topic}
                title={question.topic}
                onClick={() => access.askAbout(asked, question)}
              >
                {askedWords[question.what]} {question.topic}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

const kinds: readonly (readonly [string, Partial<AskForm>])[] = [
  ['a device', { endpointId: 'os::012345-CPE1', username: 'os::012345-CPE1', clientId: 'os::012345-CPE1' }],
  ['the controller', { endpointId: 'controller', username: controllerUser, clientId: 'controller' }],
  ['nobody known', { endpointId: '', username: '', clientId: 'guest' }],
]

function Question() {
  const { access, live } = useModel()
  const ask = useStore(access, (state) => state.ask)
  const drafted = useStore(access, (state) => state.draft !== undefined)
  const listeners = useStore(live, (state) => state.bench?.listeners)
  const set = (change: Partial<AskForm>) => access.setState({ ask: { ...ask, ...change } })
  const text = (field: 'endpointId' | 'username' | 'clientId' | 'address' | 'topic', placeholder: string) => (
    <FieldRow label={fieldLabels[field]}>
      {(described) => (
        <input
          className="input mono"
          spellCheck={false}
          placeholder={placeholder}
          maxLength={field === 'topic' ? 65_535 : 1000}
          value={ask[field]}
          onChange={({ target }) => set({ [field]: target.value })}
          {...described}
        />
      )}
    </FieldRow>
  )
  return (
    <section className="ask-question" aria-label="Question">
      <FromPacket />
      <h2>Who asks</h2>
      <KnownDevice onDevice={set} />
      <p className="insert-links">
        <span className="dim">or</span>
        {kinds.map(([title, facts]) => (
          <button
            key={title}
            type="button"
            className="link"
            onClick={() => set({ address: '', listener: '', ...facts })}
          >
            {title}
          </button>
        ))}
      </p>
      {text('endpointId', 'os::012345-CPE1')}
      {text('username', 'none given')}
      {text('clientId', 'client ID')}
      {text('address', 'not known')}
      <FieldRow label="Listener">
        {(described) => (
          <select
            className="input"
            value={ask.listener}
            onChange={({ target }) => set({ listener: target.value })}
            {...described}
          >
            <option value="">not known</option>
            {listeners?.map(({ transport, port, label }) => (
              <option key={transport} value={`${transport} ${port}`}>
                {label}
              </option>
            ))}
          </select>
        )}
      </FieldRow>
      <h2>For what</h2>
      <FieldRow label="To">
        {() => (
          <Choice<Action>
            label="Action"
            options={[
              ['publish', 'publish'],
              ['subscribe', 'subscribe'],
            ]}
            value={ask.action}
            onChange={(action) => set({ action })}
          />
        )}
      </FieldRow>
      {text('topic', ask.action === 'publish' ? 'topic name' : 'topic filter, shared ones whole')}
      <FieldRow label="QoS">
        {() => (
          <Choice
            label="QoS"
            options={[
              ['0', '0'],
              ['1', '1'],
              ['2', '2'],
            ]}
            value={String(ask.qos) as '0' | '1' | '2'}
            onChange={(qos) => set({ qos: Number(qos) as Qos })}
          />
        )}
      </FieldRow>
      {ask.action === 'publish' && (
        <FieldRow label="Retain">
          {(described) => (
            <input
              type="checkbox"
              checked={ask.retain}
              onChange={({ target }) => set({ retain: target.checked })}
              {...described}
            />
          )}
        </FieldRow>
      )}
      <FieldRow label="Asked of">
        {() => (
          <Choice
            label="Which rules are asked"
            options={drafted ? bothLists : onlyForce}
            value={drafted ? ask.list : 'force'}
            onChange={(list) => set({ list })}
          />
        )}
      </FieldRow>
    </section>
  )
}

const fieldLabels = {
  endpointId: 'Endpoint ID',
  username: 'User',
  clientId: 'Client ID',
  address: 'Address',
  topic: 'Topic',
} as const
const onlyForce: readonly (readonly [AskForm['list'], string])[] = [['force', 'the rules in force']]
const bothLists: readonly (readonly [AskForm['list'], string])[] = [...onlyForce, ['draft', 'the draft']]

/** Fills the facts of a device that connected once. */
function KnownDevice({ onDevice }: { onDevice: (facts: Partial<AskForm>) => void }) {
  const { devices, total } = useKnownDevices()
  return (
    <FieldRow label="Known device">
      {(described) => (
        <select
          className="input"
          value=""
          disabled={devices.length === 0}
          onChange={({ target }) => {
            const device = devices.find(({ endpointId }) => endpointId === target.value)
            if (device) onDevice(askedBy(device))
          }}
          {...described}
        >
          <option value="">{devices.length === 0 ? 'none connected yet' : 'pick one'}</option>
          {devices.map(({ endpointId, remoteAddress }) => (
            <option key={endpointId} value={endpointId}>
              {endpointId} ({remoteAddress})
            </option>
          ))}
          {total > devices.length && (
            <option disabled>{total - devices.length} seen longer ago: enter their endpoint ID</option>
          )}
        </select>
      )}
    </FieldRow>
  )
}
