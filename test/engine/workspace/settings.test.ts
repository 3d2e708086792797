import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  readDocument,
  withSettings,
  formatDocument,
  emptyDocument,
} from '../../../electron/engine/workspace/document.ts'
import {
  defaultSettings,
  faultOf,
  parseSetting,
  resolveSettings,
  setting,
  settingNames,
  settingsFromEnvironment,
} from '../../../electron/engine/workspace/settings.ts'

describe('the table', () => {
  test('has defaults that fit their own limits, and no flag or variable twice', () => {
    for (const name of settingNames)
      expect([name, faultOf(name, defaultSettings[name])]).toEqual([name, undefined])
    const unique = (values: string[]) => new Set(values).size === values.length
    expect(unique(settingNames.map((name) => setting(name).flag))).toBe(true)
    expect(unique(settingNames.map((name) => setting(name).env))).toBe(true)
  })

  test('says what a wrong value must be', () => {
    expect(faultOf('listeners.tcp.port', 65_536)).toBe('must be a whole number from 0 to 65535')
    expect(faultOf('listeners.tcp.port', '1883')).toBeDefined()
    expect(faultOf('listeners.tcp.port', Number.NaN)).toBeDefined()
    expect(faultOf('listeners.tcp.enabled', 1)).toBe('must be true or false')
    expect(faultOf('listeners.ws.path', 'mqtt')).toBe('must be a path that begins with /')
  })

  test.each(['*', '0.0.0.0', '::', '192.168.1.20', 'fe80::1%eth0', 'bench.lab', '::ffff:10.0.0.1'])(
    'takes the address %s',
    (address) => expect(faultOf('listeners.tcp.host', address)).toBeUndefined(),
  )
  test.each(['', ' ', 'a b', 'http://x', '-x', '1.2.3.4:80', 'x'.repeat(300)])(
    'refuses the address “%s”',
    (address) => expect(faultOf('listeners.tcp.host', address)).toBeDefined(),
  )
})

test('text of a person becomes a value or an error that quotes it', () => {
  expect(parseSetting('serve.port', '8090')).toBe(8090)
  expect(parseSetting('oktopus.status', 'No')).toBe(false)
  expect(parseSetting('oktopus.status', 'on')).toBe(true)
  expect(() => parseSetting('serve.port', '80a')).toThrow('must be a whole number from 0 to 65535, not “80a”')
  expect(() => parseSetting('serve.port', '-1')).toThrow(RangeError)
  expect(() => parseSetting('serve.port', '1e3')).toThrow(RangeError)
  expect(() => parseSetting('oktopus.status', 'toString')).toThrow('must be true or false, not “toString”')
})

test('a wrong variable is named', () => {
  expect(settingsFromEnvironment({ OKTOBENCH_MQTT_PORT: '2883', OKTOBENCH_WS: '', HOME: '/root' })).toEqual({
    'listeners.tcp.port': 2883,
  })
  expect(() => settingsFromEnvironment({ OKTOBENCH_MQTT_PORT: '99999' })).toThrow(
    'OKTOBENCH_MQTT_PORT must be a whole number from 0 to 65535, not “99999”.',
  )
})

test('command line wins over environment, that over bench.json, that over the default', () => {
  const settings = resolveSettings({
    commandLine: { 'serve.port': 1 },
    environment: { 'serve.port': 2, 'listeners.tcp.port': 2 },
    file: { 'serve.port': 3, 'listeners.tcp.port': 3, 'listeners.ws.port': 3 },
  })
  expect(settings).toEqual({
    ...defaultSettings,
    'serve.port': 1,
    'listeners.tcp.port': 2,
    'listeners.ws.port': 3,
  })
})

describe('bench.json', () => {
  test('reads nested settings, also after a byte order mark', () => {
    const read = readDocument('\uFEFF{"version":1,"listeners":{"tcp":{"port":2883,"enabled":false}}}')
    expect(read).toMatchObject({ warnings: [], newer: false })
    expect(read.settings).toEqual({ 'listeners.tcp.port': 2883, 'listeners.tcp.enabled': false })
  })

  test('leaves out a bad value alone, and names it', () => {
    const read = readDocument(
      '{"version":1,"listeners":{"tcp":{"port":"x","host":"::"},"ws":7},"serve":{"port":8091}}',
    )
    expect(read.settings).toEqual({ 'listeners.tcp.host': '::', 'serve.port': 8091 })
    expect(read.warnings).toEqual([
      'bench.json: listeners.tcp.port must be a whole number from 0 to 65535; its default is in force.',
      'bench.json: listeners.ws must be an object; its defaults are in force.',
    ])
  })

  test('keeps and names what it does not know', () => {
    const text = '{"version":1,"colour":"red","serve":{"port":1,"motd":[1]},"__proto__":{"port":2}}'
    const read = readDocument(text)
    expect(read.warnings).toHaveLength(3)
    expect(
      JSON.parse(formatDocument(withSettings(read.document, { 'serve.port': 9, 'oktopus.status': false }))),
    ).toEqual(
      JSON.parse(
        '{"version":1,"colour":"red","serve":{"port":9,"motd":[1]},"__proto__":{"port":2},"oktopus":{"status":false}}',
      ),
    )
  })

  test('is migrated a version at a time; one without version is the first', () => {
    expect(readDocument('{"serve":{"port":7}}')).toMatchObject({
      settings: { 'serve.port': 7 },
      document: { version: 1 },
    })
    const steps = {
      0: (document: object) => ({ ...document, steps: ['0 to 1'] }),
      1: (document: object) => ({ ...document, serve: { port: 5 } }),
    }
    const read = readDocument('{"version":0}', steps, 2)
    expect(read.document).toEqual({ version: 2, steps: ['0 to 1'], serve: { port: 5 } })
    expect(read.settings).toEqual({ 'serve.port': 5 })
  })

  test('of a newer version is not used at all', () => {
    const read = readDocument('{"version":99,"serve":{"port":7}}')
    expect(read).toMatchObject({ newer: true, settings: {}, document: { version: 99 } })
    expect(read.warnings[0]).toMatch(/newer Oktobench \(version 99; this one knows 1\)/)
  })

  test.each(['', '{', '[]', 'null', '7', '{"version":"1"}', '{"version":1.5}', '{"version":-1}'])(
    'refuses %s',
    (text) => {
      expect(() => readDocument(text)).toThrow()
    },
  )

  test('never throws for an object, and what it gives back always fits', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('listeners', 'tcp', 'port', 'serve', 'host', 'enabled', 'broker'),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.dictionary(key, fc.oneof({ maxDepth: 4 }, fc.jsonValue(), tie('tree')), { maxKeys: 5 }),
    }))
    fc.assert(
      fc.property(tree, (document) => {
        const { settings } = readDocument(JSON.stringify({ ...document, version: 1 }))
        const faults = settingNames.filter(
          (name) => name in settings && faultOf(name, settings[name]) !== undefined,
        )
        expect(faults).toEqual([])
      }),
      { numRuns: 200 },
    )
  })

  test('gives back what was put into it', () => {
    const text = formatDocument(withSettings(emptyDocument(), defaultSettings))
    expect(readDocument(text)).toMatchObject({ settings: defaultSettings, warnings: [] })
  })
})
