/**
 * The connections that rows refer to: who is at the other end, and the topic aliases of both directions. A
 * connection is kept while it is open or a row of it is held; then its slot is used anew.
 */
import type { ConnectionFacts } from '../../../shared/contract/model.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { versions } from '../../../shared/mqtt/fields.ts'
import type { ConnackPacket, ConnectPacket, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import { getProperty, userProperties } from '../../../shared/mqtt/properties.ts'
import { NO_FACTS } from '../../../shared/pcapng/facts.ts'
import { aliasLesson, connectLesson, type Lesson } from '../../../shared/pcapng/lessons.ts'
import { endpointIdentity } from '../../../shared/usp/oktopus.ts'
import type { Dictionary } from './dictionary.ts'
import type { ConnectionClosed, ConnectionOpened } from './sink.ts'

export interface Connection {
  readonly slot: number
  readonly facts: ConnectionFacts
  /** Of the CONNECT; 5 until one was seen. */
  readonly level: ProtocolLevel
  readonly open: boolean
  /** How it ended. */
  readonly end?: ConnectionClosed
  /** Number of its oldest row that was ever held; 0 before the first. */
  readonly firstRow: number
}

/** What a CONNECT says about who comes, the client ID aside. */
interface Presented {
  readonly level: ProtocolLevel
  readonly username: string | undefined
  readonly userProperties: readonly (readonly [name: string, value: string])[]
}

interface Entry extends Connection {
  facts: ConnectionFacts
  level: ProtocolLevel
  connect?: Presented
  open: boolean
  end?: ConnectionClosed
  firstRow: number
  rows: number
  /** Topic Alias → topic id, by direction (`Way`). */
  readonly aliases: readonly [Map<number, number>, Map<number, number>]
}

/** Estimates in bytes, for the budget. */
const CONNECTION_COST = 800
const ALIAS_COST = 40

/** `192.168.1.7:49152`, `[fe80::1]:49152`; `connection 7` when nothing is known of it. */
export function peerAddress({ id, remoteAddress, remotePort }: ConnectionFacts): string {
  if (remoteAddress === '') return `connection ${id}`
  return remoteAddress.includes(':') ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`
}

/** Endpoint ID, else user name, else client ID (this is how the identity is found), else the address. */
export const deviceLabel = (facts: ConnectionFacts): string => facts.endpointId || peerAddress(facts)

/** Everything by which a person may look for a connection. */
export const searchText = (facts: ConnectionFacts): string =>
  [facts.endpointId, facts.username, facts.clientId, peerAddress(facts)].filter(Boolean).join('\n')

export class Connections {
  readonly #topics: Dictionary
  readonly #onChange: (connection: Connection) => void
  readonly #byId = new Map<number, Entry>()
  readonly #slots: (Entry | undefined)[] = []
  readonly #free: number[] = []
  #aliases = 0

  /** `onChange` hears when a slot gets a connection and when the facts of one become known. */
  constructor(topics: Dictionary, onChange: (connection: Connection) => void) {
    this.#topics = topics
    this.#onChange = onChange
  }

  /** Memory held, in bytes, as an estimate; strings of topics aside. */
  get bytes(): number {
    return this.#byId.size * CONNECTION_COST + this.#aliases * ALIAS_COST
  }

  opened(id: number, facts: ConnectionOpened): void {
    const known = this.#byId.get(id)
    if (known === undefined) this.#add({ id, ...facts }, true)
    else {
      known.open = true
      this.#learn(known, { ...known.facts, ...facts })
    }
  }

  closed(id: number, facts: ConnectionClosed): void {
    const entry = this.#byId.get(id)
    if (entry === undefined) return
    entry.open = false
    entry.end = facts
    for (const aliases of entry.aliases) {
      for (const topic of aliases.values()) this.#topics.release(topic)
      this.#aliases -= aliases.size
      aliases.clear()
    }
    this.#freeIfUnused(entry)
  }

  get all(): Iterable<Connection> {
    return this.#byId.values()
  }

  /** Packets that teach a reader what is known of a connection: who the client is, and its topic aliases. */
  *lessons(id: number): Generator<Lesson> {
    const entry = this.#byId.get(id)
    if (entry === undefined) return
    if (entry.connect !== undefined) yield* identityLesson(entry.level, entry.facts)
    for (const [way, direction] of (['in', 'out'] as const).entries()) {
      for (const [alias, topic] of entry.aliases[way === 0 ? 0 : 1]) {
        yield aliasLesson(direction, alias, this.#topics.text(topic))
      }
    }
  }

  find(id: number): Connection | undefined {
    return this.#byId.get(id)
  }

  /** One that was never told of, because records were lost, gets a place without facts. */
  findOrAdd(id: number): Connection {
    return this.find(id) ?? this.#add({ id, ...NO_FACTS }, false)
  }

  /** The connection of a row; its slot is held as long as the row. */
  at(slot: number): Connection {
    return this.#entry(slot)
  }

  retain(slot: number, no: number): void {
    const entry = this.#entry(slot)
    entry.rows += 1
    if (entry.firstRow === 0) entry.firstRow = no
  }

  /** A row of this connection is gone. */
  release(slot: number): void {
    const entry = this.#entry(slot)
    entry.rows -= 1
    this.#freeIfUnused(entry)
  }

  /** The first CONNECT counts; a second one is a protocol error [MQTT-3.1.0-2] and changes nothing. */
  learnConnect(slot: number, packet: ConnectPacket): void {
    const entry = this.#entry(slot)
    if (entry.connect !== undefined) return
    // Only what identifies the client is kept: neither password nor will.
    const { level, username, properties } = packet
    entry.connect = { level, username, userProperties: userProperties(properties) }
    entry.level = level
    this.#learn(entry, identify(entry.facts, entry.connect, packet.clientId))
  }

  /** Takes the Assigned Client Identifier [MQTT-3.2.2-16]. */
  learnConnack(slot: number, packet: ConnackPacket): void {
    const entry = this.#entry(slot)
    const assigned = getProperty(packet.properties, 'assignedClientIdentifier')
    if (entry.connect === undefined || assigned === undefined || entry.facts.clientId) return
    this.#learn(entry, identify(entry.facts, entry.connect, assigned))
  }

  /**
   * The topic id that a PUBLISH with this Topic Alias means: `topic` itself, remembered under the alias from now
   * on, or what the alias stood for when `topic` is 0; 0 when that is not known. The caller holds `topic`; the
   * answer is not counted for it.
   */
  alias(slot: number, way: number, alias: number, topic: number): number {
    const aliases = this.#entry(slot).aliases[way === 0 ? 0 : 1]
    const before = aliases.get(alias) ?? 0
    if (topic === 0 || topic === before) return before
    if (before === 0) this.#aliases += 1
    aliases.set(alias, this.#topics.again(topic))
    this.#topics.release(before)
    return topic
  }

  #add(facts: ConnectionFacts, open: boolean): Entry {
    const slot = this.#free.pop() ?? this.#slots.length
    const aliases = [new Map<number, number>(), new Map<number, number>()] as const
    const entry: Entry = { slot, facts, level: 5, open, firstRow: 0, rows: 0, aliases }
    this.#slots[slot] = entry
    this.#byId.set(facts.id, entry)
    this.#onChange(entry)
    return entry
  }

  #learn(entry: Entry, facts: ConnectionFacts): void {
    entry.facts = facts
    this.#onChange(entry)
  }

  #entry(slot: number): Entry {
    const entry = this.#slots[slot]
    if (entry === undefined) throw new RangeError(`No connection has the slot ${slot}.`)
    return entry
  }

  #freeIfUnused(entry: Entry): void {
    if (entry.open || entry.rows > 0) return
    this.#slots[entry.slot] = undefined
    this.#byId.delete(entry.facts.id)
    this.#free.push(entry.slot)
  }
}

/** The CONNECT that says who a client is; none where no CONNECT could say it. */
export function* identityLesson(level: ProtocolLevel, facts: ConnectionFacts): Generator<Lesson> {
  const { clientId = '', username, endpointId, endpointSource } = facts
  const stated = endpointSource === 'usp-endpoint-id' ? endpointId : undefined
  try {
    yield connectLesson({ level, clientId, username, statedEndpointId: stated })
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof MqttError)) throw error
  }
}

function identify(facts: ConnectionFacts, presented: Presented, clientId: string): ConnectionFacts {
  const { level, username, userProperties } = presented
  const { endpointId, source } = endpointIdentity({ userProperties, username, clientId })
  return {
    ...facts,
    version: versions[level],
    clientId,
    ...(username === undefined ? {} : { username }),
    ...(endpointId === '' ? {} : { endpointId, endpointSource: source }),
  }
}
