import { useEffect, useState } from 'react'
import type { DeviceRow } from '../../../shared/contract/model.ts'
import { useModel } from '../../app/model.ts'

interface KnownDevices {
  readonly devices: readonly DeviceRow[]
  /** Of all that fit the text. */
  readonly total: number
  /** The bench has answered for this text; until then those of the text before stand here. */
  readonly isKnown: boolean
}

/** Devices offered to pick from; more would be no choice any more. */
const OFFERED = 200
/** Those seen last, first; with a text those alone that have its words. `null`: none is looked for. */
export function useKnownDevices(text: string | null = ''): KnownDevices {
  const { host } = useModel()
  const [found, setFound] = useState(nobody)
  useEffect(() => {
    if (text === null) return undefined
    const view = host.open(
      'devices',
      { text, sort: 'lastSeenAt', descending: true },
      { from: 0, count: OFFERED, tail: false },
      (update) => {
        if (update.ok) setFound({ text, devices: update.value.rows, total: update.value.total })
      },
    )
    return () => view.close()
  }, [host, text])
  const { devices, total } = text === null ? nobody : found
  return { devices, total, isKnown: found.text === text }
}

const nobody: {
  readonly text: string | null
  readonly devices: readonly DeviceRow[]
  readonly total: number
} = { text: null, devices: [], total: 0 }

/** What is known of one device now. */
export function useDevice(endpointId: string | undefined): DeviceRow | undefined {
  const { devices } = useKnownDevices(endpointId ?? null)
  return devices.find((one) => one.endpointId === endpointId)
}
