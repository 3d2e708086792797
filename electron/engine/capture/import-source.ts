/** The files that somebody may want to be imported. */
import { open, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { gunzipFile, gunzipStream, isGzip } from '../import/gunzip.ts'
import { importFile, importStream, type ImportOptions, type Telling } from '../import/import-file.ts'
import { BUNDLE_CAPTURE } from './bundle.ts'
import { isZip, openEntry } from './export/zip.ts'

/** Bytes that tell what a file is packed with. */
const HEAD = 4
/** No key log is larger; a wrong file may be. */
const MAX_KEY_LOG = 64 * 1024 * 1024

/** Tells what is in a pcap or pcapng file, packed with gzip or not, or of the capture in an evidence bundle. */
export async function tellingOfFile(file: string, options: ImportOptions): Promise<Telling> {
  const head = await headOf(file)
  if (isGzip(head)) {
    const { onProgress, ...others } = options
    return (sink) => importStream(gunzipFile(file, onProgress), sink, others)
  }
  if (!isZip(head)) return (sink) => importFile(file, sink, options)
  const { size } = await stat(file)
  const entry = await openEntry(file, BUNDLE_CAPTURE)
  return (sink) => importStream(entry, sink, options, size)
}

/** The same of a stream, which cannot be a bundle: that is read from its end. */
export async function tellingOfStream(
  stream: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<Telling> {
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
  const bytes = isGzip(head) ? gunzipStream(all(), 'The standard input') : all()
  return (sink) => importStream(bytes, sink, options)
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
