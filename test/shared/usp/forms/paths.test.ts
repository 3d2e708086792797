import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PathRole } from '../../../../shared/usp/forms/describe.ts'
import { completePath } from '../../../../shared/usp/forms/path-complete.ts'
import { pathRemarks } from '../../../../shared/usp/forms/path-check.ts'
import { requestRemarks } from '../../../../shared/usp/forms/check-request.ts'
import { placesOf, rangeOf } from '../../../../shared/usp/forms/json-places.ts'
import { placeName } from '../../../../shared/usp/forms/json-value.ts'
import { valueFault } from '../../../../shared/usp/forms/value-check.ts'
import type { ParameterType } from '../../../../shared/contract/data-model.ts'
import { SupportedIndex } from '../../../../shared/usp/dm/supported-index.ts'
import { model, supportedModel } from './model.ts'

const offered = (text: string, role: PathRole): string[] =>
  completePath(text, text.length, role, model).choices.map((choice) => choice.text)

test.each<[string, PathRole, string[]]>([
  ['', 'readable', ['Device.']],
  ['Dev', 'readable', ['Device.']],
  ['Device.D', 'readable', ['DeviceInfo.', 'Hidden.']],
  ['Device.DeviceInfo.', 'readable', ['SerialNumber', 'UpTime', 'FriendlyName']],
  ['Device.DeviceInfo.', 'settable', []],
  ['Device.', 'command', ['Reboot()', 'DeviceInfo.', 'Hidden.', 'WiFi.']],
  ['Device.WiFi.SSID.', 'supported', ['{i}.']],
  ['Device.WiFi.SSID.', 'readable', ['*.', '1.', '[Alias==""].', '[SSID==""&&MaxClients==1].', '[']],
  ['Device.WiFi.SSID.3.St', 'readable', ['Stats.']],
  ['Device.WiFi.SSID.*.Stats.', 'readable', ['BytesSent']],
  ['Device.WiFi.SSID.[', 'readable', ['Enable', 'SSID', 'Alias', 'MaxClients']],
  ['Device.WiFi.SSID.[Ali', 'readable', ['Alias']],
  ['Device.WiFi.SSID.[Enable', 'readable', ['==', '!=']],
  ['Device.WiFi.SSID.[MaxClients', 'readable', ['==', '!=', '<', '<=', '>', '>=']],
  ['Device.WiFi.SSID.[Enable==t', 'readable', ['true].']],
  ['Device.WiFi.SSID.[Alias=="a.b[]"&&SS', 'readable', ['SSID']],
  ['Device.WiFi.SSID.[Alias=="a.b"].S', 'readable', ['SSID', 'Stats.', 'Alias', 'MaxClients']],
  ['Device.Nowhere.', 'readable', []],
  ['Device..', 'readable', []],
  ['Device.WiFi.SSID.1.Ref+.', 'readable', []],
])('completing %s as %s', (text, role, choices) => {
  expect(offered(text, role)).toEqual(choices)
})

test('rows that are known stand first, with their unique keys, and none that is not there', () => {
  const rows = [
    { path: 'Device.WiFi.SSID.2.', uniqueKeys: [['Alias', 'guest']] as const },
    { path: 'Device.WiFi.SSID.12.', uniqueKeys: [] },
  ]
  const known = new SupportedIndex(supportedModel.objects, {
    rows: (table) => (table === 'Device.WiFi.SSID.' ? rows : undefined),
  })
  const at = (text: string, role: PathRole) => completePath(text, text.length, role, known).choices
  expect(at('Device.WiFi.SSID.', 'deletable').slice(0, 3)).toMatchObject([
    { text: '2.', kind: 'row', detail: 'Alias guest' },
    { text: '12.', kind: 'row' },
    { text: '*.' },
  ])
  expect(at('Device.WiFi.SSID.1', 'readable')[0]?.text).toBe('12.')
  expect(at('Device.WiFi.SSID.', 'supported').map(({ text }) => text)).toEqual(['{i}.'])
  expect(at('Device.WiFi.Radio.', 'readable').map(({ text }) => text)).toContain('1.')
})

test('a choice replaces what was typed of it, also in the middle', () => {
  expect(completePath('Device.Wi.SSID', 9, 'readable', model)).toMatchObject({ from: 7, to: 9 })
})

test.each<[string, PathRole, RegExp | undefined]>([
  ['Device.DeviceInfo.', 'readable', undefined],
  ['Device.DeviceInfo.UpTime', 'readable', undefined],
  ['Device.WiFi.SSID.[Enable==true&&MaxClients>2].SSID', 'readable', undefined],
  ['Device.WiFi.SSID.[Alias=="cpe-1"].', 'settable', undefined],
  ['Device.WiFi.SSID.', 'addable', undefined],
  ['Device.WiFi.SSID.1.Ref+.Anything', 'readable', undefined],
  ['Device.WiFi.SSID.{i}.', 'supported', undefined],
  ['', 'readable', /no path/],
  ['Device', 'readable', /needs a dot/],
  ['Device.WiFi.SSID.[Enable', 'readable', /not closed/],
  ['Device.Reboot()', 'readable', /must be an object .* or a parameter/],
  ['Device.DeviceInfo', 'settable', /ending with a dot/],
  ['Device.WiFi.SSID.{i}.', 'readable', /supported model only/],
  ['Device.WiFi.SSID.[Enable == true].', 'readable', /R-ARC\.9b/],
  ['Device.DeviceInf.UpTime', 'readable', /Did you mean DeviceInfo/],
  ['Device.DeviceInfo.Uptime', 'readable', /Did you mean UpTime/],
  ['Device.WiFi.SSID.Enable', 'readable', /choose a row/],
  ['Device.WiFi.SSID.Stats.', 'readable', /choose a row/],
  ['Device.DeviceInfo.1.', 'readable', /is no table/],
  ['Device.WiFi.SSID.[Enabled==true].', 'readable', /Did you mean Enable/],
  ['Device.WiFi.SSID.[Enable>true].', 'readable', /== and != only/],
  ['Device.WiFi.SSID.[MaxClients=="many"].', 'readable', /unsignedInt/],
  ['Device.Hidden.Secret.', 'readable', /could not be read/],
  ['Device.WiFi.', 'addable', /is no table/],
  ['Device.WiFi.Radio.', 'addable', /lets nobody add/],
  ['Device.WiFi.Radio.1.', 'deletable', /lets nobody delete/],
  ['Device.WiFi.SSID.', 'deletable', /is no row/],
  ['Device.WiFi.SSID.', 'settable', /choose a row/],
  ['Device.Rebot()', 'command', /Did you mean Reboot\(\)/],
])('%s as %s', (text, role, remark) => {
  const found = pathRemarks(text, role, model)
  if (remark === undefined) expect(found).toEqual([])
  else expect(found[0]?.text).toMatch(remark)
})

test.each<[ParameterType, string[], string[]]>([
  ['boolean', ['true', 'false', '1', '0'], ['True', '', 'yes']],
  ['int', ['-2147483648', '2147483647'], ['2147483648', '1.5', '']],
  ['unsignedInt', ['0', '4294967295'], ['-1', '4294967296']],
  ['long', ['-9223372036854775808'], ['9223372036854775808']],
  ['unsignedLong', ['18446744073709551615'], ['18446744073709551616', '-1']],
  ['decimal', ['1', '-1.5', '.5'], ['1e3', '']],
  [
    'dateTime',
    ['2026-05-01T12:00:00Z', '0001-01-01T00:00:00Z', '2026-05-01T12:00:00.25+02:00'],
    ['2026-05-01', '2026-13-01T00:00:00Z'],
  ],
  ['hexBinary', ['', '0aFF'], ['0', 'xx']],
  ['base64', ['', 'AAA=', 'AA==', 'AAAA'], ['A', 'A_A=', '====']],
  ['string', ['', 'anything'], []],
  ['unknown', ['anything'], []],
])('values of type %s', (type, right, wrong) => {
  for (const value of right) expect(valueFault(type, value)).toBeUndefined()
  for (const value of wrong) expect(valueFault(type, value)).toMatch(`its type is ${type}`)
})

describe('remarks on a request', () => {
  const set = (obj_path: string, param: string, value: string) => ({
    update_objs: [{ obj_path, param_settings: [{ param, value, required: true }] }],
  })
  test.each([
    [set('Device.WiFi.SSID.1.', 'Enable', 'on'), 'update_objs[0].param_settings[0].value', /true or false/],
    [
      set('Device.WiFi.SSID.1.', 'Enabel', 'true'),
      'update_objs[0].param_settings[0].param',
      /Did you mean Enable/,
    ],
    [set('Device.DeviceInfo.', 'UpTime', '1'), 'update_objs[0].param_settings[0].param', /read-only/],
    [set('Device.WiFi.SSID.1.', '', ''), 'update_objs[0].param_settings[0].param', /Which parameter/],
    [{ update_objs: [{ obj_path: 7 }] }, 'update_objs[0].obj_path', /must be a text/],
    [set('${where}', 'Enable', 'true'), '', /where has no value/],
  ])('of Set: %j', (content, place, text) => {
    const [first] = requestRemarks('Set', content, {}, model)
    expect(first).toMatchObject({ place })
    expect(first?.text).toMatch(text)
  })
  test('a right one has none', () => {
    expect(
      requestRemarks('Set', set('Device.WiFi.SSID.*.', 'Enable', '${on}'), { on: 'true' }, model),
    ).toEqual([])
    const reboot = { command: 'Device.Reboot()', input_args: { Cause: 'x' } }
    expect(requestRemarks('Operate', reboot, {}, model)).toEqual([])
  })
  test('an argument that the command does not have', () => {
    const reboot = { command: 'Device.Reboot()', inputArgs: { Couse: 'x' } }
    expect(requestRemarks('Operate', reboot, {}, model)[0]).toMatchObject({
      place: 'inputArgs.Couse',
      text: expect.stringMatching(/Did you mean Cause/) as string,
    })
  })
})

describe('places in a JSON text', () => {
  test('of any value, its text is there', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2), (any, indent) => {
        const text = JSON.stringify(any, null, indent)
        // -0 is 0 in JSON.
        const value: unknown = JSON.parse(text)
        for (const place of placesOf(text)) {
          const { from, to, isText } = place
          const at = place.path.reduce<unknown>((now, step) => (now as Record<string, unknown>)[step], value)
          expect(JSON.parse(isText ? `"${text.slice(from, to)}"` : text.slice(from, to))).toEqual(at)
        }
      }),
      { numRuns: 200 },
    )
  })
  test('of a broken text never throws, and answers the nearest place around', () => {
    fc.assert(fc.property(fc.string(), (text) => void placesOf(text)))
    const text = '{"get": {"param_paths": ["A.", "B'
    const { from, to } = rangeOf(text, ['get', 'param_paths', 1])
    expect(text.slice(from, to)).toBe('B')
    expect(rangeOf('{"a":{}}', ['a', 'b', 3])).toEqual({ from: 5, to: 7 })
    expect(placeName(['a', 0, 'b c', 'd'])).toBe('a[0]["b c"].d')
  })
})
