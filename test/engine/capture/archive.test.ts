import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { encodePacket } from '../../../shared/mqtt/encode.ts'
import {
  alias,
  bootRecord,
  bytesOf,
  connack,
  connect,
  endpointId,
  getRecord,
  peer,
  publish,
} from './packets.ts'
import { epoch, teller } from './teller.ts'

const byNobody = { by: 'network', reason: 'ECONNRESET', probe: false } as const

function flat(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => [field, ...flat(field.children ?? [])])
}
const find = (detail: PacketDetail | undefined, name: string) =>
  flat(detail?.fields ?? []).find((field) => field.name === name)

describe('rows', () => {
  test('tell number, time, connection, direction, type, topic, length and summary', () => {
    const t = teller()
    t.opened(5, peer())
    t.frame(5, 'in', connect({ clientId: 'cpe-1' }), false)
    const bytes = publish('a/b', { payload: 'hello', qos: 1, packetId: 7 })
    t.frame(5, 'out', bytes, false)
    t.take()
    expect(t.archive.row(2)).toMatchObject({
      no: 2,
      sec: epoch.sec + 3,
      nsec: 0,
      connection: 5,
      device: 'cpe-1',
      direction: 'out',
      kind: 'packet',
      type: 'PUBLISH',
      topic: 'a/b',
      usp: '',
      length: bytes.length,
      verdict: 'none',
    })
    expect(t.archive.row(2).info).toContain('QoS 1')
  })

  test.each([
    ['usp-endpoint-id', { clientId: 'c', username: 'u', properties: endpointId('os::1') }, 'os::1'],
    ['the user name', { clientId: 'c', username: 'u' }, 'u'],
    ['the client ID', { clientId: 'c' }, 'c'],
    ['the address', { clientId: '' }, '192.168.1.7:40000'],
  ])('name the device by %s, also in rows before its CONNECT', (_, facts, device) => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', new Uint8Array([0]), true)
    t.frame(1, 'in', connect(facts), false)
    t.take()
    expect(t.archive.row(1).device).toBe(device)
    expect(t.archive.row(2).device).toBe(device)
  })

  test('take the Assigned Client Identifier of the CONNACK', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect({ clientId: '' }), false)
    t.frame(1, 'out', connack([{ name: 'assignedClientIdentifier', value: 'auto-9' }]), false)
    t.take()
    expect(t.archive.row(1).device).toBe('auto-9')
    expect(t.archive.detail(1)?.connection).toMatchObject({ clientId: 'auto-9', endpointSource: 'client-id' })
  })

  test('are not misled by a second CONNECT', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect({ clientId: 'first' }), false)
    t.frame(1, 'in', connect({ clientId: 'second', level: 4 }), false)
    t.take()
    expect(t.archive.detail(2)?.connection).toMatchObject({ clientId: 'first', version: '5.0' })
  })

  test('resolve topic aliases, each direction for itself, and follow a changed alias', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect(), false)
    t.frame(1, 'in', publish('in/one', { properties: alias(3) }), false)
    t.frame(1, 'out', publish('out/one', { properties: alias(3) }), false)
    t.frame(1, 'in', publish('', { properties: alias(3) }), false)
    t.frame(1, 'out', publish('', { properties: alias(3) }), false)
    t.frame(1, 'in', publish('in/two', { properties: alias(3) }), false)
    t.frame(1, 'in', publish('', { properties: alias(3) }), false)
    t.frame(1, 'in', publish('', { properties: alias(4) }), false)
    t.take()
    const topics = [4, 5, 7, 8].map((no) => t.archive.row(no).topic)
    expect(topics).toEqual(['in/one', 'out/one', 'in/two', ''])
    expect(flat(t.archive.detail(4)?.fields ?? []).some(({ text }) => text.includes('in/one'))).toBe(true)
  })

  test('show the filters of a SUBSCRIBE', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect(), false)
    const options = { qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0 } as const
    const subscriptions = ['a/#', 'b/+'].map((filter) => ({ filter, ...options }))
    t.frame(1, 'in', bytesOf({ type: 'SUBSCRIBE', packetId: 2, subscriptions, properties: [] }), false)
    t.take()
    expect(t.archive.row(2)).toMatchObject({ type: 'SUBSCRIBE', topic: 'a/#, b/+' })
  })

  test('sum up USP', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect(), false)
    t.frame(1, 'in', publish('controller', { payload: bootRecord('m-1') }), false)
    t.frame(1, 'out', publish('agent', { payload: getRecord('m-2', 'Device.DeviceInfo.') }), false)
    t.take()
    expect(t.archive.row(2).usp).toBe('NOTIFY Boot!')
    expect(t.archive.row(3)).toMatchObject({ usp: 'GET' })
    expect(t.archive.row(3).info).toContain('Device.DeviceInfo.')
  })

  test('show a close with who and why, and a probe', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect({ clientId: 'cpe' }), false)
    t.closed(1, byNobody)
    t.opened(2, peer(40_001))
    t.closed(2, { by: 'device', reason: '', probe: true })
    t.take()
    expect(t.archive.row(2)).toMatchObject({ kind: 'close', type: 'TCP CLOSE', device: 'cpe', length: 0 })
    expect(t.archive.row(2).info).toContain('ECONNRESET')
    expect(t.archive.row(3)).toMatchObject({
      kind: 'probe',
      type: 'TCP PROBE',
      device: '192.168.1.7:40001',
      info: 'opened and closed without a byte',
    })
    expect(t.archive.detail(3)?.bytes).toHaveLength(0)
  })

  test('say what is wrong with bytes that are no packet', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', new TextEncoder().encode('GET / HTTP/1.1\r\n'), true)
    t.take()
    expect(t.archive.row(1)).toMatchObject({ kind: 'malformed', type: 'MALFORMED', topic: '' })
    expect(t.archive.row(1).info).not.toBe('')
  })

  test('carry remarks; the first that says more than none is the verdict', () => {
    const t = teller()
    t.opened(1, peer())
    const no = t.frame(1, 'in', connect(), false)
    const notes = [
      { kind: 'none', rule: 'oktopus', text: 'seen' },
      { kind: 'refused', rule: 'limits', text: 'too many', reasonCode: 0x97 },
      { kind: 'changed', rule: 'oktopus', text: 'property added' },
    ] as const
    for (const note of notes) t.note(no, note)
    t.note(99, notes[0])
    t.take()
    expect(t.archive.row(no).verdict).toBe('refused')
    expect(t.archive.detail(no)?.notes).toEqual(notes)
  })

  test('hold also for a connection that was never told of', () => {
    const t = teller()
    t.frame(77, 'in', publish('a'), false)
    t.closed(77, byNobody)
    t.take()
    expect(t.archive.row(1)).toMatchObject({ device: 'connection 77', topic: 'a' })
  })

  test('profit from what was learned while nothing was recorded', () => {
    const t = teller()
    t.opened(1, peer())
    t.learn(1, connect({ clientId: 'quiet' }))
    t.learn(1, publish('a/b', { properties: alias(1) }))
    t.frame(1, 'in', publish('', { properties: alias(1) }), false)
    t.take()
    expect(t.archive.counts.rows).toBe(1)
    expect(t.archive.row(1)).toMatchObject({ device: 'quiet', topic: 'a/b' })
  })
})

describe('detail', () => {
  const detailOf = (bytes: Uint8Array) => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect({ properties: endpointId('os::1') }), false)
    const no = t.frame(1, 'in', bytes, false)
    t.take()
    return t.archive.detail(no)
  }

  test('holds the bytes, the frame, the connection and the packet', () => {
    const bytes = publish('a/b', { payload: 'x' })
    const detail = detailOf(bytes)
    expect([...(detail?.bytes ?? [])]).toEqual([...bytes])
    expect(find(detail, 'frame.time')?.text).toBe('2026-01-01T00:00:03.000000000Z')
    expect(find(detail, 'connection.endpoint')?.text).toContain('os::1')
    expect(find(detail, 'ip.src')?.text).toBe('192.168.1.7')
    expect(find(detail, 'mqtt.topic')?.text).toContain('a/b')
  })

  test('shows a Record field by field, and what only calls itself a Record as a broken one', () => {
    expect(find(detailOf(publish('a', { payload: bootRecord('m-1') })), 'usp.msg_id')?.text).toContain('m-1')
    const broken = publish('a', { payload: 'x', properties: [{ name: 'contentType', value: 'usp.msg' }] })
    expect(flat(detailOf(broken)?.fields ?? []).some(({ finding }) => finding?.severity === 'error')).toBe(
      true,
    )
  })

  test('shows JSON laid out, text as text, and other bytes in hex, always whole', () => {
    expect(find(detailOf(publish('a', { payload: '{"b":1.0}' })), 'data.json')?.text).toBe('{\n  "b": 1.0\n}')
    const long = 'grüße '.repeat(2000)
    expect(find(detailOf(publish('a', { payload: long })), 'data.text')?.text).toBe(long)
    const dump = find(detailOf(publish('a', { payload: new Uint8Array(40).fill(0xab) })), 'data')?.text
    expect(dump?.split('\n')).toHaveLength(3)
    expect(dump?.match(/ab/g)).toHaveLength(40)
  })

  test('is undefined for a row that is not held', () => {
    expect(detailOf(publish('a'))).toBeDefined()
    expect(teller().archive.detail(1)).toBeUndefined()
  })
})

describe('budget', () => {
  test('drops whole oldest chunks, counts the rows, and stays within it', () => {
    const budget = 4 * 1024 * 1024
    const t = teller(budget, 64 * 1024)
    t.opened(1, peer())
    t.frame(1, 'in', connect(), false)
    const payload = new Uint8Array(1000)
    const told = 20_000
    for (let i = 1; i < told; i++) t.frame(1, 'in', publish(`topic/${i}`, { payload }), false)
    t.take()
    const { rows, droppedRows, bytes } = t.archive.counts
    expect(rows + droppedRows).toBe(told)
    expect(bytes).toBeLessThanOrEqual(budget)
    // Not much more than needed is dropped either.
    expect(rows * 1000).toBeGreaterThan(budget * 0.6)
    expect(() => t.archive.row(droppedRows)).toThrow(RangeError)
    expect(t.archive.row(droppedRows + 1).topic).toBe(`topic/${droppedRows}`)
    expect(t.archive.row(told)).toMatchObject({ topic: `topic/${told - 1}`, device: 'cpe' })
  })

  test('holds for rows without bytes, and forgets connections with their last row', () => {
    const budget = 1024 * 1024
    const t = teller(budget, 64 * 1024)
    for (let i = 1; i <= 30_000; i++) {
      t.opened(i, peer(i))
      t.closed(i, { by: 'device', reason: '', probe: true })
      if (i % 100 === 0) t.take()
    }
    expect(t.archive.counts.bytes).toBeLessThanOrEqual(budget)
    expect(t.archive.counts.rows).toBeGreaterThan(0)
    expect(t.archive.row(30_000).device).toBe('192.168.1.7:30000')
  })

  test('holds for remarks', () => {
    const t = teller(2 * 1024 * 1024, 64 * 1024)
    t.opened(1, peer())
    for (let i = 1; i <= 30_000; i++) {
      const no = t.frame(1, 'in', new Uint8Array([0xc0, 0]), false)
      t.note(no, { kind: 'dropped', rule: 'slow', text: `reader is ${i} bytes behind` })
      if (i % 100 === 0) t.take()
    }
    expect(t.archive.counts.bytes).toBeLessThanOrEqual(2 * 1024 * 1024)
    expect(t.archive.detail(30_000)?.notes).toHaveLength(1)
  })

  test('keeps a packet that alone is larger than it', () => {
    const t = teller(1024 * 1024)
    t.opened(1, peer())
    t.frame(1, 'in', connect(), false)
    const bytes = publish('big', { payload: new Uint8Array(3 * 1024 * 1024) })
    const no = t.frame(1, 'in', bytes, false)
    t.take()
    expect(t.archive.row(no).length).toBe(bytes.length)
  })

  test('gives back the topics of aliases that changed, and of closed connections', () => {
    const t = teller()
    t.opened(1, peer())
    t.opened(2, peer())
    for (let i = 0; i < 5000; i++) {
      t.frame(1, 'in', publish(`topic/${i}`, { properties: alias(1) }), false)
      if (i < 1000) t.frame(2, 'out', publish(`other/${i}`, { properties: alias(i + 1) }), false)
    }
    t.closed(2, byNobody)
    t.take()
    t.clear()
    expect(t.archive.counts.bytes).toBeLessThan(2000)
  })

  test('clearing gives everything back but the numbers and the open connections', () => {
    const t = teller()
    t.opened(1, peer())
    t.frame(1, 'in', connect({ clientId: 'cpe' }), false)
    for (let i = 0; i < 100; i++) t.frame(1, 'in', publish(`topic/${i}`), false)
    t.take()
    t.clear()
    expect(t.archive.counts).toMatchObject({ rows: 0, droppedRows: 0 })
    expect(t.archive.counts.bytes).toBeLessThan(2000)
    const no = t.frame(1, 'in', publish('after'), false)
    t.take()
    expect(no).toBe(102)
    expect(t.archive.row(no)).toMatchObject({ device: 'cpe', topic: 'after' })
  })
})

test('no bytes whatever make the archive throw, in the index, in a row or in a detail', () => {
  const good = [connect(), connack(), publish('a/b', { payload: bootRecord('m'), properties: alias(1) })]
  const mutated = fc
    .tuple(
      fc.constantFrom(...good),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
      fc.nat(120),
    )
    .map(([bytes, changes, cut]) => {
      const copy = bytes.slice(0, Math.max(1, bytes.length - (cut % bytes.length)))
      for (const [at, value] of changes) copy[at % copy.length] = value
      return copy
    })
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 80, size: 'max' }), mutated)
  const direction = fc.constantFrom('in' as const, 'out' as const)
  const frames = fc.array(fc.tuple(fc.nat(2), direction, bytes, fc.boolean()), { maxLength: 40, size: 'max' })
  fc.assert(
    fc.property(frames, fc.constantFrom(5 as const, 4 as const), (list, level) => {
      const t = teller(1024 * 1024, 64 * 1024)
      t.opened(0, peer())
      t.frame(
        0,
        'in',
        encodePacket(
          { type: 'CONNECT', level, clean: true, keepAlive: 0, clientId: 'c', properties: [] },
          level,
        ),
        false,
      )
      for (const [connection, way, frame, malformed] of list) t.frame(connection, way, frame, malformed)
      t.take()
      for (let no = 1; no <= list.length + 1; no++) {
        expect(t.archive.row(no).no).toBe(no)
        expect(t.archive.detail(no)?.fields.length).toBeGreaterThan(0)
      }
    }),
    { numRuns: 150 },
  )
})
