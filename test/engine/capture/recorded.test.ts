import { beforeAll, describe, expect, test } from 'vitest'
import type { PacketRow } from '../../../shared/contract/model.ts'
import { frameLength } from '../../../shared/mqtt/frame.ts'
import { readStreams, streamBytes } from '../../fixtures/pcap.ts'
import { type Teller, teller } from './teller.ts'

/** What OB-USP-A really sends (see test/fixtures/captures/README.md), told as a broker would tell it. */
describe('the tour of a real agent', () => {
  let t: Teller
  let rows: PacketRow[]

  beforeAll(() => {
    t = teller()
    const file = new URL('../../fixtures/captures/obuspa-tour.pcapng', import.meta.url)
    readStreams(file).forEach((stream, i) => {
      const id = i + 1
      t.opened(id, {
        transport: 'tcp',
        listenerPort: stream.server.port,
        remoteAddress: stream.client.ip,
        remotePort: stream.client.port,
        localAddress: stream.server.ip,
      })
      for (const [dir, direction] of [
        ['out', 'in'],
        ['in', 'out'],
      ] as const) {
        const bytes = streamBytes(stream, dir)
        for (let at = 0; at < bytes.length;) {
          const length = frameLength(bytes, at, bytes.length)
          t.frame(id, direction, bytes.subarray(at, at + length), false)
          at += length
        }
      }
      t.closed(id, { by: 'network', reason: '', probe: stream.chunks.length === 0 })
    })
    t.take()
    rows = Array.from({ length: t.archive.counts.rows }, (_, i) => t.archive.row(i + 1))
  })

  const count = (accept: (row: PacketRow) => boolean) => rows.filter(accept).length

  test('has all its packets, probes and USP messages', () => {
    expect(count(({ type }) => type === 'CONNECT')).toBe(17)
    expect(count(({ type }) => type === 'PUBLISH')).toBe(68)
    expect(count(({ kind }) => kind === 'probe')).toBeGreaterThan(0)
    expect(count(({ kind }) => kind === 'malformed')).toBe(0)
    // Every PUBLISH carries a Record, but for one that is undecodable on purpose: it comes in and goes out.
    expect(count(({ type, usp }) => type === 'PUBLISH' && usp === '')).toBe(2)
  })

  test('names its devices by what each MQTT version offers', () => {
    const named = (device: string) => rows.find((row) => row.type === 'CONNECT' && row.device === device)
    expect(t.archive.detail(named('os::00256D-TOUR5')?.no ?? 0)?.connection).toMatchObject({
      version: '5.0',
      endpointSource: 'usp-endpoint-id',
    })
    expect(t.archive.detail(named('os::00256D-TOUR311')?.no ?? 0)?.connection).toMatchObject({
      version: '3.1.1',
      endpointSource: 'client-id',
    })
  })

  test('is found by the words that its rows show', () => {
    t.archive.views.open(1, 'TOUR5 notify boot!')
    while (t.archive.views.step());
    const { rows: found } = t.archive.views.read(1, { from: 0, count: 1000, tail: false })
    expect(found.length).toBeGreaterThan(0)
    expect(found.length).toBe(
      count(({ device, topic, usp }) => usp === 'NOTIFY Boot!' && `${device}${topic}`.includes('TOUR5')),
    )
  })

  test('has the Msg as a layer below its Record, and nothing twice', () => {
    const { no } = rows.find(({ usp }) => usp === 'NOTIFY Boot!') ?? { no: 0 }
    const layers = t.archive.detail(no)?.fields ?? []
    expect(layers.filter(({ end }) => end > 0).map(({ name }) => name)).toEqual(['mqtt', 'usp', 'usp.msg'])
    expect(layers.at(-1)).toMatchObject({
      text: expect.stringMatching(/^NOTIFY Boot! · Msg of \d+ bytes$/),
      children: [{ name: 'usp.header' }, { name: 'usp.body' }],
    })
    const names = (fields: typeof layers): string[] =>
      fields.flatMap(({ name, children }) => [name, ...names(children ?? [])])
    expect(names(layers).filter((name) => name === 'usp.header')).toHaveLength(1)
    expect(names(layers)).toContain('usp.payload')
  })

  test('dissects to trees whose fields lie in the packet and in their parents', () => {
    for (const { no } of rows) {
      const detail = t.archive.detail(no)
      const check = (fields: NonNullable<typeof detail>['fields'], start: number, end: number): void => {
        for (const field of fields) {
          expect(field.start).toBeLessThanOrEqual(field.end)
          if (field.start < field.end) expect([field.start >= start, field.end <= end]).toEqual([true, true])
          if (field.start < field.end) check(field.children ?? [], field.start, field.end)
        }
      }
      check(detail?.fields ?? [], 0, detail?.bytes.length ?? 0)
    }
  })
})
