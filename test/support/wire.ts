/** An MQTT client that says exactly what a test wants, valid or not. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decodePacket } from '../../shared/mqtt/decode.ts'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { frameLength } from '../../shared/mqtt/frame.ts'
import type {
  ConnectPacket,
  Packet,
  PacketOf,
  PacketType,
  ProtocolLevel,
  Subscription,
} from '../../shared/mqtt/packets.ts'

export class WireClient {
  readonly socket: Socket
  level: ProtocolLevel = 5
  readonly received: Packet[] = []
  /** The answer to its CONNECT, once `hello` has it. */
  connack: PacketOf<'CONNACK'> | undefined
  /** Resolves when the other side closed. */
  readonly closed: Promise<void>
  isClosed = false
  /** Called with each packet, besides what `next` gives. */
  onPacket: ((packet: Packet) => void) | undefined
  #input: Buffer = Buffer.alloc(0)
  #taken = 0
  #lastId = 0
  #wake: (() => void) | undefined

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.isClosed = true
        this.#wake?.()
        resolve()
      })
    })
    socket.on('data', (chunk) => {
      this.#input = Buffer.concat([this.#input, chunk])
      for (;;) {
        const length = frameLength(this.#input, 0, this.#input.length)
        if (length <= 0 || length > this.#input.length) break
        const packet = decodePacket(this.#input.subarray(0, length), this.level)
        this.#input = this.#input.subarray(length)
        this.received.push(packet)
        this.onPacket?.(packet)
      }
      this.#wake?.()
    })
  }

  static async open(port: number, host = '127.0.0.1'): Promise<WireClient> {
    const socket = connect(port, host)
    await once(socket, 'connect')
    return new WireClient(socket)
  }

  bytes(...values: (Uint8Array | string)[]): void {
    const parts = values.map((value) =>
      typeof value === 'string' ? Buffer.from(value.replace(/\s/g, ''), 'hex') : value,
    )
    this.socket.write(Buffer.concat(parts))
  }

  send(...packets: Packet[]): void {
    this.bytes(...packets.map((packet) => encodePacket(packet, this.level)))
  }

  /** Sends CONNECT (clean, no keep-alive unless said) and waits for CONNACK. */
  async hello(wishes: Partial<ConnectPacket> & { readonly clientId: string }): Promise<PacketOf<'CONNACK'>> {
    this.send(connectPacket(wishes))
    this.level = wishes.level ?? 5
    this.connack = await this.next('CONNACK')
    return this.connack
  }

  /** The next packet not yet taken; fails when the connection ends. */
  async any(what = 'a packet'): Promise<Packet> {
    while (this.received.length <= this.#taken) {
      if (this.isClosed) throw new Error(`closed while waiting for ${what}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return this.received[this.#taken++] as Packet
  }

  /** The next packet not yet taken; fails when it is of another type or the connection ends. */
  async next<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    const packet = await this.any(type)
    if (packet.type !== type) throw new Error(`${JSON.stringify(packet)} came instead of ${type}`)
    return packet as PacketOf<T>
  }

  async subscribe(
    filter: string,
    qos: 0 | 1 | 2 = 0,
    options: Partial<Subscription> & { readonly identifier?: number } = {},
  ): Promise<PacketOf<'SUBACK'>> {
    const { identifier, ...wishes } = options
    const plain = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    const properties =
      identifier === undefined ? [] : [{ name: 'subscriptionIdentifier', value: identifier } as const]
    const subscriptions = [{ filter, qos, ...plain, ...wishes }]
    this.send({ type: 'SUBSCRIBE', packetId: 1, subscriptions, properties })
    return this.next('SUBACK')
  }

  /** Publishes at QoS 1 or 2 and takes part in the whole exchange; answers the reason code. */
  async publish(
    topic: string,
    payload: string,
    qos: 1 | 2 = 1,
    more: Partial<PacketOf<'PUBLISH'>> = {},
  ): Promise<number> {
    this.#lastId = (this.#lastId % 65_535) + 1
    const packetId = this.#lastId
    this.send(publishPacket(topic, payload, { qos, packetId, ...more }))
    if (qos === 1) return (await this.next('PUBACK')).reasonCode
    const { reasonCode } = await this.next('PUBREC')
    if (reasonCode >= 0x80) return reasonCode
    this.send({ type: 'PUBREL', packetId, reasonCode: 0, properties: [] })
    await this.next('PUBCOMP')
    return reasonCode
  }

  /** The text of the next packet, which is a PUBLISH; it is answered for good. */
  async receive(): Promise<string> {
    const { qos, packetId = 0, payload } = await this.next('PUBLISH')
    if (qos === 1) this.send({ type: 'PUBACK', packetId, reasonCode: 0, properties: [] })
    if (qos === 2) {
      this.send({ type: 'PUBREC', packetId, reasonCode: 0, properties: [] })
      await this.#release(packetId)
      this.send({ type: 'PUBCOMP', packetId, reasonCode: 0, properties: [] })
    }
    return Buffer.from(payload).toString()
  }

  /** Takes PUBREL of this packet ID, though others may have come before it. */
  async #release(packetId: number): Promise<void> {
    for (;;) {
      const at = this.received.findIndex(
        (packet, i) => i >= this.#taken && packet.type === 'PUBREL' && packet.packetId === packetId,
      )
      if (at >= 0) {
        this.received.splice(at, 1)
        return
      }
      if (this.isClosed) throw new Error('closed while waiting for PUBREL')
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Packets that came and were not yet taken. */
  get untaken(): readonly Packet[] {
    return this.received.slice(this.#taken)
  }

  /** Everything sent before was worked on when this returns. */
  async ping(): Promise<void> {
    this.send({ type: 'PINGREQ' })
    await this.next('PINGRESP')
  }

  destroy(): void {
    this.socket.destroy()
  }
}

export const connectPacket = (wishes: Partial<ConnectPacket>): ConnectPacket => ({
  type: 'CONNECT',
  level: 5,
  clean: true,
  keepAlive: 0,
  clientId: '',
  properties: [],
  ...wishes,
})

export const publishPacket = (
  topic: string,
  payload: string | Uint8Array = '',
  more: Partial<PacketOf<'PUBLISH'>> = {},
): PacketOf<'PUBLISH'> => ({
  type: 'PUBLISH',
  dup: false,
  qos: 0,
  retain: false,
  topic,
  properties: [],
  payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
  ...more,
})
