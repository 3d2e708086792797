/** An application message inside the broker, and its bytes on the wire, made once for all who get it. */
import type { Properties, ProtocolLevel, PublishPacket, QoS } from '../../../shared/mqtt/packets.ts'
import { getProperty, NO_PROPERTIES, withProperty } from '../../../shared/mqtt/properties.ts'
import { encodeBuffer } from './context.ts'
import { clockNow } from './clock.ts'

/** What a message is made of, in a file as well. */
export interface MessageFacts {
  readonly topic: string
  readonly payload: Uint8Array
  /** As it was published. */
  readonly qos: QoS
  readonly retain: boolean
  /** As published, less what belongs to one connection (Topic Alias) or to a will (Will Delay Interval). */
  readonly properties: Properties
  /** Client ID; undefined for what the bench itself published. */
  readonly publisher: string | undefined
  /** When it came, in milliseconds since 1970. */
  readonly at: number
}

/** How one receiver gets a message. */
export interface Terms {
  readonly qos: QoS
  readonly retain: boolean
  /** Subscription Identifiers of all its subscriptions that match. */
  readonly identifiers: readonly number[]
}

const MS = 1000

export class Message implements MessageFacts {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Properties
  readonly publisher: string | undefined
  readonly at: number
  /** Message Expiry Interval in seconds. */
  readonly expiry: number | undefined
  /** Its number in the journal, 0 while it has none, and in which edition of the journal it stands. */
  no = 0
  edition = 0
  /** While several receivers get it: by version and terms. */
  #frames: (Buffer | undefined)[] | undefined

  constructor({ topic, payload, qos, retain, properties, publisher, at }: MessageFacts) {
    this.topic = topic
    this.payload = payload
    this.qos = qos
    this.retain = retain
    this.properties = properties
    this.publisher = publisher
    this.at = at
    this.expiry = properties.length === 0 ? undefined : getProperty(properties, 'messageExpiryInterval')
  }

  /** What it takes in memory, nearly. */
  get size(): number {
    return this.topic.length + this.payload.length + propertiesSize(this.properties) + MESSAGE_ROOM
  }

  /** [MQTT-3.3.2-5] */
  expired(now: number): boolean {
    return this.expiry !== undefined && now >= this.at + this.expiry * MS
  }

  /** The packet for one receiver, with what is left of its life [MQTT-3.3.2-6]. */
  packet(level: ProtocolLevel, terms: Terms, packetId: number, dup: boolean): PublishPacket {
    const { topic, payload } = this
    const { qos, retain } = terms
    const properties = level === 5 ? this.#properties(terms.identifiers) : NO_PROPERTIES
    const id = qos === 0 ? {} : { packetId }
    return { type: 'PUBLISH', dup, qos, retain, topic, ...id, properties, payload }
  }

  /** The same as bytes, which nobody changes later. */
  frame(level: ProtocolLevel, terms: Terms, packetId: number, dup: boolean): Buffer {
    const { qos, retain, identifiers } = terms
    const isOwn = identifiers.length > 0 || (this.expiry !== undefined && clockNow() - this.at >= MS)
    if (isOwn || dup || !this.#frames) return encodeBuffer(this.packet(level, terms, packetId, dup), level)
    // What all receivers of the same version and terms have in common, but for the packet ID.
    const at = (level === 5 ? 8 : 0) | (qos << 1) | (retain ? 1 : 0)
    const known = this.#frames[at]
    if (!known) return (this.#frames[at] = encodeBuffer(this.packet(level, terms, packetId, dup), level))
    if (qos === 0) return known
    const frame = Buffer.allocUnsafe(known.length)
    known.copy(frame)
    frame.writeUInt16BE(packetId, packetIdAt(frame))
    return frame
  }

  /** Several get it now: its bytes are made once, and kept until all have them. */
  keepFrames(): void {
    this.#frames = []
  }
  forgetFrames(): void {
    this.#frames = undefined
  }

  #properties(identifiers: readonly number[]): Properties {
    let { properties } = this
    if (this.expiry !== undefined) {
      const waited = Math.floor((clockNow() - this.at) / MS)
      if (waited > 0) {
        const left = Math.max(0, this.expiry - waited)
        properties = withProperty(properties, 'messageExpiryInterval', left)
      }
    }
    if (identifiers.length === 0) return properties
    const own = identifiers.map((value) => ({ name: 'subscriptionIdentifier', value }) as const)
    return [...properties, ...own]
  }
}

/** Of an entry of a queue and the objects around it. */
const MESSAGE_ROOM = 200
/** Of a property, besides its text or bytes. */
const PROPERTY_ROOM = 50

/** What properties take in memory, nearly. */
export function propertiesSize(properties: Properties): number {
  let size = 0
  for (const { value } of properties) {
    size += PROPERTY_ROOM
    if (typeof value === 'number') continue
    size += typeof value === 'string' || value instanceof Uint8Array ? value.length : value.join('').length
  }
  return size
}

/** Where the packet ID of a PUBLISH stands. */
function packetIdAt(frame: Buffer): number {
  let at = 1
  while ((frame[at] as number) & 0x80) at++
  return at + 3 + frame.readUInt16BE(at + 1)
}
