/** What transactions say of each thing that a simulated agent does wrong, in time that a test lets go on. */
import { expect, test } from 'vitest'
import {
  type MisbehaviourName,
  misbehaviourNames,
  quirksOf,
} from '../../../electron/engine/simulator/misbehaviours.ts'
import type { TransactionRow } from '../../../shared/contract/transactions.ts'
import {
  encodeMsg,
  encodeRecord,
  makeRecord,
  msgFromJson,
  type JsonValue,
} from '../../../shared/usp/codec.ts'
import { transactionRow } from '../../../electron/engine/capture/transactions/rows.ts'
import { controller, endpointId, rig, subscribe } from '../simulator/rig.ts'
import { connect, peer, publish } from './packets.ts'
import { teller } from './teller.ts'

const CONTROLLER = 1
const AGENT = 2
const STEP_MS = 100
const NS_PER_MS = 1e6

/** Asks an agent twice at once, and listens for so many milliseconds. */
function transactionsOf(name: MisbehaviourName, forMs: number): TransactionRow[] {
  const { archive } = teller()
  const { agent, world, give, take, left } = rig(quirksOf([name]))
  const begin = world.now()
  let no = 0
  const told = (connection: number, direction: 'in' | 'out', bytes: Uint8Array) =>
    archive.frame(
      ++no,
      (world.now() - begin) * NS_PER_MS,
      connection,
      direction,
      false,
      bytes,
      0,
      bytes.length,
    )
  for (const connection of [CONTROLLER, AGENT]) {
    archive.opened(connection, peer(), 0)
    told(connection, 'in', connect())
  }
  const passOn = (from: number, to: number, payload: Uint8Array) => {
    const bytes = publish('some/topic', { payload })
    told(from, 'in', bytes)
    told(to, 'out', bytes)
  }
  const listen = () => {
    for (const { payload } of take()) passOn(AGENT, CONTROLLER, payload)
  }
  const ask = (msgId: string, body: object) => {
    const msg = { header: { msgId, msgType: 'GET' }, body: { request: body } }
    const payload = encodeMsg(msgFromJson(msg as JsonValue))
    const recordType = { case: 'noSessionContext', value: { payload } } as const
    const record = makeRecord({ version: '1.3', toId: endpointId, fromId: controller, recordType })
    passOn(CONTROLLER, AGENT, encodeRecord(record))
    give(msg)
    listen()
  }
  agent.connected('oktopus/usp/v1/agent/x', {})
  listen()
  const get = { get: { paramPaths: ['Device.DeviceInfo.'] } }
  if (name === 'notify-forever')
    ask('subscribe', subscribe('boot', 'Event', 'Device.Boot!', { NotifRetry: 'true' }))
  ask('one', get)
  ask('two', get)
  if (name === 'notify-forever') {
    agent.disconnected()
    agent.connected('oktopus/usp/v1/agent/x', {})
  }
  for (let passed = 0; passed < forMs; passed += STEP_MS) {
    world.pass(STEP_MS / 1000)
    listen()
  }
  expect(left.length > 0).toBe(name === 'cut-off')
  while (archive.pair());
  archive.tick((world.now() - begin) * NS_PER_MS)
  archive.ended()
  while (archive.pair());
  const { table } = archive.transactions
  return Array.from({ length: table.rows }, (_, at) => transactionRow(archive.parts, table, table.first + at))
}

const words = (rows: readonly TransactionRow[]) =>
  rows.map(({ type, outcome, msgId, latencyMs, duplicates }) => {
    const known = ['one', 'two'].includes(msgId) ? msgId : 'other'
    const took = latencyMs === undefined ? '' : ` after ${Math.round(latencyMs / 1000)} s`
    return `${type} ${known} ${outcome}${took}${duplicates.length > 0 ? `, ${duplicates.length} more` : ''}`
  })

const right = ['Get one answered after 0 s', 'Get two answered after 0 s']
const none = ['Get one timeout', 'Get two timeout']
const orphans = [
  'Get one timeout',
  expect.stringMatching(/^Get .* orphan$/) as string,
  'Get two timeout',
  expect.stringMatching(/^Get .* orphan$/) as string,
]
const wrong: Partial<Record<MisbehaviourName, readonly string[]>> = {
  slow: ['Get one answered after 2 s', 'Get two answered after 2 s'],
  late: ['Get one answered after 12 s', 'Get two answered after 12 s'],
  silent: none,
  garbage: none,
  'cut-off': none,
  // Who they say that they are meant for, or come from, is not who asked, or was asked.
  'wrong-msg-id': orphans,
  'wrong-to-id': orphans,
  'wrong-from-id': orphans,
  duplicate: ['Get one answered after 0 s, 1 more', 'Get two answered after 0 s, 1 more'],
  // What says that it is encrypted is not read.
  'false-encryption': none,
}

test.each(misbehaviourNames.filter((name) => name !== 'notify-forever'))('%s', (name) => {
  const seen = transactionsOf(name, 32_000)
  // It says Boot! besides, and nobody answers that.
  const asked = seen.filter(({ type }) => type === 'Get')
  expect(words(asked)).toEqual(wrong[name] ?? right)
  expect(asked.every(({ repeats }) => repeats.length === 0)).toBe(true)
})

test('notify-forever', () => {
  const seen = transactionsOf('notify-forever', 5000)
  const notify = seen.find(({ type }) => type === 'Notify')
  expect(notify).toMatchObject({
    outcome: 'unanswered',
    device: endpointId,
    summary: expect.stringContaining('Boot!'),
  })
  expect(notify?.repeats.length).toBeGreaterThanOrEqual(4)
})
