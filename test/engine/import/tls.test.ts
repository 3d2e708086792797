import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls, createServer, type ConnectionOptions, type TlsOptions } from 'node:tls'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { describeWith, requireTool } from '../../support/tools.ts'
import { connack, connect, publish } from '../capture/packets.ts'
import { listen, recordTo } from './record.ts'
import { fileOf, type Frame, importBytes, importFrames } from './talk.ts'

const plain = (packets: readonly Uint8Array[]) => packets.map((packet) => Buffer.from(packet).toString('hex'))
/** Larger than a record. */
const large = publish('large', { payload: new Uint8Array(40_000).fill(5) })
const small = publish('small', { payload: 'x' })

describeWith(['openssl'], 'TLS', () => {
  let folder: string
  let credentials: { key: Buffer; cert: Buffer }
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oktobench-tls-'))
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    const args = [
      'req',
      '-x509',
      ...curve,
      '-subj',
      '/CN=bench.lab',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
    ]
    execFileSync(requireTool('openssl'), args, { stdio: 'ignore' })
    credentials = { key: readFileSync(key), cert: readFileSync(cert) }
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const closing: (() => Promise<void> | void)[] = []
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  })

  /** A server that answers the first packet with `large`, and a recording proxy in front of it. */
  async function serve(options: TlsOptions = {}) {
    let keyLog = ''
    let bytes = 0
    const waiting: { count: number; done: () => void }[] = []
    const server = createServer({ ...credentials, ...options }, (socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        socket.write(connack())
        socket.write(large)
      })
      socket.on('data', (data) => {
        bytes += data.length
        for (const one of waiting) if (bytes >= one.count) one.done()
      })
      socket.on('end', () => socket.end())
    })
    server.on('keylog', (line: Buffer) => (keyLog += line.toString()))
    const recording = await recordTo(await listen(server))
    closing.push(
      () => void server.close(),
      () => recording.close(),
    )
    return {
      port: recording.port,
      frames: () => recording.frames({ serverPort: 8883 }),
      keyLog: () => keyLog,
      /** Resolves when the server got that many bytes in all. */
      got: (count: number) =>
        new Promise<void>((done) => (bytes >= count ? done() : void waiting.push({ count, done }))),
    }
  }

  /** One connection of a Node client: sends `packets`, takes what comes, ends. Answers its session. */
  async function converse(port: number, packets: readonly Uint8Array[], options: ConnectionOptions = {}) {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'bench.lab',
      rejectUnauthorized: false,
      ...options,
    })
    let session: Buffer | undefined
    socket.on('session', (one) => (session = one))
    await once(socket, 'secureConnect')
    for (const packet of packets) socket.write(packet)
    let got = 0
    while (got < connack().length + large.length) got += ((await once(socket, 'data'))[0] as Buffer).length
    const reused = socket.isSessionReused()
    socket.end()
    await once(socket, 'close')
    return { session, reused }
  }

  const v12 = (ciphers: string): TlsOptions => ({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2', ciphers })
  const v13 = (ciphers: string): TlsOptions => ({ minVersion: 'TLSv1.3', ciphers })

  test.each([
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256', v12('ECDHE-ECDSA-AES128-GCM-SHA256')],
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', v12('ECDHE-ECDSA-AES256-GCM-SHA384')],
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256', v12('ECDHE-ECDSA-CHACHA20-POLY1305')],
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_CCM', v12('ECDHE-ECDSA-AES128-CCM')],
    ['TLS 1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8', v12('ECDHE-ECDSA-AES256-CCM8:@SECLEVEL=0')],
    ['TLS 1.3', 'TLS_AES_128_GCM_SHA256', v13('TLS_AES_128_GCM_SHA256')],
    ['TLS 1.3', 'TLS_AES_256_GCM_SHA384', v13('TLS_AES_256_GCM_SHA384')],
    ['TLS 1.3', 'TLS_CHACHA20_POLY1305_SHA256', v13('TLS_CHACHA20_POLY1305_SHA256')],
    ['TLS 1.3', 'TLS_AES_128_CCM_SHA256', v13('TLS_AES_128_CCM_SHA256')],
  ])('%s with %s is decrypted', async (version, suite, options) => {
    const server = await serve(options)
    const { ciphers = '' } = options
    await converse(server.port, [connect(), large, small], { ciphers })
    const imported = importFrames(server.frames(), { keyLog: server.keyLog() })
    expect(plain(imported.packets('in'))).toEqual(plain([connect(), large, small]))
    expect(plain(imported.packets('out'))).toEqual(plain([connack(), large]))
    expect(imported.notes).toEqual([`${version} to "bench.lab", ${suite}: decrypted.`])
    expect(imported.of('opened')).toMatchObject([{ facts: { transport: 'tls', listenerPort: 8883 } }])
    expect(imported.of('closed')).toHaveLength(1)
  })

  test('WebSocket over TLS is read', async () => {
    const https = createHttps(credentials)
    const sockets = new WebSocketServer({ server: https, handleProtocols: () => 'mqtt' })
    sockets.on('connection', (socket) =>
      socket.on('message', () => socket.send(connack(), () => socket.close())),
    )
    let keyLog = ''
    https.on('keylog', (line: Buffer) => (keyLog += line.toString()))
    const recording = await recordTo(await listen(https))
    closing.push(
      () => void https.close(),
      () => recording.close(),
    )
    const client = new WebSocket(`wss://127.0.0.1:${recording.port}/mqtt`, ['mqtt'], {
      rejectUnauthorized: false,
    })
    await once(client, 'open')
    client.send(connect())
    await once(client, 'close')
    const imported = importFrames(recording.frames({ serverPort: 8084 }), { keyLog })
    expect(imported.of('opened')).toMatchObject([{ facts: { transport: 'wss', listenerPort: 8084 } }])
    expect(plain(imported.packets('in'))).toEqual(plain([connect()]))
    expect(plain(imported.packets('out'))).toEqual(plain([connack()]))
  })

  test('secrets in the file itself are used', async () => {
    const server = await serve()
    await converse(server.port, [connect()])
    const imported = importBytes(fileOf(server.frames(), { keyLog: server.keyLog() }))
    expect(plain(imported.packets('in'))).toEqual(plain([connect()]))
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a resumed session of %s is decrypted, and called so',
    async (version) => {
      const server = await serve({ minVersion: version, maxVersion: version })
      const { session } = await converse(server.port, [connect()])
      const second = await converse(server.port, [connect(), small], session === undefined ? {} : { session })
      expect(second.reused).toBe(true)
      const imported = importFrames(server.frames(), { keyLog: server.keyLog() })
      expect(plain(imported.packets('in'))).toEqual(plain([connect(), connect(), small]))
      expect(imported.notes[0]).not.toMatch(/resumed/)
      expect(imported.notes[1]).toMatch(/resumed: decrypted/)
    },
  )

  test('keys that change in the middle are followed', async () => {
    const server = await serve(v13('TLS_AES_256_GCM_SHA384'))
    const args = ['s_client', '-connect', `127.0.0.1:${server.port}`, '-servername', 'bench.lab']
    const client = spawn(requireTool('openssl'), args, { stdio: ['pipe', 'pipe', 'pipe'] })
    const exited = once(client, 'exit')
    let output = ''
    for (const stream of [client.stdout, client.stderr]) {
      stream.on('data', (data: Buffer) => (output += data.toString('latin1')))
    }
    await expect.poll(() => output.includes('---\n'), { timeout: 5000 }).toBe(true)
    let sent = 0
    const send = async (packet: Uint8Array) => {
      client.stdin.write(packet)
      sent += packet.length
      await server.got(sent)
    }
    await send(connect())
    // A lone K at the beginning of a line makes it change its keys, and ask the server to do so.
    for (let round = 1; round <= 3; round++) {
      client.stdin.write('K\n')
      await expect.poll(() => output.split('KEYUPDATE').length - 1, { timeout: 5000 }).toBe(round)
      await send(publish(`after/${round}`))
    }
    client.stdin.end()
    await exited
    const imported = importFrames(server.frames(), { keyLog: server.keyLog() })
    const rounds = [1, 2, 3].map((round) => publish(`after/${round}`))
    expect(plain(imported.packets('in'))).toEqual(plain([connect(), ...rounds]))
    expect(plain(imported.packets('out'))).toEqual(plain([connack(), large]))
    expect(imported.notes).toHaveLength(1)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'a lost segment of %s is a gap, and the rest is read',
    async (version) => {
      const server = await serve({ minVersion: version, maxVersion: version })
      const many = Array.from({ length: 60 }, (_, i) =>
        publish(`many/${i}`, { payload: new Uint8Array(1000).fill(i) }),
      )
      await converse(server.port, [connect(), ...many])
      const frames = server.frames()
      const fromClient = (frame: Frame) => new DataView(frame.data.buffer).getUint16(20) >= 50_000
      const bulky = frames.filter((frame) => fromClient(frame) && frame.data.length > 1000)
      const lost = bulky[Math.floor(bulky.length / 2)]
      const imported = importFrames(
        frames.filter((frame) => frame !== lost),
        { keyLog: server.keyLog() },
      )
      expect(imported.of('gap').length).toBeGreaterThan(0)
      const sent = new Set(plain([connect(), ...many]))
      const found = plain(imported.packets('in'))
      expect(found.filter((packet) => !sent.has(packet))).toEqual([])
      // A record may hold sixteen of them, and one more is cut at each of its ends.
      expect(found.length).toBeGreaterThan(many.length - 2 * 18)
      expect(imported.of('frame').filter(({ malformed }) => malformed)).toEqual([])
    },
  )

  test.each([
    ['TLSv1.2', '', /^TLS 1.2 to "bench.lab" cannot be read: there is no key log/],
    ['TLSv1.3', '', /^TLS 1.3 to "bench.lab" cannot be read: there is no key log/],
    [
      'TLSv1.3',
      `CLIENT_RANDOM ${'a'.repeat(64)} ${'b'.repeat(96)}\n`,
      /the key log has no secret for this connection/,
    ],
  ] as const)('%s without its key is told in words', async (version, keyLog, message) => {
    const server = await serve({ minVersion: version, maxVersion: version })
    await converse(server.port, [connect()])
    const imported = importFrames(server.frames(), { keyLog })
    expect(imported.of('opened')).toHaveLength(1)
    expect(imported.of('frame')).toEqual([])
    expect(imported.notes).toEqual([expect.stringMatching(message)])
  })

  test('secrets that do not fit are told', async () => {
    const server = await serve(v13('TLS_AES_128_GCM_SHA256'))
    await converse(server.port, [connect()])
    const wrong = server.keyLog().replace(/[0-9a-f]{8}$/gm, '00000000')
    const imported = importFrames(server.frames(), { keyLog: wrong })
    expect(imported.notes).toEqual([expect.stringMatching(/do not fit the secret in the key log/)])
  })

  test('a cipher suite that is not read is named', async () => {
    const server = await serve(v12('ECDHE-ECDSA-AES128-SHA'))
    await converse(server.port, [connect()], { ciphers: 'ECDHE-ECDSA-AES128-SHA', maxVersion: 'TLSv1.2' })
    const imported = importFrames(server.frames(), { keyLog: server.keyLog() })
    expect(imported.notes).toEqual([expect.stringMatching(/cipher suite 0xc009 is not one that can be read/)])
  })

  test('other encrypted connections are only counted', async () => {
    const server = await serve()
    await converse(server.port, [connect()])
    const frames = server.frames().map(({ data, time }) => {
      const moved = data.slice()
      const view = new DataView(moved.buffer)
      for (const at of [20, 22]) if (view.getUint16(at) === 8883) view.setUint16(at, 443)
      return { data: moved, time }
    })
    const imported = importFrames(frames)
    expect(imported.of('opened')).toEqual([])
    expect(imported.notes).toEqual([expect.stringMatching(/^1 TLS connections could not be read/)])
    // With its key it is found to be MQTT on any port.
    expect(plain(importFrames(frames, { keyLog: server.keyLog() }).packets('in'))).toEqual(plain([connect()]))
  })
})
