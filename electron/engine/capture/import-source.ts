/** The files that somebody may want to be imported, as events. */
import { open, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { gunzipFile, gunzipStream, isGzip } from '../import/gunzip.ts'
import { importFile, importStream, type ImportOptions } from '../import/import-file.ts'
import { BUNDLE_CAPTURE } from './bundle.ts'
import type { Events } from './event-batches.ts'
import { isZip, openEntry } from './export/zip.ts'

/** Bytes that tell what a file is packed with. */
const HEAD = 4
/** No key log is larger; a wrong file may be. */
const MAX_KEY_LOG = 64 * 1024 * 1024

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

/** The same of a stream, which cannot be a bundle: that is read from its end. */
export async function eventsOfStream(
  stream: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Events> {
  const chunks = stream[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < HEAD) {
    const { done, value } = await chunks.next()
    if (done) break
    head = Buffer.concat([head, value])
  }
  if (isZip(head))
    throw new BenchFailure('invalid-request', 'An evidence bundle is read from a file, not from a pipe.')
  async function* all(): AsyncGenerator<Uint8Array> {
    yield head
    yield* { [Symbol.asyncIterator]: () => chunks }
  }
  return importStream(isGzip(head) ? gunzipStream(all(), 'The standard input') : all(), options)
}

/** An evidence bundle, by its first bytes. */
export const isBundle = async (file: string): Promise<boolean> => isZip(await headOf(file))

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(HEAD), 0, HEAD, 0)
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
