import { expect, test } from 'vitest'
import { balanceText, expiryText, lagText, shareOf } from '../../../../renderer/features/sessions/words.ts'
import { NEVER_EXPIRES, type GroupMember, type SharedGroupRow } from '../../../../shared/contract/sessions.ts'

const member = (delivered: number, connected = true): GroupMember => ({
  clientId: `m${delivered}`,
  connected,
  qos: 1,
  delivered,
  acknowledged: delivered,
  inflight: 0,
})
const group = (members: readonly GroupMember[], more: Partial<SharedGroupRow> = {}): SharedGroupRow => ({
  key: '$share/g/t',
  group: 'g',
  filter: 't',
  members,
  unlisted: 0,
  connected: members.filter(({ connected }) => connected).length,
  delivered: members.reduce((sum, { delivered }) => sum + delivered, 0),
  inflight: 0,
  waiting: 0,
  ...more,
})

test.each([
  [{ connected: true, expiry: 0 }, 'with the connection'],
  [{ connected: true, expiry: 300 }, '5 min after it leaves'],
  [{ connected: false, expiry: 300, expiresIn: 61 }, 'in 1 min'],
  [{ connected: false, expiry: NEVER_EXPIRES }, 'never'],
])('%o ends %s', (session, text) => {
  expect(expiryText(session)).toBe(text)
})

test.each([
  [group([member(10), member(11)]), 'even'],
  [group([member(30), member(10)]), 'the busiest has 1.5 times its share'],
  [group([member(30), member(10, false)]), 'one member takes all'],
  [group([member(0), member(0)]), 'nothing yet'],
  [group([member(3, false)], { waiting: 2 }), 'nobody is there: messages wait'],
  [group([]), 'nobody is there'],
])('balance %#: %s', (row, text) => {
  expect(balanceText(row)).toBe(text)
})

test('shares and lag', () => {
  const row = group([member(3), member(1)], { inflight: 1, waiting: 1200 })
  expect(row.members.map((one) => shareOf(one, row))).toEqual([0.75, 0.25])
  expect(shareOf(member(0), group([member(0)]))).toBe(0)
  expect(lagText(row)).toBe('1 message under way, 1,200 wait')
})
