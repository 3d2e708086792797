/** What a client session does and tells. */
import type { AuthPacket, ConnackPacket, DisconnectPacket, Packet } from '../mqtt/packets.ts'
import type { ExchangeEnd } from './exchanges.ts'

/** What is told beside a packet. */
export interface About {
  /** What it belongs to. */
  readonly exchange?: number
  /** Of a PUBLISH, its Topic Alias resolved. */
  readonly topic?: string
  /** A QoS 2 message that came before, so it is not delivered again. */
  readonly again?: boolean
}

/** Why the line is to be closed. */
export type Cause =
  | { readonly kind: 'refused'; readonly packet: ConnackPacket }
  | { readonly kind: 'ended'; readonly packet: DisconnectPacket }
  | { readonly kind: 'left' }
  | { readonly kind: 'broken'; readonly text: string }
  | { readonly kind: 'silent'; readonly waitedFor: 'CONNACK' | 'PINGRESP'; readonly seconds: number }
  | { readonly kind: 'authentication'; readonly method: string }

export type Effect =
  | (About & { readonly kind: 'sent' | 'received'; readonly packet: Packet; readonly bytes: Uint8Array })
  | { readonly kind: 'connected'; readonly packet: ConnackPacket }
  /** AUTH in an enhanced authentication: `authenticate` or `abandon` is due. */
  | { readonly kind: 'challenged'; readonly packet: AuthPacket }
  /** A re-authentication has come to its end. */
  | { readonly kind: 'proved'; readonly packet: AuthPacket }
  | { readonly kind: 'finished'; readonly exchange: number; readonly end: ExchangeEnd }
  | { readonly kind: 'close'; readonly cause: Cause }

export interface SessionHost {
  /** Writes to the line. */
  write(bytes: Uint8Array): void
  effect(effect: Effect): void
}
