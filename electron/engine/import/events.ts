/** What an import tells, in the order of the file. */
import type { PacketNote } from '../../../shared/contract/model.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import type { ConnectionClosed, ConnectionOpened, Direction } from '../capture/sink.ts'

/** As a row number: the file gives none, and whoever takes the row numbers it. */
export const NUMBER_ME = -1

/**
 * Who takes what an import finds. `in` is from the client to the server, as a bench in the server's place would see
 * it. A frame is told by its values, not as an object: there are masses of them.
 */
export interface ImportSink {
  /**
   * One whole MQTT packet in `bytes[start, end)`, or with `malformed` what is none. `time`: of the frame of the file
   * that completed it. Both are good until the call returns. `no`: row number in a file of the bench; 0: it makes no row
   * and is there to be learned from; else `NUMBER_ME`.
   */
  frame(
    no: number,
    time: Time,
    connection: number,
    direction: Direction,
    malformed: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void
  tell(event: ImportEvent): void
}

/** Whatever is no frame. */
export type ImportEvent =
  | {
      readonly kind: 'opened'
      readonly time: Time
      /** From 1, in the order in which they are told; a file of the bench keeps its own numbers. */
      readonly connection: number
      readonly facts: ConnectionOpened
    }
  | {
      /** Bytes that the capture does not have. What follows is read from the next MQTT packet that is found. */
      readonly kind: 'gap'
      readonly time: Time
      readonly connection: number
      readonly direction: Direction
      readonly bytes: number
    }
  | {
      /** For the person: what could not be read and why, or how it was read. */
      readonly kind: 'note'
      readonly time: Time
      /** Absent when it is about the file. */
      readonly connection?: number
      readonly severity: 'info' | 'warning'
      readonly text: string
    }
  | {
      /** A remark on a row of a file of the bench. */
      readonly kind: 'remark'
      readonly no: number
      readonly note: PacketNote
    }
  | {
      /** The person had marked this row of a file of the bench, which was told before. */
      readonly kind: 'mark'
      readonly no: number
    }
  | {
      readonly kind: 'closed'
      /** As of a frame. */
      readonly no: number
      readonly time: Time
      readonly connection: number
      readonly facts: ConnectionClosed
    }

/** What only an import tells. */
export type Aside = Extract<ImportEvent, { readonly kind: 'gap' | 'note' }>

/** What must not grow without a bound while a file is read. */
export interface ImportLimits {
  /** Largest MQTT packet; of a larger one only its length is told. */
  readonly maxPacketBytes: number
  /** Bytes of a direction that wait for earlier ones. */
  readonly maxHeldBytes: number
  /** Bytes that wait for others, of all connections together. */
  readonly maxHeldTotal: number
  /** How long they wait, in seconds of the capture. */
  readonly maxWait: number
  /** Connections followed at a time; beyond it those that were silent longest are let go. */
  readonly maxConnections: number
}

export const defaultLimits: ImportLimits = {
  maxPacketBytes: 64 * 1024 * 1024,
  maxHeldBytes: 4 * 1024 * 1024,
  maxHeldTotal: 256 * 1024 * 1024,
  maxWait: 5,
  maxConnections: 50_000,
}

/** Seconds from one time to another. */
export const secondsBetween = (from: Time, to: Time): number =>
  to.sec - from.sec + (to.nsec - from.nsec) / 1e9

/** A time that may be kept, of one that lasts only until a call returns. */
export const plainTime = ({ sec, nsec }: Time): Time => ({ sec, nsec })
