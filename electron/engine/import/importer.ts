/** The items of a capture file in, MQTT packets of its connections out. Pure: no file, no clock. */
import { type CaptureItem, LinkType, type PacketItem, TLS_KEY_LOG } from '../../../shared/pcapng/format.ts'
import { formatVersion, isReadable } from '../../../shared/pcapng/facts.ts'
import { FIRST_UNKNOWN, type NativeEvents, NativeReader } from '../../../shared/pcapng/native-reader.ts'
import { Conversations } from './conversations.ts'
import { defaultLimits, type ImportLimits, type ImportSink, plainTime } from './events.ts'
import { emptyPayload, Fragments, tcpOf } from './ip.ts'
import { KeyLog } from './key-log.ts'
import { exportedPdu, ipStart, isKnownLink } from './link.ts'

export interface ImporterOptions {
  readonly limits?: Partial<ImportLimits>
  /** Text of a TLS key log; secrets in the file count as well. */
  readonly keyLog?: string
}

/** A file with more faults than this tells the rest as a number. */
const MAX_FAULTS = 100

export class Importer {
  readonly #sink: ImportSink
  readonly #keyLog = new KeyLog()
  readonly #conversations: Conversations
  readonly #fragments = new Fragments()
  readonly #segment = emptyPayload()
  readonly #unknownLinks = new Map<number, number>()
  /** Set while the file is one of the bench. */
  #native: NativeReader | undefined
  /** Added to the numbers of its connections, which those of other sections have taken. */
  #offset = 0
  #givenBefore = 0
  /** Of the packet taken last; one object, which whoever keeps a time copies. */
  readonly #time = { sec: 0, nsec: 0 }
  #faults = 0
  #packets = 0

  constructor(sink: ImportSink, { limits, keyLog }: ImporterOptions = {}) {
    this.#sink = sink
    if (keyLog !== undefined) this.#secrets(keyLog)
    this.#conversations = new Conversations(sink, { ...defaultLimits, ...limits }, this.#keyLog)
  }

  /** Packets of the file that were taken. */
  get packets(): number {
    return this.#packets
  }

  /** The next bytes of the file, of which the items that follow are made. */
  read(bytes: Uint8Array): void {
    this.#conversations.recent.add(bytes)
  }

  take(item: CaptureItem): void {
    if (item.kind === 'section') this.#section(item.comments)
    else if (item.kind === 'packet') this.#packet(item)
    else if (item.kind === 'error') this.#fault(item.message)
    else if (item.kind === 'secrets' && item.type === TLS_KEY_LOG) {
      this.#secrets(Buffer.from(item.data).toString('latin1'))
    } else this.#native?.take(item)
  }

  /** To be called after the last item: tells what was still held, and what was left out. */
  end(): void {
    this.#native?.end()
    this.#conversations.end(this.#time)
    const { unreadable, letGo } = this.#conversations
    for (const [linkType, count] of this.#unknownLinks) {
      this.#note(`${packets(count)} of link type ${linkType}, which is not known here, were left out.`)
    }
    if (this.#faults > MAX_FAULTS) this.#note(`${this.#faults - MAX_FAULTS} more blocks could not be read.`)
    if (this.#fragments.lost > 0) this.#note(`${packets(this.#fragments.lost)} lacked an IP fragment.`)
    if (unreadable > 0) {
      this.#note(`${unreadable} TLS connections could not be read, and nothing says whether they are MQTT.`)
    }
    if (letGo > 0) this.#note(`${letGo} connections were let go of, as too many were open at once.`)
  }

  #secrets(text: string): void {
    if (this.#keyLog.add(text)) return
    this.#fault(`The key log is too long: only its first ${this.#keyLog.size} secrets are used.`)
  }

  #section(comments: readonly string[]): void {
    this.#native?.end()
    this.#native = undefined
    const version = formatVersion(comments)
    if (version === undefined) return
    if (isReadable(version)) this.#native = new NativeReader(this.#nativeEvents())
    else
      this.#note(`Written by a newer bench (format ${version}): its packets are read, its remarks are not.`)
  }

  /** A file of the bench tells its rows by itself. Its connections keep their numbers if no others came before. */
  #nativeEvents(): NativeEvents {
    const sink = this.#sink
    const { given, highest } = this.#conversations
    if (given !== this.#givenBefore) this.#offset = highest
    this.#givenBefore = given
    const offset = this.#offset
    const numbered = (connection: number) => connection + offset
    return {
      opened: (connection, facts, _continued, time) => {
        if (connection < FIRST_UNKNOWN) this.#conversations.reserve(numbered(connection))
        sink.tell({ kind: 'opened', time: plainTime(time), connection: numbered(connection), facts })
      },
      frame: (no, time, connection, direction, malformed, bytes) =>
        sink.frame(no, time, numbered(connection), direction, malformed, bytes, 0, bytes.length),
      note: (no, note) => sink.tell({ kind: 'remark', no, note }),
      marked: (no) => sink.tell({ kind: 'mark', no }),
      closed: (no, time, connection, facts) =>
        sink.tell({ kind: 'closed', no, time: plainTime(time), connection: numbered(connection), facts }),
      problem: (text) => this.#fault(text),
    }
  }

  #packet(item: PacketItem): void {
    this.#packets += 1
    if (item.timed) {
      this.#time.sec = item.sec
      this.#time.nsec = item.nsec
    }
    if (this.#native !== undefined) {
      this.#native.take(item)
      return
    }
    const { linkType } = item.interface
    if (linkType === LinkType.upperPdu) {
      this.#exported(item.data)
      return
    }
    if (!isKnownLink(linkType)) {
      this.#unknownLinks.set(linkType, (this.#unknownLinks.get(linkType) ?? 0) + 1)
      return
    }
    const { bytes, start, end, originalLength, origin } = item
    const at = ipStart(linkType, bytes, start, end)
    if (at >= 0) this.#ip(bytes, at, end, Math.max(0, originalLength - (end - start)), origin)
  }

  #ip(bytes: Uint8Array, at: number, end: number, cut: number, origin: number): void {
    const segment = this.#segment
    if (!tcpOf(bytes, at, end, cut, this.#time, this.#fragments, segment)) return
    // What was put together of fragments stands in the file in parts.
    segment.origin = segment.frame === bytes ? origin : NaN
    this.#conversations.segment(segment, this.#time)
  }

  #exported(data: Uint8Array): void {
    const pdu = exportedPdu(data)
    if (pdu === undefined) return
    if (pdu.protocol === 'ip' || pdu.protocol === 'ipv6') {
      this.#ip(pdu.payload, 0, pdu.payload.length, 0, NaN)
      return
    }
    const { source, target, sourcePort, targetPort, payload } = pdu
    if (source === undefined || target?.length !== source.length || payload.length === 0) return
    const from = { address: source, port: sourcePort }
    this.#conversations.ordered(from, { address: target, port: targetPort }, payload, this.#time)
  }

  #fault(text: string): void {
    this.#faults += 1
    if (this.#faults <= MAX_FAULTS) this.#note(text)
  }

  #note(text: string): void {
    this.#sink.tell({ kind: 'note', time: plainTime(this.#time), severity: 'warning', text })
  }
}

const packets = (count: number): string => (count === 1 ? '1 packet' : `${count} packets`)
