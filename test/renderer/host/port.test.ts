// @vitest-environment happy-dom
import { MessageChannel } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import { ASK_PORT, GIVE_PORT } from '../../../shared/contract/handshake.ts'
import type { LinkState, Wire } from '../../../shared/contract/host.ts'
import type { HostMessage } from '../../../shared/contract/messages.ts'
import { portWire } from '../../../renderer/host/port.ts'

let wire: Wire | undefined
afterEach(() => wire?.close())

function opened() {
  const post = vi.spyOn(window, 'postMessage').mockImplementation(() => undefined)
  wire = portWire()
  const links: LinkState[] = []
  const messages: HostMessage[] = []
  wire.onLink((state) => void links.push(state))
  wire.onMessage((message) => void messages.push(message))
  return { wire, post, links, messages }
}

/** The preload script's message, with these parts of it changed. */
function give(port: unknown, change: Partial<Record<'source' | 'origin' | 'data', unknown>> = {}): void {
  const parts = { source: window, origin: location.origin, data: GIVE_PORT, ports: [port], ...change }
  window.dispatchEvent(Object.defineProperties(new Event('message'), Object.getOwnPropertyDescriptors(parts)))
}

test('a page of the desktop app asks for a port, and speaks and listens through it', async () => {
  const { wire: line, post, links, messages } = opened()
  expect(post).toHaveBeenCalledExactlyOnceWith(ASK_PORT, location.origin)
  const { port1, port2 } = new MessageChannel()
  give(port2)
  expect(links).toEqual(['connected'])
  const heard = new Promise((resolve) => port1.once('message', resolve))
  line.send({ kind: 'close', id: 7 })
  expect(await heard).toEqual({ kind: 'close', id: 7 })
  const event = { kind: 'event', name: 'stats', value: new Uint8Array([1]) } as const
  port1.postMessage(event)
  await expect.poll(() => messages).toEqual([event])
  port1.close()
  await expect.poll(() => links).toEqual(['connected', 'lost'])
})

test('it takes no port from anybody else, and no second one', () => {
  const { links } = opened()
  const { port1, port2 } = new MessageChannel()
  give(port2, { source: null })
  give(port2, { origin: 'https://example.com' })
  give(port2, { data: ASK_PORT })
  give(undefined)
  expect(links).toEqual([])
  give(port2)
  give(port2)
  expect(links).toEqual(['connected'])
  port1.close()
})
