/** Devices × flows: how each flow went last on each device. Pure. */
import type { FlowStatus } from '../run/result.ts'

export interface MatrixCell {
  /** Of the newest result. */
  readonly status: FlowStatus
  /** Results of this flow on this device, and how many of them did not pass. */
  readonly runs: number
  readonly bad: number
  /** Place of the newest among the results given. */
  readonly at: number
}

export interface FlowMatrix {
  readonly devices: readonly string[]
  readonly rows: readonly {
    readonly name: string
    /** In the order of the devices; absent where it was never run. */
    readonly cells: readonly (MatrixCell | null)[]
  }[]
}

/** `results` in any order; the newer of two is the one that began later. */
export function matrixOf(
  results: readonly {
    readonly name: string
    readonly device: string
    readonly status: FlowStatus
    readonly startedAt: number
  }[],
): FlowMatrix {
  const devices = [...new Set(results.map(({ device }) => device))].sort()
  const byName = new Map<string, Map<string, MatrixCell & { startedAt: number }>>()
  results.forEach(({ name, device, status, startedAt }, at) => {
    const row = byName.get(name) ?? new Map<string, MatrixCell & { startedAt: number }>()
    byName.set(name, row)
    const known = row.get(device)
    const isNewest = known === undefined || startedAt >= known.startedAt
    const newest = isNewest ? { status, at, startedAt } : known
    const isBad = status !== 'passed' && status !== 'skipped'
    row.set(device, {
      ...newest,
      runs: (known?.runs ?? 0) + 1,
      bad: (known?.bad ?? 0) + (isBad ? 1 : 0),
    })
  })
  const collator = new Intl.Collator('en', { numeric: true })
  return {
    devices,
    rows: [...byName]
      .sort(([one], [other]) => collator.compare(one, other))
      .map(([name, row]) => ({
        name,
        cells: devices.map((device) => {
          const cell = row.get(device)
          if (cell === undefined) return null
          const { startedAt: _startedAt, ...shown } = cell
          return shown
        }),
      })),
  }
}
