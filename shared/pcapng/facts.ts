/**
 * What the bench knows and bytes do not say, as it stands in the files that the bench writes.
 *
 * A packet comment holds one line, `oktobench: ` and a JSON object of the members of `PacketComment`:
 *
 *     oktobench: {"opened":{"connection":7,"transport":"ws","listenerPort":8083,"remoteAddress":"192.168.1.7",…}}
 *     oktobench: {"notes":[{"kind":"refused","rule":"access","text":"…","reasonCode":135}]}
 *     oktobench: {"clientId":"cpe-1","endpointId":"os::00256D-1"}
 *     oktobench: {"malformed":true}
 *     oktobench: {"marked":true}
 *     oktobench: {"closed":{"by":"device","reason":"","probe":false}}
 *
 * The number of the row is the packet's `epb_packetid` (`frame.packet_id` in Wireshark). A packet without one
 * makes no row: TCP's own handshakes, and what is repeated at the beginning of a segment so that it can be
 * read alone. A remark made after its packet was written follows as the comment of a Name Resolution Block, which
 * no packet list shows:
 *
 *     oktobench: {"late":{"no":12,"note":{"kind":"dropped","rule":"slow","text":"…"}}}
 */
import type { PacketNote, Transport, Verdict } from '../contract/model.ts'
import { MAX_OPTION_BYTES } from './block-writer.ts'
import { encodeText } from './options.ts'

export interface OpenedFacts {
  readonly transport: Transport
  readonly listenerPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
}

/** Of a connection that nobody told of. */
export const NO_FACTS: OpenedFacts = {
  transport: 'tcp',
  listenerPort: 0,
  remoteAddress: '',
  remotePort: 0,
  localAddress: '',
}

export interface ClosedFacts {
  readonly by: 'device' | 'bench' | 'network'
  readonly reason: string
  readonly probe: boolean
}

export interface PacketComment {
  /** On the SYN of a connection; `continued`: it was open already when this segment began. */
  readonly opened?: OpenedFacts & { readonly connection: number; readonly continued?: boolean }
  /** On the FIN with which it ends. */
  readonly closed?: ClosedFacts
  readonly malformed?: boolean
  readonly notes?: readonly PacketNote[]
  /** The person marked it; in exported files. */
  readonly marked?: boolean
  /** Who is at the other end, for whoever reads the file; a program finds it in the CONNECT. */
  readonly clientId?: string
  readonly endpointId?: string
  /** A remark on the row `no`. */
  readonly late?: { readonly no: number; readonly note: PacketNote }
}

const PREFIX = 'oktobench: '
/** Version of what is described here. Raised when older benches could not read it. */
const VERSION = 1

/** Comment of the Section Header Block of a file that follows this format. */
export const sectionComment = `${PREFIX}${JSON.stringify({ format: VERSION })}`

/** Version of the format that a section follows; undefined when the bench did not write it. */
export function formatVersion(comments: readonly string[]): number | undefined {
  const ours = comments.find((text) => text.startsWith(PREFIX))
  const value = ours === undefined ? undefined : parseJson(ours.slice(PREFIX.length))
  return isObject(value) && isCount(value['format']) ? value['format'] : undefined
}
/** Whether this bench reads files of that version. */
export const isReadable = (version: number): boolean => version === VERSION

/** Undefined when it is too long for a comment. */
export function commentText(comment: PacketComment): string | undefined {
  const text = PREFIX + JSON.stringify(comment)
  // Most are far below the limit: only long ones are measured in bytes.
  return text.length * 3 <= MAX_OPTION_BYTES || encodeText(text).length <= MAX_OPTION_BYTES ? text : undefined
}

/** Undefined when none of the comments is ours. What a member holds that it should not is left out. */
export function parseComments(comments: readonly string[]): PacketComment | undefined {
  for (const text of comments) {
    if (text.startsWith(PREFIX)) return readComment(parseJson(text.slice(PREFIX.length)))
  }
  return undefined
}

function readComment(value: unknown): PacketComment | undefined {
  if (!isObject(value)) return undefined
  const opened = readOpened(value['opened'])
  const closed = readClosed(value['closed'])
  const notes = Array.isArray(value['notes'])
    ? value['notes'].map(readNote).filter((note) => note !== undefined)
    : []
  const late = readLate(value['late'])
  return {
    ...(late && { late }),
    ...(opened && { opened }),
    ...(closed && { closed }),
    ...(value['malformed'] === true && { malformed: true }),
    ...(value['marked'] === true && { marked: true }),
    ...(notes.length > 0 && { notes }),
    ...(typeof value['clientId'] === 'string' && { clientId: value['clientId'] }),
    ...(typeof value['endpointId'] === 'string' && { endpointId: value['endpointId'] }),
  }
}

const transports: Readonly<Record<Transport, true>> = { tcp: true, tls: true, ws: true, wss: true }
const enders: Readonly<Record<ClosedFacts['by'], true>> = { device: true, bench: true, network: true }
const verdicts: Readonly<Record<Verdict, true>> = { none: true, refused: true, dropped: true, changed: true }

function readOpened(value: unknown): PacketComment['opened'] {
  if (!isObject(value)) return undefined
  const { connection, transport, listenerPort, remoteAddress, remotePort, localAddress, continued } = value
  if (!isCount(connection) || !isOneOf(transport, transports)) return undefined
  if (!isCount(listenerPort) || !isCount(remotePort)) return undefined
  if (typeof remoteAddress !== 'string' || typeof localAddress !== 'string') return undefined
  const facts = { connection, transport, listenerPort, remoteAddress, remotePort, localAddress }
  return continued === true ? { ...facts, continued } : facts
}

function readClosed(value: unknown): ClosedFacts | undefined {
  if (!isObject(value)) return undefined
  const { by, reason, probe } = value
  if (!isOneOf(by, enders) || typeof reason !== 'string' || typeof probe !== 'boolean') return undefined
  return { by, reason, probe }
}

function readLate(value: unknown): PacketComment['late'] {
  if (!isObject(value) || !isCount(value['no'])) return undefined
  const note = readNote(value['note'])
  return note && { no: value['no'], note }
}

function readNote(value: unknown): PacketNote | undefined {
  if (!isObject(value)) return undefined
  const { kind, rule, text, reasonCode, fault } = value
  if (!isOneOf(kind, verdicts) || typeof rule !== 'string' || typeof text !== 'string') return undefined
  return {
    kind,
    rule,
    text,
    ...(isCount(reasonCode) && { reasonCode }),
    ...(typeof fault === 'string' && { fault }),
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isOneOf = <T extends string>(value: unknown, all: Readonly<Record<T, true>>): value is T =>
  typeof value === 'string' && Object.hasOwn(all, value)

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
