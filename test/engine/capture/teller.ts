/** An archive on the disk without a thread around it: what is told goes in with `take`, as one batch. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { Archive } from '../../../electron/engine/capture/archive.ts'
import { Batch, jsonBody, MALFORMED, OUTBOUND, Tag } from '../../../electron/engine/capture/batch.ts'
import { Recorder } from '../../../electron/engine/capture/recorder.ts'
import type { CaptureSink } from '../../../electron/engine/capture/sink.ts'

export interface Teller extends CaptureSink {
  readonly archive: Archive
  readonly recorder: Recorder
  readonly folder: string
  /** Views that were told of a change since the last call. */
  changed(): number[]
  take(): void
  clear(): void
  /** What a packet says that is not recorded. */
  learn(connection: number, bytes: Uint8Array): void
}

/** 2026-01-01T00:00:00Z; each record is told a second after the one before. */
export const epoch = { sec: Date.UTC(2026, 0, 1) / 1000, nsec: 0 }

/** Archives hold files open: of a property test with many of them the oldest are closed. */
const MOST = 20
const made: (() => void)[] = []
afterAll(() => {
  for (const close of made.splice(0)) close()
})

export function teller(
  budgetBytes = 64 * 1024 * 1024,
  batchBytes = 4 * 1024 * 1024,
  segmentBytes = Math.max(32 * 1024, budgetBytes / 16),
): Teller {
  const changed = new Set<number>()
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-rows-'))
  let recorder!: Recorder
  const archive = new Archive({
    epoch,
    budgetBytes,
    viewChanged: (view) => changed.add(view),
    log: (connections) =>
      (recorder = new Recorder({ epoch, folder, segmentBytes, lessons: (id) => connections.lessons(id) })),
  })
  while (made.length >= MOST) made.shift()?.()
  made.push(() => {
    recorder.close()
    rmSync(folder, { recursive: true, force: true })
  })
  let batch = new Batch(new ArrayBuffer(batchBytes))
  let no = 0
  let time = 0
  const now = () => (time += 1e9)
  const take = () => {
    archive.take(batch.buffer, batch.used)
    recorder.flush()
    archive.keepBudget()
    // As a transferred buffer would be: nothing of it may be needed any more.
    new Uint8Array(batch.buffer).fill(0xee)
    batch = new Batch(batch.buffer)
  }
  return {
    archive,
    recorder,
    folder,
    take,
    clear() {
      recorder.clear()
      archive.clear()
    },
    changed() {
      const views = [...changed]
      changed.clear()
      return views
    },
    opened: (connection, facts) => batch.write(Tag.opened, 0, connection, now(), 0, jsonBody(facts)),
    frame(connection, direction, bytes, malformed) {
      if (!batch.fits(bytes.length)) take()
      const flags = (direction === 'out' ? OUTBOUND : 0) | (malformed ? MALFORMED : 0)
      batch.write(Tag.frame, flags, connection, now(), ++no, bytes)
      return no
    },
    learn: (connection, bytes) => batch.write(Tag.frame, 0, connection, now(), 0, bytes),
    note: (row, note) => batch.write(Tag.note, 0, 0, now(), row, jsonBody(note)),
    closed: (connection, facts) => batch.write(Tag.closed, 0, connection, now(), ++no, jsonBody(facts)),
  }
}
