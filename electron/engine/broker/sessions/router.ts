/**
 * Who gets a message: topic filters to sessions and shared groups. A client whose subscriptions overlap gets it
 * once, at the highest QoS granted, with every Subscription Identifier that matched [MQTT-3.3.4-2] to [-5].
 */
import type { QoS, Subscription } from '../../../../shared/mqtt/packets.ts'
import { parseShared } from '../../../../shared/mqtt/topics.ts'
import type { Message, Terms } from '../message.ts'
import { TopicTree } from '../topic-tree.ts'
import type { StateLog } from './log.ts'
import type { Granted, Link, MqttSession } from './mqtt-session.ts'
import { SharedGroup } from './shared-group.ts'

/** All that a topic leads to. */
interface Plan {
  readonly receivers: readonly Receiver[]
  readonly groups: readonly SharedGroup[]
}

/** One session with those of its subscriptions that match. */
class Receiver {
  readonly session: MqttSession
  readonly #granted: Granted[] = []
  /** By QoS and retain flag of the message: nearly all messages of a topic have the same. */
  readonly #terms: (Terms | undefined)[] = []
  #noLocal = false

  constructor(session: MqttSession) {
    this.session = session
  }

  add(granted: Granted): void {
    this.#granted.push(granted)
    if (granted.noLocal) this.#noLocal = true
  }

  /** Undefined when it must not get its own message back [MQTT-3.8.3-3]. */
  terms(message: Message): Terms | undefined {
    if (this.#noLocal && message.publisher === this.session.clientId) {
      return mergedTerms(
        this.#granted.filter(({ noLocal }) => !noLocal),
        message,
      )
    }
    const at = message.qos * 2 + (message.retain ? 1 : 0)
    return (this.#terms[at] ??= mergedTerms(this.#granted, message))
  }
}

function mergedTerms(granted: readonly Granted[], { qos, retain }: Message): Terms | undefined {
  if (granted.length === 0) return undefined
  return {
    qos: Math.min(qos, Math.max(...granted.map((one) => one.qos))) as QoS,
    retain: retain && granted.some(({ retainAsPublished }) => retainAsPublished),
    identifiers: granted.flatMap(({ identifier }) => identifier ?? []),
  }
}

export class Router {
  readonly #tree = new TopicTree<Granted | SharedGroup, Plan>(planOf)
  readonly #groups = new Map<string, SharedGroup>()
  readonly #log: StateLog
  /** A link that the last message left without room, and that is reading: its publisher had better wait. */
  busy: Link | undefined

  constructor(log: StateLog) {
    this.#log = log
  }

  /** Of shared subscriptions, in the order in which they were made. */
  get groups(): readonly SharedGroup[] {
    return [...this.#groups.values()]
  }

  /** Adds a subscription or takes its place [MQTT-3.8.4-3]; answers what was granted, and whether it is new. */
  subscribe(
    session: MqttSession,
    wish: Subscription,
    identifier: number | undefined,
  ): { readonly granted: Granted; readonly isNew: boolean } {
    const former = session.subscriptions.get(wish.filter)
    const shared = parseShared(wish.filter)
    const group = shared && this.#group(wish.filter, shared.group, shared.filter)
    const granted: Granted = {
      ...wish,
      session,
      ...(identifier !== undefined && { identifier }),
      ...(group && { group }),
    }
    session.subscriptions.set(wish.filter, granted)
    if (group) {
      const { qos, retainAsPublished } = wish
      group.join(session, {
        qos,
        retainAsPublished,
        identifiers: identifier === undefined ? [] : [identifier],
      })
    } else {
      if (former) this.#tree.remove(wish.filter, former)
      this.#tree.add(wish.filter, granted)
    }
    this.#log.subscribed(session, granted)
    return { granted, isNew: former === undefined }
  }

  /** False when there was no such subscription. */
  unsubscribe(session: MqttSession, filter: string): boolean {
    const granted = session.subscriptions.get(filter)
    if (!granted) return false
    session.subscriptions.delete(filter)
    this.#remove(granted)
    this.#log.unsubscribed(session, filter)
    return true
  }

  /** The session has ended. What it held for groups goes to their other members [MQTT-4.8.2-4]. */
  forget(session: MqttSession): void {
    for (const granted of session.subscriptions.values()) this.#remove(granted)
    session.subscriptions.clear()
    redeliver(session, () => true)
  }

  /** A connection is gone: another member that is there takes over what it did not acknowledge. */
  away(session: MqttSession): void {
    for (const { group } of session.subscriptions.values()) {
      if (group?.online) redeliver(session, (one) => one === group)
    }
  }

  /** A client is there: it gets what waited for members of its groups that are away. */
  here(session: MqttSession): void {
    for (const { group } of session.subscriptions.values()) {
      for (const member of group?.members ?? []) {
        if (!member.session.connected) redeliver(member.session, (one) => one === group)
      }
    }
  }

  /** Hands a message to all who subscribed; answers how many that were. */
  route(message: Message): number {
    const { receivers, groups } = this.#tree.match(message.topic)
    let reached = 0
    this.busy = undefined
    if (receivers.length > 1) message.keepFrames()
    for (const receiver of receivers) {
      const terms = receiver.terms(message)
      if (!terms) continue
      reached += 1
      this.busy = receiver.session.deliver(message, terms) ?? this.busy
    }
    for (const group of groups) if (group.deliver(message)) reached += 1
    message.forgetFrames()
    return reached
  }

  #group(key: string, name: string, filter: string): SharedGroup {
    let group = this.#groups.get(key)
    if (!group) {
      group = new SharedGroup(name, filter)
      this.#groups.set(key, group)
      this.#tree.add(filter, group)
    }
    return group
  }

  #remove(granted: Granted): void {
    const { filter, group, session } = granted
    if (!group) return this.#tree.remove(filter, granted)
    group.leave(session)
    if (group.size > 0) return
    this.#groups.delete(filter)
    this.#tree.remove(group.filter, group)
  }
}

function planOf(found: readonly (Granted | SharedGroup)[]): Plan {
  const receivers = new Map<MqttSession, Receiver>()
  const groups: SharedGroup[] = []
  for (const one of found) {
    if (one instanceof SharedGroup) {
      groups.push(one)
      continue
    }
    const receiver = receivers.get(one.session) ?? new Receiver(one.session)
    receivers.set(one.session, receiver)
    receiver.add(one)
  }
  return { receivers: [...receivers.values()], groups }
}

/** Gives to others what a member has of the groups that `wanted` says. */
function redeliver(member: MqttSession, wanted: (group: SharedGroup) => boolean): void {
  for (const { message, group } of member.giveBack(wanted)) group?.deliver(message)
}
