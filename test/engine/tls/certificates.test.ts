import { X509Certificate } from 'node:crypto'
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeAuthority, issueLeaf, openAuthority } from '../../../electron/engine/tls/authority.ts'
import { certificateFacts } from '../../../electron/engine/tls/certificate-facts.ts'
import {
  certificateFaults,
  faultyServerCertificate,
  openServerCertificate,
  serverNames,
  type CertificateFault,
} from '../../../electron/engine/tls/server-certificate.ts'
import { addressBytes } from '../../../electron/engine/tls/ip-address.ts'
import { alternativeNames } from '../../../electron/engine/tls/x509.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { openLab, run, type Lab } from './bench.ts'

let lab: Lab
beforeEach(async () => {
  lab = await openLab()
})
afterEach(() => lab.close())

const openssl = (...args: string[]) => run(requireTool('openssl'), args)
const mode = async (name: string): Promise<number> => (await stat(lab.path(name))).mode & 0o777
const days = (count: number): Date => new Date(Date.now() + count * 86_400_000)
const options = () => ({
  folder: lab.folder,
  authority: lab.authority,
  now: () => lab.time,
  onProblem: (text: string) => void lab.problems.push(text),
})

describe('the authority', () => {
  test('is made once and read again', async () => {
    const again = await openLab('rsa', lab.folder)
    expect(again.authority.pem).toBe(lab.authority.pem)
    expect(again.server.certificate.serialNumber).toBe(lab.server.certificate.serialNumber)
    expect([...lab.problems, ...again.problems]).toEqual([])
  })

  test('keeps every key to its owner, also one that a checkout made readable', async () => {
    const { file } = await lab.devices.issue({ endpointId: 'os::00256D-1' })
    expect(await Promise.all(['lab-ca.key', 'server.key', file].map(mode))).toEqual([0o600, 0o600, 0o600])
    await chmod(lab.path('lab-ca.key'), 0o644)
    const again = await openLab('ec', lab.folder)
    expect(await mode('lab-ca.key')).toBe(0o600)
    expect(again.problems[0]).toContain('could be read by other users')
  })

  test.each([
    ['lab-ca.pem', 'no certificate', 'not a certificate in PEM'],
    ['lab-ca.key', 'no key', 'not a private key in PEM'],
  ])('a broken %s is set aside with its twin, and told', async (name, content, text) => {
    await writeFile(lab.path(name), content)
    const again = await openLab('ec', lab.folder)
    expect(again.authority.pem).not.toBe(lab.authority.pem)
    expect(again.problems).toHaveLength(1)
    expect(again.problems[0]).toContain(text)
    const kept = (await readdir(lab.folder)).filter((file) => file.includes('.broken-'))
    expect(kept.map((file) => file.slice(0, 10)).sort()).toEqual(['lab-ca.key', 'lab-ca.pem'])
    expect(again.server.certificate.verify(again.authority.certificate.publicKey)).toBe(true)
  })

  test('a key of another authority, a leaf in its place, and one that expired are not used', async () => {
    const other = await makeAuthority('Other', 'ec', new Date())
    const leaf = await issueLeaf(
      other,
      { profile: 'server', subject: { organization: 'x' }, names: [] },
      new Date(),
    )
    const open = () => openAuthority({ ...options(), keyKind: 'ec' })
    await writeFile(lab.path('lab-ca.pem'), other.pem)
    await open()
    await writeFile(lab.path('lab-ca.pem'), leaf.pem)
    await writeFile(lab.path('lab-ca.key'), leaf.keyPem)
    await open()
    lab.time = days(4000)
    await open()
    expect(lab.problems).toHaveLength(3)
    expect(lab.problems[0]).toContain('lab-ca.key is not the key of lab-ca.pem')
    expect(lab.problems[1]).toContain('is not the certificate of an authority')
    expect(lab.problems[2]).toContain('it expired on')
    expect(lab.problems.join()).not.toContain('PRIVATE')
  })
})

test('another authority takes the place of the old one, whose files are kept', async () => {
  const before = { authority: lab.authority.pem, server: lab.server.chain }
  const { serial } = await lab.devices.issue({ endpointId: 'os::1' })
  const former = await lab.replaceAuthority()
  expect(lab.authority.pem).not.toBe(before.authority)
  expect(lab.server.certificate.verify(lab.authority.certificate.publicKey)).toBe(true)
  expect(lab.devices.list()).toEqual([])
  await expect(lab.devices.bundle(serial)).rejects.toThrow('no certificate')
  expect(await readFile(join(former, 'lab-ca.pem'), 'utf8')).toBe(before.authority)
  expect((await readdir(former)).sort()).toEqual([
    '.gitignore',
    'devices',
    'devices.json',
    'lab-ca.crl',
    'lab-ca.key',
    'lab-ca.pem',
    'server.key',
    'server.pem',
  ])
  expect((await stat(former)).mode & 0o077).toBe(0)
  const again = await openLab('ec', lab.folder)
  expect(again.authority.pem).toBe(lab.authority.pem)
  expect(again.problems).toEqual([])
})

describe('the server certificate', () => {
  const open = (addresses: string[]) =>
    openServerCertificate({ ...options(), names: serverNames(addresses, ['bench.lab']) })

  test('names each address as IP and DNS, the best one as CN', () => {
    const { commonName, names, leftOut } = serverNames(
      ['192.168.1.20', 'fd00::1', '127.0.0.1', 'fe80::1%eth0'],
      ['bench', 'a b'],
    )
    expect(commonName).toBe('192.168.1.20')
    expect(names.map(({ kind, value }) => `${kind}:${value}`)).toEqual([
      'ip:192.168.1.20',
      'ip:fd00::1',
      'ip:127.0.0.1',
      'dns:192.168.1.20',
      'dns:fd00::1',
      'dns:127.0.0.1',
      'dns:bench',
      'dns:localhost',
    ])
    expect(leftOut).toEqual(['fe80::1%eth0', 'a b'])
  })

  test('what does not fit is named', () => {
    const many = Array.from({ length: 70 }, (_, i) => `10.0.0.${i}`)
    const { names, leftOut } = serverNames(many, [])
    expect(names).toHaveLength(63 + 64)
    expect(leftOut).toEqual(many.slice(62))
  })

  test('is renewed for a new address, not for one that went, and before its end', async () => {
    expect((await open(['127.0.0.1', '::1'])).renewed).toBeUndefined()
    const more = await open(['10.1.2.3', '127.0.0.1', '::1'])
    expect(more.renewed).toBe('it lacked 10.1.2.3')
    expect(certificateFacts(more.server.certificate).hosts).toContain('10.1.2.3')
    expect((await open(['127.0.0.1'])).renewed).toBeUndefined()
    lab.time = days(800)
    expect((await open(['127.0.0.1'])).renewed).toBe('it nears its end')
    expect((await open(['127.0.0.1'])).renewed).toBeUndefined()
  })

  test('is renewed under another authority and for another kind of key; a broken one is set aside', async () => {
    const names = serverNames([], [])
    const authority = await makeAuthority('Other', 'ec', new Date())
    const other = await openServerCertificate({ ...options(), authority, names })
    expect(other.renewed).toBe('the lab authority is another one')
    const rsa = await openServerCertificate({ ...options(), names, authority, keyKind: 'rsa' })
    expect(rsa.server.certificate.publicKey.asymmetricKeyType).toBe('rsa')
    await writeFile(lab.path('server.key'), 'x')
    await openServerCertificate({ ...options(), names })
    expect(lab.problems[0]).toContain('set aside')
  })
})

test('addresses are encoded as the system encodes them', () => {
  const known = (hex: string, address: string) => expect(addressBytes(address).toString('hex')).toBe(hex)
  known('c0a80114', '192.168.1.20')
  known('00000000000000000000000000000001', '::1')
  known('00000000000000000000000000000000', '::')
  known('00000000000000000000ffff0a000001', '::ffff:10.0.0.1')
  known('fd000000000000000000000000010002', 'fd00::1:2')
  known('20010db8000000000000000000000000', '2001:db8::')
  expect(() => addressBytes('fe80::1%eth0')).toThrow(RangeError)
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const words = addressBytes(address).toString('hex').match(/..../g)?.join(':')
      expect(new URL(`http://[${words}]`).hostname).toBe(new URL(`http://[${address}]`).hostname)
    }),
    { numRuns: 200 },
  )
})

describe('device certificates', () => {
  test('are listed, renewed and given out as one PEM', async () => {
    const first = await lab.devices.issue({ endpointId: 'os::00256D-1', username: 'cpe-1' })
    const second = await lab.devices.renew(first.serial)
    expect(lab.devices.list()).toEqual([first, second])
    expect(second).toMatchObject({ endpointId: 'os::00256D-1', username: 'cpe-1', file: first.file })
    const bundle = await lab.devices.bundle(second.serial)
    expect(bundle.pem.match(/-----BEGIN .*-----/g)).toEqual([
      '-----BEGIN CERTIFICATE-----',
      '-----BEGIN PRIVATE KEY-----',
    ])
    expect(bundle.path).toBe(lab.path('devices/os_00256D-1.pem'))
    await expect(lab.devices.bundle(first.serial)).rejects.toMatchObject({ code: 'not-found' })
    expect(lab.devices.standing(new X509Certificate(bundle.pem))).toMatchObject({
      state: 'listed',
      endpointId: 'os::00256D-1',
      username: 'cpe-1',
    })
  })

  test('prove an fqdn endpoint ID by a DNS name, too, and one that is too long for a CN', async () => {
    const named = async (endpointId: string) => {
      const { serial } = await lab.devices.issue({ endpointId })
      return new X509Certificate((await lab.devices.bundle(serial)).pem)
    }
    expect(alternativeNames((await named('fqdn::cpe.example.org')).raw)).toEqual([
      { kind: 'uri', value: 'urn:bbf:usp:id:fqdn::cpe.example.org' },
      { kind: 'dns', value: 'cpe.example.org' },
    ])
    const long = `os::00256D-${'9'.repeat(80)}`
    expect(lab.devices.standing(await named(long))).toMatchObject({ endpointId: long, username: undefined })
  })

  test('names that differ by case or by what a file name cannot hold get files of their own', async () => {
    const ids = ['os::A', 'os::a', 'os:_a', '../../x', '..']
    const files: string[] = []
    for (const endpointId of ids.slice(0, 3)) files.push((await lab.devices.issue({ endpointId })).file)
    expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(3)
    await expect(lab.devices.issue({ endpointId: '../../x' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    expect((await lab.devices.issue({ endpointId: '..' })).file).toBe('devices/_.pem')
  })

  test('revocation outlives a restart; expired certificates leave the list', async () => {
    const { serial } = await lab.devices.issue({ endpointId: 'a' })
    const { pem } = await lab.devices.bundle(serial)
    await lab.devices.revoke(serial)
    const again = await openLab('ec', lab.folder)
    expect(again.devices.standing(new X509Certificate(pem))).toMatchObject({ state: 'revoked' })
    again.time = days(900)
    expect(again.devices.list()).toEqual([])
    await expect(lab.devices.revoke('00')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('changes at the same time all count', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `os::${i}`)
    const made = await Promise.all(ids.map((endpointId) => lab.devices.issue({ endpointId })))
    await Promise.all(made.slice(0, 4).map(({ serial }) => lab.devices.revoke(serial)))
    const again = await openLab('ec', lab.folder)
    expect(
      again.devices.list().map(({ endpointId, revokedAt }) => [endpointId, revokedAt !== undefined]),
    ).toEqual(ids.map((id, i) => [id, i < 4]))
  })

  test.each(['{', '{"version":2}', '{"version":1,"crlNumber":1,"certificates":[{"file":"../x"}]}'])(
    'a register that reads %s is set aside, and its certificates no longer count',
    async (text) => {
      const { serial } = await lab.devices.issue({ endpointId: 'a' })
      const { pem } = await lab.devices.bundle(serial)
      await writeFile(lab.path('devices.json'), text)
      const again = await openLab('ec', lab.folder)
      expect(again.problems[0]).toContain('devices.json')
      expect(again.devices.standing(new X509Certificate(pem)).state).toBe('unlisted')
    },
  )

  test('a certificate of another authority is foreign, whatever it says', async () => {
    const foreign = await makeAuthority('Foreign', 'ec', new Date())
    const plan = {
      profile: 'device',
      subject: { organization: 'x', commonName: 'line\nbreak\u{202e}' },
      names: [{ kind: 'uri', value: 'urn:bbf:usp:id:os::1' }],
    } as const
    const { certificate } = await issueLeaf(foreign, plan, new Date())
    const { state, endpointId, facts } = lab.devices.standing(certificate)
    expect({ state, endpointId }).toEqual({ state: 'foreign', endpointId: 'os::1' })
    expect(facts.subject).not.toMatch(/[\n\u{202e}]/u)
  })
})

describeWith(['openssl'], 'OpenSSL as judge', () => {
  test.each(['ec', 'rsa'] as const)('chains of %s keys verify, for their purpose alone', async (kind) => {
    const other = kind === 'ec' ? lab : await openLab(kind)
    const { file } = await other.devices.issue({ endpointId: 'os::1' })
    const verify = (purpose: string, name: string) =>
      openssl(
        'verify',
        '-x509_strict',
        '-purpose',
        purpose,
        '-CAfile',
        other.path('lab-ca.pem'),
        other.path(name),
      )
    expect(await verify('sslserver', 'server.pem')).toMatchObject({ code: 0 })
    expect(await verify('sslclient', file)).toMatchObject({ code: 0 })
    expect((await verify('sslclient', 'server.pem')).code).not.toBe(0)
    expect((await verify('sslserver', file)).code).not.toBe(0)
    if (other !== lab) await other.close()
  })

  test('extensions are as RFC 5280 wants them', async () => {
    const text = async (name: string) =>
      (await openssl('x509', '-in', lab.path(name), '-noout', '-text')).output
    const authority = await text('lab-ca.pem')
    expect(authority).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
    expect(authority).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/)
    const server = await text('server.pem')
    expect(server).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
    expect(server).toMatch(/Key Usage: critical\s+Digital Signature\n/)
    expect(server).toMatch(/Extended Key Usage:\s+TLS Web Server Authentication\n/)
    expect(server).toContain('Subject: O = Oktobench lab, CN = 127.0.0.1')
    expect(server).toContain(
      'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:127.0.0.1, DNS:::1, DNS:bench.lab, DNS:localhost',
    )
    const identifier = /Subject Key Identifier:\s+([\dA-F:]+)/.exec(authority)?.[1]
    expect(/Authority Key Identifier:\s+(?:keyid:)?([\dA-F:]+)/.exec(server)?.[1]).toBe(identifier)
    const { file } = await lab.devices.issue({ endpointId: 'os::00256D-1' })
    const device = await text(file)
    expect(device).toMatch(/Extended Key Usage:\s+TLS Web Client Authentication\n/)
    expect(device).toContain('URI:urn:bbf:usp:id:os::00256D-1')
  })

  test('the revocation list is signed, numbered and believed', async () => {
    const [one, two] = [
      await lab.devices.issue({ endpointId: 'a' }),
      await lab.devices.issue({ endpointId: 'b' }),
    ]
    const check = (file: string) => {
      const files = ['-CAfile', lab.path('lab-ca.pem'), '-CRLfile', lab.path('lab-ca.crl')]
      return openssl('verify', '-crl_check', ...files, lab.path(file))
    }
    expect((await check(one.file)).code).toBe(0)
    await lab.devices.revoke(one.serial)
    expect((await check(one.file)).output).toContain('certificate revoked')
    expect((await check(two.file)).code).toBe(0)
    const { output } = await openssl('crl', '-in', lab.path('lab-ca.crl'), '-noout', '-text')
    expect(output).toContain(one.serial)
    expect(output).toMatch(/CRL Number:\s+1\n/)
  })

  const verdicts: Record<CertificateFault, string> = {
    expired: 'certificate has expired',
    'wrong-name': 'IP address mismatch',
    'foreign-authority': 'self-signed certificate in certificate chain',
    'self-signed': 'self-signed certificate',
  }
  test.each(Object.keys(certificateFaults) as CertificateFault[])('%s is the one fault', async (fault) => {
    const names = serverNames(['127.0.0.1'], [])
    const wrong = await faultyServerCertificate(fault, { ...options(), names })
    await writeFile(lab.path('wrong.pem'), wrong.chain)
    const args = ['-untrusted', lab.path('wrong.pem'), '-verify_ip', '127.0.0.1', lab.path('wrong.pem')]
    const { output } = await openssl('verify', '-CAfile', lab.path('lab-ca.pem'), ...args)
    expect(output.match(/error \d+ at/g)).toHaveLength(1)
    expect(output).toContain(verdicts[fault])
    expect(await readFile(lab.path('server.pem'), 'utf8')).not.toContain(wrong.chain)
  })
})
