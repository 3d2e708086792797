import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectTcp } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { issueLeaf, makeAuthority } from '../../../electron/engine/tls/authority.ts'
import { openKeyLog } from '../../../electron/engine/tls/key-log.ts'
import type { TlsLimits, TlsSettings } from '../../../electron/engine/tls/listener-tls.ts'
import {
  faultyServerCertificate,
  serverNames,
  type CertificateFault,
  type ServerCertificate,
} from '../../../electron/engine/tls/server-certificate.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { connectPacket } from '../../support/wire.ts'
import { openGate, openLab, run, tlsClient, type Gate, type Lab } from './bench.ts'

let lab: Lab
const gates: Gate[] = []
const sockets: TLSSocket[] = []

beforeAll(async () => {
  lab = await openLab()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(gates.splice(0).map((gate) => gate.close()))
})
afterAll(() => lab.close())

async function gateFor(settings: Partial<TlsSettings> = {}, limits: Partial<TlsLimits> = {}): Promise<Gate> {
  const gate = await openGate(lab, settings, limits)
  gates.push(gate)
  return gate
}
async function client(gate: Gate, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = await tlsClient(gate.port, { ca: lab.authority.pem, ...options })
  sockets.push(socket)
  return socket
}
/** Sends CONNECT and answers the first byte that comes back, or undefined when the connection ends. */
async function hello(socket: TLSSocket): Promise<number | undefined> {
  const answer = once(socket, 'data').then(([bytes]) => (bytes as Buffer)[0])
  const end = once(socket, 'close').then(() => undefined)
  socket.write(encodePacket(connectPacket({ clientId: 'tls' }), 5))
  return Promise.race([answer, end])
}
/** As `hello`, over a new connection; undefined also when there is no handshake. */
const admitted = (gate: Gate, options: ConnectionOptions = {}): Promise<number | undefined> =>
  client(gate, options)
    .then(hello)
    .catch(() => undefined)
const kinds = (gate: Gate): string[] => gate.failures.map(({ kind }) => kind)
/** Cert and key for a Node client. */
async function deviceOptions(endpointId: string): Promise<ConnectionOptions & { serial: string }> {
  const { serial } = await lab.devices.issue({ endpointId })
  const { pem } = await lab.devices.bundle(serial)
  return { cert: pem, key: pem, serial }
}
const faulty = (fault: CertificateFault) =>
  faultyServerCertificate(fault, {
    authority: lab.authority,
    names: serverNames(['127.0.0.1'], []),
    now: () => new Date(),
  })
const CONNACK = 0x20

describe('a handshake', () => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)('of %s carries MQTT and is told', async (version) => {
    const gate = await gateFor()
    const socket = await client(gate, {
      maxVersion: version,
      ALPNProtocols: ['mqtt'],
      servername: 'bench.lab',
    })
    expect(await hello(socket)).toBe(CONNACK)
    expect(gate.secured).toMatchObject([
      { version, alpn: 'mqtt', hello: { serverName: 'bench.lab', alpn: ['mqtt'] } },
    ])
    expect(gate.failures).toEqual([])
    expect(gate.gate.handshakes).toBe(0)
  })

  test('needs no ALPN; a name that is not mqtt is refused', async () => {
    const gate = await gateFor()
    expect(await hello(await client(gate))).toBe(CONNACK)
    await expect(client(gate, { ALPNProtocols: ['h2'] })).rejects.toThrow(/alert number 120/)
    await expect
      .poll(() => gate.failures)
      .toMatchObject([{ kind: 'protocol-name', text: expect.stringContaining('h2') }])
  })

  test('that comes byte by byte succeeds', async () => {
    const gate = await gateFor()
    const raw = connectTcp(gate.port, '127.0.0.1')
    await once(raw, 'connect')
    raw.setNoDelay(true)
    const write = raw.write.bind(raw)
    let first = true
    raw.write = ((bytes: Uint8Array, ...rest: never[]) => {
      if (!first || !(bytes instanceof Uint8Array)) return write(bytes, ...rest)
      first = false
      for (const byte of bytes.subarray(0, -1)) write(Buffer.of(byte))
      return write(bytes.subarray(-1), ...rest)
    }) as typeof raw.write
    expect(await hello(await client(gate, { socket: raw }))).toBe(CONNACK)
  })

  test('without a byte is a probe, not a failure', async () => {
    const gate = await gateFor()
    const raw = connectTcp(gate.port, '127.0.0.1', () => raw.end())
    await once(raw, 'close')
    await expect.poll(() => gate.probes).toBe(1)
    expect(gate.failures).toEqual([])
  })

  test('never resumes a session, so that each one is judged', async () => {
    const gate = await gateFor()
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await client(gate, { maxVersion })
      await hello(first)
      const session = first.getSession()
      const second = await client(gate, { maxVersion, ...(session && { session }) })
      await hello(second)
      expect(second.isSessionReused()).toBe(false)
    }
  })
})

describe('a failed handshake is told in words', () => {
  const raw = async (gate: Gate, bytes: string | Buffer): Promise<void> => {
    const socket = connectTcp(gate.port, '127.0.0.1', () => socket.write(bytes))
    socket.on('error', () => undefined).resume()
    await once(socket, 'close')
  }
  test.each([
    [
      'plain MQTT',
      Buffer.from(encodePacket(connectPacket({ clientId: 'x' }), 5)),
      'not-tls',
      'an MQTT CONNECT without TLS',
    ],
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', 'not-tls', 'an HTTP request'],
    ['a broken ClientHello', Buffer.from('16030100050100000100', 'hex'), 'malformed', 'broken ClientHello'],
  ])('%s', async (_, bytes, kind, text) => {
    const gate = await gateFor()
    await raw(gate, bytes)
    await expect.poll(() => gate.failures).toMatchObject([{ kind, text: expect.stringContaining(text) }])
  })

  test('closed in the middle of the ClientHello, or never finished', async () => {
    const gate = await gateFor({}, { handshakeMs: 100 })
    const socket = connectTcp(gate.port, '127.0.0.1', () => socket.end(Buffer.from('16030102000100', 'hex')))
    await once(socket, 'close')
    await expect.poll(() => kinds(gate)).toEqual(['closed'])
    await raw(gate, Buffer.from('160301', 'hex'))
    await expect.poll(() => kinds(gate)).toEqual(['closed', 'timeout'])
    expect(gate.failures[0]?.text).toContain('in the middle of its ClientHello')
    expect(gate.failures[1]?.text).toContain('3 bytes came')
    expect(gate.gate.handshakes).toBe(0)
  })

  test('the time limit ends with the handshake', async () => {
    const gate = await gateFor({}, { handshakeMs: 150 })
    const socket = await client(gate)
    expect(await hello(socket)).toBe(CONNACK)
    // Its own time is over before that of one which came later.
    await raw(gate, '')
    await expect.poll(() => kinds(gate)).toEqual(['timeout'])
    socket.write(Buffer.of(0xc0, 0))
    const [pong] = (await once(socket, 'data')) as [Buffer]
    expect(pong[0]).toBe(0xd0)
  })

  test('too many at the same time', async () => {
    const gate = await gateFor({}, { maxHandshakes: 1 })
    const waiting = connectTcp(gate.port, '127.0.0.1')
    await expect.poll(() => gate.gate.handshakes).toBe(1)
    await raw(gate, '')
    await expect.poll(() => kinds(gate)).toEqual(['busy'])
    waiting.destroy()
  })

  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
  test.each([
    ['TLS 1.1', old, 'version', 'it offers TLS 1.1'],
    [
      'no suite in common',
      { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
      'cipher',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    ],
    [
      'no signature in common',
      { minVersion: 'TLSv1.3', sigalgs: 'rsa_pss_rsae_sha256' },
      'cipher',
      'TLS_AES_',
    ],
  ] as const)('%s', async (_, options, kind, text) => {
    const gate = await gateFor()
    await expect(client(gate, options)).rejects.toThrow()
    await expect.poll(() => gate.failures).toMatchObject([{ kind, text: expect.stringContaining(text) }])
  })

  test('a client of Node.js leaves without a word', async () => {
    const gate = await gateFor()
    await expect(client(gate, { ca: [] })).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' })
    await expect.poll(() => kinds(gate)).toHaveLength(1)
    expect(['closed', 'silent']).toContain(kinds(gate)[0])
    expect(gate.failures[0]?.remedy).toContain('127.0.0.1')
  })

  test('the bench hanging up first is no failure of the device', async () => {
    const gate = await gateFor()
    const socket = await client(gate)
    await expect.poll(() => gate.bench.broker.sessions.size).toBe(1)
    for (const session of gate.bench.broker.sessions) session.finish(0x98, 'enough')
    await once(socket.resume(), 'close')
    expect(gate.failures).toEqual([])
  })
})

describe('client certificates', () => {
  test('a good one names the device', async () => {
    const gate = await gateFor({ clientCertificates: 'required' })
    expect(await hello(await client(gate, await deviceOptions('os::1')))).toBe(CONNACK)
    expect(gate.secured[0]?.client).toMatchObject({ state: 'listed', endpointId: 'os::1', username: 'os::1' })
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'none is enough where they are optional (%s)',
    async (maxVersion) => {
      const gate = await gateFor({ clientCertificates: 'optional' })
      expect(await hello(await client(gate, { maxVersion }))).toBe(CONNACK)
      gate.gate.change({ clientCertificates: 'required' })
      expect(await admitted(gate, { maxVersion })).toBeUndefined()
      await expect.poll(() => kinds(gate)).toEqual(['client-certificate-missing'])
      gate.gate.change({ clientCertificates: 'off' })
      expect(await hello(await client(gate, { maxVersion, ...(await deviceOptions('a')) }))).toBe(CONNACK)
      expect(gate.secured.at(-1)?.client).toBeUndefined()
    },
  )

  test('each kind of bad one has its sentence, with what was presented', async () => {
    const gate = await gateFor({ clientCertificates: 'optional' })
    const now = new Date()
    const yesterday = new Date(now.getTime() - 86_400_000)
    const plan = {
      profile: 'device',
      subject: { organization: 'Maker', commonName: 'cpe' },
      names: [],
    } as const
    const foreign = await makeAuthority('Maker authority', 'ec', now)
    const revoked = await deviceOptions('os::revoked')
    await lab.devices.revoke(revoked.serial)
    const cases = {
      'client-certificate-expired': await issueLeaf(lab.authority, { ...plan, notAfter: yesterday }, now),
      'client-certificate-foreign': await issueLeaf(foreign, plan, now),
      'client-certificate-unlisted': await issueLeaf(lab.authority, plan, now),
      'client-certificate-wrong': await issueLeaf(lab.authority, { ...plan, profile: 'server' }, now),
    }
    for (const { pem, keyPem } of Object.values(cases)) {
      expect(await admitted(gate, { cert: pem, key: keyPem })).toBeUndefined()
    }
    expect(await admitted(gate, revoked)).toBeUndefined()
    await expect.poll(() => kinds(gate)).toEqual([...Object.keys(cases), 'client-certificate-revoked'])
    for (const { text } of gate.failures.slice(0, 4)) expect(text).toContain('O=Maker, CN=cpe')
    expect(gate.failures[1]?.text).toContain('Maker authority')
    expect(gate.secured).toEqual([])
    gate.gate.change({ authorities: [lab.authority.pem, foreign.pem] })
    const { pem, keyPem } = cases['client-certificate-foreign']
    expect(await hello(await client(gate, { cert: pem, key: keyPem }))).toBe(CONNACK)
    expect(gate.secured[0]?.client).toMatchObject({ state: 'foreign', username: 'cpe' })
  })

  test('one is revoked while the gate is open', async () => {
    const gate = await gateFor({ clientCertificates: 'required' })
    const options = await deviceOptions('os::live')
    expect(await hello(await client(gate, options))).toBe(CONNACK)
    await lab.devices.revoke(options.serial)
    expect(await admitted(gate, options)).toBeUndefined()
    await expect.poll(() => kinds(gate)).toEqual(['client-certificate-revoked'])
  })

  test('the authority is replaced while the gate is open', async () => {
    const gate = await gateFor({ clientCertificates: 'required' })
    const options = await deviceOptions('os::former')
    expect(await hello(await client(gate, options))).toBe(CONNACK)
    await lab.replaceAuthority()
    gate.gate.change(lab.settings())
    expect(await admitted(gate, options)).toBeUndefined()
    await expect.poll(() => kinds(gate)).toEqual(['client-certificate-foreign'])
    expect(await hello(await client(gate, await deviceOptions('os::former')))).toBe(CONNACK)
  })
})

test('failures at the same time each have the right peer', async () => {
  const gate = await gateFor()
  const ports: Record<string, number[]> = { version: [], 'protocol-name': [] }
  const attempt = async (kind: string, options: ConnectionOptions): Promise<void> => {
    const raw = connectTcp(gate.port, '127.0.0.1')
    await once(raw, 'connect')
    ports[kind]?.push(raw.localPort ?? 0)
    await client(gate, { socket: raw, ...options }).then(hello, () => undefined)
  }
  const cases: [string, ConnectionOptions][] = [
    ['good', {}],
    ['version', { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }],
    ['protocol-name', { ALPNProtocols: ['h2'] }],
  ]
  await Promise.all(Array.from({ length: 30 }, (_, i) => attempt(...(cases[i % 3] as (typeof cases)[0]))))
  await expect.poll(() => gate.failures).toHaveLength(20)
  for (const kind of ['version', 'protocol-name']) {
    const told = gate.failures.filter((failure) => failure.kind === kind).map(({ port }) => port)
    expect(told.sort()).toEqual(ports[kind]?.sort())
  }
  expect(gate.secured).toHaveLength(10)
})

describe('live changes', () => {
  test('the lab shows a wrong certificate and the right one again; a new address is in both', async () => {
    const own = await openLab()
    expect(await readFile(own.path('.gitignore'), 'utf8')).toContain('*.key')
    await own.show('wrong-name')
    expect(own.server.fault).toBe('wrong-name')
    const gate = await gateFor(own.settings())
    await expect(client(gate, { ca: own.authority.pem })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    const hosts = { addresses: ['10.9.8.7', 'fe80::1%eth0'], hostNames: [] }
    expect(await own.refresh(hosts)).toBe('it lacked 10.9.8.7')
    expect(own.server.fault).toBe('wrong-name')
    await own.show(undefined)
    gate.gate.change(own.settings())
    const socket = await client(gate, { ca: own.authority.pem })
    expect(socket.getPeerCertificate().subjectaltname).toContain('10.9.8.7')
    expect(await own.refresh(hosts)).toBeUndefined()
    expect(own.problems).toHaveLength(1)
    expect(own.problems[0]).toContain('fe80::1%eth0')
    await own.close()
  })

  test('a new server certificate serves the next connection, and the old one lives on', async () => {
    const gate = await gateFor()
    const before = await client(gate)
    expect(await hello(before)).toBe(CONNACK)
    const other = await faulty('self-signed')
    gate.gate.change({ server: other })
    const after = await client(gate, { ca: other.chain })
    expect(after.getPeerCertificate().fingerprint256).toBe(other.certificate.fingerprint256)
    before.write(Buffer.of(0xc0, 0))
    const [pong] = (await once(before, 'data')) as [Buffer]
    expect(pong[0]).toBe(0xd0)
  })

  test('a key that does not fit is refused without a word of it, and the old pair stays', async () => {
    const gate = await gateFor()
    const { pem } = await lab.devices.bundle((await lab.devices.issue({ endpointId: 'k' })).serial)
    const wrong: ServerCertificate = { ...lab.server, keyPem: pem.slice(pem.indexOf('-----BEGIN PRIVATE')) }
    let error: unknown
    try {
      gate.gate.change({ server: wrong })
    } catch (thrown) {
      error = thrown
    }
    expect(error).toMatchObject({ code: 'invalid-request' })
    expect(() => gate.gate.change({ server: { ...lab.server, keyPem: 'MIIsecret' } })).toThrow(
      /make new ones/,
    )
    const secrets = wrong.keyPem.split('\n').slice(1, 3)
    for (const secret of [...secrets, 'MIIsecret'])
      expect(JSON.stringify([error, String(error)])).not.toContain(secret)
    expect(await hello(await client(gate))).toBe(CONNACK)
  })

  test('the key log has what Wireshark needs, is bounded, and only its owner reads it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oktobench-keylog-'))
    const path = join(folder, 'tls.keys')
    const problems: string[] = []
    const keyLog = await openKeyLog(path, (text) => problems.push(text), 2000)
    const gate = await gateFor({ keyLog })
    const lines: string[] = []
    for (let i = 0; i < 3; i++) {
      const socket = await client(gate)
      socket.on('keylog', (line: Buffer) => lines.push(line.toString()))
      await hello(socket)
    }
    gate.gate.change({ keyLog: undefined })
    await hello(await client(gate))
    await keyLog.close()
    const text = await readFile(path, 'utf8')
    expect(text).toMatch(/^(SERVER|CLIENT)_(HANDSHAKE_)?TRAFFIC_SECRET(_0)? [\da-f]{64} [\da-f]{64,96}\n/m)
    expect(text.length).toBeLessThanOrEqual(2000)
    expect(text.endsWith('\n')).toBe(true)
    expect(text.trimEnd().split('\n').length + keyLog.lost).toBe(15)
    expect(problems).toHaveLength(1)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await rm(folder, { recursive: true })
  })
})

const faults: Record<CertificateFault, readonly [kind: string, openssl: string]> = {
  expired: ['server-certificate-expired', 'certificate has expired'],
  'wrong-name': ['server-certificate-refused', 'IP address mismatch'],
  'foreign-authority': ['authority-unknown', 'self-signed certificate in certificate chain'],
  'self-signed': ['authority-unknown', 'self-signed certificate'],
}
describeWith(['openssl'], 'OpenSSL as client', () => {
  test.each(Object.entries(faults))(
    'a certificate that is %s on purpose is refused and told',
    async (fault, [kind, text]) => {
      const gate = await gateFor({ server: await faulty(fault as CertificateFault) })
      const target = ['-connect', `127.0.0.1:${gate.port}`, '-CAfile', lab.path('lab-ca.pem')]
      const verify = ['-verify_return_error', '-verify_ip', '127.0.0.1']
      const { output } = await run(requireTool('openssl'), ['s_client', ...target, ...verify])
      expect(output).toContain(text)
      await expect.poll(() => gate.failures).toMatchObject([{ kind, remedy: expect.stringContaining(fault) }])
    },
  )
})

describeWith(['mosquitto-clients'], 'libmosquitto as client', () => {
  const publish = (gate: Gate, ...more: string[]) =>
    run(requireTool('mosquitto_pub'), [
      '-h',
      '127.0.0.1',
      '-p',
      String(gate.port),
      '-t',
      't',
      '-m',
      'x',
      '-q',
      '1',
      ...more,
    ])
  const trusted = () => ['--cafile', lab.path('lab-ca.pem')]

  test.each(['tlsv1.2', 'tlsv1.3'])('publishes over %s', async (version) => {
    const gate = await gateFor()
    expect(await publish(gate, ...trusted(), '--tls-version', version)).toMatchObject({ code: 0 })
    expect(gate.secured).toHaveLength(1)
  })

  test('publishes with the bundle of its device', async () => {
    const gate = await gateFor({ clientCertificates: 'required' })
    const { serial } = await lab.devices.issue({ endpointId: 'os::mosquitto' })
    const { path } = await lab.devices.bundle(serial)
    expect(await publish(gate, ...trusted(), '--cert', path, '--key', path)).toMatchObject({ code: 0 })
    expect((await publish(gate, ...trusted())).code).not.toBe(0)
    await lab.devices.revoke(serial)
    expect((await publish(gate, ...trusted(), '--cert', path, '--key', path)).code).not.toBe(0)
    await expect.poll(() => kinds(gate)).toEqual(['client-certificate-missing', 'client-certificate-revoked'])
  })

  test('without the authority, and without TLS', async () => {
    const gate = await gateFor()
    const other = await makeAuthority('Other', 'ec', new Date())
    await writeFile(lab.path('other.pem'), other.pem)
    expect((await publish(gate, '--cafile', lab.path('other.pem'))).code).not.toBe(0)
    await expect
      .poll(() => gate.failures[0])
      .toMatchObject({
        kind: 'authority-unknown',
        remedy: expect.stringContaining('-t lab-ca.pem'),
      })
    expect((await publish(gate)).code).not.toBe(0)
    await expect.poll(() => gate.failures[1]).toMatchObject({ kind: 'not-tls' })
  })

  test.each(Object.entries(faults))('a certificate that is %s on purpose', async (fault, [kind]) => {
    const gate = await gateFor({ server: await faulty(fault as CertificateFault) })
    expect((await publish(gate, ...trusted())).code).not.toBe(0)
    await expect.poll(() => gate.failures).toMatchObject([{ kind, remedy: expect.stringContaining(fault) }])
  })
})
