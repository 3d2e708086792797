/** The files that somebody may want to be imported, as events. */
import { open, readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { gunzipFile, isGzip } from '../import/gunzip.ts'
import { importFile, importStream, type ImportOptions } from '../import/import-file.ts'
import { BUNDLE_CAPTURE } from './bundle.ts'
import type { Events } from './event-batches.ts'
import { isZip, openEntry } from './export/zip.ts'

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

/** An evidence bundle, by its first bytes. */
export const isBundle = async (file: string): Promise<boolean> => isZip(await headOf(file))

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
