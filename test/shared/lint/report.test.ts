import { describe, expect, test } from 'vitest'
import { writeReport } from '../../../shared/lint/report/index.ts'
import { makeReport, type LintReport } from '../../../shared/lint/report/report.ts'
import { rules } from '../../../shared/lint/rules/index.ts'

const finding = (rule: string, endpoint: string, no: number, seen: string) => ({
  rule,
  endpoint,
  no,
  seen,
  related: [],
  time: '2026-01-02T03:04:05.000000000Z',
})

const report = (): LintReport =>
  makeReport({
    source: 'a & b.pcap',
    checked: 10,
    skipped: 2,
    suppressed: ['mqtt-5'],
    findings: [
      finding('no-disconnect', 'os::012345-A', 9, 'the connection was closed'),
      finding('content-type', 'os::012345-A', 3, 'the Content Type is “<script>alert(1)</script>\u0001”'),
      finding('content-type', 'os::012345-A', 4, 'there is no Content Type'),
    ],
    more: (rule) => (rule === 'content-type' ? 7 : 0),
  })

test('a report counts and puts the worst first', () => {
  const { counts, devices } = report()
  expect(counts).toEqual({ error: 9, warning: 0, note: 1 })
  expect(devices.map(({ rules }) => rules.map(({ facts }) => facts.id))).toEqual([
    ['content-type', 'no-disconnect'],
  ])
})

test('as text', () => {
  expect(writeReport(report(), 'text', 'note')).toBe(`a & b.pcap: 9 errors, no warnings, 1 note in 10 packets

os::012345-A
  error   Content Type is not usp.msg (R-MQTT.27 · must) [content-type]
    #3       the Content Type is “<script>alert(1)</script>\u0001”
    #4       there is no Content Type
    … and 7 more
    expected The Content Type of a PUBLISH with a Record is usp.msg.
  note    Gone without DISCONNECT (R-MQTT.35 · should) [no-disconnect]
    #9       the connection was closed
    expected A client that shuts down sends DISCONNECT. A lost network looks the same.

2 packets were not checked, because the bench was busy; 10 were.

Not shown: mqtt-5
`)
})

describe('as JUnit', () => {
  const xml = writeReport(report(), 'junit', 'warning')

  test('every rule that is shown is a case, those that failed have a failure', () => {
    expect(xml.match(/<testcase /g)).toHaveLength(rules.length - 1)
    expect(xml.match(/<failure /g)).toHaveLength(1)
    expect(xml).toContain(
      `<testsuites name="a &amp; b.pcap" tests="${rules.length - 1}" failures="1" errors="0">`,
    )
  })

  test('it is well-formed: elements are closed, and nothing is in it that XML cannot hold', () => {
    const open: string[] = []
    for (const [, close, name, empty] of xml.matchAll(/<(\/?)([a-z-]+)[^>]*?(\/?)>/g)) {
      if (empty === '/') continue
      if (close === '/') expect(open.pop()).toBe(name)
      else open.push(name ?? '')
    }
    expect(open).toEqual([])
    expect(xml).not.toContain('\u0001')
    expect(xml).not.toContain('<script>')
  })
})

test('as HTML it is one file that loads nothing and runs nothing', () => {
  const html = writeReport(report(), 'html', 'note')
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(html).not.toMatch(/<script|<link|<img|src=|url\(|@import|href="(?!#)/)
  expect(html).toContain('And 7 more.')
})

test('as JSON', () => {
  const value = JSON.parse(writeReport(report(), 'json', 'note')) as { devices: unknown }
  expect(value.devices).toMatchObject([
    {
      endpoint: 'os::012345-A',
      groups: [{ rule: 'content-type', count: 9, more: 7, findings: [{ packet: 3 }, { packet: 4 }] }, {}],
    },
  ])
})
