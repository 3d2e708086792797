/** Files of a workspace that a host hands to the person: exports and certificates. */
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { BenchFailure } from '../../shared/contract/result.ts'
import { EXPORTS } from '../engine/capture/export-file.ts'
import { AUTHORITY_FILE } from '../engine/tls/authority.ts'
import { DEVICES } from '../engine/tls/device-certificate.ts'

const CERTIFICATES = 'certificates'

/** May it leave? The keys of the lab and of the bench never do. */
function mayLeave(workspace: string, path: string): boolean {
  const certificates = resolve(workspace, CERTIFICATES)
  return (
    dirname(path) === resolve(workspace, EXPORTS) ||
    path === join(certificates, AUTHORITY_FILE) ||
    (dirname(path) === join(certificates, DEVICES) && path.endsWith('.pem'))
  )
}

/** The path of a file to hand out. BenchFailure `not-found` for one that is none, wherever it lies. */
export async function exportedFile(
  workspace: string,
  file: string,
): Promise<{ path: string; name: string; size: number }> {
  const path = resolve(workspace, file)
  const found = mayLeave(workspace, path) ? await stat(path).catch(() => undefined) : undefined
  if (found?.isFile() !== true)
    throw new BenchFailure('not-found', `There is no exported file ${basename(path)}.`)
  return { path, name: basename(path), size: found.size }
}
