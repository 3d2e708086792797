/**
 * The Session State of one client (MQTT 5.0, 4.1): its subscriptions, the messages under way both ways, those
 * that wait, its expiry and its will. It outlives the connection, if the client wants that.
 *
 * It decides what is sent and when; the bytes are the business of its link, the wire session.
 */
import type { ProtocolLevel, Subscription } from '../../../../shared/mqtt/packets.ts'
import type { Message, MessageFacts, Terms } from '../message.ts'
import { Fifo } from './fifo.ts'
import type { StateLog } from './log.ts'
import { Delivery, MessageQueue, type QueueBudget, type QueueLimits } from './queue.ts'
import type { SharedGroup } from './shared-group.ts'
import { clockNow } from '../clock.ts'

export const NEVER_EXPIRES = 0xffff_ffff
const MAX_PACKET_ID = 65_535
const FIRST_ERROR = 0x80
const PACKET_ID_NOT_FOUND = 0x92
/** Retained messages that wait for a client: one that subscribes again and again without reading is cut off. */
const MAX_RETAINED = 200_000

/** A subscription as it was granted. */
export interface Granted extends Subscription {
  readonly session: MqttSession
  readonly identifier?: number
  readonly group?: SharedGroup
}

/**
 * How that went. Other than `sent`, the client never gets this one: a rule refused it, or it is above the
 * Maximum Packet Size of the client [MQTT-3.1.2-25].
 */
export type HandOver = 'sent' | 'refused' | 'dropped'

/** The connection, as far as a session needs one. */
export interface Link {
  /** Messages of QoS 1 and 2 that may be under way to the client. */
  readonly receiveMaximum: number
  /** There is room for more bytes; when there was none, `pump` is called once there is. */
  readonly room: boolean
  /** There is none, but the client has just taken some bytes: it is worth while to wait a moment. */
  readonly reading: boolean
  /** The client may have the message, and takes one of its length. Nobody is told when not. */
  takes(message: Message, terms: Terms): boolean
  /** Hands a message over. */
  publish(message: Message, terms: Terms, packetId: number, dup: boolean): HandOver
  /** PUBREL, with a reason code. */
  release(packetId: number, reasonCode: number): void
  /** There was no room for a message of QoS 0. */
  slow(): void
  /** Calls `goOn` once there is room, or after a moment. */
  wait(goOn: () => void): void
  /** More waits for the client than its queue holds. */
  overrun(): void
}

export interface SessionWill {
  readonly facts: Omit<MessageFacts, 'at'>
  /** Will Delay Interval, in seconds. */
  readonly delay: number
}

export interface SessionOptions {
  readonly queue: QueueLimits
  readonly budget: QueueBudget
  readonly log: StateLog
  /** Messages were dropped for which there was no room; told at the first of a row of them. */
  onDropped(session: MqttSession): void
  /** Its client is there, and has what was under way to it. */
  onAttached(session: MqttSession): void
}

export class MqttSession {
  readonly clientId: string
  level: ProtocolLevel = 5
  username: string | undefined
  /** Clean Start of the last CONNECT. */
  clean = true
  /** Session Expiry Interval in seconds; 0 ends the session with the connection. */
  expiry = 0
  /** When it ends, in milliseconds since 1970; undefined while it is connected, Infinity for never. */
  endsAt: number | undefined
  will: SessionWill | undefined
  /** When the will of a connection that is gone goes out. */
  willDue: number | undefined
  /** Number in the journal; 0 while it is in none. */
  no = 0
  readonly subscriptions = new Map<string, Granted>()
  /** Packet IDs of QoS 2 messages that came, of which PUBREL did not yet [MQTT-4.3.3-10]. */
  readonly received = new Set<number>()
  /** Messages dropped because there was no room. */
  dropped = 0
  /** Messages handed over and, above QoS 0, acknowledged. */
  delivered = 0

  readonly #options: SessionOptions
  readonly #queue: MessageQueue
  /** In the order in which they were sent, or released. */
  readonly #underway = new Map<number, Delivery>()
  /** How many of them were sent over this connection: at most the Receive Maximum. */
  #open = 0
  #connection = 0
  /** Packet IDs to be sent once more over a new connection. */
  readonly #again = new Fifo<number>()
  /** Retained messages for new subscriptions: what is kept anyway takes no room in the queue. */
  readonly #retained = new Fifo<Delivery>()
  #link: Link | undefined
  #lastId = 0
  #dropping = false

  constructor(clientId: string, options: SessionOptions) {
    this.clientId = clientId
    this.#options = options
    this.#queue = new MessageQueue(options.queue, options.budget)
  }

  get connected(): boolean {
    return this.#link !== undefined
  }
  /** Outlives its connection, and so a restart of the bench. */
  get lasting(): boolean {
    return this.expiry > 0
  }
  /** What it has to do already: the fewer, the sooner it gets to the next. */
  get load(): number {
    return this.#underway.size + this.#queue.size + (this.#link?.room ? 0 : MAX_PACKET_ID)
  }
  /** Its client is there and would get the message. */
  takes(message: Message, terms: Terms): boolean {
    return this.#link?.takes(message, terms) === true
  }
  get underway(): number {
    return this.#underway.size
  }
  get queued(): number {
    return this.#queue.size
  }
  get queuedBytes(): number {
    return this.#queue.bytes
  }
  /** Oldest first. */
  get waiting(): readonly Delivery[] {
    return this.#queue.toArray()
  }
  get unacknowledged(): ReadonlyMap<number, Delivery> {
    return this.#underway
  }

  /** The client is there: what it did not acknowledge comes once more, in order [MQTT-4.4.0-1]. */
  attach(link: Link): void {
    this.#link = link
    this.endsAt = undefined
    this.#connection += 1
    this.#open = 0
    this.#again.clear()
    for (const [id, { released }] of this.#underway) {
      if (released) link.release(id, 0)
      else this.#again.push(id)
    }
    this.pump()
    this.#options.onAttached(this)
  }

  /** The connection is gone. QoS 0 does not wait for the next one. */
  detach(): void {
    this.#link = undefined
    this.#queue.take(({ terms }) => terms.qos === 0)
    for (const delivery of this.#retained.takeAll()) if (delivery.terms.qos > 0) this.#enqueue(delivery)
  }

  /** Answers the link that whoever publishes more had better wait for. */
  deliver(message: Message, terms: Terms, group?: SharedGroup): Link | undefined {
    const waits = this.#queue.size + this.#again.size + this.#retained.size > 0
    if (terms.qos === 0) {
      return this.#link && this.#deliverOnce(this.#link, message, terms)
    }
    const delivery = new Delivery(message, terms, group)
    if (this.#link?.room && !waits && this.#mayOpen) this.#send(delivery)
    else this.#enqueue(delivery)
    return undefined
  }

  /** Retained messages that a new subscription asks for; they go out as fast as the client takes them. */
  deliverRetained(messages: readonly Message[], terms: (message: Message) => Terms): void {
    for (const message of messages) {
      if (this.#retained.size < MAX_RETAINED) this.#retained.push(new Delivery(message, terms(message)))
      else {
        this.dropped += 1
        this.#link?.overrun()
      }
    }
    this.pump()
  }

  /** Sends what waits, as far as the client takes it. */
  pump(): void {
    while (this.#link?.room) {
      const again = this.#mayOpen ? this.#again.shift() : undefined
      if (again !== undefined) {
        this.#sendAgain(again)
        continue
      }
      const source = this.#retained.size > 0 ? this.#retained : this.#queue
      if (source.size === 0 || this.#again.size > 0) break
      // Of QoS 0 waits only what must keep its place, so the first one decides.
      if (!this.#mayOpen) break
      const delivery = source.shift() as Delivery
      if (delivery.message.expired(clockNow()) || this.#passOn(delivery)) this.#forget(delivery)
      else if (delivery.terms.qos === 0) this.#sendOnce(delivery.message, delivery.terms)
      else this.#send(delivery)
    }
    if (this.#queue.size === 0) this.#dropping = false
  }

  /** A QoS 2 message came with this packet ID. */
  take(packetId: number): void {
    this.received.add(packetId)
    this.#options.log.received(this, packetId, true)
  }

  /** PUBREL: the packet ID is free again; false when it was not in use. */
  letGo(packetId: number): boolean {
    const known = this.received.delete(packetId)
    if (known) this.#options.log.received(this, packetId, false)
    return known
  }

  /** PUBACK. */
  acknowledged(packetId: number): void {
    const sent = this.#underway.get(packetId)
    if (sent?.terms.qos === 1) this.#done(packetId, sent)
  }

  /** PUBREC [MQTT-4.3.3-4]: from here on PUBREL is sent again, never the message. */
  recorded(packetId: number, reasonCode: number): void {
    const sent = this.#underway.get(packetId)
    if (sent?.terms.qos !== 2) {
      if (reasonCode < FIRST_ERROR) this.#link?.release(packetId, PACKET_ID_NOT_FOUND)
      return
    }
    if (reasonCode >= FIRST_ERROR) return this.#done(packetId, sent)
    if (!sent.released) {
      // Put at the end: PUBRELs go out in the order of the PUBRECs [MQTT-4.6.0-4].
      sent.released = true
      this.#underway.delete(packetId)
      this.#underway.set(packetId, sent)
      this.#options.log.released(this, packetId)
    }
    this.#link?.release(packetId, 0)
  }

  /** PUBCOMP. */
  completed(packetId: number): void {
    const sent = this.#underway.get(packetId)
    if (sent?.released) this.#done(packetId, sent)
  }

  /** Forgets what waits; answers how many messages. */
  dropQueue(): number {
    const gone = this.#queue.take(() => true)
    for (const delivery of gone) this.#options.log.dropped(this, delivery)
    this.dropped += gone.length
    return gone.length
  }

  /**
   * Gives back what came through a shared subscription, for another member. A message of QoS 2 that was sent
   * goes to nobody else [MQTT-4.8.2-5].
   */
  giveBack(wanted: (group: SharedGroup) => boolean): readonly Delivery[] {
    const mine = (delivery: Delivery): boolean => delivery.group !== undefined && wanted(delivery.group)
    const back: Delivery[] = []
    for (const [id, sent] of this.#underway) {
      if (!mine(sent) || sent.terms.qos !== 1) continue
      back.push(sent)
      this.#remove(id, sent)
    }
    for (const delivery of this.#queue.take(mine)) {
      back.push(delivery)
      this.#options.log.dropped(this, delivery)
    }
    return back
  }

  /** Puts a message back where it was before a restart; under way if it has a packet ID. */
  restore(delivery: Delivery, packetId: number | undefined, released: boolean): void {
    if (packetId === undefined) this.#queue.push(delivery)
    else {
      delivery.released = released
      this.#underway.set(packetId, delivery)
      this.#lastId = packetId
    }
  }

  get #mayOpen(): boolean {
    return this.#open < (this.#link?.receiveMaximum ?? 0) && this.#underway.size < MAX_PACKET_ID
  }

  /** QoS 0. A client that is reading gets a little more than there is room for, and the publisher waits for it. */
  #deliverOnce(link: Link, message: Message, terms: Terms): Link | undefined {
    // Behind a retained message, so that an older value never follows a newer one.
    if (this.#retained.size > 0) this.#enqueue(new Delivery(message, terms))
    else if (link.room) this.#sendOnce(message, terms)
    else if (link.reading) {
      this.#sendOnce(message, terms)
      return link
    } else {
      this.dropped += 1
      link.slow()
    }
    return undefined
  }

  #sendOnce(message: Message, terms: Terms): void {
    const went = this.#link?.publish(message, terms, 0, false)
    if (went === 'sent') this.delivered += 1
    else if (went === 'dropped') this.dropped += 1
  }

  #send(delivery: Delivery): void {
    const id = this.#nextId()
    this.#underway.set(id, delivery)
    this.#options.log.sent(this, delivery, id)
    this.#sendWithId(id, delivery, false)
  }

  #sendAgain(id: number): void {
    const sent = this.#underway.get(id)
    if (!sent || sent.released) return
    // [MQTT-4.8.2-5] leaves one of QoS 2 here.
    if (sent.terms.qos === 1 && this.#passOn(sent)) this.#remove(id, sent)
    else this.#sendWithId(id, sent, true)
  }

  #sendWithId(id: number, delivery: Delivery, dup: boolean): void {
    delivery.sentOver = this.#connection
    this.#open += 1
    const went = this.#link?.publish(delivery.message, delivery.terms, id, dup)
    if (went === 'dropped') this.dropped += 1
    if (went !== 'sent') this.#remove(id, delivery)
  }

  /** What came through a shared subscription and cannot be taken here: another member has it now. */
  #passOn({ message, terms, group }: Delivery): boolean {
    return group !== undefined && !this.takes(message, terms) && group.passOn(message, this)
  }

  #done(packetId: number, sent: Delivery): void {
    this.delivered += 1
    sent.group?.delivered(this.clientId)
    this.#remove(packetId, sent)
    this.pump()
  }

  #remove(packetId: number, sent: Delivery): void {
    this.#underway.delete(packetId)
    if (sent.sentOver === this.#connection) this.#open -= 1
    this.#options.log.done(this, packetId)
  }

  #enqueue(delivery: Delivery): void {
    this.#options.log.queued(this, delivery)
    const gone = this.#queue.push(delivery)
    if (gone.length === 0) return
    for (const lost of gone) this.#forget(lost)
    this.dropped += gone.length
    if (!this.#dropping) this.#options.onDropped(this)
    this.#dropping = true
    this.#link?.overrun()
  }

  #forget(delivery: Delivery): void {
    if (delivery.terms.qos > 0) this.#options.log.dropped(this, delivery)
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId % MAX_PACKET_ID) + 1
    while (this.#underway.has(this.#lastId))
    return this.#lastId
  }
}
