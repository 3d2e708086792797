/** A packet as MQTT values, for what is made of it other than the tree. Pure. */
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'

const levels = { '3.1': 3, '3.1.1': 4, '5.0': 5 } as const

/** The version its connection speaks; 5.0 while that is not known. */
export const levelOf = ({ connection }: PacketDetail) => levels[connection.version ?? '5.0']

/** Undefined for what is malformed, and for an event without bytes. */
export function decoded(packet: PacketDetail): Packet | undefined {
  try {
    return decodePacket(packet.bytes, levelOf(packet))
  } catch (error) {
    if (error instanceof MqttError) return undefined
    throw error
  }
}
