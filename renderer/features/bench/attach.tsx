/** What to type into a device so that it connects to this bench. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { attachOutput } from '../../../shared/attach/outputs.ts'
import { endpointIdProblem, MISSING_ID, PASSWORD_PLACE } from '../../../shared/attach/parameters.ts'
import type { LanAddress } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { Card, CopyButton, Tabs } from '../../ui/kit.tsx'
import { isBound, isLinkLocal, sortedAddresses } from './addresses.ts'

const forms = [
  ['file', 'Factory reset file'],
  ['commands', 'Commands'],
] as const
const noAddresses: readonly LanAddress[] = []

export function Attach() {
  const { live, settings } = useModel()
  const addresses = useStore(live, (state) => state.bench?.addresses ?? noAddresses)
  const tcp = useStore(live, (state) =>
    state.bench?.listeners.find((listener) => listener.transport === 'tcp'),
  )
  const open = useStore(live, (state) => state.bench?.open ?? false)
  const endpointId = useStore(settings, (state) => state.endpointId)
  const form = useStore(settings, (state) => state.agentForm)
  const [wanted, setWanted] = useState<string>()
  const sorted = sortedAddresses(addresses)
  const chosen = sorted.find(({ address }) => address === wanted) ?? sorted[0]
  if (!chosen || !tcp)
    return (
      <Card title="Attach a device">
        <p className="dim">
          This machine has no network address. Connect it to the network of the device: the addresses then
          appear here by themselves.
        </p>
      </Card>
    )
  const id = endpointId.trim()
  const problem = endpointIdProblem(id)
  const login = { username: id || MISSING_ID, password: PASSWORD_PLACE }
  const target = { address: chosen.address, port: tcp.port, transport: 'tcp', endpointId: id } as const
  const { text } = attachOutput(open ? target : { ...target, login }, form)
  return (
    <Card title="Attach a device" aside="where a device on the LAN reaches this bench">
      <Addresses addresses={sorted} chosen={chosen} port={tcp.port} onChoose={setWanted} />
      {tcp.state !== 'listening' && (
        <p className="attach-remark warn">
          {tcp.label} is {tcp.state === 'off' ? 'off' : 'not listening'}: no device reaches it until it is on.
        </p>
      )}
      {!isBound(tcp.host, chosen) && (
        <p className="attach-remark warn">
          {tcp.label} is bound to {tcp.host} only: it is not reached at {chosen.address}.
        </p>
      )}
      <h3>OBUSPA: the least it needs</h3>
      <label className="attach-endpoint">
        Endpoint ID
        <input
          id="attach-endpoint"
          className="input mono"
          placeholder="os::012345-CPE1"
          spellCheck={false}
          value={endpointId}
          aria-invalid={problem !== undefined}
          aria-describedby="attach-problem"
          onChange={(event) => settings.getState().set({ endpointId: event.target.value.slice(0, 2000) })}
        />
      </label>
      <p id="attach-problem" className={`attach-remark ${problem ? 'bad' : 'dim'}`} role="status">
        {problem ?? (id ? '' : `Until it is entered, ${MISSING_ID} stands for it in these lines.`)}
      </p>
      <div className="attach-forms">
        <Tabs
          label="Form of the configuration"
          tabs={forms}
          selected={form}
          onSelect={(agentForm) => settings.getState().set({ agentForm })}
        />
        <CopyButton text={text} label="Copy all lines" className="">
          Copy all
        </CopyButton>
      </div>
      <pre className="code" tabIndex={0} aria-label="Configuration for OBUSPA">
        {text}
      </pre>
      {!open && (
        <p className="attach-remark dim">
          Choose the password yourself: the device then stands in the knock list and is admitted with it. Or
          make its user under Access first.
        </p>
      )}
    </Card>
  )
}

interface AddressesProps {
  readonly addresses: readonly LanAddress[]
  readonly chosen: LanAddress
  readonly port: number
  readonly onChoose: (address: string) => void
}

function Addresses({ addresses, chosen, port, onChoose }: AddressesProps) {
  return (
    <table className="table addresses">
      <thead>
        <tr>
          <th>BrokerAddress</th>
          <th>BrokerPort</th>
          <th>Interface</th>
        </tr>
      </thead>
      <tbody>
        {addresses.map((entry) => (
          <tr key={`${entry.interface} ${entry.address}`} className={entry === chosen ? 'is-chosen' : ''}>
            <td>
              <span className="entry">
                <label>
                  <input
                    type="radio"
                    name="attach-address"
                    checked={entry === chosen}
                    onChange={() => onChoose(entry.address)}
                  />
                  <span className="mono cut" title={entry.address}>
                    {entry.address}
                  </span>
                </label>
                <CopyButton text={entry.address} label={`Copy BrokerAddress ${entry.address}`} />
              </span>
            </td>
            <td>
              <span className="entry mono">
                {port}
                <CopyButton text={String(port)} label={`Copy BrokerPort ${port}`} />
              </span>
            </td>
            <td className="dim cut" title={addressRemark(entry)}>
              {[entry.interface, addressRemark(entry)].filter(Boolean).join(' · ')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function addressRemark({ loopback, address }: LanAddress): string {
  if (loopback) return 'this machine only'
  return isLinkLocal(address) ? 'same link only' : ''
}
