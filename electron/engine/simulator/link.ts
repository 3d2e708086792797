/** The MQTT side of a simulated agent: connects as OB-USP-A does, subscribes, publishes, comes back. */
import { connect as connectTcp } from 'node:net'
import { connect, type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt'
import {
  endpointIdProperty,
  joinReplyTo,
  splitReplyTo,
  subscribeTopicProperty,
} from '../../../shared/usp/oktopus.ts'
import type { Agent, Line } from './agent.ts'
import type { ConnectionSettings } from './connection-settings.ts'
import type { Facts } from './facts.ts'
import type { Quirks } from './misbehaviours.ts'
import { connectOptions, factsOf, retryMs, type Broker, type Identity } from './mqtt-options.ts'
import type { ListenQos } from './topics.ts'
import { realWorld, type World } from './world.ts'

/** What stands behind a connection: it takes Records and publishes others over its `Line`. */
export interface LinkedAgent {
  /** As they are now: read before each attempt to connect. */
  readonly settings: ConnectionSettings
  /** Subscribed. `ownTopic` is where answers are wanted. */
  connected(ownTopic: string, session: Partial<Facts>): void
  disconnected(): void
  /** The last words before DISCONNECT. */
  farewell(reasonCode: number, reason: string): void
  /** No more timers. */
  stop(): void
  /** Never throws. */
  receive(payload: Uint8Array, replyTopic: string | undefined): void
}

export interface LinkOptions<A extends LinkedAgent> {
  readonly broker: Broker
  readonly identity: Identity
  readonly quirks: Quirks
  readonly agent: (line: Line, world: World) => A
  /** Opens and closes TCP once before each CONNECT, as OB-USP-A does. */
  readonly probes: boolean
  /** Seconds; caps the wait between attempts to connect. */
  readonly maxRetrySeconds: number
  /** Called at each change of state; `why` for a connection that failed. */
  readonly onState: (state: LinkState, why?: string) => void
  readonly world?: World
}

/** `ready`: subscribed, Connect Record sent. */
export type LinkState = 'connecting' | 'ready' | 'waiting' | 'stopped'

/** The topics of CONNACK that OB-USP-A subscribes to; more are ignored. */
const MAX_SUBSCRIBE_TOPICS = 5
/** Messages that may come before the agent has said that it is there; the controller asks a few things then. */
const MAX_EARLY = 64
/** What DISCONNECT and the last Record may take. */
const STOP_MS = 2000
const CONTENT_TYPE = 'usp.msg'

export class Link<A extends LinkedAgent = Agent> implements Line {
  readonly agent: A
  readonly #options: LinkOptions<A>
  readonly #world: World
  #client: MqttClient | undefined
  #state: LinkState = 'stopped'
  #attempts = 0
  /** Where answers are wanted: what the agent subscribed to. */
  #ownTopic: string
  #cancelRetry: () => void = () => undefined
  /**
   * What came with the last SUBACK, or before it: the agent reads it after it has sent its Connect Record, which
   * must be the first Record of a connection (R-MTP.6).
   */
  #early: (() => void)[] = []
  /** Topics of the data model that a connection has subscribed. */
  readonly #listened = new WeakMap<MqttClient, ReadonlySet<string>>()

  constructor(options: LinkOptions<A>) {
    const { broker, identity, world = realWorld } = options
    this.#options = options
    this.#world = world
    this.#ownTopic = factsOf(broker, identity).agentTopic
    this.agent = options.agent(this, world)
  }

  get state(): LinkState {
    return this.#state
  }

  start(): void {
    this.#become('connecting')
    if (this.#options.probes) this.#probe()
    else this.#connect()
  }

  /** Disconnect Record, DISCONNECT, no more attempts. */
  async stop(): Promise<void> {
    this.#cancelRetry()
    const client = this.#client
    const wasReady = this.#state === 'ready'
    this.#become('stopped')
    if (client?.connected) {
      if (wasReady) this.agent.farewell(0, 'Shutting down')
      this.agent.stop()
      await endWithin(client, STOP_MS)
    } else {
      this.agent.stop()
      client?.end(true)
    }
    this.#client = undefined
  }

  leave(how: 'disconnect' | 'close', backMs: number): void {
    const client = this.#client
    if (!client || this.#state === 'stopped') return
    this.#client = undefined
    this.agent.disconnected()
    if (how === 'disconnect') client.end()
    else client.stream.destroy()
    this.#comeBack(backMs)
  }

  listen(topics: ReadonlyMap<string, ListenQos>): void {
    const client = this.#client
    if (!client?.connected) return
    const before = this.#listened.get(client) ?? new Set()
    for (const topic of before) if (!topics.has(topic)) client.unsubscribe(topic)
    for (const [topic, qos] of topics) {
      if (!before.has(topic)) void this.#subscribeOne(client, topic, qos)
    }
    this.#listened.set(client, new Set(topics.keys()))
  }

  publish(topic: string, payload: Uint8Array): boolean {
    const client = this.#client
    if (!client?.connected) return false
    const { quirks, identity } = this.#options
    const retain = quirks.retains === true
    const qos = identity.publishQos
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    // What a closing connection loses is lost: the agent sends again what has to arrive.
    const done = (): void => undefined
    const isNamed = !quirks.hidesResponseTopic && this.#ownTopic !== ''
    if (identity.mqtt === 4) {
      const name = isNamed ? joinReplyTo(topic, this.#ownTopic) : topic
      client.publish(name, bytes, { qos, retain }, done)
      return true
    }
    const contentType = quirks.contentType === undefined ? CONTENT_TYPE : quirks.contentType
    const properties = {
      ...(contentType !== null && { contentType }),
      ...(isNamed && { responseTopic: this.#ownTopic }),
    }
    client.publish(topic, bytes, { qos, retain, properties }, done)
    return true
  }

  #become(state: LinkState, why?: string): void {
    this.#state = state
    this.#options.onState(state, why)
  }

  /** OB-USP-A looks whether the broker's port is open before every attempt. */
  #probe(): void {
    const { host, port } = this.#options.broker
    const socket = connectTcp({ host, port })
    let failure: Error | undefined
    socket.on('error', (error) => (failure = error))
    socket.on('connect', () => socket.end())
    socket.on('close', () => {
      if (this.#state !== 'connecting') return
      if (failure) this.#comeBack(this.#nextRetry(), failure.message)
      else this.#connect()
    })
  }

  #connect(): void {
    const { broker, identity, quirks } = this.#options
    const client = connect(connectOptions(broker, identity, quirks, this.agent.settings.keepAlive))
    this.#client = client
    this.#early = []
    let why: string | undefined
    if (quirks.ignoresServerKeepAlive) {
      // Told before MQTT.js itself looks at it.
      client.on('packetreceive', (packet) => {
        if (packet.cmd === 'connack') delete packet.properties?.serverKeepAlive
      })
    }
    client.on('connect', (connack) => void this.#subscribe(client, connack))
    client.on('message', (topic, payload, packet) => this.#receive(topic, payload, packet))
    client.on('error', (error) => (why = error.message))
    client.on('disconnect', (packet) => (why = `DISCONNECT ${packet.reasonCode ?? 0}`))
    client.on('close', () => {
      if (this.#client !== client) return
      this.#client = undefined
      client.end(true)
      this.agent.disconnected()
      this.#comeBack(this.#nextRetry(), why ?? 'the connection was closed')
    })
  }

  /** A CONNACK that accepts resets the count, even if all goes wrong after it. */
  #nextRetry(): number {
    this.#attempts++
    const { maxRetrySeconds, quirks } = this.#options
    const { retry } = this.agent.settings
    if (quirks.retriesEvenly) return retryMs(1, 0, retry)
    const ms = retryMs(this.#attempts, this.#world.random(), retry)
    return Math.min(ms, maxRetrySeconds * 1000)
  }

  #comeBack(ms: number, why?: string): void {
    if (this.#state === 'stopped') return
    this.#become('waiting', why)
    this.#cancelRetry()
    this.#cancelRetry = this.#world.after(ms, () => this.start())
  }

  async #subscribe(client: MqttClient, connack: IConnackPacket): Promise<void> {
    this.#attempts = 0
    const { identity, quirks } = this.#options
    const { responseInformation, assignedClientIdentifier, userProperties } = connack.properties ?? {}
    const { responseTopic, hasTopics } = this.agent.settings
    this.#ownTopic = responseInformation || responseTopic
    const offered = [userProperties?.[subscribeTopicProperty] ?? []].flat().slice(0, MAX_SUBSCRIBE_TOPICS)
    const own = this.#ownTopic === '' ? [] : [this.#ownTopic]
    const filters =
      identity.mqtt === 5 ? [...new Set([...own, ...offered])] : own.map((topic) => `${topic}/#`)
    // Nothing to subscribe (R-MQTT.16) ends the connection as does nothing granted (R-MQTT.17).
    const isEmpty = filters.length === 0 && !hasTopics && !quirks.staysWithoutTopics
    const granted = quirks.skipsSubscribe
      ? [true]
      : await Promise.all(filters.map((filter) => this.#subscribeOne(client, filter)))
    if (this.#client !== client) return
    const isRefused = filters.length > 0 && !granted.includes(true) && !quirks.ignoresRefusal
    if (isEmpty || isRefused) {
      this.leave('disconnect', this.#nextRetry())
      return
    }
    this.#become('ready')
    this.agent.connected(this.#ownTopic, {
      ...(assignedClientIdentifier !== undefined && { clientId: assignedClientIdentifier }),
      ...(responseInformation !== undefined && { responseInformation }),
    })
    for (const receive of this.#early.splice(0)) receive()
  }

  /** Whether it was granted. One topic a packet. */
  #subscribeOne(client: MqttClient, filter: string, qos: ListenQos = 0): Promise<boolean> {
    const { identity, quirks } = this.#options
    const isNamed = identity.mqtt === 5 && !quirks.hidesEndpointId
    const properties = { userProperties: { [endpointIdProperty]: identity.endpointId } }
    return new Promise((resolve) => {
      client.subscribe(filter, { qos, ...(isNamed && { properties }) }, (error) => resolve(!error))
    })
  }

  #receive(topic: string, payload: Buffer, packet: IPublishPacket): void {
    const { onlyContentType } = this.#options.quirks
    if (onlyContentType !== undefined && packet.properties?.contentType !== onlyContentType) return
    const replyTopic =
      this.#options.identity.mqtt === 5 ? packet.properties?.responseTopic : splitReplyTo(topic).replyTo
    if (this.#state === 'ready') this.agent.receive(payload, replyTopic)
    else if (this.#early.length < MAX_EARLY) this.#early.push(() => this.agent.receive(payload, replyTopic))
  }
}

/** DISCONNECT after what is on its way; the connection is closed when that takes too long. */
function endWithin(client: MqttClient, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => client.end(true, {}, () => resolve()), ms)
    client.end(false, {}, () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
