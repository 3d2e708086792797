/** A host without a bench: generated packets, devices and figures, and every command answered at once. */
import type {
  CommandName,
  EventName,
  Events,
  Request,
  Response,
  ViewName,
  ViewParams,
  ViewRows,
  ViewUpdate,
  ViewWindow,
} from '../../shared/contract/contract.ts'
import type { Host, LinkState, OpenView } from '../../shared/contract/host.ts'
import type {
  BenchState,
  CaptureEvidence,
  CaptureInfo,
  CaptureState,
  Job,
  PacketRow,
  StatsSample,
} from '../../shared/contract/model.ts'
import type { LookState } from '../../shared/contract/look.ts'
import { fail, ok, type Result } from '../../shared/contract/result.ts'
import { fakeDevice, fakeDevices } from './fake-devices.ts'
import { fakeCaptures, fakeLive } from './fake-captures.ts'
import { FakeFindings } from './fake-findings.ts'
import { matchFakeRow } from './fake-filter.ts'
import { BASE_SEC, fakeDetail, fakeRow, noise } from './fake-packets.ts'
import { DeviceSource, PacketSource } from './fake-views.ts'

export interface FakeOptions {
  /** Packets there are at the start. */
  readonly packets?: number
  readonly devices?: number
  readonly bench?: Partial<BenchState>
  /** Packets a second, as their times have it. */
  readonly perSecond?: number
  readonly captures?: readonly CaptureInfo[]
}

/** Parts of the bench that have fakes of their own; here they answer that they are not there. */
type Elsewhere =
  `${'access' | 'doctor' | 'certificates' | 'nats' | 'settings' | 'usp' | 'model' | 'transactions' | 'topics' | 'sessions' | 'retained' | 'faults' | 'messages' | 'flows' | 'client' | 'publishes'}.${string}`
type OwnCommand = Exclude<CommandName, Elsewhere>

interface FakeView {
  readonly refresh: () => void
}

export class FakeHost implements Host {
  link: LinkState = 'connected'
  /** Every call, in order. */
  readonly calls: { readonly name: string; readonly request: unknown }[] = []
  /** Error with which the next calls of a command are answered. */
  readonly errors = new Map<string, string>()
  capture: CaptureState
  bench: BenchState
  stats: StatsSample
  captures: readonly CaptureInfo[]
  /** What came with a capture in its bundle. */
  readonly evidence = new Map<string, CaptureEvidence>()
  jobs: readonly Job[] = []
  readonly findings = new FakeFindings()
  look: LookState = { contents: [], savedFilters: [], colourRules: [] }
  /** Numbers of marked packets by capture. */
  readonly marks = new Map<string, Set<number>>()
  #lastJob = 0
  readonly #perSecond: number
  #deviceCount: number
  /** Numbers of the first packet held and of the last one. */
  #first = 1
  #last: number
  readonly #links = new Set<(state: LinkState) => void>()
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>()
  readonly #views = new Set<FakeView>()

  constructor({ packets = 0, devices = 0, bench = {}, perSecond = 40, captures }: FakeOptions = {}) {
    this.#last = packets
    this.#deviceCount = devices
    this.#perSecond = perSecond
    this.capture = {
      recording: true,
      rows: packets,
      droppedRows: 0,
      lostFrames: 0,
      bytes: packets * 260,
      budgetBytes: 2 ** 31,
      since: new Date(BASE_SEC * 1000).toISOString(),
    }
    this.bench = { ...fakeBench(), ...bench }
    this.stats = fakeSample(Date.now(), Math.min(3, devices))
    this.captures = captures ?? fakeCaptures(packets)
  }

  onLink(listener: (state: LinkState) => void): () => void {
    this.#links.add(listener)
    return () => this.#links.delete(listener)
  }
  setLink(link: LinkState): void {
    this.link = link
    this.#links.forEach((listener) => listener(link))
  }

  on<E extends EventName>(name: E, listener: (value: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    const value = this.#value(name)
    if (value !== undefined) listener(value)
    return () => listeners.delete(listener)
  }
  #value<E extends EventName>(name: E): Events[E] | undefined {
    const { bench, stats, capture, captures, jobs, look } = this
    const values: Partial<Events> = { bench, stats, capture, captures, jobs, look }
    return values[name]
  }
  #emit(name: EventName): void {
    this.#listeners.get(name)?.forEach((listener) => listener(this.#value(name) as never))
  }
  setBench(change: Partial<BenchState>): void {
    this.bench = { ...this.bench, ...change }
    this.#emit('bench')
  }
  setCapture(change: Partial<CaptureState>): void {
    this.capture = { ...this.capture, ...change }
    this.#emit('capture')
  }
  setJobs(jobs: readonly Job[]): void {
    this.jobs = jobs
    this.#emit('jobs')
  }
  setLook(change: Partial<LookState>): Result<void> {
    this.look = { ...this.look, ...change }
    this.#emit('look')
    return ok(undefined)
  }
  setInfo(id: string, change: Partial<CaptureInfo>): void {
    this.captures = this.captures.map((info) => (info.id === id ? { ...info, ...change } : info))
    this.#emit('captures')
  }
  #addJob(job: Omit<Job, 'id' | 'state' | 'progress'>): Result<{ job: string }> {
    const id = `job-${++this.#lastJob}`
    this.setJobs([...this.jobs, { id, state: 'running', progress: 0.25, ...job }])
    return ok({ job: id })
  }
  /** A job comes to its end, and with it what it was for. */
  finish(id: string, change: Partial<Job> = {}): void {
    const job = this.jobs.find((candidate) => candidate.id === id)
    if (job?.capture !== undefined) this.setInfo(job.capture, { state: 'open' })
    this.setJobs(
      this.jobs.map((other) =>
        other.id === id ? { ...other, state: 'done', progress: 1, ...change } : other,
      ),
    )
  }
  setStats(stats: StatsSample): void {
    this.stats = stats
    this.#emit('stats')
  }

  /** More packets arrive. */
  /** `told`: the views are, as soon as they can. */
  grow(count: number, told = true): void {
    if (!this.capture.recording) return
    this.#last += count
    if (told) this.#rowsChanged()
  }
  /** The oldest packets make room. */
  drop(count: number): void {
    this.#first = Math.min(this.#first + count, this.#last + 1)
    this.setCapture({ droppedRows: this.capture.droppedRows + count })
    this.#rowsChanged()
  }
  setDevices(count: number): void {
    this.#deviceCount = count
    this.#views.forEach((view) => view.refresh())
  }
  #rowsChanged(): void {
    const rows = this.#last - this.#first + 1
    this.setCapture({ rows, bytes: rows * 260 })
    this.#views.forEach((view) => view.refresh())
  }

  async call<C extends CommandName>(name: C, request: Request<C>): Promise<Result<Response<C>>> {
    this.calls.push({ name, request })
    if (this.link !== 'connected')
      return fail('disconnected', 'The link to the bench is lost; it reconnects by itself.')
    const error = this.errors.get(name)
    if (error !== undefined) return fail('failed', error)
    return this.#answer(name, request as never) as Result<Response<C>>
  }
  #answer(name: CommandName, request: never): Result<unknown> {
    const answers: { readonly [C in OwnCommand]: (request: Request<C>) => Result<unknown> } = {
      'lint.summary': ({ endpoint }) => ok(this.findings.of(endpoint)),
      'lint.findings': ({ rule, endpoint }) => ok(this.findings.rows(rule, endpoint)),
      'lint.suppress': ({ rule, on }) => ok(this.findings.suppress(rule, on)),
      'lint.export': () => ok({ job: '1' }),
      'stats.history': () => ok(fakeHistory(Date.now(), this.#deviceCount)),
      'packets.get': ({ capture, no }) =>
        no < this.#first || no > this.#last
          ? fail('not-found', `Packet ${no} is not in the capture.`)
          : ok(fakeDetail(this.#row(capture, no), no % 10 === 0)),
      'packets.mark': ({ capture, no, on }) => {
        const marks = this.marks.get(capture) ?? new Set()
        this.marks.set(capture, on ? marks.add(no) : marks)
        if (!on) marks.delete(no)
        this.#views.forEach((view) => view.refresh())
        return ok(undefined)
      },
      'packets.find': ({ capture, filter, from, backwards }) => {
        const match = matchFakeRow(filter)
        const step = backwards ? -1 : 1
        const start = backwards ? Math.min(from - 1, this.#last) : Math.max(from + 1, this.#first)
        for (let no = start; no >= this.#first && no <= this.#last; no += step)
          if (match(this.#row(capture, no))) return ok({ no })
        return ok({ no: -1 })
      },
      'look.setContent': ({ filter, view }) => {
        const others = this.look.contents.filter((choice) => choice.filter !== filter)
        return this.setLook({ contents: view === undefined ? others : [...others, { filter, view }] })
      },
      'look.setFilters': (change) => this.setLook(change),
      'look.setColours': (change) => this.setLook(change),
      'packets.partner': ({ capture, no, which }) => {
        const { answers } = this.#row(capture, no)
        if (which === 'request') return ok({ no: answers?.no ?? -1 })
        const after = Array.from({ length: 10 }, (_, at) => this.#row(capture, no + 1 + at))
        return ok({ no: after.find((row) => row.answers?.no === no)?.no ?? -1 })
      },
      'packets.values': ({ field, prefix }) => {
        const rows = Array.from({ length: 60 }, (_, at) => fakeRow(at + 1, this.#perSecond))
        const values =
          field === 'mqtt.prop.user'
            ? ['usp-endpoint-id']
            : rows.map((row) => (field === 'mqtt.topic' ? row.topic : row.device))
        return ok([...new Set(values)].filter((value) => value !== '' && value.startsWith(prefix)))
      },
      'packets.clear': () => {
        this.#first = this.#last + 1
        this.#rowsChanged()
        return ok(undefined)
      },
      'packets.record': ({ on }) => {
        this.setCapture({ recording: on })
        return ok(undefined)
      },
      'devices.get': ({ endpointId }) => {
        const device = fakeDevices(this.#deviceCount).find((row) => row.endpointId === endpointId)
        return device ? ok(fakeDevice(device)) : fail('not-found', `No device is called ${endpointId}.`)
      },
      'devices.disconnect': () => ok(undefined),
      'devices.forget': () => ok(undefined),
      'listeners.set': ({ transport, enabled, port }) => {
        const listeners = this.bench.listeners.map((listener) =>
          listener.transport === transport
            ? {
                ...listener,
                ...(port !== undefined && { port }),
                ...(enabled !== undefined && { state: enabled ? ('listening' as const) : ('off' as const) }),
              }
            : listener,
        )
        this.setBench({ listeners })
        return ok(undefined)
      },
      'problems.dismiss': ({ id }) => {
        this.setBench({ problems: this.bench.problems.filter((problem) => problem.id !== id) })
        return ok(undefined)
      },
      'captures.start': ({ name }) => {
        const started = new Date(BASE_SEC * 1000 + 3_600_000).toISOString()
        const ended = this.captures.map((info) =>
          info.state === 'live' ? { ...info, id: 'ended', state: 'stored' as const, endedAt: started } : info,
        )
        this.captures = [...ended, { ...fakeLive, name: name ?? 'Unnamed', startedAt: started }]
        this.#emit('captures')
        return ok(undefined)
      },
      'captures.update': ({ id, ...change }) => {
        this.setInfo(id, change as Partial<CaptureInfo>)
        return ok(undefined)
      },
      'captures.delete': ({ id }) => {
        this.captures = this.captures.filter((info) => info.id !== id)
        this.#emit('captures')
        return ok(undefined)
      },
      'captures.open': ({ id }) => {
        this.setInfo(id, { state: 'opening' })
        return this.#addJob({ kind: 'open', title: `Opening ${id}`, capture: id })
      },
      'captures.evidence': ({ id }) =>
        ok(this.evidence.get(id) ?? { devices: [], listeners: [], moreDevices: 0 }),
      'captures.close': ({ id }) => {
        this.setInfo(id, { state: 'stored' })
        return ok(undefined)
      },
      'captures.import': ({ path, name }) => {
        const id = `import-${this.captures.length}`
        const importedFrom = path.split('/').at(-1) ?? path
        const info = { ...fakeLive, id, name: name ?? importedFrom, state: 'opening' as const, importedFrom }
        this.captures = [...this.captures, info]
        this.#emit('captures')
        return this.#addJob({ kind: 'import', title: `Importing ${importedFrom}`, capture: id })
      },
      'captures.export': ({ format, name }) =>
        this.#addJob({ kind: 'export', title: `Exporting ${name ?? 'capture'}.${format}` }),
      'jobs.cancel': ({ id }) => {
        this.setJobs(this.jobs.map((job) => (job.id === id ? { ...job, state: 'cancelled' as const } : job)))
        return ok(undefined)
      },
      'jobs.dismiss': ({ id }) => {
        this.setJobs(this.jobs.filter((job) => job.id !== id))
        return ok(undefined)
      },
      'host.showWorkspace': () => ok(undefined),
      'host.deliver': ({ file }) => ok({ url: `/download/${file}` }),
      'host.saveText': () => ok({ saved: true }),
      'host.chooseFile': ({ purpose }) => ok({ path: `/home/lab/${purpose}.pcapng` }),
    }
    const own: Partial<Record<CommandName, (request: never) => Result<unknown>>> = answers
    return own[name]?.(request) ?? fail('unavailable', `The fake bench has no ${name}.`)
  }
  #row(capture: string, no: number): PacketRow {
    const row = fakeRow(no, this.#perSecond)
    return this.marks.get(capture)?.has(no) ? { ...row, marked: true } : row
  }

  #packetSource({ capture, filter }: ViewParams<'packets'>): PacketSource {
    return new PacketSource(filter, (no) => this.#row(capture, no))
  }
  open<V extends ViewName>(
    view: V,
    params: ViewParams<V>,
    window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView {
    const source =
      view === 'packets'
        ? this.#packetSource(params as ViewParams<'packets'>)
        : new DeviceSource(params as ViewParams<'devices'>)
    let current = window
    let due = false
    // As a real host, a view answers later and only once for many changes.
    const refresh = () => {
      if (due) return
      due = true
      queueMicrotask(() => {
        due = false
        if (!this.#views.has(fake)) return
        source.update(this.#first, this.#last, this.#deviceCount)
        listener(ok(source.read(current) as unknown as ViewUpdate<ViewRows[V]>))
        if (source.searching) setTimeout(refresh, 30)
      })
    }
    const fake: FakeView = { refresh }
    this.#views.add(fake)
    refresh()
    return {
      setWindow: (next) => {
        current = next
        refresh()
      },
      locate: async (key) => {
        source.update(this.#first, this.#last, this.#deviceCount)
        return source.locate(key)
      },
      close: () => void this.#views.delete(fake),
    }
  }
}

export function fakeBench(): BenchState {
  return {
    version: '0.1.0',
    host: 'browser',
    workspace: { name: 'lab-3', path: '/home/lab/oktobench/lab-3' },
    listeners: [
      { transport: 'tcp', label: 'TCP 1883', host: '*', port: 1883, state: 'listening', connections: 3 },
      {
        transport: 'ws',
        label: 'WebSocket 8083',
        host: '*',
        port: 8083,
        state: 'failed',
        message:
          'Port 8083 is taken by another program. Stop that program, or move this listener to another port.',
        connections: 0,
      },
    ],
    addresses: [
      { address: '127.0.0.1', family: 'IPv4', interface: 'lo', loopback: true },
      { address: 'fe80::1c2a:7bff:fe11:9d20', family: 'IPv6', interface: 'eth0', loopback: false },
      { address: 'fd00::20', family: 'IPv6', interface: 'eth0', loopback: false },
      { address: '192.168.1.20', family: 'IPv4', interface: 'eth0', loopback: false },
    ],
    problems: [
      {
        id: 'settings-broken',
        severity: 'warning',
        text: 'bench.json could not be read (line 3: unexpected comma). It was set aside as bench.json.broken and the defaults are used.',
        since: new Date(Date.now() - 190_000).toISOString(),
      },
    ],
    open: true,
    startedAt: new Date(BASE_SEC * 1000).toISOString(),
  }
}

export function fakeSample(time: number, devices: number): StatsSample {
  const second = Math.floor(time / 1000)
  const wave = 20 + 14 * Math.sin(second / 40) + 8 * noise(second, 9) + (noise(second >> 5, 5) > 0.8 ? 30 : 0)
  return {
    time: second * 1000,
    packetsIn: Math.round(wave),
    packetsOut: Math.round(wave * 0.6 + 4 * noise(second, 8)),
    bytesIn: Math.round(wave * 210),
    bytesOut: Math.round(wave * 160),
    refused: noise(second, 7) > 0.97 ? 1 : 0,
    connections: devices,
    devicesOnline: devices,
    slowDrops: 0,
    loopP99: 0.6 + noise(second, 6),
  }
}

const fakeHistory = (now: number, devices: number): StatsSample[] =>
  Array.from({ length: 600 }, (_, at) =>
    fakeSample(now - (600 - at) * 1000, at > 250 ? Math.min(3, devices) : 0),
  )
