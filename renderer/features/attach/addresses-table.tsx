/** The table of addresses that a device can be given. */
import type { LanAddress } from '../../../shared/contract/model.ts'
import { CopyButton } from '../../ui/kit.tsx'
import { isLinkLocal } from '../bench/addresses.ts'

interface AddressesProps {
  readonly addresses: readonly LanAddress[]
  readonly chosen: LanAddress
  /** Absent: not shown. */
  readonly port?: number
  readonly onChoose: (address: string) => void
}

/** The addresses of this machine, of which one is what the device is told. */
export function Addresses({ addresses, chosen, port, onChoose }: AddressesProps) {
  return (
    <table className="table addresses">
      <thead>
        <tr>
          <th>BrokerAddress</th>
          {port !== undefined && <th className="address-port">BrokerPort</th>}
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
            {port !== undefined && (
              <td>
                <span className="entry mono">
                  {port}
                  <CopyButton text={String(port)} label={`Copy BrokerPort ${port}`} />
                </span>
              </td>
            )}
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
