/** Counts of each second, kept for ten minutes. */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { StatsSample } from '../../shared/contract/model.ts'
import type { Traffic } from './broker/context.ts'

const KEPT_SAMPLES = 600
const SECOND_MS = 1000
/** The monitor's own rhythm in milliseconds, which is part of what it measures. */
const RESOLUTION_MS = 10
const NS_PER_MS = 1e6

export interface Stats {
  readonly latest: StatsSample
  /** Oldest first. */
  readonly history: readonly StatsSample[]
  stop(): void
}

export interface StatsInput {
  readonly traffic: Readonly<Traffic>
  connections(): number
  devicesOnline(): number
}

export function startStats(input: StatsInput, onSample: (sample: StatsSample) => void): Stats {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let before: Traffic = { ...input.traffic }

  const sample = (): StatsSample => {
    const now = { ...input.traffic }
    const p99 = delay.percentile(99) / NS_PER_MS - RESOLUTION_MS
    const result: StatsSample = {
      time: Date.now(),
      packetsIn: now.packetsIn - before.packetsIn,
      packetsOut: now.packetsOut - before.packetsOut,
      bytesIn: now.bytesIn - before.bytesIn,
      bytesOut: now.bytesOut - before.bytesOut,
      refused: now.refused - before.refused,
      slowDrops: now.slowDrops - before.slowDrops,
      connections: input.connections(),
      devicesOnline: input.devicesOnline(),
      loopP99: Number.isFinite(p99) ? Math.max(0, p99) : 0,
    }
    before = now
    delay.reset()
    return result
  }

  const history: StatsSample[] = [sample()]
  const timer = setInterval(() => {
    const latest = sample()
    history.push(latest)
    if (history.length > KEPT_SAMPLES) history.shift()
    onSample(latest)
  }, SECOND_MS)
  return {
    get latest() {
      return history.at(-1) as StatsSample
    },
    history,
    stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
