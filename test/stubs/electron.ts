/**
 * Stands for `electron` under vitest, where the real package would start a download. It does what the shell
 * relies on – events, message ports, one window – and records what it was told. `resetElectron` between tests.
 */
import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort, type Transferable } from 'node:worker_threads'

class App extends EventEmitter {
  isPackaged = true
  ready = false
  hasLock = true
  /** What `whenReady` waits for. */
  becomeReady = Promise.resolve()
  readonly exits: number[] = []
  quits = 0
  sandboxEnabled = false
  userData = ''

  async whenReady(): Promise<void> {
    await this.becomeReady
    this.ready = true
  }
  isReady = (): boolean => this.ready
  requestSingleInstanceLock = (): boolean => this.hasLock
  getPath = (): string => this.userData
  enableSandbox(): void {
    if (this.ready) throw new Error('too late')
    this.sandboxEnabled = true
  }
  exit(code: number): void {
    this.exits.push(code)
  }
  /** As Electron: before-quit may prevent it. */
  quit(): void {
    this.quits += 1
    this.emit('before-quit', cancellable())
  }
}

/** An event whose default action a listener may prevent. */
export function cancellable<T extends object>(rest?: T) {
  const event = { prevented: false, preventDefault: () => void (event.prevented = true), ...rest }
  return event
}

export class Frame {
  readonly posted: { channel: string; ports: MessagePortMain[] }[] = []
  url = 'app://bench/'
  postMessage(channel: string, _message: unknown, ports: MessagePortMain[]): void {
    this.posted.push({ channel, ports })
  }
}

export class WebContents extends EventEmitter {
  mainFrame = new Frame()
  reloads = 0
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
  reload(): void {
    this.reloads += 1
  }
}

interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = []
  static getAllWindows = (): BrowserWindow[] => BrowserWindow.all
  readonly webContents = new WebContents()
  readonly options: Record<string, unknown>
  readonly urls: string[] = []
  bounds: Bounds = { x: 10, y: 20, width: 1300, height: 900 }
  maximized = false
  shown = false
  focused = false
  destroyed = false

  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
    BrowserWindow.all.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  loadURL(url: string): Promise<void> {
    this.urls.push(url)
    return Promise.resolve()
  }
  show(): void {
    this.shown = true
  }
  focus(): void {
    this.focused = true
  }
  maximize(): void {
    this.maximized = true
  }
  isMaximized = (): boolean => this.maximized
  isMinimized = (): boolean => false
  isDestroyed = (): boolean => this.destroyed
  getNormalBounds = (): Bounds => this.bounds
  close(): void {
    this.emit('close', cancellable())
    this.destroyed = true
    BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this)
    this.emit('closed')
    if (BrowserWindow.all.length === 0) app.emit('window-all-closed')
  }
}

/** A port of Node with the face of Electron's: a message comes as `{ data }`. */
export class MessagePortMain extends EventEmitter {
  readonly #port: MessagePort
  constructor(port: MessagePort) {
    super()
    this.#port = port
    port.on('close', () => this.emit('close'))
  }
  start(): void {
    this.#port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }
  postMessage(message: unknown, transfer: readonly Transferable[] = []): void {
    this.#port.postMessage(message, transfer)
  }
  close(): void {
    this.#port.close()
  }
}
export class MessageChannelMain {
  readonly port1: MessagePortMain
  readonly port2: MessagePortMain
  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new MessagePortMain(port1)
    this.port2 = new MessagePortMain(port2)
  }
}

type Decide = (granted: boolean) => void
class Session extends EventEmitter {
  requestHandler: ((contents: unknown, permission: string, decide: Decide) => void) | undefined
  checkHandler: ((contents: unknown, permission: string) => boolean) | undefined
  deviceHandler: (() => boolean) | undefined
  readonly schemes = new Map<string, (request: Request) => Promise<Response>>()
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
      void this.schemes.set(scheme, handler),
  }
  setPermissionRequestHandler(handler: NonNullable<Session['requestHandler']>): void {
    this.requestHandler = handler
  }
  setPermissionCheckHandler(handler: NonNullable<Session['checkHandler']>): void {
    this.checkHandler = handler
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.deviceHandler = handler
  }
}

/** What the shell said to the person, and the button the person answers with. */
export const told = {
  errorBoxes: [] as string[],
  messages: [] as { detail: string }[],
  answer: 0,
  copied: '',
}
export const paths = { opened: [] as string[], problem: '' }
export const schemes: { scheme: string; privileges: Record<string, boolean> }[] = []

export const app = new App()
export const ipcMain = new EventEmitter()
export const ipcRenderer = Object.assign(new EventEmitter(), {
  sent: [] as string[],
  send: (channel: string) => void ipcRenderer.sent.push(channel),
})
/** What a preload script shows to its page, by name. */
export const contextBridge = {
  exposed: {} as Record<string, unknown>,
  exposeInMainWorld: (name: string, api: unknown) => void (contextBridge.exposed[name] = api),
}
export const webUtils = {
  getPathForFile(file: unknown): string {
    if (!(file instanceof File)) throw new TypeError('not a File')
    return file.name.startsWith('made-') ? '' : `/lab/${file.name}`
  },
}
export const session = { defaultSession: new Session() }
export const protocol = { registerSchemesAsPrivileged: (list: typeof schemes) => void schemes.push(...list) }
export const nativeTheme = { shouldUseDarkColors: true }
export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }
export const clipboard = { writeText: (text: string) => void (told.copied = text) }
export const shell = {
  openPath: (path: string): Promise<string> => {
    paths.opened.push(path)
    return Promise.resolve(paths.problem)
  },
}
export const dialog = {
  /** What the person chooses in the next dialog; none: closes it. */
  chosen: undefined as string | undefined,
  /** Options of the dialogs that were shown. */
  asked: [] as unknown[],
  showSaveDialog: (_window: unknown, options: unknown) => {
    dialog.asked.push(options)
    return Promise.resolve({ canceled: dialog.chosen === undefined, filePath: dialog.chosen ?? '' })
  },
  showOpenDialog: (_window: unknown, options: unknown) => {
    dialog.asked.push(options)
    return Promise.resolve({
      canceled: dialog.chosen === undefined,
      filePaths: dialog.chosen === undefined ? [] : [dialog.chosen],
    })
  },
  showErrorBox: (title: string, text: string) => void told.errorBoxes.push(`${title}: ${text}`),
  showMessageBox: (message: { detail: string }) => {
    told.messages.push(message)
    return Promise.resolve({ response: told.answer })
  },
}
export const Menu = {
  template: [] as unknown[],
  buildFromTemplate: (template: unknown[]) => template,
  setApplicationMenu: (template: unknown[]) => void (Menu.template = template),
}

export function resetElectron(userData: string): void {
  for (const emitter of [app, ipcMain, ipcRenderer, session.defaultSession]) emitter.removeAllListeners()
  Object.assign(app, {
    ready: false,
    hasLock: true,
    quits: 0,
    sandboxEnabled: false,
    userData,
    isPackaged: true,
  })
  // Of Electron's own process object.
  Object.assign(process, { resourcesPath: '/app/resources' })
  app.exits.length = 0
  BrowserWindow.all = []
  session.defaultSession.schemes.clear()
  Object.assign(told, { errorBoxes: [], messages: [], answer: 0, copied: '' })
  Object.assign(paths, { opened: [], problem: '' })
  Object.assign(dialog, { chosen: undefined, asked: [] })
  ipcRenderer.sent.length = 0
  schemes.length = 0
}
