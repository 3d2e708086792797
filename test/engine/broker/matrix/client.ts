/** What the matrix asks of a client, whoever wrote it. */
import type { QoS } from '../../../../shared/mqtt/packets.ts'
import type { Door, DoorName } from './doors.ts'

export interface Wishes {
  readonly clientId: string
  readonly version: '3.1.1' | '5.0'
  /** Clean Start, before 5.0 Clean Session. */
  readonly clean: boolean
  /** Session Expiry Interval in seconds; undefined before 5.0. */
  readonly expiry: number | undefined
}

export interface MatrixClient {
  /** Of its CONNACK; undefined where the client does not show it. */
  readonly sessionPresent: boolean | undefined
  /** Texts of the messages that its user was given, in order. */
  readonly received: readonly string[]
  /** Resolves when it was granted. */
  subscribe(topic: string, qos: QoS): Promise<void>
  /** Resolves when it is answered for good, at QoS 0 when it is sent. */
  publish(topic: string, text: string, qos: QoS): Promise<void>
  /** DISCONNECT; resolves when the line is closed. */
  leave(): Promise<void>
}

export interface ClientKind {
  readonly name: string
  readonly doors: readonly DoorName[]
  connect(door: Door, wishes: Wishes): Promise<MatrixClient>
}
