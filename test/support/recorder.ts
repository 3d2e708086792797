/** A capture that keeps what it is told, for tests of the broker alone. */
import type { PacketNote } from '../../shared/contract/model.ts'
import type {
  CaptureSink,
  ConnectionClosed,
  ConnectionOpened,
  Direction,
} from '../../electron/engine/capture/sink.ts'

export interface RecordedFrame {
  readonly connection: number
  readonly direction: Direction
  readonly bytes: Buffer
  readonly malformed: boolean
  readonly notes: PacketNote[]
}

export class Recorder implements CaptureSink {
  readonly frames: RecordedFrame[] = []
  readonly opens = new Map<number, ConnectionOpened>()
  readonly closes = new Map<number, ConnectionClosed>()

  opened(connection: number, facts: ConnectionOpened): void {
    this.opens.set(connection, facts)
  }
  frame(connection: number, direction: Direction, bytes: Uint8Array, malformed: boolean): number {
    return this.frames.push({ connection, direction, bytes: Buffer.from(bytes), malformed, notes: [] })
  }
  note(no: number, note: PacketNote): void {
    this.frames[no - 1]?.notes.push(note)
  }
  closed(connection: number, facts: ConnectionClosed): void {
    this.closes.set(connection, facts)
  }
  /** Every remark made on a packet, in order. */
  get notes(): PacketNote[] {
    return this.frames.flatMap(({ notes }) => notes)
  }
}
