import { describe, expect, test } from 'vitest'
import { SUBPROTOCOL } from '../../../shared/contract/encoding.ts'
import { loopbackAddress, ownOrigins, socketSources } from '../../../electron/serve/guard.ts'
import { makeToken, readProtocols, sameToken, tokenFault } from '../../../electron/common/token.ts'

test.each([
  ['localhost', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['127.9.9.9', '127.9.9.9'],
  ['::1', '::1'],
  ['0:0:0:0:0:0:0:1', '::1'],
  ['::ffff:127.0.0.1', undefined],
  ['127.1', undefined],
  ['0.0.0.0', undefined],
  ['::', undefined],
  ['fe80::1%lo', undefined],
  ['127.0.0.1.example.com', undefined],
])('%s is bound as %s', (host, address) => expect(loopbackAddress(host)).toBe(address))

describe('own origins', () => {
  test('are the address and localhost with the port', () => {
    const own = ownOrigins(['::1', 'localhost'], 8090, 'http')
    expect(own.origins).toEqual(['http://[::1]:8090', 'http://localhost:8090'])
    expect(own.allowsHost('[::1]:8090')).toBe(true)
    // A policy has no word for an IPv6 address; Chromium complains of each.
    expect(socketSources(own.origins)).toEqual(['ws://localhost:8090'])
    expect(own.allowsHost('127.0.0.1:8090')).toBe(false)
    expect(own.allowsHost(undefined)).toBe(false)
    expect(own.allowsOrigin('http://[::1]:8090')).toBe(true)
    expect(own.allowsOrigin(undefined)).toBe(true)
    expect(own.allowsOrigin('')).toBe(false)
  })

  test('leave out the port of the scheme, as browsers do', () => {
    expect(ownOrigins(['127.0.0.1', 'localhost'], 80, 'http').origins).toEqual([
      'http://127.0.0.1',
      'http://localhost',
    ])
    expect(ownOrigins(['Bench.lab'], 443, 'https').origins).toEqual(['https://bench.lab'])
    expect(ownOrigins(['bench.lab'], 80, 'https').origins).toEqual(['https://bench.lab:80'])
  })
})

describe('the token', () => {
  test('is compared whole', () => {
    const token = makeToken()
    expect(sameToken(token, token)).toBe(true)
    for (const wrong of [undefined, '', token.slice(1), `${token}x`, makeToken()]) {
      expect(sameToken(wrong, token)).toBe(false)
    }
  })

  test('made here is one that could be given', () => {
    expect(tokenFault(makeToken())).toBeUndefined()
    expect(makeToken()).not.toBe(makeToken())
    for (const token of ['', 'a'.repeat(15), 'a'.repeat(201), 'a b c d e f g h i j', 'ä'.repeat(20)]) {
      expect(tokenFault(token)).toContain('OKTOBENCH_TOKEN must be')
    }
  })

  test('is found among the protocols offered', () => {
    expect(readProtocols(`${SUBPROTOCOL}, token.abc`)).toEqual({ known: true, token: 'abc' })
    expect(readProtocols('token.abc')).toEqual({ known: false, token: 'abc' })
    expect(readProtocols(undefined)).toEqual({ known: false, token: undefined })
  })
})
