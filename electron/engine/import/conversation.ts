/** One TCP connection of a capture: its two halves, what it carries, and what is told of it. */
import type { Transport } from '../../../shared/contract/model.ts'
import { formatAddress } from '../../../shared/pcapng/address.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { ConnectionClosed, Direction } from '../capture/sink.ts'
import type { Emit, ImportEvent, ImportLimits } from './events.ts'
import type { KeyLog } from './key-log.ts'
import type { Findings, HeldTotal } from './layer.ts'
import { Recogniser } from './recogniser.ts'
import { TcpHalf } from './tcp-half.ts'

export interface End {
  /** 4 or 16 bytes, which nobody writes to. */
  readonly address: Uint8Array
  readonly port: number
}

/** What the conversations of a file share. */
export interface Shared {
  readonly emit: Emit
  readonly limits: ImportLimits
  readonly held: HeldTotal
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

const DISCONNECT = 14
/** Told before it is known whether a connection is of interest, and kept until then. */
const MAX_WAITING = 16

export class Conversation implements Findings {
  readonly midStream: boolean
  readonly #shared: Shared
  readonly #since: Time
  readonly #halves: Readonly<Record<Direction, TcpHalf>>
  readonly #layers: Recogniser
  /** Of the SYN; undefined without one. */
  readonly #initial: number | undefined
  #client: End
  #server: End
  /** Client and server are the other way round than `#halves` were made for. */
  #turned = false
  /** Number under which it is told; undefined until it is known to be of interest. */
  #id: number | undefined
  #waiting: ((connection: number) => ImportEvent)[] = []
  #bytes = false
  #disconnect: Direction | undefined
  #differs = false
  lastSeen: Time
  closed = false

  /** `initial`: sequence number of the client's SYN. */
  constructor(shared: Shared, client: End, server: End, initial: number | undefined, time: Time) {
    this.#shared = shared
    this.#client = client
    this.#server = server
    this.#initial = initial
    this.midStream = initial === undefined
    this.#since = time
    this.lastSeen = this.#since
    this.#layers = new Recogniser(this, shared.keyLog)
    const half = (direction: Direction) =>
      new TcpHalf(
        {
          data: (bytes, at) => {
            this.#bytes = true
            this.#layers.data(this.#way(direction), bytes, at)
          },
          gap: (count, at) => {
            this.#bytes = true
            this.#layers.gap(this.#way(direction), count, at)
          },
          differs: (at) => this.#noteDiffering(at),
        },
        shared.limits,
        shared.held,
      )
    this.#halves = { in: half('in'), out: half('out') }
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
    this.#halves[direction].start(sequence)
  }

  /** Sequence number that follows what was delivered. */
  passed(direction: Direction): number {
    return this.#halves[direction].next
  }

  /** `direction` is as seen when it was made. */
  take(
    direction: Direction,
    sequence: number,
    payload: Uint8Array,
    missing: number,
    fin: boolean,
    time: Time,
  ): void {
    this.lastSeen = time
    const half = this.#halves[direction]
    half.take(sequence, payload, missing, fin, time)
    if (half.ended && this.#halves.in.ended && this.#halves.out.ended) this.end('', time)
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
    const tell = (probe: boolean) => {
      const { emit } = this.#shared
      const facts = { by, reason, probe }
      emit({ kind: 'closed', connection: this.#open(), time, facts })
    }
    if (this.#id !== undefined) tell(false)
    else if (!this.#bytes && !this.midStream) {
      const server = this.#server
      this.#shared.silent(server, () => tell(true))
    }
  }

  /** The file ends, or it is let go of: nothing is waited for any more. */
  flush(time: Time): void {
    this.#halves.in.giveUp(time)
    this.#halves.out.giveUp(time)
    this.#layers.close(time)
  }

  recognised(transport: Transport): void {
    if (this.#id !== undefined) return
    this.#shared.learned(this.#server)
    this.#open(transport)
  }

  packet(direction: Direction, bytes: Uint8Array, malformed: boolean, time: Time, lesson = false): void {
    if (!malformed && (bytes[0] as number) >> 4 === DISCONNECT) this.#disconnect = direction
    const frame = { kind: 'frame', time, connection: this.#open(), direction, bytes, malformed } as const
    this.#shared.emit(lesson ? { ...frame, no: 0 } : frame)
  }

  gap(direction: Direction, bytes: number, time: Time): void {
    if (bytes === 0) return
    this.#tell((connection) => ({ kind: 'gap', time, connection, direction, bytes }))
  }

  note(severity: 'info' | 'warning', text: string, time: Time): void {
    this.#tell((connection) => ({ kind: 'note', time, connection, severity, text }))
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
    this.#shared.emit({ kind: 'opened', time: this.#since, connection: id, facts })
    for (const event of this.#waiting) this.#shared.emit(event(id))
    this.#waiting = []
    return id
  }

  #tell(event: (connection: number) => ImportEvent): void {
    if (this.#id !== undefined) this.#shared.emit(event(this.#id))
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event)
  }

  #noteDiffering(time: Time): void {
    if (this.#differs) return
    this.#differs = true
    this.note(
      'warning',
      'TCP: bytes that came again were not the same; those that came first are shown.',
      time,
    )
  }
}
