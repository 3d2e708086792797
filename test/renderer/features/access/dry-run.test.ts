import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  everything,
  numbersFilter,
  selectRows,
  summaryWords,
  unlisted,
} from '../../../../renderer/features/access/dry-run.ts'
import type { DryRunResult, DryRunRow } from '../../../../shared/contract/dry-run.ts'
import { parseFilter } from '../../../../shared/filter/filter.ts'
import { matchPacket } from '../../../../shared/filter/match.ts'
import { device } from './fake-access.ts'

const row = (no: number, change: Partial<DryRunRow> = {}): DryRunRow => ({
  kind: 'newly-denied',
  no,
  what: 'publish',
  who: device,
  topic: 'a',
  qos: 0,
  retain: false,
  before: { verdict: 'allow', why: 'rule 1 "x" allows it', rule: 'x', index: 0 },
  after: { verdict: 'deny', why: 'no rule matches' },
  pair: 0,
  ...change,
})
const result = (change: Partial<DryRunResult> = {}): DryRunResult => ({
  packets: 280,
  counts: { asked: 205, same: 157, 'newly-denied': 48, 'newly-allowed': 0, 'rule-changed': 0 },
  unknown: 0,
  rows: [],
  devices: [],
  rules: [],
  more: { devices: 0, rules: 0 },
  ...change,
})

describe('numbersFilter', () => {
  it('says neighbours as runs', () => {
    expect(numbersFilter([9, 3, 4, 5, 5, 12])).toEqual({ filter: 'frame.number in {3..5, 9, 12}', left: 0 })
  })

  it('is a filter for exactly these packets', () => {
    const numbers = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 60 }), (wanted, no) => {
        const parsed = parseFilter(numbersFilter(wanted).filter)
        if (!parsed.ok) throw new Error(parsed.error.message)
        const packet = {
          column: (name: string) => (name === 'no' ? no : undefined),
          fields: () => [],
          bytes: () => new Uint8Array(0),
        }
        expect(matchPacket(parsed.filter.program, packet)).toBe(wanted.includes(no))
      }),
      { numRuns: 100 },
    )
  })

  it('counts what finds no place, and stays a filter that a view takes', () => {
    const odd = Array.from({ length: 5000 }, (_, i) => 2 * i + 1)
    const { filter, left } = numbersFilter(odd)
    expect(filter.length).toBeLessThanOrEqual(10_000)
    expect(parseFilter(filter).ok).toBe(true)
    expect(filter.split(',').length + left).toBe(5000)
  })
})

describe('summaryWords', () => {
  it('says what would be otherwise, and against what', () => {
    expect(summaryWords(result(), 'force')).toBe(
      'Of 205 questions in 280 packets this list denies 48 that the rules in force allow.',
    )
    const counts = { asked: 9, same: 6, 'newly-denied': 1, 'newly-allowed': 2, 'rule-changed': 0 }
    expect(summaryWords(result({ counts, packets: 1, unknown: 3 }), 'recorded')).toBe(
      'Of 9 questions in 1 packet this list denies 1 that went through and allows 2 that were refused. ' +
        'Of 3 more the recording does not tell the answer.',
    )
  })

  it('says so where nothing is', () => {
    const none = { 'newly-denied': 0, 'newly-allowed': 0, 'rule-changed': 0 }
    expect(summaryWords(result({ counts: { asked: 4, same: 4, ...none } }), 'force')).toContain(
      'the same verdict',
    )
    expect(summaryWords(result({ counts: { asked: 0, same: 0, ...none } }), 'force')).toBe(
      'Nothing in 280 packets is a question to the rules.',
    )
  })
})

describe('rows', () => {
  it('are narrowed by what changed, by device and by the rules that decide', () => {
    const other = { ...device, endpointId: 'os::other' }
    const rows = [row(1), row(2, { kind: 'newly-allowed', pair: 1 }), row(3, { who: other })]
    const numbers = (part: Partial<typeof everything>) =>
      selectRows(rows, { ...everything, ...part }).map(({ no }) => no)
    expect(numbers({})).toEqual([1, 2, 3])
    expect(numbers({ kind: 'newly-denied' })).toEqual([1, 3])
    expect(numbers({ kind: 'newly-denied', device: 'os::other' })).toEqual([3])
    expect(numbers({ pair: 1 })).toEqual([2])
  })

  it('that are counted alone are told', () => {
    expect(unlisted(result({ rows: [row(1)] }))).toBe(47)
  })
})
