/** What a flow may make while it runs has a size: none of these takes the bench's memory or its time. */
import { expect, test } from 'vitest'
import { extentOf, type Json } from '../../../shared/flow/json.ts'
import { play, stepsOf } from './bench.ts'

const loop = (step: string, head = 'variables: { a: x }\n') =>
  stepsOf(`- repeat: 5000\n  steps:\n    - ${step}`, head)

test.each([
  ['a list of itself twice', 'set: { a: ["${a}", "${a}"] }', 'too large'],
  ['a map of itself twice', 'set: { a: { one: "${a}", other: "${a}" } }', 'too large'],
  ['the same by an expression', 'check: 1 == 1\n      bind: { a: "[a, a, a]" }', ''],
  ['a text twice as long', 'set: { a: "${a + a}" }', 'too large'],
  ['a text in a text', 'set: { a: "${a} ${a}" }', 'too large'],
  ['a list twice as long', 'set: { a: "${a + a}" }', 'too large'],
  ['a list in a list', 'set: { a: ["${a}"] }', 'levels deep'],
  ['all steps kept in a step', 'id: it\n      set: { a: "${[a, a]}" }', 'too large'],
])('%s', (_, step, says) => {
  const head = step.includes('a + a') && _.includes('list') ? 'variables: { a: [x] }\n' : undefined
  const started = performance.now()
  const result = play(loop(step, head)).go()
  if (says !== '')
    expect([result.status, JSON.stringify(result.steps)]).toEqual(['error', expect.stringContaining(says)])
  expect(extentOf(result as unknown as Json).size).toBeLessThan(60_000_000)
  expect(performance.now() - started).toBeLessThan(8000)
})

test('what stands in a value many times is measured once, and counts each time', () => {
  let value: Json = ['x']
  for (let turn = 0; turn < 1000; turn++) value = [value, value]
  const { size, depth } = extentOf(value)
  expect(size).toBeGreaterThan(1e300)
  expect(depth).toBe(1001)
})

test('values too many for the result stay in their variables', () => {
  const flow = stepsOf(
    `- set: { long: "\${'x'}" }\n- repeat: 19\n  steps:\n    - set: { long: "\${long + long}" }\n- repeat: 80\n  steps:\n    - set: { kept: "\${long}" }\n- check: length(kept) == 524288`,
  )
  const result = play(flow).go()
  expect([result.status, result.note]).toEqual(['passed', undefined])
  expect(JSON.stringify(result.steps).length).toBeLessThan(25_000_000)
  expect(JSON.stringify(result.steps)).toContain('which is not kept here')
})
