/**
 * A simulated agent without sockets: Records in, Records out. What it sends goes through a `Line`, which the MQTT side
 * gives it; time and chance come from a `World`.
 */
import type { Msg, UspRecord } from '../../../shared/usp/codec.ts'
import { Record_PayloadSecurity as Security } from '../../../shared/usp/gen/usp-record_pb.ts'
import { bootParameters, controllerAt, controllers, type Controller } from './controllers.ts'
import { DataModel, type Change, type Place } from './data-model.ts'
import type { Facts } from './facts.ts'
import { answer, SUPPORTED_VERSIONS, type MsgInit } from './messages/index.ts'
import type { Machine } from './messages/operate.ts'
import { AnswerQueue } from './answers.ts'
import {
  connectionSettings,
  keepClientId,
  usualSettings,
  type ConnectionSettings,
} from './connection-settings.ts'
import { distorted, misread } from './distortions.ts'
import { pad } from './padding.ts'
import { pretended } from './pretend.ts'
import type { Quirks } from './misbehaviours.ts'
import { kindOf, notifyMsg, type NotificationInit } from './notify.ts'
import { Notifier } from './notifier.ts'
import { OnBoarding } from './on-boarding.ts'
import { readMsg, readRecord, requestOf } from './read-record.ts'
import { Records } from './records.ts'
import { Requests } from './requests.ts'
import type { Schema } from './schema.ts'
import {
  deleteSubscriptionsOf,
  subscriptionRows,
  subscriptions,
  type Subscription,
} from './subscription-rows.ts'
import { Ticker } from './ticker.ts'
import { configuredTopics, type ListenQos } from './topics.ts'
import { applySettings } from './triggers.ts'
import { interested, valuesOf } from './watch.ts'
import type { World } from './world.ts'

/** What an agent does over MQTT. */
export interface Line {
  /** A Record to a topic; false when there is no connection to send it over. */
  publish(topic: string, payload: Uint8Array): boolean
  /** Ends the connection, with MQTT DISCONNECT or by closing TCP; connects again after `backMs`. */
  leave(how: 'disconnect' | 'close', backMs: number): void
  /** Subscribes these topic filters beside those of the connection, and no others any more. */
  listen(topics: ReadonlyMap<string, ListenQos>): void
}

export interface AgentOptions {
  readonly schema: Schema
  readonly endpointId: string
  readonly mqtt: 4 | 5
  /** What placeholders of the data model are filled with, beside time and state. */
  readonly facts: Omit<Facts, 'uptime' | 'now' | 'endpoint'>
  readonly quirks: Quirks
  readonly line: Line
  readonly world: World
}

export interface AgentCounts {
  requests: number
  notifications: number
  /** Payloads that were no Record for this agent: dropped without a word, as OB-USP-A does. */
  dropped: number
}

/** How long a device is away when it restarts. */
const RESTART_MS = 1000
/** Between the two connections of ForceReconnect(). */
const RECONNECT_MS = 1000
/** After a Record that ends the association (obuspa: back in 5 to 10 s). */
const BACK_MS = 5000
const BOOT_DELAY_MS = 20

type BootCause = 'LocalFactoryReset' | 'RemoteReboot' | 'RemoteFactoryReset'

export class Agent implements Machine {
  readonly counts: AgentCounts = { requests: 0, notifications: 0, dropped: 0 }
  readonly model: DataModel
  readonly #options: AgentOptions
  readonly #records: Records
  readonly #notifier: Notifier
  readonly #requests: Requests
  readonly #answers: AnswerQueue
  readonly #onBoarding: OnBoarding
  readonly #ticker: Ticker
  #listening: ReadonlyMap<string, ListenQos> = new Map()
  /** Facts that a connection changes. */
  #session: Partial<Facts> = {}
  #bootedAt: number
  /** The Boot! that is still to be told. */
  #boot: { readonly cause: BootCause; readonly commandKey: string } | undefined = {
    cause: 'LocalFactoryReset',
    commandKey: '',
  }
  #cancelBoot: () => void = () => undefined
  #serial = new Map<string, number>()

  constructor(options: AgentOptions) {
    const { world, quirks, line, schema, endpointId } = options
    this.#options = options
    this.#bootedAt = world.now()
    this.model = new DataModel(schema, (name) => this.#fact(name))
    this.#records = new Records(endpointId, quirks, 2 + Math.floor(world.random() * 1e9))
    const publish = (topic: string, payload: Uint8Array): boolean => line.publish(topic, payload)
    this.#notifier = new Notifier(world, publish, quirks.notifyForeverMs)
    this.#answers = new AnswerQueue(world, quirks, publish)
    this.#onBoarding = new OnBoarding(this.model, world, quirks, (to) => this.#sendOnBoardRequest(to))
    this.#requests = new Requests(this.model, world, (done) => this.#completed(done))
    this.#ticker = new Ticker(world, this.model, {
      periodic: (controller) => this.#event('Device.LocalAgent.', 'Periodic!', {}, controller.place.path),
      changed: (subscription, path, value) =>
        this.#notify(subscription, { case: 'valueChange', value: { paramPath: path, paramValue: value } }),
      ended: () => this.#afterwards(),
      keepsExpired: quirks.keepsExpiredSubscriptions === true,
      subscriptions: () => this.#subscriptions(),
    })
  }

  /** Subscribed: the Connect Record goes to every controller, then Boot! once for each start (R-MTP.6). */
  connected(ownTopic: string, session: Partial<Facts>): void {
    this.#session = { ...session, status: 'Connected' }
    const { quirks, mqtt, world } = this.#options
    for (const { endpointId, topic } of controllers(this.model)) {
      if (topic !== '' && !quirks.hidesConnectRecord)
        this.#publish(topic, this.#records.connect(endpointId, mqtt, ownTopic))
    }
    keepClientId(this.model, session.clientId)
    this.#listening = new Map()
    this.#listen()
    this.#notifier.resume()
    const boot = this.#boot
    this.#boot = undefined
    if (boot) {
      this.#cancelBoot = world.after(BOOT_DELAY_MS * world.random(), () => this.#tellBoot(boot))
      this.#onBoarding.booted()
    }
    this.#ticker.refresh()
  }

  #listen(): void {
    const topics = this.#options.quirks.ignoresConfiguredTopics
      ? new Map<string, ListenQos>()
      : configuredTopics(this.model)
    const before = this.#listening
    const isSame =
      topics.size === before.size && [...topics].every(([topic, qos]) => before.get(topic) === qos)
    if (isSame) return
    this.#listening = topics
    this.#options.line.listen(topics)
  }

  get settings(): ConnectionSettings {
    return connectionSettings(this.model, usualSettings(this.#options.facts.agentTopic))
  }

  disconnected(): void {
    this.#session = { status: 'Connecting' }
  }

  /** The Disconnect Record for every controller; the MQTT side says DISCONNECT after it (R-MTP.7). */
  farewell(reasonCode: number, reason: string): void {
    for (const { endpointId, topic } of controllers(this.model)) {
      if (topic !== '') this.#publish(topic, this.#records.disconnect(endpointId, reasonCode, reason))
    }
  }

  /** No more timers. */
  stop(): void {
    this.#cancelBoot()
    this.#notifier.stop()
    this.#requests.stop()
    this.#answers.stop()
    this.#onBoarding.stop()
    this.#ticker.stop()
  }

  /** A payload that came for this agent; `replyTopic` is where the answer is wanted. Never throws. */
  receive(payload: Uint8Array, replyTopic: string | undefined): void {
    const record = readRecord(payload)
    const controller = controllers(this.model).find(({ endpointId }) => endpointId === record?.fromId)
    if (!record || !controller || record.toId !== this.#options.endpointId) {
      this.counts.dropped++
      return
    }
    const topic = replyTopic ?? controller.topic
    const refusal = this.#refusal(record)
    if (refusal) {
      this.#publish(topic, this.#records.disconnect(controller.endpointId, refusal.code, refusal.reason))
      this.#options.line.leave('disconnect', BACK_MS * (1 + this.#options.world.random()))
      return
    }
    const msg = readMsg(record)
    if (msg) this.#message(msg, controller, topic)
    else if (record.recordType.case === 'noSessionContext') this.counts.dropped++
  }

  /** What OB-USP-A ends the association for (obuspa 11: 7104, 7106, 7105). */
  #refusal(record: UspRecord): { code: number; reason: string } | undefined {
    if (record.payloadSecurity !== Security.PLAINTEXT) {
      return { code: 7104, reason: 'Encrypted payloads are not supported' }
    }
    const kind = record.recordType.case
    if (kind === 'sessionContext' && this.#options.quirks.segmentBytes === undefined) {
      return { code: 7106, reason: 'Session contexts are not supported' }
    }
    return kind === 'disconnect' ? { code: 7105, reason: 'The controller disconnected' } : undefined
  }

  #message(msg: Msg, controller: Controller, replyTopic: string): void {
    const msgId = msg.header?.msgId ?? ''
    const kind = msg.body?.msgBody.case
    if (kind === 'response' || kind === 'error') {
      this.#notifier.acknowledge(msgId)
      this.#onBoarding.answered(msgId)
    }
    if (kind !== 'request' || msgId === '') return
    this.counts.requests++
    const { quirks } = this.#options
    if (quirks.cutsInsteadOfAnswer) return this.#options.line.leave('close', BACK_MS)
    const { distortions = [] } = quirks
    const read = misread(msg, distortions)
    const init = this.#answer(read, controller)
    if (init && replyTopic !== '') {
      const topic = quirks.answersOnControllerTopic ? controller.topic : replyTopic
      this.#answers.send(
        topic,
        this.#records.message(
          controller.endpointId,
          distorted(pad(init, quirks.answerBytes), read, distortions),
        ),
      )
    }
    this.#afterwards()
  }

  #answer(msg: Msg, { place, endpointId }: Controller): MsgInit | undefined {
    const originator = { path: place.path.slice(0, -1), endpointId, now: this.#isoNow() }
    const { pretends = [], answersUnderOtherMsgId } = this.#options.quirks
    const kind = requestOf(msg)
    const init = pretends.some((one) => one === kind)
      ? pretended(this.model, (machine) => answer(msg, this.model, originator, machine))
      : answer(msg, this.model, originator, this)
    if (!init || !answersUnderOtherMsgId) return init
    return { ...init, header: { ...init.header, msgId: `other-${init.header.msgId}` } }
  }

  /** After the data model may have changed: who wants to know, and when to look again. */
  #afterwards(): void {
    const list = this.#subscriptions()
    for (const change of this.#takeChanges()) {
      if (change.kind === 'created') {
        const { path } = change.place
        for (const one of interested(this.model, list, 'ObjectCreation', path)) {
          this.#notify(one, { case: 'objCreation', value: { objPath: path, uniqueKeys: { ...change.keys } } })
        }
      } else {
        for (const one of interested(this.model, list, 'ObjectDeletion', change.path)) {
          this.#notify(one, { case: 'objDeletion', value: { objPath: change.path } })
        }
      }
    }
    this.#ticker.refresh()
    this.#listen()
  }

  /** Rows made and deleted; with a controller its subscriptions go (TR-181, Subscription.{i}.Recipient). */
  #takeChanges(): readonly Change[] {
    const changes = this.model.takeChanges()
    if (this.#options.quirks.keepsOrphans) return changes
    for (const change of changes)
      if (change.kind === 'deleted') deleteSubscriptionsOf(this.model, change.path)
    return [...changes, ...this.model.takeChanges()]
  }

  #subscriptions(): Subscription[] {
    const on = new Set(controllers(this.model).map(({ place }) => place.path))
    return subscriptions(this.model, (path) => on.has(path))
  }

  /** `recipient`: only for that controller. */
  #event(objPath: string, eventName: string, params: Record<string, string>, recipient?: string): void {
    for (const one of interested(this.model, this.#subscriptions(), 'Event', objPath + eventName)) {
      if (recipient !== undefined && one.recipient !== recipient) continue
      const controller = controllerAt(this.model, one.recipient)
      const isBoot = eventName === 'Boot!' && controller !== undefined
      const own = isBoot
        ? { ParameterMap: bootParameters(this.model, controller, (path) => this.#read(path)) }
        : {}
      this.#notify(one, { case: 'event', value: { objPath, eventName, params: { ...params, ...own } } })
    }
  }

  #read(path: string): Record<string, string> {
    const values = valuesOf(this.model, path)
    return Object.fromEntries(values.map((one) => [one.path, this.model.shown(one.place, one.parameter)]))
  }

  #tellBoot({ cause, commandKey }: { readonly cause: BootCause; readonly commandKey: string }): void {
    const params = { CommandKey: commandKey, Cause: cause, Reason: 'Unknown', FirmwareUpdated: 'false' }
    this.#event('Device.', 'Boot!', params)
  }

  #notify(subscription: Subscription, notification: NotificationInit): void {
    const { action, settings } = subscription
    const { quirks, world } = this.#options
    if (action !== 'Notify' && !quirks.ignoresTriggers) {
      applySettings(this.model, settings)
      // Not from inside what triggered it, which goes over the subscriptions that this may have changed.
      world.after(0, () => this.#afterwards())
    }
    if (action === 'Config') return
    const controller = controllerAt(this.model, subscription.recipient)
    if (controller)
      this.#post(controller, subscription.id, subscription.retries, subscription.expiration, notification)
  }

  #post(
    controller: Controller,
    subscriptionId: string,
    retries: boolean,
    expiration: number,
    notification: NotificationInit,
  ): string | undefined {
    const { hidesNotifications, neverRetries } = this.#options.quirks
    if (controller.topic === '' || hidesNotifications) return undefined
    const kind = kindOf(notification)
    const count = (this.#serial.get(kind) ?? 0) + 1
    this.#serial.set(kind, count)
    const msgId = `${kind}-${this.#isoNow()}-${count}`
    const number = (name: string): number => Number(this.model.text(controller.place, name))
    this.counts.notifications++
    const msg = notifyMsg(msgId, subscriptionId, retries, notification)
    this.#notifier.post({
      msgId,
      payloads: this.#records.message(controller.endpointId, msg),
      topic: controller.topic,
      retries: retries && !neverRetries,
      expiration,
      minimumWait: number('USPNotifRetryMinimumWaitInterval') || 5,
      multiplier: number('USPNotifRetryIntervalMultiplier') || 2000,
    })
    return msgId
  }

  #completed({
    place,
    command,
    commandKey,
    outcome,
  }: Parameters<ConstructorParameters<typeof Requests>[2]>[0]): void {
    const path = place.path + command.name
    for (const one of interested(this.model, this.#subscriptions(), 'OperationComplete', path)) {
      const value = { objPath: place.path, commandName: command.name, commandKey, operationResp: outcome }
      this.#notify(one, { case: 'operComplete', value })
    }
    this.#afterwards()
  }

  start(...[call, ms]: Parameters<Machine['start']>): string {
    return this.#requests.start(call, ms)
  }

  cancel(request: Place): void {
    this.#requests.cancel(request)
  }

  restart(cause: 'RemoteReboot' | 'RemoteFactoryReset', commandKey: string): void {
    const { world, line } = this.#options
    // The answer goes out first; then TCP ends without a word, as if the cable had been pulled.
    world.after(0, () => {
      this.#requests.stop()
      this.#notifier.stop()
      this.#onBoarding.stop()
      this.#forget()
      if (cause === 'RemoteFactoryReset') this.model.reset()
      this.#bootedAt = world.now()
      this.#boot = { cause, commandKey }
      this.#serial.clear()
      line.leave('close', RESTART_MS)
    })
  }

  /** What does not outlive a restart: commands that ran, subscriptions that are not persistent. */
  #forget(): void {
    this.#requests.forget()
    for (const row of subscriptionRows(this.model)) {
      if (!this.model.isTrue(row, 'Persistent')) this.model.deleteRow(row)
    }
    this.model.takeChanges()
  }

  reconnect(): void {
    this.#options.world.after(0, () => this.#options.line.leave('disconnect', RECONNECT_MS))
  }

  sendOnBoardRequest({ path }: Place): void {
    this.#onBoarding.request(path)
  }

  #sendOnBoardRequest(controller: Controller): string | undefined {
    const { serial, oui } = this.#options.facts
    const value = {
      oui,
      productClass: this.#read('Device.DeviceInfo.ProductClass')['Device.DeviceInfo.ProductClass'] ?? '',
      serialNumber: serial,
      agentSupportedProtocolVersions: SUPPORTED_VERSIONS,
    }
    return this.#post(controller, '', true, 0, { case: 'onBoardReq', value })
  }

  #publish(topic: string, payload: Uint8Array): void {
    if (topic !== '') this.#options.line.publish(topic, payload)
  }

  #isoNow(): string {
    return new Date(this.#options.world.now()).toISOString().replace(/\.\d+/, '')
  }

  #fact(name: keyof Facts): string {
    if (name === 'endpoint') return this.#options.endpointId
    if (name === 'uptime') return String(Math.floor((this.#options.world.now() - this.#bootedAt) / 1000))
    if (name === 'now') return this.#isoNow()
    return this.#session[name] ?? this.#options.facts[name]
  }
}
