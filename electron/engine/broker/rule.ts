/**
 * A rule looks at the packets of one connection, on their way in to the broker and on their way out to the
 * device. It names the packet types it wants; for an outbound type that nobody wants, no packet is even made: its bytes go as
 * they are.
 *
 * Rules run in the order of the table in `rules/index.ts` inbound, and in the opposite order outbound, so that
 * what one rule took off a request it can put back on the answer.
 */
import type { Packet, PacketOf, PacketType, Properties } from '../../../shared/mqtt/packets.ts'
import type { Session } from './session.ts'

export type Outcome =
  /** Goes on unchanged. */
  | undefined
  /**
   * Goes on in another form. `text`, if given, is noted on the packet; outbound only for a fault on purpose, as the
   * end of a sentence about it.
   */
  | { readonly do: 'change'; readonly packet: Packet; readonly text?: string; readonly fault?: string }
  /** Ends here; `answer` goes back to the sender in its place. */
  | {
      readonly do: 'drop'
      readonly text: string
      /** Name of the fault on purpose behind it. */
      readonly fault?: string
      readonly reasonCode?: number
      readonly answer?: readonly Packet[]
    }
  /** Ends here, since the rule itself did what it asks for. `text`, if given, is noted on the packet. */
  | { readonly do: 'take'; readonly text?: string }
  /** Waits, with everything behind it, until the promise says how it goes on. It must not reject. */
  | {
      readonly do: 'hold'
      readonly until: Promise<Outcome>
      /** Packets of this type are worked on all the same; any other is a protocol error then. */
      readonly meanwhile?: 'AUTH'
      readonly text?: string
      readonly fault?: string
    }
  /** `to` has it: what is behind it goes on, and the packet as often as `run` is called. */
  | {
      readonly do: 'defer'
      readonly to: (run: () => void) => void
      readonly text?: string
      readonly fault?: string
    }
  /** The connection ends; the device is told the reason code where its version and state allow that. */
  | {
      readonly do: 'reject'
      readonly reasonCode: number
      readonly text: string
      /** Told with it in MQTT 5.0, besides the Reason String. */
      readonly properties?: Properties
      readonly fault?: string
    }

/** Where an outbound PUBLISH comes from. */
export interface Origin {
  /** Client ID; undefined for what the bench itself published. */
  readonly publisher: string | undefined
  /** Bytes of the packet before any rule changed it. */
  readonly length: number
}

export type PacketHandlers = {
  readonly [T in PacketType]?: (packet: PacketOf<T>, origin?: Origin) => Outcome
}

export interface Rule {
  /** Shown beside what it did, e.g. `takeover`. */
  readonly name: string
  /** Read again after CONNECT, so that a rule can take interest in what that client can do. */
  readonly inbound?: PacketHandlers
  readonly outbound?: PacketHandlers
  /** The connection is over, for the device and for the broker. Called once. */
  closed?(): void
}

/** Makes the rule's part for one connection. */
export type RuleFactory = (session: Session) => Rule

export const pass: Outcome = undefined
