import { describe, expect, test } from 'vitest'
import { parseXml } from '../../../shared/acl/formats/xml.ts'
import { exitCode, writeFlowReport } from '../../../shared/flow/report/report.ts'
import type { FlowResult } from '../../../shared/flow/run/result.ts'
import { flowOf, play, stepsOf, type Device } from './bench.ts'

const wrong: Device = () => [{ body: { error: { err_code: 7004, err_msg: '<b>"no" & \u0001never</b>' } } }]

const failed = play(
  flowOf(`flow: 1
name: Ask <politely>
description: It & more
requirements: [R-GET.2]
tags: [smoke]
variables: { seen: 1 }
setup: [{ check: seen == 1 }]
steps:
  - group: inner
    steps:
      - send: { get: Device. }
        expect: { get_resp: $present }
  - repeat: 200
    steps: [{ check: true }]
cleanup: [{ check: seen == 1 }]
`),
  wrong,
).go()
const passed = play(stepsOf('- repeat: 150\n  steps: [{ check: true }]')).go()
const unasked = play(stepsOf('- check: true', 'secrets: [word]\n')).go()

describe('JUnit', () => {
  const xml = writeFlowReport([failed, passed, unasked], 'junit')

  test('is XML with a case for each step', () => {
    const root = parseXml(xml)
    expect(root.name).toBe('testsuites')
    expect(root.children.map(({ children }) => children.map(({ name }) => name))).toEqual([
      ['properties', 'testcase', 'testcase', 'testcase', 'testcase'],
      ['properties', 'testcase'],
      ['properties', 'testcase'],
    ])
    const [, setup, inner, repeat, cleanup] = root.children[0]?.children ?? []
    expect(setup?.children).toEqual([])
    expect(inner?.children.map(({ name }) => name)).toEqual(['failure'])
    expect(inner?.children[0]?.text).toContain('get_resp is missing; expected "$present"')
    expect(inner?.children[0]?.text).toContain('packets 1, 2')
    expect(repeat?.children.map(({ name }) => name)).toEqual(['skipped'])
    expect(cleanup?.children).toEqual([])
  })

  test('counts them, and says why a flow was not run at all', () => {
    expect(xml).toContain('<testsuites name="Oktobench" tests="6" failures="1" errors="1">')
    expect(xml).toContain('name="Ask &lt;politely&gt;"')
    expect(xml).toContain('<property name="requirement" value="R-GET.2"/>')
    expect(xml).toContain('<error message="these secrets have no value: word">')
    expect(xml).not.toContain('\u0001')
  })

  test('of a step that was mended and done again, the last time counts', () => {
    const mended = play(stepsOf('- sleep: 1\n- check: false'))
    mended.run.setBreakpoints([], [], true)
    mended.go()
    mended.perform(mended.run.again(mended.now, { kind: 'check', check: 'true' }))
    mended.perform(mended.run.resume(mended.now))
    const report = writeFlowReport([mended.go()], 'junit')
    expect(report).toContain('<testsuites name="Oktobench" tests="2" failures="0" errors="0">')
  })
})

test('JSON has a version and everything', () => {
  const report = JSON.parse(writeFlowReport([failed], 'json')) as { version: number; results: FlowResult[] }
  const { name, device, status } = failed
  const cells = [{ status, runs: 1, bad: 1, at: 0 }]
  expect(report).toEqual({
    version: 1,
    matrix: { devices: [device], rows: [{ name, cells }] },
    results: [failed],
  })
})

test('HTML is one page without scripts in which nothing of a device is markup', () => {
  const html = writeFlowReport([failed, passed], 'html')
  expect(html).toContain('2 flows: 1 failed, 1 passed.')
  expect(html).toContain('50 more turns passed and are not listed.')
  expect(html).toContain('Ask &lt;politely&gt;')
  expect(html).not.toContain('<b>')
  expect(html).not.toMatch(/<script|src=|href="(?!#)/)
})

test('HTML shows devices side by side where there are several', () => {
  const other = { ...failed, device: 'os::other', status: 'passed' as const }
  const page = writeFlowReport([failed, passed, other], 'html')
  expect(page).toContain('<th>os::other</th>')
  expect(page).toContain('<a href="#f2">')
  expect(page).toContain('not run')
  expect(writeFlowReport([failed, passed], 'html')).not.toContain('not run')
})

test('exit codes', () => {
  const of = (status: FlowResult['status']): FlowResult => ({ ...passed, status })
  expect(exitCode([of('passed'), of('skipped')])).toBe(0)
  expect(exitCode([of('error'), of('failed')])).toBe(1)
  expect(exitCode([of('passed'), of('error')])).toBe(2)
  expect(exitCode([of('stopped')])).toBe(2)
  expect(exitCode([])).toBe(2)
})
