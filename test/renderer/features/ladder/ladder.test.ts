// @vitest-environment happy-dom
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PacketRow } from '../../../../shared/contract/model.ts'
import { laneEnds, MAX_LANES, noLanes, withParties } from '../../../../renderer/features/ladder/lanes.ts'
import { geometryFor, laneX, rungs, wholeGeometry } from '../../../../renderer/features/ladder/layout.ts'
import { brackets, duration, findLinks, MAX_SLOTS } from '../../../../renderer/features/ladder/links.ts'
import { ladderSvg } from '../../../../renderer/features/ladder/svg.ts'
import { fakeRow } from '../../fake-packets.ts'

const base = fakeRow(1, 40)
const row = (no: number, change: Partial<PacketRow>): PacketRow => ({
  ...base,
  no,
  sec: base.sec + no,
  nsec: 0,
  info: '',
  ...change,
})

const someRow = fc
  .record({
    device: fc.constantFrom('a', 'b', 'c', 'controller'),
    direction: fc.constantFrom('in' as const, 'out' as const),
    type: fc.constantFrom(
      'CONNECT',
      'CONNACK',
      'PUBLISH',
      'PUBACK',
      'SUBSCRIBE',
      'SUBACK',
      'PINGREQ',
      'PINGRESP',
    ),
    topic: fc.constantFrom('', 'oktopus/usp/v1/agent/a', 'oktopus/usp/v1/controller/a'),
    /** How many packets before it the one lies that it answers. */
    back: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 70 })),
  })
  .map(({ back, ...change }) => ({ back, change: change as Partial<PacketRow> }))
const someRows = fc
  .array(someRow, { maxLength: 60 })
  .map((list) =>
    list.map(({ back, change }, at) =>
      row(at + 101, { ...change, ...(back > 0 && { answers: { no: at + 101 - back, nsec: back * 1e9 } }) }),
    ),
  )

describe('lanes', () => {
  it('hold every party once, the broker between devices and controllers, and keep their order', () => {
    fc.assert(
      fc.property(someRows, fc.nat(60), (rows, cut) => {
        const first = withParties(noLanes, rows.slice(0, cut))
        const lanes = withParties(first, rows)
        const ids = lanes.map(({ id }) => id)
        expect(new Set(ids).size).toBe(ids.length)
        const kinds = lanes.map(({ kind }) => kind).join(' ')
        expect(kinds).toMatch(/^(device )*broker( controller)*$/)
        for (const each of rows) {
          const { from, to } = laneEnds(lanes, each)
          expect(from).not.toBe(to)
          expect([from, to].map((at) => lanes[at]?.kind)).toContain('broker')
        }
        // Devices that stayed devices stand in the order they had.
        const stayed = first
          .filter(({ id, kind }) => kind === lanes.find((lane) => lane.id === id)?.kind)
          .map(({ id }) => id)
        expect(ids.filter((id) => stayed.includes(id))).toEqual(stayed)
        expect(withParties(lanes, rows)).toBe(lanes)
      }),
      { numRuns: 100 },
    )
  })

  it('share one beyond a bound, and say so', () => {
    const rows = Array.from({ length: 100 }, (_, at) => row(at + 1, { device: `d${at}` }))
    const lanes = withParties(noLanes, rows)
    expect(lanes).toHaveLength(MAX_LANES + 1)
    const { from } = laneEnds(lanes, rows[99] as PacketRow)
    expect(lanes[from]?.kind).toBe('others')
  })
})

describe('links', () => {
  it('join an answer to its request where both are among the rows', () => {
    const answering = (no: number) => ({ answers: { no, nsec: 2_100_000 } })
    const rows = [row(5, {}), row(7, answering(5)), row(8, answering(3)), row(9, answering(5))]
    expect(findLinks(rows)).toEqual([
      { from: 0, to: 1 },
      { from: 0, to: 3 },
    ])
    // How long it took is told even where the request is out of sight.
    expect(rungs(rows, wholeGeometry(noLanes, 900)).map(({ answers }) => answers)).toEqual([
      undefined,
      { no: 5, after: '2.1 ms' },
      { no: 3, after: '2.1 ms' },
      { no: 5, after: '2.1 ms' },
    ])
  })

  it('are drawn in slots that never cross, each with one start and one end', () => {
    fc.assert(
      fc.property(someRows, (rows) => {
        const links = findLinks(rows)
        for (const { from, to } of links) expect(to).toBeGreaterThan(from)
        expect(new Set(links.map(({ to }) => to)).size).toBe(links.length)
        const parts = brackets(links, rows.length)
        expect(parts).toHaveLength(rows.length)
        const open = new Set<number>()
        for (const list of parts) {
          expect(new Set(list.map(({ slot }) => slot)).size).toBe(list.length)
          for (const { slot, part } of list) {
            expect(slot).toBeLessThan(MAX_SLOTS)
            expect(open.has(slot)).toBe(part !== 'start')
            if (part === 'start') open.add(slot)
            if (part === 'end') open.delete(slot)
          }
        }
        expect(open.size).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('tell times in the unit that reads best', () => {
    expect([0.0021, 0.0412, 1.3, 59.94, 125].map(duration)).toEqual([
      '2.1 ms',
      '41 ms',
      '1.3 s',
      '59.9 s',
      '2 min 5 s',
    ])
  })
})

describe('rungs', () => {
  it('lie between the lanes of their parties, inside the ladder', () => {
    fc.assert(
      fc.property(someRows, fc.integer({ min: 0, max: 3000 }), (rows, available) => {
        const geometry = geometryFor(withParties(noLanes, rows), available)
        const xs = geometry.lanes.map((_, at) => laneX(geometry, at))
        for (const { tail, head } of rungs(rows, geometry)) {
          expect(xs).toContain(tail)
          expect(xs).toContain(head)
          expect(Math.max(tail, head)).toBeLessThan(geometry.width)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('have the broker first, and in place, where the lanes do not fit', () => {
    const rows = Array.from({ length: 50 }, (_, at) => row(at + 1, { device: `d${at}` }))
    const geometry = geometryFor(withParties(noLanes, rows), 1280)
    expect(geometry.lanes[0]?.kind).toBe('broker')
    expect(laneX(geometry, 0)).toBeLessThan(geometry.pinned)
    expect(laneX(geometry, 1)).toBeGreaterThan(geometry.pinned)
    expect(geometry).toMatchObject({ seen: 1280, width: expect.any(Number) })
    expect(geometry.width).toBeGreaterThan(51 * 140)
    // Which device it is cannot always be seen by the lane.
    expect(rungs(rows, geometry)[49]?.label).toMatch(/^d49 · /)
  })

  it('mark what was refused and name a long pause', () => {
    const rows = [row(1, {}), row(3, { verdict: 'refused' })]
    const [first, second] = rungs(rows, geometryFor(withParties(noLanes, rows), 900))
    expect(first).toMatchObject({ trouble: false, gap: undefined })
    expect(second).toMatchObject({ trouble: true, gap: '2.0 s', meaning: 'end' })
  })
})

describe('the SVG file', () => {
  const parse = (svg: string) => new DOMParser().parseFromString(svg, 'application/xml')

  it('is well-formed whatever the texts hold, and draws each packet', () => {
    const rows = [
      row(1, { device: '<a> & "b"', info: 'x\u0000\ud800' }),
      row(2, { device: ']]>', verdict: 'refused' }),
    ]
    const svg = ladderSvg({ title: 'a < b', rows, lanes: withParties(noLanes, rows), total: 2 })
    expect(svg).not.toContain('\u0000')
    expect(svg).not.toContain('\ud800')
    expect(svg).toContain('&lt;a&gt; &amp; &quot;b&quot;')
    expect(parse(svg).querySelector('parsererror')).toBeNull()
    expect(svg).toContain('2 packets. Times are UTC. ')
    expect(svg.match(/stroke-width="1.5"/g)).toHaveLength(2)
    expect(svg).toContain('font-family="Inter, \'Segoe UI\', Arial, sans-serif"')
    expect(svg).not.toMatch(/<(script|style|image|use)\b|href=/)
  })

  it('says when it is a part', () => {
    const rows = [row(5, {}), row(6, {})]
    const svg = ladderSvg({ title: 't', rows, lanes: withParties(noLanes, rows), total: 900 })
    expect(svg).toContain('Part: 2 of 900 packets, no. 5 to 6')
  })
})
