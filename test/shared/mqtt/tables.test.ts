import { describe, expect, expectTypeOf, it } from 'vitest'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import type { Properties } from '../../../shared/mqtt/packets.ts'
import {
  getProperty,
  PROPERTY_LIST,
  propertyById,
  propertyByName,
  userProperties,
  withoutProperty,
  withProperty,
} from '../../../shared/mqtt/properties.ts'
import { isReasonCodeAllowed, REASON_CODES, reasonName } from '../../../shared/mqtt/reason-codes.ts'
import { decodeTopic } from '../../../shared/mqtt/utf8.ts'
import { bytes } from './bytes.ts'

describe('the table of properties', () => {
  it('has all 27, each identifier and filter name once', () => {
    expect(PROPERTY_LIST).toHaveLength(27)
    expect(new Set(PROPERTY_LIST.map(({ id }) => id)).size).toBe(27)
    expect(new Set(PROPERTY_LIST.map(({ name }) => name)).size).toBe(27)
    expect(PROPERTY_LIST.map(({ id }) => id)).toEqual(
      PROPERTY_LIST.map(({ id }) => id).toSorted((a, b) => a - b),
    )
  })
  it('is found by identifier and by name', () => {
    expect(propertyById(0x08)).toMatchObject({ property: 'responseTopic', name: 'mqtt.prop.response_topic' })
    expect(propertyById(0x00)).toBeUndefined()
    expect(propertyById(0xff)).toBeUndefined()
    expect(propertyByName('userProperty')).toMatchObject({
      name: 'mqtt.prop.user',
      willName: 'mqtt.will.prop.user',
    })
    expect(propertyByName('toString')).toBeUndefined()
  })
})

describe('property lists', () => {
  const list: Properties = [
    { name: 'userProperty', value: ['a', '1'] },
    { name: 'responseTopic', value: 'r' },
    { name: 'userProperty', value: ['b', '2'] },
  ]
  it('get values with their types', () => {
    const topic = getProperty(list, 'responseTopic')
    expectTypeOf(topic).toEqualTypeOf<string | undefined>()
    expect(topic).toBe('r')
    expect(getProperty(list, 'topicAlias')).toBeUndefined()
    expect(userProperties(list)).toEqual([
      ['a', '1'],
      ['b', '2'],
    ])
  })
  it('put a value in place, at the end, and in place of several', () => {
    expect(withProperty(list, 'responseTopic', 's')).toEqual([
      list[0],
      { name: 'responseTopic', value: 's' },
      list[2],
    ])
    expect(withProperty(list, 'topicAlias', 3).at(-1)).toEqual({ name: 'topicAlias', value: 3 })
    expect(withProperty(list, 'userProperty', ['c', '3'])).toEqual([
      { name: 'userProperty', value: ['c', '3'] },
      { name: 'responseTopic', value: 'r' },
    ])
    const later = withProperty([{ name: 'topicAlias', value: 1 }, ...list], 'userProperty', ['c', '3'])
    expect(later.map(({ name }) => name)).toEqual(['topicAlias', 'userProperty', 'responseTopic'])
  })
  it('take all of a name out and leave the list alone otherwise', () => {
    expect(withoutProperty(list, 'userProperty')).toEqual([{ name: 'responseTopic', value: 'r' }])
    expect(withoutProperty(list, 'topicAlias')).toBe(list)
    expect(list).toHaveLength(3)
  })
})

describe('reason codes', () => {
  it('have the name of their packet', () => {
    expect(reasonName('SUBACK', 0, 5)).toBe('Granted QoS 0')
    expect(reasonName('DISCONNECT', 0, 5)).toBe('Normal disconnection')
    expect(reasonName('PUBACK', 0, 5)).toBe('Success')
    expect(reasonName('CONNACK', 5, 4)).toBe('Connection Refused, not authorized')
    expect(reasonName('CONNACK', 0x87, 5)).toBe('Not authorized')
    expect(reasonName('SUBACK', 0x80, 3)).toBe('Failure')
  })
  it('keep their name in a packet that they do not belong to, and are unknown else', () => {
    expect(reasonName('PUBACK', 0x8e, 5)).toBe('Session taken over')
    expect(reasonName('PUBACK', 0xee, 5)).toBe('Unknown (0xEE)')
    expect(reasonName('CONNACK', 0x87, 4)).toBe('Unknown (0x87)')
  })
  it('are allowed where the standard has them', () => {
    expect(isReasonCodeAllowed('CONNACK', 0x84, 5)).toBe(true)
    expect(isReasonCodeAllowed('DISCONNECT', 0x84, 5)).toBe(false)
    expect(isReasonCodeAllowed('PUBACK', 0, 4)).toBe(false)
    expect(new Set(REASON_CODES.map(({ code }) => code)).size).toBe(43)
  })
})

describe('topics that come again', () => {
  it('are told apart even when they end alike', () => {
    const topics = Array.from({ length: 2000 }, (_, i) => `level-${i % 500}/same-ending-of-all-topics`)
    for (const topic of topics) {
      const encoded = new TextEncoder().encode(topic)
      expect(decodeTopic(encoded, 0, encoded.length)).toBe(topic)
    }
  })
  it('do not change when the bytes they came in are used again', () => {
    const buffer = bytes('30 * "topic/number/one" 00')
    const first = decodePacket(buffer, 5)
    buffer.set(new TextEncoder().encode('TOPIC'), 4)
    const second = decodePacket(buffer, 5)
    expect([first, second]).toMatchObject([{ topic: 'topic/number/one' }, { topic: 'TOPIC/number/one' }])
  })
})
