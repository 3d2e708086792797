import { expect, test } from 'vitest'
import { DeviceData, ownerOf, ROOT } from '../../../../renderer/features/datamodel/device-data.ts'
import {
  everyLine,
  haystackOf,
  isObjectLine,
  searchLines,
  treeLines,
  type Line,
} from '../../../../renderer/features/datamodel/lines.ts'
import { supported, supportedObject } from '../../../shared/usp/dm/sample.ts'

function sample(): DeviceData {
  const data = new DeviceData()
  data.setModel([...supported, supportedObject('Device.WiFi.SSID.{i}.Stats.')])
  return data
}
const drawn = (lines: readonly Line[]): string[] =>
  lines.map(({ depth, label }) => '  '.repeat(depth) + label)
const search = (data: DeviceData, text: string): string[] => {
  const lines = everyLine(data)
  return drawn(searchLines(lines, haystackOf(lines), text))
}

test.each([
  ['Device.A.1.B', 'Device.A.1.'],
  ['Device.A.1.', 'Device.A.'],
  ['Device.Reboot()', 'Device.'],
  ['Device.', ''],
])('the owner of %s is %s', (path, owner) => {
  expect(ownerOf(path)).toBe(owner)
})

test('what is open shows parameters, commands, events and objects, with values where they were read', () => {
  const data = sample()
  expect(drawn(treeLines(data, new Set([ROOT, 'Device.DeviceInfo.'])))).toEqual([
    'Device',
    '  Reboot()',
    '  Boot!',
    '  DeviceInfo',
    '    Manufacturer',
    '    UpTime',
    '  WiFi',
  ])
  data.takeNode(
    {
      path: 'Device.DeviceInfo.',
      instances: [],
      values: [
        ['Device.DeviceInfo.UpTime', '5'],
        ['Device.DeviceInfo.X_Secret', 'not in the model'],
      ],
      children: [],
      failures: [],
    },
    1000,
  )
  const lines = treeLines(data, new Set([ROOT, 'Device.DeviceInfo.']))
  expect(lines.flatMap((line) => (line.kind === 'parameter' ? [[line.label, line.value]] : []))).toEqual([
    ['Manufacturer', undefined],
    ['UpTime', '5'],
    ['X_Secret', 'not in the model'],
  ])
  expect(data.readAt('Device.DeviceInfo.')).toBe(1000)
})

test('a table shows what its rows would have until they are known, then the rows by number', () => {
  const data = sample()
  const open = new Set([ROOT, 'Device.WiFi.', 'Device.WiFi.SSID.', 'Device.WiFi.SSID.{i}.'])
  expect(drawn(treeLines(data, open)).slice(-5)).toEqual([
    '    SSID',
    '      {i}',
    '        Alias',
    '        Enable',
    '        Stats',
  ])
  data.takeValues(
    [
      ['Device.WiFi.SSID.10.Alias', 'guest'],
      ['Device.WiFi.SSID.2.Alias', 'home'],
    ],
    1000,
  )
  const rows = treeLines(data, open)
    .filter(isObjectLine)
    .filter(({ kind }) => kind === 'row')
  expect(rows.map(({ label, keys }) => [label, keys])).toEqual([
    ['2', 'Alias=home'],
    ['10', 'Alias=guest'],
  ])
  data.deleteRow('Device.WiFi.SSID.10.')
  expect(data.rows('Device.WiFi.SSID.')).toHaveLength(1)
  expect(data.value('Device.WiFi.SSID.10.Alias')).toBeUndefined()
})

test('a table that was read and has no rows is empty', () => {
  const data = sample()
  data.markRead(supported, 1000)
  const table = treeLines(data, new Set([ROOT, 'Device.WiFi.'])).at(-1)
  expect(table).toMatchObject({ kind: 'table', path: 'Device.WiFi.SSID.', count: 0 })
})

test('a search finds words in paths and values, below what leads there', () => {
  const data = sample()
  data.takeValues([['Device.WiFi.SSID.2.Alias', 'Home']], 1000)
  expect(search(data, 'ssid home')).toEqual(['Device', '  WiFi', '    SSID', '      2', '        Alias'])
  expect(search(data, 'reboot')).toEqual(['Device', '  Reboot()'])
  expect(search(data, 'nowhere')).toEqual([])
  expect(search(data, '')).toHaveLength(everyLine(data).length)
})
