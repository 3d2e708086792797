import { execFile } from 'node:child_process'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  agentLine,
  agentParameters,
  clientLine,
  fileName,
  MISSING_ADDRESS,
  tlsTarget,
  trustLines,
} from '../../../../renderer/features/certificates/lines.ts'
import { testEngine, type TestEngine } from '../../../support/engine.ts'
import { describeWith } from '../../../support/tools.ts'
import { fakeBench } from './fake-lab.ts'

const target = { address: '192.168.1.20', port: 8884, listener: undefined }

describe('where TLS is reached', () => {
  it('is best an address that the server certificate names', () => {
    expect(tlsTarget(fakeBench(), ['localhost', '192.168.1.20']).address).toBe('192.168.1.20')
    expect(tlsTarget(fakeBench(), ['wrong.invalid']).address).toBe('10.0.0.9')
  })

  it('is only where the listener is bound', () => {
    const bench = fakeBench()
    const listeners = bench.listeners.map((listener) => ({ ...listener, host: '127.0.0.1', port: 18_883 }))
    const found = tlsTarget({ ...bench, listeners }, ['192.168.1.20'])
    expect([found.address, found.port]).toEqual(['127.0.0.1', 18_883])
  })

  it('says what is missing on a bench without an address', () => {
    expect(tlsTarget({ ...fakeBench(), addresses: [] }, []).address).toBe(MISSING_ADDRESS)
    expect(tlsTarget(undefined, [])).toEqual({ address: MISSING_ADDRESS, port: 8883, listener: undefined })
  })
})

describe('lines', () => {
  it.each([
    ['/home/lab/certificates/lab-ca.pem', 'lab-ca.pem'],
    [String.raw`C:\Users\lab\certificates\lab-ca.pem`, 'lab-ca.pem'],
    ['lab-ca.pem', 'lab-ca.pem'],
  ])('the name of %s is %s', (path, name) => expect(fileName(path)).toBe(name))

  it('give OBUSPA the authority, and the bundle where there is one', () => {
    expect(trustLines(target, 'lab-ca.pem')).toMatch(/^obuspa -f usp\.db -t lab-ca\.pem\n/)
    expect(agentLine('os_1.pem', 'lab-ca.pem')).toBe('obuspa -f usp.db -a os_1.pem -t lab-ca.pem')
  })

  it('turn TLS on in OBUSPA', () =>
    expect(agentParameters(target).split('\n')).toEqual([
      'Device.MQTT.Client.1.BrokerAddress "192.168.1.20"',
      'Device.MQTT.Client.1.BrokerPort "8884"',
      'Device.MQTT.Client.1.TransportProtocol "TLS"',
    ]))

  it('are words of a shell, whatever a file is called', () =>
    expect(agentLine("it's.pem", 'lab-ca.pem')).toContain(`-a 'it'\\''s.pem' -t`))
})

describeWith(['mosquitto-clients'], 'the line for mosquitto_pub, as it is shown', () => {
  let bench: TestEngine
  beforeAll(async () => void (bench = await testEngine({ 'access.open': false })))
  afterAll(() => bench.stop())

  it('publishes with the certificate alone on a bench that admits nobody without a password', async () => {
    const { engine } = bench
    const endpointId = 'os::012345-CPE%2F1'
    await engine.handlers['certificates.ask']({ mode: 'required' })
    const { serial } = await engine.handlers['certificates.issue']({ endpointId, username: 'rg-lab' })
    const { file, authorityFile } = await engine.handlers['certificates.bundle']({ serial })
    const { server } = engine.current('certificates')
    const line = clientLine(tlsTarget(engine.current('bench'), server.hosts), {
      bundle: file,
      authority: authorityFile,
      endpointId,
    })
    const { stderr } = await promisify(execFile)('sh', ['-c', line], { cwd: dirname(file) })
    expect(stderr).toBe('')
    await expect
      .poll(() => bench.rows('mqtt.topic contains "controller"'))
      .toMatchObject([{ device: endpointId, topic: `oktopus/usp/v1/controller/${endpointId}` }])
  })
})
