/** From a row number to a line of the packet list. Summaries are made here, on demand, for what is on a screen. */
import type { PacketRow, RowKind, Verdict } from '../../../shared/contract/model.ts'
import type { ContentChoice } from '../../../shared/dissect/content/choices.ts'
import { rowTypeName, VERDICTS } from '../../../shared/filter/columns.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import { SEVERITIES } from '../../../shared/lint/rule.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { summarize } from '../../../shared/mqtt/summary.ts'
import { summarizeRecord } from '../../../shared/usp/summary.ts'
import { instantAt, type Instant } from './clock.ts'
import { type Columns, RowType, Way } from './columns.ts'
import { type Connection, type Connections, deviceLabel } from './connections.ts'
import type { Dictionaries } from './indexer.ts'
import type { Notes } from './notes.ts'
import type { LintLog } from '../lint/lint-log.ts'
import type { PacketLog } from './packet-log.ts'
import { isLast, segmentText, type Sessions } from './sessions.ts'
import { requestOf } from './pairs.ts'
import type { ConnectionClosed } from './sink.ts'

/** The content views that a person chose; whoever holds it changes what is in it. */
export interface Contents {
  choices: readonly ContentChoice[]
}

export interface Parts {
  readonly epoch: Instant
  readonly columns: Columns
  readonly log: PacketLog
  readonly connections: Connections
  readonly dictionaries: Dictionaries
  readonly notes: Notes
  readonly sessions: Sessions
  readonly contents: Contents
  readonly lint: LintLog
}

const kinds: Readonly<Record<number, RowKind>> = {
  [RowType.malformed]: 'malformed',
  [RowType.close]: 'close',
  [RowType.probe]: 'probe',
}
export const kindOf = (type: number): RowKind => kinds[type] ?? 'packet'

const NOTHING = new Uint8Array(0)

/** The bytes of a row, a view into what holds them. RangeError when the row is not held. */
export function bytesOf({ columns, log }: Parts, no: number): Uint8Array {
  const length = columns.get(no, 'length')
  return length === 0 ? NOTHING : log.read(columns.get(no, 'offset'), length)
}

/** RangeError when the row is not held. Without `withInfo` the packet is not looked at: `info` is empty. */
export function makeRow(parts: Parts, no: number, withInfo = true): PacketRow {
  const { epoch, columns, connections, dictionaries } = parts
  const { chunk, from: i } = columns.run(no)
  const connection = connections.at(chunk.connection[i] as number)
  const type = chunk.type[i] as number
  const kind = kindOf(type)
  const usp = dictionaries.usps.text(chunk.usp[i] as number)
  const verdict = VERDICTS[chunk.verdict[i] as number] ?? 'none'
  return {
    no,
    ...instantAt(epoch, chunk.time[i] as number),
    connection: connection.facts.id,
    device: deviceLabel(connection.facts),
    direction: chunk.direction[i] === Way.in ? 'in' : 'out',
    kind,
    type: rowTypeName(type),
    topic: dictionaries.topics.text(chunk.topic[i] as number),
    usp,
    info: withInfo
      ? infoOf(kind, connection, bytesOf(parts, no), usp !== '', [
          remarkOn(parts, no, verdict),
          ...segmentInfo(parts, no),
        ])
      : '',
    length: chunk.length[i] as number,
    packetId: chunk.packetId[i] as number,
    msgId: dictionaries.msgIds.text(chunk.msgId[i] as number),
    ...answered(columns, no, chunk.time[i] as number),
    verdict,
    marked: chunk.marked[i] === 1,
    ...findingOf(parts.lint.rank(no)),
  }
}

function answered(columns: Columns, no: number, time: number): Pick<PacketRow, 'answers'> {
  const request = requestOf(columns, no)
  return request < 0 ? {} : { answers: { no: request, nsec: time - columns.get(request, 'time') } }
}

function findingOf(rank: number): Pick<PacketRow, 'finding'> {
  const finding = SEVERITIES[rank - 1]
  return finding === undefined ? {} : { finding }
}

/** Why a packet was turned away, or met by a fault: the first thing to know about it. */
const remarkOn = ({ notes }: Parts, no: number, verdict: Verdict): string =>
  verdict === 'none'
    ? ''
    : (notes.of(no).find(({ kind, fault }) => kind === verdict && (kind !== 'changed' || fault))?.text ?? '')

/** Of a segment, what it is part of; of the last one the Msg itself. */
function segmentInfo({ sessions }: Parts, no: number): string[] {
  const segment = sessions.segment(no)
  return segment === undefined ? [] : [isLast(segment) ? segment.msg.info : '', segmentText(segment)]
}

function infoOf(
  kind: RowKind,
  connection: Connection,
  bytes: Uint8Array,
  isRecord: boolean,
  remarks: readonly string[],
): string {
  switch (kind) {
    case 'probe':
      return 'opened and closed without a byte'
    case 'close':
      return describeEnd(connection.end)
    case 'malformed': {
      if (remarks[0]) return remarks[0]
      const { error, packet } = dissectMqtt(bytes, connection.level)
      // A packet that is right in itself was out of place; the remarks on the row say why.
      return error?.message ?? packet?.type ?? countBytes(bytes.length)
    }
    case 'packet':
      return [...remarks, packetInfo(bytes, connection, isRecord)].filter(Boolean).join(' · ')
  }
}

function packetInfo(bytes: Uint8Array, { level }: Connection, isRecord: boolean): string {
  try {
    const packet = decodePacket(bytes, level)
    const mqtt = summarize(packet, level)
    if (packet.type !== 'PUBLISH' || !isRecord) return mqtt
    const usp = summarizeRecord(packet.payload, 0, packet.payload.length)?.info ?? ''
    return [usp, mqtt].filter(Boolean).join(' · ')
  } catch (error) {
    if (error instanceof MqttError) return error.message
    throw error
  }
}

const enders: Readonly<Record<ConnectionClosed['by'], string>> = {
  device: 'closed by the device',
  bench: 'closed by the bench',
  network: 'closed without DISCONNECT',
}

export function describeEnd(end: ConnectionClosed | undefined): string {
  if (end === undefined) return 'closed'
  const { by, reason } = end
  return reason === '' || reason === enders[by] ? enders[by] : `${enders[by]} · ${reason}`
}

export const countBytes = (n: number): string => (n === 1 ? '1 byte' : `${n} bytes`)
