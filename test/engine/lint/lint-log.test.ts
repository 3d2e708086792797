import { describe, expect, test } from 'vitest'
import { LintLog, type LintLogOptions } from '../../../electron/engine/lint/lint-log.ts'
import { connack, connect, endpointId, getRespRecord, publish } from '../capture/packets.ts'

const AGENT = 'os::00256D-1'
/** A Record that says neither Content Type nor Response Topic: two errors. */
const bad = (msgId = 'm') => publish('usp/controller', { payload: getRespRecord(msgId) })
const ping = Uint8Array.of(0xc0, 0)

/** A log with one connection; rows from 1. `rows` are those still held. */
function logOf(options: Partial<LintLogOptions> = {}) {
  const rows = new Set<number>()
  const changed: number[] = []
  const log = new LintLog({
    holds: (no) => rows.has(no),
    changed: (no) => changed.push(no),
    share: 1,
    ...options,
  })
  let last = 0
  const take = (bytes: Uint8Array, direction: 'in' | 'out' = 'in', connection = 1): number => {
    rows.add(++last)
    log.frame(last, last * 1e6, connection, direction, false, bytes)
    return last
  }
  const open = (id = AGENT, connection = 1): void => {
    log.opened(connection, '192.0.2.1:4000')
    take(connect({ clientId: id, properties: endpointId(id) }), 'in', connection)
    take(connack(), 'out', connection)
  }
  open()
  return { log, rows, changed, take, open }
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
    const { log, take } = logOf()
    const first = take(bad('a'))
    const second = take(bad('b'))
    expect(log.group('content-type', AGENT).map(({ no }) => no)).toEqual([first, second])
    const { error } = log.counts
    log.drop(first)
    expect(log.of(first)).toEqual([])
    expect(log.group('content-type', AGENT).map(({ no }) => no)).toEqual([second])
    expect(log.counts.error).toBeLessThan(error)
    log.drop(second)
    expect(log.summary().groups.filter(({ rule }) => rule === 'content-type')).toEqual([])
    expect(log.bytes).toBe([...log.all()].length * 400)
  })

  test('about a row that is gone stand where they were noticed', () => {
    const { log, rows, take } = logOf()
    // The CONNECT asked for no Response Information, which is told at the first Record.
    rows.delete(1)
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

describe('a bench that is busy', () => {
  /** Each packet with findings takes 300 ms of a second, of which the linter may have a quarter. */
  function busy() {
    let now = 0
    let looking = false
    const spend = () => {
      if (looking) now += 300
      looking = false
    }
    const made = logOf({ share: 0.25, now: () => now, changed: spend })
    const take = (bytes: Uint8Array): number => {
      looking = true
      return made.take(bytes)
    }
    return { log: made.log, take, wait: (ms: number) => void (now += ms) }
  }

  test('leaves out PUBLISH packets beyond its share, counts them, and goes on in the next second', () => {
    const { log, take, wait } = busy()
    const first = take(bad('a'))
    const skipped = [take(bad('b')), take(bad('c'))]
    expect(log.rank(first)).toBe(3)
    expect(skipped.map((no) => log.rank(no))).toEqual([0, 0])
    expect(log.summary()).toMatchObject({ checked: 3, skipped: 2 })
    wait(1000)
    expect(log.rank(take(bad('d')))).toBe(3)
    expect(log.summary()).toMatchObject({ checked: 4, skipped: 2 })
  })

  test('takes every packet that carries the state of a connection', () => {
    const { log, take } = busy()
    take(bad('a'))
    take(bad('b'))
    const { checked } = log.summary()
    take(ping)
    take(ping)
    expect(log.summary()).toMatchObject({ checked: checked + 2, skipped: 1 })
  })
})
