import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { connect, type ConnectionOptions } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cipherSuiteName, readFirstBytes } from '../../../electron/engine/tls/clienthello.ts'

/** The first bytes that Node's own TLS client sends. */
async function realHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [ReturnType<typeof connect>]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  client.destroy()
  socket.destroy()
  server.close()
  return bytes
}

const helloOf = (bytes: Buffer) => {
  const first = readFirstBytes(bytes)
  if (first.kind !== 'hello') throw new Error(`it is ${first.kind}`)
  return first.hello
}

describe('a ClientHello of a real client', () => {
  test('tells versions, name, ALPN and cipher suites', async () => {
    const hello = helloOf(await realHello({ servername: 'bench.lab', ALPNProtocols: ['mqtt', 'h2'] }))
    expect(hello).toMatchObject({
      versions: ['TLS 1.3', 'TLS 1.2'],
      serverName: 'bench.lab',
      alpn: ['mqtt', 'h2'],
    })
    expect(hello.cipherSuites.map(cipherSuiteName)).toContain('TLS_AES_256_GCM_SHA384')
  })

  test('of TLS 1.1 at most, without name or ALPN', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const
    const hello = helloOf(await realHello(old))
    expect(hello).toMatchObject({ versions: ['TLS 1.1'], alpn: [] })
    expect(hello.serverName).toBeUndefined()
  })

  test('is partial until its last byte, in one record or in many', async () => {
    const bytes = await realHello({ servername: 'bench.lab' })
    const whole = readFirstBytes(bytes)
    const body = bytes.subarray(5)
    const records: Buffer[] = []
    for (let at = 0; at < body.length; at += 50) {
      const part = body.subarray(at, at + 50)
      records.push(Buffer.of(22, 3, 1, 0, part.length), part)
    }
    const split = Buffer.concat(records)
    expect(readFirstBytes(split)).toEqual(whole)
    for (const form of [bytes, split]) {
      for (let end = 0; end < form.length; end++) {
        expect(readFirstBytes(form.subarray(0, end)).kind).toBe('partial')
      }
    }
  })

  test('changed at any place never throws', async () => {
    const bytes = await realHello({ servername: 'bench.lab', ALPNProtocols: ['mqtt'] })
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }))
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const changed = Buffer.from(bytes)
        for (const [at, value] of changes) changed[at] = value
        expect(['hello', 'partial', 'malformed', 'other']).toContain(readFirstBytes(changed).kind)
      }),
      { numRuns: 500 },
    )
  })
})

test('greasing values are left out (RFC 8701)', () => {
  const versions = '002b 0005 04 0a0a 0304'
  const hex = `0303 ${'00'.repeat(32)} 00 0004 1a1a1301 0100 0009 ${versions}`.replaceAll(' ', '')
  const body = Buffer.from(hex, 'hex')
  const bytes = Buffer.concat([Buffer.of(22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length), body])
  expect(helloOf(bytes)).toEqual({ versions: ['TLS 1.3'], alpn: [], cipherSuites: [0x1301] })
})

describe('what is no ClientHello', () => {
  test.each([
    ['10 10 0004 4d515454 05 02 003c', 'an MQTT CONNECT without TLS'],
    ['10 12 0006 4d5149736470 03', 'an MQTT CONNECT without TLS'],
    ['10', 'what looks like an MQTT CONNECT without TLS'],
    [Buffer.from('GET /mqtt HTTP/1.1\r\n').toString('hex'), 'an HTTP request without TLS'],
    [Buffer.from('PROXY TCP4 1').toString('hex'), 'a PROXY protocol header'],
    ['802e01 0301', 'a ClientHello of SSL 2.0'],
    ['00010203', 'something that is not TLS (it begins with 00010203)'],
  ])('%s', (hex, what) => {
    expect(readFirstBytes(Buffer.from(hex.replaceAll(' ', ''), 'hex'))).toEqual({ kind: 'other', what })
  })

  test.each([
    '1602',
    '1603010000',
    '160301ffff01',
    '160301000502000001',
    '160301000401ffffff',
    '16030100050100000100',
  ])('%s is malformed', (hex) =>
    expect(readFirstBytes(Buffer.from(hex, 'hex'))).toEqual({ kind: 'malformed' }),
  )

  test('no bytes whatever make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const tls = Buffer.concat([Buffer.of(22, 3, 1), bytes])
        expect([readFirstBytes(Buffer.from(bytes)), readFirstBytes(tls)]).toHaveLength(2)
      }),
      { numRuns: 500 },
    )
  })
})
