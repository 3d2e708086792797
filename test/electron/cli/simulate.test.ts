/** `oktobench simulate`: its options, and the built command against a real broker. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeState } from '../../../electron/cli/simulate.ts'
import { readSimulateOptions, simulateHelp } from '../../../electron/cli/simulate-options.ts'
import { misbehaviourNames } from '../../../electron/engine/simulator/misbehaviours.ts'
import { testBroker, type TestBroker } from '../../support/broker.ts'

const cli = resolve(import.meta.dirname, '../../../out/main/cli.js')
const broker = '--broker mqtt://127.0.0.1:1883'

/** Starting a process takes its time beside other tests. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 })

const read = (line: string) => readSimulateOptions(line.split(' ').filter(Boolean))

describe('options', () => {
  test('the broker is enough', () => {
    const options = read(broker)
    expect(options).toMatchObject({
      host: '127.0.0.1',
      port: 1883,
      isTls: false,
      count: 1,
      mqtt: 5,
      quirks: {},
    })
    expect(options.endpointId(1)).toBe('os::02005E-SIM1')
  })

  test('all of them', () => {
    const line =
      '--broker mqtts://[::1] --ca a.pem --count 100 --rate 7 --endpoint os::X-{n} --mqtt 3.1.1 --user u --password-file p ' +
      '--qos 1 --response-information --parameters 20000 --misbehave slow,duplicate --no-probe --retry-max 9'
    const options = read(line)
    expect(options).toMatchObject({
      host: '::1',
      port: 8883,
      isTls: true,
      ca: 'a.pem',
      count: 100,
      perSecond: 7,
      mqtt: 4,
      user: 'u',
      passwordFile: 'p',
      publishQos: 1,
      requestsResponseInformation: true,
      parameters: 20_000,
      quirks: { answerDelayMs: 2000, copies: 2 },
      probes: false,
      maxRetrySeconds: 9,
    })
    expect([options.endpointId(1), options.endpointId(100)]).toEqual(['os::X-001', 'os::X-100'])
  })

  test.each([
    ['', /needs --broker, such as/],
    ['--broker http://x', /--broker must be mqtt:/],
    ['--broker x', /--broker must be mqtt:/],
    ['--broker mqtt://u:p@x', /takes no user and password/],
    [`${broker} --count 0`, /--count must be a whole number from 1 to 10000, not “0”/],
    [`${broker} --count 10001`, /--count must be a whole number/],
    [`${broker} --count 2 --endpoint one`, /needs \{n\}/],
    [`${broker} --endpoint a/b`, /must not hold/],
    [`${broker} --mqtt 3.1`, /--mqtt must be 5.0 or 3.1.1/],
    [`${broker} --misbehave slwo`, /“slwo” is not a misbehaviour\. Did you mean slow\?/],
    [`${broker} --model x --parameters 5`, /is for the usual model/],
    [`${broker} --cuont 3`, /--cuont is not a known option\. Did you mean --count\?/],
    [`${broker} three`, /“three” is not understood/],
    [`${broker} --count`, /--count needs a value/],
  ])('“%s” is told in one line', (line, message) => {
    expect(() => read(line)).toThrow(message)
  })

  test('the help names every misbehaviour, and no setting of the bench', () => {
    for (const name of misbehaviourNames) expect(simulateHelp()).toContain(`  ${name} `)
    expect(simulateHelp()).not.toContain('--capture-budget')
  })
})

test('the line of state tells what is and why', () => {
  const agents = { ready: 2, connecting: 0, waiting: 1, stopped: 0 }
  const state = { agents, requests: 1, notifications: 3, dropped: 0, failure: 'refused', wasReady: true }
  expect(describeState(3, state)).toBe('3 agents: 2 ready, 1 waiting (refused); 1 request, 3 notifications')
})

describe.skipIf(!existsSync(cli))('the command', () => {
  let bench: TestBroker
  let folder: string
  beforeEach(async () => {
    bench = await testBroker()
    folder = await mkdtemp(join(tmpdir(), 'oktobench-simulate-'))
  })
  afterEach(async () => {
    await bench.close()
    await rm(folder, { recursive: true, force: true })
  })

  function start(...args: string[]) {
    const child = spawn(process.execPath, [cli, 'simulate', ...args], { cwd: folder })
    const result = { out: '', err: '' }
    child.stdout.on('data', (data) => (result.out += data))
    child.stderr.on('data', (data) => (result.err += data))
    return { child, result, ended: once(child, 'close').then(([code]: number[]) => ({ code, ...result })) }
  }

  test('runs agents until it is told to stop; they say goodbye', async () => {
    await writeFile(join(folder, 'password'), 'a-password-for-this-test\n')
    const url = `mqtt://127.0.0.1:${bench.port}`
    const { child, ended, result } = start(
      '--broker',
      url,
      '--count',
      '3',
      '--no-probe',
      '--password-file',
      'password',
    )
    await eventually(() => result.out).toContain('3 agents: 3 ready; 0 requests, 3 notifications\n')
    expect(bench.accepted.map(({ connect }) => connect?.username).sort()).toEqual(
      [1, 2, 3].map((n) => `os::02005E-SIM${n}`),
    )
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 0, err: '' })
    await eventually(() => [...bench.recorder.closes.values()].map(({ by }) => by)).toEqual([
      'device',
      'device',
      'device',
    ])
  })

  test('nobody listens: it says why, and ends with 1', async () => {
    const url = `mqtt://127.0.0.1:${bench.port}`
    await bench.close()
    const { child, ended, result } = start('--broker', url)
    await eventually(() => result.out).toMatch(/1 agent: 0 ready, 1 waiting \(.*ECONNREFUSED.*\)/)
    child.kill('SIGINT')
    expect(await ended).toMatchObject({ code: 1, err: '' })
    bench = await testBroker()
  })

  test('a model that cannot be used is told with its line, and ends with 2', async () => {
    await writeFile(join(folder, 'model.txt'), 'Device.\n  Name strin\n')
    const { code, err } = await start('--broker', 'mqtt://127.0.0.1:1', '--model', 'model.txt').ended
    expect(code).toBe(2)
    expect(err).toMatch(/^oktobench: model\.txt: Line 2 of the model: the type of Name must be [^\n]*\n$/)
  })
})
