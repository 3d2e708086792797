/** Captures where the bench was killed, the budget is used up or the disk takes nothing; with the real worker. */
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
import { open, segment, stored } from './stored.ts'

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
