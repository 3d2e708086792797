/** What the broker tells the capture. All calls return at once; bytes are copied. */
import type { PacketNote, Transport } from '../../../shared/contract/model.ts'

export type Direction = 'in' | 'out'

export interface ConnectionOpened {
  readonly transport: Transport
  readonly listenerPort: number
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
}

export interface ConnectionClosed {
  /** Who ended it. `network` is a close without DISCONNECT or an error of the socket. */
  readonly by: 'device' | 'bench' | 'network'
  readonly reason: string
  /** Not a single byte came: a port probe, as OBUSPA makes before every attempt. */
  readonly probe: boolean
}

export interface CaptureSink {
  opened(connection: number, facts: ConnectionOpened): void
  /**
   * One whole MQTT packet, or with `malformed` the bytes that are none.
   * Answers the row's number, or 0 when nothing was recorded (paused, or the worker is behind).
   */
  frame(connection: number, direction: Direction, bytes: Uint8Array, malformed: boolean): number
  /** A remark on a row: what was done with that packet and why. `no` 0 is ignored. */
  note(no: number, note: PacketNote): void
  closed(connection: number, facts: ConnectionClosed): void
}
