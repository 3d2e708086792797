import { describe, expect, test } from 'vitest'
import { DescriptionError, readDescription } from '../../../electron/engine/simulator/description.ts'
import { largeModel } from '../../../electron/engine/simulator/models/large.ts'
import { routerModel } from '../../../electron/engine/simulator/models/router.ts'
import { typesBelow } from '../../../electron/engine/simulator/schema.ts'
import { rig } from './rig.ts'

test('a description becomes objects, parameters, commands and events', () => {
  const { root, uri, rows, values } = readDescription(`
uri urn:example:model-1
# A comment
Device.
  Go() async in Speed! Way out Result="all well" Code=0
  Gone! When
Device.Table.{i}. add keys Alias | A B
  Alias string rw once
  A int = -5
  B string rw one-of x,y = x
  Secret string wo secret
Device.Table.7.
Device.Table.2.B "y"
Internal.Reboot.Cause "LocalFactoryReset"
`)
  const table = root.children.get('Table')
  expect(uri).toBe('urn:example:model-1')
  expect(root.commands.get('Go()')).toEqual({
    name: 'Go()',
    isAsync: true,
    inputs: [
      { name: 'Speed', isMandatory: true },
      { name: 'Way', isMandatory: false },
    ],
    outputs: new Map([
      ['Result', 'all well'],
      ['Code', '0'],
    ]),
  })
  expect(root.events.get('Gone!')?.args).toEqual(['When'])
  expect(table).toMatchObject({ path: 'Device.Table.{i}.', isTable: true, canAdd: true, canDelete: false })
  expect(table?.keys).toEqual([['Alias'], ['A', 'B']])
  expect(table?.parameters.get('A')).toMatchObject({ type: 'int', access: 'ro', initial: '-5' })
  expect(table?.parameters.get('B')).toMatchObject({ access: 'rw', allowed: ['x', 'y'], initial: 'x' })
  expect(table?.parameters.get('Alias')?.isOnce).toBe(true)
  expect(table?.parameters.get('Secret')).toMatchObject({ access: 'wo', isSecret: true })
  expect(rows.get('Device.Table.')).toEqual([2, 7])
  expect([...values]).toEqual([['Device.Table.2.B', 'y']])
})

describe('what cannot be used is told with its line', () => {
  test.each([
    ['', /describes no object/],
    ['Device.A.', /Line 1 .*Device\. must be described before Device\.A\./],
    ['Device.\n  A strin', /Line 2 .*type of A must be .*not “strin”/],
    ['Device.\n  A int = x', /Line 2 .*“x” is not of type int/],
    ['Device.\n  A int rv', /“rv” of A is not understood/],
    ['Device.\n  A int\n  A int', /Line 3 .*A is there twice/],
    ['Device.\n  Go() now', /Go\(\) must be followed by sync or async/],
    ['Device.\nDevice.A.{i}. ad', /“ad” is not understood/],
    ['Device.\nDevice.B.1.', /Device\.B\.1\. is not described/],
    ['Device.\nDevice.B "x"', /Device\.B is not described/],
    ['  A int', /Line 1 .*belongs below an object/],
    ['Gateway.', /must be uri or begin with Device\./],
    ['Device.\nDevice.A.{i}.\nDevice.A.B.', /must be described before|is not described/],
  ])('%j', (text, message) => {
    expect(() => readDescription(text)).toThrow(DescriptionError)
    expect(() => readDescription(text)).toThrow(message)
  })
})

test('the usual model is sound: keys and counters name what is there', () => {
  for (const type of typesBelow(readDescription(routerModel).root)) {
    for (const key of type.keys.flat()) expect(type.parameters.has(key), `${type.path}${key}`).toBe(true)
    for (const { name, counts } of type.parameters.values()) {
      if (name.endsWith('NumberOfEntries')) expect(counts, `${type.path}${name}`).toBeDefined()
    }
  }
})

test('a model of 20,000 parameters is made, shared, and read whole', () => {
  const text = largeModel(20_000)
  expect(readDescription(text).parameterCount).toBeGreaterThanOrEqual(20_000)
  const { ask } = rig({}, text)
  const answer = ask({ get: { paramPaths: ['Device.X_OKTOBENCH_Load.'] } })
  const found = answer?.['response']?.['getResp']?.['reqPathResults']?.[0]?.['resolvedPathResults']
  expect(found).toHaveLength(2000)
  expect(found?.[1999]?.['resultParams']).toMatchObject({ Alias: 'row-2000', Enable: 'true' })
})
