import { expect, test } from 'vitest'
import type { SeenPacket } from '../../../shared/flow/run/events.ts'
import { Inbox } from '../../../shared/flow/run/inbox.ts'

const packet = (no: number): SeenPacket => ({ no, time: no, from: 'os::d' })
const isNo = (no: number) => (one: SeenPacket) => one.no === no

test('packets taken in order make room; positions stay what they were', () => {
  const inbox = new Inbox()
  for (let no = 0; no < 5000; no++) {
    const at = inbox.end
    expect(at).toBe(no)
    inbox.add(packet(no))
    expect(inbox.find(at, isNo(no), true)?.no).toBe(no)
  }
  inbox.add(packet(5000))
  expect(inbox.find(0, () => true, false)?.no).toBe(5000)
  expect(inbox.dropped).toBe(0)
})

test('one that was not taken is still found behind many that were', () => {
  const inbox = new Inbox()
  inbox.add(packet(0))
  for (let no = 1; no < 1000; no++) {
    inbox.add(packet(no))
    inbox.find(no, isNo(no), true)
  }
  expect(inbox.find(0, () => true, true)?.no).toBe(0)
  expect(inbox.find(0, () => true, true)).toBeUndefined()
})

test('cleared it holds nothing, and goes on counting', () => {
  const inbox = new Inbox()
  inbox.add(packet(1))
  inbox.clear()
  expect([inbox.end, inbox.find(0, () => true, true)]).toEqual([1, undefined])
  inbox.add(packet(2))
  expect([inbox.end, inbox.find(1, () => true, true)?.no]).toEqual([2, 2])
})
