import fc from 'fast-check'
import { BlockList, isIP, isIPv6 } from 'node:net'
import { describe, expect, it } from 'vitest'
import {
  hasHostBits,
  networkCovers,
  networkHolds,
  parseAddress,
  parseNetwork,
} from '../../../shared/acl/network.ts'

const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom(
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '1::',
    '1:2:3:4:5:6:7::',
    '::2:3:4:5:6:7:8',
    '64:ff9b::1.2.3.4',
  ),
)

describe('parseAddress', () => {
  it('takes what Node takes', () => {
    const piece = fc.constantFrom(
      '1',
      '0',
      'ff',
      ':',
      '::',
      '.',
      '255',
      '256',
      'g',
      '1.2.3.4',
      'abcd',
      '00',
      '/',
    )
    const text = fc.oneof(
      address,
      fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (value) => {
        expect(parseAddress(value) !== undefined, value).toBe(isIP(value) !== 0)
      }),
      { numRuns: 3000 },
    )
  })

  it('takes a mapped address for IPv4 and leaves the zone out', () => {
    expect(parseAddress('::ffff:10.0.0.1')).toEqual(parseAddress('10.0.0.1'))
    expect(parseAddress('fe80::1%eth0')).toEqual(parseAddress('fe80::1'))
    expect(parseAddress('10.0.0.1%eth0')).toBeUndefined()
  })
})

describe('networks', () => {
  it('hold what a BlockList of Node holds', () => {
    fc.assert(
      fc.property(address, address, fc.nat({ max: 128 }), (one, other, wide) => {
        fc.pre(!one.startsWith('::ffff') && !other.startsWith('::ffff') && isIPv6(one) === isIPv6(other))
        const prefix = isIPv6(one) ? wide : wide % 33
        const list = new BlockList()
        list.addSubnet(one, prefix, isIPv6(one) ? 'ipv6' : 'ipv4')
        const network = parseNetwork(`${one}/${prefix}`)!
        expect(networkHolds(network, parseAddress(other)!)).toBe(
          list.check(other, isIPv6(other) ? 'ipv6' : 'ipv4'),
        )
      }),
      { numRuns: 1000 },
    )
  })

  it.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    'fe80::/129',
    'x',
    '10.0.0.0/',
    '::ffff:10.0.0.0/90',
    '01.2.3.4',
  ])('refuse %s', (text) => {
    expect(parseNetwork(text)).toBeUndefined()
  })

  it('keep the families apart', () => {
    expect(networkHolds(parseNetwork('::/0')!, parseAddress('10.0.0.1')!)).toBe(false)
    expect(networkHolds(parseNetwork('::ffff:10.0.0.0/104')!, parseAddress('10.9.9.9')!)).toBe(true)
  })

  it('know their parts', () => {
    const covers = (wide: string, narrow: string) => networkCovers(parseNetwork(wide)!, parseNetwork(narrow)!)
    expect(covers('10.0.0.0/8', '10.1.0.0/16')).toBe(true)
    expect(covers('10.1.0.0/16', '10.0.0.0/8')).toBe(false)
    expect(covers('10.0.0.0/8', '11.0.0.0/16')).toBe(false)
    expect([hasHostBits('10.0.0.1/8'), hasHostBits('10.0.0.0/8'), hasHostBits('10.0.0.1')]).toEqual([
      true,
      false,
      false,
    ])
  })
})
