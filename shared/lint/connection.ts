/** What the linter keeps of one connection, and what its control packets change in it. */
import type {
  ConnackPacket,
  ConnectPacket,
  ProtocolLevel,
  PublishPacket,
  SubackPacket,
  SubscribePacket,
  UnsubscribePacket,
} from '../mqtt/packets.ts'
import { getProperty, userProperties } from '../mqtt/properties.ts'
import { parseShared, topicMatches } from '../mqtt/topics.ts'
import { endpointIdProperty } from '../usp/oktopus.ts'
import { BoundedMap } from './bounded.ts'
import type { At, ConnectionState, Granted } from './moments.ts'

/** Beyond this many of a kind the linter forgets the oldest, and does not judge by what is missing. */
const MAX_FILTERS = 1000
const MAX_PENDING = 1000
const MAX_PEERS = 256
const MAX_ALIASES = 65_535
/** Topic bytes held behind aliases of one direction. */
const MAX_ALIAS_TEXT = 256 * 1024

export class Connection implements ConnectionState {
  readonly id: number
  readonly address: string
  level: ProtocolLevel = 5
  connect?: At & { readonly packet: ConnectPacket }
  connack?: At & { readonly packet: ConnackPacket }
  clientId = ''
  /** Stated in the CONNECT. */
  stated = ''
  endpointId = ''
  readonly filters = new Map<string, Granted>()
  subscribes = 0
  subacks = 0
  records = 0
  closed = false
  settled = false
  disconnect?: At
  disconnectRecord?: At
  refusedConnect = false
  /** Of the last packet from the client. */
  lastIn: number | undefined
  /** The server said DISCONNECT. */
  ended?: At
  /** Paths of the configuration that were compared with what it does. Bounded as the configuration is. */
  readonly compared = new Set<string>()
  /** Not all filters could be kept. */
  overflowed = false
  readonly #pending = new BoundedMap<number, readonly string[]>(MAX_PENDING)
  readonly #peers = new BoundedMap<string, true>(MAX_PEERS)
  readonly #aliases = [new Map<number, string>(), new Map<number, string>()] as const
  readonly #aliasText = [0, 0]

  constructor(id: number, address: string) {
    this.id = id
    this.address = address
  }

  get label(): string {
    return (
      this.endpointId ||
      this.connect?.packet.username ||
      this.clientId ||
      this.address ||
      `connection ${this.id}`
    )
  }

  /** By what it is known again at its next connection; empty when by nothing. */
  get who(): string {
    if (this.stated !== '') return this.stated
    return this.level < 5 ? this.clientId : ''
  }

  connected(packet: ConnectPacket, at: At): void {
    // A second CONNECT is a protocol error and changes nothing [MQTT-3.1.0-2].
    if (this.connect !== undefined) return
    // Neither password nor will is needed: they must not stay in memory.
    const { password: _password, will: _will, ...kept } = packet
    this.connect = { ...at, packet: kept }
    this.level = packet.level
    this.clientId = packet.clientId
    const stated = userProperties(packet.properties).find(([name]) => name === endpointIdProperty)
    this.stated = stated?.[1] ?? ''
    this.endpointId = this.stated
  }

  acknowledged(packet: ConnackPacket, at: At): void {
    if (this.connack !== undefined) return
    this.connack = { ...at, packet }
    this.refusedConnect = packet.reasonCode !== 0
    this.clientId ||= getProperty(packet.properties, 'assignedClientIdentifier') ?? ''
  }

  subscribed(packet: SubscribePacket, at: At): void {
    this.subscribes += 1
    const filters = packet.subscriptions.map(({ filter }) => parseShared(filter)?.filter ?? filter)
    this.#pending.set(packet.packetId, filters)
    for (const filter of filters) {
      if (this.filters.has(filter)) continue
      if (this.filters.size >= MAX_FILTERS) this.overflowed = true
      else this.filters.set(filter, at)
    }
  }

  granted({ packetId, reasonCodes }: SubackPacket): void {
    this.subacks += 1
    for (const [i, filter] of (this.#pending.get(packetId) ?? []).entries()) {
      const entry = this.filters.get(filter)
      const code = reasonCodes[i]
      if (entry !== undefined && code !== undefined)
        this.filters.set(filter, { ...entry, granted: code < 0x80 })
    }
    this.#pending.delete(packetId)
  }

  unsubscribed({ filters }: UnsubscribePacket): void {
    for (const filter of filters) this.filters.delete(parseShared(filter)?.filter ?? filter)
  }

  /** The topic of a PUBLISH, with its Topic Alias resolved; empty when that is not known. */
  topicOf(packet: PublishPacket, inbound: boolean): string {
    const alias = getProperty(packet.properties, 'topicAlias')
    if (alias === undefined) return packet.topic
    const way = inbound ? 0 : 1
    const aliases = this.#aliases[way]
    if (packet.topic === '') return aliases.get(alias) ?? ''
    const used = (this.#aliasText[way] ?? 0) - (aliases.get(alias)?.length ?? 0) + packet.topic.length
    if (used <= MAX_ALIAS_TEXT && aliases.size < MAX_ALIASES) {
      aliases.set(alias, packet.topic)
      this.#aliasText[way] = used
    } else {
      aliases.delete(alias)
    }
    return packet.topic
  }

  /** Whether this is the first Record to an endpoint since the connect or a disconnect Record; remembers it. */
  isFirstTo(endpointId: string): boolean {
    if (this.#peers.has(endpointId)) return false
    const forgot = this.#peers.evicted > 0
    this.#peers.set(endpointId, true)
    return !forgot
  }

  left(endpointId: string): void {
    this.#peers.delete(endpointId)
  }

  /** It holds subscriptions of a session whose SUBSCRIBE may not have been seen. */
  get inherits(): boolean {
    return this.connack?.packet.sessionPresent !== false
  }
}

/** Whether a granted filter of the connection takes this topic. */
export function isSubscribed({ filters }: ConnectionState, topic: string): boolean {
  for (const [filter, { granted }] of filters)
    if (granted === true && topicMatches(filter, topic)) return true
  return false
}

export const grantedCount = ({ filters }: ConnectionState): number => {
  let count = 0
  for (const { granted } of filters.values()) if (granted === true) count += 1
  return count
}

/** Everything of its session was seen, so what is missing was not sent. */
export const isWholeSession = ({ connect, connack }: ConnectionState): boolean =>
  connect !== undefined && connack?.packet.sessionPresent === false
