import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tellingOfFile } from '../../../electron/engine/capture/import-source.ts'
import { eventsOf } from '../../support/import-events.ts'
import { gunzipFile } from '../../../electron/engine/import/gunzip.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oktobench-gzip-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const captureOf = (name: string) => fileURLToPath(new URL(`../../fixtures/captures/${name}`, import.meta.url))
function written(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
async function sizeOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of chunks) size += chunk.length
  return size
}

test.each(['obuspa-tour.pcapng', 'obuspa-refusals.pcap'])('%s packed gives the same events', async (name) => {
  const packed = written(`${name}.gz`, gzipSync(readFileSync(captureOf(name))))
  const progress: [number, number | undefined][] = []
  const events = await eventsOf(
    await tellingOfFile(packed, { onProgress: (bytes, total) => progress.push([bytes, total]) }),
  )
  expect(events).toEqual(await eventsOf(await tellingOfFile(captureOf(name), {})))
  const size = readFileSync(packed).length
  expect(progress.at(-1)).toEqual([size, size])
})

test('members one after the other are one file', async () => {
  const path = written('two.gz', Buffer.concat([gzipSync('one'), gzipSync('three')]))
  expect(await sizeOf(gunzipFile(path))).toBe(8)
})

test('what cannot be unpacked says so in words', async () => {
  const packed = gzipSync(readFileSync(captureOf('obuspa-tour.pcapng')))
  const cut = written('cut.pcapng.gz', packed.subarray(0, packed.length / 2))
  await expect(sizeOf(gunzipFile(cut))).rejects.toThrow('cut.pcapng.gz is cut off: it cannot be unpacked')
  const damaged = written('damaged.gz', Buffer.from(packed).fill(0xff, 200, 300))
  await expect(sizeOf(gunzipFile(damaged))).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'damaged.gz is damaged: it cannot be unpacked as gzip.',
  })
  await expect(sizeOf(gunzipFile(join(folder, 'none.gz')))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('what unpacks to far more than it is is refused on the way', async () => {
  const bomb = written('bomb.gz', gzipSync(Buffer.alloc(4_000_000)))
  const limits = { bytes: 100_000, times: 200 }
  let seen = 0
  const read = async () => {
    for await (const chunk of gunzipFile(bomb, undefined, limits)) seen += chunk.length
  }
  await expect(read()).rejects.toThrow('more than 200 times its size')
  expect(seen).toBeLessThan(2_000_000)
  // Small enough not to matter, however well it packs.
  expect(await sizeOf(gunzipFile(bomb, undefined, { ...limits, bytes: 4_000_000 }))).toBe(4_000_000)
})

test('leaving off early closes the file', async () => {
  const path = written('long.gz', gzipSync(Buffer.alloc(1_000_000, 'abcdef')))
  for await (const chunk of gunzipFile(path)) {
    expect(chunk.length).toBeGreaterThan(0)
    break
  }
})
