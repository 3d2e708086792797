import { describe, expect, test } from 'vitest'
import { Message } from '../../../electron/engine/broker/message.ts'
import { Transit } from '../../../electron/engine/broker/transit.ts'

const message = (topic: string): Message =>
  new Message({
    topic,
    payload: new Uint8Array(),
    qos: 0,
    retain: false,
    properties: [],
    publisher: undefined,
    at: 0,
  })
const parcel = (topic: string) => ({ message: message(topic), owner: undefined, routed: undefined })

describe('Transit', () => {
  test('hands over what is published, once', () => {
    const came: unknown[] = []
    const transit = new Transit(() => came.push(transit.take(), transit.take()))
    const one = parcel('a')
    transit.send(one)
    expect(came).toEqual([one, undefined])
  })

  test('a message that another one brings about does not take its place', () => {
    const came: unknown[] = []
    const inner = parcel('inner')
    const transit = new Transit((topic) => {
      if (topic === 'outer') transit.send(inner)
      came.push(transit.take()?.message.topic)
    })
    transit.send(parcel('outer'))
    expect(came).toEqual(['inner', 'outer'])
  })

  test('what a closed bus did not take is not handed over with the next one', () => {
    const transit = new Transit(() => undefined)
    transit.send(parcel('lost'))
    expect(transit.take()).toBeUndefined()
  })
})
