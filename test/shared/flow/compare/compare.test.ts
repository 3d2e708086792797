import { expect, test } from 'vitest'
import { compareResults } from '../../../../shared/flow/compare/compare.ts'
import { matrixOf } from '../../../../shared/flow/compare/matrix.ts'
import type { FlowResult, FlowStatus } from '../../../../shared/flow/run/result.ts'
import { play, stepsOf, type Device } from '../bench.ts'

const flow = stepsOf(`
- send: { get: Device.A. }
  expect: { params: { Device.A.X: { $bind: x } } }
- repeat: 2
  steps:
    - send: { get: Device.B. }
      expect: { params: { Device.B.Y: { $max: 5 } } }
- check: x != "gone"
`)

/** A device with these values; the second one may change from turn to turn. */
const device = (x: string, ys: readonly number[], after = 10): Device => {
  let turn = 0
  return ({ msg }) => {
    const isB = JSON.stringify(msg).includes('Device.B.')
    const params = isB ? { Y: String(ys[turn++]) } : { X: x }
    const path = isB ? 'Device.B.' : 'Device.A.'
    const found = { resolved_path: path, result_params: params }
    return [
      {
        after,
        body: { get_resp: { req_path_results: [{ requested_path: path, resolved_path_results: [found] }] } },
      },
    ]
  }
}
const result = (x: string, ys: readonly number[], after?: number): FlowResult =>
  play(flow, device(x, ys, after)).go()

test('nothing differs between a result and itself, nor from another that went as well', () => {
  const one = result('1', [1, 2])
  const { steps, counts } = compareResults(one, result('1', [1, 2]))
  expect([steps, counts]).toEqual([[], { broken: 0, mended: 0, values: 0, slower: 0, faster: 0 }])
})

test('values of variables and of answers, each by its place', () => {
  const { steps, counts } = compareResults(result('1', [1, 2]), result('2', [1, 3]))
  const place = 'get_resp.req_path_results[0].resolved_path_results[0].result_params'
  expect(steps.map(({ path, values }) => [path, values])).toEqual([
    [
      'steps.0',
      [
        { path: 'x', before: '1', after: '2' },
        { path: `${place}.X`, before: '1', after: '2' },
      ],
    ],
    // The second turn alone.
    ['steps.1.steps.0', [{ path: `${place}.Y`, before: '2', after: '3' }]],
  ])
  expect(counts).toEqual({ broken: 0, mended: 0, values: 2, slower: 0, faster: 0 })
})

test('verdicts, with steps that are in one result alone', () => {
  const { steps, counts, after } = compareResults(result('1', [1, 2]), result('1', [9]))
  expect(after.status).toBe('failed')
  expect(steps.map(({ path, before, after: now }) => [path, before, now])).toEqual([
    ['steps.1', 'passed', 'failed'],
    ['steps.1.steps', 'passed', 'failed'],
    ['steps.1.steps.0', 'passed', 'failed'],
    ['steps.2', 'passed', 'skipped'],
    ['steps.1.steps', 'passed', undefined],
    ['steps.1.steps.0', 'passed', undefined],
  ])
  expect(counts.broken).toBe(3)
  expect(compareResults(result('1', [9]), result('1', [1, 2])).counts.mended).toBe(3)
})

test('latency beyond the tolerance', () => {
  const [quick, slow] = [result('1', [1, 2], 10), result('1', [1, 2], 100)]
  const { steps, counts } = compareResults(quick, slow)
  expect(steps).toHaveLength(3)
  expect(steps.map(({ latency }) => latency)).toEqual(steps.map(() => ({ before: 10, after: 100 })))
  expect(counts.slower).toBe(3)
  expect(compareResults(slow, quick).counts.faster).toBe(3)
  expect(compareResults(quick, slow, { factor: 20, ms: 50 }).steps).toEqual([])
  expect(compareResults(quick, slow, { factor: 2, ms: 91 }).steps).toEqual([])
})

test('a long answer is not told value by value without an end', () => {
  const many = (by: number): FlowResult =>
    play(stepsOf('- send: { get: Device. }'), () => [
      {
        body: {
          get_resp: {
            req_path_results: Array.from({ length: 100 }, (_, at) => ({ requested_path: String(at * by) })),
          },
        },
      },
    ]).go()
  const [step] = compareResults(many(1), many(2)).steps
  expect([step?.values.length, step?.moreValues]).toEqual([50, 49])
})

test('a matrix of devices and flows has the newest result of each', () => {
  const one = (name: string, device: string, status: FlowStatus, startedAt: number) => ({
    name,
    device,
    status,
    startedAt,
  })
  const { devices, rows } = matrixOf([
    one('1.10', 'b', 'passed', 1),
    one('1.9', 'a', 'failed', 3),
    one('1.9', 'a', 'passed', 2),
    one('1.9', 'b', 'skipped', 2),
  ])
  expect(devices).toEqual(['a', 'b'])
  expect(rows).toEqual([
    {
      name: '1.9',
      cells: [
        { status: 'failed', runs: 2, bad: 1, at: 1 },
        { status: 'skipped', runs: 1, bad: 0, at: 3 },
      ],
    },
    { name: '1.10', cells: [null, { status: 'passed', runs: 1, bad: 0, at: 0 }] },
  ])
})
