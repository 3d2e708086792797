/** `oktobench capture`: reads capture files and writes them in other formats, without a bench. */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { BenchFailure } from '../../shared/contract/result.ts'
import { isoTime, instantAt } from '../engine/capture/clock.ts'
import { deviceLabel } from '../engine/capture/connections.ts'
import { encoderOf, writeRows } from '../engine/capture/export/export.ts'
import { FileSink, type Sink } from '../engine/capture/export/sink.ts'
import { importTold, type Imported } from '../engine/capture/import-capture.ts'
import { readKeyLog, tellingOfFile, tellingOfStream } from '../engine/capture/import-source.ts'
import { filterProgram } from '../engine/capture/row-filter.ts'
import type { Work } from '../engine/capture/work.ts'
import type { ImportEvent, ImportSink } from '../engine/import/events.ts'
import { UsageError } from '../common/options.ts'
import { describeDevices } from './capture-doctor.ts'
import { type CaptureOptions, readCaptureOptions } from './capture-options.ts'

/** Of the segments in which the packets wait in the temporary folder. */
const SEGMENT_BYTES = 64 * 1024 * 1024

/** Answers the exit code. Rejects with a UsageError or BenchFailure when it cannot start. */
export async function runCapture(args: readonly string[]): Promise<number> {
  const options = readCaptureOptions(args)
  checkFilter(options.filter)
  if (
    !tells(options) &&
    options.output === undefined &&
    options.format === 'pcapng' &&
    process.stdout.isTTY
  ) {
    throw new UsageError(
      'A pcapng file is nothing for a terminal: write it to a file with -o, or choose --to jsonl.',
    )
  }
  const controller = new AbortController()
  const stop = () => controller.abort(new Error('Stopped.'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const work: Work = { signal: controller.signal, progress: () => undefined }
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-capture-'))
  try {
    return tells(options) ? await tell(options, folder, work) : await convert(options, folder, work)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await rm(folder, { recursive: true, force: true })
  }
}

/** Text for a person, a part for each file. */
const tells = ({ action }: CaptureOptions): boolean => action === 'info' || action === 'doctor'

/** Throws a UsageError for a filter that is none. */
export function checkFilter(filter: string): void {
  try {
    filterProgram(filter)
  } catch (error) {
    if (error instanceof BenchFailure)
      throw new UsageError(`--filter: ${error.message} (${error.detail ?? ''})`)
    throw error
  }
}

async function tell(options: CaptureOptions, folder: string, work: Work): Promise<number> {
  let failed = false
  for (const [i, file] of options.files.entries()) {
    if (i > 0) process.stdout.write('\n')
    try {
      const part = await mkdtemp(join(folder, 'file-'))
      const imported = await read({ ...options, files: [file] }, part, work)
      const isDoctor = options.action === 'doctor'
      process.stdout.write(
        isDoctor ? await describeDevices(imported.archive, work) : describe(file, imported),
      )
      imported.close()
    } catch (error) {
      if (work.signal.aborted) throw error
      failed = true
      process.stderr.write(`oktobench: ${file}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  return failed ? 1 : 0
}

function describe(file: string, { archive, remarks }: Imported): string {
  const { columns, connections, epoch } = archive.parts
  const time = (no: number) => isoTime(instantAt(epoch, columns.get(no, 'time')))
  const devices = new Set<string>()
  for (let no = columns.first; no < columns.end; no++) {
    devices.add(deviceLabel(connections.at(columns.get(no, 'connection')).facts))
  }
  const lines = [
    ['File', file],
    ['Rows', String(columns.rows)],
    ['From', time(columns.first)],
    ['To', time(columns.end - 1)],
    ['Connections', String([...connections.all].length)],
    ['Devices', [...devices].sort().join(', ')],
    ...remarks.map((remark) => ['Remark', remark]),
  ]
  return lines.map(([name = '', value = '']) => `${`${name}:`.padEnd(13)}${value}\n`).join('')
}

async function convert(options: CaptureOptions, folder: string, work: Work): Promise<number> {
  const imported = await read(options, folder, work)
  for (const remark of imported.remarks) process.stderr.write(`oktobench: ${remark}\n`)
  const { archive } = imported
  const encoder = encoderOf(archive, options.format, options)
  const { output } = options
  if (output === undefined) {
    await toStdout((sink) => writeRows(archive, encoder, options, sink, work))
  } else {
    const file = new FileSink(output)
    try {
      await writeRows(archive, encoder, options, file, work)
      file.finish()
    } catch (error) {
      file.discard()
      throw error
    }
  }
  imported.close()
  return 0
}

/** Reads capture files one after the other, into a temporary folder. */
export async function read(
  { files, keyLog }: Pick<CaptureOptions, 'files' | 'keyLog'>,
  folder: string,
  work: Work,
): Promise<Imported> {
  const options = { signal: work.signal, ...(keyLog !== undefined && { keyLog: await readKeyLog(keyLog) }) }
  async function* all(sink: ImportSink): AsyncGenerator<void> {
    const moved = new Moved(sink)
    for (const file of files) {
      const telling =
        file === '-'
          ? await tellingOfStream(process.stdin as AsyncIterable<Buffer>, options)
          : await tellingOfFile(file, options)
      yield* telling(moved)
      moved.next()
    }
  }
  const name = files.map((file) => (file === '-' ? 'The standard input' : basename(file))).join(', ')
  try {
    return await importTold(all, { folder, segmentBytes: SEGMENT_BYTES }, () => undefined, work, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UsageError(`${'path' in error ? String(error.path) : name} does not exist.`, { cause: error })
    }
    throw error
  }
}

/** Several files in one: each counts its connections from 1. */
class Moved implements ImportSink {
  readonly #to: ImportSink
  #base = 0
  #most = 0

  constructor(to: ImportSink) {
    this.#to = to
  }

  /** Another file begins. */
  next(): void {
    this.#base = this.#most
  }

  frame(...[no, time, connection, ...rest]: Parameters<ImportSink['frame']>): void {
    this.#to.frame(no, time, this.#move(connection), ...rest)
  }

  tell(event: ImportEvent): void {
    const isOfOne = 'connection' in event && event.connection !== undefined
    this.#to.tell(isOfOne ? { ...event, connection: this.#move(event.connection) } : event)
  }

  #move(connection: number): number {
    const moved = connection + this.#base
    this.#most = Math.max(this.#most, moved)
    return moved
  }
}

/** Writes to the standard output; whoever reads it may stop reading, as `head` does. */
export async function toStdout(write: (sink: Sink) => Promise<unknown>): Promise<void> {
  const { stdout } = process
  let closed = false
  const broken = new Promise<void>((resolve) => {
    stdout.once('error', () => {
      closed = true
      resolve()
    })
  })
  await write({
    write: async (bytes) => {
      if (closed || stdout.write(bytes)) return
      await Promise.race([once(stdout, 'drain').catch(() => undefined), broken])
    },
  })
  // What is written must have left before the process ends.
  if (!closed) await Promise.race([new Promise<void>((resolve) => stdout.write('', () => resolve())), broken])
}
