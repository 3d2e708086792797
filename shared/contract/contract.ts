/**
 * The whole surface between a user interface and a bench: commands (ask, get an answer), events (told when
 * something changes) and views (long lists, seen through a window). Every host implements it; a command
 * without a handler does not compile. Requests are checked against these schemas at the border.
 */
import * as v from 'valibot'
import { accessCommands, type AccessState, type RuleHits } from './access.ts'
import { certificateCommands, type CertificatesState } from './certificates.ts'
import { command, type HandlersOf } from './command.ts'
import { dataModelCommands } from './data-model.ts'
import { doctorCommands } from './doctor.ts'
import { dryRunCommands } from './dry-run.ts'
import { flowStepParams, type FlowStepRow } from './flow-steps.ts'
import { faultCommands, type FaultsState } from './faults.ts'
import { flowCommands, type FlowFiles, type FlowRuns } from './flows.ts'
import { lookCommands, type LookState } from './look.ts'
import {
  clientPacketParams,
  mqttClientCommands,
  type ClientPacketRow,
  type ClientsState,
  type KeptProfile,
} from './mqtt-client.ts'
import { natsCommands, type NatsActivity } from './nats.ts'
import { settingsCommands } from './settings.ts'
import { lintCommands, type LintState } from './lint.ts'
import { TRANSPORTS } from './model.ts'
import type {
  BenchState,
  CaptureEvidence,
  CaptureInfo,
  CaptureState,
  DeviceDetail,
  DeviceRow,
  Job,
  PacketDetail,
  PacketRow,
  StatsSample,
} from './model.ts'
import { snapshotCommands, type SnapshotsState } from './snapshots.ts'
import { savedMessageCommands } from './saved-messages.ts'
import { sessionCommands, sessionViews, type SessionRow, type SharedGroupRow } from './sessions.ts'
import { topicCommands, topicParams, type TopicRow } from './topics.ts'
import { transactionCommands, transactionParams, type TransactionRow } from './transactions.ts'
import { uspCommands, type NotificationRow, type UspState } from './usp.ts'
import { watchCommands, type WatchRow } from './watch.ts'

const none = v.undefined()
const rowNumber = v.pipe(v.number(), v.integer(), v.minValue(1))
const text = (max: number) => v.pipe(v.string(), v.maxLength(max))
const transport = v.picklist(TRANSPORTS)
/** `live`, or the ID of a stored capture. */
const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))

export const commands = {
  /** The last ten minutes, one sample a second, oldest first. */
  'stats.history': command<readonly StatsSample[]>()(none),
  'packets.get': command<PacketDetail>()(v.strictObject({ capture, no: rowNumber })),
  'packets.mark': command<void>()(v.strictObject({ capture, no: rowNumber, on: v.boolean() })),
  /** The next row after (before) `from` that matches, or -1; asks the capture, so it need not be on the screen. */
  'packets.find': command<{ readonly no: number }>()(
    v.strictObject({ capture, filter: text(10_000), from: v.number(), backwards: v.boolean() }),
  ),
  /** The packet that this one answers, or that answers it (acknowledgement, USP response), or -1. */
  'packets.partner': command<{ readonly no: number }>()(
    v.strictObject({ capture, no: rowNumber, which: v.picklist(['request', 'answer']) }),
  ),
  /**
   * Topics, devices and names of user properties that begin with a text, for completion in the filter bar. Names of
   * user properties are those of the newest packets alone.
   */
  'packets.values': command<readonly string[]>()(
    v.strictObject({
      capture,
      field: v.picklist(['mqtt.topic', 'device', 'mqtt.clientid', 'mqtt.prop.user']),
      prefix: text(500),
    }),
  ),
  /** Empties the live capture. */
  'packets.clear': command<void>()(none),
  'packets.record': command<void>()(v.strictObject({ on: v.boolean() })),
  /** Ends the live capture, which stays as a stored one, and begins another. */
  'captures.start': command<void>()(v.strictObject({ name: v.optional(text(200)) })),
  'captures.update': command<void>()(
    v.strictObject({
      id: capture,
      name: v.optional(text(200)),
      note: v.optional(text(20_000)),
      pinned: v.optional(v.boolean()),
    }),
  ),
  /** Moves a stored capture to the workspace's trash. */
  'captures.delete': command<void>()(v.strictObject({ id: capture })),
  /** Opens a stored capture read-only beside the live one; the job tells how far its index is. */
  'captures.open': command<{ readonly job: string }>()(v.strictObject({ id: capture })),
  'captures.close': command<void>()(v.strictObject({ id: capture })),
  /** Reads a pcap, pcapng (either packed with gzip too) or evidence bundle that lies on the bench's machine, and opens it. */
  'captures.import': command<{ readonly job: string }>()(
    v.strictObject({ path: text(4096), name: v.optional(text(200)), keyLog: v.optional(text(4096)) }),
  ),
  /** What came with it in an evidence bundle; empty where nothing did. */
  'captures.evidence': command<CaptureEvidence>()(v.strictObject({ id: capture })),
  /** Writes a file into the workspace's `exports` folder; `host.deliver` hands it over. */
  'captures.export': command<{ readonly job: string }>()(
    v.strictObject({
      capture,
      format: v.picklist(['pcapng', 'jsonl', 'csv', 'bundle']),
      filter: text(10_000),
      /** Only these rows of what the filter leaves; absent: all. */
      rows: v.optional(v.pipe(v.array(rowNumber), v.maxLength(100_000))),
      /** CSV: filter field names; absent: those of the packet list. */
      columns: v.optional(v.pipe(v.array(text(200)), v.maxLength(100))),
      /** Passwords and authentication data as they are; otherwise they are redacted. */
      secrets: v.boolean(),
      name: v.optional(text(200)),
    }),
  ),
  'jobs.cancel': command<void>()(v.strictObject({ id: text(100) })),
  'jobs.dismiss': command<void>()(v.strictObject({ id: text(100) })),
  'devices.get': command<DeviceDetail>()(v.strictObject({ endpointId: text(65535) })),
  /** Ends the device's connection (MQTT 5: DISCONNECT 0x98, Administrative action). */
  'devices.disconnect': command<void>()(v.strictObject({ endpointId: text(65535) })),
  /** Removes an offline device from the list. */
  'devices.forget': command<void>()(v.strictObject({ endpointId: text(65535) })),
  /** Turns a listener on or off, or moves it, and keeps that in bench.json. */
  'listeners.set': command<void>()(
    v.strictObject({
      transport,
      enabled: v.optional(v.boolean()),
      host: v.optional(text(255)),
      port: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65535))),
    }),
  ),
  ...accessCommands,
  ...dryRunCommands,
  ...doctorCommands,
  ...certificateCommands,
  ...lookCommands,
  ...uspCommands,
  ...dataModelCommands,
  ...natsCommands,
  ...settingsCommands,
  ...lintCommands,
  ...snapshotCommands,
  ...watchCommands,
  ...savedMessageCommands,
  ...transactionCommands,
  ...topicCommands,
  ...sessionCommands,
  ...flowCommands,
  ...mqttClientCommands,
  ...faultCommands,
  'problems.dismiss': command<void>()(v.strictObject({ id: text(200) })),
  /** Shows the workspace folder in the file manager; only the desktop host can. */
  'host.showWorkspace': command<void>()(none),
  /**
   * Hands an exported file to the person: the desktop asks where to save it; a browser gets an address under
   * which it can be fetched once.
   */
  'host.deliver': command<{ readonly url?: string }>()(v.strictObject({ file: text(4096) })),
  /** Desktop: asks where to save text that the page made. A browser saves it itself. */
  'host.saveText': command<{ readonly saved: boolean }>()(
    v.strictObject({
      name: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
      text: text(64 * 1024 * 1024),
    }),
  ),
  /** Desktop: asks for a file to import. A browser uploads to `/upload` instead and gets the path from there. */
  'host.chooseFile': command<{ readonly path?: string }>()(
    v.strictObject({ purpose: v.picklist(['capture', 'key-log']) }),
  ),
} as const

export type CommandName = keyof typeof commands
export type Request<C extends CommandName> = v.InferOutput<(typeof commands)[C]['request']>
export type Response<C extends CommandName> = NonNullable<(typeof commands)[C]['response']>['is']

export type Handlers = HandlersOf<typeof commands>
/** Commands that only the host around an engine can carry out. */
export type HostCommandName = Extract<CommandName, `host.${string}`>
export type HostHandlers = Pick<Handlers, HostCommandName>
export type EngineHandlers = Omit<Handlers, HostCommandName>

/**
 * Events carry the whole current value, so a late or slow listener misses nothing: on connecting, each is sent
 * once with what holds now, and only the newest value is kept for a slow listener.
 */
export interface Events {
  readonly bench: BenchState
  readonly stats: StatsSample
  readonly capture: CaptureState
  readonly captures: readonly CaptureInfo[]
  readonly jobs: readonly Job[]
  readonly access: AccessState
  /** Apart from `access`: they change every second under traffic. */
  readonly ruleHits: RuleHits
  readonly certificates: CertificatesState
  readonly look: LookState
  readonly usp: UspState
  readonly nats: NatsActivity
  readonly lint: LintState
  readonly snapshots: SnapshotsState
  readonly watches: readonly WatchRow[]
  readonly flowFiles: FlowFiles
  readonly flowRuns: FlowRuns
  readonly clients: ClientsState
  readonly clientProfiles: readonly KeptProfile[]
  readonly faults: FaultsState
}
export type EventName = keyof Events
export const eventNames = [
  'bench',
  'stats',
  'capture',
  'captures',
  'jobs',
  'access',
  'ruleHits',
  'certificates',
  'look',
  'usp',
  'nats',
  'lint',
  'snapshots',
  'watches',
  'flowFiles',
  'flowRuns',
  'clients',
  'clientProfiles',
  'faults',
] as const satisfies readonly EventName[]

/** Views: what may be asked of each, and its row. */
export const views = {
  /** `filter`: an expression of the filter language or words (shared/filter); empty shows everything. */
  packets: { params: v.strictObject({ capture, filter: text(10_000) }) },
  transactions: { params: transactionParams },
  topics: { params: topicParams },
  ...sessionViews,
  devices: {
    params: v.strictObject({
      text: text(2000),
      sort: v.picklist(['endpointId', 'lastSeenAt', 'connectedAt', 'packetsIn', 'online', 'findings']),
      descending: v.boolean(),
    }),
  },
  /** What devices said unasked, oldest first. `endpointId` empty: of all devices; `text`: words that must occur. */
  notifications: { params: v.strictObject({ endpointId: text(1024), text: text(2000) }) },
  /** Steps of a run or a result, in their order. */
  flowSteps: { params: flowStepParams },
  /** What the MQTT clients sent and received. */
  clientPackets: { params: clientPacketParams },
} as const

export type ViewName = keyof typeof views
export type ViewParams<V extends ViewName> = v.InferOutput<(typeof views)[V]['params']>
export interface ViewRows {
  readonly packets: PacketRow
  readonly transactions: TransactionRow
  readonly topics: TopicRow
  readonly sessions: SessionRow
  readonly sharedGroups: SharedGroupRow
  readonly devices: DeviceRow
  readonly notifications: NotificationRow
  readonly flowSteps: FlowStepRow
  readonly clientPackets: ClientPacketRow
}

/** What is on the screen: rows `from … from+count`, or with `tail` always the last `count` ones. */
export interface ViewWindow {
  readonly from: number
  readonly count: number
  readonly tail: boolean
}
/** More rows than any screen shows; a larger window is refused. */
export const MAX_WINDOW = 1000
export const windowSchema = v.strictObject({
  from: v.pipe(v.number(), v.integer(), v.minValue(0)),
  count: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_WINDOW)),
  tail: v.boolean(),
})

export interface ViewUpdate<R> {
  /** Rows that match. */
  readonly total: number
  /** Rows before filtering. */
  readonly all: number
  /** Index of the first row in `rows`. */
  readonly from: number
  readonly rows: readonly R[]
  /** Still searching older rows: `total` will grow. 0 … 1; absent when done. */
  readonly progress?: number
}

/** One open view inside an engine. Made by `ViewSources[name]`, driven by one connection. */
export interface ViewSource<R> {
  /** The rows of the window as they are now. */
  read(window: ViewWindow): ViewUpdate<R> | Promise<ViewUpdate<R>>
  /**
   * Index of the row with this key, or -1. Packets, notifications, clientPackets: `no`; transactions: `id`; topics:
   * path; devices: endpoint ID; sessions: client ID; sharedGroups, flowSteps: `key`.
   */
  locate(key: string | number): number | Promise<number>
  close(): void
}
export type ViewSources = {
  /** `changed` is called, as often as it likes, when `read` would answer otherwise than before. */
  readonly [V in ViewName]: (params: ViewParams<V>, changed: () => void) => ViewSource<ViewRows[V]>
}
