/** A connection as it is edited: where it leads, who it is, how it begins. Secrets go in and are never shown again. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { ClientProfile, KeptProfile, SecretChanges } from '../../../shared/contract/mqtt-client.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { Alert, ConfirmButton, Tabs } from '../../ui/kit.tsx'
import {
  methodOf,
  SCRAM,
  transportNames,
  profileOf,
  usesTls,
  withTarget,
  withTransport,
  type ClientTransport,
} from './profile-draft.ts'
import { PropertyEditor } from './property-editor.tsx'
import { connectionInFront, isOn } from './store.ts'
import { SecretField } from './secret-field.tsx'
import { TlsTab } from './tls-tab.tsx'
import { WillTab } from './will-tab.tsx'

export interface TabProps {
  readonly profile: ClientProfile
  readonly held: KeptProfile['secrets']
  readonly secrets: SecretChanges
  readonly set: (change: Partial<ClientProfile>) => void
  readonly setSecrets: (change: SecretChanges) => void
}

type Tab = 'connection' | 'tls' | 'properties' | 'will'

export function ProfileDialog() {
  const model = useModel()
  const editing = useStore(model.client, (state) => state.editing)
  const [profile, setProfile] = useState<ClientProfile | undefined>(() => editing && profileOf(editing))
  const [secrets, setSecrets] = useState<SecretChanges>({})
  const [tab, setTab] = useState<Tab>('connection')
  const [fault, setFault] = useState('')
  if (!editing || !profile) return null
  const isNew = !model.client.getState().profiles?.some(({ id }) => id === profile.id)

  const save = async (connects: boolean) => {
    const wanted = profile.name.trim() === '' ? { ...profile, name: nameOf(profile) } : profile
    const answer = await model.host.call('client.save', { profile: wanted, secrets })
    if (!answer.ok) return setFault(answer.error.message)
    model.client.choose(profile.id)
    model.show('none')
    if (connects) void model.run('client.connect', { id: profile.id })
    else if (isOn(connectionInFront(model.client.getState())))
      model.notices.getState().say('Saved. It holds from the next connection on.')
  }
  const remove = async () => {
    if (await model.run('client.delete', { id: profile.id })) model.show('none')
  }
  const props: TabProps = {
    profile,
    held: editing.secrets,
    secrets,
    set: (change) => setProfile({ ...profile, ...change }),
    setSecrets: (change) => setSecrets({ ...secrets, ...change }),
  }
  const missing = profile.target.kind === 'broker' && profile.target.host.trim() === ''
  return (
    <Dialog
      title={isNew ? 'New connection' : profile.name}
      wide
      aside={
        <>
          <button type="button" className="button" disabled={missing} onClick={() => void save(false)}>
            Save
          </button>
          {!isNew && (
            <ConfirmButton question="Delete it?" onConfirm={() => void remove()}>
              Delete
            </ConfirmButton>
          )}
        </>
      }
      action={{ title: 'Save and connect', disabled: missing, run: () => void save(true) }}
    >
      <Tabs
        label="Parts of the connection"
        tabs={[
          ['connection', 'Connection'],
          ...(usesTls(profile) ? [['tls', 'TLS'] as const] : []),
          ['properties', `Properties of CONNECT (${profile.level === 5 ? profile.properties.length : 0})`],
          ['will', profile.will ? 'Will (set)' : 'Will'],
        ]}
        selected={tab}
        onSelect={setTab}
      />
      {tab === 'connection' && <ConnectionTab {...props} />}
      {tab === 'tls' && <TlsTab {...props} />}
      {tab === 'properties' && <PropertiesTab {...props} />}
      {tab === 'will' && <WillTab {...props} />}
      <Alert text={fault} />
    </Dialog>
  )
}

const nameOf = ({ target }: ClientProfile): string =>
  target.kind === 'bench' ? 'This bench' : `${target.host}:${target.port}`

const whole = (text: string, least: number, most: number): number =>
  Math.min(most, Math.max(least, Math.floor(Number(text) || 0)))

function ConnectionTab({ profile, held, secrets, set, setSecrets }: TabProps) {
  const { target } = profile
  return (
    <div className="client-form">
      <Labelled label="Name">
        <input
          className="input"
          placeholder={nameOf(profile)}
          maxLength={200}
          value={profile.name}
          onChange={(event) => set({ name: event.target.value })}
        />
      </Labelled>
      <div className="labelled">
        <span>Where to</span>
        <Choice
          label="Where to"
          options={[
            ['bench', 'This bench', 'Its listeners; the passwords of its users are known'],
            ['broker', 'Another broker'],
          ]}
          value={target.kind}
          onChange={(kind) => set(withTarget(profile, kind))}
        />
      </div>
      <div className="labelled">
        <span>Transport</span>
        <Choice
          label="Transport"
          options={Object.entries(transportNames) as [ClientTransport, string][]}
          value={target.transport}
          onChange={(transport) => set(withTransport(profile, transport))}
        />
      </div>
      {target.kind === 'broker' && (
        <div className="client-row">
          <Labelled label="Host">
            <input
              className="input mono"
              placeholder="192.168.1.10"
              spellCheck={false}
              maxLength={255}
              value={target.host}
              onChange={(event) => set({ target: { ...target, host: event.target.value.trim() } })}
            />
          </Labelled>
          <Labelled label="Port">
            <input
              className="input number"
              type="number"
              min={1}
              max={65535}
              value={target.port}
              onChange={(event) => set({ target: { ...target, port: whole(event.target.value, 1, 65_535) } })}
            />
          </Labelled>
          {(target.transport === 'ws' || target.transport === 'wss') && (
            <Labelled label="Path">
              <input
                className="input mono"
                spellCheck={false}
                value={target.path}
                onChange={(event) => set({ target: { ...target, path: event.target.value } })}
              />
            </Labelled>
          )}
        </div>
      )}
      <div className="client-row">
        <Labelled label="MQTT version">
          <select
            className="input"
            value={profile.level}
            onChange={(event) => set({ level: event.target.value === '5' ? 5 : 4 })}
          >
            <option value={5}>5.0</option>
            <option value={4}>3.1.1</option>
          </select>
        </Labelled>
        <Labelled label="Client ID" remark="Empty: the broker gives one">
          <input
            className="input mono"
            spellCheck={false}
            value={profile.clientId}
            onChange={(event) => set({ clientId: event.target.value })}
          />
        </Labelled>
      </div>
      <div className="client-row">
        <Labelled label="User">
          <input
            className="input mono"
            spellCheck={false}
            autoComplete="off"
            value={profile.username}
            onChange={(event) => set({ username: event.target.value })}
          />
        </Labelled>
        <SecretField
          label="Password"
          held={held.includes('password')}
          change={secrets.password}
          placeholder={target.kind === 'bench' ? 'known to this bench' : ''}
          onChange={(password) => setSecrets({ password })}
        />
      </div>
      <div className="client-row">
        <Labelled label="Keep-alive, seconds" remark="0: off">
          <input
            className="input number"
            type="number"
            min={0}
            max={65535}
            value={profile.keepAlive}
            onChange={(event) => set({ keepAlive: whole(event.target.value, 0, 65_535) })}
          />
        </Labelled>
        <Labelled label="Comes back after, seconds" remark="Then twice as long, up to 60; 0: it stays lost">
          <input
            className="input number"
            type="number"
            min={0}
            max={3600}
            value={profile.reconnect}
            onChange={(event) => set({ reconnect: whole(event.target.value, 0, 3600) })}
          />
        </Labelled>
        <label className="check">
          <input
            type="checkbox"
            checked={profile.clean}
            onChange={(event) => set({ clean: event.target.checked })}
          />
          {profile.level === 5 ? 'Clean Start' : 'Clean Session'}
        </label>
      </div>
    </div>
  )
}

function PropertiesTab({ profile, held, secrets, set, setSecrets }: TabProps) {
  if (profile.level !== 5) return <p className="dim">MQTT 3.1.1 has no properties.</p>
  const method = methodOf(profile)
  return (
    <div className="client-form">
      <PropertyEditor
        id="connect-property"
        label="Properties of CONNECT"
        place="CONNECT"
        value={profile.properties}
        onChange={(properties) => set({ properties })}
      />
      {method !== undefined && method !== SCRAM && (
        <>
          <SecretField
            label="Authentication Data"
            held={held.includes('authenticationData')}
            change={secrets.authenticationData}
            placeholder={profile.authenticationHex === true ? '00 ff …' : ''}
            onChange={(authenticationData) => setSecrets({ authenticationData })}
          />
          <label className="check">
            <input
              type="checkbox"
              checked={profile.authenticationHex === true}
              onChange={(event) => set({ authenticationHex: event.target.checked })}
            />
            It is written in hexadecimal
          </label>
        </>
      )}
      <p className="dim">
        Session Expiry Interval keeps the session after the connection; Receive Maximum, Maximum Packet Size
        and Topic Alias Maximum tell the broker what this client takes. With the Authentication Method {SCRAM}{' '}
        the password is proved and not sent; with any other one you answer each step yourself (More ›
        Authenticate).
      </p>
    </div>
  )
}
