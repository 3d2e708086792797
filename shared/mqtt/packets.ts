/**
 * MQTT control packets as values. One shape serves 3.1 (level 3), 3.1.1 (4) and 5.0 (5); what a version does
 * not have is absent. Properties are a list, so that their order and repetition survive.
 */
import type { PropertyName, PropertyValue } from './properties.ts'

export type ProtocolLevel = 3 | 4 | 5
export type QoS = 0 | 1 | 2

/** One property; testing `name` narrows `value`. */
export type Property<N extends PropertyName = PropertyName> = N extends PropertyName
  ? { readonly name: N; readonly value: PropertyValue<N> }
  : never
export type Properties = readonly Property[]

export interface Will {
  readonly topic: string
  readonly payload: Uint8Array
  readonly qos: QoS
  readonly retain: boolean
  readonly properties: Properties
}

export interface ConnectPacket {
  readonly type: 'CONNECT'
  readonly level: ProtocolLevel
  /** Clean Start (5.0), Clean Session (3.x). */
  readonly clean: boolean
  /** Seconds; 0 is off. */
  readonly keepAlive: number
  readonly clientId: string
  readonly username?: string
  readonly password?: Uint8Array
  readonly will?: Will
  readonly properties: Properties
  /** 3.x bridges set the top bit of the protocol level; kept as seen. */
  readonly bridge?: boolean
}
export interface ConnackPacket {
  readonly type: 'CONNACK'
  readonly sessionPresent: boolean
  /** Reason code (5.0) or return code (3.x). */
  readonly reasonCode: number
  readonly properties: Properties
}
export interface PublishPacket {
  readonly type: 'PUBLISH'
  readonly dup: boolean
  readonly qos: QoS
  readonly retain: boolean
  /** As on the wire: empty when a Topic Alias stands for it. */
  readonly topic: string
  /** Present exactly when qos > 0. */
  readonly packetId?: number
  readonly properties: Properties
  readonly payload: Uint8Array
}
export interface AckPacket {
  readonly type: 'PUBACK' | 'PUBREC' | 'PUBREL' | 'PUBCOMP'
  readonly packetId: number
  /** 0 on 3.x and where the wire leaves it out. */
  readonly reasonCode: number
  readonly properties: Properties
}
export interface Subscription {
  readonly filter: string
  readonly qos: QoS
  readonly noLocal: boolean
  readonly retainAsPublished: boolean
  readonly retainHandling: 0 | 1 | 2
}
export interface SubscribePacket {
  readonly type: 'SUBSCRIBE'
  readonly packetId: number
  readonly subscriptions: readonly Subscription[]
  readonly properties: Properties
}
export interface SubackPacket {
  readonly type: 'SUBACK'
  readonly packetId: number
  readonly reasonCodes: readonly number[]
  readonly properties: Properties
}
export interface UnsubscribePacket {
  readonly type: 'UNSUBSCRIBE'
  readonly packetId: number
  readonly filters: readonly string[]
  readonly properties: Properties
}
export interface UnsubackPacket {
  readonly type: 'UNSUBACK'
  readonly packetId: number
  /** Empty on 3.x. */
  readonly reasonCodes: readonly number[]
  readonly properties: Properties
}
export interface PingPacket {
  readonly type: 'PINGREQ' | 'PINGRESP'
}
export interface DisconnectPacket {
  readonly type: 'DISCONNECT'
  readonly reasonCode: number
  readonly properties: Properties
}
export interface AuthPacket {
  readonly type: 'AUTH'
  readonly reasonCode: number
  readonly properties: Properties
}

export type Packet =
  | ConnectPacket
  | ConnackPacket
  | PublishPacket
  | AckPacket
  | SubscribePacket
  | SubackPacket
  | UnsubscribePacket
  | UnsubackPacket
  | PingPacket
  | DisconnectPacket
  | AuthPacket
export type PacketType = Packet['type']

/** The packet of one type, also where several types share a shape. */
export type PacketOf<T extends PacketType, P = Packet> = P extends { readonly type: infer U }
  ? T extends U
    ? P & { readonly type: T }
    : never
  : never
