/**
 * Packets out of a seed: row `i` is always the same, and none is kept. Bytes and fields are written together, so
 * that every field really is at its bytes.
 */
import type { ConnectionFacts, PacketDetail, PacketNote, PacketRow } from '../../shared/contract/model.ts'
import type { Field } from '../../shared/dissect/field.ts'

export const BASE_SEC = 1_772_355_600

/** A number in 0 … 1 from two integers, well mixed. */
export function noise(index: number, salt: number): number {
  let x = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 7, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d)
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39)
  return ((x ^ (x >>> 15)) >>> 0) / 2 ** 32
}

export const deviceIds = [
  'os::00256D-A1F3',
  'os::00256D-B002',
  'proto::rg-lab-7731-with-a-rather-long-endpoint-identifier',
  'oui:00256D:cpe-0042',
]

interface Kind {
  readonly type: string
  readonly direction: 'in' | 'out'
  readonly topic?: string
  readonly usp?: string
  readonly info: string
  readonly verdict?: PacketRow['verdict']
  readonly kind?: PacketRow['kind']
  readonly note?: PacketNote
}

const kinds: readonly Kind[] = [
  {
    type: 'CONNECT',
    direction: 'in',
    info: 'clean start · keep-alive 60 · receive max 20 · usp-endpoint-id',
  },
  { type: 'CONNACK', direction: 'out', info: 'Success · subscribe-topic, response-information' },
  { type: 'SUBSCRIBE', direction: 'in', topic: 'oktopus/usp/v1/agent/ID', info: 'QoS 0 · mid 1' },
  { type: 'SUBACK', direction: 'out', info: 'granted QoS 0 · mid 1' },
  {
    type: 'PUBLISH',
    direction: 'in',
    topic: 'oktopus/usp/v1/controller/ID',
    usp: 'mqtt_connect',
    info: '5.0',
  },
  {
    type: 'PUBLISH',
    direction: 'in',
    topic: 'oktopus/usp/v1/controller/ID',
    usp: 'NOTIFY Boot!',
    info: 'LocalReboot · firmware updated',
  },
  { type: 'PUBLISH', direction: 'out', topic: 'oktopus/usp/v1/agent/ID', usp: 'NOTIFY_RESP', info: 'boot' },
  {
    type: 'PUBLISH',
    direction: 'out',
    topic: 'oktopus/usp/v1/agent/ID',
    usp: 'GET',
    info: 'Device.DeviceInfo.Manufacturer +4',
  },
  { type: 'PUBLISH', direction: 'in', topic: 'oktopus/usp/v1/api/ID', usp: 'GET_RESP', info: '5 results' },
  {
    type: 'CONNECT',
    direction: 'in',
    info: 'client ID cpe-7731 is in use by another connection',
    verdict: 'changed',
    note: {
      kind: 'changed',
      rule: 'takeover',
      text: 'Another connection had this client ID; it was ended with DISCONNECT 0x8e before this CONNECT was passed on.',
      reasonCode: 0x8e,
    },
  },
  {
    type: 'PUBLISH',
    direction: 'in',
    topic: 'oktopus/usp/v1/controller/ID',
    info: 'topic name holds a wildcard',
    verdict: 'refused',
    note: {
      kind: 'refused',
      rule: 'strict',
      text: 'The topic name of a PUBLISH must not hold + or # [MQTT-3.3.2-2]. The connection was ended.',
      reasonCode: 0x90,
    },
  },
  {
    type: 'MALFORMED',
    direction: 'in',
    info: 'Remaining Length takes more than four bytes',
    kind: 'malformed',
  },
  { type: 'PINGREQ', direction: 'in', info: '' },
  { type: 'PINGRESP', direction: 'out', info: '' },
  { type: 'TCP CLOSE', direction: 'in', info: 'by the device, after DISCONNECT 0x00', kind: 'close' },
]

/** Rare kinds come rarely; most of the traffic is pings and messages. */
function kindOf(no: number): Kind {
  if (no <= 9) return kinds[no - 1] as Kind
  const pick = noise(no, 1)
  const index =
    pick < 0.94 ? [4, 5, 6, 7, 8, 12, 13][Math.floor(pick * 7)] : Math.floor(noise(no, 2) * kinds.length)
  return kinds[index ?? 4] ?? (kinds[4] as Kind)
}

export const deviceOf = (no: number): string =>
  no <= 9 ? (deviceIds[0] as string) : (deviceIds[Math.floor(noise(no, 3) ** 2 * deviceIds.length)] as string)

export function fakeRow(no: number, perSecond: number): PacketRow {
  const kind = kindOf(no)
  const nanoseconds = Math.floor(((no + noise(no, 4)) / perSecond) * 1e9)
  const device = deviceOf(no)
  return {
    no,
    sec: BASE_SEC + Math.floor(nanoseconds / 1e9),
    nsec: nanoseconds % 1e9,
    connection: 1 + deviceIds.indexOf(device),
    device,
    direction: kind.direction,
    kind: kind.kind ?? 'packet',
    type: kind.type,
    topic: (kind.topic ?? '').replace('ID', device),
    usp: kind.usp ?? '',
    info: kind.info,
    length:
      kind.kind === 'close'
        ? 0
        : kind.topic
          ? 90 + Math.floor(noise(no, 5) * 500)
          : 2 + (kind.info.length >> 1),
    packetId: 0,
    msgId: '',
    ...answerOf(no),
    verdict: kind.verdict ?? 'none',
    marked: false,
  }
}

/** The first nine packets hold four pairs. */
const answerOf = (no: number): Pick<PacketRow, 'answers'> =>
  [2, 4, 7, 9].includes(no) ? { answers: { no: no - 1, nsec: 2_100_000 } } : {}

/** Writes bytes and, beside them, the fields that describe them. */
class Writer {
  readonly bytes: number[] = []
  readonly #encoder = new TextEncoder()

  field(
    name: string,
    label: string,
    text: string,
    bytes: readonly number[],
    more: Partial<Field> = {},
  ): Field {
    const start = this.bytes.length
    for (const byte of bytes) this.bytes.push(byte)
    return { name, label, text, value: text, start, end: this.bytes.length, ...more }
  }
  string(name: string, label: string, text: string, more: Partial<Field> = {}): Field {
    const utf8 = this.#encoder.encode(text)
    return this.field(name, label, text, [utf8.length >> 8, utf8.length & 0xff, ...utf8], more)
  }
  group(name: string, label: string, text: string, write: () => Field[]): Field {
    const start = this.bytes.length
    const children = write()
    return { name, label, text, start, end: this.bytes.length, children }
  }
}

const hex = (bytes: readonly number[]) => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

export function fakeDetail(row: PacketRow, big: boolean): PacketDetail {
  const writer = new Writer()
  const payload = Array.from({ length: big ? 70_000 : 300 }, (_, at) => Math.floor(noise(row.no, at) * 256))
  const fields = [
    writer.group(
      'mqtt',
      `MQTT ${row.type}`,
      row.topic ? `QoS 0, ${row.length} bytes` : `${row.length} bytes`,
      () => [
        writer.group('mqtt.hdrflags', 'Fixed header', '', () => [
          writer.field('mqtt.msgtype', 'Packet type', row.type, [0x30]),
          writer.field('mqtt.len', 'Remaining Length', String(row.length - 3), [0xc5, 0x04]),
        ]),
        ...(row.topic
          ? [
              writer.string('mqtt.topic', 'Topic Name', row.topic),
              writer.group('mqtt.properties', 'Properties', '62 bytes', () => [
                writer.field('mqtt.property_len', 'Property Length', '62', [62]),
                writer.field('mqtt.prop.payload_format_indicator', 'Payload Format Indicator', '0', [1, 0]),
                writer.string('mqtt.prop.content_type', 'Content Type', 'usp.msg'),
                writer.string(
                  'mqtt.prop.response_topic',
                  'Response Topic',
                  `oktopus/usp/v1/agent/${row.device}`,
                  {
                    finding: {
                      severity: 'warning',
                      text: 'The device is not subscribed to this topic: an answer sent there vanishes.',
                      rule: 'R-MQTT.27',
                    },
                  },
                ),
                writer.field(
                  'mqtt.prop.correlation_data',
                  'Correlation Data',
                  hex(payload.slice(0, 96)),
                  payload.slice(0, 96),
                ),
              ]),
              writer.group('usp.record', 'USP Record', 'version 1.3, no session context', () => [
                writer.string('usp.to_id', 'to_id', 'oktopusController'),
                writer.string('usp.from_id', 'from_id', row.device),
                writer.group('usp.msg', `USP Msg ${row.usp}`, 'msg_id 7c1f-0042', () => [
                  writer.string('usp.msg_id', 'msg_id', '7c1f-0042'),
                  ...Array.from({ length: big ? 400 : 4 }, (_, at) =>
                    writer.string(
                      'usp.path',
                      `Device.Interface.${at + 1}.Stats`,
                      String(Math.floor(noise(row.no, at) * 1e6)),
                    ),
                  ),
                  writer.field(
                    'usp.description',
                    'Description',
                    'A long value of many words, none of which is ever cut. '.repeat(12).trim(),
                    payload.slice(0, 200),
                  ),
                ]),
              ]),
              writer.field('mqtt.msg', 'Payload', hex(payload), payload),
            ]
          : []),
        ...(row.kind === 'malformed'
          ? [
              writer.field('mqtt.len', 'Remaining Length', '', [0xff, 0xff, 0xff, 0xff, 0x7f], {
                finding: { severity: 'error', text: 'More than four bytes.', rule: 'MQTT-1.5.5-1' },
              }),
            ]
          : []),
      ],
    ),
  ]
  const note = kinds.find((kind) => kind.info === row.info)?.note
  return {
    row,
    bytes: Uint8Array.from(row.kind === 'close' ? [] : writer.bytes),
    fields: row.kind === 'close' ? [writer.field('tcp.close', 'Close', row.info, [])] : fields,
    ...(row.topic && row.type === 'PUBLISH' && { content: { view: row.usp ? 'usp' : 'text' } }),
    notes: note ? [note] : [],
    connection: connectionFacts(row),
  }
}

const connectionFacts = (row: PacketRow): ConnectionFacts => ({
  id: row.connection,
  transport: 'tcp',
  listenerPort: 1883,
  remoteAddress: `192.168.1.${76 + row.connection}`,
  remotePort: 40_000 + row.connection,
  localAddress: '192.168.1.20',
  version: '5.0',
  clientId: row.device,
  username: '',
  endpointId: row.device,
  endpointSource: 'usp-endpoint-id',
})
