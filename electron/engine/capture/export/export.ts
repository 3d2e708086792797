/** Writes rows of a capture in a format, in slices and at constant memory. */
import type { ExportFormat } from '../../../../shared/contract/model.ts'
import { judgedFor } from '../../lint/judge-all.ts'
import type { Archive } from '../archive.ts'
import { BUNDLE_CAPTURE, BUNDLE_DEVICES, BUNDLE_MANIFEST, BUNDLE_PACKETS, BUNDLE_VERSION } from '../bundle.ts'
import type { ExportRequest } from '../protocol.ts'
import { filterProgram, RowFilter } from '../row-filter.ts'
import { AWAITED_MS, pause, Slice, type Work } from '../work.ts'
import { CsvEncoder } from './csv.ts'
import type { Encoder } from './encoder.ts'
import { JsonLinesEncoder } from './packet-json.ts'
import { PcapngEncoder } from './pcapng.ts'
import { FileSink, type Sink } from './sink.ts'
import { ZipWriter } from './zip.ts'

/** Rows chosen by hand that are judged before others have their turn. */
const CHOSEN_AT_ONCE = 32

export type Selection = Pick<ExportRequest, 'filter' | 'rows' | 'columns' | 'secrets'>

/** Rejects with a BenchFailure for a wrong filter or column, and with the system's error when the disk is full. */
export async function exportRows(
  archive: Archive,
  request: ExportRequest,
  work: Work,
): Promise<{ readonly rows: number }> {
  const file = new FileSink(request.file)
  try {
    const rows =
      request.format === 'bundle'
        ? await writeBundle(archive, request, file, work)
        : await writeRows(archive, encoderOf(archive, request.format, request), request, file, work)
    file.finish()
    return { rows }
  } catch (error) {
    file.discard()
    throw error
  }
}

export function encoderOf(
  archive: Archive,
  format: Exclude<ExportFormat, 'bundle'>,
  { secrets, columns }: Selection,
): Encoder {
  switch (format) {
    case 'pcapng':
      return new PcapngEncoder(archive, secrets)
    case 'jsonl':
      return new JsonLinesEncoder(archive, secrets)
    case 'csv':
      return new CsvEncoder(archive, columns)
  }
}

async function writeBundle(
  archive: Archive,
  request: ExportRequest,
  file: FileSink,
  work: Work,
): Promise<number> {
  const zip = new ZipWriter(file)
  let rows = 0
  const parts = [
    { name: BUNDLE_CAPTURE, format: 'pcapng' },
    { name: BUNDLE_PACKETS, format: 'jsonl' },
  ] as const
  const endpoints = new Set<string>()
  // Rows that come meanwhile are in neither part.
  const { end } = archive.parts.columns
  for (const [i, { name, format }] of parts.entries()) {
    const half = { ...work, progress: (value: number) => work.progress((i + value) / parts.length) }
    await zip.add(name, async (sink) => {
      const encoder = noting(archive, encoderOf(archive, format, request), endpoints)
      rows = await writeRows(archive, encoder, request, sink, half, end)
    })
  }
  // Of other devices, perhaps of another vendor, nothing is handed over.
  const devices = (request.devices ?? []).filter(({ endpointId }) => endpoints.has(endpointId))
  const extras = [[BUNDLE_DEVICES, jsonText(devices)] as const, ...Object.entries(request.extras ?? {})]
  const files = [...parts.map(({ name }) => name), ...extras.map(([name]) => name)]
  const { filter, secrets } = request
  const manifest = {
    version: BUNDLE_VERSION,
    application: 'Oktobench',
    rows,
    filter,
    redacted: !secrets,
    files,
  }
  for (const [name, text] of [...extras, [BUNDLE_MANIFEST, jsonText(manifest)] as const]) {
    await zip.add(name, async (sink) => sink.write(new TextEncoder().encode(text)))
  }
  zip.end()
  return rows
}

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** Notes which endpoint IDs have rows that are encoded. */
function noting(
  { parts: { columns, connections } }: Archive,
  encoder: Encoder,
  endpoints: Set<string>,
): Encoder {
  return {
    add(no) {
      const { endpointId } = connections.at(columns.get(no, 'connection')).facts
      if (endpointId !== undefined) endpoints.add(endpointId)
      encoder.add(no)
    },
    take: () => encoder.take(),
  }
}

/** Answers how many rows were written. */
export async function writeRows(
  archive: Archive,
  encoder: Encoder,
  { filter, rows, columns: shown = [] }: Selection,
  sink: Sink,
  whole: Work,
  end = archive.parts.columns.end,
): Promise<number> {
  const { columns } = archive.parts
  const program = filterProgram(filter)
  const work = await judgedFor(archive, [filter, ...shown], whole)
  const judge = program && new RowFilter(program, archive.index)
  const chosen = rows && [...new Set(rows)].sort((a, b) => a - b)
  const { first } = columns
  let written = 0
  let next = chosen ? 0 : first
  const last = chosen ? chosen.length : end
  while (next < last) {
    let found: number[] = []
    if (chosen) {
      found = chosen
        .slice(next, next + CHOSEN_AT_ONCE)
        .filter((no) => columns.has(no) && (judge?.matches(no) ?? true))
      next += CHOSEN_AT_ONCE
    } else if (judge) {
      next = judge.scan(Math.max(next, columns.first), end, (no) => found.push(no))
    } else {
      const from = Math.max(next, columns.first)
      next = Math.min(last, from + 4096)
      found = Array.from({ length: Math.max(0, next - from) }, (_, i) => from + i)
    }
    written += await encode(found, archive, encoder, sink, work)
    work.progress(Math.min(1, (chosen ? next : next - first) / Math.max(1, chosen ? last : last - first)))
    await pause(work)
  }
  await sink.write(encoder.take())
  return written
}

/** Answers how many of these rows were still there. */
async function encode(
  rows: readonly number[],
  { parts: { columns } }: Archive,
  encoder: Encoder,
  sink: Sink,
  work: Work,
): Promise<number> {
  let written = 0
  let slice = new Slice(AWAITED_MS)
  for (const no of rows) {
    // The budget may have dropped it meanwhile.
    if (columns.has(no)) {
      encoder.add(no)
      written += 1
    }
    if (!slice.isOver()) continue
    await sink.write(encoder.take())
    await pause(work)
    slice = new Slice(AWAITED_MS)
  }
  const bytes = encoder.take()
  if (bytes.length > 0) await sink.write(bytes)
  return written
}
