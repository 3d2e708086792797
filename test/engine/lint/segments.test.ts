/** Msgs in segments are judged as those in one piece are. */
import { expect, test } from 'vitest'
import { encodeMsg, msgFromJson, type JsonValue } from '../../../shared/usp/codec.ts'
import { testCaptures, type TestCaptures } from '../../support/captures.ts'
import { AGENT, CONTROLLER, encode, Sar, type Wish } from '../../shared/usp/session-player.ts'
import { connack, connect, endpointId, peer, publish } from '../capture/packets.ts'

const DEVICE = 1
const BENCH = 2

interface Said {
  readonly connection?: number
  readonly way?: 'in' | 'out'
  readonly from?: string
  /** As protobuf has it in JSON. */
  readonly msg: { readonly [key: string]: JsonValue }
  /** Records that it is sent in. */
  readonly pieces: number
}

const get = (msgId: string, path: string) => ({
  header: { msgId, msgType: 'GET' },
  body: { request: { get: { paramPaths: [path] } } },
})
const answer = (msgId: string) => ({
  header: { msgId, msgType: 'GET_RESP' },
  body: { response: { getResp: { reqPathResults: [] } } },
})

/** Both endpoints in a live capture; packets 1 to 4 are their CONNECTs and CONNACKs. */
async function told(talk: readonly Said[]): Promise<TestCaptures> {
  const t = await testCaptures()
  const { live } = t.captures
  const sides = [
    [DEVICE, AGENT],
    [BENCH, CONTROLLER],
  ] as const
  for (const [connection, id] of sides) {
    live.opened(connection, peer(40_000 + connection))
    live.frame(connection, 'in', connect({ clientId: id, properties: endpointId(id) }), false)
    live.frame(connection, 'out', connack(), false)
  }
  const sequences = new Map<string, bigint>()
  for (const { connection = DEVICE, way = 'in', from = AGENT, msg, pieces } of talk) {
    const bytes = encodeMsg(msgFromJson(msg))
    const size = Math.ceil(bytes.length / pieces)
    for (let i = 0; i < pieces; i++) {
      const direction = `${connection} ${from}`
      const sequence = (sequences.get(direction) ?? 0n) + 1n
      sequences.set(direction, sequence)
      const sar =
        pieces === 1 ? Sar.NONE : i === 0 ? Sar.BEGIN : i === pieces - 1 ? Sar.COMPLETE : Sar.INPROCESS
      const wish: Wish = {
        from,
        to: from === AGENT ? CONTROLLER : AGENT,
        sequence,
        sar,
        payload: [bytes.subarray(i * size, (i + 1) * size)],
      }
      live.frame(connection, way, publish('usp/x', { payload: encode(wish).subarray(3) }), false)
    }
  }
  await t.judged()
  return t
}

/** Of rules about Msgs: the others look at every Record. */
const judged = new Set(['path-syntax', 'orphan-answer', 'answer-twice', 'answer-type'])
async function found(t: TestCaptures) {
  const { groups } = await t.captures.ask('live', 'lint', {})
  return groups.flatMap(({ rule, endpoint, first }) => (judged.has(rule) ? [[rule, endpoint, first]] : []))
}

test.each([1, 3])('a fault in a Msg of %i Records stands at the last of them', async (pieces) => {
  const t = await told([{ connection: BENCH, from: CONTROLLER, msg: get('m', 'Device..'), pieces }])
  expect(await found(t)).toEqual([['path-syntax', CONTROLLER, 4 + pieces]])
})

test.each([
  [1, 1],
  [3, 1],
  [3, 3],
])('a request of %i Records finds its answer of %i', async (asked, answered) => {
  const request = { from: CONTROLLER, msg: get('m', 'Device.X'), pieces: asked }
  const response = { from: AGENT, msg: answer('m'), pieces: answered }
  const t = await told([
    { ...request, connection: BENCH },
    { ...request, connection: DEVICE, way: 'out' },
    { ...response, connection: DEVICE },
    { ...response, connection: BENCH, way: 'out' },
  ])
  expect(await found(t)).toEqual([])
})

test.each([1, 3])('an answer of %i Records to nothing is told', async (pieces) => {
  const t = await told([
    { connection: BENCH, from: CONTROLLER, msg: get('other', 'Device.X'), pieces: 1 },
    { msg: answer('m'), pieces },
  ])
  expect(await found(t)).toEqual([['orphan-answer', AGENT, 5 + pieces]])
})

test('a copy of segments is not judged beside the Records that were sent', async () => {
  const request = { from: CONTROLLER, msg: get('m', 'Device..'), pieces: 2 }
  const t = await told([
    { ...request, connection: BENCH },
    { ...request, connection: DEVICE, way: 'out' },
  ])
  const { groups } = await t.captures.ask('live', 'lint', {})
  expect(groups.find(({ rule }) => rule === 'path-syntax')).toMatchObject({ count: 1, more: 0 })
})
