import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PacketRow } from '../../../shared/contract/model.ts'
import { bootRecord, connack, connect, endpointId, peer, publish } from './packets.ts'
import { type Teller, teller } from './teller.ts'

/** Everything a view shows, once it is done searching. */
function rowsOf(t: Teller, view: number): PacketRow[] {
  while (t.archive.views.step());
  const { total } = t.archive.views.read(view, { from: 0, count: 0, tail: false })
  return [...t.archive.views.read(view, { from: 0, count: total, tail: false }).rows]
}
const numbers = (rows: readonly PacketRow[]) => rows.map(({ no }) => no)

/** One device with a CONNECT, a plain PUBLISH and a Boot!. */
function scene(): Teller {
  const t = teller()
  t.opened(1, peer())
  t.frame(
    1,
    'in',
    connect({ clientId: 'Cpe-A', username: 'alice', properties: endpointId('os::00-A') }),
    false,
  )
  t.frame(1, 'in', publish('Telemetry/Uptime', { payload: '5' }), false)
  t.frame(1, 'in', publish('oktopus/usp/v1/controller/os::00-A', { payload: bootRecord('m') }), false)
  t.opened(2, peer(41_000))
  t.closed(2, { by: 'device', reason: '', probe: true })
  t.take()
  return t
}

describe('text filter', () => {
  test.each<[string, string, number[]]>([
    ['nothing', '  ', [1, 2, 3, 4]],
    ['packet type', 'publish', [2, 3]],
    ['topic, in any case', 'tELEmetry', [2]],
    ['endpoint ID', 'os::00-a', [1, 2, 3]],
    ['user name', 'ALICE', [1, 2, 3]],
    ['client ID', 'cpe-a', [1, 2, 3]],
    ['address', '192.168.1.7:41000', [4]],
    ['USP kind', 'boot!', [3]],
    ['words that are all found, each somewhere else', 'notify alice publish usp/v1', [3]],
    ['words that are not all found', 'notify bob', []],
    ['a type that is no packet', 'probe', [4]],
  ])('finds %s', (_, text, expected) => {
    const t = scene()
    t.archive.views.open(1, text)
    expect(numbers(rowsOf(t, 1))).toEqual(expected)
  })
})

describe('views', () => {
  test('read a window, and with tail the last rows', () => {
    const t = scene()
    t.archive.views.open(1, '')
    const at = (from: number, count: number, tail = false) => {
      const update = t.archive.views.read(1, { from, count, tail })
      return { ...update, rows: numbers(update.rows) }
    }
    expect(at(1, 2)).toEqual({ total: 4, all: 4, from: 1, rows: [2, 3] })
    expect(at(3, 10)).toEqual({ total: 4, all: 4, from: 3, rows: [4] })
    expect(at(9, 10)).toEqual({ total: 4, all: 4, from: 4, rows: [] })
    expect(at(0, 3, true)).toEqual({ total: 4, all: 4, from: 1, rows: [2, 3, 4] })
    expect(at(0, 9, true)).toEqual({ total: 4, all: 4, from: 0, rows: [1, 2, 3, 4] })
  })

  test('find the place of a row', () => {
    const t = scene()
    t.archive.views.open(1, '')
    t.archive.views.open(2, 'publish')
    while (t.archive.views.step());
    expect([0, 1, 4, 5].map((no) => t.archive.views.locate(1, no))).toEqual([-1, 0, 3, -1])
    expect([1, 2, 3, 4].map((no) => t.archive.views.locate(2, no))).toEqual([-1, 0, 1, -1])
  })

  test('tell of a change once, until they are read', () => {
    const t = scene()
    t.archive.views.open(1, '')
    for (let i = 0; i < 2; i++) {
      t.frame(1, 'in', publish('a'), false)
      t.take()
      expect(t.changed()).toEqual(i === 0 ? [1] : [])
    }
    t.archive.views.read(1, { from: 0, count: 0, tail: true })
    t.frame(1, 'in', publish('a'), false)
    t.take()
    expect(t.changed()).toEqual([1])
    t.archive.views.close(1)
    t.clear()
    expect(t.changed()).toEqual([])
    expect(() => t.archive.views.read(1, { from: 0, count: 0, tail: true })).toThrow('View 1 is not open.')
  })

  test('search older rows in slices and say how far they are', () => {
    const t = teller(256 * 1024 * 1024)
    t.opened(1, peer())
    for (let i = 0; i < 150_000; i++) t.frame(1, 'in', new Uint8Array([0xc0, 0]), false)
    t.take()
    t.archive.views.open(1, 'pingreq')
    const seen: (number | undefined)[] = []
    do seen.push(t.archive.views.read(1, { from: 0, count: 1, tail: false }).progress)
    while (t.archive.views.step())
    expect(seen[0]).toBe(0)
    expect(seen.length).toBeGreaterThanOrEqual(2)
    expect(seen).toEqual([...seen].sort((a, b) => Number(a) - Number(b)))
    expect(t.archive.views.read(1, { from: 0, count: 1, tail: false })).toMatchObject({ total: 150_000 })
    expect(t.archive.views.read(1, { from: 0, count: 1, tail: false }).progress).toBeUndefined()
  })

  test('judge rows again when their client becomes known later', () => {
    const t = teller()
    t.archive.views.open(1, 'auto-9')
    t.opened(1, peer())
    t.frame(1, 'in', connect({ clientId: '' }), false)
    t.opened(2, peer())
    t.frame(2, 'in', publish('about/auto-9'), false)
    t.take()
    expect(numbers(rowsOf(t, 1))).toEqual([2])
    t.frame(1, 'out', connack([{ name: 'assignedClientIdentifier', value: 'auto-9' }]), false)
    t.take()
    expect(numbers(rowsOf(t, 1))).toEqual([1, 2, 3])
  })

  test('are not misled when ids of strings and connections are used anew', () => {
    const t = teller()
    t.archive.views.open(1, 'wanted')
    t.opened(1, peer())
    t.frame(1, 'in', publish('wanted/topic'), false)
    t.closed(1, { by: 'device', reason: '', probe: false })
    t.take()
    expect(numbers(rowsOf(t, 1))).toEqual([1])
    t.clear()
    t.opened(2, peer(1))
    t.frame(2, 'in', publish('other/topic'), false)
    t.take()
    expect(rowsOf(t, 1)).toEqual([])
  })

  test('equal a naive model under random packets, drops, clears and filters', () => {
    const names = ['alpha', 'beta', 'gamma']
    const name = fc.constantFrom(...names)
    const connection = fc.integer({ min: 1, max: 4 })
    const event = fc.oneof(
      fc.record({ kind: fc.constant('open' as const), connection }),
      fc.record({ kind: fc.constant('connect' as const), connection, name }),
      fc.record({ kind: fc.constant('assign' as const), connection, name }),
      fc.record({ kind: fc.constant('publish' as const), connection, name, many: fc.nat(300) }),
      fc.record({ kind: fc.constant('boot' as const), connection }),
      fc.record({ kind: fc.constant('close' as const), connection }),
      fc.record({ kind: fc.constant('clear' as const) }),
      fc.record({ kind: fc.constant('step' as const) }),
    )
    const filter = fc.constantFrom(
      '',
      'alpha',
      'BETA publish',
      'boot!',
      'gamma alpha',
      'close',
      '192.168',
      'x',
    )
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 60, size: 'max' }),
        fc.array(filter, { minLength: 1, maxLength: 4 }),
        (events, filters) => {
          // So small that chunks are dropped again and again.
          const t = teller(256 * 1024, 32 * 1024, 32 * 1024)
          filters.forEach((text, view) => t.archive.views.open(view, text))
          let last = 0
          for (const one of events) {
            switch (one.kind) {
              case 'open':
                t.opened(one.connection, peer(one.connection))
                break
              case 'connect':
                last = t.frame(
                  one.connection,
                  'in',
                  connect({ clientId: one.name === 'gamma' ? '' : one.name }),
                  false,
                )
                break
              case 'assign':
                last = t.frame(
                  one.connection,
                  'out',
                  connack([{ name: 'assignedClientIdentifier', value: one.name }]),
                  false,
                )
                break
              case 'publish':
                for (let i = 0; i < one.many; i++) {
                  last = t.frame(
                    one.connection,
                    'in',
                    publish(`${one.name}/${i % 7}`, { payload: 'x'.repeat(90) }),
                    false,
                  )
                }
                break
              case 'boot':
                last = t.frame(one.connection, 'in', publish('t', { payload: bootRecord('m') }), false)
                break
              case 'close':
                last += 1
                t.closed(one.connection, { by: 'network', reason: '', probe: false })
                break
              case 'clear':
                t.take()
                t.clear()
                break
              case 'step':
                t.archive.views.step()
            }
            t.take()
          }
          const { rows } = t.archive.counts
          const held = Array.from({ length: rows }, (_, i) => t.archive.row(last - rows + 1 + i))
          filters.forEach((text, view) => {
            const words = text.toLowerCase().split(' ').filter(Boolean)
            const expected = held.filter((row) => {
              const {
                endpointId = '',
                clientId = '',
                username = '',
                remoteAddress,
                remotePort,
              } = t.archive.detail(row.no)!.connection
              const address = remoteAddress && `${remoteAddress}:${remotePort}`
              const places = [
                row.type,
                row.topic,
                row.device,
                row.usp,
                endpointId,
                clientId,
                username,
                address,
              ]
              return words.every((word) => places.some((place) => place.toLowerCase().includes(word)))
            })
            expect(numbers(rowsOf(t, view))).toEqual(numbers(expected))
          })
        },
      ),
      { numRuns: 60 },
    )
  })
})

test('what a view searches goes before what nobody asked for', () => {
  const t = scene()
  for (let i = 0; i < 20_000; i++) t.frame(1, 'in', publish('usp/x', { payload: '{"a":1}' }), false)
  t.take()
  const { views, parts, pairing } = t.archive
  views.open(1, 'mqtt.prop.response_topic contains "nothing of the kind"')
  const { waiting } = parts.lint
  expect(t.archive.step()).toBe(true)
  expect(views.read(1, { from: 0, count: 1, tail: false }).progress).toBeLessThan(1)
  expect(parts.lint.waiting).toBe(waiting)
  expect(pairing.share).toBe(0)
  while (t.archive.step());
  expect(views.read(1, { from: 0, count: 1, tail: false })).not.toHaveProperty('progress')
  expect(parts.lint.waiting).toBe(0)
  expect(pairing.share).toBe(1)
})
