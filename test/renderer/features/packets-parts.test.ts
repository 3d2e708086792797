import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { colouringFault, createColouring } from '../../../renderer/features/packets/colouring.ts'
import { columns, layout, shownColumns } from '../../../renderer/features/packets/columns.ts'
import { compareTrees } from '../../../renderer/features/packets/compare.ts'
import { filterMenu, filterOfCell, filterOfField } from '../../../renderer/features/packets/filter-menu.ts'
import { readRows } from '../../../renderer/list/read-rows.ts'
import { FakeHost } from '../fake-host.ts'
import { matchFakeRow } from '../fake-filter.ts'
import { fakeRow } from '../fake-packets.ts'

const rows = Array.from({ length: 400 }, (_, at) => fakeRow(at + 1, 40))

describe('filters of cells', () => {
  it('match their own row, and their opposites do not', () => {
    let made = 0
    for (const row of rows)
      for (const column of columns) {
        const filter = filterOfCell(column, row)
        if (!filter) continue
        made += 1
        expect(parseFilter(filter.is), filter.is).toMatchObject({ ok: true })
        expect(matchFakeRow(filter.is)(row), filter.is).toBe(true)
        expect(matchFakeRow(filter.isNot ?? 'marked')(row), filter.isNot).toBe(false)
      }
    expect(made).toBeGreaterThan(1000)
  })

  it('are joined with the filter there is, or say why they cannot be', () => {
    const applied: string[] = []
    const menu = (current: string) =>
      filterMenu(
        { is: 'mqtt.qos == 1', isNot: 'mqtt.qos != 1' },
        { current, apply: (text) => applied.push(text), find: () => {}, colour: () => {} },
      )
    expect(menu('').map(({ title }) => title)).not.toContain('And this')
    menu('usp or marked')
      .find(({ title }) => title === 'And not this')
      ?.run()
    expect(applied).toEqual(['(usp or marked) and mqtt.qos != 1'])
    expect(menu('boot').find(({ title }) => title === 'And this')?.disabled).toContain('words')
    expect(filterMenu(undefined, { current: '', apply: () => {}, find: () => {}, colour: () => {} })).toEqual(
      [],
    )
  })

  it('of a field that only stands there ask for it', () => {
    const field: Field = { name: 'usp', label: 'USP Record', text: '', start: 0, end: 4 }
    expect(filterOfField(field, new Uint8Array(4))).toEqual({ is: 'usp', isNot: 'not usp' })
    expect(filterOfField({ ...field, name: 'no.such' }, new Uint8Array(4))).toBeUndefined()
  })
})

describe('colouring', () => {
  it('gives the colour of the first rule that matches and is on', () => {
    const of = createColouring([
      { filter: 'mqtt.msgtype == PUBLISH', colour: 'red', on: false },
      { filter: 'usp.type == NOTIFY', colour: 'green', on: true },
      { filter: 'mqtt.msgtype == PUBLISH', colour: 'blue', on: true },
      { filter: 'mqtt.topic ==', colour: 'amber', on: true },
    ])
    for (const row of rows) {
      const expected = row.usp.startsWith('NOTIFY ') ? 'green' : row.type === 'PUBLISH' ? 'blue' : undefined
      expect(of(row), row.usp).toBe(expected)
    }
  })

  it('says which fields a row does not hold', () => {
    expect(colouringFault('usp.err_code == 7004')).toContain('does not hold usp.err_code')
    expect(colouringFault('not (marked and ip.src == 10.0.0.1)')).toContain('ip.src')
    expect(colouringFault('mqtt.topic ~ "a/#" and direction == in')).toBeUndefined()
    expect(colouringFault('boot')).toBeUndefined()
    expect(colouringFault('mqtt.topic ==')).toContain('missing')
  })
})

describe('columns', () => {
  it('are those a person chose, and type and info stay', () => {
    const ids = (shown: Record<string, boolean>) => shownColumns(shown).map(({ id }) => id)
    expect(ids({})).not.toContain('connection')
    expect(ids({ connection: true, device: false, type: false, info: false })).toEqual([
      'no',
      'time',
      'connection',
      'direction',
      'type',
      'topic',
      'info',
      'bytes',
    ])
    expect(layout(shownColumns({}), { no: 100 }, false).template).toMatch(
      /^100px 92px .*minmax\(140px, 1fr\) 68px$/,
    )
  })
})

const leaf = (name: string, text: string): Field => ({ name, label: name, text, start: 0, end: 1 })

describe('comparing trees', () => {
  it('pairs fields by what they are and tells the differences', () => {
    const left = [{ ...leaf('m', ''), children: [leaf('a', '1'), leaf('b', '2'), leaf('c', '3')] }]
    const right = [{ ...leaf('m', ''), children: [leaf('a', '1'), leaf('x', '9'), leaf('c', '4')] }]
    const lines = compareTrees(left, right)
    expect(lines.map(({ name, kind, depth }) => [name, kind, depth])).toEqual([
      ['m', 'same', 0],
      ['a', 'same', 1],
      ['b', 'left', 1],
      ['x', 'right', 1],
      ['c', 'changed', 1],
    ])
    expect(lines[0]?.differs).toBe(true)
    expect(lines[1]?.differs).toBe(false)
  })

  it('loses no field of either side, and finds equal trees equal', () => {
    const named = (children: fc.Arbitrary<Field[]>) =>
      fc
        .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), children)
        .map(([name, text, inside]) => ({ ...leaf(name, text), children: inside }))
    const field = [1, 2].reduce((inner) => named(fc.array(inner, { maxLength: 3 })), named(fc.constant([])))
    const tree = fc.array(field, { maxLength: 4 })
    const texts = (fields: readonly Field[]): string[] =>
      fields.flatMap(({ name, text, children }) => [`${name}${text}`, ...texts(children ?? [])])
    fc.assert(
      fc.property(tree, tree, (left, right) => {
        const lines = compareTrees(left, right)
        expect(lines.flatMap(({ name, left: text }) => (text === undefined ? [] : [name + text]))).toEqual(
          texts(left),
        )
        expect(
          lines.flatMap(({ name, right: text }) => (text === undefined ? [] : [name + text])).sort(),
        ).toEqual(texts(right).sort())
        expect(compareTrees(left, left).some(({ differs }) => differs)).toBe(false)
      }),
      { numRuns: 100 },
    )
  })
})

describe('reading rows', () => {
  it('goes on in windows until it has what is wanted', async () => {
    const host = new FakeHost({ packets: 3500 })
    const read = await readRows(host, 'packets', { capture: 'live', filter: '' }, { from: 10, count: 2100 })
    expect(read.ok && read.value.total).toBe(3500)
    expect(read.ok && read.value.rows.map(({ no }) => no)).toEqual(
      Array.from({ length: 2100 }, (_, at) => at + 11),
    )
  })

  it('ends where the view ends, also while it still searches', async () => {
    const host = new FakeHost({ packets: 130_000 })
    const read = await readRows(
      host,
      'packets',
      { capture: 'live', filter: 'verdict == refused' },
      { from: 0, count: 2000 },
    )
    const all = Array.from({ length: 130_000 }, (_, at) => fakeRow(at + 1, 40)).filter(
      (row) => row.verdict === 'refused',
    )
    expect(read.ok && read.value.rows.map(({ no }) => no)).toEqual(all.slice(0, 2000).map(({ no }) => no))
  })
})
