// @vitest-environment happy-dom
// @vitest-environment-options { "url": "http://127.0.0.1/" }
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { serve, type Serving } from '../../../electron/serve/serve.ts'
import { createHost } from '../../../shared/contract/client.ts'
import type { LinkState, Wire } from '../../../shared/contract/host.ts'
import { takeToken, webSocketWire } from '../../../renderer/host/websocket.ts'
import { benchState, fakeEngine, statsSample } from '../../stubs/engine.ts'

const TOKEN = 'a-token-for-this-test'
let folder: string
let serving: Serving | undefined
let wire: Wire | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-wire-'))
  // What a browser brings along; `ws` has the same face.
  vi.stubGlobal('WebSocket', WebSocket)
  sessionStorage.clear()
})
afterEach(async () => {
  wire?.close()
  await serving?.close()
  serving = undefined
  await rm(folder, { recursive: true, force: true })
  vi.unstubAllGlobals()
})

async function start(port = 0, token = TOKEN): Promise<number> {
  const engine = fakeEngine()
  serving = await serve({
    engine,
    host: '127.0.0.1',
    port,
    tryNext: false,
    pages: folder,
    token,
    log: () => undefined,
  })
  vi.stubGlobal('location', new URL(serving.url))
  return serving.port
}

function connected(token: string | undefined) {
  wire = webSocketWire(token)
  const host = createHost(wire)
  const links: LinkState[] = []
  host.onLink((state) => void links.push(state))
  return { host, links }
}

describe('a page served by a bench', () => {
  test('speaks with it', async () => {
    await start()
    const { host, links } = connected(TOKEN)
    const bench = new Promise((resolve) => host.on('bench', resolve))
    expect(await host.call('stats.history', undefined)).toEqual({ ok: true, value: [statsSample] })
    expect(await bench).toEqual(benchState)
    expect(links).toEqual(['connected'])
  })

  test('connects again when the bench comes back', async () => {
    const port = await start()
    const { host, links } = connected(TOKEN)
    await host.call('packets.clear', undefined)
    await serving?.close()
    await expect.poll(() => links).toEqual(['connected', 'lost'])
    expect(await host.call('packets.clear', undefined)).toMatchObject({ error: { code: 'disconnected' } })
    await start(port)
    await expect.poll(() => links).toEqual(['connected', 'lost', 'connected'])
    expect((await host.call('packets.clear', undefined)).ok).toBe(true)
  })

  test('gives up when its token is not known, and forgets it', async () => {
    sessionStorage.setItem('oktobench.token', 'old')
    await start()
    const { host, links } = connected('an-old-token-of-before')
    expect(await host.call('packets.clear', undefined)).toMatchObject({ error: { code: 'disconnected' } })
    expect(links).toEqual(['refused'])
    expect(sessionStorage.getItem('oktobench.token')).toBeNull()
  })

  test('is refused without a token too', async () => {
    await start()
    const { links } = connected(undefined)
    await expect.poll(() => links).toEqual(['refused'])
  })
})

describe('the token', () => {
  test('moves from the address bar into the session and stays there over a reload', () => {
    const replace = vi.spyOn(history, 'replaceState').mockImplementation(() => undefined)
    vi.stubGlobal('location', new URL('http://127.0.0.1:8090/?x=1#token=abc_-1'))
    expect(takeToken()).toBe('abc_-1')
    expect(replace).toHaveBeenCalledExactlyOnceWith(history.state, '', '/?x=1')
    vi.stubGlobal('location', new URL('http://127.0.0.1:8090/?x=1'))
    expect(takeToken()).toBe('abc_-1')
  })

  test('is absent in a page opened without one', () => {
    vi.stubGlobal('location', new URL('http://127.0.0.1:8090/#packets'))
    expect(takeToken()).toBeUndefined()
  })
})
