/**
 * A shared subscription, `$share/{group}/{filter}` (MQTT 5.0, 4.8.2; given to 3.1.1 as well): each message goes to
 * one member. The one with the fewest unacknowledged messages gets it; among equals they take turns. Members that
 * are away are passed over; with nobody there, messages wait for the first who comes, if any session lasts.
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
    const member = this.#choose() ?? (message.qos > 0 ? this.#patient() : undefined)
    if (!member) return false
    this.#last = member.session.clientId
    member.given += 1
    member.session.deliver(message, termsOf(member, message), this)
    return true
  }

  /** Somebody is there to take over from one who left. */
  get online(): boolean {
    for (const { session } of this.#members.values()) if (session.connected) return true
    return false
  }

  #choose(): Member | undefined {
    let best: Member | undefined
    let bestLoad = Infinity
    let first: Member | undefined
    let firstLoad = Infinity
    let passed = false
    for (const member of this.#members.values()) {
      const { session } = member
      if (session.connected) {
        const load = session.underway + session.queued
        if (passed && load < bestLoad) [best, bestLoad] = [member, load]
        if (!passed && load < firstLoad) [first, firstLoad] = [member, load]
      }
      if (session.clientId === this.#last) passed = true
    }
    return firstLoad < bestLoad ? first : best
  }

  /** Nobody is there: the member that will outlast its connection and has the least waiting. */
  #patient(): Member | undefined {
    let best: Member | undefined
    for (const member of this.#members.values()) {
      if (member.session.lasting && member.qos > 0 && !(best && best.session.queued <= member.session.queued))
        best = member
    }
    return best
  }
}

const termsOf = ({ qos, retainAsPublished, identifiers }: Member, message: Message): Terms => ({
  qos: Math.min(qos, message.qos) as QoS,
  retain: retainAsPublished && message.retain,
  identifiers,
})
