import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ModelValue, SupportedObject } from '../../../../shared/contract/data-model.ts'
import { MAX_DIFFERENCES } from '../../../../shared/contract/snapshots.ts'
import { commonPaths, difference, differingSupport } from '../../../../shared/usp/dm/difference.ts'
import { covers, SupportedIndex } from '../../../../shared/usp/dm/supported-index.ts'
import { snapshot, supported, supportedObject } from './sample.ts'

const withValues = (values: readonly ModelValue[], paths = ['Device.']) => ({ ...snapshot, values, paths })

describe('values', () => {
  test('added, removed and changed ones, by path; counters are marked', () => {
    const after = withValues([
      ['Device.DeviceInfo.Manufacturer', 'Oktobench'],
      ['Device.DeviceInfo.UpTime', '70'],
      ['Device.WiFi.SSID.3.Alias', 'lab'],
      ['Device.WiFi.SSID.10.Alias', 'Home'],
    ])
    const { values, same, more } = difference(snapshot, after)
    expect({ same, more }).toEqual({ same: 1, more: 0 })
    expect(values).toEqual([
      { path: 'Device.DeviceInfo.UpTime', change: 'changed', before: '12', after: '70', quiet: true },
      { path: 'Device.WiFi.SSID.2.Alias', change: 'removed', before: 'guest', quiet: false },
      { path: 'Device.WiFi.SSID.3.Alias', change: 'added', after: 'lab', quiet: false },
      { path: 'Device.WiFi.SSID.10.Alias', change: 'changed', before: 'home', after: 'Home', quiet: false },
    ])
  })

  test('what one side was not asked for, or did not tell, is no difference', () => {
    const wifi = withValues([['Device.WiFi.SSID.2.Alias', 'guest']], ['Device.WiFi.'])
    expect(difference(snapshot, wifi).values.map(({ path }) => path)).toEqual(['Device.WiFi.SSID.10.Alias'])
    const failures = [{ path: 'Device.WiFi.', code: 7003, name: 'Internal error', text: '' }]
    const silent = { ...withValues(snapshot.values.slice(0, 2)), failures }
    expect(difference(snapshot, silent).values).toEqual([])
  })

  test('turned round, what was added is removed', () => {
    const value = fc.tuple(fc.stringMatching(/^Device\.[A-C]\.[1-3]\.[A-C]$/), fc.constantFrom('0', '1'))
    const values = fc.uniqueArray(value, { selector: ([path]) => path })
    fc.assert(
      fc.property(values, values, (before, after) => {
        const there = difference(withValues(before), withValues(after))
        const back = difference(withValues(after), withValues(before))
        const turned = { added: 'removed', removed: 'added', changed: 'changed' } as const
        const mirrored = there.values.map((one) => [one.path, turned[one.change], one.after, one.before])
        expect(back.values.map((one) => [one.path, one.change, one.before, one.after])).toEqual(mirrored)
        expect(there.same + there.values.length).toBe(
          new Set([...before, ...after].map(([path]) => path)).size,
        )
      }),
      { numRuns: 100 },
    )
  })

  test('differences beyond the limit are counted', () => {
    const many = Array.from({ length: MAX_DIFFERENCES + 5 }, (_, at): ModelValue => [
      `Device.A.${at + 1}.B`,
      '',
    ])
    const found = difference(withValues([]), withValues(many))
    expect([found.values.length, found.more]).toEqual([MAX_DIFFERENCES, 5])
  })
})

describe('what is supported', () => {
  const ssid = supported.at(-1) as SupportedObject
  const changedTo = (more: Partial<SupportedObject>) => [...supported.slice(0, -1), { ...ssid, ...more }]

  test('the same in another order is the same', () => {
    const turned = { uniqueKeys: [['BSSID', 'Name'], ['Alias']], parameters: ssid.parameters.toReversed() }
    expect(differingSupport(supported, changedTo(turned))).toEqual([])
  })

  test('types, access, keys, arguments', () => {
    const [alias, enable] = ssid.parameters
    if (!alias || !enable) throw new Error('the sample has both')
    const after = changedTo({
      access: 'read-only',
      parameters: [{ ...enable, type: 'string', access: 'read-only' }],
      commands: [{ name: 'Reset()', kind: 'async', inputs: ['Hard'], outputs: [] }],
    })
    expect(differingSupport(supported, after)).toEqual([
      {
        path: 'Device.WiFi.SSID.{i}.',
        what: 'object',
        change: 'changed',
        aspects: [['access', 'add-delete', 'read-only']],
      },
      {
        path: 'Device.WiFi.SSID.{i}.Alias',
        what: 'parameter',
        change: 'removed',
        aspects: [
          ['type', 'string', ''],
          ['access', 'read-write', ''],
          ['value change', 'unknown', ''],
        ],
      },
      {
        path: 'Device.WiFi.SSID.{i}.Enable',
        what: 'parameter',
        change: 'changed',
        aspects: [
          ['type', 'boolean', 'string'],
          ['access', 'read-write', 'read-only'],
        ],
      },
      {
        path: 'Device.WiFi.SSID.{i}.Reset()',
        what: 'command',
        change: 'added',
        aspects: [
          ['kind', '', 'async'],
          ['inputs', '', 'Hard'],
        ],
      },
    ])
  })

  test('a model that was never read is not compared', () => {
    expect(differingSupport([], supported)).toEqual([])
  })
})

test.each([
  [['Device.'], ['Device.WiFi.'], ['Device.WiFi.']],
  [['Device.WiFi.SSID.1.'], ['Device.WiFi.SSID.*.'], ['Device.WiFi.SSID.1.']],
  [['Device.WiFi.'], ['Device.Time.'], []],
  [['Device.'], ['Device.'], ['Device.']],
])('%j and %j were both asked for %j', (left, right, both) => {
  expect(commonPaths(left, right)).toEqual(both)
})

test.each([
  ['Device.', 'Device.A.1.B', true],
  ['Device.A.', 'Device.AB.1.B', false],
  ['Device.A.*.', 'Device.A.7.B', true],
  ['Device.A.*.C.', 'Device.A.7.B.C', false],
])('%s covers %s: %s', (scope, path, expected) => {
  expect(covers(scope, path)).toBe(expected)
})

test('objects, tables and rows are found by the paths that they have on a device', () => {
  const index = new SupportedIndex([...supported, supportedObject('Device.WiFi.SSID.{i}.Stats.')])
  expect(index.children('Device.').map(([path]) => path)).toEqual(['Device.DeviceInfo.', 'Device.WiFi.'])
  expect(index.children('Device.WiFi.').map(([path]) => path)).toEqual(['Device.WiFi.SSID.'])
  expect(index.names('')).toEqual(['Device'])
  expect(index.children('Device.WiFi.SSID.')).toEqual([])
  expect(index.children('Device.WiFi.SSID.4.').map(([path]) => path)).toEqual(['Device.WiFi.SSID.4.Stats.'])
  expect([index.isTable('Device.WiFi.SSID.'), index.isTable('Device.WiFi.SSID.4.')]).toEqual([true, false])
  expect(index.parameter('Device.WiFi.SSID.4.Enable')?.type).toBe('boolean')
  expect(index.object('Device.Nothing.')).toBeUndefined()
})
