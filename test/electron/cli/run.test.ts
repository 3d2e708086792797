/** `oktobench run`: its options, and the built command with simulated agents. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readRunOptions, runHelp } from '../../../electron/cli/run-options.ts'
import { freePort } from '../../support/free-port.ts'
import { startMosquitto } from '../../support/mosquitto.ts'
import { startServe } from '../../support/serve.ts'
import { describeWith } from '../../support/tools.ts'

const cli = resolve(import.meta.dirname, '../../../out/main/cli.js')
const flows = resolve(import.meta.dirname, '../../../resources/flows')
const agent = 'os::02005E-SIM1'

describe('options', () => {
  const read = (line: string) => readRunOptions(line.split(' '))

  test('all of them', () => {
    const line =
      'a.yaml lab --device os::A os::B more.yaml --var n=5 --var path=Device. --tag smoke --jobs 2 --repeat 3 ' +
      '--report junit=r.xml html=r.html --report json=r.json --wait-device 2m --verbose --workspace /w --mqtt-port 0 --open-bench ' +
      '--for 10m --capture /c --broker mqtts://h --broker-user u --broker-ca ca.pem'
    const { bench, ...own } = read(line)
    expect(own).toEqual({
      paths: ['a.yaml', 'lab', 'more.yaml'],
      devices: ['os::A', 'os::B'],
      variables: { n: 5, path: 'Device.' },
      tags: ['smoke'],
      jobs: 2,
      repeat: 3,
      reports: [
        { format: 'junit', file: 'r.xml' },
        { format: 'html', file: 'r.html' },
        { format: 'json', file: 'r.json' },
      ],
      waitDevice: 120_000,
      show: 'verbose',
      for: 600_000,
      capture: '/c',
      broker: { host: 'h', port: 8883, isTls: true, user: 'u' },
      brokerCa: 'ca.pem',
    })
    expect(bench).toEqual({
      settings: { 'listeners.tcp.port': 0, 'access.open': true },
      plain: { workspace: '/w' },
    })
  })

  test.each([
    ['--device os::A', 'needs a flow'],
    ['a.yaml', 'needs --device'],
    ['a.yaml --device os::A --jobs 0', '--jobs is a whole number'],
    ['a.yaml --device os::A --report xml=f', '--report is junit'],
    ['a.yaml --device os::A --repaet 2', 'not a known option'],
    ['a.yaml --device os::A --quiet --verbose', 'exclude each other'],
    ['a.yaml --device os::A --var x', '--var is NAME=VALUE'],
    ['a.yaml --device os::A --wait-device soon', '--wait-device is a time'],
    ['a.yaml --device os::A --for ever', '--for is a time'],
    ['a.yaml --device os::A --broker mqtt://me:pass@h', '--broker takes no user and password'],
    ['a.yaml --device os::A --broker-user me', 'belong to --broker'],
  ])('%s', (line, says) => {
    expect(() => read(line)).toThrow(says)
  })

  test('each stands in the help', () => {
    for (const name of [
      'device',
      'var',
      'tag',
      'jobs',
      'repeat',
      'for',
      'capture',
      'broker',
      'broker-user',
      'broker-ca',
      'report',
      'wait-device',
      'quiet',
      'verbose',
    ])
      expect(runHelp).toContain(`--${name}`)
  })
})

describe('the command', () => {
  let folder: string
  let port: number
  let children: ChildProcess[]

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oktobench-run-'))
    children = []
    // Agents must know it before the bench is there.
    port = await freePort()
  })
  afterEach(async () => {
    for (const child of children) {
      child.kill('SIGTERM')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    }
    await rm(folder, { recursive: true, force: true })
  })

  function start(args: readonly string[]) {
    const child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    const said = { out: '', err: '' }
    child.stdout.on('data', (data: Buffer) => (said.out += data.toString()))
    child.stderr.on('data', (data: Buffer) => (said.err += data.toString()))
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }))
    return { child, said, ended }
  }
  const simulate = () =>
    start(['simulate', '--broker', `mqtt://127.0.0.1:${port}`, '--no-probe', '--retry-max', '1'])
  const run = (...args: readonly string[]) => {
    const ports = ['--mqtt-port', String(port), '--ws-port', '0', '--tls-port', '0', '--wss-port', '0']
    const bench = [
      '--workspace',
      join(folder, 'bench'),
      '--no-nats',
      '--open-bench',
      '--no-discover',
      ...ports,
    ]
    return start(['run', ...args, ...bench])
  }

  test('passes: a line a step, reports, 0', async () => {
    simulate()
    const report = join(folder, 'report.xml')
    const { code, out, err } = await run(
      join(flows, 'bring-up.yaml'),
      join(flows, 'search-paths.yaml'),
      '--device',
      agent,
      '--report',
      `junit=${report}`,
    ).ended
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ {2}passed {2}It says who it is \(\d+ ms\)$/m)
    expect(out).toMatch(/^passed {2}Search paths on os::02005E-SIM1 in /m)
    expect(out).toMatch(/\n2 runs: 2 passed\n$/)
    expect(out).not.toContain('\u001b')
    expect(await readFile(report, 'utf8')).toMatch(/<testsuites[^>]*tests="\d+"[^>]*failures="0"/)
  })

  test('keeps what flows attach beside the reports that speak of it', async () => {
    simulate()
    const path = join(folder, 'attach.yaml')
    await writeFile(
      path,
      'flow: 1\nname: Attach\nsteps:\n  - attach: notes.txt\n    content: "Seen by ${device}"\n',
    )
    const reports = join(folder, 'not', 'there', 'yet')
    const [junit, html] = [join(reports, 'r.xml'), join(reports, 'r.html')]
    const { code, err } = await run(path, '--device', agent, '--report', `junit=${junit}`, `html=${html}`)
      .ended
    expect([code, err]).toEqual([0, ''])
    const [, kept = ''] = /\[\[ATTACHMENT\|(.*?)\]\]/.exec(await readFile(junit, 'utf8')) ?? []
    expect(kept.startsWith(join(reports, 'attachments'))).toBe(true)
    expect(await readFile(kept, 'utf8')).toBe(`Seen by ${agent}`)
    expect(await readFile(html, 'utf8')).toContain(`<pre>Seen by ${agent}</pre>`)
  })

  test('fails: what was expected and seen, 1', async () => {
    simulate()
    const path = join(folder, 'wrong.yaml')
    const text =
      'flow: 1\nname: Wrong\nsteps:\n  - send: { get: Device.DeviceInfo. }\n' +
      '    expect: { params: { Device.DeviceInfo.Manufacturer: "${secret.maker}" } }\nsecrets: [maker]\n'
    await writeFile(path, text)
    process.env['OKTOBENCH_SECRET_maker'] = 'Somebody'
    const { ended } = run(path, '--device', agent, '--quiet')
    delete process.env['OKTOBENCH_SECRET_maker']
    const { code, out } = await ended
    expect(code).toBe(1)
    expect(out).toContain('seen "Oktobench"')
    expect(out).not.toContain('Somebody')
    expect(out).toContain('1 run: 1 failed')
  })

  test('cannot run: a device that does not come, and a flow with errors, 2', async () => {
    const { code, out } = await run(flows, '--device', agent, '--wait-device', '1s').ended
    expect(code).toBe(2)
    // Once, however many flows there are.
    expect(out.match(/did not connect and subscribe within 1 s/g)).toHaveLength(1)
    expect(out).toMatch(/ERROR {3}\d+ flows on os::02005E-SIM1: /)
    await mkdir(join(folder, 'flows'))
    await writeFile(join(folder, 'flows', 'bad.yaml'), 'flow: 1\nname: x\nsteps:\n  - sned: {}\n')
    const wrong = await run(join(folder, 'flows'), '--device', agent).ended
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('bad.yaml:4:5 ')
  })

  test('joins the bench that has the workspace, keeps the packets of each run, and leaves it running', async () => {
    const served = await startServe()
    try {
      start(['simulate', '--broker', `mqtt://127.0.0.1:${served.mqttPort}`, '--no-probe', '--retry-max', '1'])
      const packets = join(folder, 'packets')
      const bench = ['--workspace', served.workspace, '--capture', packets, '--repeat', '2']
      const { code, out, err } = await start([
        'run',
        join(flows, 'bring-up.yaml'),
        '--device',
        agent,
        ...bench,
      ]).ended
      expect([code, err]).toEqual([0, expect.stringContaining('runs on this workspace is used')])
      expect(out).toContain('2 runs: 2 passed')
      const kept = await readdir(packets)
      // The names end in random digits, which the order of the folder follows.
      const ends = / [0-9a-f]{6}\.pcapng$/
      expect(
        kept
          .filter((name) => ends.test(name))
          .map((name) => name.replace(ends, ''))
          .sort(),
      ).toEqual(['Bring-up os-02005E-SIM1', 'Bring-up os-02005E-SIM1 2'])
      const one = await start(['capture', 'info', join(packets, kept[0] ?? '')]).ended
      expect(one.out).toMatch(/^Rows: +6$/m)
      expect(await readdir(join(served.workspace, 'exports'))).toEqual([])
      expect(served.process.exitCode).toBeNull()
    } finally {
      await served.stop()
    }
  })

  describeWith(['mosquitto'], 'another broker', () => {
    test('has the devices: they are tested through a relay, and the packets kept', async () => {
      const mosquitto = await startMosquitto()
      try {
        const url = `mqtt://127.0.0.1:${mosquitto.port}`
        start(['simulate', '--broker', url, '--no-probe', '--retry-max', '1'])
        const packets = join(folder, 'packets')
        const paths = ['bring-up', 'search-paths', 'add-set-delete'].map((name) =>
          join(flows, `${name}.yaml`),
        )
        const more = ['--device', agent, '--broker', url, '--capture', packets]
        const { code, out, err } = await start(['run', ...paths, ...more]).ended
        expect([code, err, out.split('\n').at(-2)]).toEqual([0, '', '3 runs: 3 passed'])
        expect(await readdir(packets)).toHaveLength(3)
      } finally {
        await mosquitto.stop()
      }
    })

    test('cannot be used: why, 2', async () => {
      const more = ['--device', agent, '--broker', `mqtt://127.0.0.1:${port}`]
      const { code, err } = await start(['run', join(flows, 'bring-up.yaml'), ...more]).ended
      expect([code, err]).toEqual([2, expect.stringContaining('Nothing listens at')])
    })
  })

  test('a device played by a flow of its own: what the one asks the other answers', async () => {
    const path = join(folder, 'both.yaml')
    const text =
      'flow: 1\nname: Both\nsteps:\n  - wait: online\n    within: 20s\n' +
      '  - send: { get: Device.DeviceInfo.UpTime }\n    expect: { params: { Device.DeviceInfo.UpTime: 7 } }\n'
    await writeFile(path, text)
    const broker = `mqtt://127.0.0.1:${port}`
    const agentOptions = ['--endpoint', agent, '--no-probe', '--retry-max', '1']
    const device = start(['simulate', '--broker', broker, '--flow', path, ...agentOptions])
    const { code, err } = await run(path, '--device', agent).ended
    expect([code, err]).toEqual([0, ''])
    device.child.kill('SIGINT')
    const played = await device.ended
    expect([played.code, played.out]).toEqual([0, expect.stringContaining('1 of 1 exchanges played')])
  })

  test('again and again for as long as it is told', async () => {
    simulate()
    const path = join(folder, 'short.yaml')
    await writeFile(path, 'flow: 1\nname: Short\nsteps:\n  - sleep: 100ms\n')
    const { code, out } = await run(path, '--device', agent, '--for', '3s', '--quiet').ended
    expect(code).toBe(0)
    expect(Number(/(\d+) runs: \1 passed/.exec(out)?.[1])).toBeGreaterThan(1)
  })

  test('a signal stops it: the clean-up is done, the report written, 2', async () => {
    simulate()
    const path = join(folder, 'long.yaml')
    const report = join(folder, 'report.json')
    const text =
      'flow: 1\nname: Long\nsteps:\n  - check: 1 == 1\n  - sleep: 9m\ncleanup:\n  - name: Tidy\n    set: { a: 1 }\n'
    await writeFile(path, text)
    const { child, said, ended } = run(path, '--device', agent, '--report', `json=${report}`)
    await expect.poll(() => said.out, { timeout: 20_000 }).toContain('1 == 1')
    child.kill('SIGINT')
    const { code, out } = await ended
    expect(code).toBe(2)
    expect(out).toMatch(/^ {2}passed {2}Tidy/m)
    const { results } = JSON.parse(await readFile(report, 'utf8')) as { results: { status: string }[] }
    expect(results.map(({ status }) => status)).toEqual(['stopped'])
  })
  test('a second signal ends the clean-up; the report is written all the same, 2', async () => {
    simulate()
    const path = join(folder, 'long.yaml')
    const report = join(folder, 'report.json')
    const text = 'flow: 1\nname: Long\nsteps:\n  - check: 1 == 1\n  - sleep: 9m\ncleanup:\n  - sleep: 8m\n'
    await writeFile(path, text)
    const { child, said, ended } = run(path, '--device', agent, '--report', `json=${report}`)
    await expect.poll(() => said.out, { timeout: 20_000 }).toContain('1 == 1')
    child.kill('SIGTERM')
    await expect.poll(() => said.err, { timeout: 5000 }).toContain('a second signal')
    // Signals that come at once are one: npm passes on what the terminal has told already.
    const again = setInterval(() => child.kill('SIGTERM'), 400)
    const { code } = await ended
    clearInterval(again)
    expect(code).toBe(2)
    expect(await readFile(report, 'utf8')).toContain('"stopped"')
  })

  test('who reads its lines goes: it ends quietly, with its clean-up', async () => {
    simulate()
    const path = join(folder, 'loop.yaml')
    await writeFile(path, `flow: 1\nname: Long\nsteps:\n${'  - sleep: 100ms\n'.repeat(300)}`)
    const { child, said, ended } = run(path, '--device', agent)
    await expect.poll(() => said.out, { timeout: 20_000 }).toContain('sleep')
    child.stdout.destroy()
    const { code, err } = await ended
    expect([code, err]).toEqual([2, ''])
  })

  test('what can be known before is told before: reports, secrets, names', async () => {
    const starter = join(flows, 'bring-up.yaml')
    await writeFile(join(folder, 'file'), '')
    const report = `junit=${join(folder, 'file', 'r.xml')}`
    const wrong = async (...args: string[]) => {
      const { code, err } = await run(...args, '--device', agent).ended
      return [code, err]
    }
    const said = (text: string) => [2, expect.stringContaining(text) as string]
    expect(await wrong(starter, '--report', report)).toEqual(said('cannot be written (E'))
    expect(await wrong(`${starter}x`)).toEqual(said('There is no file or folder'))
    expect(await wrong('@starter', '--tag', 'smokee')).toEqual(said('Did you mean smoke?'))
    expect(await wrong('@starter', '--var', 'subscripton=x')).toEqual(said('Did you mean subscription?'))
  })
})
