import { describe, expect, test } from 'vitest'
import { readMessage } from '../../../shared/lint/message.ts'
import { holdsFor, severityRank } from '../../../shared/lint/rule.ts'
import { rules } from '../../../shared/lint/rules/index.ts'
import { AGENT, Talk } from './talk.ts'

type Json = Record<string, never>
const json = (value: unknown): Json => value as Json
const boot = json({ notify: { subscriptionId: 's', event: { objPath: 'Device.', eventName: 'Boot!' } } })

describe('a finding', () => {
  test('stands at its packet, with endpoint, time and what it rests on', () => {
    const talk = new Talk()
    talk.agent({ clientId: 'a' }).close('bench')
    talk.wait(10)
    talk.agent({ clientId: 'b' })
    const found = talk.end().find(({ rule }) => rule === 'client-id-changed')
    expect(found).toMatchObject({ no: 7, related: [1], endpoint: AGENT, severity: 'error' })
    expect(found?.seen).toBe('the client ID is “b”; at packet 1 it was “a”')
    expect(found?.time).toBeGreaterThan(10e9)
  })

  test('of a delivered copy is about the sender, when only the copy is in the capture', () => {
    const talk = new Talk()
    const agent = talk.agent()
    const stranger = talk.controller()
    talk.linter.lost(stranger.connection)
    const get = stranger.msgRecord(
      json({
        header: { msgId: '1', msgType: 'GET' },
        body: { request: { get: { paramPaths: ['Device..'] } } },
      }),
    )
    agent.publish(stranger.recordBytes(get, { from: 'self::far' }), { topic: 'usp/agent' }, 'out')
    expect(talk.findings.map(({ rule, endpoint }) => [rule, endpoint])).toEqual([
      ['path-syntax', 'self::far'],
    ])
  })

  test('is not told twice for the copy of a sender who is there', () => {
    const talk = new Talk()
    const { agent, controller } = talk.pair()
    const get = json({ get: { paramPaths: ['Device..'] } })
    controller.request('GET', '1', get)
    const copy = controller.msgRecord(
      json({ header: { msgId: '1', msgType: 'GET' }, body: { request: get } }),
    )
    agent.publish(controller.recordBytes(copy), { topic: 'usp/agent' }, 'out')
    expect(talk.findings.map(({ rule }) => rule)).toEqual(['path-syntax'])
  })
})

describe('bounds', () => {
  test('beyond a number of one kind findings are only counted', () => {
    const talk = new Talk({ perGroup: 3 })
    const agent = talk.agent()
    for (let i = 0; i < 5; i++) agent.request('NOTIFY', `m${i}`, boot, { replyTo: null })
    expect(talk.findings.map(({ rule }) => rule)).toEqual(Array.from({ length: 3 }, () => 'response-topic'))
    expect(talk.more).toEqual(['response-topic', 'response-topic'])
  })

  test('a message of many tiny fields is read to a limit, which is said', () => {
    const bytes = new Uint8Array(400_000)
    for (let i = 0; i < bytes.length; i += 2) bytes[i] = 0x0a
    const { faults } = readMessage(bytes, 0, bytes.length, 'usp.Get')
    expect(faults).toEqual([
      { kind: 'limit', text: 'more than 100000 fields: what follows was not looked at' },
    ])
  })

  test('messages nested without end are read to a limit', () => {
    let bytes = Uint8Array.of()
    for (let i = 0; i < 60; i++) bytes = Uint8Array.of(0x0a, bytes.length, ...bytes)
    expect(() => readMessage(bytes, 0, bytes.length, 'usp.Msg')).not.toThrow()
  })
})

test('lost packets silence what rests on them', () => {
  const talk = new Talk()
  const { agent, controller } = talk.pair()
  controller.request('GET', 'm', json({ get: { paramPaths: ['Device.X'] } }))
  talk.linter.lost(agent.connection)
  agent.response('GET_RESP', 'm', json({ getResp: {} }))
  expect(talk.rules).toEqual([])
})

test('an answer whose request was forgotten with a lost connection is no orphan', () => {
  const orphanAfter = (seconds: number): readonly string[] => {
    const talk = new Talk()
    const { agent, controller } = talk.pair()
    const other = talk.agent({ id: 'os::012345-B2' })
    controller.request('GET', 'm', json({ get: { paramPaths: ['Device.X'] } }))
    talk.linter.lost(other.connection)
    talk.wait(seconds)
    agent.response('GET_RESP', 'm', json({ getResp: {} }))
    return talk.findings.map(({ rule }) => rule).filter((rule) => rule === 'orphan-answer')
  }
  expect(orphanAfter(1)).toEqual([])
  expect(orphanAfter(40)).toHaveLength(1)
})

test('versions bound a rule', () => {
  const rule = rules.find(({ id }) => id === 'onboard-send-resp')
  if (rule === undefined) throw new Error('no such rule')
  expect(['1.3', '1.4', '1.10', 'x', ''].map((version) => holdsFor(rule, version))).toEqual([
    false,
    true,
    true,
    true,
    true,
  ])
})

test('severities have an order', () => {
  expect(severityRank('note')).toBeLessThan(severityRank('warning'))
  expect(severityRank('warning')).toBeLessThan(severityRank('error'))
})
