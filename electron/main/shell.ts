/** The desktop app from its first moment to its last: thin, everything of the bench is in the engine. */
import { join } from 'node:path'
import { app, BrowserWindow, dialog, ipcMain, Menu, session } from 'electron'
import type { Engine, EngineOptions } from '../engine/types.ts'
import { settingsFromEnvironment } from '../engine/workspace/settings.ts'
import { version, workspaceFolder } from '../common/launch.ts'
import { joinable } from '../common/door.ts'
import { logLine, redact } from '../common/log.ts'
import { readOptions, workspaceOption } from '../common/options.ts'
import { stopInOrder, type Step } from '../common/stop.ts'
import { registerScheme, servePages, START_PAGE } from './app-protocol.ts'
import { openBridge } from './bridge.ts'
import { hostHandlers, showFolder } from './host-handlers.ts'
import { lockContents, lockSession } from './lockdown.ts'
import { menuTemplate } from './menu.ts'
import { handleUnexpected } from './unexpected.ts'
import { openWindow } from './window.ts'

export interface ShellOptions {
  readonly startEngine: (options: EngineOptions) => Promise<Engine>
  /** Files of the build; the entry knows where it lies itself. */
  readonly captureWorker: URL
  readonly preload: string
  readonly pages: string
  /** Arguments without the program and its path. */
  readonly args: readonly string[]
}

/** Runs the app. Returns once the window is loading; quitting is driven by the events of `app`. */
export async function runShell(options: ShellOptions): Promise<void> {
  registerScheme()
  app.enableSandbox()
  if (!app.requestSingleInstanceLock()) {
    app.exit(0)
    return
  }
  const unexpected = handleUnexpected(logLine)
  process.on('uncaughtException', (error) => void unexpected(error))
  process.on('unhandledRejection', (error) => void unexpected(error))
  lockContents(app, logLine)

  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows()
    if (window?.isMinimized() === true) window.restore()
    window?.focus()
  })

  // The last thing made is the first to end.
  const steps: Step[] = []
  const end = quitInOrder(steps)
  await app.whenReady()
  try {
    await openBench(options, steps, unexpected)
  } catch (error) {
    logLine('Oktobench cannot start', error)
    dialog.showErrorBox(
      'Oktobench cannot start',
      redact(error instanceof Error ? error.message : String(error)),
    )
    await end(1)
  }
}

/** Beside the app, where a package has it; without it the one of the PATH serves. */
const natsServer = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'

async function openBench(
  options: ShellOptions,
  steps: Step[],
  unexpected: (error: unknown) => Promise<void>,
): Promise<void> {
  const environment = settingsFromEnvironment(process.env)
  // Chromium's own switches stand in the same line.
  const given = readOptions(options.args, [workspaceOption], 'ignore unknown')
  const workspace = given.plain['workspace']
  const engine = await options.startEngine({
    workspace: workspaceFolder(typeof workspace === 'string' ? workspace : undefined, process.env),
    host: 'desktop',
    version,
    captureWorker: options.captureWorker,
    ...(app.isPackaged && { natsServer: join(process.resourcesPath, 'nats', natsServer) }),
    overrides: { ...environment, ...given.settings },
  })
  steps.unshift({ name: 'the engine', run: () => engine.stop() })
  await joinable({ engine, workspace: engine.current('bench').workspace.path, log: logLine }, steps)

  const devTools = !app.isPackaged
  lockSession(session.defaultSession)
  servePages(session.defaultSession, options.pages)
  const bench = await openWindow(options.preload, join(app.getPath('userData'), 'window.json'), devTools)
  const { window } = bench
  steps.unshift({ name: 'the place of the window', run: () => bench.placeSaved() })
  const endBridge = openBridge(ipcMain, {
    engine,
    hostHandlers: hostHandlers(engine, window),
    page: window.webContents,
    log: logLine,
  })
  steps.unshift({ name: 'the window', run: () => closeWindow(window) }, { name: 'the page', run: endBridge })
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate({ showWorkspace }, process.platform, devTools)))

  function showWorkspace(): void {
    showFolder(engine).catch((error: unknown) => void unexpected(error))
  }

  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    // Only after the person has answered: a page that ends at each start must not spin.
    void unexpected(
      new Error(`The window stopped (${reason}). The bench goes on; the window is loaded anew.`),
    ).then(() => {
      if (!window.isDestroyed()) window.webContents.reload()
    })
  })

  await window.loadURL(START_PAGE)
}

/**
 * Whatever asks to quit – menu, last window, signal, a failed start – runs these steps once and then ends the
 * process. Answers the function for a failed start.
 */
function quitInOrder(steps: readonly Step[]): (code: number) => Promise<void> {
  let ending: Promise<void> | undefined
  const endNow = async (code: number): Promise<void> => {
    // Not in this turn: closing the window asks to quit again, and must find `ending` set.
    await Promise.resolve()
    const clean = await stopInOrder(steps, logLine)
    app.exit(clean ? code : 1)
  }
  const end = (code: number): Promise<void> => (ending ??= endNow(code))
  app.on('window-all-closed', () => app.quit())
  app.on('before-quit', (event) => {
    event.preventDefault()
    void end(0)
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit())
  return end
}

function closeWindow(window: BrowserWindow): Promise<void> {
  if (window.isDestroyed()) return Promise.resolve()
  return new Promise((resolve) => {
    window.once('closed', () => resolve())
    window.close()
  })
}
