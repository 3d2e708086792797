import { execFileSync } from 'node:child_process'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importFile, importStream } from '../../../electron/engine/import/import-file.ts'
import { eventsOf } from '../../support/import-events.ts'
import { streamBytes, readStreams } from '../../fixtures/pcap.ts'
import { describeWith, requireTool } from '../../support/tools.ts'
import { importBytes, type Imported } from './talk.ts'

const captures = ['obuspa-tour.pcapng', 'obuspa-refusals.pcap'] as const
const pathOf = (name: string) => fileURLToPath(new URL(`../../fixtures/captures/${name}`, import.meta.url))
const port = { 'obuspa-tour.pcapng': '1883', 'obuspa-refusals.pcap': '11885' } as const

const counted = (types: readonly string[]) => {
  const counts: Record<string, number> = {}
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1
  return counts
}
const typesOf = (imported: Imported) =>
  imported.of('frame').map(({ bytes }) => String((bytes[0] as number) >> 4))

describe.each(captures)('%s', (name) => {
  const imported = importBytes(new Uint8Array(readFileSync(pathOf(name))))

  test('is read whole: every byte of every connection is in a packet', () => {
    const streams = readStreams(pathOf(name))
    expect(imported.of('opened')).toHaveLength(streams.length)
    for (const [dir, direction] of [
      ['out', 'in'],
      ['in', 'out'],
    ] as const) {
      const bytes = streams.reduce((sum, stream) => sum + streamBytes(stream, dir).length, 0)
      expect(imported.packets(direction).reduce((sum, packet) => sum + packet.length, 0)).toBe(bytes)
    }
    expect(imported.of('frame').filter(({ malformed }) => malformed)).toEqual([])
    expect(imported.of('gap')).toEqual([])
    expect(imported.notes).toEqual([])
  })

  test('its connections without a byte are probes', () => {
    const silent = readStreams(pathOf(name)).filter(({ chunks }) => chunks.length === 0)
    expect(silent.length).toBeGreaterThan(0)
    expect(imported.of('closed').filter(({ facts }) => facts.probe)).toHaveLength(silent.length)
  })

  test('times rise, and connections are told before what is in them', () => {
    const open = new Set<number>()
    for (const event of imported.events) {
      if (event.kind === 'opened') open.add(event.connection)
      else if (event.kind === 'frame') expect(open.has(event.connection)).toBe(true)
      else if (event.kind === 'closed') expect(open.delete(event.connection)).toBe(true)
    }
    const times = imported.of('frame').map(({ time }) => time.sec * 1e6 + time.nsec / 1000)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
})

describeWith(['tshark'], 'Wireshark', () => {
  test.each(captures)(
    'sees the same packets of each type in %s',
    (name) => {
      const args = [
        '-r',
        pathOf(name),
        '-d',
        `tcp.port==${port[name]},mqtt`,
        '-Y',
        'mqtt',
        '-T',
        'fields',
        '-e',
        'mqtt.msgtype',
      ]
      const types = execFileSync(requireTool('tshark'), args, { stdio: ['ignore', 'pipe', 'ignore'] })
        .toString()
        .split(/[\n,]/)
        .filter(Boolean)
      expect(counted(typesOf(importBytes(new Uint8Array(readFileSync(pathOf(name))))))).toEqual(
        counted(types),
      )
    },
    60_000,
  )
})

describe('a file on disk', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'oktobench-import-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test('gives the same events as its bytes, and tells how far it is', async () => {
    const path = pathOf('obuspa-tour.pcapng')
    const file = new Uint8Array(readFileSync(path))
    const told: (readonly [number, number | undefined])[] = []
    const onProgress = (bytes: number, total: number | undefined) => void told.push([bytes, total])
    expect(await eventsOf((sink) => importFile(path, sink, { onProgress }))).toEqual(importBytes(file).events)
    expect(told.at(-1)).toEqual([file.length, file.length])
    const small = createReadStream(path, { highWaterMark: 999 })
    expect(await eventsOf((sink) => importStream(small, sink))).toEqual(importBytes(file).events)
  })

  test('can be left before its end', async () => {
    const abort = new AbortController()
    const stream = createReadStream(pathOf('obuspa-tour.pcapng'), { highWaterMark: 1000 })
    const onProgress = () => abort.abort(new Error('enough'))
    const reading = eventsOf((sink) => importStream(stream, sink, { signal: abort.signal, onProgress }))
    await expect(reading).rejects.toThrow('enough')
  })

  test('that is none, or not there, is told', async () => {
    const path = join(folder, 'notes.txt')
    writeFileSync(path, 'This is no capture.')
    const [note] = await eventsOf((sink) => importFile(path, sink))
    expect(note).toMatchObject({
      kind: 'note',
      text: expect.stringMatching(/neither a pcapng nor a pcap/) as string,
    })
    await expect(eventsOf((sink) => importFile(join(folder, 'nothing'), sink))).rejects.toThrow(/ENOENT/)
  })
})
