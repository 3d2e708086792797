/** The built command line as a person starts it: `npm test` builds it first. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { greeting } from '../../../electron/cli/greeting.ts'
import { benchState } from '../../stubs/engine.ts'

const cli = resolve(import.meta.dirname, '../../../out/main/cli.js')
let folder: string
let children: ChildProcess[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oktobench-cli-'))
})
afterEach(async () => {
  for (const child of children)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  children = []
  await rm(folder, { recursive: true, force: true })
})

function start(args: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'], HOME: folder, ...environment }
  const child = spawn(process.execPath, [cli, ...args], { env, cwd: folder })
  children.push(child)
  const result = { out: '', err: '' }
  child.stdout.on('data', (data) => (result.out += data))
  child.stderr.on('data', (data) => (result.err += data))
  const ended = once(child, 'close').then(([code]: number[]) => ({ code, ...result }))
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(result.out)
      if (found !== null) return found
      await Promise.race([
        once(child.stdout, 'data'),
        ended.then((end) => Promise.reject(new Error(end.err))),
      ])
    }
  }
  return { child, ended, until }
}
const anyPort =
  '--mqtt-host 127.0.0.1 --mqtt-port 0 --no-ws --no-tls --no-wss --no-nats --open-bench --port 0'.split(' ')

describe.skipIf(!existsSync(cli))('oktobench', () => {
  test('tells its version and its help', async () => {
    const [version, help, serveHelp] = await Promise.all([
      start(['--version']).ended,
      start([]).ended,
      start(['serve', '--help']).ended,
    ])
    expect(version).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' })
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('Usage: oktobench COMMAND') })
    expect(serveHelp).toMatchObject({ code: 0, out: expect.stringMatching(/--mqtt-port N .*default: 1883/) })
  })

  test.each([
    [['serv'], 'oktobench: “serv” is not a command. Did you mean serve? See oktobench --help.\n'],
    [
      ['--versoin'],
      'oktobench: --versoin is not a known option. Did you mean --version? See oktobench --help.\n',
    ],
    [['serve', '--prot', '1'], 'oktobench: --prot is not a known option. Did you mean --port?\n'],
    [
      ['serve', '--mqtt-port', '70000'],
      /^oktobench: --mqtt-port must be a whole number from 0 to 65535, not “70000”\.\n$/,
    ],
    [
      ['serve', '--host', '0.0.0.0', ...anyPort],
      /^oktobench: --host 0\.0\.0\.0 is not a loopback address: [^\n]*\n$/,
    ],
  ])('%j ends with one line and code 2', async (args, line) => {
    const { code, out, err } = await start(args).ended
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toMatch(line)
  })

  test('a wrong variable ends with one line that names it', async () => {
    const { code, err } = await start(['serve'], { OKTOBENCH_CAPTURE_BUDGET: 'all' }).ended
    expect(code).toBe(2)
    expect(err).toBe(
      'oktobench: OKTOBENCH_CAPTURE_BUDGET must be a whole number from 1 to 1048576, not “all”.\n',
    )
  })

  test('a port of the user interface that was asked for and is taken ends with one line', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    await writeFile(join(folder, 'bench.json'), JSON.stringify({ version: 1, serve: { port } }))
    const { code, err } = await start(['serve', '--workspace', folder, ...anyPort.slice(0, -2)]).ended
    expect(code).toBe(2)
    expect(err).toBe(
      `oktobench: Port ${port} on 127.0.0.1 is taken by another program. Choose another with --port N.\n`,
    )
    expect(await readdir(folder)).not.toContain('bench.lock')
    holder.close()
  })

  test('serve runs a bench that a device reaches, keeps a second one out, and stops in order', async () => {
    const bench = start(['serve', ...anyPort], { OKTOBENCH_TOKEN: 'a-token-for-this-test' })
    const [, port] = await bench.until(/MQTT {2}TCP (\d+) +listening on 127\.0\.0\.1\n/)
    const [, url] = await bench.until(/^Oktobench is at (\S+)$/m)
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=a-token-for-this-test$/)
    expect((await fetch(url ?? '')).status).toBe(200)

    const device = connectTcp(Number(port), '127.0.0.1')
    // CONNECT of MQTT 5, client ID "a", clean start; the answer begins with CONNACK.
    device.write(Buffer.from('100e00044d5154540502003c00000161', 'hex'))
    const [answer] = (await once(device, 'data')) as [Buffer]
    expect(answer[0]).toBe(0x20)

    const second = await start(['serve', ...anyPort]).ended
    expect(second).toMatchObject({ code: 2, out: '' })
    expect(second.err).toMatch(
      /^oktobench: The workspace .*Oktobench is in use by another bench \(process \d+\)\. [^\n]*\n$/,
    )

    const closed = once(device, 'close')
    bench.child.kill('SIGTERM')
    expect(await bench.ended).toMatchObject({ code: 0 })
    await closed
    expect(await readdir(join(folder, 'Oktobench'))).not.toContain('bench.lock')
  })

  test.skipIf(process.platform !== 'linux')(
    '--open shows the browser a private file, not the token',
    async () => {
      const opener = join(folder, 'xdg-open')
      await writeFile(
        opener,
        `#!/bin/sh\nprintf '%s\\n' "$@" > "${folder}/args.tmp"\nmv "${folder}/args.tmp" "${folder}/args"\n`,
        { mode: 0o755 },
      )
      const environment = {
        OKTOBENCH_TOKEN: 'a-token-for-this-test',
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      }
      const bench = start(['serve', '--open', ...anyPort], environment)
      const [, url] = await bench.until(/^Oktobench is at (\S+)$/m)
      const args = (): Promise<string> => readFile(join(folder, 'args'), 'utf8').catch(() => '')
      await expect.poll(args).toMatch(/^file:\/\/\/.*open\.html\n$/)
      const file = fileURLToPath((await args()).trim())
      expect(await readFile(file, 'utf8')).toContain(`url=${url}"`)
      expect((await stat(file)).mode & 0o777).toBe(0o600)
      bench.child.kill('SIGINT')
      expect(await bench.ended).toMatchObject({ code: 0, err: '' })
      await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
    },
  )
})

test('the greeting has a line a listener, the addresses to enter, and what is wrong', () => {
  const text = greeting(
    {
      ...benchState,
      listeners: [
        { transport: 'tcp', label: 'TCP 1883', host: '*', port: 1883, state: 'listening', connections: 0 },
        {
          transport: 'ws',
          label: 'WebSocket 8083',
          host: '10.0.0.1',
          port: 8083,
          state: 'failed',
          message: 'the port is taken',
          connections: 0,
        },
      ],
      addresses: [
        { address: '127.0.0.1', family: 'IPv4', interface: 'lo', loopback: true },
        { address: '192.168.1.20', family: 'IPv4', interface: 'eth0', loopback: false },
      ],
      problems: [{ id: 'a', severity: 'warning', text: 'serve.port is odd.', since: '' }],
    },
    'http://127.0.0.1:8090/#token=x',
  )
  expect(text.split('\n')).toEqual([
    'Oktobench 1.2.3, workspace /lab',
    'MQTT  TCP 1883        listening on every address',
    'MQTT  WebSocket 8083  not listening: the port is taken',
    'Address to enter in a device: 192.168.1.20 (eth0)',
    'Warning: no authentication; whoever reaches a listener may do everything.',
    'Warning: serve.port is odd.',
    'Oktobench is at http://127.0.0.1:8090/#token=x',
  ])
})
