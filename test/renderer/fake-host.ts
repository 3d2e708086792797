/** A host without a bench: generated packets, devices and figures, and every command answered at once. */
import { accessHandlers, accessState, certificatesState } from '../stubs/access.ts'
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
import type { BenchState, CaptureState, StatsSample } from '../../shared/contract/model.ts'
import { fail, ok, type Result } from '../../shared/contract/result.ts'
import { fakeDevice, fakeDevices } from './fake-devices.ts'
import { BASE_SEC, fakeDetail, fakeRow, noise } from './fake-packets.ts'

export interface FakeOptions {
  /** Packets there are at the start. */
  readonly packets?: number
  readonly devices?: number
  readonly bench?: Partial<BenchState>
  /** Packets a second, as their times have it. */
  readonly perSecond?: number
}

interface FakeView {
  readonly refresh: () => void
}

/** Access has fakes of its own. */
const noAccess = Object.fromEntries(
  Object.keys(accessHandlers).map((name) => [name, () => fail('unavailable', `${name} is not faked here.`)]),
) as { readonly [C in keyof typeof accessHandlers]: () => Result<unknown> }

export class FakeHost implements Host {
  link: LinkState = 'connected'
  /** Every call, in order. */
  readonly calls: { readonly name: string; readonly request: unknown }[] = []
  /** Error with which the next calls of a command are answered. */
  readonly errors = new Map<string, string>()
  capture: CaptureState
  bench: BenchState
  stats: StatsSample
  readonly #perSecond: number
  #deviceCount: number
  /** Numbers of the first packet held and of the last one. */
  #first = 1
  #last: number
  readonly #links = new Set<(state: LinkState) => void>()
  readonly #listeners = new Map<EventName, Set<(value: never) => void>>()
  readonly #views = new Set<FakeView>()

  constructor({ packets = 0, devices = 0, bench = {}, perSecond = 40 }: FakeOptions = {}) {
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
    listener(this.#value(name))
    return () => listeners.delete(listener)
  }
  #value<E extends EventName>(name: E): Events[E] {
    const { bench, stats, capture } = this
    const values: Events = { bench, stats, capture, access: accessState, certificates: certificatesState }
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
  setStats(stats: StatsSample): void {
    this.stats = stats
    this.#emit('stats')
  }

  /** More packets arrive. */
  grow(count: number): void {
    if (!this.capture.recording) return
    this.#last += count
    this.#rowsChanged()
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
    const answers: { readonly [C in CommandName]: (request: Request<C>) => Result<unknown> } = {
      ...noAccess,
      'stats.history': () => ok(fakeHistory(Date.now(), this.#deviceCount)),
      'packets.get': ({ no }) =>
        no < this.#first || no > this.#last
          ? fail('not-found', `Packet ${no} is not in the capture.`)
          : ok(fakeDetail(fakeRow(no, this.#perSecond), no % 10 === 0)),
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
      'host.showWorkspace': () => ok(undefined),
    }
    return answers[name](request)
  }

  open<V extends ViewName>(
    view: V,
    params: ViewParams<V>,
    window: ViewWindow,
    listener: (update: Result<ViewUpdate<ViewRows[V]>>) => void,
  ): OpenView {
    const source =
      view === 'packets'
        ? new PacketSource((params as ViewParams<'packets'>).text, this.#perSecond)
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
      locate: async (key) => source.locate(key),
      close: () => void this.#views.delete(fake),
    }
  }
}

/** Rows a search looks at in one go, so that the progress can be seen. */
const SEARCH_STEP = 60_000

class PacketSource {
  readonly #words: readonly string[]
  readonly #perSecond: number
  #first = 1
  #last = 0
  #searched = 0
  readonly #matches: number[] = []

  constructor(text: string, perSecond: number) {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean)
    this.#perSecond = perSecond
  }
  get searching(): boolean {
    return this.#words.length > 0 && this.#searched < this.#last
  }
  update(first: number, last: number): void {
    this.#first = first
    this.#last = last
    if (this.#words.length === 0) return
    const end = Math.min(last, this.#searched + SEARCH_STEP)
    for (let no = this.#searched + 1; no <= end; no++) {
      const { type, topic, device, usp } = fakeRow(no, this.#perSecond)
      const text = `${type} ${topic} ${device} ${usp}`.toLowerCase()
      if (this.#words.every((word) => text.includes(word))) this.#matches.push(no)
    }
    this.#searched = end
    while ((this.#matches[0] ?? Infinity) < first) this.#matches.shift()
  }
  read(window: ViewWindow): ViewUpdate<unknown> {
    const all = this.#last - this.#first + 1
    const total = this.#words.length > 0 ? this.#matches.length : all
    const from = window.tail ? Math.max(0, total - window.count) : Math.min(window.from, total)
    const rows = Array.from({ length: Math.min(window.count, total - from) }, (_, at) =>
      fakeRow(this.#noAt(from + at), this.#perSecond),
    )
    const progress = this.searching ? { progress: this.#searched / this.#last } : {}
    return { total, all, from, rows, ...progress }
  }
  #noAt(index: number): number {
    return this.#words.length > 0 ? (this.#matches[index] ?? 0) : this.#first + index
  }
  locate(key: string | number): number {
    if (this.#words.length > 0) return this.#matches.indexOf(Number(key))
    const index = Number(key) - this.#first
    return index >= 0 && Number(key) <= this.#last ? index : -1
  }
}

class DeviceSource {
  readonly searching = false
  readonly #params: ViewParams<'devices'>
  #rows: ViewRows['devices'][] = []
  #all = 0

  constructor(params: ViewParams<'devices'>) {
    this.#params = params
  }
  update(_first: number, _last: number, count: number): void {
    const { text, sort, descending } = this.#params
    const all = fakeDevices(count)
    this.#all = all.length
    this.#rows = all
      .filter((row) =>
        `${row.endpointId} ${row.clientId} ${row.username} ${row.remoteAddress}`.includes(text),
      )
      .sort((a, b) => (a[sort] < b[sort] ? -1 : a[sort] > b[sort] ? 1 : 0))
    if (descending) this.#rows.reverse()
  }
  read({ from, count }: ViewWindow): ViewUpdate<unknown> {
    return { total: this.#rows.length, all: this.#all, from, rows: this.#rows.slice(from, from + count) }
  }
  locate(key: string | number): number {
    return this.#rows.findIndex((row) => row.endpointId === key)
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
