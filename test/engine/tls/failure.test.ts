import { describe, expect, test } from 'vitest'
import type { CertificateFacts } from '../../../electron/engine/tls/certificate-facts.ts'
import { BENCH_CODES, describeTlsFailure, type SocketFacts } from '../../../electron/engine/tls/failure.ts'

const certificate: CertificateFacts = {
  subject: 'O=Maker, CN=cpe-1',
  issuer: 'CN=Maker authority',
  commonName: 'cpe-1',
  serial: '01',
  fingerprint: 'AA',
  notBefore: '2026-01-01T00:00:00.000Z',
  notAfter: '2026-06-01T00:00:00.000Z',
  endpointIds: [],
  hosts: ['192.168.1.20', '192.168.1.20'],
}
const facts: SocketFacts = {
  first: {
    kind: 'hello',
    hello: { versions: ['TLS 1.3'], alpn: [], cipherSuites: [0x1301, 0x00ff] },
  },
  received: 300,
  answered: true,
  served: certificate,
}
const describeCode = (code: string, message = code, more: Partial<SocketFacts> = {}) =>
  describeTlsFailure({ code, message }, { ...facts, ...more })

describe('the alert of a device', () => {
  // The desktop shell runs on BoringSSL, which names alerts as OpenSSL does, and newer OpenSSL names them anew.
  test.each(['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'ERR_SSL_SSL/TLS_ALERT_UNKNOWN_CA'])('%s', (code) => {
    expect(describeCode(code)).toMatchObject({
      kind: 'authority-unknown',
      remedy: expect.stringContaining('-t'),
    })
  })

  test('is known by its number', () => {
    const message = 'error:0A000412:SSL routines:ssl3_read_bytes:x:y.c:1:SSL alert number 42'
    expect(describeCode('ERR_SSL_ANYTHING', message)).toMatchObject({
      kind: 'server-certificate-refused',
      remedy: 'Its BrokerAddress must be one of: 192.168.1.20',
    })
  })

  test('that no table has is told by its number', () => {
    expect(describeCode('ERR_SSL_X', 'SSL alert number 109')?.text).toContain('TLS alert 109')
  })

  test('about the date blames the clock of the device, unless the bench meant it', () => {
    const message = 'SSL alert number 45'
    expect(describeCode('X', message)?.remedy).toContain('from 2026-01-01 to 2026-06-01')
    expect(describeCode('X', message, { fault: 'expired' })?.remedy).toContain('on purpose (expired)')
  })
})

describe('other failures', () => {
  test('a certificate of another authority is mended with one of this lab, since no other can be added', () => {
    const foreign = describeCode('UNABLE_TO_GET_ISSUER_CERT_LOCALLY', '', { certificate })
    expect(foreign).toMatchObject({
      kind: 'client-certificate-foreign',
      text: expect.stringContaining('issued by “CN=Maker authority”'),
      remedy: 'Make a certificate for it and give it the file (OBUSPA: -a file.pem)',
    })
  })

  test('nothing came: no failure', () => {
    const none = { first: { kind: 'partial' }, received: 0, answered: false } as const
    expect(describeCode(BENCH_CODES.closed, '', none)).toBeUndefined()
    expect(describeCode('ECONNRESET', '', none)).toBeUndefined()
    expect(describeCode(BENCH_CODES.timeout, '', none)?.text).toContain('sent nothing')
  })

  test('a check of the client certificate without a row of its own keeps its code', () => {
    const failure = describeCode('CERT_SIGNATURE_FAILURE', '', { certificate })
    expect(failure).toMatchObject({ kind: 'client-certificate-wrong' })
    expect(failure?.text).toContain('CN=cpe-1')
    expect(failure?.text).toContain('CERT_SIGNATURE_FAILURE')
  })

  test('an unknown error of the TLS library is told with its reason alone', () => {
    const message = '802C:error:0A0000F4:SSL routines:function:unexpected message:file.c:312:'
    expect(describeCode('ERR_SSL_UNEXPECTED_MESSAGE', message)).toEqual({
      kind: 'other',
      text: 'the handshake failed: unexpected message',
    })
  })

  test('signalling values are no cipher suites; long lists say how much more there is', () => {
    const cipherSuites = [0x00ff, ...Array.from({ length: 15 }, () => 0x1301)]
    const first = { kind: 'hello', hello: { versions: [], alpn: [], cipherSuites } } as const
    const text = describeCode('ERR_SSL_NO_SHARED_CIPHER', '', { first })?.text
    expect(text).toMatch(/TLS_AES_128_GCM_SHA256 and 3 more$/)
    expect(text).not.toContain('0x00ff')
  })
})
