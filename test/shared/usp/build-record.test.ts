import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  commonVersion,
  compareVersions,
  disconnectRecord,
  mqttConnectRecord,
  plainRecord,
} from '../../../shared/usp/build-record.ts'
import { decodeRecord, encodeRecord, makeRecord } from '../../../shared/usp/codec.ts'
import { answerable, readMsg, readRecord } from '../../../shared/usp/read-record.ts'
import { SessionContexts } from '../../../shared/usp/session-context.ts'
import { SessionSender } from '../../../shared/usp/session-sender.ts'

const head = { version: '1.3', toId: 'b', fromId: 'a' }

test('the Connect Record of a real agent is what is built from its parts', () => {
  // OB-USP-A 11.0.4, as captured.
  const agent = { version: '1.3', toId: 'oktopusController', fromId: 'oktopus-0-mqtt' }
  expect(Buffer.from(mqttConnectRecord(agent, '5.0', 'oktopus/usp/v1/controller')).toString('hex')).toBe(
    '0a03312e3312116f6b746f707573436f6e74726f6c6c65721a0e6f6b746f7075732d302d6d717474521d080112196f6b746f7075732f7573702f76312f636f6e74726f6c6c6572',
  )
})

test('what is built is read again', () => {
  expect(readRecord(plainRecord(head, Uint8Array.of(1)))).toMatchObject({
    kind: 'msg',
    head,
    payload: Uint8Array.of(1),
  })
  expect(readRecord(mqttConnectRecord(head, '3.1.1', 't'))).toMatchObject({
    mqtt: { version: '3.1.1', topic: 't' },
  })
  expect(readRecord(disconnectRecord(head, 7105, 'bye'))).toMatchObject({
    kind: 'disconnect',
    code: 7105,
    reason: 'bye',
  })
  const newest = { ...head, version: '1.5', originatorId: 'o', destinationId: 'd' }
  expect(readRecord(plainRecord(newest, Uint8Array.of(1)))).toMatchObject({ head: newest })
  expect(() => plainRecord({ ...newest, version: '1.4' }, Uint8Array.of(1))).toThrow('came with USP 1.5')
})

test.each([
  ['no Record', Uint8Array.of(1, 2, 3), 7100],
  ['no record type', encodeRecord(makeRecord(head)), 7100],
  ['an empty payload', plainRecord(head, new Uint8Array(0)), 7104],
  ['no sender', plainRecord({ ...head, fromId: '' }, Uint8Array.of(1)), 7104],
  [
    'encryption outside a session',
    encodeRecord(
      makeRecord({
        ...head,
        payloadSecurity: 1,
        recordType: { case: 'noSessionContext', value: { payload: Uint8Array.of(1) } },
      }),
    ),
    7102,
  ],
])('%s is a fault with its code', (_name, bytes, code) => {
  expect(readRecord(bytes)).toMatchObject({ kind: 'fault', code })
})

test('never throws on random bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      readRecord(bytes)
      readMsg(bytes)
      answerable(bytes)
    }),
  )
})

test('versions are compared as numbers; the highest that both know is taken', () => {
  expect(compareVersions('1.10', '1.9')).toBeGreaterThan(0)
  expect(commonVersion(['1.0', '1.3', '1.9'])).toBe('1.3')
  expect(commonVersion(['2.0'])).toBeUndefined()
})

test('a session context carries Msgs of any length in segments, and repeats what is asked for', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 20 }),
      (msgs, size) => {
        const sender = new SessionSender(2n)
        const reader = new SessionContexts()
        const came: Uint8Array[] = []
        let packet = 0
        for (const msg of msgs) {
          for (const bytes of sender.send(head, msg, size)) {
            const read = readRecord(bytes)
            if (read.kind !== 'session') throw new Error(`a Record that reads as ${read.kind}`)
            const step = reader.feed(read.session, ++packet)
            expect(step.findings).toEqual([])
            for (const { bytes: whole } of step.assembled) if (whole) came.push(whole)
          }
        }
        expect(came.map((bytes) => [...bytes])).toEqual(msgs.map((bytes) => [...bytes]))
        expect(decodeRecord(sender.again(1n) as Uint8Array).recordType).toMatchObject({
          value: { sequenceId: 1n },
        })
        sender.acknowledged(2n)
        expect(sender.again(1n)).toBeUndefined()
      },
    ),
    { numRuns: 50 },
  )
  expect(() => new SessionSender(1n)).toThrow('R-E2E.3')
})
