import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { NUMBER_ME } from '../../../electron/engine/import/events.ts'
import type { Time } from '../../../shared/pcapng/format.ts'
import { SyntheticWriter } from '../../../shared/pcapng/synthetic.ts'
import { connack, connect, peer, publish } from '../capture/packets.ts'
import type { ToldEvent } from '../../support/import-events.ts'
import { concat, importBytes } from './talk.ts'

const at = (sec: number): Time => ({ sec: 1_793_000_000 + sec, nsec: 5 })
const note = { kind: 'refused', rule: 'access', text: 'no', reasonCode: 135 } as const

/** A file of the bench, with its rows told as events. */
function native(): { file: Uint8Array; expected: ToldEvent[] } {
  const writer = new SyntheticWriter({ section: { application: 'Oktobench' } })
  const expected: ToldEvent[] = []
  const closed = { by: 'bench', reason: 'refused', probe: false } as const
  const probe = { by: 'network', reason: '', probe: true } as const
  writer.opened(at(0), 7, peer())
  expected.push({ kind: 'opened', time: at(0), connection: 7, facts: peer() })
  const rows = [
    ['in', connect(), false],
    ['out', connack(), false],
    ['in', publish('a', { payload: 'x'.repeat(100_000) }), false],
    ['in', Uint8Array.of(0xff, 0), true],
  ] as const
  for (const [i, [direction, bytes, malformed]] of rows.entries()) {
    writer.frame(i + 100, at(i), 7, direction, bytes, { malformed, notes: malformed ? [note] : [] })
    expected.push({ kind: 'frame', time: at(i), connection: 7, direction, bytes, malformed, no: i + 100 })
  }
  expected.push({ kind: 'remark', no: 103, note })
  writer.closed(104, at(9), 7, closed)
  expected.push({ kind: 'closed', no: 104, time: at(9), connection: 7, facts: closed })
  writer.opened(at(10), 8, peer(3))
  expected.push({ kind: 'opened', time: at(10), connection: 8, facts: peer(3) })
  writer.closed(105, at(10), 8, probe)
  expected.push({ kind: 'closed', no: 105, time: at(10), connection: 8, facts: probe })
  return { file: writer.take(), expected }
}

test('a file of the bench gives its own rows, with their numbers and remarks', () => {
  const { file, expected } = native()
  expect(importBytes(file).events).toEqual(expected)
})

test('read as any other capture, it has the same packets', () => {
  const { file } = native()
  const mark = Buffer.from('oktobench: {"format":1}')
  const at = Buffer.from(file).indexOf(mark)
  expect(at).toBeGreaterThan(0)
  const foreign = file.slice()
  foreign.fill(0x2e, at, at + mark.length)
  const [own, other] = [importBytes(file), importBytes(foreign)]
  const bytes = ({ of }: typeof own) => of('frame').map((frame) => Buffer.from(frame.bytes).toString('hex'))
  expect(bytes(other).slice(0, 3)).toEqual(bytes(own).slice(0, 3))
  expect(other.of('closed').map(({ facts }) => facts.probe)).toEqual([false, true])
})

test('a file of a newer bench is read as any other capture, and it is said', () => {
  const { file } = native()
  const newer = file.slice()
  newer.set(Buffer.from('"format":2'), Buffer.from(file).indexOf('"format":1'))
  const imported = importBytes(newer)
  expect(imported.notes[0]).toMatch(/newer bench \(format 2\)/)
  expect(imported.packets('in').length).toBeGreaterThan(1)
})

test('sections of the bench and of others may follow each other', () => {
  const { file, expected } = native()
  const tour = new Uint8Array(
    readFileSync(new URL('../../fixtures/captures/obuspa-tour.pcapng', import.meta.url)),
  )
  const imported = importBytes(concat(file, tour))
  expect(imported.events.slice(0, expected.length)).toEqual(expected)
  expect(imported.of('frame').filter(({ no }) => no === NUMBER_ME)).toHaveLength(
    importBytes(tour).of('frame').length,
  )
  const numbers = new Set(imported.of('opened').map(({ connection }) => connection))
  expect(numbers.size).toBe(imported.of('opened').length)
})
