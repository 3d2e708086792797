/** One TCP connection of a capture: its two halves, what it carries, and what is told of it. */
import type { Transport } from '../../../shared/contract/model.ts'
import { formatAddress } from '../../../shared/pcapng/address.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { ConnectionClosed, Direction } from '../capture/sink.ts'
import { type Aside, type ImportLimits, type ImportSink, NUMBER_ME, plainTime } from './events.ts'
import type { KeyLog } from './key-log.ts'
import type { Findings, HeldTotal, Layer } from './layer.ts'
import type { RecentBytes } from './recent-bytes.ts'
import { Recogniser } from './recogniser.ts'
import { type ByteSink, TcpHalf } from './tcp-half.ts'

export interface End {
  /** 4 or 16 bytes, which nobody writes to. */
  readonly address: Uint8Array
  readonly port: number
}

/** What the conversations of a file share. */
export interface Shared {
  readonly sink: ImportSink
  readonly limits: ImportLimits
  readonly held: HeldTotal
  readonly recent: RecentBytes
  readonly keyLog: KeyLog
  nextConnection(): number
  /** Whether MQTT is to be expected at this end. */
  expects(end: End): boolean
  /** MQTT was seen there: connections to it without a byte are told, too. */
  learned(server: End): void
  /** A connection without a byte to an end at which MQTT may still turn out to be. */
  silent(server: End, tell: () => void): void
  /** Encrypted and nothing says that it is MQTT: counted. */
  uncounted(): void
}

/** What is told of a connection before it has a number. */
type Untold = OmitConnection<Aside>
type OmitConnection<E> = E extends unknown ? Omit<E, 'connection'> : never

const DISCONNECT = 14
/** Told before it is known whether a connection is of interest, and kept until then. */
const MAX_WAITING = 16

export class Conversation implements Findings, ByteSink {
  readonly midStream: boolean
  readonly #shared: Shared
  readonly #since: Time
  readonly #in: TcpHalf
  readonly #out: TcpHalf
  readonly #recogniser: Recogniser
  /** What its bytes go to, once it was recognised. */
  #layer: Layer | undefined
  /** Of the SYN; undefined without one. */
  readonly #initial: number | undefined
  #client: End
  #server: End
  /** Client and server are the other way round than the halves were made for. */
  #turned = false
  /** Number under which it is told; undefined until it is known to be of interest. */
  #id: number | undefined
  #waiting: Untold[] = []
  #bytes = false
  #disconnect: Direction | undefined
  #differs = false
  /** Time of its last segment, in two numbers: an object for each would outlive thousands of others. */
  #lastSec: number
  #lastNsec: number
  closed = false

  /** `initial`: sequence number of the client's SYN. */
  constructor(shared: Shared, client: End, server: End, initial: number | undefined, time: Time) {
    this.#shared = shared
    this.#client = client
    this.#server = server
    this.#initial = initial
    this.midStream = initial === undefined
    this.#since = plainTime(time)
    this.#lastSec = time.sec
    this.#lastNsec = time.nsec
    this.#recogniser = new Recogniser(this, shared.keyLog)
    const half = (direction: Direction) => new TcpHalf(direction, this, shared.limits, shared.held)
    this.#in = half('in')
    this.#out = half('out')
  }

  get lastSeen(): Time {
    return { sec: this.#lastSec, nsec: this.#lastNsec }
  }
  get limits(): ImportLimits {
    return this.#shared.limits
  }
  get held(): HeldTotal {
    return this.#shared.held
  }
  get expected(): boolean {
    return this.#shared.expects(this.#server)
  }

  /** Whether a SYN of the client with this number opens another connection on the same ports. */
  isAnother(initial: number): boolean {
    return this.closed || this.#initial !== initial
  }

  start(direction: Direction, sequence: number): void {
    this.#half(direction).start(sequence)
  }

  /** Sequence number that follows what was delivered. */
  passed(direction: Direction): number {
    return this.#half(direction).next
  }

  /** A segment as `TcpHalf` takes it. `direction` is as seen when it was made. */
  take(
    direction: Direction,
    sequence: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    missing: number,
    fin: boolean,
    time: Time,
    origin: number,
  ): void {
    this.#lastSec = time.sec
    this.#lastNsec = time.nsec
    const half = this.#half(direction)
    half.take(sequence, bytes, start, end, missing, fin, time, origin)
    if (half.ended && this.#in.ended && this.#out.ended) this.end('', time)
  }

  reset(time: Time): void {
    this.end('connection reset', time)
  }

  /** It ended: what is held is told, and that it closed. */
  end(reason: string, time: Time): void {
    if (this.closed) return
    this.flush(time)
    this.closed = true
    const by: ConnectionClosed['by'] =
      this.#disconnect === undefined ? 'network' : this.#disconnect === 'in' ? 'device' : 'bench'
    const when = plainTime(time)
    const tell = (probe: boolean) => {
      const facts = { by, reason, probe }
      this.#shared.sink.tell({ kind: 'closed', no: NUMBER_ME, connection: this.#open(), time: when, facts })
    }
    if (this.#id !== undefined) tell(false)
    else if (!this.#bytes && !this.midStream) {
      const server = this.#server
      this.#shared.silent(server, () => tell(true))
    }
  }

  /** The file ends, or it is let go of: nothing is waited for any more. */
  flush(time: Time): void {
    this.#in.giveUp(time)
    this.#out.giveUp(time)
    this.#layers.close(time)
  }

  arrived(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    this.#bytes = true
    this.#layers.data(this.#way(direction), bytes, start, end, time)
  }

  missed(direction: Direction, count: number, time: Time): void {
    this.#bytes = true
    this.#layers.gap(this.#way(direction), count, time)
  }

  delivered(place: number, count: number): Uint8Array | undefined {
    return this.#shared.recent.at(place, count)
  }

  differed(time: Time): void {
    if (this.#differs) return
    this.#differs = true
    const text = 'TCP: bytes that came again were not the same; those that came first are shown.'
    this.note('warning', text, time)
  }

  recognised(transport: Transport): void {
    if (this.#id !== undefined) return
    this.#shared.learned(this.#server)
    this.#open(transport)
  }

  packet(
    direction: Direction,
    bytes: Uint8Array,
    start: number,
    end: number,
    malformed: boolean,
    time: Time,
    lesson = false,
  ): void {
    if (!malformed && (bytes[start] as number) >> 4 === DISCONNECT) this.#disconnect = direction
    const connection = this.#id ?? this.#open()
    const no = lesson ? 0 : NUMBER_ME
    this.#shared.sink.frame(no, time, connection, direction, malformed, bytes, start, end)
  }

  gap(direction: Direction, bytes: number, time: Time): void {
    if (bytes === 0) return
    this.#tell({ kind: 'gap', time: plainTime(time), direction, bytes })
  }

  note(severity: 'info' | 'warning', text: string, time: Time): void {
    this.#tell({ kind: 'note', time: plainTime(time), severity, text })
  }

  unreadable(text: string, isMqtt: boolean, time: Time): void {
    if (this.#id === undefined && !isMqtt && !this.expected) {
      this.#shared.uncounted()
      return
    }
    this.#open('tls')
    this.note('warning', text, time)
  }

  turn(): void {
    const client = this.#client
    this.#client = this.#server
    this.#server = client
    this.#turned = !this.#turned
  }

  get #layers(): Layer {
    return (this.#layer ??= this.#recogniser.layer) ?? this.#recogniser
  }

  #half(direction: Direction): TcpHalf {
    return direction === 'in' ? this.#in : this.#out
  }

  #way(direction: Direction): Direction {
    return this.#turned ? (direction === 'in' ? 'out' : 'in') : direction
  }

  /** Tells of it, once, and answers its number. */
  #open(transport: Transport = 'tcp'): number {
    if (this.#id !== undefined) return this.#id
    const id = this.#shared.nextConnection()
    this.#id = id
    const address = ({ address: bytes }: End) => formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16)
    const facts = {
      transport,
      listenerPort: this.#server.port,
      remoteAddress: address(this.#client),
      remotePort: this.#client.port,
      localAddress: address(this.#server),
    }
    this.#shared.sink.tell({ kind: 'opened', time: this.#since, connection: id, facts })
    for (const event of this.#waiting) this.#shared.sink.tell({ ...event, connection: id })
    this.#waiting = []
    return id
  }

  #tell(event: Untold): void {
    if (this.#id !== undefined) this.#shared.sink.tell({ ...event, connection: this.#id })
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event)
  }
}
