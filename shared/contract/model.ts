/** The things a bench shows: plain data, safe to send across a process border. */
import type { Field } from '../dissect/field.ts'
import type { FindingSeverity, LintCounts } from './lint.ts'
import type { DeviceUsp } from './usp.ts'

/** `tls` and `wss` are the encrypted ones. */
export const TRANSPORTS = ['tcp', 'tls', 'ws', 'wss'] as const
export type Transport = (typeof TRANSPORTS)[number]
export type MqttVersion = '3.1' | '3.1.1' | '5.0'

export interface ListenerState {
  readonly transport: Transport
  /** `TCP 1883`, `WSS 8084`. */
  readonly label: string
  /** Addresses bound, as the person gave them: `*` is every address of the machine. */
  readonly host: string
  /** The port in use; the wished one while not listening. */
  readonly port: number
  readonly state: 'listening' | 'off' | 'failed'
  /** Why it failed and what to do, or a remark (e.g. IPv4 only). */
  readonly message?: string
  readonly connections: number
}

/** An address of this machine that a device on the LAN can be given as its BrokerAddress. */
export interface LanAddress {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
  readonly interface: string
  /** Only reachable on this machine (127.0.0.1, ::1). */
  readonly loopback: boolean
}

/** Something the person should know or mend; stays until it is solved or dismissed. */
export interface Problem {
  readonly id: string
  readonly severity: 'error' | 'warning'
  readonly text: string
  /** ISO 8601, UTC. */
  readonly since: string
}

export interface BenchState {
  readonly version: string
  readonly host: 'desktop' | 'browser'
  readonly workspace: { readonly name: string; readonly path: string }
  readonly listeners: readonly ListenerState[]
  readonly addresses: readonly LanAddress[]
  readonly problems: readonly Problem[]
  /** No authentication yet: whoever reaches a listener may do everything. Shown in red. */
  readonly open: boolean
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** One sample a second. Counts are of that second; levels are at its end. */
export interface StatsSample {
  /** Milliseconds since 1970, UTC. */
  readonly time: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly refused: number
  readonly connections: number
  readonly devicesOnline: number
  /** Outbound QoS 0 messages dropped for readers that were too slow. */
  readonly slowDrops: number
  /** 99th percentile of the time a packet spent inside the broker's event loop turn, in milliseconds. */
  readonly loopP99: number
}

/** The live capture, as the header shows it. */
export interface CaptureState {
  readonly recording: boolean
  /** Why it does not record although it should (e.g. the disk is full), and what to do. */
  readonly trouble?: string
  /** Rows held now, and rows dropped at the old end because of the budget. */
  readonly rows: number
  readonly droppedRows: number
  /** Frames that could not be recorded because the capture worker was behind. */
  readonly lostFrames: number
  readonly bytes: number
  readonly budgetBytes: number
  /** Findings of the linter in the rows held, suppressed rules aside. */
  readonly findings?: LintCounts
  /** ISO 8601, UTC. */
  readonly since: string
}

/** `live`, or the ID of a stored capture. */
export type CaptureId = string

/** A capture as a thing: a folder of pcapng segments in the workspace. */
export interface CaptureInfo {
  readonly id: CaptureId
  readonly name: string
  readonly note: string
  /** Never dropped by the budget. */
  readonly pinned: boolean
  /** `live` is written now; `opening` has its index rebuilt (a job tells how far); `open` can be looked at. */
  readonly state: 'live' | 'stored' | 'opening' | 'open'
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt?: string
  /** Rows known to be in it; absent until it was opened once. */
  readonly rows?: number
  readonly bytes: number
  readonly droppedRows: number
  /** Name of the file that it was imported from. */
  readonly importedFrom?: string
  /** Of an evidence bundle: the filter that its packets were chosen by. */
  readonly filter?: string
  /** It came with devices and listeners: `captures.evidence`. */
  readonly evidence?: boolean
  /** What was wrong with it when it was opened: a torn tail that was repaired, a segment set aside. */
  readonly remark?: string
}

/** A device as the bench knew it that made an evidence bundle. */
export interface EvidenceDevice extends Partial<
  Record<
    | 'remoteAddress'
    | 'transport'
    | 'version'
    | 'clientId'
    | 'username'
    | 'manufacturer'
    | 'modelName'
    | 'softwareVersion'
    | 'serialNumber'
    | 'productClass',
    string
  >
> {
  readonly endpointId: string
}

export interface EvidenceListener {
  /** `TCP 1883` */
  readonly label: string
  readonly host: string
  readonly state: string
}

/** What an evidence bundle tells besides packets. */
export interface CaptureEvidence {
  readonly devices: readonly EvidenceDevice[]
  /** Devices that are in the bundle and not in the list. */
  readonly moreDevices: number
  readonly listeners: readonly EvidenceListener[]
}

/** Long work that can be watched and stopped. */
export interface Job {
  readonly id: string
  readonly kind: 'open' | 'import' | 'export' | 'dry-run' | 'proposal' | 'snapshot'
  readonly title: string
  readonly state: 'running' | 'done' | 'failed' | 'cancelled'
  /** 0 … 1. */
  readonly progress: number
  /** What came of it, or why it failed and what to do. */
  readonly message?: string
  /** Of an import or opening: the capture. */
  readonly capture?: CaptureId
  /** Of an export: the file in the workspace, for `host.deliver`. */
  readonly file?: string
}

export type ExportFormat = 'pcapng' | 'jsonl' | 'csv' | 'bundle'

export type RowKind = 'packet' | 'malformed' | 'close' | 'probe'
export type Verdict = 'none' | 'refused' | 'dropped' | 'changed'

/** One line of the packet list. */
export interface PacketRow {
  /** Number in this capture, from 1, never used again. */
  readonly no: number
  /** Seconds since 1970 and nanoseconds within them, UTC. */
  readonly sec: number
  readonly nsec: number
  readonly connection: number
  /** Endpoint ID, else user name, else client ID, else the address of the peer. */
  readonly device: string
  readonly direction: 'in' | 'out'
  readonly kind: RowKind
  /** `CONNECT` … `AUTH`, `TCP CLOSE`, `TCP PROBE`, `MALFORMED`. */
  readonly type: string
  /** Resolved topic alias included; empty where the packet has none. */
  readonly topic: string
  /** The USP part of the summary, e.g. `NOTIFY Boot!`; empty when the payload is not USP. */
  readonly usp: string
  /** The rest of the summary. */
  readonly info: string
  /** Bytes of the whole MQTT packet. */
  readonly length: number
  /** 0 where the packet has none. */
  readonly packetId: number
  /** msg_id of the USP message; empty where there is none. */
  readonly msgId: string
  /** The packet that this one answers, and how many nanoseconds after it it came. */
  readonly answers?: { readonly no: number; readonly nsec: number }
  readonly verdict: Verdict
  readonly marked: boolean
  /** The worst finding of the linter. */
  readonly finding?: FindingSeverity
}

export interface PacketDetail {
  readonly row: PacketRow
  readonly bytes: Uint8Array
  readonly fields: readonly Field[]
  /** The content view of the payload, and the topic filter that it was chosen for, unless it is the best one. */
  readonly content?: { readonly view: string; readonly chosenFor?: string }
  /** The Msg of which it carries the last of several segments, put together. */
  readonly msg?: Uint8Array
  /** What the bench did with it and why, in order. */
  readonly notes: readonly PacketNote[]
  readonly connection: ConnectionFacts
}

export interface PacketNote {
  readonly kind: Verdict
  /** The rule that spoke, e.g. `takeover`. */
  readonly rule: string
  readonly text: string
  readonly reasonCode?: number
  /** Name of the fault on purpose that did it. */
  readonly fault?: string
}

export interface ConnectionFacts {
  readonly id: number
  readonly transport: Transport
  readonly listenerPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly version?: MqttVersion
  readonly clientId?: string
  readonly username?: string
  readonly endpointId?: string
  readonly endpointSource?: EndpointSource
}

/** Where an endpoint ID was taken from, best first. */
export type EndpointSource = 'usp-endpoint-id' | 'username' | 'client-id'

export interface DeviceRow {
  readonly endpointId: string
  readonly endpointSource: EndpointSource
  readonly online: boolean
  readonly role: 'agent' | 'controller' | 'client'
  readonly remoteAddress: string
  readonly transport: Transport
  readonly version: MqttVersion
  readonly clientId: string
  readonly username: string
  /** Milliseconds since 1970: of the last CONNECT accepted, and of the last packet from it. */
  readonly connectedAt: number
  readonly lastSeenAt: number
  readonly disconnectedAt?: number
  readonly lastEnd?: string
  readonly connects: number
  readonly packetsIn: number
  readonly packetsOut: number
  /** What the controller learned of it; absent for what is no agent, and before anything was said. */
  readonly usp?: DeviceUsp
  /** Of the linter in the live capture; absent when there is none. */
  readonly findings?: LintCounts
}

export interface DeviceDetail extends DeviceRow {
  readonly connection: number
  readonly cleanStart: boolean
  /** Seconds; 0 is off. */
  readonly keepAlive: number
  /** Seconds; 4294967295 never ends. */
  readonly sessionExpiry: number
  readonly receiveMaximum: number
  readonly maximumPacketSize?: number
  readonly topicAliasMaximum: number
  readonly requestResponseInformation: boolean
  readonly requestProblemInformation: boolean
  readonly assignedClientId: boolean
  readonly userProperties: readonly (readonly [string, string])[]
  readonly will?: {
    readonly topic: string
    readonly qos: number
    readonly retain: boolean
    readonly delay: number
    readonly length: number
  }
  readonly subscriptions: readonly { readonly filter: string; readonly qos: number }[]
  /** What the bench told it in CONNACK. */
  readonly subscribeTopic?: string
  readonly responseInformation?: string
  readonly history: readonly DeviceEvent[]
}

export interface DeviceEvent {
  readonly time: number
  readonly kind: 'connect' | 'end' | 'refused' | 'usp'
  readonly text: string
}
