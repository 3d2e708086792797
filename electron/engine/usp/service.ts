/** The USP controller with its own listener, the commands of the contract, and what the engine tells it. */
import { join } from 'node:path'
import type { HandlersOf } from '../../../shared/contract/command.ts'
import type { ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type { dataModelCommands } from '../../../shared/contract/data-model.ts'
import type { snapshotCommands, SnapshotsState } from '../../../shared/contract/snapshots.ts'
import type { DeviceUsp, NotificationRow, uspCommands, UspState } from '../../../shared/contract/usp.ts'
import type { watchCommands, WatchRow } from '../../../shared/contract/watch.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { agentTopic, apiTopic } from '../../../shared/usp/oktopus.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { Listener, type Accept } from '../broker/listeners.ts'
import type { Session } from '../broker/session.ts'
import type { Jobs } from '../capture/jobs.ts'
import { Throttle } from '../throttle.ts'
import { answered } from './answered.ts'
import { Controller } from './controller.ts'
import { DeviceSettings } from './device-settings.ts'
import { Discovery } from './discovery.ts'
import { gathered } from './gathered.ts'
import { ModelStore } from './model-store.ts'
import { Models } from './models.ts'
import { Notifications } from './notifications.ts'
import { NotifyBook } from './notify-book.ts'
import { Outlet } from './outlet.ts'
import type { PacketFinder } from './packet-finder.ts'
import { routeTo, type Line } from './route.ts'
import { OwnSubscriptions } from './own-subscriptions.ts'
import { SnapshotStore } from './snapshot-store.ts'
import { snapshotHandlers } from './snapshots.ts'
import { Watches } from './watches.ts'

export type UspHandlers = HandlersOf<
  typeof uspCommands & typeof dataModelCommands & typeof snapshotCommands & typeof watchCommands
>

export interface UspServiceOptions {
  /** Of the workspace. */
  readonly folder: string
  /** Devices are asked who they are when they arrive. */
  readonly discover: boolean
  readonly accept: Accept
  readonly maxPacketBytes: number
  readonly password: () => Uint8Array | undefined
  readonly packets: PacketFinder
  /** The connection that stands for a device, while it is online. */
  readonly session: (endpointId: string) => Session | undefined
  /** Where snapshots show how far they are. */
  readonly jobs: Pick<Jobs, 'start'>
  readonly onState: () => void
  readonly onSnapshots: () => void
  readonly onWatches: () => void
  /** What USP says about this device changed. */
  readonly onDevice: (endpointId: string) => void
  readonly onProblem: (text: string) => void
  /** For the history of a device. */
  readonly note: (endpointId: string, text: string) => void
}

export interface UspService {
  readonly state: UspState
  readonly snapshots: SnapshotsState
  readonly watches: readonly WatchRow[]
  /** What flows send; absent where there is no controller. */
  readonly outlet?: Outlet
  /** No Notify of this device is answered until that is called off: a flow may want that for a while. */
  withholdNotifyResp(endpointId: string): () => void
  readonly handlers: UspHandlers
  openView(params: ViewParams<'notifications'>, changed: () => void): ViewSource<NotificationRow>
  usp(endpointId: string): DeviceUsp | undefined
  /** Is this the controller's own connection? */
  owns(session: Session): boolean
  /** A device connected; it subscribed; it is gone, and no other connection stands for it. */
  accepted(session: Session): void
  subscribed(session: Session, filter: string): void
  ended(session: Session): void
  /** The device was taken off the list. */
  forget(endpointId: string): void
  stop(): Promise<void>
}

const STATE_MS = 100
const WATCH_MS = 250

/** Rejects when not even a port on loopback can be had. */
export async function startUsp(options: UspServiceOptions): Promise<UspService> {
  const { folder, onProblem, onDevice, note, packets } = options
  const settings = await DeviceSettings.open(join(folder, 'usp-devices.json'), onProblem)
  const listener = new Listener({
    transport: 'tcp',
    settings: { enabled: true, host: '127.0.0.1', port: 0, path: '' },
    maxPacketBytes: options.maxPacketBytes,
    accept: options.accept,
  })
  await listener.open()
  const { state: opened, port, message } = listener.state
  if (opened !== 'listening') throw new BenchFailure('unavailable', `The controller has no port: ${message}.`)

  const told = new Throttle(STATE_MS, options.onState)
  const changed = (): void => told.request()
  /** Connections on which the device was asked already. */
  const asked = new WeakSet<Session>()
  const discover = (endpointId: string): void => {
    const session = options.session(endpointId)
    if (!session || asked.has(session)) return
    asked.add(session)
    void watches.arrived(endpointId)
    discovery.start(controller.peers.of(endpointId))
  }
  const line = (endpointId: string): Line | undefined => {
    const session = options.session(endpointId)
    return (
      session && {
        level: session.level,
        subscriptions: session.subscriptions,
        mayReceive: (topic) => session.access?.mayReceive(topic, 1) !== false,
      }
    )
  }
  const notifications = new Notifications()
  const book = new NotifyBook({
    notifications,
    packets,
    onBoot: (peer) => discovery.start(peer),
    onChange: changed,
  })
  const controller = new Controller({
    port,
    password: options.password,
    maxPacketBytes: options.maxPacketBytes,
    settings,
    packets,
    line,
    onState: changed,
    onNotify(peer, msg, notify, bytes, told) {
      book.take(peer, msg, notify, bytes, told)
      const { notification } = notify
      if (notification.case !== 'valueChange') return
      watches.notified(peer.endpointId, notification.value.paramPath, notification.value.paramValue)
    },
    onConnect: ({ endpointId }) => discover(endpointId),
    onDevice,
    note,
  })
  const discovery = new Discovery({
    enabled: options.discover,
    ask: (wish) => controller.ask(wish),
    onDevice(endpointId) {
      onDevice(endpointId)
      void models.softwareSeen(endpointId)
    },
  })
  const softwareVersion = (endpointId: string): string | undefined =>
    controller.usp(endpointId)?.softwareVersion
  const models = new Models({
    ask: (wish) => controller.ask(wish),
    store: new ModelStore(join(folder, 'models'), onProblem),
    softwareVersion,
    onReading: changed,
  })

  const asking = (endpointId: string) => async (request: unknown) =>
    answered(await controller.ask({ endpointId, message: request }))
  const subscriptions = new OwnSubscriptions(asking)
  const watchesTold = new Throttle(WATCH_MS, options.onWatches)
  const watches = new Watches({
    ask: (wish) => controller.ask(wish),
    subscriptions,
    onChange: () => watchesTold.request(),
  })
  const snapshots = new SnapshotStore(join(folder, 'snapshots'), options.onSnapshots)
  void snapshots.scan()

  /** False when nothing of that name runs. */
  const cancel = (call: string): boolean => {
    const found = [controller.cancel(call), models.cancel(call)]
    return found.includes(true)
  }

  const handlers: UspHandlers = {
    ...snapshotHandlers({ models, store: snapshots, jobs: options.jobs, cancel, softwareVersion }),
    'model.watch': ({ endpointId, paths, seconds }) => watches.watch(endpointId, paths, seconds),
    'model.unwatch': ({ id }) => watches.unwatch(id),
    'model.watched': ({ id, since }) => watches.samples(id, since),
    'usp.request': (wish) => controller.request(wish),
    async 'usp.sendRecord'({ endpointId, record, topic: chosen, qos, retain, properties = {} }) {
      const { topic, responseTopic } = recordRoute(endpointId, chosen)
      const { userProperties, correlationData, contentType } = properties
      const failure = await controller.publish(topic, record, {
        responseTopic: properties.responseTopic ?? responseTopic,
        ...(contentType === undefined ? {} : { contentType }),
        ...(correlationData === undefined ? {} : { correlationData }),
        ...(userProperties === undefined ? {} : { userProperties: gathered(userProperties) }),
        ...(qos === undefined ? {} : { qos }),
        ...(retain === undefined ? {} : { retain }),
      })
      if (failure) throw new BenchFailure('unavailable', failure.text)
      const msgId = peekRecord(record, 0, record.length)?.msgId
      const packet = msgId === undefined ? undefined : packets.find('out', endpointId, msgId)
      return packet === undefined ? { topic } : { topic, packet }
    },
    'usp.cancel'({ call }) {
      if (!cancel(call)) throw new BenchFailure('not-found', 'That has ended already.')
    },
    'usp.discover'({ endpointId }) {
      if (!options.session(endpointId)) {
        throw new BenchFailure('unavailable', `The device ${endpointId} is not connected.`)
      }
      discovery.start(controller.peers.of(endpointId), true)
    },
    'usp.settings': ({ endpointId }) => settings.of(endpointId),
    'usp.configure': ({ endpointId, settings: wished }) => settings.set(endpointId, wished),
    'usp.notification': ({ no }) => notifications.get(no),
    'usp.clearNotifications': () => notifications.clear(),
    'model.get': ({ endpointId }) => models.get(endpointId),
    'model.refresh': (wish) => models.refresh(wish),
    'model.open': (wish) => models.open(wish),
    'model.values': (wish) => models.values(wish),
    'model.subscriptions': ({ endpointId }) => subscriptions.list(endpointId),
    'model.subscribe': ({ endpointId, ...wish }) => subscriptions.add(endpointId, wish),
    'model.unsubscribe': ({ endpointId, path }) => subscriptions.delete(endpointId, path),
  }

  function recordRoute(endpointId: string, chosen: string | undefined) {
    const here = line(endpointId)
    const topic = chosen ?? settings.of(endpointId).topic
    if (!here) {
      if (topic !== undefined) return { topic, responseTopic: apiTopic(endpointId) }
      const text = `The device ${endpointId} is not connected: say to which topic the Record goes.`
      throw new BenchFailure('unavailable', text)
    }
    const peer = controller.peers.find(endpointId)
    const known = [peer?.connectTopic, peer?.replyTopic]
    const routing = routeTo(here, { endpointId, known, answersTo: 'api' })
    if (routing.ok) return topic === undefined ? routing.route : { ...routing.route, topic }
    if (topic === undefined) throw new BenchFailure('unavailable', routing.text)
    return { topic, responseTopic: apiTopic(endpointId) }
  }

  return {
    get state() {
      return {
        controller: controller.state,
        discover: discovery.enabled,
        waiting: controller.waiting,
        reading: models.reading,
        notifications: notifications.total,
      }
    },
    get snapshots() {
      return snapshots.state
    },
    get watches() {
      return watches.rows
    },
    outlet: new Outlet({ controller, settings, line }),
    withholdNotifyResp: (endpointId) => controller.withholdNotifyResp(endpointId),
    handlers,
    openView: (params, dirty) => notifications.openView(params, dirty),
    usp: (endpointId) => controller.usp(endpointId),
    owns: ({ facts }) => facts.transport === 'tcp' && facts.listenerPort === port,
    accepted(session) {
      packets.listenTo(session.id, session.level)
      if (session.endpoint) controller.arrived(session.endpoint.endpointId)
    },
    subscribed(session, filter) {
      const endpointId = session.endpoint?.endpointId ?? ''
      const own = agentTopic(endpointId)
      // Its own topic, or all below it (MQTT 3.1.1): who listens to everybody’s is no agent.
      if (filter === own || filter.startsWith(`${own}/`)) discover(endpointId)
    },
    ended(session) {
      packets.forget(session.id)
      const endpointId = session.endpoint?.endpointId
      if (endpointId !== undefined && !options.session(endpointId)) controller.left(endpointId)
    },
    forget(endpointId) {
      controller.peers.forget(endpointId)
      models.forget(endpointId)
    },
    async stop() {
      discovery.stop()
      watches.stop()
      await subscriptions.stop()
      watchesTold.stop()
      await controller.stop()
      await listener.close()
      told.stop()
    },
  }
}
