/** DISCONNECT as a person wants it: reason code, and properties in their order. */
import { useState } from 'react'
import { useStore } from 'zustand'
import type { PropertyDraft } from '../../../shared/contract/mqtt-client.ts'
import { clientDisconnectCodes, hexByte, reasonName } from '../../../shared/mqtt/reason-codes.ts'
import { Dialog, Labelled } from '../../app/dialog.tsx'
import { useModel } from '../../app/model.ts'
import { PropertyEditor } from './property-editor.tsx'
import { connectionInFront, isConnected, profileInFront } from './store.ts'
import { Alert } from '../../ui/kit.tsx'

type Code = (typeof clientDisconnectCodes)[number]

const remarks: Partial<Record<Code, string>> = {
  0x00: 'The broker forgets the will.',
  0x04: 'The broker publishes the will.',
}
const other = 'The broker publishes the will, as after any reason but Normal disconnection.'

export function DisconnectDialog() {
  const model = useModel()
  const profile = useStore(model.client, profileInFront)
  const connected = useStore(model.client, (state) => isConnected(connectionInFront(state)))
  const [reasonCode, setReasonCode] = useState<Code>(0x00)
  const [properties, setProperties] = useState<readonly PropertyDraft[]>([])
  const [fault, setFault] = useState('')
  if (!profile) return null
  const isFive = profile.level === 5
  const disconnect = async () => {
    const wish = isFive ? { reasonCode, properties: [...properties] } : {}
    const answer = await model.host.call('client.disconnect', { id: profile.id, ...wish })
    if (answer.ok) model.show('none')
    else setFault(answer.error.message)
  }
  return (
    <Dialog
      title={`Disconnect ${profile.name}`}
      action={{ title: 'Disconnect', disabled: !connected, run: () => void disconnect() }}
    >
      {!isFive && (
        <p className="dim">DISCONNECT of MQTT 3.1.1 has no reason code and no properties: it only ends.</p>
      )}
      {isFive && (
        <>
          <Labelled label="Reason code" remark={remarks[reasonCode] ?? other}>
            <select
              className="input"
              value={reasonCode}
              onChange={(event) => setReasonCode(Number(event.target.value) as Code)}
            >
              {clientDisconnectCodes.map((code) => (
                <option key={code} value={code}>
                  {hexByte(code)} {reasonName('DISCONNECT', code, 5)}
                </option>
              ))}
            </select>
          </Labelled>
          <PropertyEditor
            id="disconnect-property"
            label="Properties of DISCONNECT"
            place="DISCONNECT"
            value={properties}
            onChange={setProperties}
          />
        </>
      )}
      {!connected && <p className="warn">It is not connected.</p>}
      <Alert text={fault} />
    </Dialog>
  )
}
