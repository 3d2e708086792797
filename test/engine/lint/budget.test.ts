import { expect, test } from 'vitest'
import { LintBudget } from '../../../electron/engine/lint/budget.ts'

/** A budget whose clock stands still but for what work takes. */
function budget(share: number) {
  let now = 5000
  const made = new LintBudget(share, () => now)
  return {
    made,
    work: (ms: number) => made.measure(() => void (now += ms)),
    wait: (ms: number) => void (now += ms),
  }
}

test('there is time until the share of a second is spent, and again in the next', () => {
  const { made, work, wait } = budget(0.25)
  expect(made.isLimited).toBe(true)
  expect(made.hasTime).toBe(true)
  work(200)
  expect(made.hasTime).toBe(true)
  work(50)
  expect(made.hasTime).toBe(false)
  wait(749)
  expect(made.hasTime).toBe(false)
  wait(1)
  expect(made.hasTime).toBe(true)
  work(249)
  expect(made.hasTime).toBe(true)
})

test('time that nobody spent is not saved up', () => {
  const { made, work, wait } = budget(0.25)
  wait(10_000)
  expect(made.hasTime).toBe(true)
  work(260)
  expect(made.hasTime).toBe(false)
})

test('a whole thread is no limit', () => expect(budget(1).made.isLimited).toBe(false))
