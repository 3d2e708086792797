/** An engine without a broker: its commands, events and views are what a test makes them. */
import { accessHandlers, accessState, certificatesState, natsActivity, uspState } from './access.ts'
import type { EventName, Events, ViewWindow } from '../../shared/contract/contract.ts'
import type { BenchState, CaptureState, PacketRow, StatsSample } from '../../shared/contract/model.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import type { Engine } from '../../electron/engine/types.ts'
import { clientHandlers } from './clients.ts'
import { faultHandlers, sessionHandlers } from './sessions.ts'
import { noLatencies, noSeries, noStatistics } from './transactions.ts'

export const benchState: BenchState = {
  version: '1.2.3',
  host: 'browser',
  workspace: { name: 'lab', path: '/lab' },
  listeners: [],
  addresses: [],
  problems: [],
  open: true,
  startedAt: '2026-01-01T00:00:00.000Z',
}
export const statsSample: StatsSample = {
  time: 0,
  packetsIn: 0,
  packetsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  refused: 0,
  connections: 0,
  devicesOnline: 0,
  slowDrops: 0,
  loopP99: 0,
}
export const captureState: CaptureState = {
  recording: true,
  rows: 0,
  droppedRows: 0,
  lostFrames: 0,
  bytes: 0,
  budgetBytes: 1,
  since: '2026-01-01T00:00:00.000Z',
}

export const packetRow = (no: number): PacketRow => ({
  no,
  sec: 0,
  nsec: 0,
  connection: 1,
  device: 'os::1',
  direction: 'in',
  kind: 'packet',
  type: 'PUBLISH',
  topic: 't',
  usp: '',
  info: '',
  length: 2,
  packetId: 0,
  msgId: '',
  verdict: 'none',
  marked: false,
})

export interface FakeEngine extends Engine {
  /** Calls made, as `name request`. */
  readonly calls: string[]
  tell<E extends EventName>(name: E, value: Events[E]): void
  /** Rows of the packet view: numbers from 1 on. Setting it tells every open view. */
  rows: number
  readonly reads: ViewWindow[]
  readonly openViews: number
  readonly listeners: number
  stopped: number
  /** Replaces how the packet view reads; may reject. */
  beforeRead: () => void | Promise<void>
}

export function fakeEngine(bench: BenchState = benchState): FakeEngine {
  const values: { [E in EventName]: Events[E] } = {
    bench,
    stats: statsSample,
    capture: captureState,
    captures: [],
    jobs: [],
    access: accessState,
    ruleHits: {},
    certificates: certificatesState,
    look: { contents: [], savedFilters: [], colourRules: [] },
    usp: uspState,
    nats: natsActivity,
    lint: { suppressed: [] },
    snapshots: { list: [], unreadable: [] },
    watches: [],
    flowFiles: { files: [], more: 0 },
    flowRuns: { runs: [], results: [] },
    clients: { connections: [], dropped: 0 },
    clientProfiles: [],
    faults: { list: [] },
  }
  const listeners = new Map<EventName, Set<() => void>>()
  const changed = new Set<() => void>()
  const calls: string[] = []
  const reads: ViewWindow[] = []
  const record =
    (name: string) =>
    (request?: unknown): void => {
      calls.push(request === undefined ? name : `${name} ${JSON.stringify(request)}`)
    }
  let rows = 0

  const packetView = (tell: () => void) => {
    changed.add(tell)
    return {
      async read(window: ViewWindow) {
        reads.push(window)
        await engine.beforeRead()
        const from = window.tail ? Math.max(0, rows - window.count) : Math.min(window.from, rows)
        const count = Math.min(window.count, rows - from)
        const shown = Array.from({ length: count }, (_, index) => packetRow(from + index + 1))
        return { total: rows, all: rows, from, rows: shown }
      },
      locate: (key: string | number) => (Number(key) >= 1 && Number(key) <= rows ? Number(key) - 1 : -1),
      close: () => void changed.delete(tell),
    }
  }

  const engine: FakeEngine = {
    calls,
    reads,
    stopped: 0,
    beforeRead: () => undefined,
    handlers: {
      ...accessHandlers,
      ...clientHandlers,
      ...sessionHandlers,
      ...faultHandlers(record),
      'lint.summary': () => ({ groups: [], checked: 0, waiting: 0, skipped: 0, unlisted: 0 }),
      'lint.findings': () => [],
      'lint.suppress': record('lint.suppress'),
      'lint.export': () => ({ job: '1' }),
      'stats.history': () => [statsSample],
      'packets.get': ({ no }) => {
        if (no === 13) throw new Error('the disk is full')
        throw new BenchFailure('not-found', `There is no packet ${no}.`, 'index')
      },
      'packets.mark': record('packets.mark'),
      'packets.find': () => ({ no: -1 }),
      'packets.partner': () => ({ no: -1 }),
      'packets.values': () => [],
      'captures.start': record('captures.start'),
      'captures.update': record('captures.update'),
      'captures.delete': record('captures.delete'),
      'captures.open': () => ({ job: '1' }),
      'captures.close': record('captures.close'),
      'captures.evidence': () => ({ devices: [], listeners: [], moreDevices: 0 }),
      'captures.import': () => ({ job: '1' }),
      'captures.export': () => ({ job: '1' }),
      'jobs.cancel': record('jobs.cancel'),
      'jobs.dismiss': record('jobs.dismiss'),
      'look.setContent': record('look.setContent'),
      'look.setFilters': record('look.setFilters'),
      'look.setColours': record('look.setColours'),
      'packets.clear': record('packets.clear'),
      'packets.record': record('packets.record'),
      'devices.get': () => new Promise<never>(() => undefined),
      'devices.disconnect': record('devices.disconnect'),
      'devices.forget': record('devices.forget'),
      'listeners.set': record('listeners.set'),
      'doctor.examine': () => {
        throw new BenchFailure('unavailable', 'No doctor in this test.')
      },
      'doctor.subjects': () => [],
      'problems.dismiss': record('problems.dismiss'),
      'transactions.of': () => ({ id: 0 }),
      'transactions.statistics': () => noStatistics,
      'transactions.chart': () => noLatencies,
      'topics.messages': () => ({ messages: [], older: false }),
      'topics.series': () => noSeries,
    },
    views: {
      packets: (_params, tell) => packetView(tell),
      devices: () => {
        throw new BenchFailure('unavailable', 'No devices in this test.')
      },
      topics: () => {
        throw new BenchFailure('unavailable', 'No topics in this test.')
      },
      sessions: () => {
        throw new BenchFailure('unavailable', 'No sessions in this test.')
      },
      sharedGroups: () => {
        throw new BenchFailure('unavailable', 'No groups in this test.')
      },
      transactions: () => {
        throw new BenchFailure('unavailable', 'No transactions in this test.')
      },
      notifications: () => {
        throw new BenchFailure('unavailable', 'No notifications in this test.')
      },
      flowSteps: () => {
        throw new BenchFailure('unavailable', 'No flows in this test.')
      },
      clientPackets: () => {
        throw new BenchFailure('unavailable', 'No MQTT client in this test.')
      },
    },
    current: (name) => values[name],
    on(name, listener) {
      const told = () => listener(values[name])
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(told))
      return () => void set.delete(told)
    },
    stop() {
      engine.stopped += 1
      return Promise.resolve()
    },
    tell(name, value) {
      values[name] = value
      for (const told of listeners.get(name) ?? []) told()
    },
    get rows() {
      return rows
    },
    set rows(count) {
      rows = count
      for (const tell of changed) tell()
    },
    get openViews() {
      return changed.size
    },
    get listeners() {
      return [...listeners.values()].reduce((sum, set) => sum + set.size, 0)
    },
  }
  return engine
}
