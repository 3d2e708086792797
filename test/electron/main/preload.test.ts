// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { ASK_PORT, DESKTOP_FILES, GIVE_PORT, type DesktopFiles } from '../../../shared/contract/handshake.ts'
import { contextBridge, ipcRenderer } from '../../stubs/electron.ts'
import '../../../electron/preload/index.ts'

beforeEach(() => void (ipcRenderer.sent.length = 0))

const say = (init: MessageEventInit): void => void window.dispatchEvent(new MessageEvent('message', init))
const own = { source: window, origin: 'app://bench', data: ASK_PORT }

test('the page’s request is passed on', () => {
  say(own)
  expect(ipcRenderer.sent).toEqual([ASK_PORT])
})

test('nothing else is', () => {
  say({ ...own, source: null })
  say({ ...own, origin: 'https://example.com' })
  say({ ...own, data: { ask: ASK_PORT } })
  say({ ...own, data: 'anything' })
  expect(ipcRenderer.sent).toEqual([])
})

test('the port goes to the page’s own origin alone', () => {
  const post = vi.spyOn(window, 'postMessage').mockImplementation(() => undefined)
  const ports = [{}]
  ipcRenderer.emit(GIVE_PORT, { ports })
  expect(post).toHaveBeenCalledExactlyOnceWith(GIVE_PORT, 'app://bench', ports)
})

test('a page learns the path of a file that it was given, and of nothing else', () => {
  expect(Object.keys(contextBridge.exposed)).toEqual([DESKTOP_FILES])
  const { pathOf } = contextBridge.exposed[DESKTOP_FILES] as DesktopFiles
  expect(pathOf(new File([], 'a.pcapng'))).toBe('/lab/a.pcapng')
  expect(pathOf(new File([], 'made-here'))).toBe('')
  expect(pathOf({ name: 'etc/passwd' })).toBe('')
})
