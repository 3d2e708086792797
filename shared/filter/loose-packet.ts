/** A packet that stands in no capture, as filters look at it. What only an index knows of it is not known here. */
import { chooseView } from '../dissect/content/views.ts'
import type { ContentView } from '../dissect/content/view.ts'
import type { Field } from '../dissect/field.ts'
import { dissectMqtt } from '../mqtt/dissect.ts'
import type { ProtocolLevel, PublishPacket } from '../mqtt/packets.ts'
import { getProperty } from '../mqtt/properties.ts'
import type { ColumnName, ColumnValue, PacketView } from './columns.ts'

export interface LoosePacket {
  readonly no: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** As who holds it sees it: `in` came to it. */
  readonly direction: 'in' | 'out'
  /** Endpoint ID; empty where none is known. */
  readonly device: string
  readonly level: ProtocolLevel
  readonly bytes: Uint8Array
  /** Of a PUBLISH, its Topic Alias resolved. */
  readonly topic: string
  /** Place of the transport of its connection in `TRANSPORTS`, where that is known. */
  readonly transport?: number
}

/** Nothing is dissected before a filter asks for it. */
export function loosePacketView({
  no,
  time,
  direction,
  device,
  level,
  bytes,
  topic,
  transport,
}: LoosePacket): PacketView {
  const columns: Partial<Record<ColumnName, ColumnValue>> = {
    no,
    time: BigInt(Math.round(time * 1e6)),
    type: (bytes[0] as number) >> 4,
    flags: (bytes[0] as number) & 0x0f,
    length: bytes.length,
    direction: direction === 'in' ? 0 : 1,
    ...(transport !== undefined && { transport }),
    ...(topic !== '' && { topic }),
    ...(device !== '' && { device, endpointId: device }),
  }
  let fields: readonly Field[] | undefined
  return {
    column: (name) => columns[name],
    bytes: () => bytes,
    fields: () => (fields ??= dissectLoose(bytes, level, topic).fields),
  }
}

export interface LooseDissection {
  readonly fields: readonly Field[]
  /** Absent where there is no payload. */
  readonly content?: { readonly view: ContentView; readonly payload: Uint8Array }
}

/** MQTT and the payload by the content view that fits it best, or by `preferred`. */
export function dissectLoose(
  bytes: Uint8Array,
  level: ProtocolLevel,
  topic: string,
  preferred?: string,
): LooseDissection {
  const { fields, packet, payload } = dissectMqtt(bytes, level, topic === '' ? {} : { topic })
  if (packet?.type !== 'PUBLISH' || !payload || payload.start === payload.end) return { fields }
  const { start, end } = payload
  const content = bytes.subarray(start, end)
  const view = chooseView(content, hintsOf(packet, topic), preferred)
  return { fields: [...fields, ...view.dissect(bytes, start, end)], content: { view, payload: content } }
}

const hintsOf = ({ properties }: PublishPacket, topic: string) => ({
  topic,
  contentType: getProperty(properties, 'contentType'),
  payloadFormat: getProperty(properties, 'payloadFormatIndicator'),
})
