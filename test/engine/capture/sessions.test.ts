/** Msgs in segments: put together in rows and trees, live and read again, and what goes wrong is said. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Sessions } from '../../../electron/engine/capture/sessions.ts'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { decodeMsg, encodeMsg, makeMsg } from '../../../shared/usp/codec.ts'
import { Header_MsgType as MsgType } from '../../../shared/usp/gen/usp-msg_pb.ts'
import { testCaptures, type TestCaptures } from '../../support/captures.ts'
import { AGENT, CONTROLLER, encode, Sar, type Wish } from '../../shared/usp/session-player.ts'
import { connect, getRespRecord, peer, publish } from './packets.ts'

const PATH = 'Device.DeviceInfo.SerialNumber'
const getMsg = (msgId: string, path = PATH): Uint8Array =>
  encodeMsg(
    makeMsg({
      header: { msgId, msgType: MsgType.GET },
      body: {
        msgBody: {
          case: 'request',
          value: { reqType: { case: 'get', value: { paramPaths: [path], maxDepth: 0 } } },
        },
      },
    }),
  )

/** A Record as the payload of a PUBLISH. */
const packet = (wish: Wish): Uint8Array => publish('usp/controller', { payload: encode(wish).subarray(3) })

/** A Msg in segments of `size` bytes, one Record each. */
function segments(msg: Uint8Array, size: number, first: Wish = {}): Wish[] {
  const count = Math.ceil(msg.length / size)
  return Array.from({ length: count }, (_, i) => ({
    ...first,
    sequence: (first.sequence ?? 1n) + BigInt(i),
    sar: i === 0 ? Sar.BEGIN : i === count - 1 ? Sar.COMPLETE : Sar.INPROCESS,
    payload: [msg.subarray(i * size, (i + 1) * size)],
  }))
}

/** A connection in the live capture, and what was said on it. Row 1 is its CONNECT. */
async function told(wishes: readonly (Wish & { readonly connection?: number })[]): Promise<TestCaptures> {
  const t = await testCaptures()
  const { live } = t.captures
  const open = new Set<number>()
  for (const { connection = 1, ...wish } of wishes) {
    if (!open.has(connection)) {
      open.add(connection)
      live.opened(connection, peer(40_000 + connection))
      live.frame(connection, 'in', connect({ clientId: `cpe-${connection}` }), false)
    }
    live.frame(connection, wish.from === CONTROLLER ? 'out' : 'in', packet(wish), false)
  }
  await live.flush()
  return t
}

const detail = (t: TestCaptures, no: number, capture = 'live'): Promise<PacketDetail> =>
  Promise.resolve(t.captures.handlers['packets.get']({ capture, no }))

const named = (fields: readonly Field[], name: string): Field[] =>
  fields.flatMap((field) => [...(field.name === name ? [field] : []), ...named(field.children ?? [], name)])
const findings = async (t: TestCaptures, no: number) =>
  named((await detail(t, no)).fields, 'usp.session.finding').map(
    ({ finding }) => finding?.rule ?? finding?.text,
  )
const segmentOf = async (t: TestCaptures, no: number) =>
  named((await detail(t, no)).fields, 'usp.segment')[0]?.text

const threeSegments = () => {
  const msg = getMsg('m-1')
  return segments(msg, Math.ceil(msg.length / 3))
}

describe('a Msg in three segments', () => {
  test('is the request of its answer', async () => {
    const t = await told(threeSegments())
    t.captures.live.frame(1, 'out', publish('usp/agent', { payload: getRespRecord('m-1') }), false)
    expect((await t.rows()).map(({ no, answers }) => [no, answers?.no])).toEqual([
      ...[1, 2, 3, 4].map((no) => [no, undefined]),
      [5, 4],
    ])
  })

  test('stands whole in the row of the last one, which filters find', async () => {
    const t = await told(threeSegments())
    const rows = await t.rows('usp')
    expect(rows.map(({ no, usp }) => [no, usp])).toEqual([
      [2, 'session_context'],
      [3, 'session_context'],
      [4, 'GET'],
    ])
    expect(rows.map(({ info }) => info)).toEqual([
      expect.stringContaining('segment 1 of 3 of a Msg that is whole in packet 4'),
      expect.stringContaining('segment 2 of 3'),
      expect.stringContaining(PATH),
    ])
    for (const filter of ['usp.type == GET', 'usp.msg_id == "m-1"', `usp.path == "${PATH}"`]) {
      expect(
        (await t.rows(filter)).map(({ no }) => no),
        filter,
      ).toEqual([4])
    }
  })

  test('has the segment and the whole Msg in its tree, with the ranges of what stands in this packet', async () => {
    const t = await told(threeSegments())
    const { fields, bytes, msg } = await detail(t, 4)
    expect(msg && decodeMsg(msg).header?.msgId).toBe('m-1')
    expect((await detail(t, 3)).msg).toBeUndefined()
    expect(named(fields, 'usp.payload').map(({ text }) => text)).toEqual([
      expect.stringContaining('one segment of a Msg'),
    ])
    const [whole] = named(fields, 'usp.reassembled')
    expect(whole?.text).toContain('from packets 2, 3, 4')
    expect(named([whole as Field], 'usp.msg_id')).toMatchObject([{ value: 'm-1', start: 0, end: 0 }])
    // The path ends in this packet: the range is the part of it that is here.
    const [path] = named([whole as Field], 'usp.path')
    expect(path?.value).toBe(PATH)
    const here = Buffer.from(bytes.subarray(path?.start, path?.end)).toString()
    expect(here.length).toBeGreaterThan(3)
    expect(PATH.endsWith(here)).toBe(true)
    expect(named((await detail(t, 3)).fields, 'usp.reassembled')).toEqual([])
    expect(await segmentOf(t, 3)).toBe('segment 2 of 3 of a Msg that is whole in packet 4')
  })

  test.each(['stored', 'imported'] as const)(
    'is the same when the capture is read again: %s',
    async (how) => {
      const t = await told(threeSegments())
      const before = { rows: await t.rows(), detail: await detail(t, 4) }
      let id = t.liveId
      if (how === 'stored') {
        await t.captures.handlers['captures.start']({})
        await t.done((await t.captures.handlers['captures.open']({ id })).job)
      } else {
        const wish = { capture: 'live', format: 'pcapng', filter: '', secrets: false } as const
        const { file = '' } = await t.done((await t.captures.handlers['captures.export'](wish)).job)
        const path = join(t.workspace, file)
        id = (await t.done((await t.captures.handlers['captures.import']({ path })).job)).capture ?? ''
      }
      expect(await t.rows('', id)).toEqual(before.rows)
      expect(await detail(t, 4, id)).toEqual(before.detail)
      expect((await t.rows('usp.type == GET', id)).map(({ no }) => no)).toEqual([4])
    },
  )

  test('is decoded in JSON Lines', async () => {
    const t = await told(threeSegments())
    const wish = { capture: 'live', format: 'jsonl', filter: 'usp.type == GET', secrets: false } as const
    const { file = '' } = await t.done((await t.captures.handlers['captures.export'](wish)).job)
    expect(JSON.parse(readFileSync(join(t.workspace, file), 'utf8'))).toMatchObject({
      usp: { record: { sessionContext: {} }, msg: { header: { msgId: 'm-1' } } },
    })
  })
})

describe('sessions', () => {
  test('of two agents and both ways go on beside each other in one connection', async () => {
    const one = segments(getMsg('one'), 20)
    const two = segments(getMsg('two'), 20, { from: 'os::other' })
    const back = segments(getMsg('back'), 20, { from: CONTROLLER, to: AGENT })
    const t = await told(one.flatMap((wish, i) => [wish, two[i] as Wish, back[i] as Wish]))
    const whole = await t.rows('usp.type == GET')
    expect(whole.map(({ direction }) => direction)).toEqual(['in', 'in', 'out'])
    const ids = await Promise.all(
      ['one', 'two', 'back'].map((id) => t.rows(`usp.msg_id == "${id}"`).then(([row]) => row?.no)),
    )
    expect(ids).toEqual(whole.map(({ no }) => no))
  })

  test('of one Record on its way through the bench are rows of both connections, each whole', async () => {
    const wishes = threeSegments()
    const t = await told(
      wishes.flatMap((wish) => [
        { ...wish, connection: 1 },
        { ...wish, connection: 2 },
      ]),
    )
    expect(await t.rows('usp.type == GET')).toHaveLength(2)
    for (const { no } of await t.rows('usp')) expect(await findings(t, no)).toEqual([])
  })

  test('begin anew with sequence_id 1: what was open is told as lost', async () => {
    const [begin] = threeSegments()
    const t = await told([begin as Wish, ...threeSegments().map((wish) => ({ ...wish, session: 6n }))])
    expect((await t.rows('usp.type == GET')).map(({ no }) => no)).toEqual([5])
    expect(await findings(t, 3)).toEqual([expect.stringContaining('Session 5 was replaced by session 6')])
    expect(await segmentOf(t, 2)).toBeUndefined()
  })

  test('that lost a segment say so, and are whole again when it is sent again', async () => {
    const [begin, middle, last] = threeSegments() as [Wish, Wish, Wish]
    const ask: Wish = { from: CONTROLLER, to: AGENT, retransmit: 2n, payload: [] }
    const t = await told([begin, last, ask, middle])
    expect(await findings(t, 3)).toEqual(['R-E2E.15'])
    expect(await findings(t, 4)).toEqual([expect.stringContaining('for sequence_id 2 again')])
    // The last segment came before the one that was missing.
    expect((await t.rows('usp.type == GET')).map(({ no }) => no)).toEqual([3])
    expect(await segmentOf(t, 5)).toBe('segment 2 of 3 of a Msg that is whole in packet 3')
    const again = await told([begin, begin, middle, last])
    expect(await findings(again, 3)).toEqual(['R-E2E.25'])
    expect(await again.rows('usp.type == GET')).toHaveLength(1)
  })

  test('that end with their connection tell what was left', async () => {
    const [begin] = threeSegments()
    const t = await told([begin as Wish])
    t.captures.live.closed(1, { by: 'network', reason: '', probe: false })
    await t.captures.live.flush()
    expect(await findings(t, 3)).toEqual([expect.stringContaining('packet 2 began is not complete')])
  })

  test('that are encrypted tell their segments and no more', async () => {
    const wishes = threeSegments().map((wish) => ({ ...wish, tls: true }))
    const t = await told(wishes)
    expect(await segmentOf(t, 2)).toBe('segment 1 of 3 of an encrypted Msg that is whole in packet 4')
    expect(await t.rows('usp.type')).toEqual([])
    expect(named((await detail(t, 4)).fields, 'usp.reassembled')).toEqual([])
  })
})

test('what is held goes with the rows', () => {
  const rows = new Set<number>()
  const sessions = new Sessions((row) => rows.has(row))
  const feed = (row: number, wish: Wish) => {
    rows.add(row)
    const bytes = encode(wish)
    const peek = { kind: 'session_context', version: '1.3', fromId: AGENT, toId: CONTROLLER } as const
    return sessions.take(row, 1, bytes, { peek, start: 3, end: bytes.length })
  }
  let whole = 0
  for (let i = 0; i < 50; i++) {
    const wishes = segments(getMsg(`m-${i}`), 10, { sequence: BigInt(rows.size + 1) })
    for (const wish of wishes) whole += feed(rows.size + 1, wish).length
  }
  expect(whole).toBe(50)
  expect(feed(rows.size + 1, { sequence: 1n }).concat(feed(rows.size + 1, { sequence: 9999n }))).toEqual([])
  expect(sessions.findings(rows.size)).toHaveLength(1)
  expect(sessions.bytes).toBeGreaterThan(10_000)
  for (const row of rows) sessions.drop(row)
  expect(sessions.bytes).toBe(0)
})
