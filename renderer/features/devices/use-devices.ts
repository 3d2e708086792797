import { useEffect, useState } from 'react'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'

interface KnownDevices {
  readonly devices: readonly DeviceRow[]
  /** Of all that fit the text. */
  readonly total: number
  /** The bench has answered. */
  readonly isKnown: boolean
}

/** Devices offered to pick from; more would be no choice any more. */
const OFFERED = 200
const nobody: KnownDevices = { devices: [], total: 0, isKnown: false }

/** Those seen last, first; with a text those alone that have its words. `null`: none is looked for. */
export function useKnownDevices(text: string | null = ''): KnownDevices {
  const { host } = useModel()
  const [known, setKnown] = useState(nobody)
  useEffect(() => {
    if (text === null) return setKnown(nobody)
    setKnown((old) => ({ ...old, isKnown: false }))
    const view = host.open(
      'devices',
      { text, sort: 'lastSeenAt', descending: true },
      { from: 0, count: OFFERED, tail: false },
      (update) => {
        if (update.ok) setKnown({ devices: update.value.rows, total: update.value.total, isKnown: true })
      },
    )
    return () => view.close()
  }, [host, text])
  return known
}

/** What is known of one device now. */
export function useDevice(endpointId: string | undefined): DeviceRow | undefined {
  const { devices } = useKnownDevices(endpointId ?? null)
  return devices.find((one) => one.endpointId === endpointId)
}
