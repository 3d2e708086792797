/** Takes secrets out of packets before they leave the bench. Every byte keeps its place. */
import type { Field } from '../../../../shared/dissect/field.ts'
import { dissectMqtt } from '../../../../shared/mqtt/dissect.ts'
import type { ProtocolLevel } from '../../../../shared/mqtt/packets.ts'

const CONNECT = 1
const CONNACK = 2
const AUTH = 15
/** Fields with a secret. Where one has parts, such as the length of a property, the last part is the secret. */
const secrets = new Set(['mqtt.passwd', 'mqtt.prop.authentication_data'])
const STAR = 0x2a

/**
 * The packet with stars for password and Authentication Data: the same bytes when it holds neither. What cannot
 * be read of a malformed packet that may hold one is starred as a whole.
 */
export function redactPacket(bytes: Uint8Array, level: ProtocolLevel): Uint8Array {
  const type = (bytes[0] ?? 0) >> 4
  if (type !== CONNECT && type !== CONNACK && type !== AUTH) return bytes
  const { fields, packet } = dissectMqtt(bytes, level)
  const copy = bytes.slice()
  if (packet === undefined) {
    // Behind the fixed header nothing is certain.
    copy.fill(STAR, 2)
    return copy
  }
  let found = false
  const walk = (field: Field): void => {
    if (secrets.has(field.name)) {
      const { start, end } = field.children?.at(-1) ?? field
      copy.fill(STAR, start, end)
      found = true
    }
    field.children?.forEach(walk)
  }
  fields.forEach(walk)
  return found ? copy : bytes
}
