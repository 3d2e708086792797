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

2 packets were gone, or could not be read, before they were checked; 10 were checked.

Not shown: mqtt-5
`)
})

describe('as JUnit', () => {
  const xml = writeReport(report(), 'junit', 'warning')

  test('every rule is a case; those that failed have a failure, those not shown are skipped', () => {
    expect(xml.match(/<testcase /g)).toHaveLength(rules.length)
    expect(xml.match(/<failure /g)).toHaveLength(1)
    expect(xml.match(/<skipped /g)).toHaveLength(1)
    const counts = `tests="${rules.length}" failures="1" errors="0"`
    expect(xml).toContain(`<testsuites name="a &amp; b.pcap" ${counts}>`)
    expect(xml).toContain(`<testsuite name="os::012345-A" ${counts} skipped="1">`)
    expect(xml).toContain('<property name="packets not checked" value="2"/>')
  })

  test('a capture without findings is a suite whose cases all passed', () => {
    const clean = { ...report(), devices: [], suppressed: [] }
    const counts = `tests="${rules.length}" failures="0" errors="0"`
    expect(writeReport(clean, 'junit', 'warning')).toContain(
      `<testsuite name="a &amp; b.pcap" ${counts} skipped="0">`,
    )
  })

  // As the schema has it that Jenkins and GitLab read.
  const shape: Readonly<
    Record<string, { readonly inside: readonly string[]; readonly needs: readonly string[] }>
  > = {
    testsuites: { inside: [''], needs: ['name', 'tests', 'failures', 'errors'] },
    testsuite: { inside: ['testsuites'], needs: ['name', 'tests', 'failures', 'errors', 'skipped'] },
    properties: { inside: ['testsuite'], needs: [] },
    property: { inside: ['properties'], needs: ['name', 'value'] },
    testcase: { inside: ['testsuite'], needs: ['classname', 'name', 'time'] },
    skipped: { inside: ['testcase'], needs: ['message'] },
    failure: { inside: ['testcase'], needs: ['type', 'message'] },
    'system-out': { inside: ['testcase'], needs: [] },
  }
  test('each element stands where it may and has the attributes it needs', () => {
    const open = ['']
    for (const [, close, name = '', attributes = '', empty] of xml.matchAll(
      /<(\/?)([a-z-]+)([^>]*?)(\/?)>/g,
    )) {
      if (close === '/') {
        open.pop()
        continue
      }
      const names = [...attributes.matchAll(/([a-z]+)="[^"]*"/g)].map(([, one]) => one)
      expect(shape[name]?.inside, name).toContain(open.at(-1))
      expect(names, name).toEqual(shape[name]?.needs)
      if (empty !== '/') open.push(name)
    }
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
