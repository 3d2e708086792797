import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMessages, type MessageService } from '../../../electron/engine/messages/service.ts'
import { plainName } from '../../../electron/engine/workspace/kept-names.ts'
import { HISTORY_FILE } from '../../../electron/engine/messages/history.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import { MAX_SENT } from '../../../shared/contract/saved-messages.ts'

const get = '{\n  "get": {\n    "param_paths": [\n      "Device.${what}."\n    ]\n  }\n}'
const message = { text: get, note: 'Before each run', variables: { what: 'WiFi' } }
const sent: Request<'messages.remember'> = {
  kind: 'Get',
  text: get,
  variables: {},
  endpointIds: ['doc::1'],
  devices: 1,
  answered: 1,
  failed: 0,
}

let folder: string
let service: MessageService
let problems: string[]
const call = () => service.handlers

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-messages-'))
  problems = []
  service = createMessages(folder, (text) => problems.push(text))
})
afterEach(async () => {
  await service.stop()
  await rm(folder, { recursive: true, force: true })
})
const paths = async (text = ''): Promise<string[]> =>
  (await call()['messages.list']({ text })).messages.map(({ path }) => path)

describe('saved messages', () => {
  test('a message is a file that reads well in a diff, and comes back as it was', async () => {
    const { stamp } = await call()['messages.save']({ path: 'wifi/scan.json', ...message })
    expect(JSON.parse(await readFile(join(folder, 'messages/wifi/scan.json'), 'utf8'))).toEqual({
      oktobench: 'message',
      version: 1,
      note: message.note,
      variables: message.variables,
      message: JSON.parse(get) as unknown,
    })
    expect(await call()['messages.read']({ path: 'wifi/scan.json' })).toEqual({
      path: 'wifi/scan.json',
      ...message,
      stamp,
    })
    expect(await call()['messages.list']({ text: '' })).toMatchObject({
      messages: [{ path: 'wifi/scan.json', kind: 'Get', note: message.note }],
      all: 1,
      left: 0,
    })
  })

  test('nothing is written over that is not known', async () => {
    const path = 'a.json'
    const { stamp } = await call()['messages.save']({ path, ...message })
    await expect(call()['messages.save']({ path, ...message })).rejects.toMatchObject({ code: 'conflict' })
    const next = await call()['messages.save']({ path, ...message, note: 'mine', over: stamp })
    await expect(call()['messages.save']({ path, ...message, over: stamp })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('changed by somebody else') as string,
    })
    expect((await call()['messages.read']({ path })).stamp).toBe(next.stamp)
    expect(await readdir(join(folder, 'messages'))).toEqual(['a.json'])
  })

  test('words find path, note and content', async () => {
    await call()['messages.save']({ path: 'wifi/scan.json', ...message })
    await call()['messages.save']({
      path: 'boot.json',
      text: '{"operate":{"command":"Device.Reboot()"}}',
      note: '',
      variables: {},
    })
    expect(await paths()).toEqual(['boot.json', 'wifi/scan.json'])
    expect(await paths('REBOOT device')).toEqual(['boot.json'])
    expect(await paths('before scan')).toEqual(['wifi/scan.json'])
    expect(await paths('nothing')).toEqual([])
  })

  test('renamed into another folder, and deleted to the trash', async () => {
    await call()['messages.save']({ path: 'a.json', ...message })
    await call()['messages.save']({ path: 'b.json', ...message })
    await expect(call()['messages.rename']({ from: 'a.json', to: 'b.json' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await call()['messages.rename']({ from: 'a.json', to: 'x/y/a.json' })
    await call()['messages.delete']({ path: 'b.json' })
    expect(await paths()).toEqual(['x/y/a.json'])
    expect(await readdir(join(folder, 'messages/.trash'))).toEqual([expect.stringMatching(/^b .*Z\.json$/)])
    await expect(call()['messages.delete']({ path: 'b.json' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(call()['messages.rename']({ from: 'b.json', to: 'c.json' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  test.each([
    '../out.json',
    'a/../../out.json',
    '/etc/out.json',
    'a//b.json',
    './a.json',
    'a\\b.json',
    'C:evil.json',
    '.hidden/a.json',
    '.json',
    'con.json',
    'a\0.json',
    'a.txt',
    'a./b.json',
    `${'d/'.repeat(9)}a.json`,
  ])('a path that could leave the folder or that no file can have is refused: %j', async (path) => {
    for (const attempt of [
      () => call()['messages.save']({ path, ...message }),
      () => call()['messages.read']({ path }),
      () => call()['messages.delete']({ path }),
      () => call()['messages.rename']({ from: path, to: 'b.json' }),
      () => call()['messages.rename']({ from: 'b.json', to: path }),
    ])
      await expect((async () => void (await attempt()))()).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('a link is not followed', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'oktobench-outside-'))
    await mkdir(join(folder, 'messages'))
    await writeFile(join(outside, 'secret.json'), '{"get":{}}')
    await symlink(outside, join(folder, 'messages/link'))
    await symlink(join(outside, 'secret.json'), join(folder, 'messages/link.json'))
    for (const path of ['link/secret.json', 'link.json', 'link/new.json']) {
      await expect(call()['messages.read']({ path })).rejects.toMatchObject({ code: 'invalid-request' })
      await expect(call()['messages.save']({ path, ...message })).rejects.toMatchObject({
        code: 'invalid-request',
      })
    }
    expect(await paths()).toEqual([])
    expect(await readdir(outside)).toEqual(['secret.json'])
    await rm(outside, { recursive: true })
  })

  test('a file that is no message stands in the list with its reason', async () => {
    await mkdir(join(folder, 'messages'))
    await writeFile(join(folder, 'messages/broken.json'), '{"get":')
    await writeFile(join(folder, 'messages/bare.json'), '{"get":{"param_paths":["Device."]}}')
    const { messages } = await call()['messages.list']({ text: '' })
    expect(messages).toMatchObject([
      { path: 'bare.json', kind: 'Get' },
      { path: 'broken.json', fault: expect.stringContaining('no JSON') as string },
    ])
    await expect(call()['messages.read']({ path: 'broken.json' })).rejects.toMatchObject({ code: 'failed' })
  })

  test('several of Oktopus come in with their names; a taken one gets a number', async () => {
    const text = JSON.stringify([
      { name: 'reboot: now?', value: '{"operate":{"command":"Device.Reboot()"}}' },
      { name: 'reboot: now?', value: { get: { param_paths: ['Device.'] } } },
    ])
    expect(await call()['messages.import']({ folder: 'oktopus', name: 'export.json', text })).toEqual([
      'oktopus/reboot now.json',
      'oktopus/reboot now (2).json',
    ])
    expect((await call()['messages.read']({ path: 'oktopus/reboot now.json' })).text).toContain(
      'Device.Reboot()',
    )
    await expect(call()['messages.import']({ folder: '', name: 'x', text: '{"a":1}' })).rejects.toMatchObject(
      {
        code: 'invalid-request',
      },
    )
    await expect(call()['messages.import']({ folder: '../x', name: 'x', text })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })

  test('any text becomes a name', () => {
    expect(plainName('a/b:c.json')).toBe('a b c')
    expect(plainName('...')).toBe('message')
    expect(plainName('nul')).toBe('message nul')
  })
})

describe('what was sent', () => {
  test('newest first, the same again only once, over a restart', async () => {
    await call()['messages.remember'](sent)
    await call()['messages.remember']({ ...sent, text: '{}' })
    await call()['messages.remember']({ ...sent, failed: 1 })
    await service.stop()
    expect((await stat(join(folder, HISTORY_FILE))).mode & 0o777).toBe(0o600)
    service = createMessages(folder, (text) => problems.push(text))
    expect(
      (await call()['messages.history'](undefined)).map(({ no, text, failed }) => [no, text, failed]),
    ).toEqual([
      [3, get, 1],
      [2, '{}', 0],
    ])
    await call()['messages.clearHistory'](undefined)
    expect(await call()['messages.history'](undefined)).toEqual([])
  })

  test('no more than its bound', async () => {
    const many = Array.from({ length: MAX_SENT + 5 }, (_, at) => ({ ...sent, text: `{"n":${at}}` }))
    await Promise.all(many.map((one) => call()['messages.remember'](one)))
    const kept = await call()['messages.history'](undefined)
    expect(kept).toHaveLength(MAX_SENT)
    await call()['messages.remember']({ ...sent, text: 'x'.repeat(999_999) })
    await call()['messages.remember']({ ...sent, text: 'y'.repeat(999_999) })
    await call()['messages.remember']({ ...sent, text: 'z'.repeat(999_999) })
    expect((await call()['messages.history'](undefined)).map(({ text }) => text[0])).toEqual(['z', 'y'])
  })

  test('a broken file is set aside and told', async () => {
    await writeFile(join(folder, HISTORY_FILE), 'nonsense')
    expect(await call()['messages.history'](undefined)).toEqual([])
    expect(problems.join()).toMatch(/cannot be read.*kept as/)
  })
})
