/** What may be asked about devices. */
import { MAX_WINDOW, type EngineHandlers } from '../../../shared/contract/contract.ts'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Devices } from './devices.ts'

const ADMINISTRATIVE_ACTION = 0x98

/** `forgotten` is told of a device that is no longer in the list. */
export const deviceHandlers = (
  devices: Devices,
  forgotten: (endpointId: string) => void | Promise<void>,
): Pick<EngineHandlers, 'devices.get' | 'devices.disconnect' | 'devices.forget'> => ({
  'devices.get'({ endpointId }) {
    const detail = devices.detail(endpointId)
    if (!detail) throw new BenchFailure('not-found', `No device ${endpointId} is known.`)
    return detail
  },
  'devices.disconnect'({ endpointId }) {
    const session = devices.session(endpointId)
    if (!session) throw new BenchFailure('not-found', `The device ${endpointId} is not connected.`)
    session.finish(ADMINISTRATIVE_ACTION, 'ended by the person at the bench')
  },
  'devices.forget'({ endpointId }) {
    if (devices.forget(endpointId)) return forgotten(endpointId)
    throw new BenchFailure('conflict', `The device ${endpointId} is connected: disconnect it first.`)
  },
})

/** Rows of all devices, as the list shows them. */
export async function everyDevice(devices: Devices): Promise<readonly DeviceRow[]> {
  const view = devices.openView({ text: '', sort: 'endpointId', descending: false }, () => undefined)
  const rows: DeviceRow[] = []
  for (;;) {
    const update = await view.read({ from: rows.length, count: MAX_WINDOW, tail: false })
    rows.push(...update.rows)
    if (update.rows.length === 0) break
  }
  view.close()
  return rows
}
