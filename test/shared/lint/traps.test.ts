/** What a linter of USP over MQTT must not take for a fault. */
import { describe, expect, test } from 'vitest'
import { endpointIdFault } from '../../../shared/lint/endpoint-id.ts'
import { hasBlankInExpression, isSearchPath, pathFault } from '../../../shared/lint/path.ts'
import { retryRange } from '../../../shared/lint/rules/timed.ts'
import { broken, type Talk, user } from './talk.ts'

type Json = Record<string, never>
const json = (value: unknown): Json => value as Json
const boot = json({ notify: { subscriptionId: 's', event: { objPath: 'Device.', eventName: 'Boot!' } } })
const get = (path: string) => json({ get: { paramPaths: [path] } })
const empty = (path: string) => json({ getResp: { reqPathResults: [{ requestedPath: path }] } })
const text = (value: string) => new TextEncoder().encode(value)

const traps: Readonly<Record<string, (talk: Talk) => void>> = {
  'a bulk data report in JSON owes no Response Topic': (talk) =>
    talk
      .agent()
      .publish(text('{"Report":[]}'), { contentType: 'application/json; charset=UTF-8', replyTo: null }),
  'nor one in CSV': (talk) =>
    talk
      .agent()
      .publish(text('a,b'), { contentType: 'text/csv; charset=UTF-8; header=present', replyTo: null }),
  'no Correlation Data is required, and some is no fault': (talk) =>
    talk
      .agent()
      .request('NOTIFY', 'm', boot, { properties: [{ name: 'correlationData', value: Uint8Array.of(1) }] }),
  'a Topic Alias is resolved before topics are compared': (talk) => {
    const { agent, controller } = talk.pair()
    const alias = { properties: [{ name: 'topicAlias' as const, value: 3 }] }
    agent.request('NOTIFY', 'm', boot, alias)
    controller.request('GET', 'n', get('Device.X.*.A'))
    agent.response('GET_RESP', 'n', empty('Device.X.*.A'), { ...alias, topic: '' })
  },
  'a retained Notify may be configured': (talk) =>
    talk.agent().request('NOTIFY', 'm', boot, { retain: true }),
  'one SUBSCRIBE for each filter': (talk) => {
    const agent = talk.agent({
      connack: [user('subscribe-topic', 'usp/b'), user('subscribe-topic', 'usp/c')],
      greets: false,
    })
    agent.subscribe(['usp/b']).subscribe(['usp/c']).greet()
    talk.wait(20)
    agent.in({ type: 'PINGREQ' })
  },
  'a second subscribe-topic is subscribed to after the Connect Record': (talk) => {
    const agent = talk.agent({ connack: [user('subscribe-topic', 'usp/b')] })
    talk.wait(1)
    agent.subscribe(['usp/b'])
    talk.wait(20)
    agent.in({ type: 'PINGREQ' })
  },
  'Session Present brings the subscriptions of before': (talk) => {
    const connack = [user('subscribe-topic', 'usp/b')]
    const agent = talk.agent({ connack, sessionPresent: true, filters: [] }).request('NOTIFY', 'm', boot)
    talk.wait(20)
    agent.in({ type: 'PINGREQ' })
  },
  'a Response Topic under a wildcard is subscribed to': (talk) => talk.agent({ filters: ['usp/#'] }),
  'nor is a shared subscription another one': (talk) =>
    talk.controller({ filters: ['$share/g/usp/controller'] }).greet(),
  'the client ID need not be the Endpoint ID': (talk) => talk.agent({ clientId: 'router', username: 'u' }),
  'an empty client ID is legal on 5.0': (talk) =>
    talk.agent({ clientId: '', connack: [{ name: 'assignedClientIdentifier', value: 'x' }] }),
  'agent and controller of different devices may share an Endpoint ID': (talk) => {
    talk.agent({ id: 'self::same' }).request('NOTIFY', 'm', boot)
    talk.controller({ id: 'self::same', clientId: 'self::same' })
  },
  'defaults are not on the wire: ERROR as msg_type, send_resp = false': (talk) => {
    const { agent, controller } = talk.pair()
    controller.request('GET', 'm', get('Device.X'))
    agent.error('m', json({ errCode: 7004 }))
    agent.request('NOTIFY', 'n', boot)
  },
  'MQTT version 3.1.1 of a Connect Record is 0': (talk) => void talk.agent({ level: 4 }),
  'the Error for an instance that does not exist': (talk) => deleting(talk, 'error'),
  'and the success with nothing': (talk) => deleting(talk, 'success'),
  'a SetResp with a failure for a search path': (talk) => setting(talk, 'response'),
  'and an Error for it': (talk) => setting(talk, 'error'),
  'Response Information alone is enough to subscribe to': (talk) => {
    const agent = talk.agent({ connack: [{ name: 'responseInformation', value: 'usp/agent' }] })
    talk.wait(20)
    agent.in({ type: 'PINGREQ' })
  },
  'PINGREQ within the keep-alive and half of it again': (talk) => {
    const agent = talk.agent({ keepAlive: 60, connack: [{ name: 'serverKeepAlive', value: 30 }] })
    talk.wait(45)
    agent.in({ type: 'PINGREQ' })
  },
  'keep-alive 0 is off': (talk) => {
    const agent = talk.agent({ keepAlive: 0 })
    talk.wait(100_000)
    agent.in({ type: 'PINGREQ' })
  },
  'a search path that matches nothing': (talk) => {
    const { agent, controller } = talk.pair()
    controller.request('GET', 'm', get('Device.X.[A==1].B'))
    agent.response('GET_RESP', 'm', empty('Device.X.[A==1].B'))
  },
  'answers in another order than the requests': (talk) => {
    const { agent, controller } = talk.pair()
    controller.request('GET', 'm', get('Device.X.*.A')).request('GET', 'n', get('Device.Y.*.A'))
    agent.response('GET_RESP', 'n', empty('Device.Y.*.A')).response('GET_RESP', 'm', empty('Device.X.*.A'))
  },
  'a Will, whatever it says': (talk) =>
    talk.agent({ will: { topic: 'gone', payload: text('x'), qos: 0, retain: true, properties: [] } }),
  'a connection from before the capture': (talk) => {
    const before = talk.agent()
    talk.linter.lost(before.connection)
    before.request('NOTIFY', 'm', boot, { replyTo: 'usp/elsewhere' })
    talk.wait(30)
    before.in({ type: 'PINGREQ' })
  },
  'an encrypted payload': (talk) =>
    talk
      .agent()
      .record(
        json({ sessionContext: { sessionId: '5', sequenceId: '1', expectedId: '1', payload: ['/wAB'] } }),
        {
          record: json({ payloadSecurity: 'TLS12' }),
        },
      ),
  'the first answer to a session whose requests came before the capture': (talk) => {
    talk.controller().request('GET', 'x', get('Device.X.*.A'))
    talk.agent({ sessionPresent: true }).response('GET_RESP', 'm', empty('Device.X.*.A'))
  },
}

function deleting(talk: Talk, how: 'error' | 'success'): void {
  const { agent, controller } = talk.pair()
  controller.request('DELETE', 'm', json({ delete: { objPaths: ['Device.X.7.'] } }))
  if (how === 'error') {
    agent.error('m', json({ errCode: 7016, paramErrs: [{ paramPath: 'Device.X.7.', errCode: 7016 }] }))
  } else {
    const result = { requestedPath: 'Device.X.7.', operStatus: { operSuccess: {} } }
    agent.response('DELETE_RESP', 'm', json({ deleteResp: { deletedObjResults: [result] } }))
  }
}

function setting(talk: Talk, how: 'error' | 'response'): void {
  const { agent, controller } = talk.pair()
  controller.request('SET', 'm', json({ set: { updateObjs: [{ objPath: 'Device.X.*.' }] } }))
  if (how === 'error') {
    agent.error('m', json({ errCode: 7004, paramErrs: [{ paramPath: 'Device.X.1.A', errCode: 7010 }] }))
  } else {
    const operFailure = { errCode: 7021, updatedInstFailures: [{ affectedPath: 'Device.X.1.' }] }
    const result = { requestedPath: 'Device.X.*.', operStatus: { operFailure } }
    agent.response('SET_RESP', 'm', json({ setResp: { updatedObjResults: [result] } }))
  }
}

describe('no finding for', () => {
  test.each(Object.entries(traps))('%s', (_, talk) => {
    const notes = ['mqtt-5', 'no-disconnect']
    expect(broken(talk).filter((rule) => !notes.includes(rule))).toEqual([])
  })
})

describe('Endpoint IDs', () => {
  test.each([
    'oui:00256D:my-id-42',
    'oui:0123456:a',
    'oui:012345678:a',
    'cid:3AA3F8:my-id-42',
    'pen:3561:my-id-42',
    'self::my-Agent',
    'self:abc123:x',
    'user::x',
    'os::00256D-0123456789',
    'ops::00256D-STB-0123456789',
    'uuid::f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    'imei::990000862471854',
    'proto::my-Agent',
    'doc::agent',
    'fqdn::www.example.org',
    'os::00256D-a%20b',
  ])('%s is one', (id) => expect(endpointIdFault(id)).toBeUndefined())

  test.each([
    ['', 'is empty'],
    ['controller-temp', 'two colons'],
    ['os::00256D0123456789', 'hyphen'],
    ['os:00256D:x', 'authority-id'],
    ['mac::001122334455', 'scheme'],
    ['self::a~b', '~'],
    ['self::a%2', '%'],
    ['self::a:b', '%3A'],
    [`self::${'a'.repeat(51)}`, '51 characters'],
    ['oui:00256:x', 'hexadecimal'],
    ['self::', 'no instance-id'],
    ['constructor::x', 'scheme'],
  ])('%s is none', (id, why) => expect(endpointIdFault(id)).toContain(why))
})

describe('paths', () => {
  test.each([
    'Device.',
    'Device.LocalAgent.EndpointID',
    'Device.X_EXAMPLE-COM_Thing.',
    'Device.IP.Interface.*.Enable',
    'Device.WiFi.SSID.[SSID=="a]b".Name'.replace('a]b"', 'a b"]'),
    'Device.X.[A==true&&B==08&&C==2021-06-06T08:00:00Z].D',
    'Device.X.[SSIDReference+.SSID=="x"].D',
    'Device.X.1.Ref#2+.Name',
    'Device.X.1.Refs#*+.Name',
    'Device.LocalAgent.Request.3.',
    'Device.Reboot()',
    'Device.Boot!',
    'Device.X.{i}.Y.{i}.',
  ])('%s is one', (path) => expect(pathFault(path)).toBeUndefined())

  test.each([
    ['Device..X', 'two dots'],
    ['Device.X.01.', 'instance number'],
    ['Device.X.0.A', 'instance number'],
    ['Device.X.[].A', 'empty expression'],
    ['Device.X.[A==1||B==2].C', 'no “or”'],
    ['Device.X.[A].C', 'compares nothing'],
    ['Device.X.[A==1.C', 'brackets'],
    ['Device.X.1.2.', 'follows'],
    ['Device.X Y.', 'no name'],
    ['1.Device.', 'begins with'],
  ])('%s is none', (path, why) => expect(pathFault(path)).toContain(why))

  test('their kinds', () => {
    expect(pathFault('Device.X.', 'table')).toBeUndefined()
    expect(pathFault('Device.X.1.', 'table')).toContain('path of a table')
    expect(pathFault('Device.X.1.', 'instance')).toBeUndefined()
    expect(pathFault('Device.X', 'object')).toContain('ends in a dot')
    expect(isSearchPath('Device.*.A')).toBe(true)
    expect(isSearchPath('Device.A.1.B')).toBe(false)
    expect(hasBlankInExpression('Device.[A=="x == y"].B')).toBe(false)
  })
})

test('the range of a retry stays from the tenth on', () => {
  expect(retryRange(1)).toEqual([5, 10])
  expect(retryRange(10)).toEqual([2560, 5120])
  expect(retryRange(40)).toEqual([2560, 5120])
})
