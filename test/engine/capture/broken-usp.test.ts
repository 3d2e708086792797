/** What calls itself a Record and is none can be found by that. */
import { expect, test } from 'vitest'
import { testCaptures } from '../../support/captures.ts'
import { connect, getRecord, peer, publish } from './packets.ts'

const called = (contentType: string) => [{ name: 'contentType', value: contentType }] as const
const whole = getRecord('m-1', 'Device.')

test('a broken Record is in the index where its Content Type calls it one', async () => {
  const t = await testCaptures()
  const { live } = t.captures
  live.opened(1, peer())
  live.frame(1, 'in', connect(), false)
  for (const [contentType, payload] of [
    ['usp.msg', whole.subarray(0, 20)],
    ['application/vnd.bbf.usp.msg', 'no Record at all'],
    ['usp.msg', whole],
    ['text/plain', 'no Record at all'],
    // Nothing is there that could be broken.
    ['usp.msg', ''],
  ] as const) {
    live.frame(1, 'in', publish('a/b', { payload, properties: called(contentType) }), false)
  }
  expect((await t.rows('usp')).map(({ no, usp }) => [no, usp])).toEqual([
    [2, 'malformed Record'],
    [3, 'malformed Record'],
    [4, 'GET'],
  ])
  expect((await t.rows('usp.malformed')).map(({ no }) => no)).toEqual([2, 3])
  // By its words as well.
  expect((await t.rows('"malformed Record"')).map(({ no }) => no)).toEqual([2, 3])
  expect((await t.rows('usp and not usp.type')).map(({ no }) => no)).toEqual([2, 3])
})
