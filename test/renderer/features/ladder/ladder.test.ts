// @vitest-environment happy-dom
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PacketRow } from '../../../../shared/contract/model.ts'
import { laneEnds, MAX_LANES, noLanes, withParties } from '../../../../renderer/features/ladder/lanes.ts'
import { geometryFor, laneX, rungs } from '../../../../renderer/features/ladder/layout.ts'
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
    info: fc.constantFrom('', 'QoS 1 · mid 1', 'mid 1', 'mid 2 · Success', 'QoS 0 · 12 bytes'),
    connection: fc.integer({ min: 1, max: 3 }),
  })
  .map((change) => change as Partial<PacketRow>)
const someRows = fc
  .array(someRow, { maxLength: 60 })
  .map((list) => list.map((change, at) => row(at + 1, change)))

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
  it('join an acknowledgement to what it answers, by connection, way and packet identifier', () => {
    const rows = [
      row(1, { type: 'PUBLISH', direction: 'in', info: 'QoS 1 · mid 7 · 12 bytes' }),
      row(2, { type: 'PUBLISH', direction: 'out', info: 'QoS 1 · mid 7' }),
      row(3, { type: 'PUBACK', direction: 'out', info: 'Success · mid 7', connection: 9 }),
      row(4, { type: 'PUBACK', direction: 'out', info: 'Success · mid 70' }),
      row(5, { type: 'PUBACK', direction: 'out', info: 'Success · mid 7' }),
      row(6, { type: 'PUBACK', direction: 'in', info: 'Success · mid 7' }),
      row(7, { type: 'PUBACK', direction: 'in', info: 'Success · mid 7' }),
    ]
    expect(findLinks(rows)).toEqual([
      { from: 0, to: 4, seconds: 4 },
      { from: 1, to: 5, seconds: 4 },
    ])
  })

  it('follow QoS 2 through its four packets', () => {
    const types = ['PUBLISH', 'PUBREC', 'PUBREL', 'PUBCOMP']
    const rows = types.map((type, at) =>
      row(at + 1, { type, direction: at % 2 === 0 ? 'in' : 'out', info: 'mid 3' }),
    )
    expect(findLinks(rows).map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
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
