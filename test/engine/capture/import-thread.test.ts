/** A file that is read by a thread of its own tells what it tells when it is read here. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BatchReader, readBatch } from '../../../electron/engine/capture/batch.ts'
import type { EventBatch } from '../../../electron/engine/capture/event-batches.ts'
import { stored } from '../../../electron/engine/capture/import-store.ts'
import { ImportPool } from '../../../electron/engine/capture/import-pool.ts'
import { batchesOfThreads, readHere } from '../../../electron/engine/capture/import-thread.ts'
import type { Work } from '../../../electron/engine/capture/work.ts'
import { testCaptures, testFolder } from '../../support/captures.ts'
import { captureWorkerUrl } from '../../support/worker.ts'

const fixture = (file: string) => join(import.meta.dirname, '../../fixtures/captures', file)
const target = () => ({ folder: testFolder(), segmentBytes: 1_000_000 })
const work = (signal = new AbortController().signal): Work => ({ signal, progress: () => undefined })

let pool: ImportPool
beforeAll(async () => {
  pool = new ImportPool(await captureWorkerUrl())
})
afterAll(() => pool.close())

async function* readInThreads(file: string, signal?: AbortSignal, from = pool): AsyncGenerator<EventBatch> {
  const run = from.start({ file }, target())
  let isWhole = false
  try {
    yield* batchesOfThreads(run.ports, work(signal))
    isWhole = true
  } finally {
    if (isWhole) run.finish()
    else await run.cancel()
  }
}

async function told(batches: AsyncIterable<EventBatch>): Promise<unknown[]> {
  const all: unknown[] = []
  const reader: BatchReader = {
    marked: (no) => all.push(['marked', no]),
    opened: (...facts) => all.push(['opened', ...facts]),
    closed: (...facts) => all.push(['closed', ...facts]),
    note: (...facts) => all.push(['note', ...facts]),
    aside: (facts) => all.push(facts),
    frame: (no, time, connection, direction, malformed, bytes, start, end, place) =>
      all.push([no, time, connection, direction, malformed, crc32(bytes.subarray(start, end)), place]),
  }
  for await (const { buffer, used, epoch } of batches) {
    all.push(epoch)
    readBatch(buffer, used, reader)
    new Uint8Array(buffer).fill(0xee)
  }
  return all
}

/** So many times the same connections that it takes more batches than there are buffers. */
function largeFile(): string {
  const bytes = readFileSync(fixture('obuspa-tour.pcapng'))
  const file = join(testFolder(), 'large.pcapng')
  writeFileSync(file, Buffer.concat(Array.from({ length: Math.ceil(5_000_000 / bytes.length) }, () => bytes)))
  return file
}

test('as many packets as come, in their order', async () => {
  const file = largeFile()
  const here = await told(stored(readHere({ file }, work()), target()))
  expect(here.length).toBeGreaterThan(1000)
  expect(await told(readInThreads(file))).toEqual(here)
})

test('a file that is imported this way is a capture like any other', async () => {
  const t = await testCaptures()
  const file = largeFile()
  const { job } = await t.captures.handlers['captures.import']({ path: file })
  const { capture = '', state } = await t.done(job)
  expect(state).toBe('done')
  const rows = await t.rows('mqtt.msgtype == CONNECT', capture)
  expect(rows.length).toBeGreaterThan(100)
  expect(rows.map(({ no }) => no)).toEqual(rows.map(({ no }) => no).sort((a, b) => a - b))
  expect(new Set(rows.map(({ connection }) => connection)).size).toBe(rows.length)

  // What was written while it was indexed is read again as what was listed, aliases and all.
  const published = await t.rows('mqtt.msgtype == PUBLISH', capture)
  expect(published.length).toBeGreaterThan(500)
  await t.captures.handlers['captures.close']({ id: capture })
  await t.done((await t.captures.handlers['captures.open']({ id: capture })).job)
  expect(await t.rows('mqtt.msgtype == PUBLISH', capture)).toEqual(published)
})

test('what cannot be read is said', async () => {
  const gone = readInThreads(join(testFolder(), 'nothing'))
  await expect(told(gone)).rejects.toThrow(/ENOENT/)
  const torn = join(testFolder(), 'torn.gz')
  copyFileSync(fixture('obuspa-tour.pcapng'), torn)
  const bytes = readFileSync(torn)
  bytes.set([0x1f, 0x8b])
  writeFileSync(torn, bytes)
  await expect(told(readInThreads(torn))).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'torn.gz is damaged: it cannot be unpacked as gzip.',
  })
})

test('the threads of one import do the next, and are not kept for ever', async () => {
  const file = largeFile()
  const here = await told(stored(readHere({ file }, work()), target()))
  const mine = new ImportPool(await captureWorkerUrl(), 200)
  try {
    const once = () => told(readInThreads(file, undefined, mine))
    expect(await once()).toEqual(here)
    expect(await once()).toEqual(here)
    expect(mine.threads).toBe(2)
    expect(await Promise.all([once(), once()])).toEqual([here, here])
    await expect.poll(() => mine.threads).toBe(2)
    await expect.poll(() => mine.threads).toBe(0)
    expect(await once()).toEqual(here)
  } finally {
    await mine.close()
  }
  expect(mine.threads).toBe(0)
})

test('a thread that ends by itself ends the import, which says why', async () => {
  const broken = new ImportPool(new URL('data:text/javascript,throw new Error("out of order")'))
  const run = broken.start({ file: fixture('obuspa-tour.pcapng') }, target())
  await expect(told(batchesOfThreads(run.ports, work()))).rejects.toThrow('A thread of the import ended.')
  expect(await run.cancel()).toMatchObject({ message: 'out of order' })
  expect(broken.threads).toBe(0)
})

test('stops when it is told to', async () => {
  const controller = new AbortController()
  const batches = readInThreads(largeFile(), controller.signal)
  expect((await batches.next()).done).toBe(false)
  controller.abort()
  await expect(batches.next()).rejects.toThrow()
})
