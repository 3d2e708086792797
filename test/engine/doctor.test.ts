/** The doctor at real connections, and at what a real OBUSPA did. */
import { connect as openSocket } from 'node:net'
import { once } from 'node:events'
import { connect as openTls } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DoctorSubject } from '../../shared/doctor/scene.ts'
import type { Examination } from '../../shared/doctor/model.ts'
import { agentTopic, controllerTopic } from '../../shared/usp/oktopus.ts'
import { bootNotify, causeOf, connectRecord, states } from '../shared/doctor/play.ts'
import { testCaptures } from '../support/captures.ts'
import { testEngine, type TestEngine } from '../support/engine.ts'
import { TestAgent } from '../support/usp-agent.ts'

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/captures/${name}`, import.meta.url))

describe('live', () => {
  let bench: TestEngine
  beforeAll(async () => {
    bench = await testEngine({ 'access.open': false, 'usp.controller': true })
  })
  afterAll(() => bench.stop())

  const examine = async (subject: DoctorSubject): Promise<Examination> =>
    bench.engine.handlers['doctor.examine']({ capture: 'live', subject })
  const user = async (name: string): Promise<string> => {
    const { password } = await bench.engine.handlers['access.user.generate']({ username: name })
    return password
  }
  const device = async (id: string, change: { username?: string; password?: string } = {}) => {
    const password = change.password ?? (await user(change.username ?? id))
    return connectAsync(`mqtt://127.0.0.1:${bench.port}`, {
      protocolVersion: 5,
      clientId: id,
      username: id,
      reconnectPeriod: 0,
      properties: { userProperties: { 'usp-endpoint-id': id } },
      ...change,
      password,
    })
  }
  const cause = (id: string) =>
    expect.poll(async () => causeOf(await examine({ endpointId: id })), { timeout: 10_000 })

  it('says that a device answers', async () => {
    const id = 'os::00256D-GOOD'
    const agent = await TestAgent.connect({
      port: bench.port,
      endpointId: id,
      username: id,
      password: await user(id),
    })
    await agent.sayConnect('5.0')
    await expect.poll(async () => (await examine({ endpointId: id })).state).toBe('working')
    expect(states(await examine({ endpointId: id }))).toMatchObject({
      'connect-record': 'done',
      boot: 'missing',
    })
    await agent.close()
  })

  it('explains a wrong password, and gets over it', async () => {
    const id = 'os::00256D-PASS'
    const password = await user(id)
    await expect(device(id, { password: 'wrong' })).rejects.toThrow()
    await cause(id).toBe('wrong-password')
    expect(JSON.stringify(await examine({ endpointId: id }))).not.toContain('"wrong"')
    const client = await device(id, { password })
    await cause(id).toBe('no-subscribe')
    await client.endAsync()
  })

  it('explains an unknown user and an endpoint ID of another', async () => {
    await expect(device('os::00256D-NOBODY', { password: 'x' })).rejects.toThrow()
    await cause('os::00256D-NOBODY').toBe('unknown-user')
    await expect(device('os::00256D-LIAR', { username: 'os::00256D-HONEST' })).rejects.toThrow()
    await cause('os::00256D-LIAR').toBe('endpoint-not-its-own')
  })

  it('explains a device that subscribed nothing', async () => {
    const id = 'os::00256D-DEAF'
    const client = await device(id)
    await client.endAsync()
    await cause(id).toBe('nothing-to-subscribe')
    const [remedy] =
      (await examine({ endpointId: id })).steps.find(({ cause: one }) => one)?.cause?.remedies ?? []
    expect(remedy?.commands?.join('\n')).toContain(`ResponseTopicConfigured ${agentTopic(id)}`)
  })

  it('explains a wrong Response Topic', async () => {
    const id = 'os::00256D-REPLY'
    const client = await device(id)
    await client.subscribeAsync(agentTopic(id))
    const properties = { contentType: 'usp.msg', responseTopic: 'oktopus/usp/v1/controller' }
    await client.publishAsync(controllerTopic(id), Buffer.from(connectRecord({ fromId: id })), { properties })
    await cause(id).toBe('reply-topic-refused')
    await client.endAsync()
  })

  it('explains the endpoint ID of another in a topic', async () => {
    const id = 'os::00256D-TOPIC'
    const client = await device(id)
    await client.subscribeAsync(agentTopic(id))
    const properties = { contentType: 'usp.msg', responseTopic: agentTopic(id) }
    await client.publishAsync(controllerTopic('os::00256D-OTHER'), Buffer.from(bootNotify()), { properties })
    await cause(id).toBe('publish-refused')
    await client.endAsync()
  })

  it('examines by address who never said a name, and lists whom it knows', async () => {
    const probe = openSocket({ host: '127.0.0.1', port: bench.port, localAddress: '127.0.0.9' })
    await once(probe, 'connect')
    probe.end()
    await once(probe.resume(), 'close')
    await expect.poll(async () => causeOf(await examine({ address: '127.0.0.9' }))).toBe('probe-only')
    const known = await bench.engine.handlers['doctor.subjects']({ capture: 'live' })
    expect(known.find(({ address }) => address === '127.0.0.9')).toMatchObject({
      endpointId: '',
      connections: 1,
    })
    expect(known.map(({ endpointId }) => endpointId)).toContain('os::00256D-TOPIC')
  })

  /** A client that trusts nobody, from an address of its own. */
  const handshake = async (port: number, localAddress: string): Promise<void> => {
    const socket = openTls({ socket: openSocket({ host: '127.0.0.1', port, localAddress }) })
    const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => socket.destroy())
    await ended
  }

  it('explains a failed handshake, and TLS at a plain port', async () => {
    const tls = bench.engine.current('bench').listeners.find(({ transport }) => transport === 'tls')
    await handshake(tls?.port ?? 0, '127.0.0.10')
    await expect.poll(async () => causeOf(await examine({ address: '127.0.0.10' }))).toBe('tls-failed')
    const { verdict } = await examine({ address: '127.0.0.10' })
    expect(verdict).toMatch(/^The TLS handshake failed: /)
    await handshake(bench.port, '127.0.0.11')
    await expect.poll(async () => causeOf(await examine({ address: '127.0.0.11' }))).toBe('tls-at-plain-port')
  })

  it('says so where nothing was ever seen', async () => {
    const found = await examine({ endpointId: 'os::never' })
    expect(found).toMatchObject({ state: 'unknown', attempts: 0, rows: 0 })
  })
})

describe('captures of OBUSPA', () => {
  const examined = async (file: string): Promise<Map<string, Examination>> => {
    const test = await testCaptures()
    const { job } = await test.captures.handlers['captures.import']({ path: fixture(file) })
    const { capture = '' } = await test.done(job)
    const subjects = await test.captures.ask(capture, 'subjects', undefined)
    const found = new Map<string, Examination>()
    for (const { endpointId, address } of subjects) {
      const subject = endpointId ? { endpointId } : { address }
      found.set(endpointId || address, await test.captures.ask(capture, 'examine', { subject }))
    }
    return found
  }

  it('finds the two agents of the tour at work, and controllers to be none', async () => {
    const found = await examined('obuspa-tour.pcapng')
    for (const [id, signs] of [
      ['os::00256D-TOUR5', []],
      ['os::00256D-TOUR311', ['mqtt-3']],
    ] as const) {
      const one = found.get(id)
      expect(one?.state, id).toBe('working')
      expect(one?.steps.map(({ state }) => state).filter((state) => state !== 'done')).toEqual(['not-needed'])
      expect(one?.remarks.map(({ sign }) => sign)).toEqual(signs)
    }
    const controllers = [...found].filter(([id]) => id.startsWith('h2ctl-')).map(([, one]) => one)
    expect(controllers.length).toBeGreaterThan(10)
    expect(new Set(controllers.map(({ state, steps }) => `${state} ${steps.length}`))).toEqual(
      new Set(['unknown 0']),
    )
  })

  it('names what is wrong with the agents of the other capture', async () => {
    const found = await examined('obuspa-refusals.pcap')
    expect(Object.fromEntries([...found].map(([id, one]) => [id, causeOf(one)]))).toEqual({
      min: 'no-user',
      'os::012345-02FC00000001': 'foreign-agent-topic',
      auth: 'not-asked',
      noacl: 'foreign-agent-topic',
      nopub: 'foreign-agent-topic',
      good: 'login-refused',
    })
  })
})
