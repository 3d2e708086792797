/** Reads somebody's capture file into a capture of the bench's own. */
import { open, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ImportEvent } from '../import/events.ts'
import { gunzipFile, isGzip } from '../import/gunzip.ts'
import { importFile, importStream, type ImportOptions } from '../import/import-file.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { Archive } from './archive.ts'
import type { Instant } from './clock.ts'
import { BUNDLE_CAPTURE, type BundleFacts, readBundleFacts } from './bundle.ts'
import { MAX_MARKS } from './capture-file.ts'
import { isZip, openEntry } from './export/zip.ts'
import { nanosecondsSince } from './loader.ts'
import type { ImportRequest } from './protocol.ts'
import { Recorder } from './recorder.ts'
import type { Contents } from './rows.ts'
import { pause, type Work } from './work.ts'

export interface Imported {
  readonly archive: Archive
  readonly remarks: readonly string[]
  /** Rows that were marked in a file of the bench. */
  readonly marks: readonly number[]
  close(): void
}

/** Beyond this many remarks the rest is a number. */
const MAX_REMARKS = 20
/** No key log is larger; a wrong file may be. */
const MAX_KEY_LOG = 64 * 1024 * 1024

export type Events = AsyncIterable<readonly ImportEvent[]>

/** Events after which what they made is written and others have their turn. */
const EVENTS_AT_A_TIME = 2000

interface Target {
  readonly folder: string
  readonly segmentBytes: number
  readonly contents?: Contents
}

/**
 * Reads pcap, pcapng, either packed with gzip, or an evidence bundle. Rejects with a BenchFailure `invalid-request` when there is not one
 * MQTT packet in it, and with the system's error when a file cannot be read or written.
 */
export async function importCapture(
  { file, keyLog }: ImportRequest,
  target: Target,
  viewChanged: (view: number) => void,
  work: Work,
): Promise<Imported & { readonly bundle: BundleFacts }> {
  const options = {
    signal: work.signal,
    ...(keyLog !== undefined && { keyLog: await readKeyLog(keyLog) }),
    onProgress: (bytes: number, total: number | undefined) => {
      if (total) work.progress(Math.min(1, bytes / total))
    },
  }
  const name = basename(file)
  const imported = await importEvents(await eventsOfFile(file, options), target, viewChanged, work, name)
  const bundle = isZip(await headOf(file)) ? await readBundleFacts(file) : {}
  return { ...imported, bundle }
}

/** Events of a pcap or pcapng file, packed with gzip or not, or of the capture in an evidence bundle. */
export async function eventsOfFile(file: string, options: ImportOptions): Promise<Events> {
  const head = await headOf(file)
  if (isGzip(head)) {
    const { onProgress, ...others } = options
    return importStream(gunzipFile(file, onProgress), others)
  }
  if (!isZip(head)) return importFile(file, options)
  return importStream(await openEntry(file, BUNDLE_CAPTURE), options, (await stat(file)).size)
}

/** The same from events that come in pieces, e.g. of a pipe; `name` is what the person calls the file. */
export async function importEvents(
  events: Events,
  target: Target,
  viewChanged: (view: number) => void,
  work: Work,
  name: string,
): Promise<Imported> {
  let current: Import | undefined
  const remarks: string[] = []
  let more = 0
  let unwritten = 0
  for await (const piece of events) {
    for (const event of piece) {
      if (event.kind === 'note') {
        if (remarks.length <= MAX_REMARKS) remarks.push(event.text)
        else more += 1
        continue
      }
      if (event.kind !== 'remark' && event.kind !== 'mark')
        current ??= new Import(event.time, target, viewChanged)
      current?.take(event)
    }
    unwritten += piece.length
    if (unwritten < EVENTS_AT_A_TIME) continue
    unwritten = 0
    current?.write()
    await pause(work)
  }
  current?.write()
  work.signal.throwIfAborted()
  if (current === undefined || current.archive.counts.rows === 0) {
    current?.close()
    throw new BenchFailure(
      'invalid-request',
      [`${name} holds no MQTT packet.`, ...remarks.slice(0, 3)].join(' '),
    )
  }
  const { gaps } = current
  if (gaps > 0) remarks.push(`${gaps} bytes are missing in the capture; packets around them were left out.`)
  if (more > 0) remarks.push(`${more} more remarks.`)
  const { archive, marks } = current
  if (marks.length === MAX_MARKS) remarks.push(`Marks after the first ${MAX_MARKS} are left out.`)
  archive.ended()
  const whole = current
  return { archive, remarks, marks, close: () => whole.close() }
}

class Import {
  readonly archive: Archive
  #recorder!: Recorder
  readonly #epoch: Instant
  /** Row numbers here by those in a file of the bench, as far as they differ. */
  #shift: number | undefined
  #next = 1
  gaps = 0
  readonly marks: number[] = []

  constructor(
    epoch: Instant,
    { folder, segmentBytes, contents }: Target,
    viewChanged: (view: number) => void,
  ) {
    this.#epoch = epoch
    this.archive = new Archive({
      epoch,
      budgetBytes: Infinity,
      viewChanged,
      ...(contents && { contents }),
      log: (connections) =>
        (this.#recorder = new Recorder({ folder, segmentBytes, lessons: (id) => connections.lessons(id) })),
    })
  }

  take(event: ImportEvent): void {
    switch (event.kind) {
      case 'opened':
        this.archive.opened(event.connection, event.facts, this.#ns(event))
        break
      case 'frame': {
        const { connection, direction, malformed, bytes } = event
        const no = this.#number(event.no)
        this.archive.frame(no, this.#ns(event), connection, direction, malformed, bytes, 0, bytes.length)
        break
      }
      case 'closed':
        this.archive.closed(this.#number(event.no), this.#ns(event), event.connection, event.facts)
        break
      case 'remark':
        this.archive.note(event.no + (this.#shift ?? 0), event.note)
        break
      case 'mark': {
        const no = event.no + (this.#shift ?? 0)
        if (this.marks.length < MAX_MARKS && this.archive.mark(no, true)) this.marks.push(no)
        break
      }
      case 'gap':
        this.gaps += event.bytes
        this.archive.parts.lint.tell({ kind: 'lost', connection: event.connection })
        break
      case 'note':
        break
    }
  }

  /** Brings what was taken to the disk. Throws the system's error when that is full. */
  write(): void {
    this.archive.keepBudget()
    this.#recorder.flush()
    const { error } = this.#recorder
    if (error !== undefined) {
      this.close()
      throw new BenchFailure(
        'failed',
        `The capture cannot be written: ${error.message}. Make room and try again.`,
      )
    }
  }

  close(): void {
    this.#recorder.close()
  }

  #ns({ time }: { readonly time: Instant }): number {
    return nanosecondsSince(this.#epoch, time)
  }

  /** Rows follow one another from the first number that the file has, or from 1. */
  #number(given: number | undefined): number {
    if (given === 0) return 0
    if (this.#shift === undefined) {
      this.#shift = 0
      this.#next = given ?? 1
    }
    if (given !== undefined) this.#shift = this.#next - given
    return this.#next++
  }
}

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(4), 0, 4, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

export async function readKeyLog(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > MAX_KEY_LOG)
    throw new BenchFailure('invalid-request', `${basename(path)} is too large for a key log.`)
  return readFile(path, 'latin1')
}
