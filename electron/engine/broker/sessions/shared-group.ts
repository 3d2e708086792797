/**
 * A shared subscription, `$share/{group}/{filter}` (MQTT 5.0, 4.8.2; given to 3.1.1 as well): each message goes to
 * one member. The one with the fewest unacknowledged messages gets it; among equals they take turns. Members that
 * are away are passed over; with nobody there, messages wait for the first who comes, if any session lasts. One that
 * may not have a message, or for which it is too large (3.1.2.11.4), is passed over as well; when that is so for all,
 * the last one asked is handed it, which tells why it is dropped.
 */
import type { QoS } from '../../../../shared/mqtt/packets.ts'
import type { Message, Terms } from '../message.ts'
import type { MqttSession } from './mqtt-session.ts'

export interface Member {
  readonly session: MqttSession
  readonly qos: QoS
  readonly retainAsPublished: boolean
  readonly identifiers: readonly number[]
  /** Messages given to it. */
  given: number
  /** Of those, acknowledged ones. */
  acknowledged: number
}

export class SharedGroup {
  readonly name: string
  /** The topic filter, without `$share/{group}/`. */
  readonly filter: string
  readonly #members = new Map<string, Member>()
  /** The member that got the last one: the turn is that of those behind it. */
  #last = ''
  /** Client IDs of members that did not take a message. */
  readonly #refusals = new WeakMap<Message, Set<string>>()

  constructor(name: string, filter: string) {
    this.name = name
    this.filter = filter
  }

  /** As a client subscribes it. */
  get key(): string {
    return `$share/${this.name}/${this.filter}`
  }
  get members(): Iterable<Member> {
    return this.#members.values()
  }
  get size(): number {
    return this.#members.size
  }

  /** Joins, or changes its terms. */
  join(session: MqttSession, terms: Pick<Member, 'qos' | 'retainAsPublished' | 'identifiers'>): void {
    const former = this.#members.get(session.clientId)
    const { given, acknowledged } = former ?? { given: 0, acknowledged: 0 }
    this.#members.set(session.clientId, { session, ...terms, given, acknowledged })
  }

  leave(session: MqttSession): void {
    if (this.#members.get(session.clientId)?.session === session) this.#members.delete(session.clientId)
  }

  delivered(clientId: string): void {
    const member = this.#members.get(clientId)
    if (member) member.acknowledged += 1
  }

  /** Gives the message to one member; false when there is none that could have it. */
  deliver(message: Message): boolean {
    for (;;) {
      const member = this.#choose(this.#refusals.get(message))
      if (!member) break
      const terms = termsOf(member, message)
      if (member.session.takes(message, terms)) return this.#give(member, message, terms)
      this.#refusal(message).add(member.session.clientId)
    }
    const last = this.#patient(message) ?? this.#choose()
    return last !== undefined && this.#give(last, message, termsOf(last, message))
  }

  /** A member cannot take what waited for it: gives it to another; false when there is none. */
  passOn(message: Message, from: MqttSession): boolean {
    this.#refusal(message).add(from.clientId)
    const other = this.#choose(this.#refusals.get(message)) ?? this.#patient(message)
    return other !== undefined && this.deliver(message)
  }

  /** Somebody is there to take over from one who left. */
  get online(): boolean {
    for (const { session } of this.#members.values()) if (session.connected) return true
    return false
  }

  #give(member: Member, message: Message, terms: Terms): true {
    this.#last = member.session.clientId
    member.given += 1
    member.session.deliver(message, terms, this)
    return true
  }

  #refusal(message: Message): Set<string> {
    const known = this.#refusals.get(message)
    if (known) return known
    const made = new Set<string>()
    this.#refusals.set(message, made)
    return made
  }

  #choose(refused?: ReadonlySet<string>): Member | undefined {
    let best: Member | undefined
    let bestLoad = Infinity
    let first: Member | undefined
    let firstLoad = Infinity
    let passed = false
    for (const member of this.#members.values()) {
      const { session } = member
      if (session.connected && !refused?.has(session.clientId)) {
        const { load } = session
        if (passed && load < bestLoad) [best, bestLoad] = [member, load]
        if (!passed && load < firstLoad) [first, firstLoad] = [member, load]
      }
      if (session.clientId === this.#last) passed = true
    }
    return firstLoad < bestLoad ? first : best
  }

  /** Nobody is there: the member that will outlast its connection and has the least waiting. */
  #patient(message: Message): Member | undefined {
    if (message.qos === 0) return undefined
    const refused = this.#refusals.get(message)
    let best: Member | undefined
    for (const member of this.#members.values()) {
      const { session, qos } = member
      if (session.connected || !session.lasting || qos === 0 || refused?.has(session.clientId)) continue
      if (!best || session.queued < best.session.queued) best = member
    }
    return best
  }
}

const termsOf = ({ qos, retainAsPublished, identifiers }: Member, message: Message): Terms => ({
  qos: Math.min(qos, message.qos) as QoS,
  retain: retainAsPublished && message.retain,
  identifiers,
})
