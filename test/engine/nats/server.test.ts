import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { describe, expect, test } from 'vitest'
import { locateServer } from '../../../electron/engine/nats/locate.ts'
import { startNats } from '../../../electron/engine/nats/nats.ts'
import {
  externalServer,
  ownServer,
  type NatsServer,
  type NatsServerState,
  type OwnServerOptions,
} from '../../../electron/engine/nats/server.ts'
import { describeWith } from '../../support/tools.ts'
import { afterwards, ownFolder, plainClient } from './natsd.ts'

const backoff = { firstMs: 10, maxMs: 200 }

async function started(
  options: Partial<OwnServerOptions> = {},
): Promise<{ server: NatsServer; folder: string }> {
  const folder = options.folder ?? (await ownFolder())
  const server = ownServer({ backoff, ...options, folder })
  afterwards(() => server.stop())
  return { server, folder }
}
const reaches = (server: NatsServer, state: NatsServerState['state']): Promise<void> =>
  expect.poll(() => server.state.state, { timeout: 10_000, interval: 10 }).toBe(state)

/** One that has ended and that nobody has asked after (Z) does not run. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const pidOf = async (folder: string): Promise<number> =>
  Number(await readFile(join(folder, 'server.pid'), 'utf8'))

describeWith(['nats-server'], 'the own nats-server', () => {
  test('runs on loopback with JetStream, and lets nobody in without the login', async () => {
    const { server } = await started()
    expect(server.state).toEqual({ state: 'starting', url: '' })
    await reaches(server, 'running')
    const { url, version } = server.state
    expect(url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/)
    expect(version).toMatch(/^\d+\.\d+\.\d+/)
    const { user, password } = server.target() ?? {}
    const client = await plainClient({ servers: url, user: user ?? '', pass: password ?? '' })
    expect(client.info?.jetstream).toBe(true)
    await expect(plainClient({ servers: url })).rejects.toThrow(/authorization/i)
    await expect(plainClient({ servers: url, user: user ?? '', pass: 'x' })).rejects.toThrow(/authorization/i)
  })

  test('keeps its secrets in files for the owner alone, and off the command line and the state', async () => {
    const { server, folder } = await started()
    const states: unknown[] = []
    server.onState((state) => states.push(state))
    await reaches(server, 'running')
    const password = server.target()?.password ?? ''
    expect(password.length).toBeGreaterThan(20)
    for (const name of ['server.conf', 'login.json']) {
      const path = join(folder, name)
      expect((await stat(path)).mode & 0o777, name).toBe(0o600)
      expect(await readFile(path, 'utf8')).toContain(password)
    }
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    const commandLine = await readFile(`/proc/${await pidOf(folder)}/cmdline`, 'utf8')
    expect(commandLine).toContain('server.conf')
    expect(commandLine).not.toContain(password)
    expect(JSON.stringify(states)).not.toContain(password)
  })

  test('starts again when it is killed, at the same address with the same login', async () => {
    const { server, folder } = await started()
    await reaches(server, 'running')
    const before = server.target()
    const pid = await pidOf(folder)
    const states: NatsServerState[] = []
    server.onState((state) => states.push(state))
    process.kill(pid, 'SIGKILL')
    await expect
      .poll(() => states.map(({ state }) => state), { timeout: 10_000 })
      .toEqual(['restarting', 'running'])
    expect(states[0]?.message).toMatch(/^nats-server ended: .* It is started again in .* s\.$/)
    expect(server.target()).toEqual(before)
    expect(await pidOf(folder)).not.toBe(pid)
  })

  test('starts again when it is frozen and no longer answers', async () => {
    const { server, folder } = await started({ look: { everyMs: 100, failures: 2 } })
    await reaches(server, 'running')
    const pid = await pidOf(folder)
    const states: NatsServerState[] = []
    server.onState((state) => states.push(state))
    process.kill(pid, 'SIGSTOP')
    await expect
      .poll(() => states.map(({ state }) => state), { timeout: 15_000 })
      .toEqual(['restarting', 'running'])
    expect(states[0]?.message).toContain('it no longer answered')
    expect(isAlive(pid)).toBe(false)
  }, 20_000)

  test('is ended with the bench also when it is frozen', async () => {
    const { server, folder } = await started()
    await reaches(server, 'running')
    const pid = await pidOf(folder)
    process.kill(pid, 'SIGSTOP')
    await server.stop()
    expect(isAlive(pid)).toBe(false)
  })

  test('is ended in order, and keeps its login and data for the next time', async () => {
    const { server, folder } = await started()
    await reaches(server, 'running')
    const { user, password } = server.target() ?? {}
    const pid = await pidOf(folder)
    await server.stop()
    expect(isAlive(pid)).toBe(false)
    expect(server.state.state).toBe('stopped')
    expect(server.target()).toBeUndefined()
    const again = await started({ folder })
    await reaches(again.server, 'running')
    expect(again.server.target()).toMatchObject({ user, password })
  })

  test('says why it does not start, and starts once the reason has gone', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const { server } = await started({ port })
    await reaches(server, 'failed')
    expect(server.state.message).toMatch(/address already in use/)
    blocker.close()
    await reaches(server, 'running')
    expect(server.state.url).toBe(`nats://127.0.0.1:${port}`)
  })

  test('sets a broken login aside and goes on', async () => {
    const folder = await ownFolder()
    await writeFile(join(folder, 'login.json'), '{"version":1,"password":"s3cret')
    const { server } = await started({ folder })
    await reaches(server, 'running')
    expect(server.state.message).toMatch(/login\.json\.broken-.*a new one was made/)
    expect(server.state.message).not.toContain('s3cret')
    expect((await readdir(folder)).filter((name) => name.includes('broken'))).toHaveLength(1)
  })

  test('works in a folder with spaces, quotes and backslashes in its name', async () => {
    const { server } = await started({ folder: join(await ownFolder(), 'lab "3" \\ a') })
    await reaches(server, 'running')
  })

  test('ends a server of the same folder that was left behind before it starts its own', async () => {
    const folder = await ownFolder()
    const bench = await benchProcess(folder)
    const left = await pidOf(folder)
    // Without its guard a server outlives its bench: the group's leader is the shell.
    const guard = Number(/^\d+ \(.*\) \S+ (\d+)/.exec(await readFile(`/proc/${left}/stat`, 'utf8'))?.[1])
    for (const pid of await childrenOf(guard)) if (pid !== left) process.kill(pid, 'SIGKILL')
    process.kill(guard, 'SIGKILL')
    bench.kill('SIGKILL')
    await once(bench, 'exit')
    expect(isAlive(left)).toBe(true)
    const { server } = await started({ folder })
    await reaches(server, 'running')
    await expect.poll(() => isAlive(left)).toBe(false)
    expect(await pidOf(folder)).not.toBe(left)
  })

  test('does not outlive a bench that is killed', async () => {
    const folder = await ownFolder()
    const bench = await benchProcess(folder)
    const pid = await pidOf(folder)
    const guards = await childrenOf(bench.pid ?? 0)
    expect(isAlive(pid)).toBe(true)
    expect(guards).not.toEqual([])
    bench.kill('SIGKILL')
    await once(bench, 'exit')
    await expect.poll(() => [pid, ...guards].filter(isAlive), { timeout: 5000 }).toEqual([])
  })

  test('with its connection: up, lost and up again', async () => {
    const folder = await ownFolder()
    const nats = startNats({ own: { folder, backoff }, name: 'bench' })
    afterwards(() => nats.stop())
    const states: string[] = []
    nats.onState(({ server, link }) => states.push(`${server.state}/${link.state}`))
    const bothUp = (): Promise<void> =>
      expect
        .poll(() => [nats.state.server.state, nats.state.link.state], { timeout: 10_000 })
        .toEqual(['running', 'connected'])
    await bothUp()
    expect(nats.state.link).toMatchObject({ jetStream: true, url: nats.state.server.url })
    states.length = 0
    process.kill(await pidOf(folder), 'SIGKILL')
    await expect.poll(() => states.some((state) => state.startsWith('restarting'))).toBe(true)
    await bothUp()
    expect(JSON.stringify(nats.state)).not.toContain('password')
  })
})

describe('without a program', () => {
  test('is absent, and says how to get one', async () => {
    const absent = await locateServer({ configured: '/nowhere/nats-server' })
    expect(absent).toEqual({ absent: expect.stringContaining('/nowhere/nats-server') as string })
    const { server } = await started({ configured: '/nowhere/nats-server' })
    await reaches(server, 'absent')
    expect(server.state).toMatchObject({
      url: '',
      message: expect.stringContaining('not a program') as string,
    })
    expect(server.target()).toBeUndefined()
  })

  test('finds the packaged one before those on the PATH, and the configured one before all', async () => {
    const folder = await ownFolder()
    const places = ['configured', 'packaged', 'path'].map((name) => join(folder, name, 'nats-server'))
    for (const place of places) {
      await mkdir(join(place, '..'))
      await writeFile(place, '#!/bin/sh\n', { mode: 0o755 })
    }
    const [configured = '', packaged = '', onPath = ''] = places
    const path = join(onPath, '..')
    expect(await locateServer({ configured, packaged, path })).toEqual({ program: configured })
    expect(await locateServer({ packaged, path })).toEqual({ program: packaged })
    expect(await locateServer({ packaged: join(folder, 'none'), path })).toEqual({ program: onPath })
  })
})

test('a server of somebody else is told without the login in its address', () => {
  const server = externalServer({ url: 'nats://me:s3cret@lab:4222, tls://lab2' })
  expect(server.state).toEqual({ state: 'external', url: 'nats://lab:4222, tls://lab2:4222' })
  expect(() => externalServer({ url: 'http://me:s3cret@lab' })).toThrow(
    /begin with nats:\/\/ or tls:\/\/, not http/,
  )
})

/** A process that runs an own server and nothing else; resolves when that is up. */
async function benchProcess(folder: string): Promise<ReturnType<typeof spawn>> {
  const script = join(await ownFolder(), 'bench.mjs')
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: fileURLToPath(new URL('bench-process.ts', import.meta.url)),
      outDir: join(script, '..'),
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'bench.mjs' } },
    },
    ssr: { noExternal: [/^\./], external: ['@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/kv'] },
  })
  expect(existsSync(script)).toBe(true)
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', await readFile(script, 'utf8'), folder],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  afterwards(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  const direct = list.split(' ').filter(Boolean).map(Number)
  return [...direct, ...(await Promise.all(direct.map(childrenOf))).flat()]
}
