import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FaultBook, type Met } from '../../../shared/faults/book.ts'
import { actionText, type Fault } from '../../../shared/faults/model.ts'
import { faultPresets } from '../../../shared/faults/presets.ts'
import type { PacketView } from '../../../shared/filter/columns.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { fault } from './fault.ts'

const view = (type: number): PacketView => ({
  column: (name) => (name === 'type' ? type : undefined),
  bytes: () => new Uint8Array(),
  fields: () => [],
})
const met = (way: 'in' | 'out', type = 3, names = ['os::1', 'cpe-1']): Met => ({
  names,
  way,
  view: () => view(type),
})
const always = () => 0
const book = (...faults: Fault[]): FaultBook => {
  const made = new FaultBook()
  faults.forEach((one, index) => {
    made.put(String(index), one)
    made.switch(String(index), true, 0)
  })
  return made
}

test('meets packets by device, way and filter', () => {
  const drop = book(
    fault({ kind: 'drop' }, { device: 'os::1', way: 'out', filter: 'mqtt.msgtype == PINGRESP' }),
  )
  expect(drop.fate(met('out', 13), 0, always)).toMatchObject({ drop: true, fault: 'drop' })
  expect(drop.fate(met('in', 13), 0, always)).toBeUndefined()
  expect(drop.fate(met('out', 3), 0, always)).toBeUndefined()
  expect(drop.fate(met('out', 13, ['os::2']), 0, always)).toBeUndefined()
})

test('refuses only what a device sends, whatever its way says', () => {
  const refuse = book(fault({ kind: 'refuse', reasonCode: 0x97 }))
  expect(refuse.fate(met('out'), 0, always)).toBeUndefined()
  expect(refuse.fate(met('in'), 0, always)?.refuse).toBe(0x97)
})

test('several faults add up, until one ends the way of the packet', () => {
  const both = book(
    fault({ kind: 'delay', ms: 100, jitterMs: 0 }),
    fault({ kind: 'duplicate', copies: 2 }),
    fault({ kind: 'delay', ms: 50, jitterMs: 0 }),
  )
  expect(both.fate(met('in'), 0, always)).toEqual({
    fault: 'delay, duplicate, delay',
    delayMs: 150,
    copies: 2,
    behind: 0,
  })
  const ended = book(fault({ kind: 'drop' }), fault({ kind: 'duplicate', copies: 2 }))
  expect(ended.fate(met('in'), 0, always)).toMatchObject({ fault: 'drop', copies: 0 })
})

test('jitter goes both ways and never below nothing', () => {
  const delay = book(fault({ kind: 'delay', ms: 10, jitterMs: 100 }))
  expect(delay.fate(met('in'), 0, () => 0)?.delayMs).toBe(0)
  expect(delay.fate(met('in'), 0, () => 1)?.delayMs).toBe(110)
})

describe('ends', () => {
  test('after so many packets', () => {
    const twice = book(fault({ kind: 'drop' }, { times: 2 }))
    expect([1, 2, 3].map(() => twice.fate(met('in'), 0, always) !== undefined)).toEqual([true, true, false])
    expect(twice.list()).toMatchObject([{ on: false, met: 2 }])
    expect(twice.active).toBe(false)
    twice.switch('0', true, 0)
    expect(twice.list()).toMatchObject([{ on: true, left: 2, met: 2 }])
  })

  test('after some time', () => {
    const brief = book(fault({ kind: 'drop' }, { seconds: 10 }))
    expect(brief.nextEnd).toBe(10_000)
    expect(brief.fate(met('in'), 9999, always)).toBeDefined()
    expect(brief.fate(met('in'), 10_000, always)).toBeUndefined()
    expect(brief.list()).toMatchObject([{ on: false, met: 1 }])
  })
})

test('meets the share of the packets that is wanted', () => {
  const some = book(fault({ kind: 'drop' }, { percent: 25 }))
  const fates = [0, 0.24, 0.25, 0.9].map((chance) => some.fate(met('in'), 0, () => chance))
  expect(fates.map((fate) => fate !== undefined)).toEqual([true, true, false, false])
})

test('changes the share of the CONNACKs that is wanted', () => {
  const some = book(
    fault({ kind: 'shrink', receiveMaximum: 2 }, { percent: 25 }),
    fault({ kind: 'omit', parts: ['subscribe-topic'] }, { percent: 25 }),
  )
  for (const [chance, met] of [
    [0.24, true],
    [0.25, false],
  ] as const) {
    expect(some.shrunk(['os::1'], 0, () => chance) !== undefined).toBe(met)
    expect(some.omitted(['os::1'], 0, () => chance) !== undefined).toBe(met)
  }
})

test('tells the smallest of each limit', () => {
  const small = book(
    fault({ kind: 'shrink', receiveMaximum: 5, maximumPacketSize: 100 }, { name: 'a' }),
    fault({ kind: 'shrink', receiveMaximum: 2 }, { name: 'b' }),
    fault({ kind: 'shrink', receiveMaximum: 1 }, { name: 'c', device: 'other' }),
  )
  expect(small.shrunk(['os::1'], 0, always)).toEqual({
    fault: 'a, b',
    limits: { receiveMaximum: 2, maximumPacketSize: 100 },
  })
  expect(small.fate(met('in'), 0, always)).toBeUndefined()
})

test('leaves out of CONNACK what any of them does, of its device alone', () => {
  const silent = book(
    fault({ kind: 'omit', parts: ['subscribe-topic'] }, { name: 'a' }),
    fault({ kind: 'omit', parts: ['response-information', 'subscribe-topic'] }, { name: 'b', times: 1 }),
    fault({ kind: 'omit', parts: ['response-information'] }, { name: 'c', device: 'other' }),
  )
  expect(silent.fate(met('out'), 0, always)).toBeUndefined()
  expect(silent.omitted(['os::1'], 0, always)).toEqual({
    fault: 'a, b',
    parts: ['subscribe-topic', 'response-information'],
  })
  expect(silent.omitted(['os::1'], 0, always)).toEqual({ fault: 'a', parts: ['subscribe-topic'] })
})

test('a filter that is none is told', () => {
  expect(() => new FaultBook().put('1', fault({ kind: 'drop' }, { filter: 'mqtt.qos ==' }))).toThrow(
    RangeError,
  )
})

test('the presets are faults, and say what they do', () => {
  for (const { filter, action } of faultPresets) {
    const parsed = parseFilter(filter)
    expect(parsed.ok && parsed.filter.expression.kind !== 'words', filter).toBe(true)
    expect(actionText(action)).not.toBe('')
  }
})

test('whatever is switched, no fault meets more than it may', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ times: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (limits, ways) => {
        const made = book(...limits.map(({ times }) => fault({ kind: 'duplicate', copies: 1 }, { times })))
        for (const way of ways) made.fate(met(way ? 'in' : 'out'), 0, always)
        made.list().forEach(({ met: count, on }, index) => {
          const { times = 0 } = limits[index] ?? {}
          expect(count).toBe(Math.min(times, ways.length))
          expect(on).toBe(count < times)
        })
      },
    ),
    { numRuns: 50 },
  )
})
