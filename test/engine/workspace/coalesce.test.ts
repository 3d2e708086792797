import { expect, test } from 'vitest'
import { coalesced } from '../../../electron/engine/workspace/coalesce.ts'

/** Work that goes on until it is let go. */
function slow() {
  const started: (() => void)[] = []
  const run = coalesced(() => new Promise<void>((resolve) => void started.push(resolve)))
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  return { started, run, settled }
}

test('wishes while it works are one more time, for all of them', async () => {
  const { started, run, settled } = slow()
  const ended: number[] = []
  const wishes = [run(), run(), run()].map((wish, at) => wish.then(() => ended.push(at)))
  expect(started).toHaveLength(1)
  started[0]?.()
  await settled()
  expect([started.length, ended]).toEqual([2, []])
  started[1]?.()
  await Promise.all(wishes)
  expect([started.length, ended.length]).toEqual([2, 3])
})

test('a wish after it has ended begins anew', async () => {
  const { started, run } = slow()
  const first = run()
  started[0]?.()
  await first
  const second = run()
  expect(started).toHaveLength(2)
  started[1]?.()
  await second
})

test('a failure is told, and the next wish is tried', async () => {
  let fails = true
  const run = coalesced(async () => {
    if (fails) throw new Error('no')
  })
  await expect(run()).rejects.toThrow('no')
  fails = false
  await run()
})
