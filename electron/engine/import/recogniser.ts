/** Finds out from its first bytes what a connection carries, and puts the layers for it in place. */
import type { Time } from '../../../shared/pcapng/format.ts'
import type { Direction } from '../capture/sink.ts'
import { asksForMqtt, deflateOf, MAX_HEAD, readHead, switches } from './http-head.ts'
import type { KeyLog } from './key-log.ts'
import { ByteQueue, type Findings, type Layer } from './layer.ts'
import { MqttLayer } from './mqtt-layer.ts'
import { beginsWithConnect, findPacket } from './mqtt-sync.ts'
import { isRecord, TlsLayer } from './tls-layer.ts'
import { WebSocketLayer } from './websocket-layer.ts'

/** Bytes of a direction that are looked at before a connection is passed over. */
const LOOKED_AT = 32 * 1024
const HTTP_GET = Buffer.from('GET ')
/** ContentType of a TLS record that begins a connection, and its major version. */
const TLS_HANDSHAKE = 22

export class Recogniser implements Layer {
  readonly #findings: Findings
  readonly #keyLog: KeyLog
  /** It stands inside TLS. */
  readonly #encrypted: boolean
  readonly #early: Record<Direction, ByteQueue>
  #layer: Layer | undefined
  #passedOver = false
  /** Bytes may begin anywhere. */
  #midStream: boolean

  constructor(findings: Findings, keyLog: KeyLog, encrypted = false) {
    this.#findings = findings
    this.#keyLog = keyLog
    this.#encrypted = encrypted
    this.#early = { in: new ByteQueue(findings.held), out: new ByteQueue(findings.held) }
    this.#midStream = findings.midStream && !encrypted
  }

  /** What takes the bytes from now on, once that is known. */
  get layer(): Layer | undefined {
    return this.#layer
  }

  data(direction: Direction, bytes: Uint8Array, start: number, end: number, time: Time): void {
    if (this.#layer !== undefined) {
      this.#layer.data(direction, bytes, start, end, time)
      return
    }
    if (this.#passedOver) return
    const queue = this.#early[direction]
    const fresh = queue.length
    queue.push(bytes, start, end)
    if (this.#midStream) this.#search(direction, fresh, time)
    else this.#decide(time)
    if (this.#layer === undefined && queue.length > LOOKED_AT) this.#passOver(time)
  }

  gap(direction: Direction, count: number, time: Time): void {
    if (this.#layer !== undefined) this.#layer.gap(direction, count, time)
    else if (!this.#passedOver) {
      this.#midStream = true
      this.#early[direction].clear()
      this.#findings.gap(direction, count, time)
    }
  }

  close(time: Time): void {
    this.#early.in.close()
    this.#early.out.close()
    this.#layer?.close(time)
  }

  #passOver(time: Time): void {
    this.#passedOver = true
    this.close(time)
  }

  /** From the first byte of the client. */
  #decide(time: Time): void {
    const client = this.#early.in.view
    if (client.length === 0) return
    const connect = beginsWithConnect(client)
    if (connect === true) this.#use(this.#mqtt(false), time)
    else if (connect === undefined) return
    else if (client[0] === TLS_HANDSHAKE && isRecord(client) && !this.#encrypted) {
      if (client.length >= 3) this.#use(this.#tls(), time)
    } else if (startsWith(client, HTTP_GET)) this.#upgrade(time)
    else if (this.#findings.expected) this.#use(this.#mqtt(false), time)
    else this.#passOver(time)
  }

  #mqtt(lost: boolean): Layer {
    this.#findings.recognised(this.#encrypted ? 'tls' : 'tcp')
    return new MqttLayer(this.#findings, lost)
  }

  #tls(): Layer {
    const inner = new Recogniser(this.#findings, this.#keyLog, true)
    return new TlsLayer(this.#findings, this.#keyLog, inner)
  }

  #upgrade(time: Time): void {
    const request = readHead(this.#early.in.view)
    if (request === undefined) {
      if (this.#early.in.length > MAX_HEAD) this.#passOver(time)
      return
    }
    if (!asksForMqtt(request)) {
      this.#passOver(time)
      return
    }
    const answer = readHead(this.#early.out.view)
    if (answer === undefined) return
    this.#findings.recognised(this.#encrypted ? 'wss' : 'ws')
    if (!switches(answer)) {
      this.#findings.note('warning', `The server refused the WebSocket: ${answer.start}.`, time)
      this.#passOver(time)
      return
    }
    this.#early.in.shift(request.length)
    this.#early.out.shift(answer.length)
    const inner = new MqttLayer(this.#findings, false)
    this.#use(new WebSocketLayer(this.#findings, inner, deflateOf(answer)), time)
  }

  /** In the middle of a connection: packets in either direction say what it is, and a CONNECT who is the client. */
  #search(direction: Direction, fresh: number, time: Time): void {
    const bytes = this.#early[direction].view
    if (
      beginsWithConnect(bytes) === true ||
      (bytes[0] === TLS_HANDSHAKE && bytes[5] === 1 && isRecord(bytes))
    ) {
      if (direction === 'out') this.#turn()
      this.#midStream = false
      this.#decide(time)
      return
    }
    const { expected } = this.#findings
    if (
      expected &&
      !this.#encrypted &&
      fresh === 0 &&
      isRecord(bytes) &&
      bytes.length > 5 &&
      bytes[1] === 3
    ) {
      this.#findings.unreadable('TLS cannot be read: its handshake is not in the capture.', true, time)
      this.#passOver(time)
      return
    }
    // Where MQTT is not expected, the end of a segment alone proves nothing.
    const found = findPacket(bytes, expected ? fresh : -1, undefined)
    if (found === undefined) return
    this.#use(this.#mqtt(true), time)
  }

  #turn(): void {
    this.#findings.turn()
    const { in: client, out: server } = this.#early
    this.#early.in = server
    this.#early.out = client
  }

  #use(layer: Layer, time: Time): void {
    this.#layer = layer
    for (const direction of ['in', 'out'] as const) {
      const queue = this.#early[direction]
      if (queue.length > 0) layer.data(direction, queue.view, 0, queue.length, time)
      queue.close()
    }
  }
}

const startsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  prefix.subarray(0, bytes.length).every((byte, i) => byte === bytes[i])
