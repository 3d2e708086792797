/** Everything about one row: the frame, the connection, the MQTT packet field by field, and its payload. */
import type { ConnectionFacts, PacketDetail, PacketNote, PacketRow } from '../../../shared/contract/model.ts'
import { choiceFor } from '../../../shared/dissect/content/choices.ts'
import { chooseView } from '../../../shared/dissect/content/views.ts'
import { uspView } from '../../../shared/dissect/content/usp.ts'
import type { ContentHints } from '../../../shared/dissect/content/view.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { rowTypeName } from '../../../shared/filter/columns.ts'
import { formatDuration } from '../../../shared/filter/moments.ts'
import type { Wanted } from '../../../shared/filter/wanted.ts'
import { dissectMqtt } from '../../../shared/mqtt/dissect.ts'
import type { PublishPacket } from '../../../shared/mqtt/packets.ts'
import { getProperty } from '../../../shared/mqtt/properties.ts'
import { mayReachLimit, partOfRecord } from '../../../shared/usp/record.ts'
import { lintFields } from '../lint/lint-fields.ts'
import { withMsgLayer } from './msg-layer.ts'
import { isoTime } from './clock.ts'
import { type Connection, peerAddress } from './connections.ts'
import { bytesOf, countBytes, describeEnd, kindOf, makeRow, type Parts } from './rows.ts'
import { segmentedMsg, sessionFields } from './session-fields.ts'

/** RangeError when the row is not held. */
export function makeDetail(parts: Parts, no: number, notes: readonly PacketNote[]): PacketDetail {
  const row = makeRow(parts, no)
  // A copy: what it is a view of would travel whole otherwise.
  const bytes = bytesOf(parts, no).slice()
  const connection = parts.connections.at(parts.columns.get(no, 'connection'))
  const { facts } = connection
  const { fields, content } = dissectRow(parts, row, bytes, connection)
  const msg = segmentedMsg(parts, no)
  return {
    row,
    bytes,
    fields: [
      ...lintFields(parts.lint.of(no)),
      frameGroup(row),
      connectionGroup(facts, row.direction),
      ...withMsgLayer(fields),
      ...sessionFields(parts, no),
    ],
    ...(content && { content }),
    ...(msg && { msg }),
    notes,
    connection: facts,
  }
}

/**
 * The MQTT packet of a row and its payload as fields, what it completes and what the linter found included. What
 * is not `wanted` may be left out. RangeError when the row is not held.
 */
export function contentFields(parts: Parts, no: number, wanted?: Wanted): readonly Field[] {
  const { chunk, from } = parts.columns.run(no)
  const connection = parts.connections.at(chunk.connection[from] as number)
  const type = chunk.type[from] as number
  const more = () => [...sessionFields(parts, no), ...lintFields(parts.lint.of(no))]
  if (kindOf(type) === 'close' || kindOf(type) === 'probe') return more()
  const topic = parts.dictionaries.topics.text(chunk.topic[from] as number)
  const packet = { type: rowTypeName(type), topic }
  const part = wanted && dissectPart(parts, no, connection, packet, wanted)
  if (part !== undefined) return part
  return [...dissectPacket(parts, bytesOf(parts, no), connection, packet).fields, ...more()]
}

interface Dissected extends Pick<PacketDetail, 'content'> {
  readonly fields: readonly Field[]
}

function dissectRow(parts: Parts, row: PacketRow, bytes: Uint8Array, connection: Connection): Dissected {
  if (row.kind === 'probe') return { fields: [inferred('tcp.probe', 'Probe', row.info)] }
  if (row.kind === 'close') return { fields: [inferred('tcp.close', 'Close', describeEnd(connection.end))] }
  return dissectPacket(parts, bytes, connection, row)
}

type Title = Pick<PacketRow, 'type' | 'topic'>

const aliasOf = ({ type, topic }: Title) => (type === 'PUBLISH' && topic !== '' ? { topic } : {})

function dissectPacket(
  { contents }: Parts,
  bytes: Uint8Array,
  connection: Connection,
  title: Title,
): Dissected {
  const { type, topic } = title
  const { fields, packet, payload } = dissectMqtt(bytes, connection.level, aliasOf(title))
  const mqtt = group('mqtt', 'MQTT', packet?.type ?? type, fields, bytes.length)
  if (packet?.type !== 'PUBLISH' || payload === undefined) return { fields: [mqtt] }
  const { start, end } = payload
  if (start === end) return { fields: [mqtt] }
  const choice = choiceFor(contents.choices, topic)
  const view = chooseView(bytes.subarray(start, end), hintsOf(packet, topic), choice?.view)
  // A choice may name no view (`auto`), or one of another version.
  const chosen = choice?.view === view.id && { chosenFor: choice.filter }
  return {
    fields: [mqtt, ...view.dissect(bytes, start, end)],
    content: { view: view.id, ...chosen },
  }
}

/** Hints for the content view of a PUBLISH; its topic may be that of an alias. */
const hintsOf = ({ properties }: PublishPacket, topic: string): ContentHints => ({
  topic,
  contentType: getProperty(properties, 'contentType'),
  payloadFormat: getProperty(properties, 'payloadFormatIndicator'),
})

/** Only what is wanted; `undefined` where that takes the whole tree. */
function dissectPart(
  parts: Parts,
  no: number,
  connection: Connection,
  title: Title,
  wanted: Wanted,
): readonly Field[] | undefined {
  const { sessions, contents } = parts
  if (sessions.segment(no) !== undefined || sessions.findings(no).length > 0) return undefined
  const bytes = bytesOf(parts, no)
  const options = { ...aliasOf(title), only: wanted.mqtt }
  const { fields, packet, payload } = dissectMqtt(bytes, connection.level, options)
  if (wanted.usp.size === 0 || packet?.type !== 'PUBLISH' || payload === undefined) return fields
  const { start, end } = payload
  if (start === end) return fields
  if (mayReachLimit(end - start)) return undefined
  const choice = choiceFor(contents.choices, title.topic)
  const view = chooseView(bytes.subarray(start, end), hintsOf(packet, title.topic), choice?.view)
  return view === uspView ? [...fields, ...partOfRecord(bytes, start, end, wanted.usp)] : fields
}

function frameGroup(row: PacketRow): Field {
  const time = isoTime(row)
  return group('frame', 'Frame', `${row.no} · ${time} · ${row.direction} · ${countBytes(row.length)}`, [
    inferred('frame.number', 'Number', String(row.no), row.no),
    inferred('frame.time', 'Time (UTC)', time),
    inferred('frame.len', 'Length', countBytes(row.length), row.length),
    inferred(
      'frame.direction',
      'Direction',
      row.direction === 'in' ? 'in (to the bench)' : 'out (from the bench)',
    ),
    inferred('device', 'Device', row.device),
    ...roundTrip(row),
  ])
}

/** Durations are seconds in a tree. */
const roundTrip = ({ answers }: PacketRow): Field[] =>
  answers === undefined
    ? []
    : [
        inferred(
          'rtt',
          'Round-trip time',
          `${formatDuration(answers.nsec)}, answers packet ${answers.no}`,
          answers.nsec / 1e9,
        ),
      ]

const transportNames = { tcp: 'TCP', tls: 'TLS', ws: 'WebSocket', wss: 'Secure WebSocket' } as const
const sourceNames = {
  'usp-endpoint-id': 'from the user property usp-endpoint-id',
  username: 'from the user name',
  'client-id': 'from the client ID',
} as const

function connectionGroup(facts: ConnectionFacts, direction: PacketRow['direction']): Field {
  const transport = transportNames[facts.transport]
  const { version, clientId, username, endpointId, endpointSource } = facts
  const endpoint = endpointId && `${endpointId}${endpointSource ? ` (${sourceNames[endpointSource]})` : ''}`
  const peer = { address: facts.remoteAddress, port: facts.remotePort }
  const bench = { address: facts.localAddress, port: facts.listenerPort }
  return group('connection', 'Connection', `${facts.id} · ${transport} ${peerAddress(facts)}`, [
    inferred('connection.id', 'Number', String(facts.id), facts.id),
    inferred('connection.transport', 'Transport', `${transport} ${facts.listenerPort}`, facts.transport),
    ...(direction === 'in'
      ? [...side('src', peer), ...side('dst', bench)]
      : [...side('src', bench), ...side('dst', peer)]),
    ...optional('connection.version', 'MQTT version', version),
    ...optional('connection.clientid', 'Client ID', clientId),
    ...optional('connection.username', 'User name', username),
    ...(endpoint ? [inferred('connection.endpoint', 'Endpoint ID', endpoint, endpointId)] : []),
  ])
}

const sideNames = { src: 'Source', dst: 'Destination' } as const

function side(which: 'src' | 'dst', { address, port }: { address: string; port: number }): Field[] {
  return [
    inferred(`ip.${which}`, `${sideNames[which]} address`, address),
    inferred(`tcp.${which}port`, `${sideNames[which]} port`, String(port), port),
  ]
}

/** Known from elsewhere, not from these bytes. */
const inferred = (name: string, label: string, text: string, value: string | number = text): Field => ({
  name,
  label,
  text,
  value,
  start: 0,
  end: 0,
})

const optional = (name: string, label: string, text: string | undefined): Field[] =>
  text === undefined ? [] : [inferred(name, label, text)]

/** A layer of the packet, over the bytes up to `end`. */
const group = (name: string, label: string, text: string, children: readonly Field[], end = 0): Field => ({
  name,
  label,
  text,
  start: 0,
  end,
  children,
})
