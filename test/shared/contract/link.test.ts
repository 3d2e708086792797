import { eventNames } from '../../../shared/contract/contract.ts'
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import {
  COUNT_INTERVAL,
  MAX_CALLS_IN_FLIGHT,
  MAX_OPEN_VIEWS,
  UPDATE_INTERVAL,
} from '../../../shared/contract/server.ts'
import type { EngineHandlers, Handlers, HostHandlers, ViewUpdate } from '../../../shared/contract/contract.ts'
import type { PacketRow } from '../../../shared/contract/model.ts'
import type { Result } from '../../../shared/contract/result.ts'
import { benchState, statsSample } from '../../stubs/engine.ts'
import { joined } from './memory-wire.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Lets everything that is due now, but no timer, happen. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)
const tail = (count: number) => ({ from: 0, count, tail: true })

function opened(link: ReturnType<typeof joined>, window = tail(10)) {
  const updates: Result<ViewUpdate<PacketRow>>[] = []
  const view = link.host.open(
    'packets',
    { capture: 'live', filter: '' },
    window,
    (update) => void updates.push(update),
  )
  return {
    view,
    updates,
    totals: () => updates.map((update) => (update.ok ? update.value.total : update.error.code)),
  }
}

describe('calls', () => {
  test('answer what the handler answered', async () => {
    const link = joined()
    link.connect()
    expect(await link.host.call('stats.history', undefined)).toEqual({ ok: true, value: [statsSample] })
    expect(await link.host.call('packets.record', { on: false })).toEqual({ ok: true, value: undefined })
    expect(link.engine.calls).toEqual(['packets.record {"on":false}'])
  })

  test('made before the first connection wait for it', async () => {
    const link = joined()
    const answer = link.host.call('stats.history', undefined)
    await settle()
    link.connect()
    expect((await answer).ok).toBe(true)
  })

  test('a BenchFailure keeps its code, message and detail', async () => {
    const link = joined()
    link.connect()
    const error = { code: 'not-found', message: 'There is no packet 7.', detail: 'index' }
    expect(await link.host.call('packets.get', { capture: 'live', no: 7 })).toEqual({ ok: false, error })
    expect(link.log).toEqual([])
  })

  test('any other error is `failed` with its message alone, and logged whole', async () => {
    const link = joined()
    link.connect()
    const error = { code: 'failed', message: 'the disk is full' }
    expect(await link.host.call('packets.get', { capture: 'live', no: 13 })).toEqual({ ok: false, error })
    expect(link.log).toEqual([{ text: 'packets.get failed', error: new Error('the disk is full') }])
  })

  test('a request that does not fit is refused with the name of the field', async () => {
    const link = joined()
    link.connect()
    const result = await link.host.call('packets.get', { capture: 'live', no: 0 })
    expect(result).toMatchObject({ ok: false, error: { code: 'invalid-request' } })
    expect(result.ok ? '' : result.error.message).toMatch(/^packets\.get: field “no”: .*>=1/)
  })

  test('of commands that do not exist are refused, also those every object has', async () => {
    const link = joined()
    link.connect()
    for (const name of ['packets.eat', 'toString', '__proto__']) {
      const result = await link.host.call(name as 'packets.clear', undefined)
      expect(result).toMatchObject({
        error: { code: 'invalid-request', message: `There is no command “${name}”.` },
      })
    }
  })

  test('of a host command reach the handler of the host', async () => {
    const link = joined()
    link.connect()
    expect(await link.host.call('host.showWorkspace', undefined)).toMatchObject({
      error: { message: 'Not here.' },
    })
  })

  test('on their way when the link is lost, and made while it is, answer `disconnected`', async () => {
    const link = joined()
    link.connect()
    const waiting = link.host.call('devices.get', { endpointId: 'os::1' })
    await settle()
    link.drop()
    expect(await waiting).toMatchObject({ ok: false, error: { code: 'disconnected' } })
    expect(await link.host.call('packets.clear', undefined)).toMatchObject({
      error: { code: 'disconnected' },
    })
    link.connect()
    expect((await link.host.call('packets.clear', undefined)).ok).toBe(true)
  })

  test('beyond the limit in flight are refused, and the others go on', async () => {
    const link = joined()
    link.connect()
    for (let i = 0; i < MAX_CALLS_IN_FLIGHT; i++) void link.host.call('devices.get', { endpointId: 'os::1' })
    expect(await link.host.call('packets.clear', undefined)).toMatchObject({ error: { code: 'unavailable' } })
    expect(link.engine.calls).toEqual([])
  })
})

test('an answer that the transport cannot carry is told as failed', async () => {
  const link = joined()
  link.connect()
  const send = link.send
  link.send = (message) => {
    if (message.kind === 'update' || (message.kind === 'reply' && message.result.ok))
      throw new RangeError('too deep')
    send(message)
  }
  expect(await link.host.call('stats.history', undefined)).toMatchObject({ error: { code: 'failed' } })
  const { updates } = opened(link)
  await settle()
  expect(updates).toMatchObject([{ error: { code: 'failed' } }])
  expect(link.engine.openViews).toBe(0)
  expect(link.log.map(({ text }) => text)).toEqual([
    'A message “reply” could not be sent',
    'A message “update” could not be sent',
  ])
})

test('handlers that lack a command do not compile', () => {
  expectTypeOf<EngineHandlers & HostHandlers>().toExtend<Handlers>()
  expectTypeOf<Omit<EngineHandlers, 'packets.get'> & HostHandlers>().not.toExtend<Handlers>()
  expectTypeOf<EngineHandlers>().not.toExtend<Handlers>()
})

test('calls that wait for an answer are bounded on the side of the page too', async () => {
  const link = joined()
  const waiting = Array.from({ length: 1024 }, () => link.host.call('stats.history', undefined))
  expect(await link.host.call('stats.history', undefined)).toMatchObject({ error: { code: 'unavailable' } })
  link.drop()
  expect(await waiting[1023]).toMatchObject({ error: { code: 'disconnected' } })
})

describe('messages that cannot be understood', () => {
  test('are answered where they say whom to answer', async () => {
    const link = joined()
    link.connect()
    link.sent.length = 0
    link.receiveRaw({ kind: 'call', id: 5 })
    link.receiveRaw({ kind: 'call', id: 6, name: 'packets.clear', sudo: true })
    link.receiveRaw({ kind: 'open', id: 7, view: 'packets', window: { from: 0, count: 5000, tail: false } })
    link.receiveRaw({ kind: 'locate', id: 8, call: 9, key: {} })
    await settle()
    expect(link.sent.map((message) => [message.kind, 'id' in message ? message.id : ''])).toEqual([
      ['reply', 5],
      ['reply', 6],
      ['failed', 7],
      ['reply', 9],
    ])
    expect(JSON.stringify(link.sent[0])).toContain('field “name”')
    expect(JSON.stringify(link.sent[1])).toContain('field “sudo”')
    expect(JSON.stringify(link.sent[2])).toContain('field “window.count”')
    expect(link.engine.calls).toEqual([])
  })

  test('are logged otherwise', () => {
    const link = joined()
    link.connect()
    for (const raw of [undefined, null, 7, 'call', [], {}, { kind: 'call', id: -1, name: 'x' }])
      link.receiveRaw(raw)
    expect(link.log).toHaveLength(7)
  })
})

describe('events', () => {
  test('are told once on connecting and once to a later listener', async () => {
    const link = joined()
    const early: unknown[] = []
    link.host.on('bench', (value) => void early.push(value))
    link.connect()
    await settle()
    expect(early).toEqual([benchState])
    const late: unknown[] = []
    link.host.on('bench', (value) => void late.push(value))
    expect(late).toEqual([benchState])
    expect(link.sent.map((message) => message.kind)).toEqual(eventNames.map(() => 'event'))
  })

  test('are conflated to the newest, at most one an interval', async () => {
    const link = joined()
    const times: number[] = []
    link.host.on('stats', (value) => void times.push(value.time))
    link.connect()
    await vi.advanceTimersByTimeAsync(1000)
    for (let time = 1; time <= 100; time++) link.engine.tell('stats', { ...statsSample, time })
    await settle()
    expect(times).toEqual([0, 100])
    link.engine.tell('stats', { ...statsSample, time: 101 })
    link.engine.tell('stats', { ...statsSample, time: 102 })
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL - 1)
    expect(times).toEqual([0, 100])
    await vi.advanceTimersByTimeAsync(1)
    expect(times).toEqual([0, 100, 102])
  })

  test('wait while the transport is congested', async () => {
    let congested = false
    const link = joined({ congested: () => congested })
    const times: number[] = []
    link.host.on('stats', (value) => void times.push(value.time))
    link.connect()
    congested = true
    link.engine.tell('stats', { ...statsSample, time: 1 })
    await vi.advanceTimersByTimeAsync(1000)
    link.engine.tell('stats', { ...statsSample, time: 2 })
    expect(times).toEqual([0])
    congested = false
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL)
    expect(times).toEqual([0, 2])
  })

  test('end with the client: nothing of it stays in the engine', async () => {
    const link = joined()
    link.connect()
    opened(link)
    await settle()
    expect([link.engine.listeners, link.engine.openViews]).toEqual([eventNames.length, 1])
    link.drop()
    expect([link.engine.listeners, link.engine.openViews]).toEqual([0, 0])
    link.engine.tell('stats', statsSample)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('views', () => {
  test('send their rows at once and again when they changed', async () => {
    const link = joined()
    link.connect()
    link.engine.rows = 3
    const { updates } = opened(link, tail(2))
    await settle()
    expect(updates).toMatchObject([{ value: { total: 3, from: 1, rows: [{ no: 2 }, { no: 3 }] } }])
    link.engine.rows = 4
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL)
    expect(updates[1]).toMatchObject({ value: { total: 4, from: 2 } })
  })

  test('conflate changes to one update an interval', async () => {
    const link = joined()
    link.connect()
    const { totals } = opened(link)
    await settle()
    for (let rows = 1; rows <= 1000; rows++) link.engine.rows = rows
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL - 1)
    expect(totals()).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(totals()).toEqual([0, 1000])
    expect(link.engine.reads).toHaveLength(2)
  })

  test('send nothing more until the last update was acknowledged', async () => {
    const link = joined()
    link.connect()
    const { totals } = opened(link)
    await settle()
    link.holdUpdates()
    link.engine.rows = 1
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL)
    link.engine.rows = 2
    await vi.advanceTimersByTimeAsync(10_000)
    expect(link.engine.reads).toHaveLength(2)
    link.release()
    await settle()
    expect(totals()).toEqual([0, 1, 2])
  })

  test('are acknowledged when they were shown', async () => {
    const waiting: (() => void)[] = []
    const link = joined({}, (then) => void waiting.push(then))
    link.connect()
    const { totals } = opened(link)
    await settle()
    link.engine.rows = 1
    await vi.advanceTimersByTimeAsync(10_000)
    expect(totals()).toEqual([0])
    waiting.shift()?.()
    await vi.advanceTimersByTimeAsync(UPDATE_INTERVAL)
    expect(totals()).toEqual([0, 1])
  })

  test('of which no row is seen are told of less often', async () => {
    const link = joined()
    link.connect()
    const { totals } = opened(link, { from: 0, count: 0, tail: true })
    await settle()
    link.engine.rows = 1
    await vi.advanceTimersByTimeAsync(COUNT_INTERVAL - 1)
    expect(totals()).toEqual([0])
    await vi.advanceTimersByTimeAsync(1)
    expect(totals()).toEqual([0, 1])
  })

  test('answer a moved window at once', async () => {
    const link = joined()
    link.connect()
    link.engine.rows = 100
    const { view, updates } = opened(link)
    await settle()
    view.setWindow({ from: 40, count: 5, tail: false })
    await settle()
    expect(updates[1]).toMatchObject({ value: { from: 40, rows: { length: 5 } } })
  })

  test('are acknowledged even when the listener throws', async () => {
    const link = joined()
    link.connect()
    const failing = vi.fn(() => {
      throw new Error('a broken screen')
    })
    const caught = vi.fn()
    process.once('uncaughtException', caught)
    link.host.open('packets', { capture: 'live', filter: '' }, tail(1), failing)
    await settle()
    expect(link.received.at(-1)).toMatchObject({ kind: 'ack', seq: 1 })
    await new Promise((resolve) => process.nextTick(resolve))
    process.off('uncaughtException', caught)
    expect(failing).toHaveBeenCalledOnce()
    expect(caught).toHaveBeenCalledWith(new Error('a broken screen'), 'uncaughtException')
  })

  test('find a row by its key', async () => {
    const link = joined()
    link.connect()
    link.engine.rows = 10
    const { view } = opened(link)
    expect(await view.locate(4)).toBe(3)
    expect(await view.locate(11)).toBe(-1)
    view.close()
    expect(await view.locate(4)).toBe(-1)
    expect(link.engine.openViews).toBe(0)
  })

  test('open anew with their last window when the link comes back', async () => {
    const link = joined()
    const { view, updates } = opened(link)
    link.engine.rows = 50
    link.connect()
    await settle()
    expect(updates).toHaveLength(1)
    link.drop()
    view.setWindow({ from: 20, count: 3, tail: false })
    expect(await view.locate(1)).toBe(-1)
    link.connect()
    await settle()
    expect(updates[1]).toMatchObject({ value: { from: 20, rows: { length: 3 } } })
    link.drop()
    view.close()
    link.connect()
    await settle()
    expect(link.engine.openViews).toBe(0)
  })

  test('that cannot be opened or read tell why and are over', async () => {
    const link = joined()
    link.connect()
    const refused: unknown[] = []
    link.host.open('devices', { text: '', sort: 'online', descending: true }, tail(1), (update) =>
      refused.push(update),
    )
    link.host.open('toString' as 'packets', { capture: 'live', filter: '' }, tail(1), (update) =>
      refused.push(update),
    )
    link.host.open('packets', { capture: 'live', filter: 'x'.repeat(10_001) }, tail(1), (update) =>
      refused.push(update),
    )
    await settle()
    expect(refused).toMatchObject([
      { error: { code: 'unavailable', message: 'No devices in this test.' } },
      { error: { code: 'invalid-request', message: 'There is no view “toString”.' } },
      { error: { code: 'invalid-request' } },
    ])
    link.engine.beforeRead = () => Promise.reject(new Error('the index is broken'))
    const { updates } = opened(link)
    await settle()
    expect(updates).toMatchObject([{ ok: false, error: { code: 'failed', message: 'the index is broken' } }])
    expect(link.engine.openViews).toBe(0)
  })

  test('beyond the limit are refused', async () => {
    const link = joined()
    link.connect()
    const all = Array.from({ length: MAX_OPEN_VIEWS + 1 }, () => opened(link))
    await settle()
    expect(all.at(-1)?.totals()).toEqual(['unavailable'])
    expect(link.engine.openViews).toBe(MAX_OPEN_VIEWS)
    all[0]?.view.close()
    await settle()
    const next = opened(link)
    await settle()
    expect(next.totals()).toEqual([0])
  })

  test('closed while a read is under way send nothing', async () => {
    const link = joined()
    link.connect()
    let finish: () => void = () => undefined
    link.engine.beforeRead = () => new Promise<void>((resolve) => (finish = resolve))
    const { view, updates } = opened(link)
    await settle()
    view.close()
    await settle()
    finish()
    await settle()
    expect(updates).toEqual([])
  })
})

test('bytes and 64-bit numbers cross the wire as they are, and undefined properties are left out', async () => {
  const { decodeMessage, encodeMessage } = await import('../../../shared/contract/encoding.ts')
  const value = { bytes: new Uint8Array([0, 255]), big: 2n ** 63n, large: 2 ** 40, gone: undefined, ns: -1.5 }
  expect(decodeMessage(encodeMessage(value))).toEqual({
    bytes: new Uint8Array([0, 255]),
    big: 2n ** 63n,
    large: 2 ** 40,
    ns: -1.5,
  })
  expect(() => decodeMessage(new Uint8Array([0x93, 1]))).toThrow()
})
