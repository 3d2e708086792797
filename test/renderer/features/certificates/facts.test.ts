import { describe, expect, it } from 'vitest'
import {
  certificateRows,
  dayFrom,
  endpointProblem,
  filterRows,
  stateAt,
  usableOf,
} from '../../../../renderer/features/certificates/facts.ts'

const now = Date.parse('2026-03-01T12:00:00Z')
const days = (n: number): string => new Date(now + n * 86_400_000).toISOString()

describe('the state of a certificate', () => {
  it.each([
    [days(31), undefined, 'good'],
    [days(30), undefined, 'good'],
    [days(29.9), undefined, 'soon'],
    [days(0), undefined, 'expired'],
    [days(-1), undefined, 'expired'],
    [days(400), days(-1), 'revoked'],
    [days(-1), days(-2), 'revoked'],
  ])('until %s, revoked at %s: %s', (notAfter, revokedAt, state) =>
    expect(stateAt(notAfter, now, revokedAt)).toBe(state),
  )
})

const told = [
  { serial: '01', endpointId: 'os::b', notAfter: days(400), username: 'Lab-7' },
  { serial: '02', endpointId: 'os::a', notAfter: days(10) },
  { serial: '03', endpointId: 'os::b', notAfter: days(500), revokedAt: days(-1) },
]

describe('the table', () => {
  const rows = certificateRows(told, now)
  const serials = (filter: string) => filterRows(rows, filter).map(({ serial }) => serial)

  it('goes by endpoint ID, and of one device the newest stands first', () =>
    expect(rows.map(({ serial, newest, state }) => [serial, newest, state])).toEqual([
      ['02', true, 'soon'],
      ['03', true, 'revoked'],
      ['01', false, 'good'],
    ]))

  it.each([
    ['', ['02', '03', '01']],
    ['  ', ['02', '03', '01']],
    ['OS::B', ['03', '01']],
    ['lab-7', ['01']],
    ['expires soon', ['02']],
    ['os::b revoked', ['03']],
    ['os::a revoked', []],
  ])('filter %j leaves %j', (filter, left) => expect(serials(filter)).toEqual(left))
})

it('knows with which certificate a device can come in', () => {
  expect(usableOf(told, 'os::b', now)?.serial).toBe('01')
  expect(usableOf(told, 'os::a', now)?.serial).toBe('02')
  expect(usableOf(told, 'os::a', now + 11 * 86_400_000)).toBeUndefined()
  expect(usableOf(told, 'os::c', now)).toBeUndefined()
})

it.each([
  [days(99), '2026-06-08, in 99 d'],
  [days(-2), '2026-02-27, 2 d ago'],
])('%s is %s', (time, text) => expect(dayFrom(time, now)).toBe(text))

it.each([
  ['', true],
  ['os::012345-CPE1', true],
  ['proto::a%2Fb~c.d_e@f+g=h', true],
  ['x'.repeat(128), true],
  ['x'.repeat(129), false],
  ['os:: x', false],
  ['os::a/b', false],
  ['os::ü', false],
])('endpoint ID %j can stand in a certificate: %s', (id, good) =>
  expect(endpointProblem(id) === undefined).toBe(good),
)
