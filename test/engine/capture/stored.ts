/** A capture that is stored, opened and looked for on the disk. */
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TestCaptures } from '../../support/captures.ts'
import { scene } from './scene.ts'

export async function open(t: TestCaptures, id: string): Promise<void> {
  const { job } = await t.captures.handlers['captures.open']({ id })
  expect(await t.done(job)).toMatchObject({ state: 'done', progress: 1, capture: id })
}

/** Records the scene and ends it; answers the stored capture's ID. */
export async function stored(t: TestCaptures): Promise<string> {
  await scene(t)
  const id = t.liveId
  await t.captures.handlers['captures.start']({})
  return id
}
export const segment = (t: TestCaptures, id: string, number = 1) =>
  join(t.workspace, 'captures', id, `${String(number).padStart(5, '0')}.pcapng`)
