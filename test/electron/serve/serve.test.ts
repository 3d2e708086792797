import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  CLOSE_MISBEHAVED,
  CLOSE_REFUSED,
  decodeMessage,
  encodeMessage,
  SUBPROTOCOL,
  TOKEN_PREFIX,
} from '../../../shared/contract/encoding.ts'
import { Files } from '../../../electron/serve/files.ts'
import { serve, type ServeOptions, type Serving } from '../../../electron/serve/serve.ts'
import { fakeEngine, packetRow, type FakeEngine } from '../../stubs/engine.ts'

let folder: string
let engine: FakeEngine
let serving: Serving
let log: string[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-serve-'))
  await mkdir(join(folder, 'pages', 'assets'), { recursive: true })
  await writeFile(join(folder, 'pages', 'index.html'), '<!doctype html><title>Oktobench</title>')
  await writeFile(join(folder, 'pages', 'assets', 'app-1.js'), 'export {}')
  await writeFile(join(folder, 'secret.json'), '{}')
  engine = fakeEngine()
  log = []
  serving = await started()
})
afterEach(async () => {
  await serving.close()
  await rm(folder, { recursive: true, force: true })
})

function started(options: Partial<ServeOptions> = {}): Promise<Serving> {
  const pages = join(folder, 'pages')
  const base = { engine, host: '127.0.0.1', port: 0, tryNext: false, pages }
  return serve({ ...base, log: (text) => void log.push(text), ...options })
}
const tokenOf = ({ url }: Serving): string =>
  new URLSearchParams(new URL(url).hash.slice(1)).get('token') ?? ''

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
/** A request with exactly this path and these headers: `fetch` would mend both. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port: serving.port, path, method, headers }, (response) => {
      let body = ''
      response.on('data', (data) => (body += data))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}

describe('pages', () => {
  test('come with their type and strict headers', async () => {
    const page = await get('/')
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<title>Oktobench') })
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    })
    const policy = page.headers['content-security-policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`connect-src 'self' ws://127.0.0.1:${serving.port}`)
    expect(policy).not.toContain('unsafe')
    expect((await get('/assets/app-1.js?x=1')).headers['content-type']).toBe('text/javascript; charset=utf-8')
    expect(await get('/index.html', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  test.each([
    '/../secret.json',
    '/%2e%2e/secret.json',
    '/..%2fsecret.json',
    '/assets/..%2f..%2fsecret.json',
    '/..%5csecret.json',
    '/assets/%2e%2e/%2e%2e/secret.json',
    '//secret.json',
    '/%00index.html',
    '/index.html%00.js',
    '/%',
    '/.hidden.js',
    '/assets',
    '/assets/',
    '/nothing.js',
    'http://127.0.0.1/secret.json',
  ])('do not include %s', async (path) => {
    expect(await get(path)).toMatchObject({ status: 404, body: 'Not found\n' })
  })

  test('that are no files are not found', async () => {
    await mkdir(join(folder, 'pages', 'folder.js'))
    await symlink('loop.js', join(folder, 'pages', 'loop.js'))
    expect((await get('/folder.js')).status).toBe(404)
    expect((await get('/loop.js')).status).toBe(404)
  })

  test('take no other method', async () => {
    expect(await get('/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  test.each(['evil.example', '127.0.0.1', '127.0.0.1:1', 'localhost.evil.example'])(
    'are not given to the Host “%s”',
    async (host) => expect((await get('/', { host })).status).toBe(421),
  )

  test('are given to the names of this machine', async () => {
    expect((await get('/', { host: `localhost:${serving.port}` })).status).toBe(200)
    expect((await get('/', { host: `LOCALHOST:${serving.port}` })).status).toBe(200)
  })
})

interface Connection {
  readonly socket: WebSocket
  /** The next message that fits; earlier ones are passed over. */
  next(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  readonly closed: Promise<number>
}

function connect(
  protocols: string[] = [SUBPROTOCOL, TOKEN_PREFIX + tokenOf(serving)],
  headers: Record<string, string> = {},
  path = '/bench',
): Connection {
  const socket = new WebSocket(`ws://127.0.0.1:${serving.port}${path}`, protocols, { headers })
  const messages: Record<string, unknown>[] = []
  let wake = (): void => undefined
  socket.on('message', (data: Buffer) => {
    messages.push(decodeMessage(data) as Record<string, unknown>)
    wake()
  })
  const closed = new Promise<number>((resolve) => {
    socket.on('close', resolve)
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
    socket.on('error', () => undefined)
  })
  return {
    socket,
    closed,
    async next(fits) {
      for (;;) {
        const found = messages.shift()
        if (found === undefined) await new Promise<void>((resolve) => (wake = resolve))
        else if (fits(found)) return found
      }
    },
  }
}

describe('the WebSocket', () => {
  test('speaks the protocol of every host', async () => {
    const { socket, next } = connect()
    expect(await next(({ name }) => name === 'bench')).toMatchObject({ value: { version: '1.2.3' } })
    expect(socket.protocol).toBe(SUBPROTOCOL)
    socket.send(encodeMessage({ kind: 'call', id: 1, name: 'packets.record', request: { on: true } }))
    expect(await next(({ kind }) => kind === 'reply')).toEqual({ kind: 'reply', id: 1, result: { ok: true } })
    engine.rows = 1
    const window = { from: 0, count: 9, tail: true }
    socket.send(
      encodeMessage({
        kind: 'open',
        id: 2,
        view: 'packets',
        params: { capture: 'live', filter: '' },
        window,
      }),
    )
    expect(await next(({ kind }) => kind === 'update')).toMatchObject({ update: { rows: [packetRow(1)] } })
    socket.send(encodeMessage({ kind: 'call', id: 3, name: 'host.showWorkspace' }))
    expect(await next(({ kind }) => kind === 'reply')).toMatchObject({
      result: { error: { code: 'unavailable' } },
    })
    socket.close()
    await new Promise((resolve) => socket.once('close', resolve))
    await expect.poll(() => [engine.listeners, engine.openViews]).toEqual([0, 0])
  })

  test.each([
    ['no token', [SUBPROTOCOL]],
    ['a wrong token', [SUBPROTOCOL, `${TOKEN_PREFIX}AAAAAAAAAAAAAAAAAAAAAAAA`]],
    ['an empty token', [SUBPROTOCOL, `${TOKEN_PREFIX.slice(0, -1)}`]],
  ])('with %s is closed with a code that says so, having told nothing', async (_what, protocols) => {
    const { socket, closed } = connect(protocols)
    socket.on('message', () => expect.unreachable('told something'))
    expect(await closed).toBe(CLOSE_REFUSED)
    expect(engine.listeners).toBe(0)
  })

  test('is refused to the page of another origin, with or without the token', async () => {
    for (const origin of [
      'http://evil.example',
      'null',
      'http://127.0.0.1',
      `https://127.0.0.1:${serving.port}`,
    ]) {
      expect(await connect(undefined, { origin }).closed).toBe(403)
    }
    const own = connect(undefined, { origin: `http://localhost:${serving.port}` })
    expect(await own.next(({ name }) => name === 'bench')).toBeDefined()
  })

  test('is refused to another Host, another path and another protocol', async () => {
    expect(await connect(undefined, { host: 'evil.example' }).closed).toBe(421)
    expect(await connect(undefined, {}, '/').closed).toBe(404)
    expect(await connect(undefined, {}, '/bench?token=1').closed).toBe(404)
    expect(await connect(['oktobench.0']).closed).toBe(400)
  })

  test('is cut off when it sends what is no message', async () => {
    const text = connect()
    await text.next(() => true)
    text.socket.send('{"kind":"call"}')
    expect(await text.closed).toBe(CLOSE_MISBEHAVED)
    const broken = connect()
    await broken.next(() => true)
    broken.socket.send(new Uint8Array([0xc1]))
    expect(await broken.closed).toBe(CLOSE_MISBEHAVED)
  })

  test('is cut off when a message is too large', async () => {
    const { socket, next, closed } = connect()
    await next(() => true)
    socket.send(new Uint8Array(16 * 1024 * 1024 + 1))
    expect(await closed).toBe(1009)
  })

  test('is cut off when it asks and asks but does not read', async () => {
    const megabyte = { ...packetRow(1), info: 'x'.repeat(1024 * 1024) }
    const handlers = { ...engine.handlers, 'stats.history': () => [megabyte] as never }
    await serving.close()
    serving = await started({ engine: { ...engine, handlers } })
    const { socket, next } = connect()
    await next(() => true)
    socket.pause()
    for (let id = 0; id < 120; id++) socket.send(encodeMessage({ kind: 'call', id, name: 'stats.history' }))
    await expect.poll(() => engine.listeners, { timeout: 10_000 }).toBe(0)
    expect(log).toContain('A client was cut off: it asks but does not read the answers')
    socket.terminate()
  })

  test('is limited in number', async () => {
    const many = Array.from({ length: 32 }, () => connect())
    await Promise.all(many.map(({ next }) => next(() => true)))
    expect(await connect().closed).toBe(503)
  })
})

describe('files', () => {
  const address = () => `http://127.0.0.1:${serving.port}`
  const token = () => serving.url.split('token=')[1] ?? ''
  const upload = (name: string, headers: Record<string, string>, body: string) =>
    fetch(`${address()}/upload?name=${encodeURIComponent(name)}`, { method: 'POST', headers, body })

  beforeEach(async () => {
    await serving.close()
    const workspace = { name: 'w', path: join(folder, 'workspace') }
    await mkdir(join(workspace.path, 'exports'), { recursive: true })
    await mkdir(join(workspace.path, 'imports'))
    await writeFile(join(workspace.path, 'imports', 'left-by-a-bench-before'), 'x')
    engine.tell('bench', { ...engine.current('bench'), workspace })
    serving = await started()
  })
  const imports = () => readdir(join(folder, 'workspace', 'imports'))

  test('are taken with the token, kept under a safe name, and removed when their import has ended', async () => {
    expect(await imports()).toEqual([])
    const answer = await upload('../../etc/a capture.pcapng', { 'x-oktobench-token': token() }, 'bytes')
    expect(answer.status).toBe(200)
    const { path } = (await answer.json()) as { path: string }
    expect(path).toMatch(/workspace[/\\]imports[/\\][0-9a-f]{12}[/\\]a capture\.pcapng$/)
    expect(await readFile(path, 'utf8')).toBe('bytes')
    const log = await upload('.keys.log', { 'x-oktobench-token': token() }, 'keys')
    const { path: keyLog } = (await log.json()) as { path: string }
    const job = { id: '1', kind: 'import', title: '', state: 'running', progress: 0 } as const
    engine.tell('jobs', [job])
    const { socket, next } = connect()
    await next(({ name }) => name === 'bench')
    socket.send(encodeMessage({ kind: 'call', id: 1, name: 'captures.import', request: { path, keyLog } }))
    expect(await next(({ kind }) => kind === 'reply')).toMatchObject({
      result: { ok: true, value: { job: '1' } },
    })
    engine.tell('jobs', [{ ...job, progress: 0.5 }])
    expect(await imports()).toHaveLength(2)
    engine.tell('jobs', [{ ...job, state: 'done' }])
    await expect.poll(imports).toEqual([])
    socket.close()
  })

  test.each([
    ['no token', {}, 401],
    ['a wrong token', { 'x-oktobench-token': 'x'.repeat(43) }, 401],
    ['the origin of another page', { 'x-oktobench-token': '', origin: 'http://evil.example' }, 403],
  ] as const)('with %s are not taken', async (_, headers, status) => {
    expect((await upload('a', headers, 'x')).status).toBe(status)
    expect(await imports()).toEqual([])
    expect((await get('/upload')).status).toBe(405)
  })

  test('are handed out once under an address of their own', async () => {
    const bytes = 'evidence'.repeat(100_000)
    await writeFile(join(folder, 'workspace', 'exports', 'my capture.pcapng'), bytes)
    const { socket, next } = connect()
    await next(({ name }) => name === 'bench')
    const ask = async (id: number, file: string) => {
      socket.send(encodeMessage({ kind: 'call', id, name: 'host.deliver', request: { file } }))
      return (await next((message) => message.kind === 'reply' && message.id === id)) as unknown as {
        result: { ok: boolean; value: { url: string } }
      }
    }
    const { result } = await ask(1, 'exports/my capture.pcapng')
    const first = await fetch(address() + result.value.url)
    expect(first.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''my%20capture.pcapng")
    expect(await first.text()).toBe(bytes)
    expect((await fetch(address() + result.value.url)).status).toBe(404)
    expect((await fetch(`${address()}/download/guess`)).status).toBe(404)
    for (const [i, file] of [
      'exports/none',
      'bench.json',
      '../secret.json',
      'exports/../../secret.json',
      '/etc/passwd',
    ].entries()) {
      expect(await ask(i + 2, file)).toMatchObject({ result: { ok: false, error: { code: 'not-found' } } })
    }
    socket.close()
  })
})

test('a file that is too large is not taken, and nothing remains of it', async () => {
  const files = new Files(() => folder, 1000)
  const request = Readable.from([Buffer.alloc(600), Buffer.alloc(600)]) as unknown as IncomingMessage
  await expect(files.receive(request, 'a')).rejects.toThrow('more than 1000 bytes')
  expect(await readdir(join(folder, 'imports'))).toEqual([])
})

describe('starting', () => {
  test.each(['0.0.0.0', '::', '*', '192.168.1.20', 'example.com', '127.0.0.1.example.com', 'localhost.'])(
    'refuses the address %s in one line',
    async (host) => {
      await expect(started({ host })).rejects.toMatchObject({ code: 'invalid-request' })
      await expect(started({ host })).rejects.toThrow(/^--host .* is not a loopback address: [^\n]*$/)
    },
  )

  test('takes localhost', async () => {
    const local = await started({ host: 'localhost' })
    expect(local.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
    await local.close()
  })

  test('makes another token each time, or takes the given one', async () => {
    const second = await started()
    expect(tokenOf(second)).not.toBe(tokenOf(serving))
    await second.close()
    const given = await started({ token: 'a-token-of-my-own' })
    expect(tokenOf(given)).toBe('a-token-of-my-own')
    await given.close()
    await expect(started({ token: 'short' })).rejects.toThrow('OKTOBENCH_TOKEN must be 16 to 200')
    await expect(started({ token: 'with spaces in the middle' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('on a taken port fails, or takes the next free one', async () => {
    const holder = createServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const { port } = holder.address() as AddressInfo
    await expect(started({ port })).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Choose another with --port N.`,
    )
    const next = await started({ port, tryNext: true })
    expect(next.port).toBeGreaterThan(port)
    await next.close()
    await new Promise((resolve) => holder.close(resolve))
  })

  test('and closing ends every connection', async () => {
    const { closed, next } = connect()
    await next(() => true)
    await serving.close()
    expect(await closed).toBe(1006)
    expect(engine.listeners).toBe(0)
    serving = await started()
  })
})
