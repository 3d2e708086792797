import { expect, test } from 'vitest'
import { LintCursor } from '../../../electron/engine/lint/cursor.ts'
import { Linter } from '../../../shared/lint/linter.ts'
import { RowsInMemory } from './rows-in-memory.ts'

const ping = Uint8Array.of(0xc0, 0)

/** A linter that writes down what it is told. */
class Told extends Linter {
  readonly told: string[] = []
  constructor() {
    super({ found: () => undefined })
  }
  override opened(id: number) {
    this.told.push(`opened ${id}`)
  }
  override frame({ no }: { no: number }) {
    this.told.push(`frame ${no}`)
  }
  override assembled(no: number, last: number) {
    this.told.push(`assembled ${no} ${last}`)
  }
  override closed(id: number, no: number) {
    this.told.push(`closed ${id} at ${no}`)
  }
  override missed() {
    this.told.push('missed')
  }
  override lost(id: number) {
    this.told.push(`lost ${id}`)
  }
  override end(time: number) {
    this.told.push(`end ${time}`)
  }
}

function cursorOf() {
  const rows = new RowsInMemory()
  const linter = new Told()
  const cursor = new LintCursor(rows, linter)
  const drop = (before: number): void => {
    for (let no = rows.first; no < before; no++) cursor.drop(no)
    rows.first = before
  }
  return { rows, cursor, told: linter.told, drop }
}

test('a packet that a fault on purpose met is not judged, nor what its connection did before', () => {
  const { rows, cursor, told } = cursorOf()
  rows.add(ping)
  rows.disturbed.add(rows.add(ping, 'in', 7))
  rows.add(ping)
  cursor.step()
  expect(told).toEqual(['frame 1', 'lost 7', 'frame 3'])
  expect(cursor.checked).toBe(3)
})

test('what is no packet is told where it happened between the rows', () => {
  const { rows, cursor, told } = cursorOf()
  cursor.tell({ kind: 'opened', connection: 1, address: '' })
  rows.add(ping)
  rows.add(ping)
  rows.msgs.set(1, ping)
  cursor.tell({ kind: 'assembled', no: 2, last: 1 })
  cursor.tell({ kind: 'lost', connection: 1 })
  rows.add(ping)
  const no = rows.addClose()
  cursor.tell({ kind: 'closed', connection: 1, no, time: 4, by: 'device' })
  cursor.tell({ kind: 'opened', connection: 2, address: '' })
  expect(cursor.waiting).toBe(4)
  cursor.end(9)
  expect(cursor.isBehind(rows.end)).toBe(true)
  expect(cursor.step()).toBe(false)
  expect(told).toEqual([
    'opened 1',
    'frame 1',
    'frame 2',
    'assembled 2 1',
    'lost 1',
    'frame 3',
    'closed 1 at 4',
    'opened 2',
    'end 9',
  ])
  expect(cursor).toMatchObject({ checked: 3, skipped: 0, waiting: 0, bytes: 0 })
  expect(cursor.isBehind(rows.end)).toBe(false)
  cursor.step()
  expect(told.filter((one) => one.startsWith('end'))).toHaveLength(1)
})

test('a slice ends in time, and the next one goes on behind it', () => {
  const { rows, cursor, told } = cursorOf()
  const many = 500_000
  for (let i = 0; i < many; i++) rows.add(ping)
  let slices = 1
  while (cursor.step()) slices += 1
  expect(slices).toBeGreaterThan(3)
  expect(told).toHaveLength(many)
  expect(told.at(-1)).toBe(`frame ${many}`)
})

test('rows that go before they were judged are counted, and the linter is told once', () => {
  const { rows, cursor, told, drop } = cursorOf()
  rows.add(ping)
  cursor.step()
  for (let i = 0; i < 6; i++) rows.add(ping)
  cursor.tell({ kind: 'opened', connection: 7, address: '' })
  drop(4)
  drop(6)
  expect(cursor).toMatchObject({ checked: 1, skipped: 4, waiting: 2 })
  cursor.step()
  expect(told).toEqual(['frame 1', 'missed', 'frame 6', 'frame 7', 'opened 7'])
  rows.add(ping)
  drop(rows.end)
  expect(told.filter((one) => one === 'missed')).toHaveLength(2)
})

test('rows that were judged go without a word', () => {
  const { rows, cursor, told, drop } = cursorOf()
  rows.add(ping)
  rows.add(ping)
  cursor.step()
  drop(rows.end)
  expect(told).toEqual(['frame 1', 'frame 2'])
  expect(cursor.skipped).toBe(0)
})

test('a row that cannot be read is one that was missed', () => {
  const { rows, cursor, told } = cursorOf()
  for (let i = 0; i < 3; i++) rows.add(ping)
  rows.unreadable.add(2)
  expect(cursor.step()).toBe(false)
  expect(told).toEqual(['frame 1', 'missed', 'frame 3'])
  expect(cursor).toMatchObject({ checked: 2, skipped: 1 })
})

test('a Msg of which a segment is gone is not told', () => {
  const { rows, cursor, told } = cursorOf()
  rows.add(ping)
  cursor.tell({ kind: 'assembled', no: 1, last: 1 })
  cursor.step()
  expect(told).toEqual(['frame 1', 'missed'])
})

test('a connection of which nothing is recorded fills no list', () => {
  const { cursor } = cursorOf()
  for (let i = 0; i < 1000; i++) cursor.tell({ kind: 'lost', connection: 1 })
  const { bytes } = cursor
  cursor.tell({ kind: 'lost', connection: 1 })
  expect(cursor.bytes).toBe(bytes)
  cursor.tell({ kind: 'lost', connection: 2 })
  expect(cursor.bytes).toBe(bytes * 2)
  cursor.step()
  expect(cursor.bytes).toBe(0)
})

test('a capture may begin with any row', () => {
  const { rows, cursor } = cursorOf()
  for (let i = 0; i < 10; i++) rows.add(ping)
  rows.first = 8
  expect(cursor.waiting).toBe(3)
  cursor.step()
  expect(cursor).toMatchObject({ checked: 3, skipped: 0, waiting: 0 })
})
