/** What is wired to what: workspace, capture, broker, listeners, devices and counters make one engine. */
import { join } from 'node:path'
import type { EngineHandlers, Events } from '../../shared/contract/contract.ts'
import type { ClientCertificateMode } from '../../shared/contract/certificates.ts'
import type { RuleHits } from '../../shared/contract/access.ts'
import type { NatsActivity } from '../../shared/contract/nats.ts'
import type { SettingValue } from '../../shared/contract/settings.ts'
import type { BenchState } from '../../shared/contract/model.ts'
import { startClients } from './client/service.ts'
import { dryRunHandlers } from './access/dry-run.ts'
import { startAccess } from './access/service.ts'
import { lanAddresses } from './addresses.ts'
import { startBroker } from './broker/broker.ts'
import { brokerSettings } from './broker/from-settings.ts'
import type { SessionEvents } from './broker/context.ts'
import { createDeviceFindings } from './lint/device-findings.ts'
import type { Session } from './broker/session.ts'
import { createFaults } from './faults/service.ts'
import { startFlows } from './flows/service.ts'
import { Traffic } from './flows/traffic.ts'
import { createLintService, suppressedRules } from './lint/service.ts'
import { BUNDLE_LISTENERS } from './capture/bundle.ts'
import { openCaptures } from './capture/captures.ts'
import { doctorHandlers } from './doctor/doctor.ts'
import { createDevices } from './devices/devices.ts'
import { deviceHandlers, everyDevice } from './devices/service.ts'
import { createEvents } from './events.ts'
import { createListening } from './listening.ts'
import { externalTarget, readLogin, shownLogin, writeLogin } from './nats/login.ts'
import { createMessages } from './messages/service.ts'
import { createProblems } from './problems.ts'
import { RetainedMarks } from './topics/retained-marks.ts'
import { createSessions } from './sessions/service.ts'
import { startStats } from './stats.ts'
import { Throttle } from './throttle.ts'
import { startCertificates } from './tls/service.ts'
import type { Engine, EngineOptions } from './types.ts'
import { openLook } from './workspace/look.ts'
import { PacketFinder } from './usp/packet-finder.ts'
import { startUsp, type UspService } from './usp/service.ts'
import { switchedOff } from './usp/switched-off.ts'
import type { SettingName } from './workspace/settings.ts'
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
  /** Parts tell of themselves while others are still being started. */
  let ready = false
  const { tell, on } = createEvents()
  const problems = createProblems(() => workspace.problems, benchChanged)
  const { report } = problems
  /** A device that is refused tries again and again. */
  const accessTold = new Throttle(ACCESS_MS, () => {
    if (!ready) return
    tell('access', access.state)
    benchChanged()
  })
  /** A bucket that is filled by others may change very often. */
  const natsTold = new Throttle(NATS_MS, () => ready && tell('nats', nats()))

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
      files: { [BUNDLE_LISTENERS]: jsonText(listening.states) },
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
    onChange: () => accessTold.request(),
    onActivity: () => natsTold.request(),
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
  const traffic = new Traffic()
  const faults = createFaults(() => ready && tell('faults', faults.state))
  const events: SessionEvents = {
    accepted(session) {
      traffic.connected(session)
      // The bench's own controller is no device.
      if (usp.owns(session)) return
      devices.accepted(session)
      usp.accepted(session)
    },
    refused: devices.refused,
    subscribed(session, filter) {
      devices.touch()
      usp.subscribed(session, filter)
      tellFlows(session)
    },
    slow: devices.slow,
    overrun: ({ clientId }) =>
      report(
        'warning',
        `Messages for the client ${clientId} were dropped: more waited for it than broker.maxQueued, broker.queuedKiB or broker.allQueuedMiB let.`,
      ),
    failed: (session, error) =>
      report(
        'error',
        `The bench failed over a connection of ${session.facts.remoteAddress} and ended it: ${error.message}`,
      ),
    ended(session, text) {
      devices.ended(session, text)
      usp.ended(session)
      traffic.ended(session)
      tellFlows(session)
    },
  }
  /** For a flow a device is there when requests reach it. */
  function tellFlows({ endpoint }: Session): void {
    const endpointId = endpoint?.endpointId
    if (ready && endpointId !== undefined)
      flows.deviceChanged(endpointId, usp.outlet?.reaches(endpointId) === true)
  }
  const broker = await startBroker({
    capture: traffic.tap(packets.tap(capture)),
    access: access.guard,
    ...brokerSettings(settings),
    events,
    ...(settings['broker.keepSessions'] && {
      journal: {
        path: join(workspace.path, 'sessions.journal'),
        syncEach: settings['broker.syncEach'],
        onProblem: (text: string) => report('error', text),
      },
    }),
    faults,
  })
  const retainedMarks = new RetainedMarks({
    retained: broker.overview.retained,
    // A worker that is gone has no topics to mark.
    tell: (topics) => void capture.ask('retained', { topics }).catch(() => undefined),
  })
  const sessions = createSessions(broker.overview, () => retainedMarks.look())

  const certificates = await startCertificates({
    folder: await workspace.folder('certificates'),
    mode: settings['tls.clientCertificates'] as ClientCertificateMode,
    saveMode: (mode) => workspace.save({ 'tls.clientCertificates': mode }),
    onChange: () => ready && tell('certificates', certificates.state),
    onSettings: () => ready && listening.refreshTls(),
    onRevoked: endRevoked,
    onProblem: (text) => report('warning', text),
  })
  function endRevoked(serial: string): void {
    for (const session of broker.sessions) {
      if (session.certificate?.facts.serial !== serial) continue
      session.finish(ADMINISTRATIVE_ACTION, 'the certificate of this device is no longer good')
    }
  }
  const listening = createListening({
    workspace,
    maxPacketBytes: settings['broker.maxPacketKiB'] * KIB,
    accept: broker.accept,
    tls: certificates.tls,
    onFailure: broker.handshakeFailed,
    changed: benchChanged,
  })
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
  const flows = startFlows({
    folder: join(workspace.path, 'flows'),
    traffic,
    outlet: () => usp.outlet,
    packetOf: (endpointId, msgId) => packets.find('out', endpointId, msgId),
    exchange: (id, ask) => captures.ask(id, 'exchange', ask),
    packet: async (no) => await captures.handlers['packets.get']({ capture: 'live', no }),
    factsOf: (endpointId) => devices.detail(endpointId),
    workspace: workspace.path,
    connected: () => devices.connected,
    onFiles: () => ready && tell('flowFiles', flows.files),
    onRuns: () => ready && tell('flowRuns', flows.runs),
    onProblem: (text) => report('warning', text),
    acts: {
      handlers: { ...access.handlers, ...listening.handlers, ...faults.handlers },
      list: () => access.guard.list,
      password: access.password,
      listening: (transport) => workspace.settings[`listeners.${transport}.enabled`],
      disconnect(endpointId, reasonCode) {
        const session = devices.session(endpointId)
        session?.finish(reasonCode, 'ended by a flow')
        return session !== undefined
      },
      withholdNotifyResp: (endpointId) => usp.withholdNotifyResp(endpointId),
    },
  })
  await listening.open()

  const clients = await startClients({
    folder: workspace.path,
    bench: {
      listeners: () => listening.states,
      webSocketPath: () => workspace.settings['listeners.ws.path'],
      authorityFile: () => certificates.state.authorityFile,
      deviceCertificate: async (serial) =>
        (await certificates.handlers['certificates.bundle']({ serial })).file,
      password: access.password,
      addUser: async (username) => await access.handlers['access.user.generate']({ username }),
    },
    contents: () => look.state.contents,
    onChange: () => ready && tell('clients', clients.state),
    onProfiles: () => ready && tell('clientProfiles', clients.profiles),
    onProblem: (text) => report('warning', text),
  })
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
      if (!access.guard.open) tell('ruleHits', ruleHits())
    },
  )

  const bench = (): BenchState => ({
    version: options.version,
    host: options.host,
    workspace: { name: workspace.name, path: workspace.path },
    listeners: listening.states,
    addresses: lanAddresses(),
    problems: problems.list,
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

  const ruleHits = (): RuleHits => Object.fromEntries(access.guard.hits)
  const nats = (): NatsActivity => ({
    login: shownLogin(nextLogin, nextLogin !== login),
    entries: access.activity.entries,
    dropped: access.activity.dropped,
  })

  /** Settings that hold at once, and what puts them in force. */
  const live = (name: SettingName): ((value: SettingValue) => Promise<void>) | undefined => {
    if (name === 'lint.suppressed') return (value) => lint.setSuppressed(String(value))
    if (name === 'access.open')
      return async (value) => await access.handlers['access.setOpen']({ open: value === true })
    if (name === 'tls.clientCertificates')
      return async (value) =>
        await certificates.handlers['certificates.ask']({ mode: value as ClientCertificateMode })
    return listening.live(name)
  }

  const handlers: EngineHandlers = {
    ...access.handlers,
    ...dryRunHandlers(captures, access.guard),
    ...doctorHandlers({
      captures,
      listeners: () => listening.states,
      addresses: lanAddresses,
    }),
    ...certificates.handlers,
    ...look.handlers,
    ...usp.handlers,
    ...flows.handlers,
    ...clients.handlers,
    ...faults.handlers,
    ...sessions.handlers,
    ...settingsService({ workspace, given: new Set(Object.keys(options.overrides ?? {})), live }),
    async 'nats.login'({ login: wished }) {
      await writeLogin(natsFolder, wished)
      nextLogin = wished
      natsTold.request()
    },
    ...messages.handlers,
    'stats.history': () => stats.history,
    ...captures.handlers,
    ...lint.handlers,
    ...deviceHandlers(devices, (endpointId) => usp.forget(endpointId)),
    ...listening.handlers,
    'problems.dismiss': ({ id }) => problems.dismiss(id),
  }

  let stopping: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    clearInterval(looking)
    stats.stop()
    await clients.stop()
    faults.stop()
    await flows.stop()
    await usp.stop()
    await messages.stop()
    await listening.close()
    await broker.close()
    accessTold.stop()
    natsTold.stop()
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
      topics: (params, changed) => {
        const view = captures.openTopics(params, changed)
        return captures.isLive(params.capture) ? retainedMarks.whileSeen(view) : view
      },
      sessions: (params, changed) => sessions.openSessions(params, changed),
      sharedGroups: (params, changed) => sessions.openGroups(params, changed),
      devices: (params, changed) => devices.openView(params, changed),
      notifications: (params, changed) => usp.openView(params, changed),
      flowSteps: (params, changed) => flows.openView(params, changed),
      clientPackets: (params, changed) => clients.openView(params, changed),
    },
    current(name) {
      const values: { readonly [E in keyof Events]: () => Events[E] } = {
        bench,
        stats: () => stats.latest,
        capture: () => capture.state(),
        captures: () => captures.list,
        jobs: () => captures.jobs.list,
        access: () => access.state,
        ruleHits,
        certificates: () => certificates.state,
        look: () => look.state,
        usp: () => usp.state,
        nats,
        lint: () => lint.state,
        snapshots: () => usp.snapshots,
        watches: () => usp.watches,
        flowFiles: () => flows.files,
        flowRuns: () => flows.runs,
        clients: () => clients.state,
        clientProfiles: () => clients.profiles,
        faults: () => faults.state,
      }
      return values[name]()
    },
    on,
    stop: () => (stopping ??= stop()),
  }
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
