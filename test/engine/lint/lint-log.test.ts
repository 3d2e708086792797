import { describe, expect, test } from 'vitest'
import { LintLog } from '../../../electron/engine/lint/lint-log.ts'
import { RowsInMemory } from './rows-in-memory.ts'
import { connack, connect, endpointId, getRespRecord, publish } from '../capture/packets.ts'

const AGENT = 'os::00256D-1'
/** A Record that says neither Content Type nor Response Topic: two errors. */
const bad = (msgId = 'm') => publish('usp/controller', { payload: getRespRecord(msgId) })
const ping = Uint8Array.of(0xc0, 0)

/** A log with one connection; rows from 1. What is taken is judged at once. */
function logOf() {
  const rows = new RowsInMemory()
  const changed: number[] = []
  const log = new LintLog({ rows, changed: (no) => changed.push(no) })
  const take = (bytes: Uint8Array, direction: 'in' | 'out' = 'in', connection = 1): number => {
    const no = rows.add(bytes, direction, connection)
    log.step()
    return no
  }
  const open = (id = AGENT, connection = 1): void => {
    log.tell({ kind: 'opened', connection, address: '192.0.2.1:4000' })
    take(connect({ clientId: id, properties: endpointId(id) }), 'in', connection)
    take(connack(), 'out', connection)
  }
  const drop = (before: number): void => {
    for (let no = rows.first; no < before; no++) log.drop(no)
    rows.first = before
  }
  open()
  return { log, rows, changed, take, open, drop }
}

const rulesAt = (log: LintLog, no: number) =>
  log
    .of(no)
    .map(({ rule }) => rule)
    .sort()

describe('findings by row', () => {
  test('stand at their rows, with the worst as their rank, and rows that have none say so', () => {
    const { log, take, changed } = logOf()
    const no = take(bad())
    expect(rulesAt(log, no)).toEqual(expect.arrayContaining(['content-type', 'response-topic']))
    expect(log.rank(no)).toBe(3)
    expect(log.rank(take(ping))).toBe(0)
    expect(changed).toContain(no)
  })

  test('go with their row, and with the last of a kind its group', () => {
    const { log, take, drop } = logOf()
    const first = take(bad('a'))
    const second = take(bad('b'))
    expect(log.group('content-type', AGENT).map(({ no }) => no)).toEqual([first, second])
    const { error } = log.counts
    drop(first + 1)
    expect(log.of(first)).toEqual([])
    expect(log.group('content-type', AGENT).map(({ no }) => no)).toEqual([second])
    expect(log.counts.error).toBeLessThan(error)
    drop(second + 1)
    expect(log.summary().groups.filter(({ rule }) => rule === 'content-type')).toEqual([])
    expect(log.bytes).toBe([...log.all()].length * 400)
  })

  test('about a row that is gone stand where they were noticed', () => {
    const { log, take, drop } = logOf()
    // The CONNECT asked for no Response Information, which is told at the first Record.
    drop(2)
    const no = take(bad())
    expect(rulesAt(log, no)).toContain('request-response-information')
    expect(log.of(1)).toEqual([])
  })

  test('of a rule that is suppressed are not seen, and are there again afterwards', () => {
    const { log, take, changed } = logOf()
    const no = take(bad())
    const before = log.counts
    changed.length = 0
    log.suppress(['content-type'])
    expect(rulesAt(log, no)).not.toContain('content-type')
    expect(log.counts.error).toBe(before.error - 1)
    expect(log.summary().groups.find(({ rule }) => rule === 'content-type')).toMatchObject({
      suppressed: true,
      count: 1,
    })
    expect(changed).toContain(no)
    log.suppress([])
    expect(log.counts).toEqual(before)
  })
})

describe('findings by endpoint', () => {
  test('are counted for each, and together they are all', () => {
    const { log, take, open } = logOf()
    open('os::00256D-2', 2)
    take(bad())
    expect([...log.byEndpoint.keys()]).toEqual([AGENT])
    const other = getRespRecord('m')
    take(publish('usp/controller', { payload: other }), 'in', 2)
    const sum = [...log.byEndpoint.values()].reduce((total, { error }) => total + error, 0)
    expect(log.byEndpoint.size).toBe(2)
    expect(sum).toBe(log.counts.error)
  })

  test('a summary can be of one endpoint alone', () => {
    const { log, take, open } = logOf()
    open('os::00256D-2', 2)
    take(bad())
    take(bad(), 'in', 2)
    expect(new Set(log.summary().groups.map(({ endpoint }) => endpoint)).size).toBe(2)
    expect(new Set(log.summary(AGENT).groups.map(({ endpoint }) => endpoint))).toEqual(new Set([AGENT]))
    expect(log.summary('os::nobody').groups).toEqual([])
  })
})

test('beyond 200 of one kind findings are counted only', () => {
  const { log, take } = logOf()
  for (let i = 0; i < 205; i++) take(bad(`m${i}`))
  expect(log.summary().groups.find(({ rule }) => rule === 'content-type')).toMatchObject({
    count: 200,
    more: 5,
  })
  expect(log.counts.error).toBeGreaterThan(405)
})

test('nobody is told of findings while packets are read: who is told may read as well', () => {
  const rows = new RowsInMemory()
  const seen: string[] = []
  const log = new LintLog({ rows, changed: (no) => seen.push(`told ${no}`) })
  rows.onRead = (no) => seen.push(`read ${no}`)
  rows.add(bad('a'))
  rows.add(bad('b'))
  log.step()
  expect(seen).toEqual(['read 1', 'read 2', 'told 1', 'told 2'])
})

test('what a person clears away is not counted, and nothing that follows rests on it', () => {
  const { log, rows, take, drop } = logOf()
  rows.add(bad('a'))
  log.clear()
  drop(rows.end)
  expect(log.summary()).toMatchObject({ groups: [], checked: 0, waiting: 0, skipped: 0 })
  expect(log.rank(take(bad('b')))).toBe(3)
  expect(log.summary()).toMatchObject({ checked: 1, skipped: 0 })
})
