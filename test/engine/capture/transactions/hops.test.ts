import { expect, test } from 'vitest'
import { Hops, type Passage } from '../../../../electron/engine/capture/transactions/hops.ts'

const name = { fromId: 'controller', toId: 'os::1', msgId: 'm', msgType: 'GET' } as const
const way = (connection: number, out: boolean, dup = false): Passage => ({
  msgId: 1,
  way: connection * 2 + (out ? 1 : 0),
  out,
  dup,
})
const into = (connection: number, dup = false) => way(connection, false, dup)
const outTo = (connection: number, dup = false) => way(connection, true, dup)

test('what goes out is what came in, to each who gets it', () => {
  const hops = new Hops()
  expect(hops.carried(name, into(1))).toBe(0)
  hops.say(name, into(1), 7)
  expect(hops.carried(name, outTo(2))).toBe(7)
  expect(hops.carried(name, outTo(3))).toBe(7)
  // Another one, although it has the same msg_id.
  expect(hops.carried({ ...name, toId: 'os::2' }, outTo(2))).toBe(0)
  expect(hops.carried({ ...name, msgType: 'GET_RESP' }, outTo(2))).toBe(0)
})

test('said again it is said again, and goes out once more', () => {
  const hops = new Hops()
  hops.say(name, into(1), 7)
  expect(hops.carried(name, outTo(2))).toBe(7)
  expect(hops.carried(name, into(1))).toBe(0)
  hops.say(name, into(1), 7)
  expect(hops.carried(name, outTo(2))).toBe(7)
  // A third time to the same one was said by nobody that was seen.
  expect(hops.carried(name, outTo(2))).toBe(0)
})

test('MQTT may deliver it again, in and out', () => {
  const hops = new Hops()
  hops.say(name, into(1), 7)
  expect(hops.carried(name, into(1, true))).toBe(7)
  expect(hops.carried(name, outTo(2))).toBe(7)
  expect(hops.carried(name, outTo(2, true))).toBe(7)
  // The first time, whatever the flag says.
  expect(hops.carried({ ...name, msgId: 'n' }, into(1, true))).toBe(0)
})

test('where only what goes out is seen, the first stands for what was said', () => {
  const hops = new Hops()
  expect(hops.carried(name, outTo(2))).toBe(0)
  hops.say(name, outTo(2), 9)
  expect(hops.carried(name, outTo(3))).toBe(9)
  expect(hops.carried(name, outTo(2))).toBe(0)
  hops.say(name, outTo(2), 9)
  expect(hops.carried(name, outTo(3))).toBe(9)
})

test('remembers the newest alone', () => {
  const hops = new Hops()
  for (let msgId = 1; msgId <= 50_000; msgId++) {
    hops.say({ ...name, msgId: `m${msgId}` }, { ...into(1), msgId }, msgId)
  }
  expect(hops.carried({ ...name, msgId: 'm50000' }, { ...outTo(2), msgId: 50_000 })).toBe(50_000)
  expect(hops.carried({ ...name, msgId: 'm1' }, { ...outTo(2), msgId: 1 })).toBe(0)
})
