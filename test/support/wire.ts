/** An MQTT client that says exactly what a test wants, valid or not. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { decodePacket } from '../../shared/mqtt/decode.ts'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { frameLength } from '../../shared/mqtt/frame.ts'
import type { ConnectPacket, Packet, PacketOf, PacketType, ProtocolLevel } from '../../shared/mqtt/packets.ts'

export class WireClient {
  readonly socket: Socket
  level: ProtocolLevel = 5
  readonly received: Packet[] = []
  /** Resolves when the other side closed. */
  readonly closed: Promise<void>
  isClosed = false
  #input: Buffer = Buffer.alloc(0)
  #taken = 0
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
        this.received.push(decodePacket(this.#input.subarray(0, length), this.level))
        this.#input = this.#input.subarray(length)
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
    return this.next('CONNACK')
  }

  /** The next packet not yet taken; fails when it is of another type or the connection ends. */
  async next<T extends PacketType>(type: T): Promise<PacketOf<T>> {
    while (this.received.length <= this.#taken) {
      if (this.isClosed) throw new Error(`closed while waiting for ${type}`)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    const packet = this.received[this.#taken++] as Packet
    if (packet.type !== type) throw new Error(`${JSON.stringify(packet)} came instead of ${type}`)
    return packet as PacketOf<T>
  }

  async subscribe(filter: string, qos: 0 | 1 | 2 = 0): Promise<PacketOf<'SUBACK'>> {
    const subscription = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    this.send({ type: 'SUBSCRIBE', packetId: 1, subscriptions: [subscription], properties: [] })
    return this.next('SUBACK')
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
