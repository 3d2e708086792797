/** A row as a JSON value: the packet with its properties as a list, USP as protobuf JSON, the remarks. */
import { decodePacket } from '../../../../shared/mqtt/decode.ts'
import { dissectMqtt } from '../../../../shared/mqtt/dissect.ts'
import { MqttError } from '../../../../shared/mqtt/error.ts'
import type { Packet, ProtocolLevel } from '../../../../shared/mqtt/packets.ts'
import {
  decodeMsg,
  decodeRecord,
  msgToJson,
  recordToJson,
  type JsonValue,
} from '../../../../shared/usp/codec.ts'
import { peekRecord } from '../../../../shared/usp/peek.ts'
import type { Archive } from '../archive.ts'
import { isoTime } from '../clock.ts'
import { peerAddress } from '../connections.ts'
import { bytesOf, kindOf, makeRow } from '../rows.ts'
import { segmentedMsg } from '../session-fields.ts'
import { LineEncoder } from './encoder.ts'
import { redactPacket } from './redact.ts'

type Json = JsonValue | undefined

export class JsonLinesEncoder extends LineEncoder {
  readonly #archive: Archive
  readonly #secrets: boolean

  constructor(archive: Archive, secrets: boolean) {
    super()
    this.#archive = archive
    this.#secrets = secrets
  }

  add(no: number): void {
    this.put(`${JSON.stringify(rowJson(this.#archive, no, this.#secrets))}\n`)
  }
}

/** Without `secrets`, passwords and Authentication Data are starred. */
export function rowJson({ parts }: Archive, no: number, secrets: boolean): { readonly [name: string]: Json } {
  const isPacket = kindOf(parts.columns.get(no, 'type')) === 'packet'
  const row = makeRow(parts, no, !isPacket)
  const connection = parts.connections.at(parts.columns.get(no, 'connection'))
  const { facts, level } = connection
  const notes = parts.notes.of(no)
  const bytes = bytesOf(parts, no)
  const shown = secrets ? bytes : redactPacket(bytes, level)
  const whole = segmentedMsg(parts, no)
  return {
    number: no,
    time: isoTime(row),
    connection: facts.id,
    transport: facts.transport,
    peer: peerAddress(facts),
    device: row.device,
    clientId: facts.clientId,
    direction: row.direction,
    kind: row.kind,
    type: row.type,
    topic: row.topic === '' ? undefined : row.topic,
    length: row.length,
    verdict: row.verdict,
    marked: row.marked ? true : undefined,
    answers: row.answers?.no,
    info: isPacket ? undefined : row.info,
    ...(bytes.length > 0 && content(shown, level, isPacket, whole)),
    notes: notes.length === 0 ? undefined : notes.map((note) => plain(note)),
  }
}

function content(
  bytes: Uint8Array,
  level: ProtocolLevel,
  isPacket: boolean,
  whole: Uint8Array | undefined,
): { readonly [name: string]: Json } {
  if (!isPacket) return { bytes: hex(bytes) }
  try {
    const packet = decodePacket(bytes, level)
    const usp = packet.type === 'PUBLISH' ? uspJson(packet.payload, whole) : undefined
    return { packet: packetJson(packet, usp !== undefined), usp }
  } catch (error) {
    if (!(error instanceof MqttError)) throw error
    return { error: dissectMqtt(bytes, level).error?.message ?? error.message, bytes: hex(bytes) }
  }
}

/** The members of a packet; binary ones as `binaryJson` has them. What stands as USP beside it is left out. */
function packetJson(packet: Packet, isUsp: boolean): Json {
  const members = Object.entries(packet).filter(([name]) => name !== 'type' && !(isUsp && name === 'payload'))
  return Object.fromEntries(members.map(([name, value]) => [name, plain(value)]))
}

function plain(value: unknown): JsonValue {
  if (value instanceof Uint8Array) return binaryJson(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** `{text}` where the bytes are UTF-8, else `{base64}`. */
function binaryJson(bytes: Uint8Array): JsonValue {
  try {
    return { text: strict.decode(bytes) }
  } catch {
    return { base64: base64(bytes) }
  }
}

/**
 * Record and Msg of a payload; undefined when it is no Record, or one that protobuf cannot read. The last segment
 * of a Msg has the whole Msg.
 */
function uspJson(payload: Uint8Array, whole: Uint8Array | undefined): Json {
  const peek = peekRecord(payload, 0, payload.length)
  if (peek === undefined) return undefined
  try {
    const record = recordToJson(decodeRecord(payload))
    const bytes = whole ?? (peek.msg && payload.subarray(peek.msg.start, peek.msg.end))
    const msg = bytes && msgToJson(decodeMsg(bytes))
    return { record, ...(msg !== undefined && { msg }) }
  } catch {
    // The dissector shows what is wrong with it; a program gets the bytes.
    return undefined
  }
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
