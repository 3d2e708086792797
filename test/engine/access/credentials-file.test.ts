import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CONTROLLER_USER,
  generatePassword,
  type CredentialChange,
} from '../../../electron/engine/access/credentials.ts'
import { FileCredentials } from '../../../electron/engine/access/credentials-file.ts'
import { formatCredentials, parseCredentials } from '../../../electron/engine/access/credentials-format.ts'
import { readPasswordFile } from '../../../electron/engine/access/credentials-mosquitto.ts'
import { CredentialTable, MAX_USERS } from '../../../electron/engine/access/credentials-table.ts'
import { bytes, ownFolder, text } from '../nats/natsd.ts'

const problems: string[] = []
async function opened(folder?: string): Promise<{ store: FileCredentials; path: string; folder: string }> {
  problems.length = 0
  const within = folder ?? (await ownFolder())
  const path = join(within, 'credentials.json')
  return {
    store: await FileCredentials.open({ path, onProblem: (problem) => problems.push(problem) }),
    path,
    folder: within,
  }
}

describe('credentials in a file', () => {
  test('answers each of the three ways, and refuses an empty password', async () => {
    const { store } = await opened()
    await store.set('os::1', bytes('secret'))
    expect(store.check('os::1', bytes('secret'))).toBe('ok')
    expect(store.check('os::1', bytes('Secret'))).toBe('wrong-password')
    expect(store.check('os::1', bytes(''))).toBe('wrong-password')
    expect(store.check('os::2', bytes('secret'))).toBe('unknown-user')
    expect(store.check('__proto__', bytes('secret'))).toBe('unknown-user')
  })

  test('makes a secret for the controller at first start and keeps it', async () => {
    const { store, folder } = await opened()
    const secret = text(store.reveal(CONTROLLER_USER)) ?? ''
    expect(secret.length).toBeGreaterThanOrEqual(24)
    expect(store.list()).toMatchObject([{ username: CONTROLLER_USER, source: 'here', initial: true }])
    expect(store.check(CONTROLLER_USER, bytes(secret))).toBe('ok')
    const again = await opened(folder)
    expect(text(again.store.reveal(CONTROLLER_USER))).toBe(secret)
    await expect(store.remove(CONTROLLER_USER)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('keeps everything over a restart, for its owner alone', async () => {
    const { store, path, folder } = await opened()
    const binary = Uint8Array.of(0xff, 0, 0xfe)
    await store.set('bin', binary)
    await store.set('__proto__', bytes('p'))
    await store.set('gone', bytes('x'))
    const generated = await store.generate('gen')
    await store.remove('gone')
    await store.awaitPasswords(['later'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).toEqual(['credentials.json'])
    await chmod(path, 0o644)
    const { store: again } = await opened(folder)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(again.check('bin', binary)).toBe('ok')
    expect(again.check('__proto__', bytes('p'))).toBe('ok')
    expect(again.check('gen', bytes(generated))).toBe('ok')
    expect(again.check('gone', bytes('x'))).toBe('unknown-user')
    expect(again.list()).toEqual(store.list())
    expect(again.list().map(({ username }) => username)).toEqual([
      '__proto__',
      'bin',
      'gen',
      'later',
      CONTROLLER_USER,
    ])
  })

  test('tells each change, and lists no password', async () => {
    const { store } = await opened()
    const changes: CredentialChange[] = []
    store.onChange((change) => changes.push(change))
    await store.set('a', bytes('tr0ub4dor'))
    await store.remove('a')
    expect(changes).toEqual([
      { username: 'a', kind: 'set', origin: 'here' },
      { username: 'a', kind: 'removed', origin: 'here' },
    ])
    await expect(store.remove('a')).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no user a.',
    })
    await store.set('b', bytes('tr0ub4dor'))
    expect(JSON.stringify([store.list(), store.state, changes])).not.toContain('tr0ub4dor')
  })

  test.each([
    ['', 'x', /must not be empty/],
    ['u', '', /password must not be empty/],
    ['u', 'x'.repeat(5000), /has 5000 bytes; at most 4096/],
    ['u'.repeat(2000), 'x', /user name is too long/],
  ])('refuses what cannot be kept: %#', async (username, password, words) => {
    const { store } = await opened()
    await expect(store.set(username, bytes(password))).rejects.toThrow(words)
    await expect(store.set(username, bytes(password))).rejects.toMatchObject({ code: 'invalid-request' })
  })

  test('many changes at once all end up in the file', async () => {
    const { store, folder } = await opened()
    await Promise.all(Array.from({ length: 200 }, (_, i) => store.set(`u${i}`, bytes(`p${i}`))))
    const { store: again } = await opened(folder)
    for (let i = 0; i < 200; i++) expect(again.check(`u${i}`, bytes(`p${i}`))).toBe('ok')
  })

  test.each([
    ['{"version":1,"users":{"a":{"password":"s3cret"', 'it is not JSON'],
    ['[]', 'it is not a JSON object'],
    [
      '{"version":1,"users":{"a":{"password":5,"changedAt":"2026-01-01T00:00:00Z"}}}',
      'the password of the user a is not text',
    ],
    ['{"version":1,"users":{"a":{"password":"s3cret"}}}', 'the user a has no valid "changedAt"'],
    ['{"version":2,"users":{}}', 'it was written by a newer Oktobench (version 2)'],
  ])('sets a broken file aside, whole, and says so without quoting it: %#', async (broken, why) => {
    const folder = await ownFolder()
    await writeFile(join(folder, 'credentials.json'), broken)
    const { store } = await opened(folder)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(why)
    expect(problems[0]).not.toContain('s3cret')
    const aside = (await readdir(folder)).find((name) => name.includes('broken')) ?? ''
    expect(problems[0]).toContain(aside)
    expect(await readFile(join(folder, aside), 'utf8')).toBe(broken)
    expect(store.list()).toHaveLength(1)
  })

  test('says so when the file cannot be written, and goes on with the change', async () => {
    const { store, path } = await opened()
    await rm(path)
    await mkdir(path)
    await expect(store.set('a', bytes('tr0ub4dor'))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringMatching(/cannot be written .* last only until the bench ends/) as string,
    })
    expect(store.check('a', bytes('tr0ub4dor'))).toBe('ok')
  })

  test('imported users wait for a password and then are like any other', async () => {
    const { store } = await opened()
    await store.set('known', bytes('x'))
    expect(await store.awaitPasswords(['known', 'a', 'b', 'a'])).toBe(2)
    expect(
      store
        .list()
        .filter(({ source }) => source === 'awaiting')
        .map(({ username }) => username),
    ).toEqual(['a', 'b'])
    expect(store.check('a', bytes('x'))).toBe('wrong-password')
    await store.set('a', bytes('y'))
    await store.remove('b')
    expect(store.list().some(({ source }) => source === 'awaiting')).toBe(false)
    expect(store.check('b', bytes('x'))).toBe('unknown-user')
  })

  test('takes no more users than it says', async () => {
    const { store } = await opened()
    for (let i = store.table.size; i < MAX_USERS; i++) {
      store.table.put({ username: `u${i}`, password: bytes('x'), changedAt: 0, pending: false })
    }
    await expect(store.set('one-more', bytes('x'))).rejects.toMatchObject({ code: 'unavailable' })
    await store.set('u100', bytes('y'))
    expect(store.check('u100', bytes('y'))).toBe('ok')
  })
})

test('a generated password is long, typeable and another each time', () => {
  const made = new Set(Array.from({ length: 200 }, generatePassword))
  expect(made.size).toBe(200)
  for (const password of made) expect(password).toMatch(/^[A-HJ-NP-Za-km-z2-9]{24}$/)
})

test('a file written is read back the same', () => {
  const user = fc.record({
    username: fc.string({ minLength: 1, unit: 'grapheme' }),
    password: fc.option(fc.uint8Array({ minLength: 1, maxLength: 20 }), { nil: undefined }),
    changedAt: fc.integer({ min: 0, max: 4e12 }),
    pending: fc.boolean(),
    revision: fc.option(fc.nat(), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.uniqueArray(user, { selector: (one) => one.username, maxLength: 12 }), (users) => {
      const table = new CredentialTable()
      for (const { revision, ...one } of users) table.put(revision === undefined ? one : { ...one, revision })
      const written = formatCredentials({ table, bucket: 'b' })
      const read = parseCredentials(written)
      expect(new Map(read.table.all().map((one) => [one.username, one]))).toEqual(
        new Map(table.all().map((one) => [one.username, one])),
      )
      expect(read.table.pending).toBe(users.filter(({ pending }) => pending).length)
      expect(read.table.size).toBe(users.filter(({ password }) => password !== undefined).length)
      expect(formatCredentials(read)).toBe(written)
    }),
    { numRuns: 100 },
  )
})

test('user names are read from a Mosquitto password file, and bad lines are told by number', () => {
  const file = '# users\r\nrouter-1:$7$101$abc$def\r\nos:$7$x\n\nnocolon s3cret\n:$7$x\nrouter-1:$6$y\n'
  const { usernames, problems: bad } = readPasswordFile(file)
  expect(usernames).toEqual(['router-1', 'os'])
  expect(bad.map(({ line }) => line)).toEqual([5, 6, 7])
  expect(JSON.stringify(bad)).not.toContain('s3cret')
})
