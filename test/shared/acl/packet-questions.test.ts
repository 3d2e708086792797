import { describe, expect, it } from 'vitest'
import { connectionSubject, packetQuestions } from '../../../shared/acl/packet-questions.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import { plainSubject } from './arbitrary.ts'

const told = (packet: Packet, direction: 'in' | 'out', topic = '') =>
  packetQuestions(packet, direction, topic, plainSubject).map(
    ({ what, action, topic: about, qos, retain }) => [what, action, about, qos, retain],
  )

describe('packetQuestions', () => {
  const payload = new Uint8Array(0)
  const publish = {
    type: 'PUBLISH',
    dup: false,
    qos: 1,
    retain: true,
    topic: '',
    packetId: 1,
    payload,
  } as const

  it('asks for the topic behind an alias and for the Response Topic', () => {
    const properties = [{ name: 'responseTopic', value: 'reply/here' }] as const
    expect(told({ ...publish, properties }, 'in', 'real/topic')).toEqual([
      ['publish', 'publish', 'real/topic', 1, true],
      ['reply', 'subscribe', 'reply/here', 1, false],
    ])
    expect(told({ ...publish, properties }, 'out', 'real/topic')).toEqual([
      ['deliver', 'subscribe', 'real/topic', 1, false],
    ])
  })

  it('asks for the will of a CONNECT and each filter of a SUBSCRIBE', () => {
    const will = { topic: 'gone', payload, qos: 2, retain: true, properties: [] } as const
    const connect = {
      type: 'CONNECT',
      level: 5,
      clean: true,
      keepAlive: 0,
      clientId: 'c',
      properties: [],
    } as const
    expect(told({ ...connect, will }, 'in')).toEqual([['will', 'publish', 'gone', 2, true]])
    expect(told(connect, 'in')).toEqual([])
    const wish = { noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    const subscriptions = [
      { filter: 'a/#', qos: 1, ...wish },
      { filter: '$share/g/b', qos: 0, ...wish },
    ] as const
    expect(told({ type: 'SUBSCRIBE', packetId: 1, subscriptions, properties: [] }, 'in')).toEqual([
      ['subscribe', 'subscribe', 'a/#', 1, false],
      ['subscribe', 'subscribe', '$share/g/b', 0, false],
    ])
  })

  it('asks nothing about other packets', () => {
    expect(told({ type: 'PINGREQ' }, 'in')).toEqual([])
    expect(told({ type: 'SUBACK', packetId: 1, reasonCodes: [0], properties: [] }, 'out')).toEqual([])
  })
})

describe('connectionSubject', () => {
  it('does not know what the capture does not say', () => {
    const facts = { remoteAddress: '', transport: 'tcp', listenerPort: 0 } as const
    expect(connectionSubject(facts)).toEqual({
      username: undefined,
      clientId: '',
      endpointId: '',
      address: undefined,
      listener: undefined,
    })
    expect(connectionSubject({ ...facts, remoteAddress: '10.0.0.7', listenerPort: 8883 })).toMatchObject({
      address: '10.0.0.7',
      listener: { transport: 'tcp', port: 8883 },
    })
  })
})
