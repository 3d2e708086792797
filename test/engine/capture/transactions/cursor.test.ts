/** Transactions are looked for behind the index. */
import { expect, test } from 'vitest'
import { encodeMsg, makeMsg } from '../../../../shared/usp/codec.ts'
import { Header_MsgType as MsgType } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import { AGENT, CONTROLLER, encode, Sar, type Wish } from '../../../shared/usp/session-player.ts'
import { connect, getRecord, peer, publish } from '../packets.ts'
import { type Teller, teller } from '../teller.ts'

function begun(budgetBytes?: number): Teller {
  const t = teller(budgetBytes)
  t.opened(1, peer())
  t.frame(1, 'in', connect(), false)
  return t
}
const ask = (t: Teller, msgId: string) =>
  t.frame(1, 'in', publish('usp/controller', { payload: getRecord(msgId, 'Device.') }), false)

const whole = { from: 0, count: 10, tail: false }

test('rows are listed before their transactions are known', () => {
  const t = begun()
  t.archive.transactionViews.open(7, { text: '' })
  const no = ask(t, 'one')
  t.take()
  const { pairing, parts, transactionViews } = t.archive
  expect(parts.columns.rows).toBe(2)
  expect(pairing.isBehind()).toBe(true)
  expect(pairing.share).toBe(0)
  expect(transactionViews.read(7, whole)).toMatchObject({ total: 0, progress: 0 })
  t.changed()
  expect(t.archive.pair()).toBe(false)
  expect(t.changed()).toEqual([7])
  const read = transactionViews.read(7, whole)
  expect(read).not.toHaveProperty('progress')
  expect(read.rows).toMatchObject([{ msgId: 'one', outcome: 'waiting', request: { no } }])
  expect(parts.columns.get(no, 'transaction')).toBe(1)
})

test('time stands still for a request while rows behind it were not looked at', () => {
  const t = begun()
  ask(t, 'one')
  t.take()
  t.archive.tick(1e15)
  while (t.archive.pair());
  expect(t.archive.transactions.table.outcome(1)).toBe('waiting')
  t.archive.tick(1e15)
  expect(t.archive.transactions.table.outcome(1)).toBe('timeout')
})

test('rows that went are passed over', () => {
  const t = begun(64 * 1024)
  for (let i = 0; i < 2000; i++) ask(t, `m${i}`)
  t.take()
  const { columns } = t.archive.parts
  expect(columns.first).toBeGreaterThan(2)
  while (t.archive.pair());
  const { table } = t.archive.transactions
  expect(table.rows).toBe(columns.rows)
  expect(table.get(table.first, 'request')).toBe(columns.first)
})

test('a Msg in segments is found once it is whole', () => {
  const msg = encodeMsg(
    makeMsg({
      header: { msgId: 'long', msgType: MsgType.GET },
      body: {
        msgBody: {
          case: 'request',
          value: { reqType: { case: 'get', value: { paramPaths: ['Device.'], maxDepth: 0 } } },
        },
      },
    }),
  )
  const t = begun()
  const tell = (wish: Wish) => {
    const record = encode({ ...wish, from: CONTROLLER, to: AGENT }).subarray(3)
    return t.frame(1, 'out', publish('usp/agent', { payload: record }), false)
  }
  const first = tell({ sequence: 1n, sar: Sar.BEGIN, payload: [msg.subarray(0, 6)] })
  t.take()
  while (t.archive.pair());
  expect(t.archive.transactions.table.rows).toBe(0)
  const last = tell({ sequence: 2n, sar: Sar.COMPLETE, payload: [msg.subarray(6)] })
  t.take()
  while (t.archive.pair());
  const { table } = t.archive.transactions
  expect(table.rows).toBe(1)
  expect([table.get(1, 'request'), table.type(1), table.parties(1).device]).toEqual([last, 'Get', AGENT])
  expect(t.archive.parts.columns.get(first, 'transaction')).toBe(0)
})
