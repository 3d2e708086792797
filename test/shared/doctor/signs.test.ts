import { describe, expect, it } from 'vitest'
import { REPLY_REFUSED } from '../../../shared/acl/packet-questions.ts'
import { signs } from '../../../shared/doctor/ladder.ts'
import { silence } from '../../../shared/doctor/silence.ts'
import {
  agent,
  bootNotify,
  causeOf,
  connectRecord,
  controller,
  dropped,
  get,
  getResp,
  id,
  Play,
  refused,
  states,
} from './play.ts'

const play = () => new Play()
const reply = { replyTo: agent }
const out = { direction: 'out', replyTo: controller } as const
const other = 'os::00256D-OTHER'

/** A device that works up to its Boot!, spoiled in one way. */
const cases: Readonly<
  Record<string, { readonly play: Play; readonly text: RegExp; readonly command?: RegExp }>
> = {
  'tls-failed': {
    play: play()
      .open({ transport: 'tls', listenerPort: 8883 })
      .close('TLS: the device does not trust the authority. Give it lab-ca.pem', 'bench'),
    text: /does not trust/,
  },
  'tls-at-plain-port': {
    play: play().row('in', {
      kind: 'malformed',
      note: refused('this is a TLS ClientHello, but this listener speaks plain MQTT', 0x81),
    }),
    text: /speaks TLS/,
    command: /TransportProtocol TCP\/IP/,
  },
  'no-mqtt': {
    play: play().row('in', { kind: 'malformed', note: refused('this is STOMP', 0x81) }),
    text: /STOMP/,
  },
  'connect-refused': { play: play().connect().connack(0x84), text: /0x84 Unsupported Protocol Version/ },
  'probe-only': { play: play().row('in', { kind: 'probe' }), text: /without a byte/, command: /Enable true/ },
  silent: { play: play().close('no CONNECT within 10 s', 'bench'), text: /before a CONNECT/ },
  'no-user': {
    play: play()
      .connect({ username: '', note: refused('no user name came', 0x87) })
      .connack(0x87),
    text: /no user name/,
    command: /Username os::00256D-CPE1/,
  },
  'endpoint-not-its-own': {
    play: play()
      .connect({ username: 'u', note: refused(`u states the endpoint ID ${id}, which is not its own`, 0x87) })
      .connack(0x87),
    text: /not its own/,
  },
  'unknown-user': {
    play: play()
      .connect({ note: refused(`the user ${id} is not known`, 0x86) })
      .connack(0x86),
    text: /no user os::00256D-CPE1 here/,
  },
  'wrong-password': {
    play: play()
      .connect({ note: refused(`the password of ${id} is wrong`, 0x86) })
      .connack(0x86),
    text: /password of .* is wrong/,
    command: /Password/,
  },
  'login-refused': { play: play().connect().connack(0x86), text: /not let in/, command: /Password/ },
  'no-connack': { play: play().connect().close(), text: /not answered/ },
  'nothing-to-subscribe': {
    play: play().connect().connack().disconnect().close(),
    text: /nothing to subscribe/,
    command: /ResponseTopicConfigured oktopus\/usp\/v1\/agent\/os::00256D-CPE1/,
  },
  'subscribe-refused': {
    play: play().connect().connack().subscribe(`oktopus/usp/v1/agent/${other}`, 0x87).disconnect(),
    text: /topic of os::00256D-OTHER, but it is os::00256D-CPE1/,
    command: /ResponseTopicConfigured/,
  },
  'no-suback': { play: play().connect().connack().subscribe(agent), text: /not answered/ },
  'no-subscribe': {
    play: play().connect().connack(),
    text: /not subscribed anything/,
    command: /MTP\.1\.Enable/,
  },
  'own-topic-refused': {
    play: play()
      .connect()
      .connack()
      .subscribe('oktopus/usp/v1/controller', 0x87)
      .subscribe(agent, 0)
      .publish(controller, connectRecord(), { replyTo: 'oktopus/usp/v1/controller' }),
    text: /still names it as Response Topic/,
    command: /ResponseTopicConfigured/,
  },
  'foreign-agent-topic': {
    play: play().connect().connack().subscribe(`oktopus/usp/v1/agent/${other}`, 0),
    text: /listens on .*OTHER, but it is os::00256D-CPE1/,
    command: /ResponseTopicConfigured/,
  },
  'hears-itself': {
    play: play()
      .arrive('oktopus/usp/v1/controller')
      .publish('oktopus/usp/v1/controller', connectRecord(), { replyTo: 'oktopus/usp/v1/controller' }),
    text: /its own messages back/,
    command: /ResponseTopicConfigured/,
  },
  'reply-topic-refused': {
    play: play()
      .arrive()
      .publish(controller, connectRecord(), { replyTo: 'x', note: dropped(`${REPLY_REFUSED}: no rule`) }),
    text: /Response Topic x is not its own/,
  },
  'publish-refused': {
    play: play()
      .arrive()
      .publish(`oktopus/usp/v1/controller/${other}`, connectRecord(), { ...reply, note: dropped('no rule') }),
    text: /topic of os::00256D-OTHER/,
    command: /MQTT\.Topic/,
  },
  'nobody-listens': {
    play: play().arrive().publish('usp/controller', connectRecord(), reply),
    text: /no controller of this bench listens/,
    command: /MQTT\.Topic/,
  },
  'wrong-id-in-topic': {
    play: play().arrive().publish(`oktopus/usp/v1/controller/${other}`, connectRecord(), reply),
    text: /taken for another/,
    command: /MQTT\.Topic/,
  },
  'response-topic-not-subscribed': {
    play: play().arrive().publish(controller, connectRecord(), { replyTo: 'oktopus/usp/v1/agent/x' }),
    text: /wants answers on oktopus\/usp\/v1\/agent\/x/,
    command: /ResponseTopicConfigured/,
  },
  'another-from-id': {
    play: play()
      .arrive()
      .publish(controller, connectRecord({ fromId: other }), reply),
    text: /Records come from os::00256D-OTHER/,
    command: /EndpointID/,
  },
  'not-reachable': {
    play: play().arrive('usp/elsewhere'),
    text: /but the controller sends to/,
    command: /ResponseTopicConfigured/,
  },
  'says-nothing': { play: play().arrive(), text: /says nothing/, command: /Controller\.1\.Enable/ },
  'no-connect-record': {
    play: play().arrive().publish(controller, bootNotify(), reply),
    text: /no Connect Record/,
  },
  'no-boot': {
    play: play().arrive().publish(controller, connectRecord(), reply),
    text: /No Boot!/,
    command: /ReferenceList 'Device\.Boot!'/,
  },
  'no-answer': {
    play: play()
      .boot()
      .publish(agent, get({ toId: other }), out),
    text: /GET has no answer\. Its to_id is os::00256D-OTHER/,
  },
  'answer-dropped': {
    play: play()
      .boot()
      .publish(agent, get(), out)
      .publish('elsewhere', getResp(), { ...reply, note: dropped('no rule allows it') }),
    text: /where it may not/,
  },
  'not-delivered': {
    play: play().boot().publish('oktopus/usp/v1/agent/somewhere', get(), { own: false }),
    text: /never got it/,
  },
  'not-asked': { play: play().boot(), text: /Nothing was asked/ },
}

describe('signs', () => {
  it('are each tested here', () =>
    expect(Object.keys(cases).sort()).toEqual(signs.map(({ id: sign }) => sign).sort()))

  it.each(Object.entries(cases))('%s', (sign, { play: played, text, command }) => {
    const found = played.examine().steps.find(({ cause }) => cause?.sign === sign)
    expect(found?.cause?.text).toMatch(text)
    expect(found?.cause?.text).toMatch(/[.]$/)
    const lines = found?.cause?.remedies.flatMap(({ commands = [] }) => commands).join('\n')
    if (command) expect(lines).toMatch(command)
    // Whatever has happened can be pointed at.
    if (sign !== 'not-asked') expect(found?.cause?.evidence.length).toBeGreaterThan(0)
  })

  const soft = new Set(['no-boot', 'no-connect-record'])
  it.each(Object.entries(cases).filter(([sign]) => !soft.has(sign)))('%s is the verdict', (sign, one) =>
    expect(causeOf(one.play.examine())).toBe(sign),
  )
})

describe('ladder', () => {
  it('is all done for a device that answers', () => {
    const found = play().boot().publish(agent, get(), out).publish(controller, getResp(), reply).examine()
    expect(found).toMatchObject({ state: 'working', open: true, attempts: 1, endpointId: id })
    expect(states(found)).toEqual({
      tcp: 'done',
      tls: 'not-needed',
      connect: 'done',
      authentication: 'done',
      subscribe: 'done',
      topics: 'done',
      'connect-record': 'done',
      boot: 'done',
      answer: 'done',
    })
    expect(found.steps.at(-1)?.evidence.map(({ text }) => text)).toEqual(['GET', 'GET_RESP after 1 ms'])
  })

  it('says that what follows a failure is not reached', () => {
    expect(states(play().connect().connack(0x86).examine())).toMatchObject({
      connect: 'done',
      authentication: 'failed',
      subscribe: 'not-reached',
      answer: 'not-reached',
    })
  })

  it('is patient with what has just begun', () => {
    const fresh = play().connect().connack()
    expect(fresh.examine({ now: fresh.seen.time + 100 }).state).toBe('waiting')
    expect(fresh.examine().state).toBe('broken')
    const asked = play().boot().publish(agent, get(), out)
    expect(asked.examine({ now: asked.seen.time + 100 }).state).not.toBe('broken')
    expect(asked.examine().state).toBe('broken')
  })

  it('judges the newest connection, and looks through the probe before it', () => {
    const mended = play().connect().connack(0x86).close().open().row('in', { kind: 'probe' }).open().boot()
    const found = mended.open().row('in', { kind: 'probe' }).examine()
    expect(found).toMatchObject({ state: 'waiting', connection: 3, attempts: 2 })
    expect(states(found)).toMatchObject({ authentication: 'done', boot: 'done' })
  })

  it('takes a Boot! of an earlier connection, as it is sent once a start', () => {
    const again = play().boot().close().open().arrive().publish(controller, connectRecord(), reply)
    expect(states(again.examine()).boot).toBe('done')
  })

  it('knows what to do where nothing was ever seen', () => {
    const bench = {
      address: '192.168.1.20',
      listeners: [
        { transport: 'tls', label: 'TLS 8883', state: 'off', port: 8883 },
        { transport: 'tcp', label: 'TCP 1883', state: 'listening', port: 1883 },
        { transport: 'ws', label: 'WS 8083', state: 'listening', port: 8083 },
      ],
    } as const
    const found = play().examine({ bench })
    expect(found).toMatchObject({ state: 'unknown', attempts: 0 })
    const remedies = found.steps[0]?.cause?.remedies ?? []
    expect(remedies[0]?.action).toEqual({ do: 'listener', transport: 'tls' })
    expect(remedies.flatMap(({ commands = [] }) => commands)).toEqual([
      'obuspa -c get Device.MQTT.Client.1.',
      'nc -w 3 192.168.1.20 1883 </dev/null && echo reached',
    ])
  })

  it('follows an MQTT 3.1.1 device by what stands behind /reply-to=', () => {
    const old = play()
    old.level = 4
    const suffix = `/reply-to=${agent.replaceAll('/', '%2F')}`
    old
      .connect({ clientId: id })
      .connack()
      .subscribe(`${agent}/#`, 0)
      .publish(controller + suffix, connectRecord())
      .publish(controller + suffix, bootNotify())
      .publish(`${agent}/reply-to=${controller.replaceAll('/', '%2F')}`, get(), { direction: 'out' })
      .publish(controller + suffix, getResp())
    const found = old.examine()
    expect(found.state).toBe('working')
    expect(found.remarks.map(({ sign }) => sign)).toEqual(['mqtt-3'])
  })

  it('does not blame a device for packets that are no longer held', () => {
    const late = play().publish(controller, bootNotify(), reply).publish(agent, get(), out)
    const found = late.publish(controller, getResp(), reply).examine()
    expect(found.state).toBe('working')
    expect(found.steps.find(({ id: step }) => step === 'subscribe')?.evidence[0]?.text).toMatch(/before/)
  })

  it('keeps a bounded number of connections', () => {
    const long = play()
    for (let i = 0; i < 200; i++) long.connect().connack(0x86).close().open()
    expect(long.seen.attempts).toHaveLength(60)
    expect(long.seen.rows).toBe(600)
  })

  it('never tells a password', () => {
    const secret = play().packet('in', {
      type: 'CONNECT',
      level: 5,
      clean: true,
      keepAlive: 60,
      clientId: 'x',
      username: id,
      password: new TextEncoder().encode('s3cret'),
      properties: [],
    })
    expect(JSON.stringify(secret.connack(0x86).examine())).not.toContain('s3cret')
    expect(Object.keys(secret.seen.attempts[0]?.connect?.packet ?? {})).not.toContain('password')
  })
})

describe('remarks', () => {
  const signsOf = (played: Play) => played.examine().remarks.map(({ sign }) => sign)

  it('a copied database', () => {
    const clash = play().connect({ clientId: 'same' }).connack()
    clash
      .disconnect('out', 0x8e)
      .open({ remoteAddress: '192.168.1.8' })
      .connect({ clientId: 'same' })
      .connack()
    expect(signsOf(clash)).toContain('cloned-database')
  })
  it('an agent that backs off', () => {
    const slow = play()
    for (const gap of [0, 5000, 10_000, 20_000, 40_000]) {
      slow.at += gap
      slow.connect().connack(0x86).close().open()
    }
    expect(signsOf(slow)).toContain('backing-off')
  })
  it('a loop after the CONNACK', () => {
    const loop = play()
    for (let i = 0; i < 5; i++) {
      loop.at += 6000 + (i % 2) * 2000
      loop.connect().connack().disconnect().close().open()
    }
    expect(signsOf(loop)).toEqual(['loop-after-connack'])
  })
  it('a CONNECT without usp-endpoint-id', () => {
    expect(signsOf(play().connect({ stated: '' }).connack())).toContain('no-endpoint-property')
  })
})

describe('silence', () => {
  const right = {
    endpointId: id,
    level: 5,
    topic: agent,
    replyTo: controller,
    record: { toId: id, fromId: 'oktopusController' },
    subscribed: true,
    controllerId: 'oktopusController',
  } as const
  it.each([
    [{}, /its own log/],
    [{ subscribed: false }, /has not subscribed/],
    [{ record: undefined }, /no USP Record/],
    [{ record: { toId: 'x', fromId: 'oktopusController' } }, /to_id is x/],
    [{ record: { toId: id, fromId: 'me' } }, /from_id is me/],
    [{ replyTo: undefined }, /without a Response Topic/],
    [{ replyTo: undefined, level: 4 }, /without \/reply-to=/],
  ] as const)('%j', (change, text) => expect(silence({ ...right, ...change })[0]).toMatch(text))
})
