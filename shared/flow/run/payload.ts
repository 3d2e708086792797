/** Payloads and MQTT properties of a flow as they go on the wire. Throws a FlowFault. */
import { encode, hexBytes } from '../../filter/literals.ts'
import type { Properties, Property, QoS } from '../../mqtt/packets.ts'
import { encodeRecord, recordFromJson, type JsonValue } from '../../usp/codec.ts'
import { isList, isMap, textOf, type Json } from '../json.ts'
import { FlowFault, numberOf, truthOf } from '../language/functions.ts'
import type { Payload, PropertyValues } from '../model.ts'
import { propertyNames } from '../properties.ts'
import type { MqttWishes } from './events.ts'

export function payloadBytes(payload: Payload | undefined): Uint8Array {
  if (payload === undefined) return new Uint8Array(0)
  const { text, hex, base64, json } = payload
  if (hex !== undefined) return bytesOfHex(hex)
  if (base64 !== undefined) return bytesOfBase64(base64)
  if (json !== undefined) return encode(JSON.stringify(json))
  return encode(text ?? '')
}

/** A Record; as JSON it is protobuf JSON. */
export function recordBytes(payload: Payload): Uint8Array {
  if (payload.json === undefined) return payloadBytes(payload)
  try {
    return encodeRecord(recordFromJson(payload.json as JsonValue))
  } catch (error) {
    throw new FlowFault(`this is no Record: ${(error as Error).message}`)
  }
}

function bytesOfHex(hex: string): Uint8Array {
  const digits = hex.replaceAll(/[\s:.-]/g, '')
  if (!/^(?:[\da-f]{2})*$/i.test(digits))
    throw new FlowFault('hex holds something else than pairs of hexadecimal digits')
  return hexBytes(digits)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 section 4; blanks and padding do not matter. */
function bytesOfBase64(base64: string): Uint8Array {
  const digits = base64.replaceAll(/\s/g, '').replace(/=+$/, '')
  if (!/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1) throw new FlowFault('this is no base64')
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const digit of digits) {
    bits = (bits << 6) | ALPHABET.indexOf(digit)
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >> held) & 0xff
  }
  return bytes
}

/** Values by name; User Properties as a map or as a list of pairs, in that order. */
export function toProperties(values: PropertyValues | undefined): Properties {
  return Object.entries(values ?? {}).flatMap(([name, value]): Property[] => {
    const row = propertyNames.get(name)
    if (row === undefined) throw new FlowFault(`a PUBLISH has no property ${name}`)
    const made = (value: unknown) => ({ name: row.property, value }) as Property
    switch (row.type) {
      case 'utf8':
        return [made(textOf(value))]
      case 'binary':
        return [made(typeof value === 'object' ? payloadBytes(value as Payload) : encode(String(value)))]
      case 'utf8Pair':
        return pairsOf(value).map(made)
      default: {
        const number = numberOf(value)
        if (Number.isInteger(number) && number >= row.min && number <= row.max) return [made(number)]
        throw new FlowFault(`${row.label} is a whole number from ${row.min} to ${row.max}, not ${number}`)
      }
    }
  })
}

function pairsOf(value: Json): (readonly [string, string])[] {
  if (isMap(value)) return Object.entries(value).map(([name, one]) => [name, textOf(one)])
  if (isList(value) && value.every((pair) => isList(pair) && pair.length === 2)) {
    return value.map((pair) => (pair as readonly Json[]).map(textOf) as unknown as readonly [string, string])
  }
  throw new FlowFault('user is a map, or a list of [name, value]')
}

interface Wishes {
  readonly topic?: Json | undefined
  readonly reply_topic?: Json | undefined
  readonly content_type?: Json | undefined
  readonly qos?: Json | undefined
  readonly retain?: Json | undefined
  readonly properties?: Json | undefined
}

/** The MQTT keys of a step whose templates are filled. */
export function mqttWishes(step: Wishes): MqttWishes {
  const qos = step.qos === undefined ? undefined : numberOf(step.qos)
  if (qos !== undefined && ![0, 1, 2].includes(qos)) throw new FlowFault(`QoS is 0, 1 or 2, not ${qos}`)
  return {
    properties: toProperties(step.properties as PropertyValues | undefined),
    ...(step.topic !== undefined && { topic: textOf(step.topic) }),
    ...(step.reply_topic !== undefined && { replyTopic: textOf(step.reply_topic) }),
    ...(step.content_type !== undefined && { contentType: textOf(step.content_type) }),
    ...(qos !== undefined && { qos: qos as QoS }),
    ...(step.retain !== undefined && { retain: truthOf(step.retain) }),
  }
}
