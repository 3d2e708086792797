import { eventNames } from '../../../shared/contract/contract.ts'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { ASK_PORT, GIVE_PORT } from '../../../shared/contract/handshake.ts'
import type { EngineOptions } from '../../../electron/engine/types.ts'
import { handleUnexpected } from '../../../electron/main/unexpected.ts'
import { runShell } from '../../../electron/main/shell.ts'
import * as electron from '../../stubs/electron.ts'
import { fakeEngine, type FakeEngine } from '../../stubs/engine.ts'

let folder: string
let engine: FakeEngine
let started: EngineOptions[]
let signals: Map<string, ((...args: never[]) => void)[]>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-shell-'))
  await mkdir(join(folder, 'pages'))
  await writeFile(join(folder, 'pages', 'index.html'), '<title>Oktobench</title>')
  electron.resetElectron(folder)
  engine = fakeEngine()
  started = []
  vi.stubEnv('OKTOBENCH_WORKSPACE', join(folder, 'lab'))
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  // The shell listens to the process; the test's own process must not keep that.
  signals = new Map()
  vi.spyOn(process, 'on').mockImplementation((event, listener) => {
    signals.set(String(event), [...(signals.get(String(event)) ?? []), listener])
    return process
  })
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const run = (
  args: string[] = [],
  startEngine?: (options: EngineOptions) => Promise<FakeEngine>,
): Promise<void> =>
  runShell({
    startEngine:
      startEngine ??
      ((options) => {
        started.push(options)
        return Promise.resolve(engine)
      }),
    captureWorker: new URL('file:///worker.js'),
    preload: '/preload.cjs',
    pages: join(folder, 'pages'),
    args,
  })
const theWindow = (): electron.BrowserWindow => electron.BrowserWindow.all[0] ?? expect.fail('no window')

describe('starting', () => {
  test('makes one locked window with the page of the bench', async () => {
    await run()
    expect(electron.schemes).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ])
    expect(electron.app.sandboxEnabled).toBe(true)
    expect(theWindow().urls).toEqual(['app://bench/'])
    expect(theWindow().options).toMatchObject({
      width: 1280,
      height: 800,
      minWidth: 960,
      minHeight: 600,
      show: false,
      backgroundColor: '#0e1116',
      webPreferences: {
        preload: '/preload.cjs',
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        webviewTag: false,
        devTools: false,
      },
    })
    expect(theWindow().shown).toBe(false)
    theWindow().emit('ready-to-show')
    expect(theWindow().shown).toBe(true)
  })

  test('gives the engine its workspace, the environment and the command line', async () => {
    vi.stubEnv('OKTOBENCH_WS_PORT', '9')
    await run(['--mqtt-port', '0', '--no-sandbox', '--workspace', join(folder, 'other')])
    expect(started).toMatchObject([
      {
        workspace: join(folder, 'other'),
        host: 'desktop',
        overrides: { 'listeners.ws.port': 9, 'listeners.tcp.port': 0 },
      },
    ])
  })

  test('a second time only shows the window of the first', async () => {
    await run()
    electron.app.emit('second-instance')
    expect(theWindow().focused).toBe(true)
    electron.resetElectron(folder)
    electron.app.hasLock = false
    await run()
    expect(electron.app.exits).toEqual([0])
    expect(electron.BrowserWindow.all).toEqual([])
    expect(started).toHaveLength(1)
  })

  test.each([
    [
      'the engine',
      () => Promise.reject(new BenchFailure('conflict', 'The workspace is in use.')),
      [],
      'The workspace is in use.',
    ],
    [
      'an option',
      undefined,
      ['--mqtt-port', 'x'],
      '--mqtt-port must be a whole number from 0 to 65535, not “x”.',
    ],
  ])('that fails in %s is told in plain words and ends', async (_what, startEngine, args, text) => {
    await run(args, startEngine)
    expect(electron.told.errorBoxes).toEqual([`Oktobench cannot start: ${text}`])
    expect(electron.app.exits).toEqual([1])
  })

  test('that fails after the engine stops it', async () => {
    vi.spyOn(electron.BrowserWindow.prototype, 'loadURL').mockRejectedValue(new Error('ERR_FAILED'))
    await run()
    expect(engine.stopped).toBe(1)
    expect(electron.told.errorBoxes).toHaveLength(1)
    expect(electron.app.exits).toEqual([1])
  })
})

describe('a page', () => {
  const deniedNavigations = ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']
  test.each(deniedNavigations)('may not leave: %s', async (name) => {
    await run()
    for (const url of ['https://example.com/', 'app://bench/other.html', 'file:///etc/passwd']) {
      const event = electron.cancellable({ url })
      theWindow().webContents.emit(name, event)
      expect(event.prevented).toBe(true)
    }
  })

  test('may open no window and download nothing', async () => {
    await run()
    expect(theWindow().webContents.openHandler?.({ url: 'https://example.com' })).toEqual({ action: 'deny' })
    const download = electron.cancellable()
    electron.session.defaultSession.emit('will-download', download)
    expect(download.prevented).toBe(true)
  })

  test.each(['media', 'clipboard-read', 'notifications', 'openExternal', 'usb', 'fullscreen', 'unknown'])(
    'has no permission: %s',
    async (permission) => {
      await run()
      const { requestHandler, checkHandler, deviceHandler } = electron.session.defaultSession
      const decide = vi.fn()
      requestHandler?.({}, permission, decide)
      expect(decide).toHaveBeenCalledExactlyOnceWith(false)
      expect(checkHandler?.({}, permission)).toBe(false)
      expect(deviceHandler?.()).toBe(false)
    },
  )

  test('that ended is loaded anew after the person was told', async () => {
    await run()
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'clean-exit' })
    expect(electron.told.messages).toEqual([])
    theWindow().webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    await expect.poll(() => theWindow().webContents.reloads).toBe(1)
    expect(electron.told.messages).toMatchObject([{ detail: expect.stringContaining('crashed') }])
  })
})

describe('the port', () => {
  const ask = (event: object): void => void electron.ipcMain.emit(ASK_PORT, event)
  const ownEvent = () => ({ sender: theWindow().webContents, senderFrame: theWindow().webContents.mainFrame })

  async function openPort() {
    ask(ownEvent())
    const { channel, ports } = theWindow().webContents.mainFrame.posted.at(-1) ?? expect.fail('no port')
    const port = ports[0] ?? expect.fail('no port')
    port.start()
    const [first] = await once(port, 'message')
    return { channel, port, first }
  }

  test('is given to the page, and speaks the protocol', async () => {
    await run()
    const { channel, port, first } = await openPort()
    expect(channel).toBe(GIVE_PORT)
    expect(first.data).toMatchObject({ kind: 'event', name: 'bench' })
    port.postMessage({ kind: 'call', id: 1, name: 'host.showWorkspace' })
    const replies: unknown[] = []
    port.on('message', ({ data }) => data.kind === 'reply' && replies.push(data))
    await expect
      .poll(() => replies)
      .toEqual([{ kind: 'reply', id: 1, result: { ok: true, value: undefined } }])
    expect(electron.paths.opened).toEqual(['/lab'])
    port.close()
    await expect.poll(() => engine.listeners).toBe(0)
  })

  test('saves an export where the person says, and asks for a file to import', async () => {
    const workspace = { name: 'w', path: join(folder, 'workspace') }
    await mkdir(join(workspace.path, 'exports'), { recursive: true })
    await writeFile(join(workspace.path, 'exports', 'a.pcapng'), 'bytes')
    engine.tell('bench', { ...engine.current('bench'), workspace })
    await run()
    const { port } = await openPort()
    const replies: { id: number; result: unknown }[] = []
    port.on('message', ({ data }) => data.kind === 'reply' && replies.push(data))
    let id = 0
    const call = async (name: string, request: unknown): Promise<unknown> => {
      port.postMessage({ kind: 'call', id: ++id, name, request })
      await expect.poll(() => replies.at(-1)?.id).toBe(id)
      return replies.at(-1)?.result
    }
    const target = join(folder, 'chosen.pcapng')
    expect(await call('host.deliver', { file: 'exports/a.pcapng' })).toEqual({ ok: true, value: {} })
    expect(await readdir(folder)).not.toContain('chosen.pcapng')
    electron.dialog.chosen = target
    expect(await call('host.deliver', { file: 'exports/a.pcapng' })).toEqual({ ok: true, value: {} })
    expect(await readFile(target, 'utf8')).toBe('bytes')
    expect(electron.dialog.asked.at(-1)).toMatchObject({ defaultPath: expect.stringMatching(/a\.pcapng$/) })
    electron.dialog.chosen = join(folder, 'no', 'such', 'folder')
    expect(await call('host.deliver', { file: 'exports/a.pcapng' })).toMatchObject({
      error: { code: 'failed', message: expect.stringContaining('could not be saved') },
    })
    expect(await call('host.deliver', { file: '../chosen.pcapng' })).toMatchObject({
      error: { code: 'not-found' },
    })
    const picture = join(folder, 'ladder.svg')
    electron.dialog.chosen = undefined
    const text = { name: '../../my ladder.svg', text: '<svg/>' }
    expect(await call('host.saveText', text)).toEqual({ ok: true, value: { saved: false } })
    electron.dialog.chosen = picture
    expect(await call('host.saveText', text)).toEqual({ ok: true, value: { saved: true } })
    expect(await readFile(picture, 'utf8')).toBe('<svg/>')
    expect(electron.dialog.asked.at(-1)).toMatchObject({
      defaultPath: expect.stringMatching(/[/\\]my ladder\.svg$/),
      filters: [{ name: 'SVG', extensions: ['svg'] }, { name: 'All files' }],
    })
    electron.dialog.chosen = join(folder, 'no', 'such', 'folder')
    expect(await call('host.saveText', text)).toMatchObject({ error: { code: 'failed' } })
    electron.dialog.chosen = target
    expect(await call('host.chooseFile', { purpose: 'capture' })).toEqual({
      ok: true,
      value: { path: target },
    })
    electron.dialog.chosen = undefined
    expect(await call('host.chooseFile', { purpose: 'key-log' })).toEqual({ ok: true, value: {} })
    port.close()
  })

  test('of a reloaded page ends the one before', async () => {
    await run()
    const first = await openPort()
    const second = await openPort()
    await once(first.port, 'close')
    expect(engine.listeners).toBe(eventNames.length)
    second.port.close()
  })

  test('is not given to another sender, another frame, another address or a frame that is gone', async () => {
    await run()
    const { sender, senderFrame } = ownEvent()
    const stranger = new electron.WebContents()
    const inner = new electron.Frame()
    ask({ sender: stranger, senderFrame: stranger.mainFrame })
    ask({ sender, senderFrame: inner })
    ask({ sender, senderFrame: null })
    for (const url of [
      'https://bench/',
      'app://other/',
      'app://bench.evil/',
      'app://bench:1/',
      'app://x@bench/',
      '',
    ]) {
      senderFrame.url = url
      ask({ sender, senderFrame })
    }
    const posted = [stranger.mainFrame, inner, senderFrame].flatMap((frame) => frame.posted)
    expect(posted).toEqual([])
    expect(engine.listeners).toBe(0)
  })
})

describe('app://bench', () => {
  async function fetchPage(url: string, method = 'GET'): Promise<Response> {
    const handler = electron.session.defaultSession.schemes.get('app') ?? expect.fail('no handler')
    return handler(new Request(url, { method }))
  }

  test('gives the pages with a strict policy', async () => {
    await run()
    const page = await fetchPage('app://bench/')
    expect([page.status, await page.text()]).toEqual([200, '<title>Oktobench</title>'])
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; .*connect-src 'self';/)
    expect(policy).not.toContain('unsafe')
  })

  test.each([
    'app://bench/%2e%2e/window.json',
    'app://bench/..%2fwindow.json',
    'app://bench/%2e%2e%5cwindow.json',
    'app://bench//etc/passwd',
    'app://bench/%00',
    'app://other/index.html',
    'app://bench:80/index.html',
  ])('does not have %s', async (url) => {
    await writeFile(join(folder, 'window.json'), '{}')
    await run()
    expect((await fetchPage(url)).status).toBe(404)
  })

  test('takes no POST', async () => {
    await run()
    expect((await fetchPage('app://bench/', 'POST')).status).toBe(405)
  })
})

describe('quitting', () => {
  const exited = (): Promise<unknown> => expect.poll(() => electron.app.exits).toHaveLength(1)

  test('ends the window, then the engine, then the process, once', async () => {
    await run()
    const order: string[] = []
    theWindow().once('closed', () => order.push('window'))
    engine.stop = () => {
      order.push('engine')
      return Promise.resolve()
    }
    electron.app.quit()
    electron.app.quit()
    signals.get('SIGTERM')?.[0]?.()
    await exited()
    expect(order).toEqual(['window', 'engine'])
    expect(electron.app.exits).toEqual([0])
  })

  test('follows the closing of the window', async () => {
    await run()
    theWindow().close()
    await exited()
    expect(engine.stopped).toBe(1)
  })

  test('keeps the place of the window for the next start', async () => {
    await run()
    theWindow().bounds = { x: 100, y: 50, width: 1000, height: 700 }
    theWindow().maximize()
    theWindow().close()
    await exited()
    const place = { x: 100, y: 50, width: 1000, height: 700, maximized: true }
    expect(JSON.parse(await readFile(join(folder, 'window.json'), 'utf8'))).toEqual(place)
    electron.resetElectron(folder)
    await run()
    expect(theWindow().options).toMatchObject({ x: 100, y: 50, width: 1000, height: 700 })
    expect(theWindow().maximized).toBe(true)
  })

  test.each([
    ['broken', '{'],
    ['too small', '{"x":0,"y":0,"width":10,"height":10,"maximized":false}'],
    ['on a screen that is gone', '{"x":5000,"y":0,"width":1000,"height":700,"maximized":false}'],
    ['above the screen', '{"x":0,"y":-50,"width":1000,"height":700,"maximized":false}'],
  ])('forgets a place that is %s', async (_what, text) => {
    await writeFile(join(folder, 'window.json'), text)
    await run()
    expect(theWindow().options).toMatchObject({ width: 1280, height: 800 })
    expect(theWindow().options).not.toHaveProperty('x')
  })

  test('exits with 1 when the engine does not end well', async () => {
    await run()
    engine.stop = () => Promise.reject(new Error('stuck'))
    electron.app.quit()
    await exited()
    expect(electron.app.exits).toEqual([1])
  })
})

describe('an unexpected error', () => {
  test('is logged and told without its secrets, one at a time', async () => {
    await electron.app.whenReady()
    const log = vi.fn()
    const unexpected = handleUnexpected(log)
    electron.told.answer = 1
    await Promise.all([
      unexpected(new Error('login with password=hunter2')),
      unexpected(new Error('another')),
    ])
    expect(log).toHaveBeenCalledTimes(2)
    expect(electron.told.messages).toMatchObject([{ detail: 'login with password=(removed)' }])
    expect(electron.told.copied).toContain('Error: login with password=(removed)')
    electron.told.answer = 2
    await unexpected('later')
    expect(electron.app.quits).toBe(1)
  })

  test('anywhere in the process gets there', async () => {
    await run()
    for (const name of ['uncaughtException', 'unhandledRejection']) {
      const listener = signals.get(name)?.[0] as ((error: unknown) => void) | undefined
      listener?.(new Error(name))
      await expect.poll(() => electron.told.messages.at(-1)?.detail).toBe(name)
    }
  })
})

describe('the menu', () => {
  interface Item {
    readonly label?: string
    readonly role?: string
    readonly submenu?: Item[]
    readonly click?: () => void
  }
  const items = (list = electron.Menu.template as Item[]): Item[] =>
    list.flatMap((item) => [item, ...items(item.submenu ?? [])])

  test('shows the workspace', async () => {
    await run()
    items()
      .find(({ label }) => label === 'Show Workspace Folder')
      ?.click?.()
    expect(electron.paths.opened).toEqual(['/lab'])
    electron.paths.problem = 'no file manager'
    items()
      .find(({ label }) => label === 'Show Workspace Folder')
      ?.click?.()
    await expect
      .poll(() => electron.told.messages)
      .toMatchObject([{ detail: expect.stringContaining('no file manager') }])
  })

  test('has developer tools only in a build that is not packaged', async () => {
    await run()
    expect(items().some(({ role }) => role === 'toggleDevTools')).toBe(false)
    electron.resetElectron(folder)
    electron.app.isPackaged = false
    await run()
    expect(items().some(({ role }) => role === 'toggleDevTools')).toBe(true)
  })
})
