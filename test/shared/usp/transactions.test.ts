import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeMsg, decodeMsg, makeMsg, type Msg } from '../../../shared/usp/codec.ts'
import { factOf, Transactions, type MsgFact } from '../../../shared/usp/transactions.ts'

const controller = 'controller'
const agent = 'os::1'
let packet = 0

const request = (time: number, msgId: string, more: Partial<MsgFact> = {}): MsgFact => ({
  time,
  packet: ++packet,
  fromId: controller,
  toId: agent,
  msgId,
  part: 'request',
  kind: 'Get',
  ...more,
})
const response = (time: number, msgId: string, more: Partial<MsgFact> = {}): MsgFact =>
  request(time, msgId, { fromId: agent, toId: controller, part: 'response', ...more })
const notify = (time: number, msgId: string, content: string, more: Partial<MsgFact> = {}): MsgFact =>
  request(time, msgId, {
    fromId: agent,
    toId: controller,
    kind: 'Notify',
    notify: { subscriptionId: 's', content },
    ...more,
  })

test('an answer belongs to the request of that endpoint with its msg_id', () => {
  const all = new Transactions({ timeoutMs: 1000 })
  all.feed(request(0, '1'))
  all.feed(request(1, '1', { toId: 'os::2' }))
  const [answered] = all.feed(response(5, '1', { fromId: 'os::2' }))
  expect(answered).toMatchObject({ id: 2, responder: 'os::2', outcome: 'answered', latencyMs: 4 })
  expect(all.waiting).toBe(1)
  expect(all.feed(response(7, '1', { part: 'error', errorCode: 7026 }))).toMatchObject([
    { id: 1, outcome: 'error', errorCode: 7026, latencyMs: 7 },
  ])
})

test('timed out, late, second and orphan answers are told apart', () => {
  const all = new Transactions({ timeoutMs: 1000 })
  all.feed(request(0, 'slow'))
  all.feed(request(500, 'next'))
  expect(all.tick(999)).toEqual([])
  expect(all.tick(1000)).toMatchObject([{ msgId: 'slow', outcome: 'timeout' }])
  expect(all.tick(1001)).toEqual([])
  expect(all.feed(response(1200, 'slow'))).toMatchObject([{ outcome: 'late', latencyMs: 1200 }])
  expect(all.feed(response(1300, 'slow'))).toMatchObject([{ outcome: 'late', duplicates: [{ time: 1300 }] }])
  expect(all.feed(response(1400, 'never'))).toMatchObject([{ outcome: 'orphan', msgId: 'never' }])
  // A response of another kind answers something else.
  expect(all.feed(response(1401, 'next', { kind: 'Set' }))).toMatchObject([
    { outcome: 'orphan', kind: 'Set' },
  ])
  expect(all.end(agent)).toMatchObject([{ msgId: 'next', outcome: 'unanswered' }])
  all.feed(request(1500, 'short'))
  expect(all.giveUp(controller, agent, 'short')).toMatchObject({ outcome: 'timeout' })
  expect(all.giveUp(controller, agent, 'short')).toBeUndefined()
  expect(all.feed(response(1501, 'short'))).toMatchObject([{ outcome: 'late' }])
  expect(all.waiting).toBe(0)
})

test('the same msg_id is a repeat until it was answered, then a new transaction', () => {
  const all = new Transactions({ timeoutMs: 1000 })
  const [first] = all.feed(request(0, '1'))
  all.tick(1000)
  expect(all.feed(request(1500, '1'))).toMatchObject([{ id: first?.id, outcome: 'waiting', repeats: [{}] }])
  expect(all.feed(response(1600, '1'))).toMatchObject([{ outcome: 'answered', latencyMs: 1600 }])
  expect(all.feed(request(2000, '1'))[0]?.id).not.toBe(first?.id)
})

test('a retried Notify is one by its msg_id, or points to the first by what it says', () => {
  const all = new Transactions({ timeoutMs: 1000 })
  const [first] = all.feed(notify(0, 'a', 'Boot!'))
  expect(all.feed(notify(5, 'a', 'Boot!'))).toMatchObject([{ id: first?.id, repeats: [{ time: 5 }] }])
  expect(all.feed(notify(10, 'b', 'Boot!'))).toMatchObject([{ retryOf: first?.id }])
  expect(all.feed(notify(20, 'c', 'Boot!'))).toMatchObject([{ retryOf: first?.id }])
  expect(all.feed(notify(21, 'd', 'Periodic!'))[0]).not.toHaveProperty('retryOf')
  all.feed(response(30, 'c', { kind: 'Notify', fromId: controller, toId: agent }))
  expect(all.feed(notify(40, 'e', 'Boot!'))[0]).not.toHaveProperty('retryOf')
  // The same msg_id with something else to say: the agent counts anew.
  expect(all.feed(notify(50, 'e', 'other'))[0]).toMatchObject({ repeats: [] })
  // Nobody answers what asks for no answer.
  expect(all.feed(notify(60, 'f', 'x', { silent: true }))).toMatchObject([{ outcome: 'silent' }])
})

test('an Operate is linked with its OperationComplete by command and command_key', () => {
  const all = new Transactions()
  const operate = (time: number, msgId: string, command: string, commandKey: string) =>
    request(time, msgId, { kind: 'Operate', operate: { command, commandKey } })
  all.feed(operate(0, '1', 'Device.A.*.Test()', 'k'))
  all.feed(response(1, '1', { kind: 'Operate', begun: ['Device.A.1.Test()', 'Device.A.2.Test()'] }))
  all.feed(operate(2, '2', 'Device.B.Test()', 'k'))
  const complete = (time: number, msgId: string, command: string) =>
    all.feed(
      notify(time, msgId, command, {
        toId: 'another controller',
        notify: { subscriptionId: 's', content: command, completes: { command, commandKey: 'k' } },
      }),
    )
  expect(complete(3, 'n1', 'Device.A.2.Test()')).toMatchObject([
    { completes: 1 },
    { id: 1, completedBy: [expect.any(Number)] },
  ])
  expect(complete(4, 'n2', 'Device.B.Test()')).toMatchObject([{ completes: 2 }, { id: 2 }])
  expect(complete(5, 'n3', 'Device.A.3.Test()')).toHaveLength(1)
  expect(complete(6, 'n4', 'Device.A.1.Test()')[1]?.completedBy).toHaveLength(2)
})

test('nothing grows without a bound, whatever comes', () => {
  const text = fc.constantFrom('1', '2', '3', '4', '5', '6')
  const fact = fc.record({
    fromId: text,
    toId: text,
    msgId: text,
    part: fc.constantFrom('request', 'response', 'error'),
    kind: fc.constantFrom('Get', 'Notify', 'Operate'),
    silent: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(fact, { maxLength: 200 }), (facts) => {
      const all = new Transactions({ maxRemembered: 10, maxOperates: 5, maxRepeats: 3, timeoutMs: 50 })
      facts.forEach((one, time) => {
        const more =
          one.kind === 'Notify'
            ? { notify: { subscriptionId: one.msgId, content: one.toId } }
            : one.kind === 'Operate'
              ? { operate: { command: one.msgId, commandKey: one.toId } }
              : {}
        for (const { repeats, duplicates, latencyMs = 0 } of all.feed({
          ...one,
          ...more,
          time,
          packet: time,
        } as MsgFact)) {
          expect(Math.max(repeats.length, duplicates.length)).toBeLessThanOrEqual(3)
          expect(latencyMs).toBeGreaterThanOrEqual(0)
        }
        all.tick(time)
        expect(all.size).toBeLessThanOrEqual(10)
        expect(all.waiting).toBeLessThanOrEqual(all.size)
      })
      all.end()
      expect(all.waiting).toBe(0)
    }),
    { numRuns: 100 },
  )
})

test('a decoded Msg yields its facts', () => {
  const where = { time: 1, packet: 2, fromId: 'a', toId: 'b' }
  const again = (msg: Msg) => factOf(decodeMsg(encodeMsg(msg)), where)
  const header = { msgId: '7' }
  const of = (name: string, value: unknown) =>
    makeMsg({
      header,
      body: { msgBody: { case: 'request', value: { reqType: { case: name, value } } } },
    } as never)
  expect(again(of('getSupportedDm', {}))).toEqual({
    ...where,
    msgId: '7',
    part: 'request',
    kind: 'GetSupportedDM',
  })
  expect(again(of('operate', { command: 'Device.Reboot()', commandKey: 'k' }))).toMatchObject({
    silent: true,
    operate: { command: 'Device.Reboot()', commandKey: 'k' },
  })
  const done = { objPath: 'Device.', commandName: 'Test()', commandKey: 'k' }
  expect(
    again(of('notify', { sendResp: true, notification: { case: 'operComplete', value: done } })),
  ).toMatchObject({ silent: false, notify: { completes: { command: 'Device.Test()', commandKey: 'k' } } })
  expect(
    again(makeMsg({ header, body: { msgBody: { case: 'error', value: { errCode: 7000 } } } })),
  ).toMatchObject({
    part: 'error',
    errorCode: 7000,
  })
  expect(again(makeMsg({ header }))).toBeUndefined()
})
