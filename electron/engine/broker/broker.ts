/** The embedded broker: aedes behind wire sessions. */
import { Aedes, type Client, type PublishPacket } from 'aedes'
import type { Access, Refusal } from '../access/access.ts'
import type { CaptureSink } from '../capture/sink.ts'
import { ConnectRate } from './connect-rate.ts'
import type { Limits, SessionContext, SessionEvents, Traffic } from './context.ts'
import { TopicEmitter } from './emitter.ts'
import { handshakeSentence } from '../tls/failure.ts'
import type { Accept, HandshakeFailure } from './listeners.ts'
import { RetainedLedger } from './retained-ledger.ts'
import { showClientId, showTopic } from './rules/disguise.ts'
import { allRules } from './rules/index.ts'
import type { OktopusOptions } from './rules/oktopus.ts'
import { ClientIds } from './rules/takeover.ts'
import { MAX_TOPIC_LEVELS } from './rules/topics.ts'
import { announceStatus } from './status.ts'
import { Session } from './session.ts'

export interface BrokerOptions {
  readonly capture: CaptureSink
  readonly limits: Limits
  /** The guard; absent: an open bench. */
  readonly access?: Access
  readonly oktopus: OktopusOptions
  /** Time for CONNECT to come, in milliseconds. */
  readonly connectTimeoutMs: number
  readonly events: SessionEvents
}

export interface Broker {
  readonly traffic: Readonly<Traffic>
  readonly sessions: ReadonlySet<Session>
  /** Takes a connection from a listener. */
  readonly accept: Accept
  /** A device that did not come through the TLS handshake: a row in the capture, and a refusal to be seen. */
  handshakeFailed(failure: HandshakeFailure): void
  /** A message from the bench itself, outside every access rule. */
  publish(topic: string, payload: string | Buffer, qos: 0 | 1): void
  /** After the access list was changed: ends subscriptions that it no longer allows, and answers which. */
  applyAccess(): readonly TakenAway[]
  /** Ends every session (0x8B, Server shutting down), then the broker. */
  close(): Promise<void>
}

export interface TakenAway {
  readonly session: Session
  readonly filter: string
}

const KEEP_ALIVE_TIMEOUT = 0x8d
const SERVER_SHUTTING_DOWN = 0x8b
const QUOTA_EXCEEDED = 0x97
const CONNECTION_RATE_EXCEEDED = 0x9f
/** Connections above the limit that are heard until their CONNECT, to be told why they are refused. */
const MAX_REFUSED = 100
const UNSPECIFIED_ERROR = 0x80
/** How often silent connections are looked for, in milliseconds. */
const SWEEP_MS = 500
/** Sessions kept for clients that left with a Session Expiry Interval. */
const MAX_STORED_SESSIONS = 10_000

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const sessions = new Set<Session>()
  const byClient = new WeakMap<Client, Session>()
  const clientIds = new ClientIds()
  const traffic: Traffic = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0, refused: 0, slowDrops: 0 }
  let lastId = 0

  const retained = new RetainedLedger(options.limits.retained)
  const rate = new ConnectRate(options.limits.connectsPerSecond)

  /** What is to be retained passes here last, wills too. What came at once with others may find no room. */
  function keep(packet: PublishPacket): void {
    const expiry = (packet.properties as { messageExpiryInterval?: number } | undefined)
      ?.messageExpiryInterval
    const message = { topic: showTopic(packet.topic), payload: packet.payload, expiry }
    const now = Date.now()
    if (retained.refusal(message, now) === undefined) retained.note(message, now)
    else packet.retain = false
  }

  /** Why a connection may not stay; `flood` where it is not even heard. */
  function aboveLimit(address: string): { readonly refusal: Refusal; readonly flood: boolean } | undefined {
    const { connections, connectsPerSecond } = options.limits
    const verdict = rate.take(address, performance.now())
    if (verdict !== 'ok') {
      const text = `more than ${connectsPerSecond} connections per second from one address (broker.connectsPerSecond)`
      return { refusal: { reasonCode: CONNECTION_RATE_EXCEEDED, text }, flood: verdict === 'flood' }
    }
    if (sessions.size < connections) return undefined
    const text = `all ${connections} connections are in use (broker.maxConnections)`
    const flood = sessions.size >= connections + MAX_REFUSED
    return { refusal: { reasonCode: QUOTA_EXCEEDED, text }, flood }
  }

  const aedes = await Aedes.createBroker({
    mq: new TopicEmitter(),
    // A wire session always takes bytes, keeps the time and holds early packets back itself.
    drainTimeout: 0,
    connectTimeout: 2 ** 31 - 1,
    queueLimit: Number.MAX_SAFE_INTEGER,
    maxClientsIdLength: Number.MAX_SAFE_INTEGER,
    maxTopicLevels: MAX_TOPIC_LEVELS,
    pendingSessionsLimit: MAX_STORED_SESSIONS,
    authorizePublish(_client, packet, done) {
      // aedes copies the delay of a will into the message, where no client may see it: libmosquitto hangs up.
      const properties = packet.properties as { willDelayInterval?: number } | undefined
      if (properties?.willDelayInterval !== undefined) {
        const { willDelayInterval: _, ...rest } = properties
        packet.properties = rest
      }
      if (packet.retain) keep(packet)
      done(null)
    },
    authorizeForward(client, packet) {
      if (options.access?.open === false) {
        // aedes knows the sender; its type does not say so.
        const { clientId } = packet as { clientId?: string }
        const shown = clientId === undefined ? undefined : showClientId(clientId)
        byClient.get(client)?.publishers.note(showTopic(packet.topic), shown)
      }
      return packet
    },
  })
  const noteError = (client: Client, error: Error): void => byClient.get(client)?.noteBrokerError(error)
  aedes.on('clientError', noteError)
  aedes.on('connectionError', noteError)

  const publish: Broker['publish'] = (topic, payload, qos) => {
    const message = {
      cmd: 'publish',
      topic,
      payload: Buffer.from(payload),
      qos,
      retain: false,
      dup: false,
    } as const
    if (!aedes.closed) aedes.publish(message, () => undefined)
  }
  const announcer = options.oktopus.status
    ? announceStatus((topic, payload) => publish(topic, payload, 1))
    : undefined

  const context: SessionContext = {
    capture: options.capture,
    limits: options.limits,
    traffic,
    rules: allRules({
      clientIds,
      ...(options.access ? { access: options.access } : {}),
      disguiseState: { used: false },
      oktopus: options.oktopus,
      limits: options.limits,
      retained,
      note: (denial) => options.access?.noteLimit(denial),
    }),
    events: {
      ...options.events,
      subscribed(session, filter) {
        announcer?.subscribed(session, filter)
        options.events.subscribed(session, filter)
      },
      ended(session, text) {
        sessions.delete(session)
        options.events.ended(session, text)
        announcer?.ended(session)
      },
    },
    attach(session, end) {
      const client = aedes.handle(end.connection)
      byClient.set(client, session)
      return client
    },
  }

  const sweep = setInterval(() => {
    const now = performance.now()
    for (const session of sessions) {
      const silentMs = now - session.lastInboundAt
      const keepAlive = session.connect?.keepAlive ?? 0
      if (session.phase === 'waiting' && silentMs > options.connectTimeoutMs) {
        session.finish(KEEP_ALIVE_TIMEOUT, `no CONNECT within ${options.connectTimeoutMs / 1000} s`)
      } else if (session.closed && silentMs > options.connectTimeoutMs) {
        session.finish(UNSPECIFIED_ERROR, 'closed, and what it had sent could not be worked on')
      } else if (session.phase === 'connected' && keepAlive > 0 && silentMs > keepAlive * 1500) {
        // [MQTT-3.1.2-22]
        session.finish(
          KEEP_ALIVE_TIMEOUT,
          `nothing came for ${keepAlive * 1.5} s; Keep Alive is ${keepAlive} s`,
        )
      }
    }
  }, SWEEP_MS)

  return {
    traffic,
    sessions,
    handshakeFailed({ peer, transport, listenerPort, failure }) {
      const { remoteAddress, remotePort } = peer
      const id = ++lastId
      traffic.refused += 1
      options.capture.opened(id, { transport, listenerPort, remoteAddress, remotePort, localAddress: '' })
      options.capture.closed(id, {
        by: 'bench',
        reason: handshakeSentence(failure),
        probe: false,
      })
      options.access?.noteHandshake(remoteAddress, { transport, port: listenerPort }, failure)
    },
    accept(transport, name, listenerPort, certificate) {
      const above = aboveLimit(transport.remoteAddress)
      const session = new Session(++lastId, name, listenerPort, transport, context, certificate)
      session.refusal = above?.refusal
      sessions.add(session)
      if (above?.flood) session.finish(above.refusal.reasonCode, above.refusal.text)
    },
    publish,
    applyAccess() {
      const taken: TakenAway[] = []
      for (const session of sessions) {
        const { access, subscriptions } = session
        const lost = [...subscriptions]
          .filter(([filter, qos]) => access?.judge('subscribe', filter, qos as 0 | 1 | 2, false))
          .map(([filter]) => filter)
        session.takeAway(lost)
        for (const filter of lost) taken.push({ session, filter })
      }
      return taken
    },
    async close() {
      clearInterval(sweep)
      const all = [...sessions]
      for (const session of all) session.finish(SERVER_SHUTTING_DOWN, 'the bench is closing')
      await Promise.all(all.map((session) => session.gone))
      await new Promise<void>((resolve) => aedes.close(resolve))
    },
  }
}
