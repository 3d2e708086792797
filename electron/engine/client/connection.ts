/** One connection of the MQTT client: its line, its session, its subscriptions and counters. */
import { connectOf, subscriptionOf, type Secrets } from '../../../shared/client/connect.ts'
import { DraftFault } from '../../../shared/client/draft-fault.ts'
import type { Cause, Effect } from '../../../shared/client/effects.ts'
import type { ExchangeEnd } from '../../../shared/client/exchanges.ts'
import { ClientSession } from '../../../shared/client/session.ts'
import type { Outgoing } from '../../../shared/client/publish-draft.ts'
import { causeText, connackFacts, farewellFacts } from '../../../shared/client/words.ts'
import type {
  ClientConnection as ConnectionState,
  ClientProfile,
  ConnectionPhase,
  LiveSubscription,
  NamedValue,
  SubscriptionDraft,
  TrafficCount,
} from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { ConnackPacket, Properties } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { NO_FACTS, type OpenedFacts } from '../../../shared/pcapng/facts.ts'
import { holdsAgentTopic } from '../../../shared/usp/oktopus.ts'
import type { Transport } from '../broker/transport.ts'
import { redactPacket } from '../capture/export/redact.ts'
import { Comeback } from './comeback.ts'
import { mayComeBack, subscribed } from './ends.ts'
import { openLine, seenByBroker } from './line.ts'
import type { PacketLog } from './log.ts'
import { Outbox, type Ask } from './outbox.ts'
import { Prover, type Step } from './prover.ts'
import { colourOf, noteRow, packetRow } from './rows.ts'
import { secretsFor, targetOf, type Surroundings, type Target } from './target.ts'
import { troubleText } from './trouble.ts'

export interface ConnectionOptions {
  readonly id: string
  readonly profile: () => ClientProfile
  readonly secrets: () => Secrets
  readonly bench: Surroundings
  readonly log: PacketLog
  readonly newId: () => string
  readonly onChange: () => void
}

const noTraffic: TrafficCount = { packets: 0, bytes: 0, messages: 0 }

export class ClientConnection {
  readonly #options: ConnectionOptions
  readonly #session: ClientSession
  readonly #outbox: Outbox
  readonly #prover: Prover
  readonly #comeback = new Comeback()
  #phase: ConnectionPhase = 'off'
  /** Of the connection, whatever the profile says meanwhile. */
  #level: 4 | 5 = 5
  #since = Date.now()
  #message: string | undefined
  #failed = false
  #target: Target | undefined
  #connack: ConnackPacket | undefined
  #facts: readonly NamedValue[] = []
  #farewell: readonly NamedValue[] = []
  #clientId = ''
  #traffic = { in: noTraffic, out: noTraffic }
  #line: Transport | undefined
  #lastLine: OpenedFacts = NO_FACTS
  #attempt = new AbortController()
  #timer: NodeJS.Timeout | undefined
  readonly #subscriptions = new Map<string, LiveSubscription>()
  /** What is to be done at the end of an exchange. */
  readonly #ends = new Map<number, (end: ExchangeEnd) => void>()
  /** Why the last attempt came to nothing. */
  #lastFall: string | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#outbox = new Outbox(options.log)
    this.#session = new ClientSession({
      write: (bytes) => this.#line?.write(bytes),
      effect: (effect) => this.#take(effect),
    })
    this.#prover = new Prover({
      session: this.#session,
      onChange: options.onChange,
      onNote: (text, bad) => this.#remark(text, bad),
      onDistrust: (why) => this.#distrust(why),
    })
  }

  get state(): ConnectionState {
    return {
      id: this.#options.id,
      phase: this.#phase,
      ...(this.#message !== undefined && { message: this.#message }),
      failed: this.#failed,
      since: this.#since,
      address: this.#target?.text ?? '',
      clientId: this.#clientId,
      connack: this.#facts,
      farewell: this.#farewell,
      ...(this.#prover.state && { authentication: this.#prover.state }),
      ...(this.#comeback.next && { retry: this.#comeback.next }),
      ...this.#traffic,
      subscriptions: [...this.#subscriptions.values()],
      unacknowledged: this.#session.unfinished,
    }
  }
  get #isTls(): boolean {
    const { transport } = this.#target?.address ?? {}
    return transport === 'tls' || transport === 'wss'
  }
  get connected(): boolean {
    return this.#session.connected
  }
  /** The last line that stood, as the broker sees it. */
  get lastLine(): OpenedFacts {
    return this.#lastLine
  }
  /** Bytes that the line has not taken yet. */
  get backlog(): number {
    return this.#line?.buffered ?? 0
  }

  /** Begins an attempt; one under way is given up. */
  connect(): void {
    // Without DISCONNECT the broker would publish the will.
    if (this.#session.connected) this.#session.disconnect(0, [], performance.now())
    this.#leave()
    this.#lastFall = undefined
    this.#become('connecting')
    void this.#open()
  }

  disconnect(reasonCode = 0, properties: Properties = []): void {
    if (this.#session.connected) this.#session.disconnect(reasonCode, properties, performance.now())
    this.#leave()
    this.#become('off')
  }

  /** Throws a NotSent, a DraftFault or a BenchFailure, and nothing goes out then. */
  authenticate(step: Step): void {
    const { profile, secrets, bench } = this.#options
    const { password, authenticationData: value } = secretsFor(profile(), secrets(), bench)
    const kept = value === undefined ? undefined : { value, hex: profile().authenticationHex === true }
    this.#prover.step(step, password, kept)
  }

  /** For good. */
  stop(): void {
    this.disconnect()
    this.#outbox.asks.stop()
  }

  clearCounts(): void {
    this.#traffic = { in: noTraffic, out: noTraffic }
    this.#options.onChange()
  }

  /**
   * Answers the row, or undefined while it waits for Receive Maximum. `ask`: it is a request. Throws NotSent and
   * what the encoder says.
   */
  publish(message: Outgoing, ask?: Ask): number | undefined {
    const no = this.#outbox.publish(() => this.#session.publish(message, performance.now()), ask)
    this.#changed()
    return no
  }

  /** Resolves with what the broker said. Rejects when it cannot be asked. */
  async subscribe(draft: SubscriptionDraft): Promise<LiveSubscription> {
    const { filter } = draft
    try {
      const level = this.#level
      const { subscription, properties } = subscriptionOf(draft, level)
      const exchange = this.#session.subscribe([subscription], properties, performance.now())
      this.#note({ filter, state: 'pending', text: 'waits for SUBACK' })
      const end = await new Promise<ExchangeEnd>((resolve) => this.#ends.set(exchange, resolve))
      const live = subscribed(filter, end, level)
      this.#note(live)
      return live
    } catch (error) {
      this.#note({ filter, state: 'refused', text: (error as Error).message })
      throw error
    }
  }

  unsubscribe(filter: string, properties: Properties): void {
    this.#subscriptions.delete(filter)
    this.#session.unsubscribe([filter], properties, performance.now())
    this.#changed()
  }

  subscription(filter: string): LiveSubscription | undefined {
    return this.#subscriptions.get(filter)
  }

  /**
   * Where the answers to requests may come to: what Response Information is the basis of, else by the client ID. Who
   * listens on the topic of an agent would be taken for one, and asked things by the controller.
   */
  get ownResponseTopic(): string {
    const offered = this.#connack && getProperty(this.#connack.properties, 'responseInformation')
    if (!offered || holdsAgentTopic(offered)) return `reply/${this.#clientId}`
    return offered.endsWith('/') ? `${offered}${this.#clientId}` : offered
  }

  async #open(): Promise<void> {
    const { signal } = this.#attempt
    const profile = this.#options.profile()
    this.#level = profile.level
    try {
      const target = await targetOf(profile, this.#options.secrets(), this.#options.bench)
      if (signal.aborted) return
      this.#target = target
      this.#changed()
      const plain = connectOf(profile, target.secrets, this.#options.newId)
      const connect = this.#prover.begin(plain, target.secrets.password)
      this.#clientId = profile.clientId
      const line = await openLine(target.address, target.tls, signal)
      if (signal.aborted) return line.end()
      this.#line = line
      this.#lastLine = seenByBroker(line, target.address)
      line.start({
        data: (chunk) => {
          if (this.#line !== line) return
          this.#session.receive(chunk, performance.now())
          this.#arm()
        },
        closed: (error) => this.#lineClosed(line, error),
      })
      this.#session.open(connect, performance.now())
      this.#arm()
    } catch (error) {
      if (signal.aborted) return
      this.#endLine()
      this.#lineFailed(error as Error)
    }
  }

  #lineFailed(error: Error): void {
    const own = error instanceof BenchFailure || error instanceof DraftFault
    // The codec throws for a CONNECT that the standard does not allow.
    const isConnect = error.name === 'MqttError' || error.name === 'RangeError'
    if (own || isConnect || this.#target === undefined) {
      const text = isConnect ? `${error.message}.` : error.message
      return this.#fall(text, false)
    }
    this.#fall(troubleText(error, this.#target.text), true)
  }

  #lineClosed(line: Transport, error: Error | undefined): void {
    if (this.#line !== line) return
    const early = this.#phase === 'connecting'
    const at = this.#target?.text ?? ''
    this.#endLine()
    this.#session.closed()
    const text = error
      ? troubleText(error, at)
      : early
        ? `${at} closed the connection before CONNACK: perhaps it expects ${this.#isTls ? 'a client certificate' : 'TLS'}.`
        : `${at} closed the connection without DISCONNECT.`
    this.#fall(text, true)
  }

  /** The connection is not there, against the person's will. */
  #fall(text: string, again: boolean): void {
    // The same at each attempt would drive the messages out of the log.
    if (text !== this.#lastFall) this.#remark(text, true)
    this.#lastFall = text
    this.#prover.ended(text)
    const seconds = this.#options.profile().reconnect
    // What never stood is not made anew: it is more likely to be wrong than down.
    const comesBack = again && seconds > 0 && this.#connack !== undefined
    if (comesBack)
      this.#comeback.plan(seconds, () => {
        this.#become('connecting', text, true)
        void this.#open()
      })
    this.#become(comesBack ? 'waiting' : 'off', text, true)
  }

  #take(effect: Effect): void {
    switch (effect.kind) {
      case 'sent':
      case 'received':
        return this.#logged(effect)
      case 'connected':
        return this.#connected(effect.packet)
      case 'challenged':
        return void this.#prover.challenged(effect.packet)
      case 'proved':
        return this.#prover.proved(effect.packet)
      case 'finished':
        return this.#finished(effect.exchange, effect.end)
      case 'close':
        return this.#close(effect.cause)
    }
  }

  #logged(effect: Extract<Effect, { kind: 'sent' | 'received' }>): void {
    const { packet, bytes, topic, exchange, again } = effect
    const direction = effect.kind === 'sent' ? 'out' : 'in'
    this.#count(direction, bytes.length, packet.type === 'PUBLISH')
    // They say nothing and would drive the messages out of the log.
    if (packet.type === 'PINGREQ' || packet.type === 'PINGRESP') return
    const { id, log } = this.#options
    const profile = this.#options.profile()
    const level = this.#level
    const facts = packetRow(id, direction, packet, level, {
      length: bytes.length,
      ...(topic !== undefined && { topic }),
      ...(again !== undefined && { again }),
    })
    const colour = packet.type === 'PUBLISH' && topic !== undefined ? colourOf(profile, topic) : undefined
    const no = log.add({ ...facts, ...(colour && { colour }) }, redactPacket(bytes, level), level)
    if (packet.type !== 'PUBLISH') return
    if (direction === 'in') {
      if (again !== true) this.#outbox.asks.receive(no, topic ?? '', packet, performance.now())
    } else if (exchange !== undefined && !packet.dup) this.#outbox.sent(no, exchange, packet.qos)
  }

  #finished(exchange: number, end: ExchangeEnd): void {
    this.#ends.get(exchange)?.(end)
    this.#ends.delete(exchange)
    this.#outbox.finished(exchange, end, this.#level)
  }

  #connected(packet: ConnackPacket): void {
    const { subscriptions } = this.#options.profile()
    const distrust = this.#prover.connected(packet)
    if (distrust !== undefined) return this.#distrust(distrust)
    this.#connack = packet
    this.#farewell = []
    this.#lastFall = undefined
    this.#comeback.done()
    this.#facts = connackFacts(packet, this.#level)
    this.#clientId = getProperty(packet.properties, 'assignedClientIdentifier') ?? this.#clientId
    const known = packet.sessionPresent ? [...this.#subscriptions.values()] : []
    this.#subscriptions.clear()
    for (const live of known) {
      if (live.state === 'granted' || live.state === 'kept')
        this.#subscriptions.set(live.filter, { ...live, state: 'kept' })
    }
    this.#become('connected')
    for (const draft of subscriptions) {
      // What goes wrong is told at the subscription.
      if (!this.#subscriptions.has(draft.filter)) this.subscribe(draft).catch(() => undefined)
    }
  }

  #distrust(why: string): void {
    this.#session.disconnect(0, [], performance.now())
    this.#fall(why, false)
  }

  #close(cause: Cause): void {
    this.#endLine()
    if (cause.kind === 'left') return this.#prover.ended('')
    if (cause.kind === 'ended') this.#farewell = farewellFacts(cause.packet)
    const text = causeText(cause, this.#level)
    this.#fall(text, mayComeBack(cause))
  }

  /** Whatever is under way ends. */
  #leave(): void {
    this.#attempt.abort()
    this.#attempt = new AbortController()
    this.#comeback.done()
    this.#endLine()
    this.#session.closed()
    this.#connack = undefined
    this.#prover.ended('')
  }

  #endLine(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const line = this.#line
    this.#line = undefined
    line?.end()
  }

  #arm(): void {
    const { wakeAt } = this.#session
    if (this.#timer !== undefined || wakeAt === undefined) return
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#session.wake(performance.now())
        this.#arm()
      },
      Math.max(1, wakeAt - performance.now()),
    )
  }

  #become(phase: ConnectionPhase, message?: string, failed = false): void {
    if (phase !== this.#phase) this.#since = Date.now()
    this.#phase = phase
    this.#message = message
    this.#failed = failed
    if (phase === 'off') this.#subscriptions.clear()
    this.#changed()
  }

  #note(live: LiveSubscription): void {
    this.#subscriptions.set(live.filter, live)
    this.#changed()
  }

  /** Beside the packets. */
  #remark(text: string, bad: boolean): void {
    const { id, log } = this.#options
    log.add(noteRow(id, text, bad), new Uint8Array(), this.#level)
  }

  #count(direction: 'in' | 'out', bytes: number, isMessage: boolean): void {
    const before = this.#traffic[direction]
    const next = {
      packets: before.packets + 1,
      bytes: before.bytes + bytes,
      messages: before.messages + (isMessage ? 1 : 0),
    }
    this.#traffic = { ...this.#traffic, [direction]: next }
    this.#changed()
  }

  #changed(): void {
    this.#options.onChange()
  }
}
