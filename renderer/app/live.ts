/** What the bench says of itself, as it is now: the link, its events, the last ten minutes. */
import { createStore, type StoreApi } from 'zustand/vanilla'
import type { AccessState, RuleHits } from '../../shared/contract/access.ts'
import type { CertificatesState } from '../../shared/contract/certificates.ts'
import type { BenchState, CaptureInfo, CaptureState, Job, StatsSample } from '../../shared/contract/model.ts'
import type { SnapshotsState } from '../../shared/contract/snapshots.ts'
import type { FaultsState } from '../../shared/contract/faults.ts'
import type { UspState } from '../../shared/contract/usp.ts'
import type { NatsActivity } from '../../shared/contract/nats.ts'
import type { WatchRow } from '../../shared/contract/watch.ts'
import type { FlowFiles, FlowRuns } from '../../shared/contract/flows.ts'
import type { Host, LinkState } from '../../shared/contract/host.ts'

export interface LiveState {
  readonly link: LinkState
  readonly bench: BenchState | undefined
  readonly stats: StatsSample | undefined
  readonly capture: CaptureState | undefined
  /** Every capture of the workspace; undefined until told. */
  readonly captures: readonly CaptureInfo[] | undefined
  readonly jobs: readonly Job[]
  /** The TLS lab; undefined until told. */
  readonly certificates: CertificatesState | undefined
  readonly access: AccessState | undefined
  readonly ruleHits: RuleHits
  /** The bench's own controller; undefined until told. */
  readonly usp: UspState | undefined
  readonly nats: NatsActivity | undefined
  /** Flow files, runs and results; undefined until told. */
  /** Undefined until told. */
  readonly flowFiles: FlowFiles | undefined
  readonly flowRuns: FlowRuns | undefined
  readonly snapshots: SnapshotsState
  /** Watched parameters of all devices. */
  readonly watches: readonly WatchRow[]
  /** Faults on purpose. */
  readonly faults: FaultsState['list']
  /** One sample a second, oldest first. */
  readonly history: readonly StatsSample[]
  /** Endpoint IDs known, online or not; undefined until told. */
  readonly deviceTotal: number | undefined
}
export type LiveStore = StoreApi<LiveState> & { readonly close: () => void }

/** Ten minutes. */
export const HISTORY_LENGTH = 600

/** `history` with samples it does not have yet, in order, the oldest beyond ten minutes dropped. */
export function mergeHistory(
  history: readonly StatsSample[],
  samples: readonly StatsSample[],
): readonly StatsSample[] {
  const byTime = new Map(history.map((sample) => [sample.time, sample]))
  for (const sample of samples) byTime.set(sample.time, sample)
  if (byTime.size === history.length && samples.length <= 1) return history
  return [...byTime.values()].sort((a, b) => a.time - b.time).slice(-HISTORY_LENGTH)
}

/** Listens to a host; `close` ends that. */
export function createLive(host: Host): LiveStore {
  const store = createStore<LiveState>(() => ({
    link: host.link,
    bench: undefined,
    stats: undefined,
    capture: undefined,
    captures: undefined,
    jobs: [],
    certificates: undefined,
    access: undefined,
    ruleHits: {},
    usp: undefined,
    nats: undefined,
    flowFiles: undefined,
    flowRuns: undefined,
    snapshots: { list: [], unreadable: [] },
    watches: [],
    faults: [],
    history: [],
    deviceTotal: undefined,
  }))
  const merge = (samples: readonly StatsSample[]) =>
    store.setState((state) => ({ history: mergeHistory(state.history, samples) }))

  const loadHistory = async () => {
    const answer = await host.call('stats.history', undefined)
    if (answer.ok) merge(answer.value)
  }
  const devices = host.open(
    'devices',
    { text: '', sort: 'endpointId', descending: false },
    { from: 0, count: 0, tail: false },
    (update) => {
      if (update.ok) store.setState({ deviceTotal: update.value.all })
    },
  )
  const ends = [
    host.onLink((link) => {
      store.setState({ link })
      // What happened while the link was lost is in the bench's history.
      if (link === 'connected') void loadHistory()
    }),
    host.on('bench', (bench) => store.setState({ bench })),
    host.on('capture', (capture) => store.setState({ capture })),
    host.on('captures', (captures) => store.setState({ captures })),
    host.on('jobs', (jobs) => store.setState({ jobs })),
    host.on('certificates', (certificates) => store.setState({ certificates })),
    host.on('access', (access) => store.setState({ access })),
    host.on('ruleHits', (ruleHits) => store.setState({ ruleHits })),
    host.on('usp', (usp) => store.setState({ usp })),
    host.on('nats', (nats) => store.setState({ nats })),
    host.on('flowFiles', (flowFiles) => store.setState({ flowFiles })),
    host.on('flowRuns', (flowRuns) => store.setState({ flowRuns })),
    host.on('snapshots', (snapshots) => store.setState({ snapshots })),
    host.on('watches', (watches) => store.setState({ watches })),
    host.on('faults', ({ list }) => store.setState({ faults: list })),
    host.on('stats', (stats) => {
      store.setState({ stats })
      merge([stats])
    }),
    () => devices.close(),
  ]
  if (host.link === 'connected') void loadHistory()
  return Object.assign(store, { close: () => ends.forEach((end) => end()) })
}
