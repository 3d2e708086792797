/** Exported files of a workspace, as a host hands them out. */
import { stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { BenchFailure } from '../../shared/contract/result.ts'
import { EXPORTS } from '../engine/capture/export-file.ts'

/** The path of an exported file. BenchFailure `not-found` for one that is none, wherever it lies. */
export async function exportedFile(
  workspace: string,
  file: string,
): Promise<{ path: string; name: string; size: number }> {
  const path = resolve(workspace, file)
  const isOurs = dirname(path) === resolve(join(workspace, EXPORTS))
  const found = isOurs ? await stat(path).catch(() => undefined) : undefined
  if (found?.isFile() !== true)
    throw new BenchFailure('not-found', `There is no exported file ${basename(path)}.`)
  return { path, name: basename(path), size: found.size }
}
