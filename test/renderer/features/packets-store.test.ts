import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Model } from '../../../renderer/app/model.ts'
import { createModel } from '../../../renderer/app/model.ts'
import { MemoryStorage } from '../memory-storage.ts'
import { FakeHost } from '../fake-host.ts'

let host: FakeHost
let model: Model
const settled = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

beforeEach(async () => {
  vi.useFakeTimers()
  host = new FakeHost({ packets: 1000, devices: 5 })
  model = createModel(host, new MemoryStorage())
  model.packets.list.getState().resize(20)
  await settled()
})
afterEach(() => {
  model.close()
  vi.useRealTimers()
})

const asked = () => host.calls.filter((call) => call.name === 'packets.get').map((call) => call.request)

describe('the packet under the cursor', () => {
  it('is asked for one at a time, and of those passed over none', async () => {
    const list = model.packets.list.getState()
    for (let index = 900; index < 950; index++) list.select(index)
    await settled()
    expect(model.packets.detail.getState().packet?.row.no).toBe(950)
    expect(asked().length).toBeLessThan(5)
  })

  it('stays, and says so, when it was dropped', async () => {
    model.packets.list.getState().select(990)
    await settled()
    host.drop(995)
    await vi.advanceTimersByTimeAsync(250)
    expect(model.packets.detail.getState()).toMatchObject({ gone: true, packet: { row: { no: 991 } } })
  })

  it('shows the error when it cannot be read', async () => {
    host.errors.set('packets.get', 'The capture file could not be read.')
    model.packets.list.getState().select(990)
    await settled()
    expect(model.packets.detail.getState()).toMatchObject({
      packet: undefined,
      error: { message: 'The capture file could not be read.' },
    })
  })

  it('forgets the selected field with the packet', async () => {
    model.packets.list.getState().select(990)
    await settled()
    model.packets.selectField('0.1')
    model.packets.list.getState().move(1)
    await settled()
    expect(model.packets.getState().field).toBeUndefined()
  })
})

describe('the filter', () => {
  it('waits for a pause in the typing and is then remembered', async () => {
    const params = () => model.packets.list.getState().params.text
    for (const text of ['b', 'bo', 'boo', 'boot']) {
      model.packets.setFilter(text)
      vi.advanceTimersByTime(100)
    }
    expect(params()).toBe('')
    vi.advanceTimersByTime(200)
    expect(params()).toBe('boot')
    expect(model.settings.getState().recentFilters).toEqual(['boot'])
  })

  it('is applied at once when asked', () => {
    model.packets.setFilter(' publish ', true)
    expect(model.packets.list.getState().params.text).toBe('publish')
  })

  it('shows how far the search is', async () => {
    host.grow(200_000)
    model.packets.setFilter('connect', true)
    await settled()
    expect(model.packets.list.getState().progress).toBeGreaterThan(0)
    await vi.advanceTimersByTimeAsync(500)
    expect(model.packets.list.getState().progress).toBeUndefined()
    expect(model.packets.list.getState().total).toBeGreaterThan(1)
  })
})

describe('marks', () => {
  it('are set, taken away and gone through in order', async () => {
    const list = model.packets.list.getState()
    for (const index of [950, 10, 500]) {
      list.select(index)
      await settled()
      model.packets.toggleMark()
    }
    expect(model.packets.getState().marks).toEqual([11, 501, 951])
    const order: unknown[] = []
    for (let step = 0; step < 3; step++) {
      await model.packets.nextMark()
      await settled()
      order.push(model.packets.list.getState().cursor?.key)
    }
    expect(order).toEqual([951, 11, 501])
    model.packets.toggleMark()
    expect(model.packets.getState().marks).toEqual([11, 951])
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
