import { describe, expect, it } from 'vitest'
import { isBound, sortedAddresses } from '../../../renderer/features/bench/addresses.ts'
import { parsePort } from '../../../renderer/features/bench/port.ts'
import { sessionExpiry } from '../../../renderer/features/devices/facts.ts'
import { fakeBench } from '../fake-host.ts'

describe('addresses', () => {
  it('puts what a device on the LAN can reach first', () => {
    expect(sortedAddresses(fakeBench().addresses).map(({ address }) => address)).toEqual([
      '192.168.1.20',
      'fd00::20',
      'fe80::1c2a:7bff:fe11:9d20',
      '127.0.0.1',
    ])
  })
})

it('knows at which addresses a listener is reached', () => {
  const [lan, ula] = sortedAddresses(fakeBench().addresses)
  expect([isBound('*', lan!), isBound('*', ula!)]).toEqual([true, true])
  expect([isBound('0.0.0.0', lan!), isBound('0.0.0.0', ula!)]).toEqual([true, false])
  expect([isBound('192.168.1.20', lan!), isBound('127.0.0.1', lan!)]).toEqual([true, false])
})

it.each([
  ['1883', 1883],
  [' 65535 ', 65_535],
  ['0', undefined],
  ['65536', undefined],
  ['18 83', undefined],
  ['1e3', undefined],
  ['', undefined],
])('port %j is %s', (text, port) => {
  const parsed = parsePort(text)
  expect(parsed.ok ? parsed.port : undefined).toBe(port)
})

it('says what a Session Expiry Interval means', () => {
  expect(sessionExpiry(0)).toContain('ends with the connection')
  expect(sessionExpiry(0xffffffff)).toBe('never')
  expect(sessionExpiry(3600)).toBe('3,600 s (1 h)')
})
