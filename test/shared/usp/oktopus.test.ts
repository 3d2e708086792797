import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  endpointIdentity,
  holdsAgentTopic,
  isTopicSafe,
  joinReplyTo,
  parseOktopusTopic,
  splitReplyTo,
  statusTopic,
  type OktopusTopicKind,
} from '../../../shared/usp/oktopus.ts'

const id = 'os::00256D-1'

test.each<[OktopusTopicKind, (id: string) => string]>([
  ['agent', agentTopic],
  ['controller', controllerTopic],
  ['api', apiTopic],
  ['status', statusTopic],
])('%s topics are written and read', (kind, write) => {
  expect(write(id)).toBe(`oktopus/usp/v1/${kind}/${id}`)
  expect(parseOktopusTopic(write(id))).toEqual({ kind, id })
})

describe('parseOktopusTopic', () => {
  test('the shared controller topic has no ID', () => {
    expect(parseOktopusTopic('oktopus/usp/v1/controller')).toEqual({ kind: 'controller', id: '' })
  })
  test('a reply-to suffix does not matter', () => {
    expect(parseOktopusTopic(joinReplyTo(controllerTopic(id), agentTopic(id)))).toEqual({
      kind: 'controller',
      id,
    })
    expect(parseOktopusTopic(joinReplyTo('oktopus/usp/v1/controller', 'a/b'))?.id).toBe('')
  })
  test.each([
    'oktopus/usp/v1/agent',
    'oktopus/usp/v1/agent/',
    'oktopus/usp/v1/agent/a/b',
    'oktopus/usp/v1/agent/+',
    'oktopus/usp/v1/other/a',
    'oktopus/usp/v2/agent/a',
    '/oktopus/usp/v1/agent/a',
    '',
  ])('%j is none', (topic) => {
    expect(parseOktopusTopic(topic)).toBeUndefined()
  })
})

describe('endpointIdentity', () => {
  const connect = { userProperties: [] as [string, string][], username: 'user', clientId: 'client' }
  test('the property of that name wins, wherever it stands', () => {
    const userProperties: [string, string][] = [
      ['first', 'x'],
      ['usp-endpoint-id', id],
      ['usp-endpoint-id', 'y'],
    ]
    expect(endpointIdentity({ ...connect, userProperties })).toEqual({
      endpointId: id,
      source: 'usp-endpoint-id',
    })
  })
  test('an empty or otherwise written property does not count', () => {
    const userProperties: [string, string][] = [
      ['usp-endpoint-id', ''],
      ['USP-Endpoint-ID', 'x'],
    ]
    expect(endpointIdentity({ ...connect, userProperties })).toEqual({
      endpointId: 'user',
      source: 'username',
    })
  })
  test('then the user name, then the client ID', () => {
    expect(endpointIdentity({ ...connect, username: '' })).toEqual({
      endpointId: 'client',
      source: 'client-id',
    })
    expect(endpointIdentity({ ...connect, username: undefined, clientId: '' }).endpointId).toBe('')
  })
})

test('IDs that would change the topic are not safe', () => {
  for (const safe of [id, 'a', 'self::x%2F', 'ä', ' ']) expect(isTopicSafe(safe)).toBe(true)
  for (const unsafe of ['', 'a/b', '+', '#', 'a\0', 'x'.repeat(65_535)])
    expect(isTopicSafe(unsafe)).toBe(false)
})

test('a topic with the longest safe ID fits into an MQTT string', () => {
  const longest = '\uffff'.repeat(21_800)
  expect(isTopicSafe(longest)).toBe(true)
  expect(new TextEncoder().encode(controllerTopic(longest)).length).toBeLessThanOrEqual(65_535)
})

test('filters that make a client an agent', () => {
  const holding = [
    'oktopus/usp/v1/agent',
    agentTopic(id),
    `${agentTopic(id)}/#`,
    `$share/g/${agentTopic(id)}`,
  ]
  for (const filter of holding) expect(holdsAgentTopic(filter), filter).toBe(true)
  const others = [
    '#',
    'oktopus/#',
    'oktopus/usp/v1/agents/a',
    'oktopus/usp/+/agent/a',
    'x/oktopus/usp/v1/agent/a',
  ]
  for (const filter of others) expect(holdsAgentTopic(filter), filter).toBe(false)
})

describe('reply-to of MQTT 3.1.1', () => {
  test('as OB-USP-A writes it', () => {
    const topic = 'oktopus/usp/v1/controller/a/reply-to=oktopus%2Fusp%2Fv1%2Fagent%2Fa'
    expect(joinReplyTo(controllerTopic('a'), agentTopic('a'))).toBe(topic)
    expect(splitReplyTo(topic)).toEqual({ topic: controllerTopic('a'), replyTo: agentTopic('a') })
  })
  test('the last mark counts, and small letters are taken', () => {
    expect(splitReplyTo('a/reply-to=b/reply-to=c%2fd')).toEqual({ topic: 'a/reply-to=b', replyTo: 'c/d' })
  })
  test('no mark, nothing after the mark, nothing before it', () => {
    expect(splitReplyTo('a/b')).toEqual({ topic: 'a/b' })
    expect(splitReplyTo('a/reply-to=')).toEqual({ topic: 'a', replyTo: '' })
    expect(splitReplyTo('/reply-to=b')).toEqual({ topic: '/reply-to=b' })
  })
  test('what is joined is split again', () => {
    // A topic that holds the mark or %2F itself cannot be told apart afterwards; the rule is made so.
    const topic = fc
      .string({ minLength: 1 })
      .filter((text) => !text.includes('reply-to=') && !/%2f/i.test(text))
    fc.assert(
      fc.property(topic, topic, (to, replyTo) => {
        expect(splitReplyTo(joinReplyTo(to, replyTo))).toEqual({ topic: to, replyTo })
      }),
    )
  })
})
