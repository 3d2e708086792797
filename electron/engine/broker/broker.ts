/** The embedded broker: aedes behind wire sessions. */
import { Aedes, type Client } from 'aedes'
import type { Access, Refusal } from '../access/access.ts'
import type { CaptureSink } from '../capture/sink.ts'
import { ConnectRate } from './connect-rate.ts'
import type { Limits, SessionContext, SessionEvents, Traffic } from './context.ts'
import { TopicEmitter } from './emitter.ts'
import type { Faults } from './fault-line.ts'
import { handshakeSentence } from '../tls/failure.ts'
import type { Accept, HandshakeFailure } from './listeners.ts'
import type { JournalOptions } from './journal/journal.ts'
import { openJournal } from './journal/open.ts'
import { Message } from './message.ts'
import { allRules } from './rules/index.ts'
import type { OktopusOptions } from './rules/oktopus.ts'
import { ClientIds } from './rules/takeover.ts'
import type { RedirectOptions } from './rules/redirect.ts'
import { MAX_TOPIC_LEVELS } from './rules/topics.ts'
import { NO_PROPERTIES } from '../../../shared/mqtt/properties.ts'
import { overviewOf, type Overview } from './sessions/overview.ts'
import { RetainedStore } from './sessions/retained-store.ts'
import { Router } from './sessions/router.ts'
import { SessionStore } from './sessions/session-store.ts'
import { announceStatus } from './status.ts'
import { Session } from './session.ts'
import { Transit } from './transit.ts'
import { clockNow } from './clock.ts'

export interface BrokerOptions {
  readonly capture: CaptureSink
  readonly limits: Limits
  /** The guard; absent: an open bench. */
  readonly access?: Access
  readonly oktopus: OktopusOptions
  readonly redirect: RedirectOptions
  /** Time for CONNECT to come, in milliseconds. */
  readonly connectTimeoutMs: number
  readonly events: SessionEvents
  /** Where sessions and retained messages outlive a restart; absent: nowhere. */
  readonly journal?: JournalOptions
  /** Faults on purpose; absent: there are none. */
  readonly faults?: Faults
}

export interface Broker {
  readonly traffic: Readonly<Traffic>
  readonly sessions: ReadonlySet<Session>
  /** What is remembered of each client, shared subscriptions and retained messages, to be seen and acted on. */
  readonly overview: Overview
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
const ADMINISTRATIVE_ACTION = 0x98
const CONNECTION_RATE_EXCEEDED = 0x9f
/** Connections above the limit that are heard until their CONNECT, to be told why they are refused. */
const MAX_REFUSED = 100
const UNSPECIFIED_ERROR = 0x80
/** How often silent connections are looked for, in milliseconds. */
const SWEEP_MS = 500
const EMPTY = Buffer.alloc(0)
const nothing = (): void => {}
/** How many times of these retained messages that have expired are looked for. */
const RETAINED_SWEEPS = 60

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const sessions = new Set<Session>()
  const byClient = new WeakMap<Client, Session>()
  const clientIds = new ClientIds()
  const traffic: Traffic = { packetsIn: 0, packetsOut: 0, bytesIn: 0, bytesOut: 0, refused: 0, slowDrops: 0 }
  let lastId = 0

  const transit = new Transit((topic) => {
    if (aedes.closed) return
    aedes.publish({ cmd: 'publish', topic, payload: EMPTY, qos: 0, retain: false, dup: false }, nothing)
  })
  const { log, recall, journal } = await openJournal(options.journal)
  const router = new Router(log)
  const retained = new RetainedStore(options.limits.retained, log)
  const rate = new ConnectRate(options.limits.connectsPerSecond)

  /** What comes out of aedes is handed to those who subscribed, and kept if it is to be retained. */
  const emitter = new TopicEmitter(() => {
    const parcel = transit.take()
    if (!parcel) return
    if (parcel.message.retain) retained.keep(parcel.message)
    const reached = router.route(parcel.message)
    parcel.routed?.(reached)
    if (router.busy) parcel.owner?.restFor(router.busy)
  })

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
    mq: emitter,
    // A wire session always takes bytes, keeps the time and holds early packets back itself.
    drainTimeout: 0,
    connectTimeout: 2 ** 31 - 1,
    queueLimit: Number.MAX_SAFE_INTEGER,
    maxClientsIdLength: Number.MAX_SAFE_INTEGER,
    maxTopicLevels: MAX_TOPIC_LEVELS,
  })
  const noteError = (client: Client, error: Error): void => byClient.get(client)?.noteBrokerError(error)
  aedes.on('clientError', noteError)
  aedes.on('connectionError', noteError)

  /** Sends a message on its way that no connection brought. */
  const send = (message: Message): void => transit.send({ message, owner: undefined, routed: undefined })
  const publish: Broker['publish'] = (topic, payload, qos) =>
    send(
      new Message({
        topic,
        payload: Buffer.from(payload),
        qos,
        retain: false,
        properties: NO_PROPERTIES,
        publisher: undefined,
        at: clockNow(),
      }),
    )
  const states = new SessionStore({
    limits: options.limits.sessions,
    router,
    log,
    publish: send,
    onDropped: (state) => options.events.overrun(state),
  })
  await recall({ states, router, retained })
  const announcer = options.oktopus.status
    ? announceStatus((topic, payload) => publish(topic, payload, 1))
    : undefined

  const context: SessionContext = {
    capture: options.capture,
    limits: options.limits,
    traffic,
    log,
    ...(options.faults && { faults: options.faults }),
    rules: allRules({
      clientIds,
      ...(options.access ? { access: options.access } : {}),
      oktopus: options.oktopus,
      limits: options.limits,
      redirect: options.redirect,
      retained,
      router,
      sessions: states,
      transit,
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

  let sweptAt = performance.now()
  let sweeps = 0
  const sweep = setInterval(() => {
    states.sweep(clockNow())
    sweeps += 1
    if (sweeps % RETAINED_SWEEPS === 0) retained.sweep(clockNow())
    const now = performance.now()
    // A machine that slept, or a process that was stopped: what devices sent meanwhile still waits to be read.
    const stoodStill = now - sweptAt - SWEEP_MS
    sweptAt = now
    for (const session of sessions) {
      if (stoodStill > SWEEP_MS) session.excuse(stoodStill)
      const silentMs = session.silentMs(now)
      const { keepAlive } = session
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
    overview: overviewOf({
      states,
      router,
      retained,
      disconnect(clientId) {
        const holder = clientIds.holder(clientId)
        holder?.finish(ADMINISTRATIVE_ACTION, 'ended by a person')
        return holder !== undefined
      },
    }),
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
        const { access, state } = session
        for (const { filter, qos } of state?.subscriptions.values() ?? []) {
          if (!state || !access?.judge('subscribe', filter, qos, false)) continue
          // The device is not told: MQTT has no word for it.
          router.unsubscribe(state, filter)
          taken.push({ session, filter })
        }
      }
      return taken
    },
    async close() {
      clearInterval(sweep)
      const all = [...sessions]
      for (const session of all) session.finish(SERVER_SHUTTING_DOWN, 'the bench is closing')
      await Promise.all(all.map((session) => session.gone))
      await new Promise<void>((resolve) => aedes.close(resolve))
      await journal?.close()
    },
  }
}
