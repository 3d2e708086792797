/** Load on a broker: raw sockets and packets made beforehand, so that the load costs little beside the broker. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { frameLength } from '../../shared/mqtt/frame.ts'
import type { Packet } from '../../shared/mqtt/packets.ts'

const LEVEL = 5
const CONNACK = 2
const PUBLISH = 3
const PUBACK = 4
const encode = (packet: Packet): Buffer => Buffer.from(encodePacket(packet, LEVEL))

export interface Member {
  readonly socket: Socket
  /** Called with each packet: the buffer, where it begins and ends. */
  onPacket: (bytes: Buffer, start: number, end: number) => void
}

export const connectBytes = (clientId: string): Buffer =>
  encode({ type: 'CONNECT', level: LEVEL, clean: true, keepAlive: 0, clientId, properties: [] })

/** Whether these are the bytes of a CONNACK with reason code 0. */
export const isAccepted = (bytes: Buffer): boolean => (bytes[0] as number) >> 4 === CONNACK && bytes[3] === 0

let lastId = 0
export async function member(port: number): Promise<Member> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const self: Member = { socket, onPacket: () => undefined }
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    let at = 0
    for (;;) {
      const length = frameLength(bytes, at, bytes.length)
      if (length <= 0 || at + length > bytes.length) break
      self.onPacket(bytes, at, at + length)
      at += length
    }
    rest = bytes.subarray(at)
  })
  socket.on('error', () => undefined)
  const answered = new Promise<void>((resolve) => (self.onPacket = () => resolve()))
  const clientId = `load-${++lastId}`
  socket.write(connectBytes(clientId))
  await answered
  return self
}

export async function subscriber(port: number, topic: string, qos: 0 | 1): Promise<Member> {
  const self = await member(port)
  const granted = new Promise<void>((resolve) => (self.onPacket = () => resolve()))
  const wish = { filter: topic, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  self.socket.write(encode({ type: 'SUBSCRIBE', packetId: 1, subscriptions: [wish], properties: [] }))
  await granted
  return self
}

export const publish = (topic: string, payload: Buffer, qos: 0 | 1, packetId = 1): Buffer =>
  encode({
    type: 'PUBLISH',
    dup: false,
    qos,
    retain: false,
    topic,
    ...(qos === 0 ? {} : { packetId }),
    properties: [],
    payload,
  })

export const puback = (packetId: number): Buffer =>
  encode({ type: 'PUBACK', packetId, reasonCode: 0, properties: [] })

export const isPublish = (bytes: Buffer, start: number): boolean => (bytes[start] as number) >> 4 === PUBLISH
export const isPuback = (bytes: Buffer, start: number): boolean => (bytes[start] as number) >> 4 === PUBACK

/** Packet ID of a QoS 1 PUBLISH. */
export function packetIdOf(bytes: Buffer, start: number): number {
  let at = start + 1
  while ((bytes[at] as number) & 0x80) at++
  at += 1
  at += 2 + bytes.readUInt16BE(at)
  return bytes.readUInt16BE(at)
}

export const disconnect = encode({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
