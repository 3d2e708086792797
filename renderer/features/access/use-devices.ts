import { useEffect, useState } from 'react'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'

interface KnownDevices {
  readonly devices: readonly DeviceRow[]
  /** Of all that are known. */
  readonly total: number
}

/** Devices offered to pick from; more would be no choice any more. */
const OFFERED = 200
const nobody: KnownDevices = { devices: [], total: 0 }

/** Those seen last, first. */
export function useKnownDevices(): KnownDevices {
  const { host } = useModel()
  const [known, setKnown] = useState(nobody)
  useEffect(() => {
    const view = host.open(
      'devices',
      { text: '', sort: 'lastSeenAt', descending: true },
      { from: 0, count: OFFERED, tail: false },
      (update) => {
        if (update.ok) setKnown({ devices: update.value.rows, total: update.value.total })
      },
    )
    return () => view.close()
  }, [host])
  return known
}
