import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exportedFile } from '../../../electron/common/exports.ts'

let workspace: string
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'oktobench-handed-'))
  await mkdir(join(workspace, 'exports'))
  await mkdir(join(workspace, 'certificates', 'devices'), { recursive: true })
})
afterEach(() => rm(workspace, { recursive: true, force: true }))

test.each([
  ['exports/a.pcapng', true],
  ['certificates/lab-ca.pem', true],
  ['certificates/devices/os_1.pem', true],
  ['certificates/lab-ca.key', false],
  ['certificates/server.key', false],
  ['certificates/devices.json', false],
  ['certificates/devices/../lab-ca.key', false],
  ['credentials.json', false],
  ['nats-login.json', false],
])('%s is handed out: %s', async (name, handed) => {
  const path = join(workspace, name)
  await writeFile(path, 'x')
  // As a page sends it: the whole path, not made plain.
  const answer = exportedFile(workspace, `${workspace}/${name}`)
  if (handed) expect(await answer).toMatchObject({ path, size: 1 })
  else await expect(answer).rejects.toMatchObject({ code: 'not-found' })
})
