/** What to type into a device so that it connects to this bench. */
import { useState } from 'react'
import { useStore } from 'zustand'
import { attachForms, attachOutput, formTitle } from '../../../shared/attach/outputs.ts'
import { endpointIdProblem, MISSING_ID, PASSWORD_PLACE } from '../../../shared/attach/parameters.ts'
import type { LanAddress } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'
import { Card, CopyButton, Tabs } from '../../ui/kit.tsx'
import { isBound, sortedAddresses } from '../bench/addresses.ts'
import { Addresses } from './addresses-table.tsx'
import './attach.css'

const noAddresses: readonly LanAddress[] = []

export function Attach() {
  const model = useModel()
  const { live, settings } = model
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
      <span className="buttons attach-ways">
        <button type="button" className="button main" onClick={() => model.show('attach')}>
          Attach step by step…
        </button>
        <button type="button" className="button" onClick={() => model.show('attach-check')}>
          Check a configuration…
        </button>
      </span>
      <h3>The least it needs</h3>
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
          tabs={attachForms.map((one) => [one, formTitle(one)] as const)}
          selected={form}
          onSelect={(agentForm) => settings.getState().set({ agentForm })}
        />
        <CopyButton text={text} label="Copy all lines" className="">
          Copy all
        </CopyButton>
      </div>
      <pre className="code" tabIndex={0} aria-label="Configuration of the device">
        {text}
      </pre>
      {!open && (
        <p className="attach-remark dim">
          Choose the password yourself: the device then stands in the knock list and is admitted with it. Or
          let the steps above make its user.
        </p>
      )}
    </Card>
  )
}
