/** Whatever a device does, in whatever order, the doctor has a word on it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { CaseRow } from '../../../shared/doctor/case.ts'
import { bootNotify, connectRecord, controller, get, getResp, agent, Play, refused } from './play.ts'

type Move = (play: Play) => unknown
const topic = fc.constantFrom(
  agent,
  controller,
  'oktopus/usp/v1/agent/other',
  'oktopus/usp/v1/controller',
  'x',
)
const payload = fc.constantFrom(connectRecord(), bootNotify(), get(), getResp(), new Uint8Array([1, 2, 3]))
const note = fc.constantFrom(
  undefined,
  refused('no rule allows it', 0x87),
  refused('the user x is not known', 0x86),
)
const rowWithoutPacket: fc.Arbitrary<CaseRow['what']> = fc.oneof(
  fc.constant({ kind: 'probe' } as const),
  note.map((one) => ({ kind: 'malformed', ...(one && { note: one }) }) as const),
  fc.string().map((reason) => ({ kind: 'close', by: 'bench', reason }) as const),
)
const move: fc.Arbitrary<Move> = fc.oneof(
  fc
    .record({ stated: fc.constantFrom('', 'os::a'), username: fc.constantFrom('', 'u') })
    .map((wish) => (play: Play) => play.connect(wish)),
  fc.constantFrom(0, 0x84, 0x86).map((code) => (play: Play) => play.connack(code)),
  fc.tuple(topic, fc.constantFrom(undefined, 0, 0x87)).map(
    ([filter, code]) =>
      (play: Play) =>
        play.subscribe(filter, code),
  ),
  fc.tuple(topic, payload, fc.constantFrom('in', 'out'), fc.boolean(), fc.option(topic), note).map(
    ([name, bytes, direction, own, replyTo, remark]) =>
      (play: Play) =>
        play.publish(name, bytes, {
          direction: direction === 'in' ? 'in' : 'out',
          own,
          ...(replyTo !== null && { replyTo }),
          ...(remark && { note: remark }),
        }),
  ),
  fc
    .constantFrom('in', 'out')
    .map((way) => (play: Play) => play.disconnect(way === 'in' ? 'in' : 'out', 0x8e)),
  rowWithoutPacket.map((what) => (play: Play) => play.row('in', what)),
  fc.constant((play: Play) => play.open()),
)

it('always comes to a verdict', () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 25 }), fc.constantFrom(3, 4, 5), (moves, level) => {
      const play = new Play()
      play.level = level as 3 | 4 | 5
      for (const one of moves) one(play)
      const { verdict, steps, state } = play.examine()
      expect(verdict).toMatch(/\S[.…]$/)
      expect([0, 9]).toContain(steps.length)
      // What is said to be wrong is said to be so for a reason.
      if (state === 'broken')
        expect(steps.some(({ state: step }) => step === 'failed' || step === 'missing')).toBe(true)
      for (const { cause, state: step } of steps) if (step === 'failed') expect(cause?.text).not.toBe('')
    }),
    {
      numRuns: 500,
      examples: [[[(play) => play.row('in', { kind: 'close', by: 'bench', reason: ' ' })], 3]],
    },
  )
})
