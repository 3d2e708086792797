/** Packets come faster than they are judged: they wait, and none is left out. */
import { expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { testCaptures } from '../../support/captures.ts'
import { connack, connect, endpointId, getRespRecord, peer, publish } from '../capture/packets.ts'

const AGENT = 'os::00256D-1'
const BURST = 3000
const bad = (i: number) => publish('usp/controller', { payload: getRespRecord(`m${i}`) })

async function burst() {
  const t = await testCaptures()
  const { live } = t.captures
  live.opened(1, peer())
  live.frame(1, 'in', connect({ clientId: AGENT, properties: endpointId(AGENT) }), false)
  live.frame(1, 'out', connack(), false)
  for (let i = 0; i < BURST; i++) live.frame(1, 'in', bad(i), false)
  return t
}
const contentTypes = (groups: readonly { rule: string; count: number; more: number }[]) =>
  groups.filter(({ rule }) => rule === 'content-type').map(({ count, more }) => count + more)

test('every packet of a burst is judged, and its rows are there before that', async () => {
  const t = await burst()
  await t.captures.live.flush()
  const { checked, waiting } = await t.captures.ask('live', 'lint', {})
  expect(checked + waiting).toBe(BURST + 2)
  expect(await t.captures.ask('live', 'get', { no: BURST + 2 })).toBeDefined()
  await t.judged()
  const summary = await t.captures.ask('live', 'lint', {})
  expect(summary).toMatchObject({ checked: BURST + 2, waiting: 0, skipped: 0 })
  expect(contentTypes(summary.groups)).toEqual([BURST])
})

test('a view by what the linter finds has every row once all are judged', async () => {
  const t = await burst()
  expect(await t.captures.ask('live', 'find', { filter: 'lint', from: BURST + 3, backwards: true })).toBe(
    200 + 2,
  )
  expect(await t.rows('lint.rule == "content-type"')).toHaveLength(200)
})

test('a report waits until all is judged, with progress', async () => {
  const t = await burst()
  const file = join(t.workspace, 'report.json')
  const progress: number[] = []
  const watch = { signal: new AbortController().signal, onProgress: (value: number) => progress.push(value) }
  await t.captures.ask('live', 'report', { format: 'json', source: 'x', file }, watch)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ checked: BURST + 2, skipped: 0 })
  expect(progress.at(-1)).toBeGreaterThan(0.9)
  expect(progress.length).toBeGreaterThan(1)
})

test('a report that is stopped leaves no file', async () => {
  const t = await burst()
  const file = join(t.workspace, 'report.json')
  const controller = new AbortController()
  const watch = { signal: controller.signal, onProgress: () => controller.abort() }
  await expect(
    t.captures.ask('live', 'report', { format: 'json', source: 'x', file }, watch),
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(() => readFileSync(file)).toThrow()
})
