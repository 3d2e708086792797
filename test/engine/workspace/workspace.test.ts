import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { lockWorkspace } from '../../../electron/engine/workspace/lock.ts'
import { openWorkspace, peekSettings, type Workspace } from '../../../electron/engine/workspace/workspace.ts'

let folder: string
let open: Workspace[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-workspace-'))
})
afterEach(async () => {
  await Promise.all(open.map((workspace) => workspace.close()))
  open = []
  await rm(folder, { recursive: true, force: true })
})

async function opened(...args: Parameters<typeof openWorkspace> | []): Promise<Workspace> {
  const workspace = await openWorkspace(args[0] ?? folder, args[1])
  open.push(workspace)
  return workspace
}
const file = (): string => join(folder, 'bench.json')
const content = async (): Promise<unknown> => JSON.parse(await readFile(file(), 'utf8'))
const texts = (workspace: Workspace): string[] => workspace.problems.map((problem) => problem.text)

/** Every new workspace has a `.gitignore`; what else is in it is the question. */
const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(path)).filter((name) => name !== '.gitignore')

describe('opening', () => {
  test('makes the folder, and a sub-folder when it is asked for', async () => {
    const path = join(folder, 'a', 'lab 3')
    const workspace = await opened(path)
    expect(workspace).toMatchObject({ path, name: 'lab 3', problems: [] })
    expect(await filesIn(path)).toEqual(['bench.lock'])
    expect(await workspace.folder('captures')).toBe(join(path, 'captures'))
    expect(await readdir(path)).toContain('captures')
  })

  test('puts overrides in force without writing them', async () => {
    await writeFile(file(), '{"version":1,"serve":{"port":1,"host":"::1"}}')
    const { settings } = await opened(folder, { 'serve.port': 2 })
    expect(settings).toMatchObject({ 'serve.port': 2, 'serve.host': '::1', 'listeners.tcp.port': 1883 })
    expect(await content()).toEqual({ version: 1, serve: { port: 1, host: '::1' } })
  })

  test('refuses an override that does not fit', async () => {
    await expect(openWorkspace(folder, { 'serve.port': -1 })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(openWorkspace(folder, { 'serve.motd': 'x' })).rejects.toThrow(
      'serve.motd is not a known setting.',
    )
  })

  test('says what to do when the path is a file', async () => {
    await writeFile(file(), '')
    await expect(openWorkspace(file())).rejects.toMatchObject({ code: 'unavailable' })
    await expect(openWorkspace(file())).rejects.toThrow(
      /cannot be used: there is a file of that name.*--workspace/,
    )
    await expect(openWorkspace(join(file(), 'x'))).rejects.toThrow(/a part of the path is a file/)
  })

  test('sets a broken bench.json aside, whole, and starts with defaults', async () => {
    await writeFile(file(), '{"version":1, oops')
    const workspace = await opened()
    const aside = (await readdir(folder)).find((name) => name.startsWith('bench.json.broken-')) ?? ''
    expect(aside).toMatch(/^bench\.json\.broken-\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z$/)
    expect(await readFile(join(folder, aside), 'utf8')).toBe('{"version":1, oops')
    expect(workspace.settings['listeners.tcp.port']).toBe(1883)
    expect(workspace.problems).toMatchObject([{ severity: 'error' }])
    expect(texts(workspace)[0]).toContain(aside)
  })

  test('uses the default for one bad value and keeps the file as it is', async () => {
    const text = '{"version":1,"serve":{"port":"x"},"listeners":{"tcp":{"port":2883}}}'
    await writeFile(file(), text)
    const workspace = await opened()
    expect(workspace.settings).toMatchObject({ 'serve.port': 8090, 'listeners.tcp.port': 2883 })
    expect(workspace.problems).toMatchObject([{ severity: 'warning', id: 'settings-1' }])
    expect(await readFile(file(), 'utf8')).toBe(text)
  })

  test('gives the lock back when bench.json cannot be read at all', async () => {
    await mkdir(file())
    await expect(openWorkspace(folder)).rejects.toThrow(/it is a folder/)
    await rm(file(), { recursive: true })
    await opened()
  })
})

describe('saving', () => {
  test('puts settings in force and into the file, and nothing else', async () => {
    await writeFile(file(), '{"version":1,"note":"mine","serve":{"port":"x"}}')
    const workspace = await opened(folder, { 'listeners.tcp.port': 1 })
    await workspace.save({ 'listeners.tcp.port': 2883 })
    expect(workspace.settings['listeners.tcp.port']).toBe(2883)
    expect(await content()).toEqual({
      version: 1,
      note: 'mine',
      serve: { port: 'x' },
      listeners: { tcp: { port: 2883 } },
    })
    expect((await filesIn(folder)).toSorted()).toEqual(['bench.json', 'bench.lock'])
  })

  test('many at once all end up in the file', async () => {
    const workspace = await opened()
    await Promise.all([
      workspace.save({ 'serve.port': 1 }),
      workspace.save({ 'listeners.tcp.port': 2 }),
      workspace.save({ 'serve.port': 3 }),
    ])
    expect(await content()).toEqual({ version: 1, serve: { port: 3 }, listeners: { tcp: { port: 2 } } })
  })

  test('keeps an edit made meanwhile by hand', async () => {
    const workspace = await opened()
    await workspace.save({ 'serve.port': 1 })
    await writeFile(file(), '{"version":1,"broker":{"maxConnections":5}}')
    await workspace.save({ 'serve.port': 2 })
    expect(await content()).toEqual({ version: 1, broker: { maxConnections: 5 }, serve: { port: 2 } })
  })

  test('sets a broken edit aside instead of writing over it', async () => {
    const workspace = await opened()
    await writeFile(file(), 'half an ed')
    await workspace.save({ 'serve.port': 2 })
    expect(await content()).toEqual({ version: 1, serve: { port: 2 } })
    const aside = (await readdir(folder)).find((name) => name.includes('broken')) ?? ''
    expect(await readFile(join(folder, aside), 'utf8')).toBe('half an ed')
    expect(texts(workspace)[0]).toContain(aside)
  })

  test('refuses a value that does not fit and changes nothing', async () => {
    const workspace = await opened()
    await expect(workspace.save({ 'serve.port': 1.5 })).rejects.toThrow('serve.port must be a whole number')
    expect(workspace.settings['serve.port']).toBe(8090)
    expect(await filesIn(folder)).toEqual(['bench.lock'])
  })

  test('leaves the file of a newer version alone and says so', async () => {
    const text = '{"version":2,"serve":{"port":1}}'
    await writeFile(file(), text)
    const workspace = await opened()
    expect(workspace.settings['serve.port']).toBe(8090)
    expect(workspace.problems).toMatchObject([{ severity: 'error' }])
    await expect(workspace.save({ 'serve.port': 2 })).rejects.toMatchObject({ code: 'unavailable' })
    expect(await readFile(file(), 'utf8')).toBe(text)
    expect(await filesIn(folder)).toHaveLength(2)
  })

  test('leaves the old file whole, and no other, when writing fails', async () => {
    const workspace = await opened()
    await workspace.save({ 'serve.port': 1 })
    await rm(file())
    await mkdir(file())
    await expect(workspace.save({ 'serve.port': 2 })).rejects.toThrow(/cannot be written: it is a folder/)
    expect(workspace.settings['serve.port']).toBe(2)
    expect((await filesIn(folder)).toSorted()).toEqual(['bench.json', 'bench.lock'])
  })
})

test('peeking reads what stands in the file and changes nothing', async () => {
  expect(await peekSettings(join(folder, 'nowhere'))).toEqual({})
  await writeFile(file(), 'broken')
  expect(await peekSettings(folder)).toEqual({})
  await writeFile(file(), '{"serve":{"port":7}}')
  expect(await peekSettings(folder)).toEqual({ 'serve.port': 7 })
  expect(await filesIn(folder)).toEqual(['bench.json'])
})

describe('the lock', () => {
  const lock = (): string => join(folder, 'bench.lock')
  const write = (pid: number, host = hostname()): Promise<void> =>
    writeFile(lock(), JSON.stringify({ pid, host }))
  /** A process number that was in use and is not any more. */
  const endedPid = (): number => spawnSync(process.execPath, ['-e', '']).pid

  test('keeps a second bench out, in one line, until the first has closed', async () => {
    const first = await opened()
    await expect(openWorkspace(folder)).rejects.toMatchObject({ code: 'conflict' })
    await expect(openWorkspace(folder)).rejects.toThrow(
      `The workspace ${folder} is in use by another bench (process ${process.pid}).`,
    )
    await first.close()
    await first.close()
    const second = await opened()
    await first.close()
    expect(await filesIn(folder)).toEqual(['bench.lock'])
    await expect(openWorkspace(folder)).rejects.toMatchObject({ code: 'conflict' })
    await second.close()
    expect(await filesIn(folder)).toEqual([])
  })

  test('is respected while another process holds it', async () => {
    await write(process.ppid)
    await expect(openWorkspace(folder)).rejects.toThrow(`(process ${process.ppid})`)
    expect(JSON.parse(await readFile(lock(), 'utf8'))).toMatchObject({ pid: process.ppid })
  })

  test('of a process that ended is taken over', async () => {
    await write(endedPid())
    await opened()
    expect(JSON.parse(await readFile(lock(), 'utf8'))).toEqual({ pid: process.pid, host: hostname() })
    expect(await filesIn(folder)).toEqual(['bench.lock'])
  })

  test('of before the machine started is taken over, whoever has that number now', async () => {
    await write(process.ppid)
    await utimes(lock(), 1, 1)
    await opened()
  })

  test.each(['', '{', '7', 'null', '{"pid":"x"}'])('that holds %s is taken over', async (text) => {
    await writeFile(lock(), text)
    await opened()
  })

  test('of another machine says which file to delete', async () => {
    await write(1, 'other-machine')
    await expect(openWorkspace(folder)).rejects.toThrow(
      `process 1 on other-machine). If that bench does not run`,
    )
  })

  test('that is stale is taken over by one of many', async () => {
    await write(endedPid())
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockWorkspace(folder)))
    const won = results.filter((result) => result.status === 'fulfilled')
    expect(won).toHaveLength(1)
    expect(results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code)).toEqual(
      Array.from({ length: 7 }, () => 'conflict'),
    )
    await won[0]?.value()
    expect(await filesIn(folder)).toEqual([])
  })

  test('that cannot be read is an error, not a loop', async () => {
    await symlink('bench.lock', lock())
    await expect(openWorkspace(folder)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
