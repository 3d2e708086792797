import { jetstreamManager, StorageType } from '@nats-io/jetstream'
import { Kvm, type KV } from '@nats-io/kv'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BucketMemory, type BucketEntry } from '../../../electron/engine/nats/bucket-memory.ts'
import {
  accessRulesBucket,
  Bucket,
  credentialsBucket,
  type BucketOptions,
} from '../../../electron/engine/nats/bucket.ts'
import { SharedDocument } from '../../../electron/engine/nats/document.ts'
import { describeWith } from '../../support/tools.ts'
import { afterwards, bytes, linkTo, natsServer, plainBucket, plainClient, text } from './natsd.ts'

function bucketAt(url: string, options: BucketOptions = credentialsBucket): Bucket {
  const bucket = new Bucket(linkTo({ url }), options)
  afterwards(() => bucket.close())
  return bucket
}
const live = (bucket: Bucket): Promise<void> =>
  expect.poll(() => bucket.state.state, { timeout: 8000, interval: 10 }).toBe('live')
const valueOf = (bucket: Bucket, key: string): string | undefined => text(bucket.get(key)?.value)

describeWith(['nats-server'], 'a bucket in memory', () => {
  test('is made as Oktopus makes it', async () => {
    const [ours, theirs] = [await natsServer(), await natsServer()]
    await live(bucketAt(ours.url))
    await plainBucket(await plainClient({ servers: theirs.url }))
    const configs = await Promise.all(
      [ours, theirs].map(async ({ url }) => {
        const manager = await jetstreamManager(await plainClient({ servers: url }))
        return (await manager.streams.info('KV_devices-auth')).config
      }),
    )
    expect(configs[0]).toMatchObject({ description: 'Devices authentication', max_msgs_per_subject: 1 })
    expect(configs[0]).toEqual(configs[1])
  })

  test('loads what is there, then follows each change', async () => {
    const { url } = await natsServer()
    const kv = await plainBucket(await plainClient({ servers: url }))
    for (let i = 0; i < 500; i++) await kv.put(`user-${i}`, `secret-${i}`)
    await kv.delete('user-7')
    const bucket = bucketAt(url)
    await live(bucket)
    expect(bucket.state).toMatchObject({ keys: 500, leftOut: 0 })
    expect(valueOf(bucket, 'user-499')).toBe('secret-499')
    expect(bucket.get('user-7')).toMatchObject({ deleted: true })
    const changes: string[] = []
    bucket.onChange((key) => changes.push(key))
    await kv.put('user-1', 'other')
    await kv.put('user-1', 'other')
    await kv.purge('user-2')
    await kv.put('end', 'x')
    await expect.poll(() => changes).toEqual(['user-1', 'user-2', 'end'])
    expect(valueOf(bucket, 'user-1')).toBe('other')
    expect(bucket.get('user-2')).toMatchObject({ deleted: true })
  })

  test('is live at once when it is empty', async () => {
    const bucket = bucketAt((await natsServer()).url)
    await live(bucket)
    expect(bucket.state).toEqual({ state: 'live', keys: 0, bytes: 0, leftOut: 0 })
  })

  test('writes only over the revision it was told', async () => {
    const { url } = await natsServer()
    const kv = await plainBucket(await plainClient({ servers: url }))
    const bucket = bucketAt(url)
    await live(bucket)
    const first = await bucket.put('a', bytes('1'), 0)
    expect(valueOf(bucket, 'a')).toBe('1')
    await expect(bucket.put('a', bytes('2'), 0)).rejects.toMatchObject({
      name: 'NatsError',
      kind: 'conflict',
    })
    await kv.put('a', 'theirs')
    await expect(bucket.put('a', bytes('2'), first)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(bucket.delete('a', first)).rejects.toMatchObject({ kind: 'conflict' })
    await expect.poll(() => valueOf(bucket, 'a')).toBe('theirs')
    const gone = await bucket.delete('a', bucket.get('a')?.revision)
    expect(bucket.get('a')).toMatchObject({ deleted: true, revision: gone })
    expect(await kv.get('a')).toMatchObject({ operation: 'DEL' })
    await bucket.put('a', bytes('3'), gone)
    expect((await kv.get('a'))?.string()).toBe('3')
  })

  test('answers from memory while the server is away, and catches up when it is back', async () => {
    const server = await natsServer()
    const bucket = bucketAt(server.url)
    await live(bucket)
    await bucket.put('a', bytes('1'))
    await bucket.put('b', bytes('1'))
    await server.kill()
    await expect.poll(() => bucket.state.state).toBe('away')
    expect(valueOf(bucket, 'a')).toBe('1')
    await expect(bucket.put('a', bytes('2'))).rejects.toMatchObject({ kind: 'away' })
    const changes: string[] = []
    bucket.onChange((key) => changes.push(key))
    await server.start()
    const kv = await plainBucket(await plainClient({ servers: server.url }))
    await kv.put('a', '3')
    await kv.delete('b')
    await expect.poll(() => valueOf(bucket, 'a'), { timeout: 8000 }).toBe('3')
    await expect.poll(() => bucket.get('b')?.deleted).toBe(true)
    expect(changes.toSorted()).toEqual(['a', 'b'])
  })

  test('notices that the bucket was deleted and made anew', async () => {
    const { url } = await natsServer()
    const client = await plainClient({ servers: url })
    // In memory: nats-server 2.9 stumbles over the files of a stream that was deleted a moment ago.
    const make = (): Promise<KV> => new Kvm(client).create('devices-auth', { storage: StorageType.Memory })
    const kv = await make()
    for (const key of ['a', 'b', 'c']) await kv.put(key, 'old')
    const bucket = bucketAt(url)
    await live(bucket)
    const before = bucket.identity
    await kv.destroy()
    const again = await make()
    await again.put('a', 'new')
    await expect.poll(() => valueOf(bucket, 'a'), { timeout: 8000 }).toBe('new')
    await expect.poll(() => bucket.get('b')).toBeUndefined()
    expect(bucket.identity).not.toBe(before)
  })

  test('holds no more than its budget, and says how many are left out', async () => {
    const { url } = await natsServer()
    const kv = await plainBucket(await plainClient({ servers: url }))
    for (let i = 0; i < 10; i++) await kv.put(`k${i}`, 'x')
    const bucket = bucketAt(url, { ...credentialsBucket, limits: { maxKeys: 4, maxBytes: 1000 } })
    await live(bucket)
    expect(bucket.state).toMatchObject({
      keys: 4,
      leftOut: 6,
      message: '6 entries of devices-auth do not fit into memory.',
    })
  })

  test('says why when there is no JetStream', async () => {
    const bucket = bucketAt((await natsServer([], false)).url)
    await expect
      .poll(() => bucket.state.message)
      .toMatch(/has no JetStream for this login: start nats-server with -js/)
    await expect(bucket.put('a', bytes('1'))).rejects.toMatchObject({ kind: 'away' })
  })
})

describeWith(['nats-server'], 'a shared document', () => {
  const parse = (content: unknown): string[] => {
    if (!Array.isArray(content)) throw new TypeError('it is no list')
    return content as string[]
  }

  test('keeps who changed it and what it was before', async () => {
    const { url } = await natsServer()
    const [ours, theirs] = [bucketAt(url, accessRulesBucket), bucketAt(url, accessRulesBucket)]
    await Promise.all([live(ours), live(theirs)])
    const [mine, other] = [
      new SharedDocument(ours, 'rules', parse),
      new SharedDocument(theirs, 'rules', parse),
    ]
    expect(mine.current).toBeUndefined()
    let told = 0
    other.onChange(() => (told += 1))
    let revision = 0
    for (let i = 1; i <= 25; i++)
      revision = await mine.put([`rule ${i}`], { by: 'bench 1', note: `edit ${i}` }, revision)
    await expect.poll(() => other.current?.content).toEqual(['rule 25'])
    expect(told).toBe(25)
    expect(other.current).toMatchObject({ changedBy: 'bench 1', note: 'edit 25', revision })
    const { versions, unreadable } = await other.history()
    expect(unreadable).toBe(0)
    expect(versions.map(({ note }) => note)).toEqual(Array.from({ length: 25 }, (_, i) => `edit ${25 - i}`))
    await expect(other.put(['x'], { by: 'bench 2', note: '' }, revision - 1)).rejects.toMatchObject({
      kind: 'conflict',
    })
  })

  test('says what is wrong with one that it cannot read', async () => {
    const { url } = await natsServer()
    const bucket = bucketAt(url, accessRulesBucket)
    await live(bucket)
    const document = new SharedDocument(bucket, 'rules', parse)
    await bucket.put('rules', bytes('{"version":1,"content":3}'))
    expect(() => document.current).toThrow('The shared document rules cannot be read: it is no list.')
    await bucket.put('rules', bytes('{"version":9}'))
    expect(() => document.current).toThrow(/its version is 9; this Oktobench knows 1/)
    expect(await document.history()).toEqual({ versions: [], unreadable: 2 })
    const huge = [`${'x'.repeat(600_000)}`]
    await expect(document.put(huge, { by: '', note: '' }, 0)).rejects.toMatchObject({ kind: 'configuration' })
  })
})

describe('the memory of a bucket', () => {
  const entries = fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.uint8Array({ maxLength: 6 }),
      deleted: fc.boolean(),
    }),
    { maxLength: 40 },
  )
  const numbered = (list: readonly Omit<BucketEntry, 'revision' | 'changedAt'>[]): BucketEntry[] =>
    list.map((entry, index) => ({ ...entry, revision: index + 1, changedAt: 0 }))
  const limits = { maxKeys: 3, maxBytes: 12 }

  test('is never over its budget, and never holds what is out of date', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const memory = new BucketMemory(limits)
        const newest = new Map<string, BucketEntry>()
        for (const entry of numbered(list)) {
          memory.apply(entry)
          newest.set(entry.key, entry)
          expect(memory.keys).toBeLessThanOrEqual(limits.maxKeys)
          expect(memory.bytes).toBeLessThanOrEqual(limits.maxBytes)
          for (const held of memory.values()) expect(held).toBe(newest.get(held.key))
          expect(memory.keys + memory.leftOut).toBe(newest.size)
        }
        let total = 0
        for (const { key, value } of memory.values()) total += key.length + value.length
        expect(memory.bytes).toBe(total)
      }),
      { numRuns: 200 },
    )
  })

  test('an older change does nothing, in whatever order they come', () => {
    fc.assert(
      fc.property(
        entries.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(numbered(list), { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const roomy = { maxKeys: 100, maxBytes: 10_000 }
          const [one, other] = [new BucketMemory(roomy), new BucketMemory(roomy)]
          for (const entry of numbered(list)) one.apply(entry)
          for (const entry of shuffled) other.apply(entry)
          expect(one.replace(other)).toEqual([])
        },
      ),
      { numRuns: 100 },
    )
  })
})
