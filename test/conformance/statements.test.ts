/** The statements and the tests that show them: nothing is left open without a reason, nothing named that is not. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  asMarkdown,
  asText,
  named,
  open,
  report,
  STATEMENTS,
  unknownNames,
  type TestResult,
} from './report.ts'
import { suite, vitest } from './suite.ts'

let titles: string[] = []

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oktobench-titles-'))
  const file = join(folder, 'titles.json')
  await vitest(['list', `--json=${file}`, '--no-isolate', '--maxWorkers=1', ...suite()], {
    quiet: true,
  })
  const listed = JSON.parse(readFileSync(file, 'utf8')) as { readonly name: string }[]
  rmSync(folder, { recursive: true, force: true })
  titles = listed.map(({ name }) => name)
}, 60_000)

const passed = (title: string): TestResult => ({ title, status: 'passed' })

describe('the statements', () => {
  test.each(Object.entries(STATEMENTS))('of %s are all there, each once', (version, statements) => {
    const ids = statements.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toHaveLength(version === '5.0' ? 251 : 141)
    // Numbers have no gaps but one, which is the standard's own.
    const sections = new Map<string, number[]>()
    for (const id of ids) {
      const [, section, number] = /^(.*)[-.](\d+)$/.exec(id) ?? []
      if (section) sections.set(section, [...(sections.get(section) ?? []), Number(number)])
    }
    const gaps = [...sections].flatMap(([section, numbers]) =>
      Array.from({ length: Math.max(...numbers) }, (_, i) => i + 1)
        .filter((number) => !numbers.includes(number))
        .map((number) => `${section}-${number}`),
    )
    expect(gaps).toEqual(version === '5.0' ? ['2.2.1-1'] : ['3-8.3-1', '3-8.3-2', '3-8.3-3'])
  })

  test('are each shown by a test, or there is a reason', () => {
    const lines = open(report(titles.map(passed)))
    expect(lines.filter(({ why }) => why === undefined).map(({ version, id }) => `${version} ${id}`)).toEqual(
      [],
    )
  })

  test('that are shown need no reason why not', () => {
    const lines = report(titles.map(passed)).filter(({ by }) => by !== 'client')
    expect(lines.filter(({ verdict, why }) => verdict === 'shown' && why).map(({ id }) => id)).toEqual([])
  })

  test('that titles name exist', () => {
    expect(unknownNames(titles)).toEqual([])
  })
})

describe('the report', () => {
  test('reads versions and numbers from titles; without a version it is 5.0', () => {
    expect(named('x > 3.1.1 [MQTT-3-8.3-4] [MQTT-3.1.2.7] at QoS 3')).toEqual([
      { version: '3.1.1', id: '3-8.3-4' },
      { version: '3.1.1', id: '3.1.2.7' },
    ])
    expect(named('[MQTT-4.2-1] in MQTT 3.1.1 and 3.1.1 [MQTT-4.7.2-1]')).toEqual([
      { version: '5.0', id: '4.2-1' },
      { version: '3.1.1', id: '4.7.2-1' },
    ])
  })

  test('tells shown, failing, waiting and not shown apart, by chapter', () => {
    const lines = report([
      { title: '5.0 [MQTT-3.1.0-1] a', status: 'passed' },
      { title: '5.0 [MQTT-3.1.0-1] [MQTT-3.1.0-2] b', status: 'failed' },
      { title: '5.0 [MQTT-3.1.2-1] [MQTT-3.1.2-2] c', status: 'passed' },
      { title: '5.0 [MQTT-3.1.2-2] d', status: 'skipped' },
    ])
    const verdicts = lines
      .slice(0, 400)
      .flatMap(({ version, id, verdict }) =>
        version === '5.0' && /^3\.1\.(0|2-[123]$)/.test(id) ? [`${id} ${verdict}`] : [],
      )
    expect(verdicts).toEqual([
      '3.1.0-1 failing',
      '3.1.0-2 failing',
      '3.1.2-1 shown',
      '3.1.2-2 skipped',
      '3.1.2-3 not shown',
    ])
    const text = asText(lines)
    expect(text).toMatch(/MQTT 5\.0 {2}3\.1 +1 +2 +1 +43 +3\n/)
    expect(text).toContain('5.0 [MQTT-3.1.0-2] a second CONNECT')
    expect(text).toContain('failing: 5.0 [MQTT-3.1.0-1] [MQTT-3.1.0-2] b')
    expect(asMarkdown(lines)).toContain(
      '| 5.0 | 3.1.2-1 | server | another protocol name than MQTT ends the connection | shown | 5.0 [MQTT-3.1.2-1] [MQTT-3.1.2-2] c |',
    )
  })
})
