/** Makes captures of TCP connections, packet by packet, and imports them. */
import { Importer, type ImporterOptions } from '../../../electron/engine/import/importer.ts'
import { parseAddress } from '../../../shared/pcapng/address.ts'
import { BlockWriter } from '../../../shared/pcapng/block-writer.ts'
import { type Endpoint, headerLength, TcpFlag, writeHeaders } from '../../../shared/pcapng/ip-frame.ts'
import { CaptureReader } from '../../../shared/pcapng/reader.ts'
import { LinkType, TLS_KEY_LOG } from '../../../shared/pcapng/format.ts'
import { type ToldEvent, ToldEvents } from '../../support/import-events.ts'

export type Direction = 'in' | 'out'

/** A raw IP packet, and when it was seen (seconds). */
export interface Frame {
  readonly data: Uint8Array
  readonly time: number
}

export interface TalkOptions {
  readonly client?: string
  readonly server?: string
  readonly clientPort?: number
  readonly serverPort?: number
  /** Initial sequence numbers. */
  readonly initial?: Readonly<Record<Direction, number>>
}

const end = (address: string, port: number): Endpoint => ({
  address: parseAddress(address) ?? new Uint8Array(4),
  port,
})

/** One TCP connection. Its methods answer the frames that go over the wire for them. */
export class Talk {
  readonly #client: Endpoint
  readonly #server: Endpoint
  readonly next: Record<Direction, number>
  time = 1_793_000_000

  constructor(options: TalkOptions = {}) {
    const { client = '192.0.2.7', server = '192.0.2.1', clientPort = 40_000, serverPort = 1883 } = options
    this.#client = end(client, clientPort)
    this.#server = end(server, serverPort)
    this.next = { in: 1000, out: 5000, ...options.initial }
  }

  frame(
    direction: Direction,
    flags: number,
    payload: Uint8Array = new Uint8Array(0),
    sequence = this.next[direction],
  ): Frame {
    const inbound = direction === 'in'
    const source = inbound ? this.#client : this.#server
    const headers = headerLength(source.address.length, flags)
    const data = new Uint8Array(headers + payload.length)
    data.set(payload, headers)
    const acknowledgment = (flags & TcpFlag.ack) === 0 ? 0 : this.next[inbound ? 'out' : 'in']
    const header = { source, target: inbound ? this.#server : this.#client, sequence, acknowledgment, flags }
    writeHeaders(data, 0, header, payload.length)
    this.time += 0.001
    return { data, time: this.time }
  }

  #step(direction: Direction, flags: number, payload?: Uint8Array): Frame {
    const frame = this.frame(direction, flags, payload)
    const taken = (payload?.length ?? 0) + ((flags & (TcpFlag.syn | TcpFlag.fin)) === 0 ? 0 : 1)
    this.next[direction] = (this.next[direction] + taken) >>> 0
    return frame
  }

  open(): Frame[] {
    return [
      this.#step('in', TcpFlag.syn),
      this.#step('out', TcpFlag.syn | TcpFlag.ack),
      this.#step('in', TcpFlag.ack),
    ]
  }

  /** Bytes in segments of at most `size`. */
  send(direction: Direction, bytes: Uint8Array, size = 1400): Frame[] {
    const frames: Frame[] = []
    for (let at = 0; at < bytes.length; at += size) {
      frames.push(this.#step(direction, TcpFlag.ack | TcpFlag.psh, bytes.subarray(at, at + size)))
    }
    return frames
  }

  close(first: Direction = 'in'): Frame[] {
    const fin = TcpFlag.fin | TcpFlag.ack
    const second = first === 'in' ? 'out' : 'in'
    return [this.#step(first, fin), this.#step(second, fin), this.#step(first, TcpFlag.ack)]
  }

  reset(direction: Direction = 'in'): Frame {
    return this.frame(direction, TcpFlag.rst | TcpFlag.ack)
  }
}

export interface FileOptions {
  readonly linkType?: number
  /** From an IP packet to a frame of that link. */
  readonly wrap?: (ip: Uint8Array) => Uint8Array
  readonly keyLog?: string
  /** Lengths that the frames had before they were cut. */
  readonly originalLengths?: readonly number[]
}

export function fileOf(frames: readonly Frame[], options: FileOptions = {}): Uint8Array {
  const { linkType = LinkType.raw, wrap = (ip: Uint8Array) => ip, keyLog, originalLengths } = options
  const writer = new BlockWriter()
  writer.section({})
  writer.interface({ linkType })
  if (keyLog !== undefined) writer.secrets(TLS_KEY_LOG, new TextEncoder().encode(keyLog))
  for (const [i, { data, time }] of frames.entries()) {
    const nsec = Math.round((time % 1) * 1e9)
    writer.packet(
      { sec: Math.floor(time), nsec: Math.min(nsec, 999_999_999), interfaceId: 0 },
      wrap(data),
      originalLengths?.[i],
    )
  }
  return writer.take()
}

export type EventOf<K extends ToldEvent['kind']> = Extract<ToldEvent, { kind: K }>

export interface Imported {
  readonly events: readonly ToldEvent[]
  of<K extends ToldEvent['kind']>(kind: K): EventOf<K>[]
  /** Bytes of the packets of a direction, in order. */
  packets(direction: Direction, connection?: number): Uint8Array[]
  /** Texts of all notes. */
  readonly notes: readonly string[]
}

/** Imports a file from chunks that are overwritten after use. */
export function importBytes(file: Uint8Array, options: ImporterOptions = {}, chunkBytes = 65_536): Imported {
  const told = new ToldEvents()
  const importer = new Importer(told, options)
  const reader = new CaptureReader((item) => importer.take(item))
  for (let at = 0; at < file.length; at += chunkBytes) {
    const chunk = file.slice(at, at + chunkBytes)
    importer.read(chunk)
    reader.push(chunk)
    chunk.fill(0xee)
  }
  reader.end()
  importer.end()
  const events = told.all
  const of = <K extends ToldEvent['kind']>(kind: K) =>
    events.filter((event): event is EventOf<K> => event.kind === kind)
  return {
    events,
    of,
    packets: (direction, connection) =>
      of('frame')
        .filter((frame) => frame.direction === direction && frame.no !== 0)
        .filter((frame) => connection === undefined || frame.connection === connection)
        .map(({ bytes }) => bytes),
    notes: of('note').map(({ text }) => text),
  }
}

export const importFrames = (
  frames: readonly Frame[],
  options: ImporterOptions & FileOptions = {},
): Imported => {
  const { linkType, wrap, keyLog, ...rest } = options
  const file = fileOf(frames, {
    ...(linkType === undefined ? {} : { linkType }),
    ...(wrap === undefined ? {} : { wrap }),
  })
  return importBytes(file, { ...rest, ...(keyLog === undefined ? {} : { keyLog }) })
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
