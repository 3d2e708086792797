import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSnapshot, parseSnapshot, SnapshotError } from '../../../../shared/usp/dm/snapshot.ts'
import { comparePaths } from '../../../../shared/usp/model-answers.ts'
import { snapshot } from './sample.ts'

test('a snapshot is read as it was written', () => {
  expect(parseSnapshot(formatSnapshot(snapshot))).toEqual(snapshot)
  const { softwareVersion: _none, ...unknown } = snapshot
  expect(parseSnapshot(formatSnapshot(unknown))).toEqual(unknown)
})

test('each value is a line of its own, by path, rows by number', () => {
  const text = formatSnapshot({ ...snapshot, values: snapshot.values.toReversed() })
  const lines = text.split('\n').filter((line) => /^    "Device.+": "/.test(line))
  expect(lines).toEqual([
    '    "Device.DeviceInfo.Manufacturer": "Oktobench",',
    '    "Device.DeviceInfo.UpTime": "12",',
    '    "Device.WiFi.SSID.2.Alias": "guest",',
    '    "Device.WiFi.SSID.10.Alias": "home"',
  ])
})

test('any values come back, in order', () => {
  const path = fc.stringMatching(/^Device\.[A-Z][a-z]{0,3}\.[1-9][0-9]{0,2}\.[A-Za-z_]{1,9}$/)
  const values = fc.uniqueArray(fc.tuple(path, fc.string({ unit: 'binary' })), { selector: ([name]) => name })
  fc.assert(
    fc.property(values, (list) => {
      const read = parseSnapshot(formatSnapshot({ ...snapshot, values: list })).values
      expect(read).toEqual([...list].sort(([a], [b]) => comparePaths(a, b)))
    }),
    { numRuns: 100 },
  )
})

const file = JSON.parse(formatSnapshot(snapshot)) as Record<string, unknown>
test.each([
  ['no JSON', '{', /no JSON/],
  ['another file', '{"version":1}', /no snapshot/],
  ['a later version', { ...file, version: 2 }, /version 2/],
  ['a value that is no text', { ...file, values: { 'Device.A': 1 } }, /Device\.A/],
  ['a time that is none', { ...file, takenAt: 'yesterday' }, /takenAt/],
  ['paths that are none', { ...file, paths: 'Device.' }, /paths/],
  [
    'a parameter without a type',
    { ...file, supported: { 'Device.': { access: 'read-only', parameters: { A: 'x' } } } },
    /Device\.A/,
  ],
])('%s is refused, and said why', (_, content, why) => {
  const text = typeof content === 'string' ? content : JSON.stringify(content)
  expect(() => parseSnapshot(text)).toThrow(SnapshotError)
  expect(() => parseSnapshot(text)).toThrow(why)
})
