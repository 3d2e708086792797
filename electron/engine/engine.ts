/** What is wired to what: workspace, capture, broker, listeners, devices and counters make one engine. */
import {
  MAX_WINDOW,
  type EngineHandlers,
  type EventName,
  type Events,
} from '../../shared/contract/contract.ts'
import type { ClientCertificateMode } from '../../shared/contract/certificates.ts'
import type { NatsActivity } from '../../shared/contract/nats.ts'
import type { SettingValue } from '../../shared/contract/settings.ts'
import type { BenchState, DeviceRow, Problem, Transport } from '../../shared/contract/model.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { dryRunHandlers } from './access/dry-run.ts'
import { startAccess } from './access/service.ts'
import { lanAddresses } from './addresses.ts'
import { startBroker } from './broker/broker.ts'
import { Listener, type ListenerSettings } from './broker/listeners.ts'
import type { SessionEvents } from './broker/context.ts'
import { createDeviceFindings } from './lint/device-findings.ts'
import { createLintService, suppressedRules } from './lint/service.ts'
import { openCaptures } from './capture/captures.ts'
import { doctorHandlers } from './doctor/doctor.ts'
import { createDevices, type Devices } from './devices/devices.ts'
import { externalTarget, readLogin, shownLogin, writeLogin } from './nats/login.ts'
import { createMessages } from './messages/service.ts'
import { startStats } from './stats.ts'
import { startCertificates } from './tls/service.ts'
import type { Engine, EngineOptions } from './types.ts'
import { openLook } from './workspace/look.ts'
import { PacketFinder } from './usp/packet-finder.ts'
import { startUsp, type UspService } from './usp/service.ts'
import { switchedOff } from './usp/switched-off.ts'
import type { SettingName, Settings } from './workspace/settings.ts'
import { settingsService } from './workspace/settings-service.ts'
import { openWorkspace, type Workspace } from './workspace/workspace.ts'

const KIB = 1024
const MIB = 1024 * KIB
const ADMINISTRATIVE_ACTION = 0x98
/** How often the addresses of the machine and the counts of the listeners are looked at. */
const LOOK_MS = 2000
const ACCESS_MS = 100
const NATS_MS = 250

/** Starts a bench. Rejects with a BenchFailure when the workspace cannot be used; a taken port is only told. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const workspace = await openWorkspace(options.workspace, options.overrides)
  try {
    return await assemble(workspace, options)
  } catch (error) {
    await workspace.close()
    throw error
  }
}

async function assemble(workspace: Workspace, options: EngineOptions): Promise<Engine> {
  const { settings } = workspace
  const startedAt = new Date().toISOString()
  const extraProblems: Problem[] = []
  const dismissed = new Set<string>()
  let accessTold: NodeJS.Timeout | undefined
  let natsTold: NodeJS.Timeout | undefined
  /** Parts tell of themselves while others are still being started. */
  let ready = false
  const listening = new Map<EventName, Set<(value: never) => void>>()

  const tell = <E extends EventName>(name: E, value: Events[E]): void => {
    for (const listener of listening.get(name) ?? []) (listener as (value: Events[E]) => void)(value)
  }
  const report = (severity: Problem['severity'], text: string): void => {
    if (extraProblems.some((problem) => problem.text === text)) return
    extraProblems.push({
      id: `engine-${extraProblems.length + 1}`,
      severity,
      text,
      since: new Date().toISOString(),
    })
    benchChanged()
  }

  const look = await openLook({
    folder: workspace.path,
    onChange: (state) => {
      tell('look', state)
      captures.contentsChanged()
    },
    onProblem: (text) => report('warning', text),
  })

  const captures = await openCaptures({
    workerUrl: options.captureWorker,
    workspace: workspace.path,
    segmentBytes: settings['capture.segmentMiB'] * MIB,
    budgetBytes: settings['capture.budgetMiB'] * MIB,
    contents: () => look.state.contents,
    onState: (state) => {
      tell('capture', state)
      if (ready) findings.captureChanged(state)
    },
    onCaptures: () => tell('captures', captures.list),
    onJobs: () => tell('jobs', captures.jobs.list),
    onProblem: (text) => report('error', text),
    suppressed: () => suppressedRules(workspace.settings['lint.suppressed']),
    evidence: async () => ({
      devices: await everyDevice(devices),
      files: { 'listeners.json': jsonText(listeners.map((listener) => listener.state)) },
    }),
  })
  const capture = captures.live
  const lint = createLintService({
    workspace: workspace.path,
    captures,
    suppressed: () => workspace.settings['lint.suppressed'],
    save: (suppressed) => workspace.save({ 'lint.suppressed': suppressed }),
    onChange: (state) => tell('lint', state),
  })

  const natsFolder = await workspace.folder('nats')
  const login = await readLogin(natsFolder, (text) => report('error', text))
  let nextLogin = login
  const access = await startAccess({
    folder: workspace.path,
    natsFolder,
    open: settings['access.open'],
    useNats: settings['nats.enabled'],
    ...(settings['nats.url'] === '' ? {} : { nats: externalTarget(settings, login) }),
    ...(settings['nats.server'] === '' ? {} : { natsServer: settings['nats.server'] }),
    ...(options.natsServer === undefined ? {} : { packagedNats: options.natsServer }),
    name: `Oktobench ${workspace.name}`,
    onChange: accessChanged,
    onActivity: natsChanged,
    onProblem: (text) => report('error', text),
    saveOpen: (open) => workspace.save({ 'access.open': open }),
    applied: () =>
      broker.applyAccess().map(({ session, filter }) => ({
        endpointId: session.endpoint?.endpointId ?? session.clientId,
        filter,
      })),
  })

  let usp: UspService = switchedOff()
  const packets = new PacketFinder()
  const findings = createDeviceFindings({
    ask: () => captures.ask('live', 'lintCounts', undefined),
    onChange: () => devices.touch(),
  })
  const devices = createDevices({ uspOf: (endpointId) => usp.usp(endpointId), findingsOf: findings.of })
  const events: SessionEvents = {
    accepted(session) {
      // The bench's own controller is no device.
      if (usp.owns(session)) return
      devices.accepted(session)
      usp.accepted(session)
    },
    refused: devices.refused,
    subscribed(session, filter) {
      devices.touch()
      usp.subscribed(session, filter)
    },
    slow: devices.slow,
    failed: (session, error) =>
      report(
        'error',
        `The bench failed over a connection of ${session.facts.remoteAddress} and ended it: ${error.message}`,
      ),
    ended(session, text) {
      devices.ended(session, text)
      usp.ended(session)
    },
  }
  const broker = await startBroker({
    capture: packets.tap(capture),
    access: access.guard,
    limits: {
      maxPacketBytes: settings['broker.maxPacketKiB'] * KIB,
      clientBudgetBytes: settings['broker.clientBudgetKiB'] * KIB,
      topicAliasMaximum: settings['broker.topicAliasMaximum'],
      inflight: settings['broker.inflight'],
      subscriptions: settings['broker.maxSubscriptions'],
      retained: {
        messages: settings['broker.maxRetained'],
        bytes: settings['broker.retainedKiB'] * KIB,
      },
      connections: settings['broker.maxConnections'],
      connectsPerSecond: settings['broker.connectsPerSecond'],
    },
    oktopus: {
      subscribeTopic: settings['oktopus.subscribeTopic'],
      responseInformation: settings['oktopus.responseInformation'],
      status: settings['oktopus.status'],
    },
    connectTimeoutMs: settings['broker.connectTimeoutSeconds'] * 1000,
    events,
  })

  const certificates = await startCertificates({
    folder: await workspace.folder('certificates'),
    mode: settings['tls.clientCertificates'] as ClientCertificateMode,
    saveMode: (mode) => workspace.save({ 'tls.clientCertificates': mode }),
    onChange: () => ready && tell('certificates', certificates.state),
    onSettings: () => ready && listeners.forEach((listener) => listener.refreshTls()),
    onRevoked: endRevoked,
    onProblem: (text) => report('warning', text),
  })
  function endRevoked(serial: string): void {
    for (const session of broker.sessions) {
      if (session.certificate?.facts.serial !== serial) continue
      session.finish(ADMINISTRATIVE_ACTION, 'the certificate of this device is no longer good')
    }
  }
  const listeners = (['tcp', 'tls', 'ws', 'wss'] as const).map(
    (transport) =>
      new Listener({
        transport,
        settings: listenerSettings(settings, transport),
        maxPacketBytes: settings['broker.maxPacketKiB'] * KIB,
        accept: broker.accept,
        tls: certificates.tls,
        onFailure: broker.handshakeFailed,
      }),
  )
  if (settings['usp.controller']) {
    usp = await startUsp({
      folder: workspace.path,
      discover: settings['usp.discover'],
      accept: broker.accept,
      maxPacketBytes: settings['broker.maxPacketKiB'] * KIB,
      password: access.controllerPassword,
      packets,
      session: devices.session,
      jobs: captures.jobs,
      onState: () => ready && tell('usp', usp.state),
      onSnapshots: () => ready && tell('snapshots', usp.snapshots),
      onWatches: () => ready && tell('watches', usp.watches),
      onDevice: () => devices.touch(),
      onProblem: (text) => report('warning', text),
      note: devices.noteUsp,
    })
  }
  await Promise.all(listeners.map((listener) => listener.open()))

  const messages = createMessages(workspace.path, (text) => report('warning', text))
  const stats = startStats(
    {
      traffic: broker.traffic,
      connections: () => [...broker.sessions].filter((session) => !usp.owns(session)).length,
      devicesOnline: () => devices.online,
    },
    (sample) => {
      tell('stats', sample)
      if (sample.packetsIn + sample.packetsOut === 0) return
      devices.touch()
      // The rules count what they decided.
      if (!access.guard.open) accessChanged()
    },
  )

  const bench = (): BenchState => ({
    version: options.version,
    host: options.host,
    workspace: { name: workspace.name, path: workspace.path },
    listeners: listeners.map((listener) => listener.state),
    addresses: lanAddresses(),
    problems: [...workspace.problems, ...extraProblems].filter(({ id }) => !dismissed.has(id)),
    open: access.guard.open,
    startedAt,
  })
  let lastBench = ''
  function benchChanged(): void {
    if (!ready) return
    const value = bench()
    const text = JSON.stringify(value)
    if (text === lastBench) return
    lastBench = text
    tell('bench', value)
  }
  /** Addresses come and go: the certificate of the bench names them all. */
  const looking = setInterval(() => {
    benchChanged()
    certificates
      .refresh()
      .catch((error: unknown) => report('error', `The server certificate is not renewed: ${String(error)}`))
  }, LOOK_MS)

  /** A device that is refused tries again and again: told at most ten times a second. */
  function accessChanged(): void {
    accessTold ??= setTimeout(() => {
      accessTold = undefined
      if (!ready) return
      tell('access', access.state)
      benchChanged()
    }, ACCESS_MS)
  }

  /** A bucket that is filled by others may change very often. */
  function natsChanged(): void {
    natsTold ??= setTimeout(() => {
      natsTold = undefined
      if (ready) tell('nats', nats())
    }, NATS_MS)
  }
  const nats = (): NatsActivity => ({
    login: shownLogin(nextLogin, nextLogin !== login),
    entries: access.activity.entries,
    dropped: access.activity.dropped,
  })

  const listen = async (transport: Transport): Promise<void> => {
    const listener = listeners.find((one) => one.transport === transport)
    await listener?.change(listenerSettings(workspace.settings, transport))
    benchChanged()
    const { state, message } = listener?.state ?? {}
    if (state === 'failed') throw new BenchFailure('unavailable', message ?? 'The listener did not open.')
  }
  /** Settings that hold at once, and what puts them in force. */
  const live = (name: SettingName): ((value: SettingValue) => Promise<void>) | undefined => {
    if (name === 'lint.suppressed') return (value) => lint.setSuppressed(String(value))
    const [part, transport] = name.split('.')
    if (part === 'listeners')
      return async (value) => {
        await workspace.save({ [name]: value })
        await listen(transport as Transport)
        // Both kinds of WebSocket have one path.
        if (name === 'listeners.ws.path') await listen('wss')
      }
    if (name === 'access.open')
      return async (value) => await access.handlers['access.setOpen']({ open: value === true })
    if (name === 'tls.clientCertificates')
      return async (value) =>
        await certificates.handlers['certificates.ask']({ mode: value as ClientCertificateMode })
    return undefined
  }

  const handlers: EngineHandlers = {
    ...access.handlers,
    ...dryRunHandlers(captures, access.guard),
    ...doctorHandlers({
      captures,
      listeners: () => listeners.map((listener) => listener.state),
      addresses: lanAddresses,
    }),
    ...certificates.handlers,
    ...look.handlers,
    ...usp.handlers,
    ...settingsService({ workspace, given: new Set(Object.keys(options.overrides ?? {})), live }),
    async 'nats.login'({ login: wished }) {
      await writeLogin(natsFolder, wished)
      nextLogin = wished
      natsChanged()
    },
    ...messages.handlers,
    'stats.history': () => stats.history,
    ...captures.handlers,
    ...lint.handlers,
    'devices.get'({ endpointId }) {
      const detail = devices.detail(endpointId)
      if (!detail) throw new BenchFailure('not-found', `No device ${endpointId} is known.`)
      return detail
    },
    'devices.disconnect'({ endpointId }) {
      const session = devices.session(endpointId)
      if (!session) throw new BenchFailure('not-found', `The device ${endpointId} is not connected.`)
      session.finish(ADMINISTRATIVE_ACTION, 'ended by the person at the bench')
    },
    'devices.forget'({ endpointId }) {
      if (devices.forget(endpointId)) return usp.forget(endpointId)
      throw new BenchFailure('conflict', `The device ${endpointId} is connected: disconnect it first.`)
    },
    async 'listeners.set'({ transport, ...change }) {
      const wished = Object.entries(change).filter(([, value]) => value !== undefined)
      const named = Object.fromEntries(wished.map(([key, value]) => [`listeners.${transport}.${key}`, value]))
      try {
        await workspace.save(named as Partial<Settings>)
      } finally {
        await listen(transport)
      }
    },
    'problems.dismiss'({ id }) {
      dismissed.add(id)
      benchChanged()
    },
  }

  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    clearInterval(looking)
    stats.stop()
    await usp.stop()
    await messages.stop()
    await Promise.all(listeners.map((listener) => listener.close()))
    await broker.close()
    clearTimeout(accessTold)
    clearTimeout(natsTold)
    findings.stop()
    await access.stop()
    await certificates.stop()
    await captures.close()
    await look.close()
    await workspace.close()
  }

  ready = true
  return {
    handlers,
    views: {
      packets: (params, changed) => captures.openView(params, changed),
      transactions: (params, changed) => captures.openTransactions(params, changed),
      devices: (params, changed) => devices.openView(params, changed),
      notifications: (params, changed) => usp.openView(params, changed),
    },
    current(name) {
      const values: { readonly [E in EventName]: () => Events[E] } = {
        bench,
        stats: () => stats.latest,
        capture: () => capture.state(),
        captures: () => captures.list,
        jobs: () => captures.jobs.list,
        access: () => access.state,
        certificates: () => certificates.state,
        look: () => look.state,
        usp: () => usp.state,
        nats,
        lint: () => lint.state,
        snapshots: () => usp.snapshots,
        watches: () => usp.watches,
      }
      return values[name]()
    },
    on(name, listener) {
      const set = listening.get(name) ?? new Set()
      listening.set(name, set.add(listener as (value: never) => void))
      return () => set.delete(listener as (value: never) => void)
    },
    stop: () => (stopping ??= stop()),
  }
}

/** Rows of all devices, as the list shows them. */
async function everyDevice(devices: Devices): Promise<readonly DeviceRow[]> {
  const view = devices.openView({ text: '', sort: 'endpointId', descending: false }, () => undefined)
  const rows: DeviceRow[] = []
  for (;;) {
    const update = await view.read({ from: rows.length, count: MAX_WINDOW, tail: false })
    rows.push(...update.rows)
    if (update.rows.length === 0) break
  }
  view.close()
  return rows
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

const listenerSettings = (settings: Settings, transport: Transport): ListenerSettings => ({
  enabled: settings[`listeners.${transport}.enabled`],
  host: settings[`listeners.${transport}.host`],
  port: settings[`listeners.${transport}.port`],
  path: settings['listeners.ws.path'],
})
