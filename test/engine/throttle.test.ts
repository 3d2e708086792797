import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Throttle } from '../../electron/engine/throttle.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a Throttle acts at once, then at most once in its time, and never forgets the last wish', () => {
  const action = vi.fn()
  const throttle = new Throttle(50, action)
  for (let i = 0; i < 10; i++) throttle.request()
  expect(action).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(49)
  expect(action).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  expect(action).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1000)
  expect(action).toHaveBeenCalledTimes(2)
  throttle.request()
  expect(action).toHaveBeenCalledTimes(3)
})

test('what cannot wait is told at once, and counts as told', () => {
  const action = vi.fn()
  const throttle = new Throttle(50, action)
  throttle.request()
  throttle.request()
  throttle.now()
  expect(action).toHaveBeenCalledTimes(2)
  vi.advanceTimersByTime(1000)
  expect(action).toHaveBeenCalledTimes(2)
})

test('a stopped Throttle is silent', () => {
  const action = vi.fn()
  const throttle = new Throttle(50, action)
  throttle.request()
  throttle.request()
  throttle.stop()
  throttle.request()
  vi.advanceTimersByTime(1000)
  expect(action).toHaveBeenCalledTimes(1)
})
