/** Sessions, shared groups and retained messages as one looks at them and acts on them, with real clients. */
import { afterEach, expect, test } from 'vitest'
import type { ViewParams, ViewRows, ViewSource } from '../../../shared/contract/contract.ts'
import { RetainedUndo } from '../../../electron/engine/sessions/retained-undo.ts'
import type { RetainedRow } from '../../../electron/engine/broker/sessions/overview.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'

let bench: TestEngine
afterEach(() => bench?.stop())

async function rows<V extends 'sessions' | 'sharedGroups'>(
  view: V,
  params: ViewParams<V>,
): Promise<readonly ViewRows[V][]> {
  const open = bench.engine.views[view] as (
    params: ViewParams<V>,
    changed: () => void,
  ) => ViewSource<ViewRows[V]>
  const source = open(params, () => undefined)
  const update = await source.read({ from: 0, count: 100, tail: false })
  source.close()
  return update.rows
}
const all = { text: '', state: 'all', sort: 'clientId', descending: false } as const
const sessions = (more: Partial<ViewParams<'sessions'>> = {}) => rows('sessions', { ...all, ...more })

async function client(clientId: string, expiry = 0): Promise<WireClient> {
  const one = await WireClient.open(bench.port)
  const properties = expiry > 0 ? [{ name: 'sessionExpiryInterval', value: expiry } as const] : []
  await one.hello({ clientId, properties })
  return one
}

/** Leaves, and its session stays. */
async function leave(one: WireClient): Promise<void> {
  one.send({ type: 'DISCONNECT', reasonCode: 0, properties: [] })
  await one.closed
}

test('a session shows what waits for its client, and the queue can be dropped', async () => {
  bench = await testEngine()
  const away = await client('away', 600)
  await away.subscribe('lab/#', 1)
  await leave(away)
  const sender = await client('sender')
  sender.send(publishPacket('lab/a', '12345', { qos: 1, packetId: 1 }))
  await sender.next('PUBACK')
  const list = await sessions()
  expect(list.map(({ clientId, connected, queued }) => [clientId, connected, queued])).toEqual([
    ['away', false, 1],
    ['sender', true, 0],
  ])
  const detail = await bench.engine.handlers['sessions.get']({ clientId: 'away' })
  expect(detail).toMatchObject({ version: '5.0', expiry: 600, subscriptions: [{ filter: 'lab/#', qos: 1 }] })
  expect(detail.expiresIn).toBeGreaterThan(590)
  expect(await sessions({ text: 'LAB/' })).toHaveLength(1)
  expect(await sessions({ state: 'connected' })).toMatchObject([{ clientId: 'sender' }])
  expect(await sessions({ sort: 'queued', descending: true })).toMatchObject([{ clientId: 'away' }, {}])

  expect(await bench.engine.handlers['sessions.dropQueue']({ clientId: 'away' })).toEqual({ dropped: 1 })
  expect((await sessions())[0]).toMatchObject({ queued: 0, dropped: 1 })
  const back = await WireClient.open(bench.port)
  const { sessionPresent } = await back.hello({ clientId: 'away', clean: false })
  expect(sessionPresent).toBe(true)
  await back.ping()
})

test('a connection is ended, a session expired, and each says when there is none', async () => {
  bench = await testEngine()
  const { handlers } = bench.engine
  const one = await client('one', 600)
  await handlers['sessions.end']({ clientId: 'one' })
  expect((await one.next('DISCONNECT')).reasonCode).toBe(0x98)
  await expect.poll(async () => (await sessions())[0]?.connected).toBe(false)
  await expect(async () => handlers['sessions.end']({ clientId: 'one' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await handlers['sessions.expire']({ clientId: 'one' })
  expect(await sessions()).toEqual([])
  await expect(async () => handlers['sessions.expire']({ clientId: 'one' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a shared group shows its members and what each took', async () => {
  bench = await testEngine()
  const members = [await client('m1'), await client('m2')]
  for (const member of members) await member.subscribe('$share/workers/jobs/#', 1)
  const sender = await client('sender')
  for (let id = 1; id <= 4; id++) {
    sender.send(publishPacket('jobs/x', String(id), { qos: 1, packetId: id }))
    await sender.next('PUBACK')
  }
  // One of them answers.
  for (let i = 0; i < 2; i++) {
    const { packetId = 0 } = await (members[0] as WireClient).next('PUBLISH')
    members[0]?.send({ type: 'PUBACK', packetId, reasonCode: 0, properties: [] })
  }
  await members[0]?.ping()
  const groups = await rows('sharedGroups', { text: 'work' })
  expect(groups).toMatchObject([
    {
      key: '$share/workers/jobs/#',
      connected: 2,
      delivered: 4,
      inflight: 2,
      members: [
        { clientId: 'm1', delivered: 2, acknowledged: 2, inflight: 0 },
        { clientId: 'm2', delivered: 2, acknowledged: 0, inflight: 2 },
      ],
    },
  ])
  expect(await rows('sharedGroups', { text: 'nobody' })).toEqual([])
})

test('retained messages are cleared below a topic and put back, but not over newer ones', async () => {
  bench = await testEngine()
  const { handlers } = bench.engine
  const device = await client('device')
  for (const topic of ['a', 'a/b', 'a/b/c', 'ab', 'z'])
    device.send(publishPacket(topic, topic, { retain: true }))
  await device.ping()
  const cleared = await handlers['retained.clear']({ topic: 'a', below: true })
  expect(cleared).toMatchObject({ messages: 3 })
  await expect(async () => handlers['retained.get']({ topic: 'a/b' })).rejects.toMatchObject({
    code: 'not-found',
  })
  expect(await handlers['retained.get']({ topic: 'ab' })).toMatchObject({
    publisher: 'device',
    qos: 0,
    properties: [],
  })
  device.send(publishPacket('a/b', 'newer', { retain: true }))
  await device.ping()
  const undo = cleared.undo ?? ''
  expect(await handlers['retained.restore']({ undo })).toEqual({ messages: 2, left: 1 })
  const { payload } = await handlers['retained.get']({ topic: 'a/b' })
  expect(Buffer.from(payload).toString()).toBe('newer')
  await expect(async () => handlers['retained.restore']({ undo })).rejects.toMatchObject({
    code: 'not-found',
  })
  expect(await handlers['retained.clear']({ topic: 'nothing', below: true })).toEqual({
    messages: 0,
    bytes: 0,
  })
})

test('what is kept for undoing is bounded', () => {
  const kept = new Map<string, RetainedRow>()
  const put = (topic: string, size: number) =>
    kept.set(topic, {
      topic,
      payload: new Uint8Array(size),
      qos: 0,
      properties: [],
      publisher: undefined,
      at: 0,
    })
  const undo = new RetainedUndo(
    {
      retained: (from, count) => ({ rows: [...kept.values()].slice(from, from + count), total: kept.size }),
      clearRetained(topic) {
        const row = kept.get(topic)
        kept.delete(topic)
        return row
      },
      restoreRetained: (row) => kept.set(row.topic, row) !== undefined,
    },
    { actions: 2, bytes: 100 },
  )
  put('big', 200)
  expect(undo.clear('big', false)).toEqual({ messages: 1, bytes: 203 })
  const ids = ['a', 'b', 'c'].map((topic) => {
    put(topic, 10)
    return undo.clear(topic, false).undo ?? ''
  })
  expect(() => undo.restore(ids[0] ?? '')).toThrow(/no longer be undone/)
  expect(undo.restore(ids[2] ?? '')).toEqual({ messages: 1, left: 0 })
  expect([...kept.keys()]).toEqual(['c'])
})

test('topics that were retained before the capture began stand in the tree', async () => {
  bench = await testEngine()
  const device = await client('device')
  device.send(publishPacket('old/one', 'x', { retain: true }))
  await device.ping()
  await bench.engine.handlers['captures.start']({})
  const view = bench.engine.views.topics(
    { capture: 'live', text: '', levels: 9, except: [], sort: 'name', retainedOnly: false, before: 0 },
    () => undefined,
  )
  const read = async () => (await view.read({ from: 0, count: 10, tail: false })).rows
  await expect
    .poll(read)
    .toMatchObject([{ path: 'old' }, { path: 'old/one', isRetained: true, published: 0 }])
  await bench.engine.handlers['retained.clear']({ topic: 'old', below: true })
  await expect.poll(async () => (await read())[1]?.isRetained).toBe(false)
  view.close()
})
