/** `oktobench capture` as a process of its own, from the built command line. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCaptureOptions } from '../../../electron/cli/capture-options.ts'
import { describeWith, requireTool } from '../../support/tools.ts'

const cli = fileURLToPath(new URL('../../../out/main/cli.js', import.meta.url))
const tour = fileURLToPath(new URL('../../fixtures/captures/obuspa-tour.pcapng', import.meta.url))
const refusals = fileURLToPath(new URL('../../fixtures/captures/obuspa-refusals.pcap', import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oktobench-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly out: Buffer
  readonly err: string
}
async function run(args: readonly string[], input?: Buffer): Promise<Ended> {
  const child = spawn(process.execPath, [cli, 'capture', ...args], {
    env: { ...process.env, TMPDIR: folder },
  })
  const out: Buffer[] = []
  let err = ''
  child.stdout.on('data', (data: Buffer) => out.push(data))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out: Buffer.concat(out), err }
}
const lines = (out: Buffer) => out.toString().trimEnd().split('\n')

describe('oktobench capture', () => {
  test('info says what is in a file', async () => {
    const { code, out, err } = await run(['info', tour])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.toString()).toMatch(/^File: +.*obuspa-tour\.pcapng\nRows: +\d+\nFrom: +2026-\S+Z\n/)
    expect(out.toString()).toContain('os::00256D-TOUR5')
  })

  test('reads the standard input packed with gzip or not, and says what it cannot read from there', async () => {
    const plain = await run(['info', '-'], readFileSync(tour))
    const packed = await run(['info', '-'], gzipSync(readFileSync(tour)))
    expect(packed).toEqual(plain)
    expect(packed.out.toString()).toContain('os::00256D-TOUR5')
    const cut = await run(['info', '-'], gzipSync(readFileSync(tour)).subarray(0, 900))
    expect(cut).toMatchObject({ code: 1, err: expect.stringContaining('The standard input is cut off') })
    const bundle = await run(['info', '-'], Buffer.from('PK\x03\x04rest'))
    expect(bundle).toMatchObject({ code: 1, err: expect.stringContaining('from a file, not from a pipe') })
  })

  test('doctor says of each device how far it came, and how to mend it', async () => {
    const { code, out, err } = await run(['doctor', tour, refusals])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const text = out.toString()
    expect(text).toMatch(/^os::00256D-TOUR5: working\. It answered\./m)
    expect(text).not.toMatch(/^h2ctl-/m)
    expect(text).toMatch(/^good: broken\. It was not let in: CONNACK 0x05/m)
    expect(text).toContain('obuspa -f usp.db -c dbset Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured')
  })

  test('a packed file is the same, and a damaged one is told in words', async () => {
    const packed = join(folder, 'tour.pcapng.gz')
    writeFileSync(packed, gzipSync(readFileSync(tour)))
    const facts = (out: Buffer) => lines(out).slice(1)
    expect(facts((await run(['info', packed])).out)).toEqual(facts((await run(['info', tour])).out))
    writeFileSync(packed, readFileSync(packed).subarray(0, 5000))
    const { code, err } = await run(['info', packed])
    expect(code).toBe(1)
    expect(err).toContain('tour.pcapng.gz is cut off: it cannot be unpacked as gzip.')
    rmSync(packed)
  })

  test('filters, and reads its own output from a pipe', async () => {
    const filtered = await run(['filter', tour, '--filter', 'mqtt.msgtype == CONNECT'])
    expect(filtered).toMatchObject({ code: 0, err: '' })
    const again = await run(['convert', '-', '--to', 'jsonl'], filtered.out)
    expect(again.code).toBe(0)
    const types = lines(again.out).map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types.length).toBeGreaterThan(10)
    expect(new Set(types)).toEqual(new Set(['CONNECT']))
    const direct = await run([
      'filter',
      tour,
      '--filter',
      'mqtt.msgtype == CONNECT',
      '--to',
      'csv',
      '--columns',
      'mqtt.clientid,frame.number',
    ])
    expect(lines(direct.out)).toHaveLength(types.length + 1)
  })

  test('writes a file whose ending is the format, and several files as one', async () => {
    const output = join(folder, 'both.csv')
    expect(await run(['convert', tour, tour, '-o', output])).toMatchObject({ code: 0, err: '' })
    const one = lines((await run(['convert', tour, '--to', 'csv'])).out).length - 1
    expect(lines(readFileSync(output))).toHaveLength(one * 2 + 1)
    expect(readdirSync(folder).filter((name) => name !== 'both.csv')).toEqual([])
  })

  test('stops quietly when nobody reads on', async () => {
    const command = `"${process.execPath}" "${cli}" capture convert "${tour}" "${tour}" --to jsonl | head -n 1`
    const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
      execFile('/bin/sh', ['-c', command], (error, stdout, stderr) =>
        error ? reject(error) : resolve({ stdout, stderr }),
      )
    })
    expect(JSON.parse(stdout)).toMatchObject({ number: 1 })
    expect(stderr).toBe('')
  })

  test.each([
    ['nothing to do', [], /Say what to do: info, doctor, convert, filter/],
    ['an unknown action', ['covert', 'x'], /“covert” is no action\. Did you mean convert\?/],
    ['no file', ['info'], /needs a file/],
    ['no filter', ['filter', 'x'], /needs --filter/],
    ['a wrong filter', ['convert', 'x', '--filter', 'mqtt.topic =='], /--filter: .*at character/],
    [
      'an unknown option',
      ['convert', 'x', '--colums', 'a'],
      /--colums is not a known option\. Did you mean --columns\?/,
    ],
    ['a format that is none', ['convert', 'x', '--to', 'xml'], /--to must be pcapng, jsonl, csv/],
    [
      'a file that is not there',
      ['convert', '/no/such/file', '--to', 'csv'],
      /\/no\/such\/file does not exist/,
    ],
    ['a column that is none', ['convert', tour, '--to', 'csv', '--columns', 'x.y'], /“x\.y” is no field/],
  ])('with %s ends with one line and code 2', async (_, args, line) => {
    const { code, out, err } = await run(args)
    expect({ code, out: out.toString() }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(/^oktobench: [^\n]*\n$/)
    expect(err).toMatch(line)
  })

  test('info goes on after a file that is none, and ends with 1', async () => {
    const none = join(folder, 'none.txt')
    writeFileSync(none, 'nothing of the kind')
    const { code, out, err } = await run(['info', none, tour])
    expect(code).toBe(1)
    expect(err).toContain('holds no MQTT packet')
    expect(out.toString()).toContain('Rows:')
    rmSync(none)
  })

  test('its help names every option', async () => {
    const { code, out } = await run(['--help'])
    expect(code).toBe(0)
    for (const option of ['--filter', '--to', '--columns', '--key-log', '--secrets', '--output']) {
      expect(out.toString()).toContain(option)
    }
    expect(readCaptureOptions(['info', '-']).files).toEqual(['-'])
  })
})

describeWith(['tshark'], 'what it writes', () => {
  test('is pcapng that capinfos and tshark read without a remark', async () => {
    const file = join(folder, 'out.pcapng')
    expect((await run(['convert', tour, '-o', file])).code).toBe(0)
    const shark = spawn(requireTool('tshark'), ['-r', file, '-Y', '_ws.expert.severity >= 6291456'])
    let said = ''
    shark.stdout.on('data', (data: Buffer) => (said += data.toString()))
    expect(await once(shark, 'close')).toEqual([0, null])
    expect(said).toBe('')
  })
})
