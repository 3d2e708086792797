/** TLS 1.2 and 1.3 with a key log: from records to the bytes that the applications sent. */
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import type { KeyLog } from './key-log.ts'
import { ByteQueue, type Findings, type Layer } from './layer.ts'
import { type ClientHello, readClientHello, readServerHello, type ServerHello } from './tls-hello.ts'
import { HEADER, keys12, nextSecret, type Opened, type RecordKey, recordKey13 } from './tls-keys.ts'
import { type Suite, suiteOf } from './tls-suites.ts'

const Content = { changeCipherSpec: 20, alert: 21, handshake: 22, application: 23 } as const
const Message = { clientHello: 1, serverHello: 2, finished: 20, keyUpdate: 24 } as const
const TLS13 = 0x0304
const TLS12 = 0x0303
/** 2^14 and what encryption may add (RFC 5246, 6.2.3). */
const MAX_RECORD = 16_384 + 2048
const MAX_HANDSHAKE = 256 * 1024
/** Records that a gap may have swallowed, at most, for the rest to be readable. */
const MAX_LOST_RECORDS = 1024
/** Places after a gap that looked like a record and were none, until the rest is given up. */
const MAX_MISFITS = 16

const versionNames: Readonly<Record<number, string>> = {
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  [TLS12]: 'TLS 1.2',
  [TLS13]: 'TLS 1.3',
}

interface Way {
  readonly queue: ByteQueue
  readonly handshake: ByteQueue
  /** Set once its records are encrypted. */
  key: RecordKey | undefined
  /** TLS 1.3: the secret of `key`, from which the next one follows. */
  secret: Buffer | undefined
  sequence: number
  phase: 'plain' | 'handshake' | 'application'
  /** Bytes were missing: it is not known where records begin, nor how many there were. */
  lost: boolean
  misfits: number
}

export class TlsLayer implements Layer {
  readonly #findings: Findings
  readonly #keyLog: KeyLog
  readonly #inner: Layer
  readonly #ways: Readonly<Record<Direction, Way>>
  #client: ClientHello | undefined
  #server: ServerHello | undefined
  #suite: Suite | undefined
  /** It was told that this connection cannot be read. */
  #dead = false
  #described = false
  #earlyTold = false

  constructor(findings: Findings, keyLog: KeyLog, inner: Layer) {
    this.#findings = findings
    this.#keyLog = keyLog
    this.#inner = inner
    const way = (): Way => ({
      queue: new ByteQueue(findings.held),
      handshake: new ByteQueue(findings.held),
      key: undefined,
      secret: undefined,
      sequence: 0,
      phase: 'plain',
      lost: false,
      misfits: 0,
    })
    this.#ways = { in: way(), out: way() }
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    if (this.#dead) return
    const way = this.#ways[direction]
    way.queue.push(bytes, start, end)
    while (!this.#dead) {
      if (way.lost && !this.#search(way, direction, time)) return
      const { view } = way.queue
      if (view.length < HEADER) return
      if (!isRecord(view)) {
        this.#lose(way, direction, time)
        continue
      }
      const size = recordSize(view)
      if (view.length < size) return
      this.#record(way, direction, view.subarray(0, size), time)
      way.queue.shift(size)
    }
  }

  gap(direction: Direction, count: number, time: Time): void {
    const way = this.#ways[direction]
    way.lost = true
    way.queue.clear()
    way.handshake.clear()
    if (way.phase === 'application') this.#inner.gap(direction, count, time)
    else this.#giveUp('bytes of its handshake are missing in the capture', time)
  }

  close(time: Time): void {
    for (const way of [this.#ways.in, this.#ways.out]) {
      way.queue.close()
      way.handshake.close()
    }
    this.#inner.close(time)
  }

  #lose(way: Way, direction: Direction, time: Time): void {
    if (way.phase !== 'application') this.#giveUp('its handshake does not consist of TLS records', time)
    else {
      way.lost = true
      this.#inner.gap(direction, 0, time)
    }
  }

  /** After missing bytes: finds a record that the key opens, and tells what is in it. */
  #search(way: Way, direction: Direction, time: Time): boolean {
    const { view } = way.queue
    let at = 0
    for (; at + HEADER <= view.length; at++) {
      const rest = view.subarray(at)
      if (rest[0] !== Content.application || !isRecord(rest)) continue
      const size = recordSize(rest)
      if (rest.length < size) break
      const opened = this.#open(way, rest.subarray(0, size))
      if (opened !== undefined) {
        this.#content(way, direction, opened, time)
        way.queue.shift(at + size)
        return true
      }
      if (++way.misfits > MAX_MISFITS) {
        this.#giveUp('too much of it is missing in the capture', time)
        return false
      }
    }
    way.queue.shift(at)
    return false
  }

  #record(way: Way, direction: Direction, record: Uint8Array, time: Time): void {
    const type = record[0] as number
    if (way.phase === 'plain') {
      this.#plain(way, direction, type, record, time)
      return
    }
    // For old middleboxes only (RFC 8446, D.4).
    if (type === Content.changeCipherSpec) return
    const opened = this.#open(way, record)
    if (opened !== undefined) {
      this.#describe(time)
      this.#content(way, direction, opened, time)
      return
    }
    // 0-RTT data, under a key of their own, come before what the handshake key opens.
    if (direction === 'in' && way.phase === 'handshake' && this.#client?.earlyData === true) this.#early(time)
    else this.#giveUp('its records do not fit the secret in the key log', time)
  }

  #plain(way: Way, direction: Direction, type: number, record: Uint8Array, time: Time): void {
    if (type === Content.handshake) this.#messages(way, direction, record.subarray(HEADER), time)
    else if (type === Content.changeCipherSpec && this.#server?.version === TLS12)
      this.#start12(way, direction, time)
    else if (type === Content.application && direction === 'in' && this.#client?.earlyData === true) {
      this.#early(time)
    }
  }

  #early(time: Time): void {
    if (this.#earlyTold) return
    this.#earlyTold = true
    this.#findings.note('warning', 'TLS: 0-RTT data of the client were not read.', time)
    this.#inner.gap('in', 0, time)
  }

  /** After a gap the number of the record is not known: those that may have been lost are tried. */
  #open(way: Way, record: Uint8Array): Opened | undefined {
    const tries = way.lost ? MAX_LOST_RECORDS : 1
    for (let i = 0; i < tries; i++) {
      const opened = way.key?.open(record, way.sequence + i)
      if (opened === undefined) continue
      way.sequence += i + 1
      way.lost = false
      return opened
    }
    return undefined
  }

  #content(way: Way, direction: Direction, { type, content }: Opened, time: Time): void {
    if (type === Content.application) this.#inner.data(direction, content, 0, content.length, time)
    else if (type === Content.handshake && this.#server?.version === TLS13)
      this.#messages(way, direction, content, time)
  }

  #messages(way: Way, direction: Direction, bytes: Uint8Array, time: Time): void {
    way.handshake.push(bytes)
    for (;;) {
      const { view } = way.handshake
      if (view.length < 4) return
      const size = 4 + (((view[1] as number) << 16) | ((view[2] as number) << 8) | (view[3] as number))
      if (size > MAX_HANDSHAKE) {
        this.#giveUp(`a handshake message of ${size} bytes`, time)
        return
      }
      if (view.length < size) return
      this.#message(way, direction, view[0] as number, view.subarray(4, size), time)
      way.handshake.shift(size)
    }
  }

  #message(way: Way, direction: Direction, type: number, body: Uint8Array, time: Time): void {
    if (way.phase === 'plain') {
      if (type === Message.clientHello && direction === 'in') this.#client = readClientHello(body)
      else if (type === Message.serverHello && direction === 'out') this.#answer(readServerHello(body), time)
    } else if (type === Message.finished && way.phase === 'handshake') {
      way.phase = 'application'
      const label = direction === 'in' ? 'CLIENT_TRAFFIC_SECRET_0' : 'SERVER_TRAFFIC_SECRET_0'
      this.#use13(way, this.#secret(label), time)
    } else if (type === Message.keyUpdate && this.#suite !== undefined && way.secret !== undefined) {
      this.#use13(way, nextSecret(this.#suite, way.secret), time)
    }
  }

  #answer(server: ServerHello | undefined, time: Time): void {
    if (server === undefined || this.#client === undefined || server.retry) return
    this.#server = server
    this.#suite = suiteOf(server.suite)
    const { version, suite } = server
    if (this.#suite === undefined || (version !== TLS12 && version !== TLS13)) {
      this.#giveUp(`cipher suite 0x${suite.toString(16).padStart(4, '0')} is not one that can be read`, time)
      return
    }
    if (version === TLS12) return
    for (const direction of ['in', 'out'] as const) {
      const way = this.#ways[direction]
      way.phase = 'handshake'
      const label = direction === 'in' ? 'CLIENT_HANDSHAKE_TRAFFIC_SECRET' : 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
      this.#use13(way, this.#secret(label), time)
    }
  }

  #use13(way: Way, secret: Buffer | undefined, time: Time): void {
    if (secret === undefined || this.#suite === undefined) {
      this.#giveUp(this.#noSecret(), time)
      return
    }
    way.secret = secret
    way.key = recordKey13(this.#suite, secret)
    way.sequence = 0
  }

  /** ChangeCipherSpec of TLS 1.2: what follows in this direction is encrypted. */
  #start12(way: Way, direction: Direction, time: Time): void {
    const master = this.#secret('CLIENT_RANDOM')
    const { random } = this.#client ?? {}
    if (
      master === undefined ||
      random === undefined ||
      this.#suite === undefined ||
      this.#server === undefined
    ) {
      this.#giveUp(this.#noSecret(), time)
      return
    }
    const keys = keys12(this.#suite, master, random, this.#server.random)
    way.key = direction === 'in' ? keys.client : keys.server
    way.sequence = 0
    way.phase = 'application'
    way.handshake.clear()
  }

  #secret(label: Parameters<KeyLog['secret']>[0]): Buffer | undefined {
    return this.#client && this.#keyLog.secret(label, this.#client.random)
  }

  #noSecret(): string {
    return this.#keyLog.size === 0
      ? 'there is no key log: give the one that client or server wrote (SSLKEYLOGFILE)'
      : 'the key log has no secret for this connection'
  }

  #giveUp(why: string, time: Time): void {
    if (this.#dead) return
    this.#dead = true
    const isMqtt = this.#client?.protocols.some((name) => name.startsWith('mqtt')) ?? false
    this.#findings.unreadable(`${this.#name()} cannot be read: ${why}.`, isMqtt, time)
    this.close(time)
  }

  #describe(time: Time): void {
    if (this.#described) return
    this.#described = true
    const resumed = this.#isResumed() ? ', resumed' : ''
    const early = this.#client?.earlyData === true ? ', 0-RTT offered' : ''
    this.#findings.note(
      'info',
      `${this.#name()}, ${this.#suite?.name ?? ''}${resumed}${early}: decrypted.`,
      time,
    )
  }

  #isResumed(): boolean {
    const { sessionId, version, preSharedKey } = this.#server ?? {}
    if (version === TLS13) return preSharedKey === true
    const asked = this.#client?.sessionId
    return (
      sessionId !== undefined &&
      sessionId.length > 0 &&
      Buffer.compare(sessionId, asked ?? sessionId.subarray(0, 0)) === 0
    )
  }

  #name(): string {
    const version = versionNames[this.#server?.version ?? 0] ?? 'TLS'
    const { serverName } = this.#client ?? {}
    return serverName ? `${version} to "${serverName}"` : version
  }
}

/** With the header. */
const recordSize = (bytes: Uint8Array): number =>
  HEADER + (((bytes[3] as number) << 8) | (bytes[4] as number))

/** Whether bytes begin as a record does. */
export function isRecord(bytes: Uint8Array): boolean {
  const [type = 0, major = 0, minor = 0, high = 0, low = 0] = bytes
  if (type < Content.changeCipherSpec || type > Content.application) return false
  return (
    (bytes.length < 2 || major === 3) && (bytes.length < 3 || minor <= 4) && ((high << 8) | low) <= MAX_RECORD
  )
}
