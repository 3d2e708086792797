/** Reads the segments of a stored capture into an index, and mends what a crash left torn. */
import { join } from 'node:path'
import { formatVersion, isReadable } from '../../../shared/pcapng/facts.ts'
import type { CaptureItem, Time } from '../../../shared/pcapng/format.ts'
import { NativeReader } from '../../../shared/pcapng/native-reader.ts'
import { CaptureReader } from '../../../shared/pcapng/reader.ts'
import type { Archive } from './archive.ts'
import { type Instant, nanosecondsSince } from './clock.ts'
import { piecesOf } from '../import/pieces.ts'
import { mendSegment } from './repair.ts'
import { segmentName, segmentNumbers, sizeOf } from './segments.ts'
import type { StoredLog } from './stored-log.ts'
import { pause, type Work } from './work.ts'

const PIECE = 256 * 1024
/** Beyond this many remarks the rest is a number. */
const MAX_REMARKS = 20

/** Time and row number of the first row in a folder of segments; undefined when there is none. */
export function firstRow(folder: string): { readonly time: Instant; readonly no: number } | undefined {
  for (const number of segmentNumbers(folder)) {
    const found: { time: Instant; no: number }[] = []
    const reader = new CaptureReader((item) => {
      if (found.length > 0 || item.kind !== 'packet' || item.id === 0) return
      found.push({ time: { sec: item.sec, nsec: item.nsec }, no: item.id })
    })
    for (const bytes of piecesOf(join(folder, segmentName(number)), PIECE)) {
      reader.push(bytes)
      if (found[0]) return found[0]
    }
  }
  return undefined
}

export interface LoadedSegments {
  /** What was wrong, one sentence each. */
  readonly remarks: readonly string[]
  /** Number of a row as it stands in the files. */
  readonly numberInFile: (row: number) => number
}

/** Reads every segment in `folder`. `marks` are numbers as they stand in the files. */
export async function loadSegments(
  archive: Archive,
  log: StoredLog,
  folder: string,
  marks: ReadonlySet<number>,
  work: Work,
): Promise<LoadedSegments> {
  const remarks: string[] = []
  const files = segmentNumbers(folder).map((number) => ({ number, path: join(folder, segmentName(number)) }))
  const sized = files.map((file) => ({ ...file, size: sizeOf(file.path) }))
  const total = sized.reduce((sum, { size }) => sum + size, 0)
  const rows = new RowNumbers(archive, marks)
  let read = 0
  for (const { number, path, size } of sized) {
    const segment = log.segments.adopt(number, size)
    const native = new NativeReader(rows.events(log, segment.start, (text) => remarks.push(text)))
    let fault: (CaptureItem & { kind: 'error' }) | undefined
    let foreign = false
    const take = (item: CaptureItem) => {
      if (item.kind === 'section') foreign = !isReadable(formatVersion(item.comments) ?? -1)
      if (item.kind === 'error' && item.fatal) fault = item
      else if (!foreign) native.take(item)
    }
    const reader = new CaptureReader(take)
    for (const bytes of piecesOf(path, PIECE)) {
      reader.push(bytes)
      read += bytes.length
      work.progress(total === 0 ? 1 : read / total)
      archive.keepBudget()
      await pause(work)
    }
    reader.end()
    native.end()
    if (foreign)
      remarks.push(`${segmentName(number)} was not written by this version of the bench and is left out.`)
    if (fault !== undefined) remarks.push(mendSegment(path, reader.goodEnd, size, fault.message))
  }
  const { droppedRows } = archive.counts
  if (droppedRows > 0)
    remarks.push(`The oldest ${droppedRows} rows are more than the memory holds and are not shown.`)
  const more = remarks.length - MAX_REMARKS
  const told = more > 0 ? [...remarks.slice(0, MAX_REMARKS), `${more} more faults.`] : remarks
  return { remarks: told, numberInFile: (row) => rows.inFile(row) }
}

/** Rows of an index follow one another: where rows are missing in the files, those behind are moved up. */
class RowNumbers {
  readonly #archive: Archive
  readonly #marks: ReadonlySet<number>
  #shift = 0
  /** Where the shift changed: from this row on it is that. */
  readonly #shifts: { readonly row: number; readonly shift: number }[] = []

  constructor(archive: Archive, marks: ReadonlySet<number>) {
    this.#archive = archive
    this.#marks = marks
  }

  inFile(row: number): number {
    return row - (this.#shifts.findLast((one) => one.row <= row)?.shift ?? 0)
  }

  events(
    log: StoredLog,
    start: number,
    problem: (text: string) => void,
  ): ConstructorParameters<typeof NativeReader>[0] {
    const archive = this.#archive
    const ns = (time: Time) => nanosecondsSince(archive.parts.epoch, time)
    return {
      opened: (connection, facts, _continued, time) => archive.opened(connection, facts, ns(time)),
      frame: (no, time, connection, direction, malformed, bytes, offset) => {
        log.place = start + offset
        const row = no === 0 ? 0 : this.#row(no, problem)
        archive.frame(row, ns(time), connection, direction, malformed, bytes, 0, bytes.length)
        this.#mark(no, row)
      },
      // The bench keeps marks of its own captures beside the packets.
      marked: () => undefined,
      note: (no, note) => archive.note(no + this.#shift, note),
      closed: (no, time, connection, facts, offset) => {
        log.place = start + offset
        const row = no === 0 ? 0 : this.#row(no, problem)
        archive.closed(row, ns(time), connection, facts)
        this.#mark(no, row)
      },
      problem,
    }
  }

  #mark(no: number, row: number): void {
    if (this.#marks.has(no)) this.#archive.mark(row, true)
  }

  #row(no: number, problem: (text: string) => void): number {
    const { columns } = this.#archive.parts
    const row = no + this.#shift
    if (columns.rows === 0 || row === columns.end) return row
    problem(
      `Rows are missing before row ${no}: it and those behind it are numbered anew from ${columns.end} on.`,
    )
    this.#shift = columns.end - no
    this.#shifts.push({ row: columns.end, shift: this.#shift })
    return columns.end
  }
}
