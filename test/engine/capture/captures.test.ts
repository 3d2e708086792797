/** Captures as things: stored, opened, named, marked, dropped, deleted; with the real worker. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testCaptures } from '../../support/captures.ts'
import { alias, connect, peer, publish } from './packets.ts'
import { scene } from './scene.ts'
import { open, segment, stored } from './stored.ts'

describe('the view of a payload', () => {
  test('is the one chosen for its topic in details, filters and CSV, live and stored', async () => {
    let contents = [{ filter: 'usp/#', view: 'hex' }]
    const t = await testCaptures({ contents: () => contents })
    const id = await stored(t)
    await scene(t)
    await open(t, id)
    const view = async (capture: string, no: number) =>
      (await t.captures.handlers['packets.get']({ capture, no })).content
    const found = async (filter: string, capture: string) =>
      (await t.rows(filter, capture)).map(({ no }) => no)
    for (const capture of ['live', id]) {
      expect(await view(capture, 4)).toEqual({ view: 'hex', chosenFor: 'usp/#' })
      expect(await view(capture, 6)).toEqual({ view: 'text' })
      expect(await found('data.json', capture)).toEqual([])
      expect(await found('data', capture)).toEqual([3, 4])
    }
    const changed: string[] = []
    const shown = t.captures.openView({ capture: id, filter: 'data.json' }, () => changed.push('told'))
    await shown.read({ from: 0, count: 9, tail: false })
    contents = []
    t.captures.contentsChanged()
    await expect
      .poll(async () => (await shown.read({ from: 0, count: 9, tail: false })).rows.map(({ no }) => no))
      .toEqual([4])
    expect(changed).not.toEqual([])
    shown.close()
    expect(await view('live', 4)).toEqual({ view: 'json' })
    contents = [{ filter: '#', view: 'text' }]
    t.captures.contentsChanged()
    const columns = ['frame.number', 'data.text']
    const { job } = await t.captures.handlers['captures.export']({
      capture: id,
      format: 'csv',
      filter: 'frame.number == 4',
      columns,
      secrets: false,
    })
    const { file = '' } = await t.done(job)
    expect(readFileSync(join(t.workspace, file), 'utf8')).toBe('frame.number,data.text\r\n4,"{""a"":1}"\r\n')
  })
})

describe('a stored capture', () => {
  test('reads as it did while it was live', async () => {
    const t = await testCaptures()
    await scene(t)
    const before = await t.rows()
    const details = await Promise.all(
      before.map(({ no }) => t.captures.handlers['packets.get']({ capture: 'live', no })),
    )
    const id = t.liveId
    await t.captures.handlers['captures.start']({ name: 'second' })
    expect(t.info(id)).toMatchObject({ state: 'stored', rows: 9, droppedRows: 0 })
    expect(t.info(t.liveId).name).toBe('second')
    await expect(t.rows('', id)).rejects.toThrow('open it first')
    await open(t, id)
    expect(t.info(id)).toMatchObject({ state: 'open', rows: 9 })
    expect(t.info(id)).not.toHaveProperty('remark')
    expect(await t.rows('', id)).toEqual(before)
    for (const detail of details) {
      expect(await t.captures.handlers['packets.get']({ capture: id, no: detail.row.no })).toEqual(detail)
    }
    expect(await t.rows('', 'live')).toEqual([])
  })

  test('goes on with the connections that were open, and counts from 1', async () => {
    const t = await testCaptures()
    const id = await stored(t)
    const { live } = t.captures
    const no = live.frame(1, 'in', publish('', { payload: 'y', properties: alias(3) }), false)
    expect(no).toBe(10)
    expect(await t.rows()).toMatchObject([{ no: 1, connection: 1, device: 'os::1', topic: 'usp/agent/1' }])
    // The second file can be read alone.
    const second = t.liveId
    await t.captures.handlers['captures.start']({})
    await open(t, second)
    expect(await t.rows('', second)).toMatchObject([{ no: 1, device: 'os::1', topic: 'usp/agent/1' }])
    await open(t, id)
    expect(await t.rows('publish', id)).toHaveLength(3)
    await t.captures.handlers['captures.close']({ id })
    expect(t.info(id).state).toBe('stored')
    await expect(t.rows('', id)).rejects.toThrow('open it first')
  })

  test('outlives a restart with its name, note, pin and marks', async () => {
    const t = await testCaptures()
    const id = t.liveId
    await scene(t)
    const { handlers } = t.captures
    await handlers['captures.update']({ id, name: 'first light', note: 'the new board', pinned: true })
    await handlers['packets.mark']({ capture: 'live', no: 3, on: true })
    await handlers['packets.mark']({ capture: id, no: 5, on: true })
    await handlers['packets.mark']({ capture: 'live', no: 5, on: false })
    await expect(handlers['packets.mark']({ capture: 'live', no: 99, on: true })).rejects.toThrow('no longer')
    expect((await t.rows('marked')).map(({ no, marked }) => [no, marked])).toEqual([[3, true]])
    await t.captures.close()
    const again = await testCaptures({ workspace: t.workspace })
    expect(again.info(id)).toMatchObject({
      name: 'first light',
      note: 'the new board',
      pinned: true,
      rows: 9,
    })
    await open(again, id)
    expect((await again.rows('marked', id)).map(({ no }) => no)).toEqual([3])
    expect(again.problems).toEqual([])
  })

  test('has its marks at the same packets when a segment between them is lost', async () => {
    const t = await testCaptures({ segmentMiB: 1 })
    const { live, handlers } = t.captures
    const id = t.liveId
    live.opened(1, peer())
    live.frame(1, 'in', connect(), false)
    const payload = new Uint8Array(20_000)
    for (let i = 0; i < 200; i++) live.frame(1, 'in', publish(`t/${i}`, { payload }), false)
    await live.flush()
    const mark = async (capture: string, topic: string, on = true) => {
      const [row] = await t.rows(`mqtt.topic == "${topic}"`, capture)
      await handlers['packets.mark']({ capture, no: row?.no ?? 0, on })
    }
    const marked = async () => (await t.rows('marked', id)).map(({ topic }) => topic)
    for (const topic of ['t/3', 't/180']) await mark('live', topic)
    await handlers['captures.start']({})
    rmSync(segment(t, id, 2))
    await open(t, id)
    expect(t.info(id).remark).toContain('Rows are missing')
    expect(await marked()).toEqual(['t/3', 't/180'])
    // What is marked now stays where it is as well.
    await mark(id, 't/190')
    await mark(id, 't/3', false)
    await handlers['captures.close']({ id })
    await open(t, id)
    expect(await marked()).toEqual(['t/180', 't/190'])
  })

  test('that was emptied has only what came afterwards', async () => {
    const t = await testCaptures()
    await scene(t)
    await t.captures.handlers['packets.mark']({ capture: 'live', no: 2, on: true })
    await t.captures.handlers['packets.clear'](undefined)
    expect(t.captures.live.state()).toMatchObject({ rows: 0, droppedRows: 0 })
    t.captures.live.frame(1, 'in', publish('', { payload: 'y', properties: alias(3) }), false)
    const rows = await t.rows()
    expect(rows).toMatchObject([{ no: 10, device: 'os::1', topic: 'usp/agent/1' }])
    const id = t.liveId
    await t.captures.handlers['captures.start']({})
    await open(t, id)
    expect(await t.rows('', id)).toEqual(rows)
    expect(t.info(id)).toMatchObject({ rows: 1, droppedRows: 0 })
  })

  test('is deleted to the trash; the live one cannot be; an empty one leaves nothing', async () => {
    const t = await testCaptures()
    const id = await stored(t)
    await open(t, id)
    await t.captures.handlers['captures.delete']({ id })
    expect(t.captures.list.map(({ state }) => state)).toEqual(['live'])
    expect(readdirSync(join(t.workspace, 'captures/.trash', id))).toContain('00001.pcapng')
    await expect(t.captures.handlers['captures.delete']({ id: t.liveId })).rejects.toThrow(
      'start another one first',
    )
    await expect(t.captures.handlers['captures.delete']({ id: 'none' })).rejects.toThrow(
      'There is no capture none',
    )
    await t.captures.close()
    expect(readdirSync(join(t.workspace, 'captures'))).toEqual(['.trash'])
  })

  test('is found and completed in beside others that are open', async () => {
    const t = await testCaptures()
    const first = await stored(t)
    await scene(t)
    await open(t, first)
    const { handlers } = t.captures
    const find = (filter: string, from: number, backwards = false, capture = first) =>
      handlers['packets.find']({ capture, filter, from, backwards })
    expect(await find('mqtt.topic contains "agent"', 0)).toEqual({ no: 3 })
    expect(await find('mqtt.topic contains "agent"', 3)).toEqual({ no: 4 })
    expect(await find('mqtt.topic contains "agent"', 4)).toEqual({ no: -1 })
    expect(await find('mqtt.topic contains "agent"', 9, true, 'live')).toEqual({ no: 4 })
    // Not in the index: packets are looked at.
    expect(await find('mqtt.kalive == 60', 10, true)).toEqual({ no: 5 })
    expect(await find('', 3, true)).toEqual({ no: 2 })
    await expect(find('mqtt.topic ==', 0)).rejects.toMatchObject({ code: 'invalid-request' })
    expect(await handlers['packets.values']({ capture: first, field: 'mqtt.topic', prefix: 'USP' })).toEqual([
      'usp/agent/1',
    ])
    const names = (prefix: string) =>
      handlers['packets.values']({ capture: first, field: 'mqtt.prop.user', prefix })
    expect(await names('USP')).toEqual(['usp-endpoint-id'])
    expect(await names('x')).toEqual([])
    expect(await handlers['packets.values']({ capture: first, field: 'device', prefix: '' })).toEqual([
      '192.168.1.7:42000',
      'cpe-2',
      'os::1',
    ])
    const verdicts = await t.rows('verdict == refused and not mqtt.kalive == 1 or tcp.port == 42000', first)
    expect(verdicts.map(({ no }) => no)).toEqual(
      await t.rows('verdict == refused or kind == probe').then((rows) => rows.map(({ no }) => no)),
    )
  })
})
