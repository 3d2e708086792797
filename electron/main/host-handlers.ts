/** What only the desktop can do for a page: folders and files of the machine, chosen by the person. */
import { copyFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { app, dialog, shell, type BrowserWindow, type FileFilter } from 'electron'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { exportedFile } from '../common/exports.ts'
import type { Engine } from '../engine/types.ts'
import { writeWhole } from '../engine/workspace/files.ts'

const everything: FileFilter = { name: 'All files', extensions: ['*'] }
const choices = {
  capture: {
    title: 'Import a capture',
    filters: [
      { name: 'Captures and evidence', extensions: ['pcapng', 'pcap', 'cap', 'gz', 'zip'] },
      everything,
    ],
  },
  'key-log': {
    title: 'Choose the TLS key log of this capture',
    filters: [{ name: 'Key logs', extensions: ['log', 'txt', 'keys'] }, everything],
  },
} as const satisfies Record<string, { title: string; filters: readonly FileFilter[] }>

export const hostHandlers = (engine: Engine, window: BrowserWindow): HostHandlers => ({
  'host.showWorkspace': () => showFolder(engine),
  async 'host.deliver'({ file }) {
    const { path, name } = await exportedFile(engine.current('bench').workspace.path, file)
    await saveAs(window, { title: 'Save the export', kind: 'Export', name }, (to) => copyFile(path, to))
    return {}
  },
  async 'host.saveText'({ name, text }) {
    const wish = { title: 'Save', kind: extname(name).slice(1).toUpperCase(), name: basename(name) }
    return { saved: await saveAs(window, wish, (to) => writeWhole(to, text)) }
  },
  async 'host.chooseFile'({ purpose }) {
    const { title, filters } = choices[purpose]
    const { canceled, filePaths } = await dialog.showOpenDialog(window, {
      title,
      properties: ['openFile'],
      filters: [...filters],
    })
    const [path] = filePaths
    return canceled || path === undefined ? {} : { path }
  },
})

interface SaveWish {
  readonly title: string
  /** What such files are called. */
  readonly kind: string
  readonly name: string
}

/** Asks where to, and has it written there. False when the person changed their mind; BenchFailure `failed`. */
async function saveAs(
  window: BrowserWindow,
  { title, kind, name }: SaveWish,
  write: (path: string) => Promise<void>,
): Promise<boolean> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: join(app.getPath('documents'), name),
    filters: [{ name: kind, extensions: [extname(name).slice(1)] }, everything],
  })
  if (canceled || filePath === '') return false
  try {
    await write(filePath)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new BenchFailure('failed', `${name} could not be saved as ${filePath}: ${why}`)
  }
  return true
}

export async function showFolder(engine: Engine): Promise<void> {
  const { path } = engine.current('bench').workspace
  const problem = await shell.openPath(path)
  if (problem !== '') throw new BenchFailure('failed', `The folder ${path} cannot be shown: ${problem}`)
}
