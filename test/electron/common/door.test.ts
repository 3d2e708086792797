import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { DOOR_FILE, joinable, joinBench, openDoor } from '../../../electron/common/door.ts'
import type { Step } from '../../../electron/common/stop.ts'
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../../shared/contract/encoding.ts'
import { fakeEngine, type FakeEngine } from '../../stubs/engine.ts'

interface Written {
  readonly version: number
  readonly address: string
  readonly token: string
}

let folder: string
let engine: FakeEngine
let log: string[]
let ends: (() => Promise<void>)[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-door-test-'))
  engine = fakeEngine()
  log = []
  ends = []
})
afterEach(async () => {
  for (const end of ends.toReversed()) await end()
  await rm(folder, { recursive: true, force: true })
})

async function opened(): Promise<Written> {
  ends.push(await openDoor({ engine, workspace: folder, log: (text) => void log.push(text) }))
  return JSON.parse(await readFile(join(folder, DOOR_FILE), 'utf8')) as Written
}
async function joined() {
  const open = await joinBench(folder)
  if (open) ends.push(async () => open.close())
  return open
}
const gone = (path: string): Promise<boolean> =>
  stat(path).then(
    () => false,
    () => true,
  )

/** How an attempt by hand ends: as code of the WebSocket, or as what was refused before there is one. */
function attempt({ address, token }: Written, headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket('ws://bench/bench', [SUBPROTOCOL, TOKEN_PREFIX + token], {
      headers,
      createConnection: () => createConnection(address),
    })
    socket.on('error', (error) => resolve(error.message))
    socket.on('close', (code) => resolve(String(code)))
  })
}

describe('the door', () => {
  test('lets a program of the same person in, over the contract', async () => {
    await opened()
    const open = await joined()
    expect(await open?.host.call('stats.history', undefined)).toMatchObject({ ok: true })
    const wanted = { file: 'exports/a' }
    expect(await open?.host.call('host.deliver', wanted)).toMatchObject({ error: { code: 'unavailable' } })
  })

  test.skipIf(process.platform === 'win32')('can be entered and read by its owner alone', async () => {
    const { address } = await opened()
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)
    expect(await mode(join(folder, DOOR_FILE))).toBe('600')
    expect(await mode(dirname(address))).toBe('700')
  })

  test('is closed to a wrong token, and to pages', async () => {
    const door = await opened()
    expect(await attempt({ ...door, token: `${door.token}x` })).toBe('4401')
    expect(await attempt(door, { origin: 'http://localhost' })).toContain('401')
    expect(engine.listeners).toBe(0)
  })

  test('leaves nothing behind, and tells who is inside', async () => {
    const { address } = await opened()
    const open = await joined()
    const states: string[] = []
    open?.host.onLink((state) => states.push(state))
    await ends.shift()?.()
    await expect.poll(() => states).toEqual(['lost'])
    expect(await readdir(folder)).toEqual([])
    expect(await gone(dirname(address))).toBe(true)
    expect(await joined()).toBeUndefined()
  })

  test('of a bench that was killed leads nowhere, and goes when the next one opens its own', async () => {
    const root = await mkdtemp(join(tmpdir(), 'oktobench-'))
    const address = join(root, 'door')
    await writeFile(address, '')
    const stale = { version: 1, address, token: 'x'.repeat(43) }
    await writeFile(join(folder, DOOR_FILE), JSON.stringify(stale))
    expect(await joined()).toBeUndefined()
    await opened()
    expect(await gone(root)).toBe(true)
    expect(await joined()).toBeDefined()
  })

  test('removes nothing else, whatever the file says', async () => {
    const kept = join(folder, 'a', 'door')
    await mkdir(dirname(kept))
    await writeFile(kept, '')
    await writeFile(join(folder, DOOR_FILE), JSON.stringify({ version: 1, address: kept, token: '' }))
    await opened()
    expect(await gone(kept)).toBe(false)
  })

  test.each(['', '{', '{"version":2}', '[]'])('is none where the file holds %j', async (text) => {
    await writeFile(join(folder, DOOR_FILE), text)
    expect(await joined()).toBeUndefined()
  })

  test('that cannot be opened does not keep a bench from running', async () => {
    const steps: Step[] = []
    const workspace = join(folder, 'no', 'such')
    await joinable({ engine, workspace, log: (text) => void log.push(text) }, steps)
    expect([steps, log]).toEqual([[], [expect.stringContaining('cannot join')]])
  })
})
