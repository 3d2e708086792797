import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Model } from '../../../renderer/app/model.ts'
import { createModel } from '../../../renderer/app/model.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { noUpload } from '../no-upload.ts'
import { FakeHost } from '../fake-host.ts'

let host: FakeHost
let model: Model
const tab = () => model.packets.current()
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

beforeEach(async () => {
  vi.useFakeTimers()
  host = new FakeHost({ packets: 1000, devices: 5 })
  model = createModel(host, new MemoryStorage(), noUpload)
  tab().list.getState().resize(20)
  await settled()
})
afterEach(() => {
  model.close()
  vi.useRealTimers()
})

const asked = () => host.calls.filter((call) => call.name === 'packets.get').map((call) => call.request)

describe('the packet under the cursor', () => {
  it('is asked for one at a time, and of those passed over none', async () => {
    const list = tab().list.getState()
    for (let index = 900; index < 950; index++) list.select(index)
    await settled()
    expect(tab().detail.getState().packet?.row.no).toBe(950)
    expect(asked().length).toBeLessThan(5)
  })

  it('stays, and says so, when it was dropped', async () => {
    tab().list.getState().select(990)
    await settled()
    host.drop(995)
    await vi.advanceTimersByTimeAsync(250)
    expect(tab().detail.getState()).toMatchObject({ gone: true, packet: { row: { no: 991 } } })
  })

  it('shows the error when it cannot be read', async () => {
    host.errors.set('packets.get', 'The capture file could not be read.')
    tab().list.getState().select(990)
    await settled()
    expect(tab().detail.getState()).toMatchObject({
      packet: undefined,
      error: { message: 'The capture file could not be read.' },
    })
  })

  it('forgets the selected field with the packet', async () => {
    tab().list.getState().select(990)
    await settled()
    tab().selectField('0.1')
    tab().list.getState().move(1)
    await settled()
    expect(tab().getState().field).toBeUndefined()
  })
})

describe('the filter', () => {
  it('waits for a pause in the typing and is then remembered', async () => {
    const params = () => tab().list.getState().params.filter
    for (const text of ['b', 'bo', 'boo', 'boot']) {
      tab().setFilter(text)
      vi.advanceTimersByTime(100)
    }
    expect(params()).toBe('')
    vi.advanceTimersByTime(200)
    expect(params()).toBe('boot')
    expect(model.settings.getState().recentFilters).toEqual(['boot'])
  })

  it('is applied at once when asked', () => {
    tab().setFilter(' publish ', true)
    expect(tab().list.getState().params.filter).toBe('publish')
  })

  it('shows how far the search is', async () => {
    host.grow(200_000)
    tab().setFilter('connect', true)
    await settled()
    expect(tab().list.getState().progress).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(500)
    expect(tab().list.getState().progress).toBeUndefined()
    expect(tab().list.getState().total).toBeGreaterThan(1)
  })
})

describe('marks', () => {
  it('are set, taken away and gone through in order, round the end', async () => {
    const list = tab().list.getState()
    for (const index of [950, 10, 500]) {
      list.select(index)
      await settled()
      await tab().toggleMark()
    }
    await settled()
    expect([...(host.marks.get('live') ?? [])]).toEqual([951, 11, 501])
    const order: unknown[] = []
    const kinds: string[] = []
    for (let step = 0; step < 3; step++) {
      kinds.push((await tab().seek('marked', 'next')).kind)
      await settled()
      order.push(tab().list.getState().cursor?.key)
    }
    expect(order).toEqual([951, 11, 501])
    expect(kinds).toEqual(['found', 'wrapped', 'found'])
    await tab().seek('marked', 'previous')
    expect(tab().list.getState().cursor?.key).toBe(11)
    await settled()
    await tab().toggleMark()
    expect([...(host.marks.get('live') ?? [])]).toEqual([951, 501])
  })
})

describe('finding', () => {
  it('skips what the list does not show, also under a search for words', async () => {
    tab().setFilter('publish', true)
    await settled()
    tab().list.getState().select(0)
    await settled()
    expect((await tab().seek('usp.type == GET_RESP', 'next')).kind).toBe('found')
    await settled()
    expect(tab().detail.getState().packet?.row.usp).toBe('GET_RESP')
  })

  it('says when there is none', async () => {
    expect((await tab().seek('frame.len == 99999', 'next')).kind).toBe('none')
    host.errors.set('packets.find', 'no')
    expect(await tab().seek('marked', 'next')).toMatchObject({ kind: 'failed', error: { message: 'no' } })
  })
})

describe('the selection', () => {
  it('grows from where the cursor was, and a plain move ends it', async () => {
    tab().list.getState().select(100)
    await settled()
    tab().extend({ by: 3 })
    await settled()
    tab().extend({ by: 2 })
    await settled()
    expect(tab().selection()).toEqual({ from: 101, to: 106 })
    tab().extend({ index: 90 })
    await settled()
    expect(tab().selection()).toEqual({ from: 91, to: 101 })
    tab().list.getState().move(1)
    await settled()
    expect(tab().selection()).toEqual({ from: 92, to: 92 })
  })
})

describe('tabs', () => {
  it('keep their own filter, cursor and place while others are looked at', async () => {
    tab().setFilter('publish', true)
    await settled()
    tab().list.getState().select(5)
    await settled()
    const cursor = tab().list.getState().cursor
    await model.captures.open('boot-loop')
    expect(model.packets.getState().tabs).toHaveLength(1)
    host.finish('job-1')
    expect(tab().capture).toBe('boot-loop')
    expect(tab().list.getState().params).toEqual({ capture: 'boot-loop', filter: '' })
    model.packets.show('live')
    expect(tab().list.getState()).toMatchObject({ params: { filter: 'publish' }, cursor })
  })

  it('go when the bench closes their capture', async () => {
    await model.captures.open('boot-loop')
    host.finish('job-1')
    host.setInfo('boot-loop', { state: 'stored' })
    expect(model.packets.getState().tabs.map(({ capture }) => capture)).toEqual(['live'])
    expect(tab().capture).toBe('live')
  })
})

describe('devices', () => {
  it('reads the device under the cursor and again each second', async () => {
    model.devices.list.getState().resize(20)
    await settled()
    model.devices.list.getState().select(0)
    await settled()
    expect(model.devices.getState().device?.endpointId).toBe(
      model.devices.list.getState().rows[0]?.endpointId,
    )
    const before = host.calls.length
    host.setStats({ ...host.stats, time: host.stats.time + 1000 })
    await settled()
    expect(host.calls.slice(before).map((call) => call.name)).toEqual(['devices.get'])
  })

  it('sorts by a column and turns the order round', async () => {
    model.devices.sortBy('packetsIn')
    expect(model.devices.list.getState().params).toMatchObject({ sort: 'packetsIn', descending: true })
    model.devices.sortBy('packetsIn')
    expect(model.devices.list.getState().params).toMatchObject({ sort: 'packetsIn', descending: false })
  })
})
