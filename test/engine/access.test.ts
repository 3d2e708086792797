/** Access as a whole: a real engine, real clients, a real NATS server. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { connectAsync, type IClientOptions } from 'mqtt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OKTOPUS_DEFAULTS } from '../../shared/acl/defaults.ts'
import type { RuleHits } from '../../shared/contract/access.ts'
import { testEngine, type TestEngine } from '../support/engine.ts'
import { describeWith, requireTool } from '../support/tools.ts'
import { WireClient } from '../support/wire.ts'

const run = promisify(execFile)
const id = 'os::00256D-A1'
const own = `oktopus/usp/v1/controller/${id}`
let bench: TestEngine
beforeEach(async () => {
  bench = await testEngine({ 'access.open': false })
})
afterEach(() => bench.stop())

const handlers = () => bench.engine.handlers
const state = () => bench.engine.current('access')
const portOf = (transport: string): number =>
  bench.engine.current('bench').listeners.find((one) => one.transport === transport)?.port ?? 0

async function login(options: IClientOptions): Promise<number> {
  try {
    const client = await connectAsync(`mqtt://127.0.0.1:${bench.port}`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
      clientId: id,
      ...options,
    })
    await client.endAsync()
    return 0
  } catch (error) {
    return (error as { code?: number }).code ?? -1
  }
}

describe('a bench that is not open', () => {
  test('admits nobody without a password, and a knock with one click', async () => {
    expect(bench.engine.current('bench').open).toBe(false)
    expect(await login({})).toBe(0x87)
    expect(await login({ username: id, password: 'pass-7f3a' })).toBe(0x86)
    await expect
      .poll(() => state().denials.map(({ admit }) => admit))
      .toEqual([undefined, `add the user ${id}`])
    expect(JSON.stringify(state())).not.toContain('pass-7f3a')
    await handlers()['access.admit']({ id: state().denials[1]?.id ?? 0 })
    expect(await login({ username: id, password: 'pass-7f3a' })).toBe(0)
    expect(state().denials).toHaveLength(1)
    await handlers()['access.user.remove']({ username: id })
    expect(await login({ username: id, password: 'pass-7f3a' })).toBe(0x86)
  })

  test('a generated password is told once; another endpoint ID needs a word', async () => {
    const { password } = await handlers()['access.user.generate']({ username: id })
    const properties = { userProperties: { 'usp-endpoint-id': 'os::other' } }
    expect(await login({ username: id, password })).toBe(0)
    expect(await login({ username: id, password, properties })).toBe(0x87)
    const knock = state().denials.find(({ admit }) => admit?.includes('os::other'))
    await handlers()['access.admit']({ id: knock?.id ?? 0 })
    expect(await login({ username: id, password, properties })).toBe(0)
    expect(JSON.stringify([state(), await handlers()['access.users'](undefined)])).not.toContain(password)
  })

  test('says what a knock showed, and gives the rights of the controller away to none', async () => {
    expect(await login({ clientId: '', username: id, password: 'a' })).toBe(0x86)
    expect(await login({ clientId: '', username: id, password: 'b' })).toBe(0x86)
    expect(await login({ username: 'oktopusController', password: 'guess' })).toBe(0x86)
    const [device, controller] = state().denials
    expect(device).toMatchObject({ count: 2, presented: { version: 'MQTT 5.0', assigned: true } })
    expect(controller).toMatchObject({ cause: 'wrong-password' })
    expect(controller?.admit).toBeUndefined()
    await expect(handlers()['access.admit']({ id: controller?.id ?? 0 })).rejects.toThrow('no longer')
  })

  test('rules are saved with a note, told as conflict when stale, and act on live sessions', async () => {
    await handlers()['access.user.set']({ username: id, password: 'pw' })
    const client = await WireClient.open(bench.port)
    await client.hello({ clientId: id, username: id, password: Buffer.from('pw') })
    await client.subscribe(`oktopus/usp/v1/agent/${id}`)
    const rules = OKTOPUS_DEFAULTS.rules.map((rule) =>
      rule.action === 'subscribe' ? { ...rule, enabled: false } : rule,
    )
    const list = { version: 0, rules }
    const saved = await handlers()['access.rules.save']({ list, basedOn: 0, note: 'quiet' })
    expect(saved).toMatchObject({ version: 1, takenAway: [{ endpointId: id }] })
    await expect(handlers()['access.rules.save']({ list, basedOn: 0, note: '' })).rejects.toThrow(
      'changed meanwhile',
    )
    // Of two at the same moment one is told, and neither is lost without a word.
    const both = ['one', 'other'].map((note) => handlers()['access.rules.save']({ list, basedOn: 1, note }))
    const ends = await Promise.allSettled(both)
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    const history = await handlers()['access.rules.history'](undefined)
    expect(history.map(({ version, note }) => [version, note])).toEqual([
      [2, 'one'],
      [1, 'quiet'],
      [0, 'The Oktopus flow, strict'],
    ])
    const wrong = { version: 0, rules: [{}] }
    await expect(handlers()['access.rules.check']({ list: wrong })).rejects.toThrow('not right')
    client.destroy()
  })

  test('tells apart from the rules how often each decided, once a second', async () => {
    await handlers()['access.user.set']({ username: id, password: 'pw' })
    const hits: RuleHits[] = []
    bench.engine.on('ruleHits', (value) => hits.push(value))
    const client = await WireClient.open(bench.port)
    await client.hello({ clientId: id, username: id, password: Buffer.from('pw') })
    await client.subscribe(`oktopus/usp/v1/agent/${id}`)
    await expect.poll(() => hits.at(-1)?.['listen'], { timeout: 5000 }).toBe(1)
    expect(state()).not.toHaveProperty('hits')
    client.destroy()
  })

  test('one question is answered with the rule and why the others did not match', async () => {
    const answer = await handlers()['access.ask']({
      action: 'publish',
      topic: 'oktopus/usp/v1/controller/os::other',
      username: id,
      clientId: id,
      endpointId: id,
      qos: 0,
      retain: false,
    })
    expect(answer.decision.verdict).toBe('deny')
    expect(answer.passed.length).toBe(OKTOPUS_DEFAULTS.rules.length)
  })
})

test('secure WebSocket and TLS are the same door for MQTT.js', async () => {
  await handlers()['access.user.set']({ username: id, password: 'pw' })
  const ca = await readFile(bench.engine.current('certificates').authorityFile)
  for (const [scheme, transport] of [
    ['wss', 'wss'],
    ['mqtts', 'tls'],
  ] as const) {
    const client = await connectAsync(`${scheme}://127.0.0.1:${portOf(transport)}/mqtt`, {
      protocolVersion: 5,
      reconnectPeriod: 0,
      clientId: id,
      username: id,
      password: 'pw',
      ca,
    })
    await client.publishAsync(own, transport, { qos: 1 })
    expect((await handlers()['devices.get']({ endpointId: id })).transport).toBe(transport)
    await client.endAsync()
  }
})

describeWith(['mosquitto-clients', 'openssl'], 'TLS and mutual TLS with mosquitto_pub', () => {
  const publish = async (...words: string[]): Promise<string> => {
    const common = [
      '-V',
      '5',
      '-h',
      '127.0.0.1',
      '-p',
      String(portOf('tls')),
      '-i',
      id,
      '-t',
      own,
      '-q',
      '1',
      '-m',
      'x',
      '-d',
    ]
    const { stdout, stderr } = await run(requireTool('mosquitto_pub'), [...common, ...words]).catch(
      (error: { stdout: string; stderr: string }) => error,
    )
    return stdout + stderr
  }
  const authority = (): string => bench.engine.current('certificates').authorityFile

  test('with the lab authority and a password', async () => {
    await handlers()['access.user.set']({ username: id, password: 'pw' })
    expect(await publish('--cafile', authority(), '-u', id, '-P', 'pw')).toContain('received PUBACK')
    await expect.poll(async () => (await bench.rows('publish'))[0]).toMatchObject({ device: id, topic: own })
  })

  test('with a certificate alone, until it is revoked', async () => {
    const { serial } = await handlers()['certificates.issue']({ endpointId: id })
    const { file } = await handlers()['certificates.bundle']({ serial })
    const certificate = ['--cafile', authority(), '--cert', file, '--key', file]
    const named = ['-D', 'connect', 'user-property', 'usp-endpoint-id', id]
    expect(await publish(...certificate, ...named)).toContain('received PUBACK')
    const foreign = ['-D', 'connect', 'user-property', 'usp-endpoint-id', 'os::other']
    expect(await publish(...certificate, ...foreign)).not.toContain('received PUBACK')
    await handlers()['certificates.revoke']({ serial })
    expect(await publish(...certificate, ...named)).not.toContain('received PUBACK')
    await expect
      .poll(() =>
        state()
          .denials.map(({ text }) => text)
          .join(),
      )
      .toMatch(/revoked/)
  })

  test('a device that trusts another authority is told in words', async () => {
    const folder = join(bench.folder, 'other')
    const other = `${folder}.pem`
    await run(requireTool('openssl'), [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=other -keyout'.split(
        ' ',
      ),
      `${folder}.key`,
      '-out',
      other,
    ])
    await publish('--cafile', other)
    await expect
      .poll(() =>
        state()
          .denials.map(({ text }) => text)
          .join(),
      )
      .toMatch(/TLS: .*lab-ca\.pem/)
  })
})

describeWith(['nats-server'], 'credentials in NATS', () => {
  test('what a plain NATS client writes logs a device in, and deleting it shuts it out', async () => {
    await bench.stop()
    bench = await testEngine({ 'access.open': false, 'nats.enabled': true })
    await expect
      .poll(() => state().nats, { timeout: 15_000 })
      .toMatchObject({ connected: true, credentials: 'shared' })
    const { connect } = await import('@nats-io/transport-node')
    const { Kvm } = await import('@nats-io/kv')
    // The server's own login stands in its configuration, which only this account can read.
    const config = await readFile(join(bench.folder, 'nats', 'server.conf'), 'utf8')
    const [, user] = /user:\s*"?([^"\s,}]+)/.exec(config) ?? []
    const [, pass] = /password:\s*"?([^"\s,}]+)/.exec(config) ?? []
    const nats = await connect({ servers: state().nats.url ?? '', user: user ?? '', pass: pass ?? '' })
    const bucket = await new Kvm(nats).open('devices-auth')
    await bucket.put('cpe-1', 'from-oktopus')
    const device = { clientId: 'cpe-1', username: 'cpe-1', password: 'from-oktopus' }
    await expect.poll(() => login(device)).toBe(0)
    await bucket.delete('cpe-1')
    await expect.poll(() => login(device)).toBe(0x86)
    await nats.close()
  }, 40_000)
})
