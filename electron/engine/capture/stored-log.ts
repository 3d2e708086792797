/** The packets of a capture that is complete: nothing is written; the loader says where each one was found. */
import { readPacket, type PacketLog } from './packet-log.ts'
import { Segments } from './segments.ts'

export class StoredLog implements PacketLog {
  readonly segments: Segments
  /** Offset of what is told next. */
  place = 0

  constructor(folder: string) {
    this.segments = new Segments(folder)
  }

  get bytes(): number {
    return this.segments.bytes
  }
  opened(): void {}
  identified(): void {}
  note(): void {}
  frame(): number {
    return this.place
  }
  closed(): number {
    return this.place
  }
  read(offset: number, length: number): Uint8Array {
    return readPacket((span) => this.segments.read(offset, span), length)
  }
  oldestEnd(): number | undefined {
    return this.segments.list[1]?.start
  }
  dropBefore(offset: number): void {
    this.segments.dropBefore(offset, false)
  }
}
