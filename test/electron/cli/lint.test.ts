/** `oktobench lint` as a process of its own, from the built command line. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readLintOptions } from '../../../electron/cli/lint-options.ts'

const cli = fileURLToPath(new URL('../../../out/main/cli.js', import.meta.url))
const tour = fileURLToPath(new URL('../../fixtures/captures/obuspa-tour.pcapng', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oktobench-lint-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function run(...args: readonly string[]) {
  const child = spawn(process.execPath, [cli, 'lint', ...args], { env: { ...process.env, TMPDIR: folder } })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

describe('oktobench lint', () => {
  test('tells findings by device, and ends with 1', async () => {
    const { code, out, err } = await run(tour)
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(out).toMatch(/^obuspa-tour\.pcapng: \d+ errors, \d+ warnings, no notes in \d+ packets\n/)
    expect(out).toContain('\nos::00256D-TOUR5\n  warning Disconnect Record without reason (R-MTP.9 · should)')
    expect(readdirSync(folder)).toEqual([])
  })

  test('ends with 0 when nothing of that severity is there', async () => {
    const { code, out } = await run(tour, '--severity', 'error', '--filter', 'device == "os::00256D-TOUR5"')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('no errors') })
  })

  test('takes rules by name and by requirement', async () => {
    const { out } = await run(tour, '--format', 'json', '--rule', 'R-MTP.9', '--rule', 'endpoint-id-forum')
    const report = JSON.parse(out) as { format: string; rules: object; counts: object }
    expect(report).toMatchObject({
      format: 'oktobench-lint',
      version: 1,
      counts: { error: 0, warning: 3, note: 0 },
    })
    expect(Object.keys(report.rules).sort()).toEqual(['disconnect-reason', 'endpoint-id-forum'])
  })

  test('chooses the format by the name of the output', async () => {
    const file = join(folder, 'report.html')
    const { code, out } = await run(tour, '-o', file)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(readFileSync(file, 'utf8')).toMatch(/^<!doctype html>/)
    rmSync(file)
  })

  test('ends with 2 when it cannot run', async () => {
    const none = join(folder, 'none.pcap')
    expect(await run(none)).toMatchObject({ code: 2, err: expect.stringContaining('does not exist') })
    writeFileSync(none, 'no capture')
    expect(await run(none)).toMatchObject({ code: 2, err: expect.stringContaining('no MQTT packet') })
    expect(await run(tour, '--filter', 'nonsense ==')).toMatchObject({ code: 2 })
    expect(await run(tour, '-o', join(folder, 'no', 'such', 'folder'))).toMatchObject({ code: 2 })
    rmSync(none)
  })

  test('lists its rules and what it does not check', async () => {
    const { code, out } = await run('--rules')
    expect(code).toBe(0)
    expect(out).toMatch(/^content-type +error +Content Type is not usp\.msg \(R-MQTT\.27 · must\)$/m)
    expect(out).toContain('Not checked:')
  })
})

describe('its options', () => {
  test.each([
    [[], 'needs a file'],
    [['a', '--severty', 'x'], 'Did you mean --severity'],
    [['a', '--severity', 'bad'], 'error'],
    [['a', '--rule', 'contenttype'], 'content-type'],
    [['a', '--format', 'pdf'], 'text, json, junit, html'],
    [['a', '-o'], 'needs a value'],
  ])('%j is refused', (args, why) => expect(() => readLintOptions(args)).toThrow(why))

  test('are read', () => {
    expect(readLintOptions(['a', '-', '-o', 'x.xml', '--rule', 'R-MQTT.27', '--key-log', 'k'])).toEqual({
      files: ['a', '-'],
      filter: '',
      format: 'junit',
      severity: 'warning',
      rules: ['content-type', 'content-type-old'],
      keyLog: 'k',
      output: 'x.xml',
    })
  })
})
