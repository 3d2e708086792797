/** Transactions over whole captures, with the real worker: those of a real agent first. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MAX_WINDOW, type ViewParams } from '../../../shared/contract/contract.ts'
import type { TransactionRow } from '../../../shared/contract/transactions.ts'
import { testCaptures, type TestCaptures } from '../../support/captures.ts'

const fixture = (file: string) => join(import.meta.dirname, '../../fixtures/captures', file)

interface Imported extends TestCaptures {
  readonly capture: string
  transactions(ask?: Partial<ViewParams<'transactions'>>): Promise<TransactionRow[]>
}

async function imported(file: string): Promise<Imported> {
  const bench = await testCaptures()
  const { captures, done } = bench
  const { job } = await captures.handlers['captures.import']({ path: fixture(file) })
  const { capture = '' } = await done(job)
  const transactions: Imported['transactions'] = async (ask) => {
    const view = captures.openTransactions({ capture, text: '', ...ask }, () => undefined)
    for (;;) {
      const { rows, progress } = await view.read({ from: 0, count: MAX_WINDOW, tail: false })
      if (progress !== undefined) continue
      view.close()
      return [...rows]
    }
  }
  return { ...bench, capture, transactions }
}

const tour = 'os::00256D-TOUR5'
const oldTour = 'os::00256D-TOUR311'

test('the tour of a real agent pairs without an orphan', async () => {
  const bench = await imported('obuspa-tour.pcapng')
  const all = await bench.transactions()
  const seen = all.map(({ device, type, outcome, errorCode = 0 }) => [device, type, outcome, errorCode])
  expect(seen).toEqual([
    // Nobody in this capture answers a Notify.
    [tour, 'Notify', 'unanswered', 0],
    [oldTour, 'Notify', 'unanswered', 0],
    [tour, 'Get', 'answered', 0],
    [tour, 'Get', 'answered', 7026],
    [tour, 'GetSupportedDM', 'answered', 0],
    [tour, 'GetInstances', 'answered', 0],
    [tour, 'GetSupportedProtocol', 'answered', 0],
    [tour, 'Add', 'answered', 0],
    [tour, 'Set', 'answered', 0],
    [tour, 'Set', 'error', 7004],
    [tour, 'Set', 'answered', 0],
    [tour, 'Operate', 'answered', 0],
    [tour, 'Operate', 'error', 7026],
    [tour, 'Notify', 'unanswered', 0],
    [tour, 'Delete', 'answered', 0],
    [oldTour, 'Get', 'answered', 0],
    [oldTour, 'GetInstances', 'answered', 0],
  ])
  // Each row with a msg_id belongs to one: request, answer, what the broker passed on, retries.
  const rows = (await bench.rows('usp.msg_id', bench.capture)).map(({ no }) => no)
  const told = all.flatMap(({ request, answer, repeats }) => [
    ...[request, answer].flatMap((seen) => [seen?.no ?? 0, seen?.passedOn ?? 0]),
    ...repeats,
  ])
  expect(new Set(told.filter((no) => no > 0))).toEqual(new Set(rows))
  for (const no of rows) {
    const { id } = await bench.captures.handlers['transactions.of']({ capture: bench.capture, no })
    expect(all.some((one) => one.id === id)).toBe(true)
  }
  const get = all[2]
  expect(get).toMatchObject({
    controller: 'oktopusController',
    summary: 'Device.DeviceInfo.Manufacturer +4',
    verdict: 'none',
  })
  const at = async (no = 0) => (await bench.rows(`frame.number == ${no}`, bench.capture))[0]
  const asked = await at(get?.request?.no)
  const answered = await at(get?.answer?.no)
  expect(get?.msgId).toBe(asked?.msgId)
  const elapsed =
    (answered?.sec ?? 0) - (asked?.sec ?? 0) + ((answered?.nsec ?? 0) - (asked?.nsec ?? 0)) / 1e9
  expect(get?.latencyMs).toBeCloseTo(elapsed * 1000, 6)
  expect(all[0]?.repeats).toHaveLength(2)
})

describe('82 requests to a real agent', () => {
  test('are answered, and their commands end', async () => {
    const { transactions } = await imported('obuspa-dialogue.pcapng')
    const all = await transactions()
    const asked = all.filter(
      ({ type, controller }) => type !== 'Notify' && controller === 'oktopusController',
    )
    expect(asked.filter(({ outcome }) => !['answered', 'error', 'silent'].includes(outcome))).toEqual([])
    expect(all.filter(({ outcome }) => outcome === 'orphan')).toEqual([])
    const ended = all.filter(({ completedBy }) => completedBy.length > 0)
    expect(ended.map(({ type, summary }) => `${type} ${summary}`)).toEqual(
      expect.arrayContaining(['Operate Device.SelfTestDiagnostics() key=st']),
    )
    for (const operate of ended) {
      for (const id of operate.completedBy) {
        expect(all.find((one) => one.id === id)).toMatchObject({ type: 'Notify', completes: operate.id })
      }
    }
  })

  test('are found by device, type, outcome and words', async () => {
    const { transactions, captures, capture } = await imported('obuspa-dialogue.pcapng')
    const all = await transactions()
    const same = (found: TransactionRow[], wanted: (row: TransactionRow) => boolean) => {
      expect(found).toEqual(all.filter(wanted))
      expect(found.length).toBeGreaterThan(0)
      expect(found.length).toBeLessThan(all.length)
    }
    same(await transactions({ type: 'Delete' }), ({ type }) => type === 'Delete')
    same(await transactions({ outcome: 'error' }), ({ outcome }) => outcome === 'error')
    same(await transactions({ device: 'os::00256D-REAL01' }), ({ device }) => device === 'os::00256D-REAL01')
    same(
      await transactions({ outcome: 'trouble' }),
      ({ outcome, errorCode }) => errorCode !== undefined || !['answered', 'silent'].includes(outcome),
    )
    same(
      await transactions({ text: 'operate SelfTest' }),
      ({ type, summary }) => type === 'Operate' && summary.includes('SelfTest'),
    )
    same(await transactions({ text: 'invalid PATH' }), ({ errorCode = 0 }) =>
      [7008, 7026].includes(errorCode),
    )
    expect(await transactions({ text: 'nowhere to be found' })).toEqual([])

    const ask = (more: object) => captures.handlers['transactions.statistics']({ capture, ...more })
    const { all: sum, groups, held, dropped } = await ask({})
    expect({ held, dropped, count: sum.count }).toEqual({ held: all.length, dropped: 0, count: all.length })
    expect(sum.latency?.max).toBe(Math.max(...all.map(({ latencyMs = 0 }) => latencyMs)))
    for (const { device, type, count, errors, latency } of groups) {
      const own = all.filter((one) => one.device === device && one.type === type)
      expect(count).toBe(own.length)
      expect(errors).toBe(own.filter(({ errorCode }) => errorCode !== undefined).length)
      const times = own.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b)
      const median = times[Math.ceil(times.length / 2) - 1]
      if (median !== undefined) expect(Math.abs((latency?.p50 ?? 0) / median - 1)).toBeLessThan(0.011)
      else expect(latency).toBeUndefined()
    }
    expect((await ask({ type: 'Get' })).all.count).toBe(all.filter(({ type }) => type === 'Get').length)
    const chart = await captures.handlers['transactions.chart']({ capture, points: 20 })
    expect(chart.time).toHaveLength(20)
    expect(Math.max(...chart.max.map((value) => value ?? 0))).toBe(sum.latency?.max)
  })
})

test('what a restarted agent says again points to what it said first', async () => {
  const { transactions } = await imported('obuspa-refusals.pcap')
  const all = await transactions()
  expect(all.map(({ type, outcome }) => `${type} ${outcome}`)).toEqual(
    Array.from({ length: 6 }, () => 'Notify timeout'),
  )
  expect(all.map(({ retryOf }) => retryOf)).toEqual([undefined, 1, 1, 1, 1, 1])
})
