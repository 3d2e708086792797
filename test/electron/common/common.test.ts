import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { workspaceFolder } from '../../../electron/common/launch.ts'
import { describeError, redact } from '../../../electron/common/log.ts'
import { describeOptions, readOptions, workspaceOption } from '../../../electron/common/options.ts'
import { stopInOrder } from '../../../electron/common/stop.ts'

describe('redaction', () => {
  test.each([
    ['http://127.0.0.1:8090/#token=abc-DEF_1', 'http://127.0.0.1:8090/#token=(removed)'],
    ['{"user":"a","password":"p\\"w"}', '{"user":"a","password":(removed)}'],
    ['password: hunter2, next', 'password: (removed), next'],
    ['Authorization: Bearer abc.def', 'Authorization: (removed)'],
    ['mqtt://cpe:geheim@10.0.0.1:1883', 'mqtt://cpe:(removed)@10.0.0.1:1883'],
    ['OKTOBENCH_TOKEN=0123', 'OKTOBENCH_TOKEN=(removed)'],
    ['client_secret="a b"', 'client_secret=(removed)'],
    ['-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----', '(private key removed)'],
  ])('%s', (text, expected) => expect(redact(text)).toBe(expected))

  test.each(['the token was refused', 'port 1883 is taken', 'http://127.0.0.1:8090/', 'user a@b'])(
    'leaves “%s”',
    (text) => expect(redact(text)).toBe(text),
  )
})

test('an error is described with its causes', () => {
  const text = describeError(new Error('outer', { cause: new TypeError('inner') }))
  expect(text).toMatch(/Error: outer[^]*caused by: TypeError: inner/)
  expect(describeError('plain')).toBe('plain')
})

test('the workspace is the given folder, else the one of the environment, else one at home', () => {
  expect(workspaceFolder('lab', { OKTOBENCH_WORKSPACE: '/w' })).toBe(resolve('lab'))
  expect(workspaceFolder(undefined, { OKTOBENCH_WORKSPACE: '/w' })).toBe(resolve('/w'))
  expect(workspaceFolder(undefined, { OKTOBENCH_WORKSPACE: '' })).toBe(join(homedir(), 'Oktobench'))
})

describe('options', () => {
  const read = (...args: string[]) => readOptions(args, [workspaceOption, { flag: 'open', description: '' }])

  test('become settings and plain values', () => {
    expect(
      read('--port', '0', '--mqtt-host=::', '--no-ws', '--status', '--workspace', 'lab 3', '--open'),
    ).toEqual({
      settings: {
        'serve.port': 0,
        'listeners.tcp.host': '::',
        'listeners.ws.enabled': false,
        'oktopus.status': true,
      },
      plain: { workspace: 'lab 3', open: true },
    })
  })

  test.each([
    [['--prot', '1'], '--prot is not a known option. Did you mean --port?'],
    [['--mqttport', '1'], '--mqttport is not a known option. Did you mean --mqtt-port?'],
    [['--frobnicate'], '--frobnicate is not a known option.'],
    [['-p', '1'], '-p is not a known option.'],
    [['--port'], '--port needs a value.'],
    [['--port', '--open'], '--port needs a value.'],
    [['--workspace='], '--workspace needs a value.'],
    [['--port', 'x'], '--port must be a whole number from 0 to 65535, not “x”.'],
    [['--no-ws=1'], '--no-ws takes no value.'],
    [['--no-port'], '--no-port is not a known option.'],
    [['extra'], '“extra” is not understood; options begin with --.'],
    [['--toString'], '--toString is not a known option.'],
  ])('%j is refused in one line', (args, message) => {
    expect(() => read(...args)).toThrow(expect.objectContaining({ name: 'UsageError' }))
    expect(() => read(...args)).toThrow(message)
  })

  test('that are Chromium’s are passed over by the shell', () => {
    const args = ['--no-sandbox', '--remote-debugging-port', '9222', '--mqtt-port', '1']
    expect(readOptions(args, [workspaceOption], 'ignore unknown').settings).toEqual({
      'listeners.tcp.port': 1,
    })
  })

  test('have a line of help each', () => {
    const text = describeOptions([workspaceOption])
    expect(text).toMatch(/^ {2}--workspace DIR +folder of the workspace/)
    expect(text).toMatch(/--mqtt-port N +port for MQTT over TCP; 0 is any free one \(default: 1883\)/)
    expect(text).toMatch(/--no-ws +do not listen for MQTT over WebSocket$/m)
  })
})

describe('stopping in order', () => {
  test('waits for each step, and goes on after one that fails', async () => {
    const ended: string[] = []
    const log = vi.fn()
    const step = (name: string, run?: () => void) => ({
      name,
      run: async () => {
        await Promise.resolve()
        run?.()
        ended.push(name)
      },
    })
    const failure = new Error('stuck')
    const failing = step('two', () => {
      throw failure
    })
    expect(await stopInOrder([step('one'), failing, step('three')], log)).toBe(false)
    expect(ended).toEqual(['one', 'three'])
    expect(log).toHaveBeenCalledExactlyOnceWith('Stopping: two failed', failure)
    expect(await stopInOrder([step('four')], log)).toBe(true)
  })

  test('leaves behind what hangs', async () => {
    const log = vi.fn()
    const hang = { name: 'the engine', run: () => new Promise<void>(() => undefined) }
    expect(await stopInOrder([hang], log, 1)).toBe(false)
    expect(log).toHaveBeenCalledExactlyOnceWith(
      'Stopping: the engine did not end within 1 ms; it is left behind',
    )
  })
})
