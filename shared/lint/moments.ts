/** What rules look at. A moment is made by the linter at one packet, from that packet and from what it remembers. */
import type {
  AckPacket,
  ConnackPacket,
  ConnectPacket,
  ProtocolLevel,
  PublishPacket,
} from '../mqtt/packets.ts'
import type { MsgType, RecordKind } from '../usp/peek.ts'
import type { Fault, Message } from './message.ts'

/** A packet that was seen before. */
export interface At {
  readonly no: number
  /** Nanoseconds. */
  readonly time: number
}

export interface Granted extends At {
  /** Absent until a SUBACK granted or refused it. */
  readonly granted?: boolean
}

/** What is known of a connection. */
export interface ConnectionState {
  readonly id: number
  /** Of the CONNECT; 5 until one was seen. */
  readonly level: ProtocolLevel
  /** Absent when the capture began later. */
  readonly connect?: At & { readonly packet: ConnectPacket }
  readonly connack?: At & { readonly packet: ConnackPacket }
  /** Assigned ones included. */
  readonly clientId: string
  /** Stated in the CONNECT, else that of the first Record; empty until it is known. */
  readonly endpointId: string
  /** Topic filters asked for, without a share name. */
  readonly filters: ReadonlyMap<string, Granted>
  /** SUBSCRIBE was sent; SUBACK came. */
  readonly subscribes: number
  readonly subacks: number
  /** Records sent on it. */
  readonly records: number
  readonly closed: boolean
  /** DISCONNECT of the client; a disconnect Record of it. */
  readonly disconnect?: At
  readonly disconnectRecord?: At
  readonly refusedConnect: boolean
}

export type Role = 'agent' | 'controller'

/** Made for each Record: all members are always there, so that what reads them need not look for them. */
export interface RecordSeen {
  /** Where it was sent; `undefined` for a copy that the broker delivered of a sender who is not in the capture. */
  readonly connection: ConnectionState | undefined
  readonly record: Message
  readonly faults: readonly Fault[]
  /** `undefined` when there is none, or more than one. */
  readonly kind: RecordKind | undefined
  readonly version: string
  readonly fromId: string
  readonly toId: string
  /** First Record from this connection to `toId`, since the connect or a disconnect Record. */
  readonly first: boolean
  readonly role: Role | undefined
  readonly topic: string
  /** Endpoint `toId` is connected and subscribed, yet has no filter for `topic`. */
  readonly missesTopic: boolean
}

export interface MsgSeen extends RecordSeen {
  readonly msg: Message
  readonly msgFaults: readonly Fault[]
  readonly msgId: string
  /** Of the body. */
  readonly type: MsgType | undefined
  /** Of the header. */
  readonly headerType: MsgType | undefined
  /** The Get, GetResp, … Error. */
  readonly body: Message | undefined
}

/** A request that waits for its answer, or had it. */
export interface RequestSeen extends At {
  readonly from: string
  readonly to: string
  readonly msgId: string
  readonly type: MsgType
  /** Absent when it was too large to be kept. */
  readonly body?: Message
  readonly kind: RecordKind
  /** Response Topic, or what follows `/reply-to=`; absent when there was none. */
  readonly replyTo?: string
  readonly level: ProtocolLevel
  /** Was seen going to `to`. */
  readonly delivered?: At & { readonly connection: number }
  readonly answer?: At
  /** When it was sent, the first time and again. */
  readonly sent: readonly At[]
}

/** A value that an agent told of its own configuration. */
export interface Said extends At {
  readonly path: string
  readonly value: string
  /** By SetResp or ValueChange: before, it was another one. */
  readonly set: boolean
}

export interface Moments {
  /** Bytes that are no MQTT packet. */
  readonly malformed: {
    readonly fault: string
    readonly statement: string | undefined
    readonly inbound: boolean
  }
  readonly connect: { readonly connection: ConnectionState; readonly packet: ConnectPacket }
  readonly connack: { readonly connection: ConnectionState; readonly packet: ConnackPacket }
  /** A CONNECT after a failure of the same client. */
  readonly reconnect: {
    readonly after: 'refused' | 'ended'
    readonly failure: At
    readonly seconds: number
    readonly role?: Role
  }
  /** PUBACK or PUBREC from a client. */
  readonly ack: { readonly connection: ConnectionState; readonly packet: AckPacket }
  /** A PUBLISH from a client that holds a Record or says so. */
  readonly publish: {
    readonly connection: ConnectionState
    readonly packet: PublishPacket
    /** With a Topic Alias resolved. */
    readonly topic: string
    readonly contentType: string | undefined
    /** Reply topic, as the MQTT version has it. */
    readonly replyTo: string | undefined
    /** The payload is a Record. */
    readonly isRecord: boolean
    /** First Record of this connection. */
    readonly first: boolean
    /** A request of a controller. */
    readonly request: boolean
  }
  /** The first Record of a connection whose CONNECT was seen: now it is known to be a USP endpoint. */
  readonly introduced: {
    readonly connection: ConnectionState
    readonly connect: At & { readonly packet: ConnectPacket }
    readonly fromId: string
  }
  /** A connection that was accepted got its Endpoint ID. */
  readonly identified: {
    readonly connection: ConnectionState
    readonly connect: At & { readonly packet: ConnectPacket }
    /** What this endpoint was at its accepted connection before. */
    readonly before?: At & { readonly clientId: string; readonly assigned: boolean }
    /** Another endpoint that had this client ID. */
    readonly other?: At & { readonly endpointId: string }
  }
  /** Some time after the CONNACK of a USP endpoint, or its end: what it wants to subscribe to, it has. */
  readonly settled: {
    readonly connection: ConnectionState
    readonly connack: At & { readonly packet: ConnackPacket }
  }
  /**
   * Values of the MQTT client behind a connection that were not compared with it yet: told before its CONNECT, or
   * read since. Topics are those of enabled subscriptions.
   */
  readonly configured: {
    readonly connection: ConnectionState
    readonly connect: At & { readonly packet: ConnectPacket }
    readonly connack: At & { readonly packet: ConnackPacket }
    readonly said: readonly Said[]
  }
  /** Some time after a subscription was switched off in the configuration its filter is still subscribed to. */
  readonly kept: {
    readonly connection: ConnectionState
    readonly path: string
    readonly filter: string
    readonly set: At
    readonly seconds: number
  }
  readonly ping: { readonly connection: ConnectionState; readonly role?: Role }
  /** Nothing came from a client for so long. */
  readonly silence: {
    readonly connection: ConnectionState
    readonly seconds: number
    readonly keepAlive: number
  }
  readonly closed: {
    readonly connection: ConnectionState
    readonly by: 'device' | 'bench' | 'network'
    readonly role?: Role
  }
  readonly record: RecordSeen
  readonly msg: MsgSeen
  /** A response or Error with the request that it answers. */
  readonly answer: { readonly msg: MsgSeen; readonly request: RequestSeen; readonly again: boolean }
  /** A response or Error to nothing that was seen, where it would have been. */
  readonly orphan: { readonly msg: MsgSeen }
  readonly unanswered: { readonly request: RequestSeen; readonly seconds: number }
  /** The same msg_id again, from the same sender to the same receiver, with other content. */
  readonly reused: { readonly msg: MsgSeen; readonly request: RequestSeen }
  /** A Notify again; `retry` from 1. */
  readonly renotified: { readonly request: RequestSeen; readonly retry: number; readonly seconds: number }
  /** A ValueChange to a value that a Set of the same path has given. */
  readonly changed: { readonly path: string; readonly set: At; readonly seconds: number }
  /** A Record of a session context, with the one before of the same direction. */
  readonly session: {
    readonly record: RecordSeen
    readonly sessionId: bigint
    readonly sequenceId: bigint
    readonly expectedId: bigint
    readonly before?: At & {
      readonly sequenceId: bigint
      readonly expectedId: bigint
      readonly security: number
      readonly segment: number
    }
    /** Highest sequence_id of the other direction in this session; absent when none was seen. */
    readonly peer?: bigint
    readonly security: number
    readonly segment: number
    readonly repeats: boolean
  }
}
