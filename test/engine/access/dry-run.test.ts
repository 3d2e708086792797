/** Dry run and proposal over real captures: a real engine, real clients, the real worker. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../../shared/acl/defaults.ts'
import type { AclList, AclRule } from '../../../shared/acl/model.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import type { DryRunResult, DryRunRow } from '../../../shared/contract/dry-run.ts'
import type { Job } from '../../../shared/contract/model.ts'
import { testEngine, type TestEngine } from '../../support/engine.ts'
import { publishPacket, WireClient } from '../../support/wire.ts'

const id = 'os::00256D-D1'
const own = `oktopus/usp/v1/controller/${id}`
const agent = `oktopus/usp/v1/agent/${id}`
let bench: TestEngine
const clients: WireClient[] = []
beforeEach(async () => {
  bench = await testEngine({ 'access.open': false })
  for (const username of [id, 'oktopusController'])
    await handlers()['access.user.set']({ username, password: 'pw' })
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy()
  await bench.stop()
})

const handlers = () => bench.engine.handlers

async function login(
  name: string,
  more: Parameters<WireClient['hello']>[0] | object = {},
): Promise<WireClient> {
  const client = await WireClient.open(bench.port)
  clients.push(client)
  await client.hello({ clientId: name, username: name, password: Buffer.from('pw'), ...more })
  return client
}

async function ended(job: string): Promise<Job> {
  const find = () => bench.engine.current('jobs').find((one) => one.id === job)
  await expect.poll(() => find()?.state).not.toBe('running')
  return find()!
}

async function dryRun(list: AclList, more: Partial<Request<'access.dryRun'>> = {}): Promise<DryRunResult> {
  const { job } = await handlers()['access.dryRun']({
    capture: 'live',
    filter: '',
    list,
    before: 'force',
    ...more,
  })
  expect(await ended(job)).toMatchObject({ kind: 'dry-run', state: 'done' })
  return handlers()['access.dryRun.result']({ job })
}

const without = (...ids: string[]): AclList => ({
  version: 0,
  rules: OKTOPUS_DEFAULTS.rules.filter((rule) => !ids.includes(rule.id)),
})
const brief = (rows: readonly DryRunRow[]) => rows.map(({ kind, what, topic }) => [kind, what, topic])

/** A device with a will subscribes, is spoken to, answers, and tries what is not its own. */
async function scene(): Promise<void> {
  const will = { topic: own, payload: Buffer.from('gone'), qos: 0, retain: false, properties: [] } as const
  const device = await login(id, { will })
  const wish = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
  const subscriptions = [
    { filter: agent, ...wish },
    { filter: 'lab/#', ...wish },
  ]
  device.send({ type: 'SUBSCRIBE', packetId: 7, subscriptions, properties: [] })
  expect((await device.next('SUBACK')).reasonCodes).toEqual([0, 0x87])
  const controller = await login('oktopusController')
  controller.send(
    publishPacket(agent, 'do', {
      properties: [{ name: 'responseTopic', value: 'oktopus/usp/v1/controller/x' }],
    }),
  )
  await device.next('PUBLISH')
  device.send(publishPacket(own, 'done', { properties: [{ name: 'responseTopic', value: agent }] }))
  device.send(publishPacket('lab/telemetry', '1', { qos: 1, packetId: 3 }))
  expect((await device.next('PUBACK')).reasonCode).toBe(0x87)
  await controller.ping()
}

describe('dry run', () => {
  test('tells packet by packet what an edited list would deny and allow', async () => {
    await scene()
    const lab: AclRule = {
      id: 'lab',
      name: 'Lab telemetry',
      effect: 'allow',
      action: 'both',
      topic: 'lab/#',
      who: {},
      enabled: true,
    }
    const edited = { version: 0, rules: [...without('listen', 'answer').rules, lab] }
    const { rows, counts, devices, rules, unknown, more } = await dryRun(edited)
    expect(brief(rows)).toEqual([
      ['newly-denied', 'will', own],
      ['newly-denied', 'subscribe', agent],
      ['newly-allowed', 'subscribe', 'lab/#'],
      ['newly-denied', 'deliver', agent],
      ['newly-denied', 'publish', own],
      ['newly-denied', 'reply', agent],
      ['newly-allowed', 'publish', 'lab/telemetry'],
    ])
    expect(counts).toMatchObject({ asked: 9, same: 2, 'newly-denied': 5, 'newly-allowed': 2 })
    expect([unknown, more]).toEqual([0, { devices: 0, rules: 0 }])
    expect(devices).toEqual([
      { name: id, counts: { 'newly-denied': 5, 'newly-allowed': 2, 'rule-changed': 0 } },
    ])
    expect(rules.map(({ name }) => name)).toContain(`no rule → rule ${edited.rules.length} "Lab telemetry"`)
    expect(rows[0]).toMatchObject({
      before: { verdict: 'allow', rule: 'answer' },
      after: { verdict: 'deny' },
      who: { endpointId: id, username: id, address: '127.0.0.1' },
    })
    // The number leads to the packet.
    const row = (await bench.rows()).find(({ no }) => no === rows.at(-1)?.no)
    expect(row).toMatchObject({ type: 'PUBLISH', topic: 'lab/telemetry', verdict: 'dropped' })
  })

  test('against what was recorded: the list in force then does not matter any more', async () => {
    await scene()
    const silent = without('listen')
    await handlers()['access.rules.save']({ list: silent, basedOn: 0, note: '' })
    expect((await dryRun(silent)).rows).toEqual([])
    const { rows, counts } = await dryRun(silent, { before: 'recorded' })
    expect(brief(rows)).toEqual([
      ['newly-denied', 'subscribe', agent],
      ['newly-denied', 'deliver', agent],
      ['newly-denied', 'reply', agent],
    ])
    expect(rows[0]?.before).toEqual({ verdict: 'allow', why: 'it went through' })
    expect(counts['rule-changed']).toBe(0)
  })

  test('looks only at what the filter leaves, also in a stored capture', async () => {
    await scene()
    await handlers()['captures.start']({})
    const stored = bench.engine.current('captures').find(({ state }) => state === 'stored')!.id
    await expect(dryRun(without('listen'), { capture: stored })).rejects.toThrow('open it first')
    await ended((await handlers()['captures.open']({ id: stored })).job)
    const { packets, rows } = await dryRun(without('listen'), { capture: stored, filter: 'subscribe' })
    expect(packets).toBe(1)
    expect(brief(rows)).toEqual([['newly-denied', 'subscribe', agent]])
  })

  test('refuses a wrong filter or list at once, and can be stopped', async () => {
    await expect(dryRun(without(), { filter: 'mqtt.topic ==' })).rejects.toThrow()
    await expect(dryRun({ version: 0, rules: [{}] } as unknown as AclList)).rejects.toThrow('not right')
    const request = { capture: 'live', filter: '', list: without(), before: 'force' } as const
    const starting = handlers()['access.dryRun'](request)
    const running = bench.engine.current('jobs').find(({ state }) => state === 'running')
    handlers()['jobs.cancel']({ id: running!.id })
    const { job } = await starting
    expect((await ended(job)).state).toBe('cancelled')
    expect(() => handlers()['access.dryRun.result']({ job })).toThrow('run it again')
  })
})

describe('proposal', () => {
  const propose = async (refused: boolean) => {
    const { job } = await handlers()['access.propose']({ capture: 'live', filter: '', refused })
    expect(await ended(job)).toMatchObject({ kind: 'proposal', state: 'done' })
    return handlers()['access.propose.result']({ job })
  }

  test('allows what was recorded and no more, with the evidence of each rule', async () => {
    await scene()
    const { rules, asked, refused, denied, used, leftOut } = await propose(false)
    expect([asked, refused, leftOut, denied]).toEqual([9, 2, [], { count: 0, packets: [] }])
    expect(
      rules.map(({ rule: { action, topic }, count, now }) => [action, topic, count, now.verdict]),
    ).toEqual([
      ['publish', 'oktopus/usp/v1/controller/${endpoint}', 2, 'allow'],
      ['subscribe', 'oktopus/usp/v1/agent/${endpoint}', 3, 'allow'],
      ['publish', agent, 1, 'allow'],
      ['subscribe', 'oktopus/usp/v1/controller/x', 1, 'allow'],
    ])
    expect(rules[0]?.packets).toHaveLength(2)
    expect(used).toEqual({ answer: 2, listen: 3, controller: 2 })
    const list = { version: 0, rules: rules.map(({ rule }) => rule) }
    expect((await dryRun(list, { before: 'recorded' })).rows).toEqual([])
  })

  test('takes what was refused only when asked to', async () => {
    await scene()
    const { rules } = await propose(true)
    expect(rules.map(({ rule }) => rule.topic)).toContain('lab/telemetry')
    expect(rules.find(({ rule }) => rule.topic === 'lab/telemetry')?.now.verdict).toBe('deny')
  })
})
