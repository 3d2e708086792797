/** Captures as things: stored, opened, named, marked, dropped, deleted; with the real worker. */
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testCaptures, testFolder, type TestCaptures } from '../../support/captures.ts'
import { captureWorkerUrl } from '../../support/worker.ts'
import { alias, connect, peer, publish } from './packets.ts'
import { scene } from './scene.ts'

async function open(t: TestCaptures, id: string): Promise<void> {
  const { job } = await t.captures.handlers['captures.open']({ id })
  expect(await t.done(job)).toMatchObject({ state: 'done', progress: 1, capture: id })
}

/** Records the scene and ends it; answers the stored capture's ID. */
async function stored(t: TestCaptures): Promise<string> {
  await scene(t)
  const id = t.liveId
  await t.captures.handlers['captures.start']({})
  return id
}
const segment = (t: TestCaptures, id: string, number = 1) =>
  join(t.workspace, 'captures', id, `${String(number).padStart(5, '0')}.pcapng`)

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

describe('a bench that was killed', () => {
  /** As left by a bench that could not end: files there, capture.json without an end. */
  async function killed(
    change: (file: string) => void,
  ): Promise<{ t: TestCaptures; id: string; whole: number }> {
    const t = await testCaptures()
    const id = await stored(t)
    await t.captures.close()
    const facts = join(t.workspace, 'captures', id, 'capture.json')
    const { endedAt, rows, ...rest } = JSON.parse(readFileSync(facts, 'utf8'))
    expect([endedAt, rows]).toEqual([expect.any(String), 9])
    writeFileSync(facts, JSON.stringify(rest))
    const file = segment(t, id)
    const whole = readFileSync(file).length
    change(file)
    return { t: await testCaptures({ workspace: t.workspace }), id, whole }
  }

  test('has its capture closed, and it opens', async () => {
    const { t, id } = await killed(() => undefined)
    expect(t.info(id)).toMatchObject({ state: 'stored', endedAt: expect.any(String) })
    await open(t, id)
    expect(await t.rows('', id)).toHaveLength(9)
  })

  test.each([1, 3, 4, 7, 30, 61, 90, 300])(
    'with a tail torn off by %i bytes it opens, and says so',
    async (torn) => {
      const { t, id, whole } = await killed((file) => truncateSync(file, readFileSync(file).length - torn))
      await open(t, id)
      const rows = await t.rows('', id)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.length).toBeLessThanOrEqual(9)
      expect(t.info(id).remark).toMatch(/00001\.pcapng was torn: its last \d+ bytes were no whole block/)
      expect(readFileSync(segment(t, id)).length).toBeLessThanOrEqual(whole - torn)
      // Once mended it is whole.
      await t.captures.handlers['captures.close']({ id })
      const { job } = await t.captures.handlers['captures.open']({ id })
      expect(await t.done(job)).toMatchObject({ message: `${rows.length} rows` })
    },
  )

  test('with zeros behind the last block it opens; they are cut off', async () => {
    const { t, id, whole } = await killed((file) => appendFileSync(file, Buffer.alloc(5000)))
    await open(t, id)
    expect(await t.rows('', id)).toHaveLength(9)
    expect(readFileSync(segment(t, id))).toHaveLength(whole)
  })

  test('with a damaged file it opens as far as that can be read, and keeps the file', async () => {
    const { t, id, whole } = await killed((file) => {
      const bytes = readFileSync(file)
      bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 200)
      writeFileSync(file, bytes)
    })
    await open(t, id)
    expect((await t.rows('', id)).length).toBeGreaterThan(0)
    const aside =
      readdirSync(join(t.workspace, 'captures', id)).find((name) => name.includes('.broken-')) ?? ''
    expect(t.info(id).remark).toContain(aside)
    expect(readFileSync(join(t.workspace, 'captures', id, aside))).toHaveLength(whole)
  })

  test('with a file that is none sets it aside and starts', async () => {
    const { t, id } = await killed((file) => writeFileSync(file, 'this is no capture'))
    // Not a row in it: what remains is still there.
    const left = join(t.workspace, 'captures', id)
    expect(existsSync(left)).toBe(true)
    await open(t, id)
    expect(t.info(id).remark).toContain('cannot be read')
    expect(readdirSync(left).some((name) => name.startsWith('00001.pcapng.broken-'))).toBe(true)
  })

  test('with a broken capture.json sets that aside and starts', async () => {
    const t = await testCaptures()
    const id = await stored(t)
    await t.captures.close()
    writeFileSync(join(t.workspace, 'captures', id, 'capture.json'), '{"version":1,')
    const again = await testCaptures({ workspace: t.workspace })
    expect(again.info(id).remark).toContain('set aside')
    await open(again, id)
    expect(await again.rows('', id)).toHaveLength(9)
  })
})

describe('the budget', () => {
  const big = publish('a', { payload: new Uint8Array(100_000) })
  async function fill(t: TestCaptures, megabytes: number): Promise<void> {
    t.captures.live.opened(1, peer())
    for (let i = 0; i < megabytes * 10; i++) {
      t.captures.live.frame(1, 'in', big, false)
      if (i % 20 === 0) await t.captures.live.flush()
    }
    await t.captures.live.flush()
  }

  test('drops whole oldest segments of the live capture and counts the rows', async () => {
    const t = await testCaptures({ segmentMiB: 1, budgetMiB: 4 })
    await fill(t, 10)
    const { rows, droppedRows, bytes, budgetBytes } = t.captures.live.state()
    expect(rows + droppedRows).toBe(100)
    expect(droppedRows).toBeGreaterThan(0)
    expect(bytes).toBeLessThanOrEqual(budgetBytes)
    const numbers = readdirSync(join(t.workspace, 'captures', t.liveId)).filter((name) =>
      name.endsWith('.pcapng'),
    )
    expect(numbers).not.toContain('00001.pcapng')
    const held = await t.rows()
    expect(held[0]?.no).toBe(droppedRows + 1)
    expect(
      (await t.captures.handlers['packets.get']({ capture: 'live', no: held[0]?.no ?? 0 })).bytes,
    ).toHaveLength(big.length)
  })

  test('then drops the oldest stored captures, but none that is pinned', async () => {
    const t = await testCaptures({ segmentMiB: 1, budgetMiB: 6 })
    const ids: string[] = []
    for (const pinned of [true, false, false]) {
      const id = t.liveId
      await t.captures.handlers['captures.update']({ id, pinned })
      await fill(t, 2)
      await t.captures.handlers['captures.start']({})
      ids.push(id)
    }
    await fill(t, 4)
    await expect.poll(() => t.captures.list.map(({ id }) => id)).not.toContain(ids[1])
    expect(t.captures.list.map(({ id }) => id)).toEqual(expect.arrayContaining([ids[0], t.liveId]))
    expect(t.info(ids[0] ?? '')).toMatchObject({ droppedRows: 0 })
    const total = t.captures.list.filter(({ pinned }) => !pinned).reduce((sum, { bytes }) => sum + bytes, 0)
    expect(total).toBeLessThanOrEqual(6 * 1024 * 1024)
  })

  test('of a pinned capture that is used up pauses the recording, until it is unpinned', async () => {
    const t = await testCaptures({ segmentMiB: 1, budgetMiB: 4 })
    await t.captures.handlers['captures.update']({ id: t.liveId, pinned: true })
    await fill(t, 6)
    expect(t.captures.live.state()).toMatchObject({
      recording: false,
      trouble: expect.stringContaining('pinned'),
    })
    expect(t.captures.live.state().droppedRows).toBe(0)
    expect(t.captures.live.frame(1, 'in', big, false)).toBe(0)
    await t.captures.handlers['captures.update']({ id: t.liveId, pinned: false })
    await expect.poll(() => t.captures.live.state().recording).toBe(true)
    expect(t.captures.live.state()).not.toHaveProperty('trouble')
    expect(t.captures.live.frame(1, 'in', big, false)).toBeGreaterThan(0)
  })
})

describe('a disk that takes nothing', () => {
  /** The real worker, of which every write fails in the middle while this file is there. */
  const failingWorker = (real: URL, flag: string) =>
    new URL(
      `data:text/javascript,${encodeURIComponent(
        `import fs from 'node:fs'
         import { syncBuiltinESMExports } from 'node:module'
         const write = fs.writeSync
         fs.writeSync = (file, bytes, offset, length, position) => {
           if (!fs.existsSync(${JSON.stringify(flag)})) return write(file, bytes, offset, length, position)
           if (length > 1000) return write(file, bytes, offset, 500, position)
           throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
         }
         syncBuiltinESMExports()
         await import(${JSON.stringify(real.href)})`,
      )}`,
    )

  test('pauses the capture, says so, and goes on by itself when there is room', async () => {
    const workspace = testFolder()
    const flag = join(workspace, 'full')
    const t = await testCaptures({ workspace, workerUrl: failingWorker(await captureWorkerUrl(), flag) })
    const { live } = t.captures
    live.opened(1, peer())
    live.frame(1, 'in', publish('before'), false)
    await live.flush()
    writeFileSync(flag, '')
    live.frame(1, 'in', publish('meanwhile', { payload: new Uint8Array(5000) }), false)
    await live.flush()
    expect(live.state()).toMatchObject({
      recording: false,
      trouble: expect.stringContaining('The disk is full'),
    })
    // What was taken already is still shown, from memory.
    expect((await t.rows()).map(({ topic }) => topic)).toEqual(['before', 'meanwhile'])
    const detail = await t.captures.handlers['packets.get']({ capture: 'live', no: 2 })
    expect(detail.bytes).toHaveLength(publish('meanwhile', { payload: new Uint8Array(5000) }).length)
    // The broker goes on: devices come, go, and use aliases that are not recorded.
    expect(live.frame(1, 'in', publish('lost', { properties: alias(7) }), false)).toBe(0)
    live.opened(2, peer(50_000))
    expect(live.frame(2, 'in', connect({ clientId: 'late' }), false)).toBe(0)
    live.opened(3, peer(50_001))
    live.closed(3, { by: 'device', reason: '', probe: false })
    rmSync(flag)
    await expect.poll(() => live.state().recording, { timeout: 5000 }).toBe(true)
    expect(live.state()).not.toHaveProperty('trouble')
    live.frame(1, 'in', publish('', { properties: alias(7) }), false)
    live.frame(2, 'in', publish('after'), false)
    const rows = await t.rows()
    expect(rows.map(({ topic, device }) => `${device} ${topic}`)).toEqual([
      '192.168.1.7:40000 before',
      '192.168.1.7:40000 meanwhile',
      '192.168.1.7:40000 lost',
      'late after',
    ])
    expect(live.state().lostFrames).toBe(3)
    const id = t.liveId
    await t.captures.handlers['captures.start']({})
    await open(t, id)
    expect(await t.rows('', id)).toEqual(rows)
    expect(t.info(id)).not.toHaveProperty('remark')
  })
})

test('a folder that cannot be used for captures is told', async () => {
  const workspace = testFolder()
  writeFileSync(join(workspace, 'captures'), 'a file')
  await expect(testCaptures({ workspace })).rejects.toThrow('cannot be used for captures')
})
