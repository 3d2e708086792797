/** What only the desktop can do for a page: folders and files of the machine, chosen by the person. */
import { copyFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { app, dialog, shell, type BrowserWindow, type FileFilter } from 'electron'
import type { HostHandlers } from '../../shared/contract/contract.ts'
import { BenchFailure } from '../../shared/contract/result.ts'
import { exportedFile } from '../common/exports.ts'
import type { Engine } from '../engine/types.ts'

const everything: FileFilter = { name: 'All files', extensions: ['*'] }
const choices = {
  capture: {
    title: 'Import a capture',
    filters: [{ name: 'Captures and evidence', extensions: ['pcapng', 'pcap', 'cap', 'zip'] }, everything],
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
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      title: 'Save the export',
      defaultPath: join(app.getPath('documents'), name),
      filters: [{ name: 'Export', extensions: [extname(name).slice(1)] }, everything],
    })
    if (canceled || filePath === '') return {}
    try {
      await copyFile(path, filePath)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new BenchFailure('failed', `The export could not be saved as ${filePath}: ${why}`)
    }
    return {}
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

export async function showFolder(engine: Engine): Promise<void> {
  const { path } = engine.current('bench').workspace
  const problem = await shell.openPath(path)
  if (problem !== '') throw new BenchFailure('failed', `The folder ${path} cannot be shown: ${problem}`)
}
