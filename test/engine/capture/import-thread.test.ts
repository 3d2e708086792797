/** A file that is read by a thread of its own tells what it tells when it is read here. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { type BatchReader, readBatch } from '../../../electron/engine/capture/batch.ts'
import type { EventBatch } from '../../../electron/engine/capture/event-batches.ts'
import { stored } from '../../../electron/engine/capture/import-store.ts'
import { readHere, startThreads } from '../../../electron/engine/capture/import-thread.ts'
import type { Work } from '../../../electron/engine/capture/work.ts'
import { testCaptures, testFolder } from '../../support/captures.ts'
import { captureWorkerUrl } from '../../support/worker.ts'

const fixture = (file: string) => join(import.meta.dirname, '../../fixtures/captures', file)
const target = () => ({ folder: testFolder(), segmentBytes: 1_000_000 })
const work = (signal = new AbortController().signal): Work => ({ signal, progress: () => undefined })

async function readInThreads(file: string, signal?: AbortSignal) {
  const workerUrl = (await captureWorkerUrl()).href
  return startThreads({ request: { file }, workerUrl, ...target() }).batches(work(signal))
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
  expect(await told(await readInThreads(file))).toEqual(here)
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
  const gone = await readInThreads(join(testFolder(), 'nothing'))
  await expect(told(gone)).rejects.toThrow(/ENOENT/)
  const torn = join(testFolder(), 'torn.gz')
  copyFileSync(fixture('obuspa-tour.pcapng'), torn)
  const bytes = readFileSync(torn)
  bytes.set([0x1f, 0x8b])
  writeFileSync(torn, bytes)
  await expect(told(await readInThreads(torn))).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'torn.gz is damaged: it cannot be unpacked as gzip.',
  })
})

test('stops when it is told to', async () => {
  const controller = new AbortController()
  const batches = await readInThreads(largeFile(), controller.signal)
  expect((await batches.next()).done).toBe(false)
  controller.abort()
  await expect(batches.next()).rejects.toThrow()
})
