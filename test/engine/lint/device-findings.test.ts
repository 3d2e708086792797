import { expect, test, vi } from 'vitest'
import { createDeviceFindings } from '../../../electron/engine/lint/device-findings.ts'
import type { LintCounts } from '../../../shared/contract/lint.ts'
import type { CaptureState } from '../../../shared/contract/model.ts'

const counts: LintCounts = { error: 1, warning: 0, note: 0 }
const state = (change: Partial<CaptureState> = {}): CaptureState => ({
  recording: true,
  rows: 0,
  droppedRows: 0,
  lostFrames: 0,
  bytes: 0,
  budgetBytes: 1,
  findings: counts,
  since: '2026-01-01T00:00:00.000Z',
  ...change,
})

function watch(answers: (ReadonlyMap<string, LintCounts> | Error)[]) {
  const ask = vi.fn(async () => {
    const answer = answers.shift() ?? new Map<string, LintCounts>()
    if (answer instanceof Error) throw answer
    return answer
  })
  const onChange = vi.fn()
  const findings = createDeviceFindings({ ask, onChange, every: 0 })
  return { ask, onChange, findings }
}

test('counts are asked for when the capture has other findings, and only then', async () => {
  const { ask, onChange, findings } = watch([new Map([['a', counts]])])
  findings.captureChanged(state())
  await expect.poll(() => onChange.mock.calls.length).toBe(1)
  expect(findings.of('a')).toEqual(counts)
  expect(findings.of('b')).toBeUndefined()
  findings.captureChanged(state({ rows: 7, bytes: 900 }))
  expect(ask).toHaveBeenCalledTimes(1)
  findings.captureChanged(state({ findings: { ...counts, error: 0 } }))
  await expect.poll(() => findings.of('a')).toBeUndefined()
})

test('rows that go, and another capture, are a reason to ask again with the same sum', async () => {
  const { ask, findings } = watch([])
  findings.captureChanged(state())
  findings.captureChanged(state({ droppedRows: 3 }))
  await expect.poll(() => ask.mock.calls.length).toBe(2)
  findings.captureChanged(state({ droppedRows: 3, since: '2026-01-02T00:00:00.000Z' }))
  await expect.poll(() => ask.mock.calls.length).toBe(3)
})

test('a worker that ended is asked again at the next news of the capture', async () => {
  const { ask, onChange, findings } = watch([new Error('ended'), new Map([['a', counts]])])
  findings.captureChanged(state())
  await expect.poll(() => ask.mock.calls.length).toBe(1)
  await Promise.resolve()
  findings.captureChanged(state())
  await expect.poll(() => onChange.mock.calls.length).toBe(1)
  expect(findings.of('a')).toEqual(counts)
})
