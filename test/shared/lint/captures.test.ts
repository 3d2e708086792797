/** What the linter says about a real agent: each finding was looked at, and has a word on why it is right. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importFile } from '../../../electron/engine/import/import-file.ts'
import { eventsOf as told, type ToldEvent } from '../../support/import-events.ts'
import { Linter } from '../../../shared/lint/linter.ts'
import type { Finding } from '../../../shared/lint/rule.ts'

interface Reviewed {
  readonly rule: string
  readonly endpoint: string
  readonly why: string
  readonly packets: readonly number[]
}

const fixture = (path: string) => fileURLToPath(new URL(`../../fixtures/${path}`, import.meta.url))

const eventsOf = (file: string) => told((sink) => importFile(fixture(`captures/${file}`), sink))

type Change = (bytes: Uint8Array, no: number) => Uint8Array

function lint(events: readonly ToldEvent[], change: Change = (bytes) => bytes): readonly Finding[] {
  const findings: Finding[] = []
  const linter = new Linter({ found: (finding) => findings.push(finding) })
  const start = events[0]?.kind === 'opened' ? events[0].time : { sec: 0, nsec: 0 }
  let no = 0
  let last = 0
  for (const event of events) {
    if (event.kind === 'opened') linter.opened(event.connection, event.facts.remoteAddress)
    if (event.kind !== 'frame' && event.kind !== 'closed') continue
    last = (event.time.sec - start.sec) * 1e9 + (event.time.nsec - start.nsec)
    no += 1
    if (event.kind === 'closed') linter.closed(event.connection, no, last, event.facts.by)
    else {
      const { connection, direction, malformed } = event
      linter.frame({ no, time: last, connection, direction, malformed, bytes: change(event.bytes, no) })
    }
  }
  linter.end(last)
  return findings
}

describe.each(['obuspa-tour.pcapng', 'obuspa-refusals.pcap'])('%s', (file) => {
  test('has exactly the findings that were reviewed', async () => {
    const reviewed = JSON.parse(
      readFileSync(fixture(`lint/${file.replace(/\..*/, '')}.json`), 'utf8'),
    ) as readonly Reviewed[]
    for (const { why } of reviewed) expect(why).toMatch(/\.$/)
    const lines = (list: readonly { rule: string; endpoint: string; no: number }[]) =>
      list.map(({ rule, endpoint, no }) => `${no} ${rule} ${endpoint}`).sort()
    const expected = reviewed.flatMap(({ packets, ...group }) => packets.map((no) => ({ ...group, no })))
    expect(lines(lint(await eventsOf(file)))).toEqual(lines(expected))
  })

  test('gives the same findings each time', async () => {
    const events = await eventsOf(file)
    expect(lint(events)).toEqual(lint(events))
  })

  test('never throws, whatever its bytes become', async () => {
    const events = await eventsOf(file)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 40 }),
        (edits) => {
          const byPacket = new Map(edits.map(([no, at, byte]) => [1 + (no % 180), { at, byte }]))
          lint(events, (bytes, no) => {
            const edit = byPacket.get(no)
            if (edit === undefined) return bytes
            const changed = bytes.slice()
            changed[edit.at % bytes.length] = edit.byte
            return edit.at % 5 === 0 ? changed.subarray(0, edit.at % bytes.length) : changed
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('never throws when packets are missing or come twice', async () => {
    const events = await eventsOf(file)
    fc.assert(
      fc.property(fc.infiniteStream(fc.constantFrom(0, 1, 1, 1, 2)), (times) => {
        lint(events.flatMap((event) => Array.from({ length: times.next().value ?? 1 }, () => event)))
      }),
      { numRuns: 20 },
    )
  })
})
