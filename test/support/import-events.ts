/** What an import tells, kept as a list. */
import type { Direction } from '../../electron/engine/capture/sink.ts'
import { type ImportEvent, type ImportSink, plainTime } from '../../electron/engine/import/events.ts'
import type { Telling } from '../../electron/engine/import/import-file.ts'
import type { Time } from '../../shared/pcapng/format.ts'

export interface FrameEvent {
  readonly kind: 'frame'
  readonly no: number
  /** A copy, as the bytes are. */
  readonly time: Time
  readonly connection: number
  readonly direction: Direction
  readonly malformed: boolean
  readonly bytes: Uint8Array
}

export type ToldEvent = ImportEvent | FrameEvent

export class ToldEvents implements ImportSink {
  readonly all: ToldEvent[] = []

  frame(...[no, time, connection, direction, malformed, bytes, start, end]: Parameters<ImportSink['frame']>) {
    const copy = { time: plainTime(time), bytes: bytes.slice(start, end) }
    this.all.push({ kind: 'frame', no, connection, direction, malformed, ...copy })
  }

  tell(event: ImportEvent): void {
    this.all.push(event)
  }
}

/** All of a telling. Rejects as it does. */
export async function eventsOf(telling: Telling): Promise<readonly ToldEvent[]> {
  const told = new ToldEvents()
  for await (const _ of telling(told));
  return told.all
}
