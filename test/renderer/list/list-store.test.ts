import { afterEach, describe, expect, it } from 'vitest'
import { MAX_WINDOW } from '../../../shared/contract/contract.ts'
import { createListStore, rowAt, type ListStore } from '../../../renderer/list/list-store.ts'
import { anchorShift, windowFor } from '../../../renderer/list/window.ts'
import { FakeHost } from '../fake-host.ts'

let store: ListStore<'packets'> | undefined
afterEach(() => store?.getState().close())

/** Lets every answer that is under way arrive. */
const settled = async () => {
  for (let turn = 0; turn < 12; turn++) await Promise.resolve()
}

async function open(packets: number, text = '') {
  const host = new FakeHost({ packets })
  store = createListStore({
    host,
    view: 'packets',
    params: { capture: 'live', filter: text },
    key: (row) => row.no,
    growing: true,
  })
  store.getState().resize(20)
  await settled()
  const list = store
  return { host, list, state: () => list.getState() }
}

describe('following', () => {
  it('keeps the end in sight while packets arrive', async () => {
    const { host, state } = await open(1000)
    expect(state().top).toBe(980)
    host.grow(500)
    await settled()
    expect(state()).toMatchObject({ total: 1500, top: 1480, follow: true })
    expect(rowAt(state(), 1499)?.no).toBe(1500)
  })

  it('stops on scrolling up, counts what is new, and starts again at the end', async () => {
    const { host, state } = await open(1000)
    state().scroll(500)
    host.grow(7)
    await settled()
    expect(state()).toMatchObject({ follow: false, top: 500, leftAt: 1000, total: 1007 })
    state().scroll(987)
    expect(state().follow).toBe(true)
  })

  it('stops when a row is selected', async () => {
    const { host, state } = await open(1000)
    state().select(990)
    host.grow(100)
    await settled()
    expect(state()).toMatchObject({ follow: false, top: 980, cursor: { index: 990, key: 991 } })
  })

  it('goes on when the last row is asked for by key', async () => {
    const { state } = await open(1000)
    state().moveToEnd('first')
    expect(state()).toMatchObject({ follow: false, top: 0, cursor: { index: 0 } })
    state().moveToEnd('last')
    expect(state()).toMatchObject({ follow: true, top: 980, cursor: { index: 999 } })
  })
})

describe('rows that move', () => {
  it('stays at its rows when older ones are dropped', async () => {
    const { host, state } = await open(1000)
    state().scroll(500)
    state().select(505)
    await settled()
    host.drop(15)
    await settled()
    expect(state()).toMatchObject({ top: 485, cursor: { index: 490, key: 506 } })
    expect(rowAt(state(), 490)?.no).toBe(506)
  })

  it('finds the cursor again by its key when it was not in sight', async () => {
    const { host, state } = await open(5000)
    state().select(100)
    await settled()
    state().scroll(4000)
    await settled()
    host.drop(50)
    await settled()
    await settled()
    expect(state().cursor?.key).toBe(101)
    state().scroll(0)
    await settled()
    await settled()
    expect(state().cursor).toEqual({ index: 50, key: 101 })
  })

  it('says when the row of the cursor is gone', async () => {
    const { host, state } = await open(1000)
    state().select(3)
    await settled()
    host.drop(10)
    await settled()
    await settled()
    expect(state().cursor).toEqual({ index: -1, key: 4 })
  })

  it('empties when the capture is cleared', async () => {
    const { host, state } = await open(1000)
    state().scroll(10)
    await host.call('packets.clear', undefined)
    await settled()
    expect(state()).toMatchObject({ total: 0, top: 0, rows: [] })
  })
})

describe('the cursor', () => {
  it('moves by rows and pages and stays inside', async () => {
    const { state } = await open(1000)
    state().select(500)
    await settled()
    state().move(1)
    expect(state().cursor).toEqual({ index: 501, key: 502 })
    state().move(-10_000)
    expect(state().cursor?.index).toBe(0)
    state().move(Infinity)
    expect(state().cursor?.index).toBe(999)
  })

  it('learns its key when a row that was not here arrives', async () => {
    const { state } = await open(100_000)
    state().select(50_000)
    expect(state().cursor).toEqual({ index: 50_000, key: undefined })
    await settled()
    expect(state().cursor).toEqual({ index: 50_000, key: 50_001 })
    expect(state().top).toBe(50_000)
  })

  it('stays on its packet through a filter that shows it, and knows one that hides it', async () => {
    const { state } = await open(1000)
    state().select(0)
    await settled()
    state().setParams({ capture: 'live', filter: 'connect' })
    await settled()
    await settled()
    expect(state().cursor).toEqual({ index: 0, key: 1 })
    state().setParams({ capture: 'live', filter: 'subscribe' })
    await settled()
    await settled()
    expect(state().cursor).toEqual({ index: -1, key: 1 })
    state().setParams({ capture: 'live', filter: '' })
    await settled()
    expect(state().cursor).toEqual({ index: 0, key: 1 })
  })

  it('comes back into sight when the list under it is filtered', async () => {
    const { state } = await open(1000)
    await state().selectKey(900)
    await settled()
    state().setParams({ capture: 'live', filter: 'p' })
    await settled()
    await settled()
    const { cursor, top, viewport, total } = state()
    expect(cursor?.key).toBe(900)
    expect(total).toBeLessThan(1000)
    expect(cursor?.index).toBeGreaterThanOrEqual(top)
    expect(cursor?.index).toBeLessThan(top + viewport)
  })

  it('does not count what a filter lets in again as new', async () => {
    const { host, state } = await open(1000)
    state().select(3)
    state().setParams({ capture: 'live', filter: 'connect' })
    await settled()
    state().setParams({ capture: 'live', filter: '' })
    await settled()
    expect(state()).toMatchObject({ follow: false, leftAt: 1000 })
    host.grow(5)
    await settled()
    expect(state().total - state().leftAt).toBe(5)
  })

  it('goes to a row that no update has told of yet', async () => {
    const { host, state } = await open(100)
    host.grow(50, false)
    expect(await state().selectKey(140)).toBe(true)
    const { cursor, top, viewport, follow } = state()
    expect(cursor).toEqual({ index: 139, key: 140 })
    expect(follow).toBe(false)
    expect(top + viewport).toBeGreaterThanOrEqual(140)
  })

  it('goes to a row by its key', async () => {
    const { state } = await open(100_000)
    expect(await state().selectKey(77_777)).toBe(true)
    await settled()
    expect(state().cursor).toEqual({ index: 77_776, key: 77_777 })
    expect(await state().selectKey(200_000)).toBe(false)
  })
})

describe('windows', () => {
  it('asks for the tail while following and for whole steps otherwise', () => {
    expect(windowFor({ total: 1000, top: 980, viewport: 20, follow: true }, MAX_WINDOW)).toEqual({
      from: 0,
      count: 40,
      tail: true,
    })
    const seen = { total: 1000, viewport: 20, follow: false }
    expect(windowFor({ ...seen, top: 500 }, MAX_WINDOW)).toEqual({ from: 460, count: 120, tail: false })
    expect(windowFor({ ...seen, top: 519.9 }, MAX_WINDOW)).toEqual({ from: 460, count: 120, tail: false })
  })

  it('asks for nothing while the list is not on the screen, and comes back to its place', async () => {
    const { host, state } = await open(1000)
    state().select(500)
    state().scroll(495)
    await settled()
    state().resize(0)
    host.grow(10)
    await settled()
    expect(state()).toMatchObject({ rows: [], total: 1010, top: 495 })
    state().resize(20)
    await settled()
    expect(state()).toMatchObject({ top: 495, cursor: { index: 500, key: 501 } })
    expect(rowAt(state(), 500)?.no).toBe(501)
  })

  it('keeps the rows that an update did not change, so that they need not be drawn again', async () => {
    const { host, state } = await open(1000)
    state().scroll(495)
    await settled()
    const before = rowAt(state(), 500)
    host.grow(10)
    await settled()
    expect(state().total).toBe(1010)
    expect(rowAt(state(), 500)).toBe(before)
  })

  it('never asks for more than a host gives', () =>
    expect(windowFor({ total: 1e6, top: 0, viewport: 5000, follow: false }, MAX_WINDOW).count).toBe(
      MAX_WINDOW,
    ))

  it('knows how far rows moved by the first one seen', () => {
    const key = (n: number) => n
    const old = { from: 100, rows: [100, 101, 102, 103], top: 102.4 }
    expect(anchorShift(old, { from: 98, rows: [100, 101, 102], top: 0 }, key)).toBe(-2)
    expect(anchorShift(old, { from: 100, rows: [200, 201], top: 0 }, key)).toBe(0)
  })
})
