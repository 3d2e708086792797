/** What all wire sessions of a broker share. */
import type { Client } from 'aedes'
import { encodeInto } from '../../../shared/mqtt/encode.ts'
import type { Packet, ProtocolLevel } from '../../../shared/mqtt/packets.ts'
import type { CaptureSink } from '../capture/sink.ts'
import type { Faults } from './fault-line.ts'
import type { RuleFactory } from './rule.ts'
import type { Session } from './session.ts'
import type { StateLog } from './sessions/log.ts'
import type { MqttSession } from './sessions/mqtt-session.ts'
import type { RetainedLimits } from './sessions/retained-store.ts'
import type { SessionLimits } from './sessions/session-store.ts'
import type { BrokerEnd } from './stream.ts'

export interface Limits {
  /** Largest packet taken from a device, in bytes. */
  readonly maxPacketBytes: number
  /** Bytes on their way to a device that reads slowly; above, QoS 0 is dropped and the rest waits in its session. */
  readonly clientBudgetBytes: number
  readonly topicAliasMaximum: number
  /** Messages of QoS 1 and 2 under way, either direction. */
  readonly inflight: number
  /** Topic filters of a client. */
  readonly subscriptions: number
  readonly retained: RetainedLimits
  readonly sessions: SessionLimits
  /** At the same time. */
  readonly connections: number
  /** From one address; 0 is no limit. */
  readonly connectsPerSecond: number
}

/** Counted over all sessions. */
export interface Traffic {
  packetsIn: number
  packetsOut: number
  bytesIn: number
  bytesOut: number
  refused: number
  slowDrops: number
}

export interface SessionEvents {
  /** CONNACK with success went out. */
  accepted(session: Session): void
  /** A topic filter was granted in SUBACK. */
  subscribed(session: Session, filter: string): void
  /** A CONNECT, or something before it, was turned away. */
  refused(session: Session, text: string): void
  /** Messages are dropped because the device reads too slowly; told at the first of a row of them. */
  slow(session: Session): void
  /** Messages of QoS 1 or 2 were dropped since no more may wait for this client; told at the first of a row. */
  overrun(state: MqttSession): void
  /** The bench itself failed over this connection, which it ended. */
  failed(session: Session, error: Error): void
  /** Neither the device nor the broker knows this connection any more. */
  ended(session: Session, text: string): void
}

export interface SessionContext {
  readonly capture: CaptureSink
  readonly limits: Limits
  readonly traffic: Traffic
  readonly log: StateLog
  readonly rules: readonly RuleFactory[]
  readonly events: SessionEvents
  readonly faults?: Faults
  /** Gives the broker's end of a session to aedes. */
  attach(session: Session, end: BrokerEnd): Client
}

/** Bytes of a packet as aedes and sockets want them: a Buffer, which for a short packet comes out of a pool. */
export const encodeBuffer = (packet: Packet, level: ProtocolLevel): Buffer =>
  encodeInto(packet, level, Buffer.allocUnsafe)
