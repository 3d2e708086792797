/** The desktop app with a real engine, used by `oktobench run`. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test, vi } from 'vitest'
import { DOOR_FILE } from '../../../electron/common/door.ts'
import { startEngine } from '../../../electron/engine/engine.ts'
import type { Engine } from '../../../electron/engine/types.ts'
import { runShell } from '../../../electron/main/shell.ts'
import * as electron from '../../stubs/electron.ts'
import { startSimulated } from '../../support/simulated.ts'
import { captureWorkerUrl } from '../../support/worker.ts'

const cli = resolve(import.meta.dirname, '../../../out/main/cli.js')
const flow = resolve(import.meta.dirname, '../../../resources/flows/bring-up.yaml')
const device = 'os::02005E-JOINED'

const oktobench = (...args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((done) => {
    execFile(process.execPath, [cli, ...args], (error, out, err) =>
      done({ code: error?.code ?? 0, out, err }),
    )
  })

test('a bench with a window is joined by oktobench run, and goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oktobench-joined-'))
  await mkdir(join(folder, 'pages'))
  await writeFile(join(folder, 'pages', 'index.html'), '<title>Oktobench</title>')
  electron.resetElectron(folder)
  // The shell listens to the process; the test's own process must not keep that.
  vi.spyOn(process, 'on').mockReturnValue(process)
  const workspace = join(folder, 'lab')
  const ports = ['mqtt', 'ws', 'tls', 'wss'].flatMap((name) => [`--${name}-port`, '0'])
  let engine: Engine | undefined
  await runShell({
    startEngine: async (options) => (engine = await startEngine(options)),
    captureWorker: await captureWorkerUrl(),
    preload: '/preload.cjs',
    pages: join(folder, 'pages'),
    args: ['--workspace', workspace, '--no-nats', '--open-bench', '--no-discover', ...ports],
  })
  try {
    const port = engine?.current('bench').listeners.find(({ transport }) => transport === 'tcp')?.port ?? 0
    const agent = await startSimulated({ port, endpointId: device })
    const { code, out, err } = await oktobench('run', flow, '--device', device, '--workspace', workspace)
    expect({ code, err }).toEqual({
      code: 0,
      err: 'oktobench: the bench that runs on this workspace is used.\n',
    })
    expect(out).toContain('1 run: 1 passed')
    await expect.poll(() => engine?.current('flowRuns').results.length).toBe(1)
    expect(electron.app.exits).toEqual([])
    await agent.stop()
  } finally {
    electron.app.quit()
    await expect.poll(() => electron.app.exits, { timeout: 10_000 }).toEqual([0])
    await expect(stat(join(workspace, DOOR_FILE))).rejects.toThrow('ENOENT')
    await rm(folder, { recursive: true, force: true })
  }
})
