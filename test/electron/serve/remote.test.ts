import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Logins } from '../../../electron/serve/login.ts'
import { PASSWORD_FILE, readPassword, writePassword } from '../../../electron/serve/password.ts'
import { remoteOf } from '../../../electron/serve/remote.ts'
import { serve, type Serving } from '../../../electron/serve/serve.ts'
import { defaultSettings, type Settings } from '../../../electron/engine/workspace/settings.ts'
import { CLOSE_REFUSED, decodeMessage, SUBPROTOCOL, TOKEN_PREFIX } from '../../../shared/contract/encoding.ts'
import { openLab, type Lab } from '../../engine/tls/bench.ts'
import { fakeEngine, type FakeEngine } from '../../stubs/engine.ts'
import { certificatesState } from '../../stubs/access.ts'

const PASSWORD = 'correct horse battery'
let folder: string
let engine: FakeEngine
let lab: Lab
let serving: Serving

async function start(settings: Partial<Settings> = {}): Promise<Serving> {
  const all = { ...defaultSettings, 'serve.host': '0.0.0.0', ...settings }
  const remote = await remoteOf(engine, folder, all)
  const host = all['serve.host']
  const pages = join(folder, 'pages')
  const base = { engine, host, port: 0, tryNext: false, pages, log: () => undefined }
  return serve({ ...base, ...(remote && { remote }) })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-remote-'))
  await mkdir(join(folder, 'pages'))
  await mkdir(join(folder, 'certificates'))
  await writeFile(join(folder, 'pages', 'index.html'), '<!doctype html><title>Oktobench</title>')
  lab = await openLab('ec', join(folder, 'certificates'))
  engine = fakeEngine()
  await writePassword(folder, PASSWORD)
  serving = await start()
})
afterEach(async () => {
  await serving.close()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}
function ask(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST'
  const options = {
    host: '127.0.0.1',
    port: serving.port,
    path,
    method,
    headers,
    ca: lab.authority.pem,
    servername: 'localhost',
    agent: false,
  }
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = ''
      response.on('data', (data) => (text += data))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      )
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
const login = (password: string, headers?: Record<string, string>) => ask('/login', { password }, headers)
const tokenOf = ({ body }: Answer): string => (JSON.parse(body) as { token: string }).token

/** The first message of the bench, or the code with which it closed. */
async function open(token: string | undefined, origin?: string): Promise<unknown> {
  const protocols = token === undefined ? [SUBPROTOCOL] : [SUBPROTOCOL, TOKEN_PREFIX + token]
  const options = { ca: lab.authority.pem, ...(origin === undefined ? {} : { origin }) }
  const socket = new WebSocket(`wss://127.0.0.1:${serving.port}/bench`, protocols, options)
  try {
    return await new Promise((resolve) => {
      socket.on('message', (data: Buffer) => resolve(decodeMessage(data)))
      socket.on('close', resolve)
      socket.on('error', (error) => resolve(error.message))
    })
  } finally {
    socket.terminate()
  }
}

describe('a bench for other machines', () => {
  test('speaks TLS alone, with a certificate of the lab that names the machine', async () => {
    expect(serving.url).toMatch(/^https:\/\/[^#]*\/$/)
    expect(await ask('/')).toMatchObject({ status: 200 })
    const plain = connectTcp(serving.port, '127.0.0.1')
    plain.on('error', () => undefined)
    plain.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    let answer = ''
    plain.on('data', (data) => (answer += data.toString('latin1')))
    await once(plain, 'close')
    expect(answer).not.toContain('Oktobench')
    const old = connectTls({
      port: serving.port,
      host: '127.0.0.1',
      ca: lab.authority.pem,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT:@SECLEVEL=0',
    })
    await expect(once(old, 'secureConnect')).rejects.toThrow(/version|alert/i)
  })

  test('is opened by the password, for a page that then holds a token', async () => {
    expect(JSON.parse((await ask('/login')).body)).toEqual({ password: true })
    const token = tokenOf(await login(PASSWORD))
    expect(await open(token)).toMatchObject({ kind: 'event' })
    expect(await open(undefined)).toBe(CLOSE_REFUSED)
    expect(await open('x'.repeat(43))).toBe(CLOSE_REFUSED)
  })

  test('lets nobody try passwords for long', async () => {
    for (let i = 0; i < 5; i++) expect((await login('wrong')).status).toBe(401)
    const refused = await login(PASSWORD)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  })

  test('knows its own names alone, and pages of its own alone', async () => {
    expect((await ask('/', undefined, { host: `evil.example:${serving.port}` })).status).toBe(421)
    expect((await login(PASSWORD, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await login(PASSWORD, { origin: `http://localhost:${serving.port}` })).status).toBe(403)
    const token = tokenOf(await login(PASSWORD, { origin: `https://localhost:${serving.port}` }))
    expect(await open(token, 'https://evil.example')).toContain('403')
    expect((await ask('/login', 'no password')).status).toBe(400)
    expect((await ask('/login', { password: 'x'.repeat(9000) })).status).toBe(400)
  })

  test('shows a renewed certificate to the next connection', async () => {
    await lab.replaceAuthority()
    engine.tell('certificates', certificatesState)
    expect(await ask('/')).toMatchObject({ status: 200 })
  })

  test('takes a certificate of one’s own, and names what is none', async () => {
    const pair = { 'serve.certificateFile': lab.path('server.pem'), 'serve.keyFile': lab.path('lab-ca.key') }
    await expect(start(pair)).rejects.toThrow('are no certificate and its key')
    await expect(start({ 'serve.keyFile': '/nowhere' })).rejects.toThrow('/nowhere cannot be read (ENOENT)')
  })

  test('does not start without a password', async () => {
    await rm(join(folder, PASSWORD_FILE))
    await expect(start()).rejects.toThrow('--set-password')
  })
})

describe('the password', () => {
  test('is kept as a hash, for the owner alone', async () => {
    const text = await readFile(join(folder, PASSWORD_FILE), 'utf8')
    expect(text).not.toContain('horse')
    expect((await stat(join(folder, PASSWORD_FILE))).mode & 0o777).toBe(0o600)
    const password = await readPassword(folder)
    expect(await password?.matches(PASSWORD)).toBe(true)
    expect(await password?.matches(`${PASSWORD} `)).toBe(false)
  })

  test('that is short is refused, and a broken file is told', async () => {
    await expect(writePassword(folder, 'short')).rejects.toThrow('10 to 1000 characters')
    await writeFile(join(folder, PASSWORD_FILE), '{}')
    await expect(readPassword(folder)).rejects.toThrow('set the password anew')
  })

  test('tries wait longer and longer, for each address by itself; tokens end', async () => {
    let now = 0
    const logins = new Logins({ matches: (given) => Promise.resolve(given === 'right') }, () => now)
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      let answer = await logins.login('a', 'wrong')
      if (answer.status === 429) {
        waits.push(answer.retryAfterSeconds ?? 0)
        now += (answer.retryAfterSeconds ?? 0) * 1000
        answer = await logins.login('a', 'wrong')
      }
      expect(answer.status).toBe(401)
    }
    expect(waits).toEqual([2, 4, 8])
    const answer = await logins.login('b', 'right')
    const token = answer.status === 200 ? answer.token : expect.fail('not let in')
    expect(logins.admits(token)).toBe(true)
    now += 12 * 3_600_000
    expect(logins.admits(token)).toBe(false)
  })
})
