/** Names of exported files in a workspace. */
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExportFormat } from '../../../shared/contract/model.ts'

export const exportEndings: Readonly<Record<ExportFormat, string>> = {
  pcapng: 'pcapng',
  jsonl: 'jsonl',
  csv: 'csv',
  bundle: 'zip',
}
export const EXPORTS = 'exports'

/** A free name, as a whole path and as one in the workspace. `name` is what a person calls it. */
export async function exportFile(
  workspace: string,
  name: string,
  ending: string,
): Promise<{ readonly path: string; readonly file: string }> {
  const folder = join(workspace, EXPORTS)
  await mkdir(folder, { recursive: true })
  // What every file system takes; a dot in front would hide it.
  const safe = name
    .replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-')
    .replace(/^[. -]+|[. ]+$/g, '')
    .slice(0, 80)
  for (let attempt = 1; ; attempt++) {
    const suffix = attempt === 1 ? '' : ` ${attempt}`
    const file = `${safe === '' ? 'capture' : safe}${suffix}.${ending}`
    const path = join(folder, file)
    if (!(await exists(path)) && !(await exists(`${path}.part`))) return { path, file: `${EXPORTS}/${file}` }
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
