/** Which authority a connection trusts, and which certificate it shows. */
import { useStore } from 'zustand'
import type { ClientProfile } from '../../../shared/contract/mqtt-client.ts'
import { Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { Choice } from '../../ui/choice.tsx'
import type { TabProps } from './profile-dialog.tsx'
import { SecretField } from './secret-field.tsx'

type Tls = ClientProfile['tls']
type Authority = Tls['authority']
type Certificate = Tls['certificate']

const authorities: Readonly<Record<Authority['kind'], Authority>> = {
  lab: { kind: 'lab' },
  system: { kind: 'system' },
  file: { kind: 'file', path: '' },
  pem: { kind: 'pem', pem: '' },
}
const certificates: Readonly<Record<Certificate['kind'], Certificate>> = {
  none: { kind: 'none' },
  lab: { kind: 'lab', serial: '' },
  file: { kind: 'file', certificate: '', key: '' },
  pem: { kind: 'pem', pem: '' },
}

export function TlsTab({ profile, held, secrets, set, setSecrets }: TabProps) {
  const { tls } = profile
  const { authority, certificate } = tls
  const change = (part: Partial<Tls>) => set({ tls: { ...tls, ...part } })
  return (
    <div className="client-form">
      <div className="labelled">
        <span>Authority of the broker’s certificate</span>
        <Choice
          label="Authority of the broker’s certificate"
          options={[
            ['lab', 'The lab of this bench'],
            ['system', 'Those of this machine'],
            ['file', 'A PEM file'],
            ['pem', 'Pasted PEM'],
          ]}
          value={authority.kind}
          onChange={(kind) => change({ authority: authorities[kind] })}
        />
      </div>
      {authority.kind === 'file' && (
        <PathField
          label="File with the authority, on the bench’s machine"
          value={authority.path}
          onChange={(path) => change({ authority: { kind: 'file', path } })}
        />
      )}
      {authority.kind === 'pem' && (
        <PemField
          label="Authority"
          value={authority.pem}
          onChange={(pem) => change({ authority: { kind: 'pem', pem } })}
        />
      )}
      <div className="client-row">
        <Labelled label="Server name" remark="For SNI and the name in the certificate; empty: the host">
          <input
            className="input mono"
            spellCheck={false}
            maxLength={255}
            value={tls.serverName}
            onChange={(event) => change({ serverName: event.target.value })}
          />
        </Labelled>
        <label className="check">
          <input
            type="checkbox"
            checked={!tls.verify}
            onChange={(event) => change({ verify: !event.target.checked })}
          />
          <span className={tls.verify ? '' : 'bad'}>Take any certificate, unchecked</span>
        </label>
      </div>
      <div className="labelled">
        <span>Certificate of this client</span>
        <Choice
          label="Certificate of this client"
          options={[
            ['none', 'None'],
            ['lab', 'A device certificate of the lab'],
            ['file', 'PEM files'],
            ['pem', 'Pasted PEM'],
          ]}
          value={certificate.kind}
          onChange={(kind) => change({ certificate: certificates[kind] })}
        />
      </div>
      {certificate.kind === 'lab' && (
        <LabCertificate
          serial={certificate.serial}
          onChange={(serial) => change({ certificate: { kind: 'lab', serial } })}
        />
      )}
      {certificate.kind === 'file' && (
        <div className="client-row">
          <PathField
            label="File with the certificate, on the bench’s machine"
            value={certificate.certificate}
            onChange={(path) => change({ certificate: { ...certificate, certificate: path } })}
          />
          <PathField
            label="File with the key; empty: the same"
            value={certificate.key}
            onChange={(key) => change({ certificate: { ...certificate, key } })}
          />
        </div>
      )}
      {certificate.kind === 'pem' && (
        <div className="client-row">
          <PemField
            label="Certificate"
            value={certificate.pem}
            onChange={(pem) => change({ certificate: { kind: 'pem', pem } })}
          />
          <SecretField
            label="Key"
            lines={5}
            held={held.includes('key')}
            change={secrets.key}
            placeholder="-----BEGIN PRIVATE KEY-----"
            onChange={(key) => setSecrets({ key })}
          />
        </div>
      )}
      {(certificate.kind === 'file' || certificate.kind === 'pem') && (
        <SecretField
          label="Passphrase of the key"
          held={held.includes('passphrase')}
          change={secrets.passphrase}
          placeholder="none"
          onChange={(passphrase) => setSecrets({ passphrase })}
        />
      )}
    </div>
  )
}

interface FieldProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function PathField({ label, value, onChange }: FieldProps) {
  return (
    <Labelled label={label}>
      <input
        className="input mono"
        placeholder="/home/me/ca.pem"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Labelled>
  )
}

function PemField({ label, value, onChange }: FieldProps) {
  return (
    <Labelled label={label}>
      <textarea
        className="input mono"
        rows={5}
        placeholder="-----BEGIN CERTIFICATE-----"
        spellCheck={false}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Labelled>
  )
}

function LabCertificate({ serial, onChange }: { serial: string; onChange: (serial: string) => void }) {
  const { live } = useModel()
  const devices = useStore(live, (state) => state.certificates?.devices)
  const good = devices?.filter(({ revokedAt }) => revokedAt === undefined) ?? []
  return (
    <Labelled
      label="Device"
      remark={good.length === 0 ? 'There is none yet: make one under Certificates.' : undefined}
    >
      <select className="input" value={serial} onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose a certificate</option>
        {good.map((one) => (
          <option key={one.serial} value={one.serial}>
            {one.endpointId}
            {one.username === undefined ? '' : `, user ${one.username}`} (until {one.notAfter.slice(0, 10)})
          </option>
        ))}
      </select>
    </Labelled>
  )
}
