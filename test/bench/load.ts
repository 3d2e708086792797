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
  /** Called with each packet: the buffer, where it begins and ends, and the member itself. */
  onPacket: (bytes: Buffer, start: number, end: number, self: Member) => void
}

export interface Opening {
  readonly clientId: string
  /** Clean Start; a new session where it is not given. */
  readonly clean?: boolean
  /** Session Expiry Interval in seconds; none ends the session with the connection. */
  readonly expiry?: number
}

export const connectBytes = ({ clientId, clean = true, expiry }: Opening): Buffer =>
  encode({
    type: 'CONNECT',
    level: LEVEL,
    clean,
    keepAlive: 0,
    clientId,
    properties: expiry === undefined ? [] : [{ name: 'sessionExpiryInterval', value: expiry }],
  })

/** Whether these are the bytes of a CONNACK with reason code 0. */
export const isAccepted = (bytes: Buffer): boolean => (bytes[0] as number) >> 4 === CONNACK && bytes[3] === 0

let lastId = 0
export const freshId = (): string => `load-${++lastId}`

/** Connected and accepted. `onPacket` gets what comes behind CONNACK, from the first packet on. */
export async function member(
  port: number,
  opening: Opening = { clientId: freshId() },
  onPacket: Member['onPacket'] = () => undefined,
): Promise<Member> {
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
      self.onPacket(bytes, at, at + length, self)
      at += length
    }
    rest = bytes.subarray(at)
  })
  socket.on('error', () => undefined)
  const accepted = new Promise<boolean>((resolve) => {
    self.onPacket = (bytes, start) => {
      self.onPacket = onPacket
      resolve(isAccepted(bytes.subarray(start)))
    }
    socket.on('close', () => resolve(false))
  })
  socket.write(connectBytes(opening))
  if (!(await accepted)) throw new Error(`${opening.clientId} was refused`)
  return self
}

/** `onPacket` gets what comes behind SUBACK, from the first packet on. */
export async function subscriber(
  port: number,
  filter: string,
  qos: 0 | 1,
  opening?: Opening,
  onPacket: Member['onPacket'] = () => undefined,
): Promise<Member> {
  const self = await member(port, opening)
  const granted = new Promise<void>((resolve) => {
    self.onPacket = (bytes, start, end) => {
      // Retained messages may come before their SUBACK.
      if (isPublish(bytes, start)) return onPacket(bytes, start, end, self)
      self.onPacket = onPacket
      resolve()
    }
  })
  const wish = { filter, qos, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  self.socket.write(encode({ type: 'SUBSCRIBE', packetId: 1, subscriptions: [wish], properties: [] }))
  await granted
  return self
}

/**
 * Publishes at QoS 1 with so many unacknowledged at any time; `next` makes the message for a packet ID, or nothing
 * when there are no more. Resolves when all are acknowledged.
 */
export function windowed(
  one: Member,
  size: number,
  next: (packetId: number) => Buffer | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    let open = 0
    const send = (packetId: number): void => {
      const packet = next(packetId)
      if (packet) {
        open += 1
        one.socket.write(packet)
      } else if (open === 0) resolve()
    }
    one.onPacket = (bytes, start) => {
      if (!isPuback(bytes, start)) return
      open -= 1
      send(bytes.readUInt16BE(start + 2))
    }
    for (let packetId = 1; packetId <= size; packetId++) send(packetId)
  })
}

export const publish = (topic: string, payload: Buffer, qos: 0 | 1, packetId = 1, retain = false): Buffer =>
  encode({
    type: 'PUBLISH',
    dup: false,
    qos,
    retain,
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
