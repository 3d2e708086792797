/**
 * The devices this bench has met: one entry an endpoint ID, kept after the device left. Several connections may
 * claim the same endpoint ID (a cloned database); the newest stands for it, and when it ends the one before.
 */
import type { DeviceDetail, DeviceEvent, DeviceRow } from '../../../shared/contract/model.ts'
import type { LintCounts } from '../../../shared/contract/lint.ts'
import type { DeviceUsp } from '../../../shared/contract/usp.ts'
import type { ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import { versions } from '../../../shared/mqtt/fields.ts'
import { getProperty, userProperties } from '../../../shared/mqtt/properties.ts'
import type { ConnectPacket } from '../../../shared/mqtt/packets.ts'
import { controllerUser, holdsAgentTopic, topicPrefix } from '../../../shared/usp/oktopus.ts'
import type { Session } from '../broker/session.ts'
import { pageOf } from '../view-window.ts'

const MAX_DEVICES = 20_000
const MAX_HISTORY = 100
const NEVER_EXPIRES = 0xffff_ffff

interface Device {
  session: Session
  connect: ConnectPacket
  /** Older connections that still claim this endpoint ID, the newest last. */
  rivals: readonly Session[]
  online: boolean
  connectedAt: number
  disconnectedAt: number | undefined
  lastEnd: string | undefined
  connects: number
  /** Of the connections that ended. */
  earlierIn: number
  earlierOut: number
  history: DeviceEvent[]
}

export interface Devices {
  readonly online: number
  /** Endpoint IDs of those that are online. */
  readonly connected: readonly string[]
  /** Entries dropped because there were too many. */
  readonly dropped: number
  accepted(session: Session): void
  refused(session: Session, text: string): void
  slow(session: Session): void
  ended(session: Session, text: string): void
  /** Something that USP says, for the history; the same again right after is not repeated. */
  noteUsp(endpointId: string, text: string): void
  session(endpointId: string): Session | undefined
  detail(endpointId: string): DeviceDetail | undefined
  /** False while it is online, or when there is none. */
  forget(endpointId: string): boolean
  openView(params: ViewParams<'devices'>, changed: () => void): ViewSource<DeviceRow>
  /** Something about a device changed that is seen in a row. */
  touch(): void
}

/** What other parts of the bench know of a device. */
export interface DeviceSources {
  /** What the controller learned. */
  readonly uspOf: (endpointId: string) => DeviceUsp | undefined
  /** What the linter found in the live capture. */
  readonly findingsOf: (endpointId: string) => LintCounts | undefined
}

export function createDevices(sources: DeviceSources): Devices {
  const devices = new Map<string, Device>()
  const views = new Set<() => void>()
  let online = 0
  let dropped = 0

  const touch = (): void => {
    for (const changed of views) changed()
  }
  const remember = (device: Device, kind: DeviceEvent['kind'], text: string): void => {
    device.history.push({ time: Date.now(), kind, text })
    if (device.history.length > MAX_HISTORY) device.history.shift()
  }
  const of = (session: Session): Device | undefined => devices.get(session.endpoint?.endpointId ?? '')
  const row = (device: Device): DeviceRow => rowOf(device, sources)
  const makeRoom = (): void => {
    if (devices.size < MAX_DEVICES) return
    for (const [id, device] of devices) {
      if (device.online) continue
      devices.delete(id)
      dropped += 1
      return
    }
  }

  return {
    get online() {
      return online
    },
    get connected() {
      return [...devices].flatMap(([id, device]) => (device.online ? [id] : []))
    },
    get dropped() {
      return dropped
    },
    accepted(session) {
      const { connect, endpoint } = session
      if (!connect || !endpoint) return
      const former = devices.get(endpoint.endpointId)
      if (!former) makeRoom()
      const device: Device = {
        session,
        connect,
        rivals: former?.online ? [...former.rivals, former.session] : [],
        online: true,
        connectedAt: Date.now(),
        disconnectedAt: undefined,
        lastEnd: former?.lastEnd,
        connects: (former?.connects ?? 0) + 1,
        earlierIn: former?.earlierIn ?? 0,
        earlierOut: former?.earlierOut ?? 0,
        history: former?.history ?? [],
      }
      if (!former?.online) online += 1
      // Set anew at the end, so that the first offline entry is the one seen longest ago.
      devices.delete(endpoint.endpointId)
      devices.set(endpoint.endpointId, device)
      const { remoteAddress, remotePort } = session.facts
      remember(device, 'connect', `MQTT ${versions[connect.level]} from ${remoteAddress} port ${remotePort}`)
      touch()
    },
    refused(session, text) {
      const device = of(session)
      if (!device) return
      remember(device, 'refused', text)
      touch()
    },
    slow(session) {
      const device = of(session)
      if (device) remember(device, 'refused', 'reads too slowly: QoS 0 messages to it are dropped')
    },
    ended(session, text) {
      const device = of(session)
      if (!device?.online || !liveOf(device).includes(session)) return
      device.earlierIn += session.packetsIn
      device.earlierOut += session.packetsOut
      device.rivals = device.rivals.filter((one) => one !== session)
      // A connection whose place another took does not speak for the device any more.
      if (device.session !== session) return
      device.lastEnd = text
      remember(device, 'end', text)
      const next = device.rivals.at(-1)
      if (next?.connect) {
        device.session = next
        device.connect = next.connect
        device.rivals = device.rivals.slice(0, -1)
        remember(
          device,
          'connect',
          `${next.facts.remoteAddress} port ${next.facts.remotePort} is still there`,
        )
      } else {
        device.online = false
        device.disconnectedAt = Date.now()
        online -= 1
      }
      touch()
    },
    noteUsp(endpointId, text) {
      const device = devices.get(endpointId)
      if (!device || device.history.at(-1)?.text === text) return
      remember(device, 'usp', text)
      touch()
    },
    session(endpointId) {
      const device = devices.get(endpointId)
      return device?.online ? device.session : undefined
    },
    detail(endpointId) {
      const device = devices.get(endpointId)
      return device && detailOf(device, sources)
    },
    forget(endpointId) {
      if (devices.get(endpointId)?.online !== false) return false
      devices.delete(endpointId)
      touch()
      return true
    },
    openView(params, changed) {
      let rows: readonly DeviceRow[] | undefined
      const dirty = (): void => {
        rows = undefined
        changed()
      }
      views.add(dirty)
      const current = (): readonly DeviceRow[] => (rows ??= select([...devices.values()].map(row), params))
      return {
        read: (window) => ({ ...pageOf(current(), window), all: devices.size }),
        locate: (key) => current().findIndex(({ endpointId }) => endpointId === key),
        close: () => views.delete(dirty),
      }
    },
    touch,
  }
}

/** Devices that hold every word, in the order wished; equal ones by endpoint ID. */
function select(
  devices: readonly DeviceRow[],
  { text, sort, descending }: ViewParams<'devices'>,
): readonly DeviceRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const rows = devices.filter((row) => {
    if (words.length === 0) return true
    const all = searchText(row)
    return words.every((word) => all.includes(word))
  })
  const sign = descending ? -1 : 1
  const compare = (a: DeviceRow, b: DeviceRow): number => {
    if (sort === 'findings') return compareFindings(a.findings, b.findings)
    const x = a[sort]
    const y = b[sort]
    if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : x > y ? 1 : 0
    return Number(x) - Number(y)
  }
  return rows.sort((a, b) => sign * compare(a, b) || (a.endpointId < b.endpointId ? -1 : 1))
}

const none: LintCounts = { error: 0, warning: 0, note: 0 }
/** One error is worse than all warnings, as one of these is than all notes. */
const compareFindings = (a = none, b = none): number =>
  a.error - b.error || a.warning - b.warning || a.note - b.note

function searchText(row: DeviceRow): string {
  const { endpointId, clientId, username, remoteAddress, role, version, transport, usp } = row
  const { manufacturer, modelName, softwareVersion, serialNumber, productClass } = usp ?? {}
  const state = row.online ? 'online' : 'offline'
  const mqtt = [endpointId, clientId, username, remoteAddress, role, version, transport, state]
  const device = [manufacturer, modelName, softwareVersion, serialNumber, productClass]
  return [...mqtt, ...device.filter((one) => one !== undefined)].join('\n').toLowerCase()
}

/** The connections that claim its endpoint ID now. */
const liveOf = ({ online, session, rivals }: Device): readonly Session[] =>
  online ? [session, ...rivals] : []

function rowOf(device: Device, { uspOf, findingsOf }: DeviceSources): DeviceRow {
  const { session, connect } = device
  const endpointId = session.endpoint?.endpointId ?? ''
  const usp = uspOf(endpointId)
  const findings = findingsOf(endpointId)
  const { remoteAddress } = session.facts
  return {
    endpointId,
    endpointSource: session.endpoint?.source ?? 'client-id',
    online: device.online,
    role: roleOf(session),
    remoteAddress,
    transport: session.facts.transport,
    version: versions[connect.level],
    clientId: session.clientId,
    username: connect.username ?? '',
    connectedAt: device.connectedAt,
    lastSeenAt: Math.round(performance.timeOrigin + session.lastInboundAt),
    ...(device.disconnectedAt === undefined ? {} : { disconnectedAt: device.disconnectedAt }),
    ...(device.lastEnd === undefined ? {} : { lastEnd: device.lastEnd }),
    connects: device.connects,
    packetsIn: liveOf(device).reduce((sum, { packetsIn }) => sum + packetsIn, device.earlierIn),
    packetsOut: liveOf(device).reduce((sum, { packetsOut }) => sum + packetsOut, device.earlierOut),
    ...(usp ? { usp } : {}),
    ...(findings ? { findings } : {}),
  }
}

/** What a client does tells what it is: its name for itself and its subscriptions. */
function roleOf(session: Session): DeviceRow['role'] {
  if (session.connect?.username === controllerUser) return 'controller'
  const filters = [...session.subscriptions.keys()]
  if (session.endpoint?.source === 'usp-endpoint-id' || filters.some(holdsAgentTopic)) return 'agent'
  const listensAsController = new RegExp(`^(${topicPrefix}|oktopus/usp/\\+)/(controller|api)(/|$)`)
  return filters.some((filter) => listensAsController.test(filter)) ? 'controller' : 'client'
}

function detailOf(device: Device, sources: DeviceSources): DeviceDetail {
  const { session, connect } = device
  const { properties, will } = connect
  const maximumPacketSize = getProperty(properties, 'maximumPacketSize')
  const is5 = connect.level === 5
  return {
    ...rowOf(device, sources),
    connection: session.id,
    cleanStart: connect.clean,
    keepAlive: connect.keepAlive,
    sessionExpiry: is5
      ? (getProperty(properties, 'sessionExpiryInterval') ?? 0)
      : connect.clean
        ? 0
        : NEVER_EXPIRES,
    receiveMaximum: getProperty(properties, 'receiveMaximum') ?? 65_535,
    ...(maximumPacketSize === undefined ? {} : { maximumPacketSize }),
    topicAliasMaximum: getProperty(properties, 'topicAliasMaximum') ?? 0,
    requestResponseInformation: getProperty(properties, 'requestResponseInformation') === 1,
    requestProblemInformation: getProperty(properties, 'requestProblemInformation') !== 0,
    assignedClientId: session.assignedClientId,
    userProperties: userProperties(properties),
    ...(will
      ? {
          will: {
            topic: will.topic,
            qos: will.qos,
            retain: will.retain,
            delay: getProperty(will.properties, 'willDelayInterval') ?? 0,
            length: will.payload.length,
          },
        }
      : {}),
    subscriptions: [...session.subscriptions.values()].map(({ filter, qos }) => ({ filter, qos })),
    ...(session.subscribeTopic === undefined ? {} : { subscribeTopic: session.subscribeTopic }),
    ...(session.responseInformation === undefined
      ? {}
      : { responseInformation: session.responseInformation }),
    history: [...device.history],
  }
}
