import fc from 'fast-check'
import { isIPv4, isIPv6 } from 'node:net'
import { expect, test } from 'vitest'
import { formatAddress, parseAddress } from '../../../shared/pcapng/address.ts'
import { lowerTicks, timeOfTicks, upperTicks } from '../../../shared/pcapng/timestamps.ts'

const NS = 1_000_000_000n

test('times become ticks and are the same again', () => {
  const anyTime = fc.record({ sec: fc.nat({ max: 2 ** 33 }), nsec: fc.nat({ max: 999_999_999 }) })
  fc.assert(
    fc.property(anyTime, (time) => {
      const [high, low] = [upperTicks(time.sec, time.nsec), lowerTicks(time.sec, time.nsec)]
      expect((BigInt(high) << 32n) | BigInt(low)).toBe(BigInt(time.sec) * NS + BigInt(time.nsec))
      expect(timeOfTicks(high, low, 9)).toEqual({ ...time })
    }),
  )
})

test('ticks of every resolution are read as exactly as nanoseconds can be', () => {
  const word = fc.integer({ min: 0, max: 0xffff_ffff })
  const resolution = fc.oneof(fc.nat({ max: 18 }), fc.integer({ min: 0x80, max: 0x80 + 62 }))
  fc.assert(
    fc.property(word, word, resolution, (high, low, code) => {
      const ticks = (BigInt(high) << 32n) | BigInt(low)
      const perSecond = code & 0x80 ? 2n ** BigInt(code & 0x7f) : 10n ** BigInt(code)
      const { sec, nsec } = timeOfTicks(high, low, code)
      expect(sec).toBe(Number(ticks / perSecond))
      expect(nsec).toBe(Number(((ticks % perSecond) * NS) / perSecond))
    }),
  )
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:DB8::', '2001:db8::'],
  ['fe80::1%eth0', 'fe80::1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::', '::'],
  ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
])('the address %s is shown as %s', (text, shown) => {
  const bytes = parseAddress(text)
  expect(bytes && formatAddress(bytes, 0, bytes.length === 4 ? 4 : 16)).toBe(shown)
})

test.each([
  '',
  'host',
  '1.2.3',
  '256.1.1.1',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  ':::',
  '1.2.3.4::',
  'g::',
])('%j is no address', (text) => {
  expect(parseAddress(text)).toBeUndefined()
  expect(isIPv4(text) || isIPv6(text)).toBe(false)
})

test('any IPv6 address is the same after being shown', () => {
  const anyBytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).filter((bytes) => bytes[10] !== 0xff)
  // Many zero groups, as real addresses have.
  const sparse = anyBytes.map((bytes) => bytes.map((byte, i) => (bytes[(i >> 1) + 8]! & 1 ? byte : 0)))
  fc.assert(
    fc.property(fc.oneof(anyBytes, sparse), (bytes) => {
      const text = formatAddress(bytes, 0, 16)
      expect(isIPv6(text)).toBe(true)
      if (text !== '::' && !text.startsWith('::ffff:')) expect(parseAddress(text)).toEqual(bytes)
    }),
  )
})
