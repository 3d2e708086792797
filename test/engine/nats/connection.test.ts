import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { nkeys } from '@nats-io/transport-node'
import { describe, expect, test } from 'vitest'
import type { NatsLink, NatsLinkState } from '../../../electron/engine/nats/connection.ts'
import { backoffMs } from '../../../electron/engine/nats/pause.ts'
import { connectionOptions, parseTarget, type NatsTarget } from '../../../electron/engine/nats/target.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { afterwards, linkTo, natsServer, ownFolder } from './natsd.ts'

const reaches = (link: NatsLink, state: NatsLinkState['state']): Promise<void> =>
  expect.poll(() => link.state, { timeout: 8000, interval: 10 }).toMatchObject({ state })
async function failure(target: NatsTarget): Promise<string> {
  const link = linkTo(target)
  await reaches(link, 'waiting')
  const { message } = link.state
  await link.close()
  return message ?? ''
}
const secret = 'tr0ub4dor'

describeWith(['nats-server', 'openssl'], 'connecting to a real nats-server', () => {
  test.each<[string, string, Partial<NatsTarget>]>([
    ['nobody', '', {}],
    [
      'user and password',
      `authorization { user: "u", password: "${secret}" }`,
      { user: 'u', password: secret },
    ],
    ['token', `authorization { token: "${secret}" }`, { token: secret }],
  ])('with %s', async (_name, config, login) => {
    const { url } = await natsServer([config])
    const link = linkTo({ url, ...login })
    await reaches(link, 'connected')
    expect(link.state).toMatchObject({
      url,
      jetStream: true,
      version: expect.stringMatching(/^\d+\./) as string,
    })
    expect(link.state.message).toBeUndefined()
    expect(JSON.stringify(link.state)).not.toContain(secret)
  })

  test('with a login that stands in the address', async () => {
    const { port } = await natsServer([`authorization { user: "u", password: "${secret}" }`])
    const link = linkTo({ url: `nats://u:${secret}@127.0.0.1:${port}` })
    await reaches(link, 'connected')
    expect(link.state.url).toBe(`nats://127.0.0.1:${port}`)
  })

  test('with an nkey', async () => {
    const pair = nkeys.createUser()
    const { url } = await natsServer([`authorization { users: [{ nkey: ${pair.getPublicKey()} }] }`])
    const seed = new TextDecoder().decode(pair.getSeed())
    await reaches(linkTo({ url, seed }), 'connected')
    const other = new TextDecoder().decode(nkeys.createUser().getSeed())
    expect(await failure({ url, seed: other })).toBe(
      `${url} refused the nkey: its public key must be among the server's users`,
    )
  })

  test.each<[string, Partial<NatsTarget>, RegExp]>([
    ['no login', {}, /wants a login: give user and password/],
    [
      'a wrong password',
      { user: 'u', password: `${secret}!` },
      /refused the user “u”: unknown user or wrong password/,
    ],
    ['a token', { token: secret }, /refused the token/],
  ])('says that %s is refused, and no secret', async (_name, login, words) => {
    const { url } = await natsServer([`authorization { user: "u", password: "other-${secret}" }`])
    const message = await failure({ url, ...login })
    expect(message).toMatch(words)
    expect(message).not.toContain(secret)
  })

  test('says that JetStream is missing, and stays connected', async () => {
    const { url } = await natsServer([], false)
    const link = linkTo({ url })
    await reaches(link, 'connected')
    expect(link.state).toMatchObject({ jetStream: false, message: expect.stringContaining('-js') as string })
  })

  test('over TLS, with and without a client certificate, and says what is wrong with one', async () => {
    const pki = await makeCertificates()
    const { port } = await natsServer([
      `tls { cert_file: "${pki.path('server.crt')}", key_file: "${pki.path('server.key')}" }`,
    ])
    const url = `tls://127.0.0.1:${port}`
    const caFile = pki.path('ca.crt')
    await reaches(linkTo({ url, tls: { caFile } }), 'connected')
    await reaches(linkTo({ url: url.replace('tls:', 'nats:'), tls: { caFile } }), 'connected')
    expect(await failure({ url })).toMatch(
      /comes from an authority that this machine does not know: name its CA file/,
    )
    // The certificate is for 127.0.0.1 alone.
    expect(await failure({ url: `tls://127.0.0.2:${port}`, tls: { caFile } })).toMatch(/refused|another name/)

    const mutual = await natsServer([
      `tls { cert_file: "${pki.path('server.crt')}", key_file: "${pki.path('server.key')}", ca_file: "${caFile}", verify: true }`,
    ])
    const mutualUrl = mutual.url.replace('nats:', 'tls:')
    const own = { caFile, certFile: pki.path('client.crt'), keyFile: pki.path('client.key') }
    await reaches(linkTo({ url: mutualUrl, tls: own }), 'connected')
    expect(await failure({ url: mutualUrl, tls: { caFile } })).toMatch(/client certificate/)
    const broken = { ...own, keyFile: pki.path('client.ext') }
    expect(await failure({ url: mutualUrl, tls: broken })).toMatch(
      /a CA, certificate or key file .* cannot be used/,
    )
  })

  test('says that TLS is wished and not there', async () => {
    const { port } = await natsServer()
    expect(await failure({ url: `tls://127.0.0.1:${port}` })).toMatch(/speaks no TLS: use nats:\/\//)
  })

  test('comes back by itself, each time with a fresh connection', async () => {
    const server = await natsServer()
    const link = linkTo({ url: server.url })
    const seen = new Set<unknown>()
    link.onConnection((connection) => seen.add(connection))
    await reaches(link, 'connected')
    await server.kill()
    await reaches(link, 'waiting')
    expect(link.connection).toBeUndefined()
    await expect
      .poll(() => link.state.message)
      .toMatch(/refused the connection: is nats-server running there\?/)
    await server.start()
    await reaches(link, 'connected')
    expect(seen.size).toBe(2)
  })

  test('goes to the next address of a cluster when the first is down', async () => {
    const [first, second] = [await natsServer(), await natsServer()]
    await first.kill()
    const link = linkTo({ url: `${first.url},${second.url}` })
    await reaches(link, 'connected')
    expect(link.state.url).toBe(second.url)
  })
})

describe('connecting to something else', () => {
  test('waits for a target, and is woken when there is one', async () => {
    const targets: NatsTarget[] = []
    const link = linkTo(() => targets[0])
    expect(link.state).toEqual({ state: 'idle', url: '' })
    targets.push({ url: 'nats://127.0.0.1:1' })
    link.retry()
    await reaches(link, 'waiting')
    await link.close()
    expect(link.state.state).toBe('closed')
  })

  test('knows a server that is no NATS server', async () => {
    const url = await tcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    expect(await failure({ url })).toBe(`${url} answers, but not as a NATS server: check the port`)
  })

  test('gives up on one that accepts and stays silent, and leaves no socket behind', async () => {
    const sockets = new Set<Socket>()
    const url = await tcpServer((socket) => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    expect(await failure({ url })).toBe(`${url} does not answer within 2 s`)
    await expect.poll(() => sockets.size).toBe(0)
  })

  test('closes at once although an attempt is under way', async () => {
    const url = await tcpServer(() => undefined)
    const link = linkTo({ url })
    await reaches(link, 'connecting')
    const before = performance.now()
    await link.close()
    expect(performance.now() - before).toBeLessThan(1000)
  })

  test('names a host that nobody knows', async () => {
    expect(await failure({ url: 'nats://no.such.host.invalid' })).toMatch(
      /host name of nats:\/\/no\.such\.host\.invalid:4222/,
    )
  })

  test.each<[NatsTarget, RegExp]>([
    [{ url: `nats://${secret}:${secret}@:1` }, /not of the form nats:\/\/host:port/],
    [{ url: `nats://u:${secret}%@127.0.0.1:1` }, /a % must be written %25/],
    [{ url: 'nats://127.0.0.1:1', seed: secret }, /nkey seed is not valid/],
    [
      { url: 'nats://127.0.0.1:1', credsFile: '/nowhere' },
      /credentials file \/nowhere cannot be read: there is no such file/,
    ],
    [{ url: 'nats://127.0.0.1:1', tls: { caFile: '/nowhere' } }, /authority \(CA\) file \/nowhere/],
  ])('tells a setting that cannot be right %#', async (target, words) => {
    const given = async (): Promise<unknown> => {
      const parsed = parseTarget(target)
      return connectionOptions(parsed, parsed.addresses[0]!, false)
    }
    await expect(given()).rejects.toThrow(words)
    await expect(given()).rejects.not.toThrow(new RegExp(secret))
  })

  test('a credentials file is told from any other file', async () => {
    const path = join(await ownFolder(), 'user.creds')
    await writeFile(path, 'hello')
    const parsed = parseTarget({ url: 'nats://h', credsFile: path })
    await expect(connectionOptions(parsed, parsed.addresses[0]!, false)).rejects.toThrow(
      /is not a NATS credentials file/,
    )
  })

  test('waits longer each time, up to a limit', () => {
    const backoff = { firstMs: 100, maxMs: 5000 }
    expect([1, 2, 3, 7, 1000].map((attempt) => backoffMs(backoff, attempt))).toEqual([
      100, 200, 400, 5000, 5000,
    ])
  })
})

async function tcpServer(onConnection: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterwards(() => server.close())
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** An authority, a server certificate for 127.0.0.1 and a client certificate. */
async function makeCertificates(): Promise<{ path(name: string): string }> {
  const folder = await ownFolder()
  const path = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): void =>
    void execFileSync(requireTool('openssl'), args, { cwd: folder, stdio: 'ignore' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=lab', '-days', '2')
  await writeFile(path('server.ext'), 'subjectAltName=IP:127.0.0.1')
  await writeFile(path('client.ext'), 'extendedKeyUsage=clientAuth')
  for (const name of ['server', 'client']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const signed = [
      '-CA',
      'ca.crt',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      `${name}.ext`,
      '-days',
      '2',
    ]
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...signed)
  }
  return { path }
}
