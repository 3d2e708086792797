import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PATH, parsePath, PathSyntaxError } from '../../../shared/usp/path.ts'

const name = (text: string) => ({ kind: 'name', name: text })

describe('a path', () => {
  test.each([
    ['Device.', 'object', ''],
    ['Device.LocalAgent.Controller.1.', 'object', ''],
    ['Device.DeviceInfo.X_EXAMPLE-COM_Name', 'parameter', 'X_EXAMPLE-COM_Name'],
    ['Device.Reboot()', 'command', 'Reboot()'],
    ['Device.Boot!', 'event', 'Boot!'],
  ])('%s is of the kind %s', (text, kind, leaf) => {
    expect(parsePath(text)).toMatchObject({ text, kind, leaf, isSearch: false })
  })

  test('has instances, wildcards and {i} where they stand', () => {
    expect(parsePath('Device.A.7.B.*.C.{i}.D').parts).toEqual([
      name('Device'),
      name('A'),
      { kind: 'instance', number: 7 },
      name('B'),
      { kind: 'all' },
      name('C'),
      { kind: 'template' },
    ])
  })

  test('follows references', () => {
    const { parts, isSearch } = parsePath('Device.A.1.Ref+.B.List#2+.C.List#*+.Name')
    expect(isSearch).toBe(true)
    expect(parts.filter(({ kind }) => kind === 'follow')).toEqual([
      { kind: 'follow', item: 1 },
      { kind: 'follow', item: 2 },
      { kind: 'follow', item: 'all' },
    ])
  })

  test('has expressions, with dots, quotes and brackets in their values', () => {
    const text = 'Device.A.[Name=="x.y]&&%22z%25" && Sub.Ref+.Count>=08&&Enable!=true].B'
    expect(parsePath(text).parts[2]).toEqual({
      kind: 'where',
      conditions: [
        { path: 'Name', operator: '==', value: 'x.y]&&"z%' },
        { path: 'Sub.Ref+.Count', operator: '>=', value: '08' },
        { path: 'Enable', operator: '!=', value: 'true' },
      ],
    })
  })

  test.each([
    '',
    'Device',
    'Device..A',
    '1.Device.',
    'Device.A.01.',
    'Device.A.*.*.',
    'Device.A.[B==1',
    'Device.A.[].B',
    'Device.A.[B=1].C',
    'Device.A.[B=="x].C',
    'Device.A.B#0+.C',
    'Device.A b.',
    'Device.A.Reboot().B',
  ])('%s is none', (text) => {
    expect(() => parsePath(text)).toThrow(PathSyntaxError)
  })
})

test('a path longer than any data model has is none', () => {
  expect(() => parsePath(`Device.${'A'.repeat(MAX_PATH)}.`)).toThrow(/longer than/)
})

test('any text is read or refused with a reason', () => {
  const piece = fc.constantFrom(
    'Device',
    'A',
    '.',
    '*',
    '[',
    ']',
    '"',
    '&&',
    '==',
    '+',
    '#2',
    '{i}',
    '1',
    '()',
    '!',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const text = pieces.join('')
      try {
        expect(parsePath(text).text).toBe(text)
      } catch (error) {
        expect(error).toBeInstanceOf(PathSyntaxError)
      }
    }),
    { numRuns: 500 },
  )
})
