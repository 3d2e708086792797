import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import type { KV } from '@nats-io/kv'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  CONTROLLER_USER,
  type CredentialChange,
  type Reconciled,
} from '../../../electron/engine/access/credentials.ts'
import { FileCredentials } from '../../../electron/engine/access/credentials-file.ts'
import { NatsCredentials } from '../../../electron/engine/access/credentials-nats.ts'
import { Bucket, credentialsBucket } from '../../../electron/engine/nats/bucket.ts'
import type { NatsTarget } from '../../../electron/engine/nats/target.ts'
import { describeWith } from '../../support/tools.ts'
import {
  afterwards,
  bytes,
  linkTo,
  natsServer,
  ownFolder,
  plainBucket,
  plainClient,
  text,
  type TestServer,
} from '../nats/natsd.ts'

/** All that a bench ever says: no password may be among it. */
const said: unknown[] = []
const secrets = new Set<string>()
const secret = (value: string): Uint8Array => {
  secrets.add(value)
  return bytes(value)
}
beforeEach(() => {
  said.length = 0
  secrets.clear()
})
afterEach(() => {
  const everything = JSON.stringify(said)
  for (const value of secrets) expect(everything).not.toContain(value)
})

interface Bench {
  readonly store: NatsCredentials
  readonly file: FileCredentials
  readonly bucket: Bucket
  readonly changes: CredentialChange[]
  readonly outcomes: Reconciled[]
  readonly folder: string
  close(): Promise<void>
}

interface BenchOptions {
  readonly folder?: string
  readonly now?: () => number
  /** What is done to the file before NATS is there. */
  readonly before?: (file: FileCredentials) => Promise<void>
}

async function bench(
  target: NatsTarget | (() => NatsTarget | undefined),
  options: BenchOptions = {},
): Promise<Bench> {
  const folder = options.folder ?? (await ownFolder())
  const file = await FileCredentials.open({
    path: join(folder, 'credentials.json'),
    onProblem: (problem) => said.push(problem),
    ...(options.now && { now: options.now }),
  })
  await options.before?.(file)
  const link = linkTo(target)
  const bucket = new Bucket(link, credentialsBucket)
  const store = new NatsCredentials(file, bucket)
  const changes: CredentialChange[] = []
  const outcomes: Reconciled[] = []
  store.onChange((change) => changes.push(change))
  store.onReconciled((list) => outcomes.push(...list))
  for (const source of [store, bucket, link]) source.onState((state: unknown) => said.push(state))
  said.push(changes, outcomes)
  const close = async (): Promise<void> => {
    said.push(store.list())
    await store.close()
    bucket.close()
    await link.close()
  }
  afterwards(close)
  return { store, file, bucket, changes, outcomes, folder, close }
}
const inStep = ({ store }: Bench): Promise<void> =>
  expect
    .poll(() => [store.state.state, store.state.pending], { timeout: 8000, interval: 10 })
    .toEqual(['shared', 0])
const away = ({ store }: Bench): Promise<void> =>
  expect.poll(() => store.state.state, { timeout: 8000, interval: 10 }).toBe('away')
/** Oktopus, as far as credentials go. */
const oktopus = async ({ url }: TestServer): Promise<KV> => plainBucket(await plainClient({ servers: url }))
const outcomeOf = ({ outcomes }: Bench, username: string): string | undefined =>
  outcomes.findLast((one) => one.username === username)?.outcome

describeWith(['nats-server'], 'credentials shared through NATS', () => {
  test('what another client writes counts a moment later, and no longer when it deletes it', async () => {
    const server = await natsServer()
    const kv = await oktopus(server)
    const one = await bench({ url: server.url })
    await inStep(one)
    await kv.put('router-1', 'pw-of-router-1')
    const password = secret('pw-of-router-1')
    await expect.poll(() => one.store.check('router-1', password)).toBe('ok')
    await kv.put('router-1', secret('another-pw'))
    await expect.poll(() => one.store.check('router-1', password)).toBe('wrong-password')
    await kv.delete('router-1')
    await expect.poll(() => one.store.check('router-1', bytes('another-pw'))).toBe('unknown-user')
    expect(one.changes.map(({ kind, origin }) => `${kind} ${origin}`)).toEqual([
      'set nats',
      'set nats',
      'removed nats',
    ])
    expect(one.store.list().map(({ username }) => username)).toEqual([CONTROLLER_USER])
  })

  test('what the bench writes another client reads, under the documented key', async () => {
    const server = await natsServer()
    const one = await bench({ url: server.url })
    await inStep(one)
    await one.store.set('router-1', secret('pw-of-router-1'))
    await one.store.set('os::00256D-1', secret('pw-of-os-1'))
    const made = await one.store.generate('generated')
    secret(made)
    const kv = await oktopus(server)
    expect((await kv.get('router-1'))?.string()).toBe('pw-of-router-1')
    expect((await kv.get('=os=3A=3A00256D-1'))?.string()).toBe('pw-of-os-1')
    expect((await kv.get('generated'))?.string()).toBe(made)
    expect(one.store.check('os::00256D-1', bytes('pw-of-os-1'))).toBe('ok')
    expect((await kv.get(CONTROLLER_USER))?.string()).toBe(text(one.store.reveal(CONTROLLER_USER)))
    await one.store.remove('router-1')
    expect(await kv.get('router-1')).toMatchObject({ operation: 'DEL' })
    await one.store.set('router-1', secret('pw-after-removal'))
    expect((await kv.get('router-1'))?.string()).toBe('pw-after-removal')
    expect(one.changes.every(({ origin }) => origin === 'here')).toBe(true)
    expect(one.store.list().every(({ source }) => source === 'nats')).toBe(true)
  })

  test('no check goes wrong while the server is killed and started again', async () => {
    const server = await natsServer()
    const one = await bench({ url: server.url })
    await inStep(one)
    for (let i = 0; i < 50; i++) await one.store.set(`u${i}`, secret(`pw-of-${i}`))
    let wrong = 0
    let checks = 0
    const timer = setInterval(() => {
      for (let i = 0; i < 50; i++) {
        checks += 3
        if (one.store.check(`u${i}`, bytes(`pw-of-${i}`)) !== 'ok') wrong += 1
        if (one.store.check(`u${i}`, bytes('no')) !== 'wrong-password') wrong += 1
        if (one.store.check(`v${i}`, bytes('no')) !== 'unknown-user') wrong += 1
      }
    }, 1)
    afterwards(() => clearInterval(timer))
    for (let round = 0; round < 3; round++) {
      await server.kill()
      await away(one)
      await server.start()
      await inStep(one)
    }
    clearInterval(timer)
    expect(checks).toBeGreaterThan(1000)
    expect(wrong).toBe(0)
    expect(one.changes.filter(({ origin }) => origin === 'nats')).toEqual([])
  })

  test('two benches on one server know the same', async () => {
    const server = await natsServer()
    const [one, two] = await Promise.all([bench({ url: server.url }), bench({ url: server.url })])
    await Promise.all([inStep(one), inStep(two)])
    await one.store.set('a', secret('pw-from-one'))
    await two.store.set('b', secret('pw-from-two'))
    await expect.poll(() => two.store.check('a', bytes('pw-from-one'))).toBe('ok')
    await expect.poll(() => one.store.check('b', bytes('pw-from-two'))).toBe('ok')
    await two.store.remove('a')
    await expect.poll(() => one.store.check('a', bytes('pw-from-one'))).toBe('unknown-user')
    // Both made up a controller secret at first start: there is one of them left.
    expect(text(one.store.reveal(CONTROLLER_USER))).toBe(text(two.store.reveal(CONTROLLER_USER)))
    expect(await (await oktopus(server)).get(CONTROLLER_USER)).not.toBeNull()
  })

  test('of two that set one user at the same moment, one is told', async () => {
    const server = await natsServer()
    const [one, two] = await Promise.all([bench({ url: server.url }), bench({ url: server.url })])
    await Promise.all([inStep(one), inStep(two)])
    const results = await Promise.allSettled([
      one.store.set('a', secret('pw-from-one')),
      two.store.set('a', secret('pw-from-two')),
    ])
    const refused = results.find((result) => result.status === 'rejected')
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(refused?.reason).toMatchObject({
      code: 'conflict',
      message: expect.stringMatching(/^The user a was changed by somebody else/) as string,
    })
    said.push(String(refused?.reason))
    const winner = results[0]?.status === 'fulfilled' ? 'pw-from-one' : 'pw-from-two'
    for (const { store } of [one, two]) await expect.poll(() => store.check('a', bytes(winner))).toBe('ok')
  })

  test("the controller's secret that Oktopus has is taken over the one made up here", async () => {
    const server = await natsServer()
    const kv = await oktopus(server)
    await kv.put(CONTROLLER_USER, secret('chosen-by-oktopus'))
    const one = await bench({ url: server.url })
    await inStep(one)
    expect(text(one.store.reveal(CONTROLLER_USER))).toBe('chosen-by-oktopus')
    expect((await kv.get(CONTROLLER_USER))?.string()).toBe('chosen-by-oktopus')
    expect(outcomeOf(one, CONTROLLER_USER)).toBe('taken-from-nats')
    expect(one.outcomes[0]?.why).toBe('NATS had it before this bench made one up.')
  })
})

describeWith(['nats-server'], 'credentials when NATS comes and goes', () => {
  test('serve at once without NATS, and are written to it when it comes', async () => {
    const targets: NatsTarget[] = []
    const one = await bench(() => targets[0])
    await one.store.set('a', secret('pw-before-nats'))
    await one.store.set('b', secret('pw-of-removed'))
    await one.store.remove('b')
    expect(one.store.state).toMatchObject({ state: 'away', users: 2, pending: 3 })
    expect(one.store.check('a', bytes('pw-before-nats'))).toBe('ok')
    expect(one.store.list().find(({ username }) => username === 'a')).toMatchObject({
      source: 'here',
      pending: true,
    })
    const server = await natsServer()
    targets.push({ url: server.url })
    await one.close()
    const again = await bench(() => targets[0], { folder: one.folder })
    await inStep(again)
    expect(outcomeOf(again, 'a')).toBe('written-to-nats')
    const kv = await oktopus(server)
    expect((await kv.get('a'))?.string()).toBe('pw-before-nats')
    expect(await kv.get('b')).toBeNull()
  })

  test('are settled one by one when NATS is back: nothing is lost, and each outcome is told', async () => {
    const server = await natsServer()
    const one = await bench({ url: server.url })
    await inStep(one)
    for (const name of ['here', 'there', 'both', 'gone-here', 'gone-there', 'same']) {
      await one.store.set(name, secret(`old-pw-of-${name}`))
    }
    await server.kill()
    await away(one)
    await one.store.set('here', secret('new-pw-of-here'))
    await one.store.set('both', secret('first-pw-of-both'))
    await one.store.remove('gone-here')
    await one.store.set('only-here', secret('pw-only-here'))
    expect(one.store.check('there', bytes('old-pw-of-there'))).toBe('ok')
    // The bench ends meanwhile: what waits for NATS is in the file.
    await one.close()

    await server.start()
    const kv = await oktopus(server)
    await kv.put('there', secret('new-pw-of-there'))
    await kv.put('both', secret('last-pw-of-both'))
    await kv.delete('gone-there')
    await kv.put('only-there', secret('pw-only-there'))

    const two = await bench({ url: server.url }, { folder: one.folder })
    await inStep(two)
    const expected = {
      here: ['new-pw-of-here', 'written-to-nats'],
      there: ['new-pw-of-there', 'taken-from-nats'],
      both: ['last-pw-of-both', 'taken-from-nats'],
      same: ['old-pw-of-same', undefined],
      'only-here': ['pw-only-here', 'written-to-nats'],
      'only-there': ['pw-only-there', 'taken-from-nats'],
    } as const
    for (const [name, [password, outcome]] of Object.entries(expected)) {
      expect(two.store.check(name, bytes(password)), name).toBe('ok')
      await expect.poll(() => kv.get(name).then((entry) => entry?.string())).toBe(password)
      expect(outcomeOf(two, name), name).toBe(outcome)
    }
    for (const [name, outcome] of [
      ['gone-here', 'removed-from-nats'],
      ['gone-there', 'removed-here'],
    ] as const) {
      expect(two.store.check(name, bytes(`old-pw-of-${name}`)), name).toBe('unknown-user')
      expect((await kv.get(name))?.operation, name).toBe('DEL')
      expect(outcomeOf(two, name), name).toBe(outcome)
    }
    expect(two.outcomes).toHaveLength(7)
    for (const { why } of two.outcomes) expect(why).toMatch(/^[A-Z].*\.$/)
  })

  test('are written anew into a bucket that was deleted', async () => {
    const server = await natsServer()
    const one = await bench({ url: server.url })
    await inStep(one)
    await one.store.set('a', secret('pw-of-a'))
    const client = await plainClient({ servers: server.url })
    const kv = await plainBucket(client)
    await kv.destroy()
    // Only looked at: made anew it is by the bench.
    const manager = await jetstreamManager(client)
    await expect
      .poll(
        () =>
          manager.streams.info('KV_devices-auth').then(
            ({ state }) => state.messages,
            () => 0,
          ),
        { timeout: 8000 },
      )
      .toBe(2)
    await inStep(one)
    expect((await kv.get('a'))?.string()).toBe('pw-of-a')
    expect(one.store.check('a', bytes('pw-of-a'))).toBe('ok')
  })

  test('wait, and say why, while NATS takes no changes', async () => {
    const server = await natsServer([
      'authorization { users: [{ user: "u", password: "p", permissions: { publish: ["$JS.>", "_INBOX.>"], subscribe: [">"] } }] }',
    ])
    const one = await bench({ url: server.url, user: 'u', password: 'p' })
    await expect.poll(() => one.store.state.state, { timeout: 8000 }).toBe('shared')
    await one.store.set('a', secret('pw-of-a'))
    expect(one.store.check('a', bytes('pw-of-a'))).toBe('ok')
    expect(one.store.state).toMatchObject({ state: 'shared', pending: 2 })
    await expect
      .poll(() => one.store.state.message)
      .toMatch(/this login may not use the subject|did not answer in time/)
  })

  test('moved to another server: the newest of each is kept', async () => {
    const [first, second] = [await natsServer(), await natsServer()]
    const one = await bench({ url: first.url })
    await inStep(one)
    await one.store.set('ours', secret('pw-of-ours'))
    await one.store.set('both', secret('older-pw'))
    await one.close()
    await (await oktopus(second)).put('both', secret('newer-pw'))
    const two = await bench({ url: second.url }, { folder: one.folder })
    await inStep(two)
    expect(two.store.check('both', bytes('newer-pw'))).toBe('ok')
    await expect.poll(async () => (await (await oktopus(second)).get('ours'))?.string()).toBe('pw-of-ours')
  })

  test('hold a thousand users of NATS within moments, and in the file', async () => {
    const server = await natsServer()
    const kv = await oktopus(server)
    await Promise.all(Array.from({ length: 1000 }, (_, i) => kv.put(`u${i}`, `pw-${i}`)))
    const one = await bench({ url: server.url })
    await inStep(one)
    expect(one.store.state.users).toBe(1001)
    await one.close()
    const file = JSON.parse(await readFile(join(one.folder, 'credentials.json'), 'utf8')) as { users: object }
    expect(Object.keys(file.users)).toHaveLength(1001)
    await server.kill()
    const two = await bench({ url: server.url }, { folder: one.folder })
    for (let i = 0; i < 1000; i++) expect(two.store.check(`u${i}`, bytes(`pw-${i}`))).toBe('ok')
  })
})
