// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest'
import { ASK_PORT, GIVE_PORT } from '../../../shared/contract/handshake.ts'
import { ipcRenderer } from '../../stubs/electron.ts'
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
