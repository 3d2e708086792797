/** Packets as bytes, and USP Records, for the tests of the capture. */
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import type { ConnectPacket, Packet, ProtocolLevel, Properties, QoS } from '../../../shared/mqtt/packets.ts'
import type { ConnectionOpened } from '../../../electron/engine/capture/sink.ts'

export const peer = (port = 40_000): ConnectionOpened => ({
  transport: 'tcp',
  listenerPort: 1883,
  remoteAddress: '192.168.1.7',
  remotePort: port,
  localAddress: '192.168.1.2',
})

export const bytesOf = (packet: Packet, level: ProtocolLevel = 5): Uint8Array => encodePacket(packet, level)

export const connect = (facts: Partial<ConnectPacket> = {}): Uint8Array =>
  bytesOf(
    { type: 'CONNECT', level: 5, clean: true, keepAlive: 60, clientId: 'cpe', properties: [], ...facts },
    facts.level ?? 5,
  )

export const connack = (properties: Properties = [], reasonCode = 0): Uint8Array =>
  bytesOf({ type: 'CONNACK', sessionPresent: false, reasonCode, properties })

interface PublishOptions {
  readonly payload?: Uint8Array | string
  readonly qos?: QoS
  readonly packetId?: number
  readonly properties?: Properties
  readonly level?: ProtocolLevel
}

export function publish(topic: string, options: PublishOptions = {}): Uint8Array {
  const { payload = '', qos = 0, packetId = 1, properties = [], level = 5 } = options
  return bytesOf(
    {
      type: 'PUBLISH',
      dup: false,
      qos,
      retain: false,
      topic,
      ...(qos > 0 ? { packetId } : {}),
      properties,
      payload: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
    },
    level,
  )
}

export const endpointId = (value: string): Properties => [
  { name: 'userProperty', value: ['usp-endpoint-id', value] },
]
export const alias = (value: number): Properties => [{ name: 'topicAlias', value }]

/** A length-delimited protobuf field. */
function field(number: number, ...parts: (Uint8Array | string)[]): Uint8Array {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  if (body.length > 127) throw new RangeError('one byte of length is enough here')
  return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body])
}
const varint = (number: number, value: number) => Buffer.from([number << 3, value])

/** A Record from `os::cpe` to the controller, with no session context, around a Msg. */
const record = (msg: Uint8Array): Uint8Array =>
  Buffer.concat([field(1, '1.4'), field(2, 'controller'), field(3, 'os::cpe'), field(7, field(2, msg))])

/** A Get of one path. */
export const getRecord = (msgId: string, path: string): Uint8Array =>
  record(
    Buffer.concat([field(1, field(1, msgId), varint(2, 1)), field(2, field(1, field(1, field(1, path))))]),
  )

/** A GetResp without a result. */
export const getRespRecord = (msgId: string): Uint8Array =>
  record(Buffer.concat([field(1, field(1, msgId), varint(2, 2)), field(2, field(2, field(1)))]))

/** A Notify with a Boot! event. */
export const bootRecord = (msgId: string): Uint8Array => {
  const event = field(3, field(1, 'Device.'), field(2, 'Boot!'))
  const notify = field(8, field(1, 'sub-1'), varint(2, 1), event)
  return record(Buffer.concat([field(1, field(1, msgId), varint(2, 3)), field(2, field(1, notify))]))
}
