import { describe, expect, it } from 'vitest'
import { isBound, sortedAddresses } from '../../../renderer/features/bench/addresses.ts'
import {
  endpointIdProblem,
  obuspaCommands,
  obuspaFile,
  obuspaParameters,
} from '../../../renderer/features/bench/obuspa.ts'
import { parsePort } from '../../../renderer/features/bench/port.ts'
import { sessionExpiry } from '../../../renderer/features/devices/facts.ts'
import { fakeBench } from '../fake-host.ts'

const target = { address: '192.168.1.20', port: 1883, endpointId: 'os::012345-CPE1', login: false }

describe('addresses', () => {
  it('puts what a device on the LAN can reach first', () => {
    expect(sortedAddresses(fakeBench().addresses).map(({ address }) => address)).toEqual([
      '192.168.1.20',
      'fd00::20',
      'fe80::1c2a:7bff:fe11:9d20',
      '127.0.0.1',
    ])
  })
})

it('knows at which addresses a listener is reached', () => {
  const [lan, ula] = sortedAddresses(fakeBench().addresses)
  expect([isBound('*', lan!), isBound('*', ula!)]).toEqual([true, true])
  expect([isBound('0.0.0.0', lan!), isBound('0.0.0.0', ula!)]).toEqual([true, false])
  expect([isBound('192.168.1.20', lan!), isBound('127.0.0.1', lan!)]).toEqual([true, false])
})

describe('OBUSPA configuration', () => {
  it('names the broker and mirrors the topics of the endpoint', () => {
    const parameters = new Map(obuspaParameters(target))
    expect(parameters.get('Device.MQTT.Client.1.BrokerAddress')).toBe('192.168.1.20')
    expect(parameters.has('Device.MQTT.Client.1.BrokerPort')).toBe(false)
    expect(parameters.get('Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured')).toBe(
      'oktopus/usp/v1/agent/os::012345-CPE1',
    )
    expect(parameters.get('Device.LocalAgent.Controller.1.MTP.1.MQTT.Topic')).toBe(
      'oktopus/usp/v1/controller/os::012345-CPE1',
    )
  })

  it('names a user where the bench asks for one', () => {
    const lines = obuspaFile({ ...target, login: true })
    expect(lines).toContain('Device.MQTT.Client.1.Username "os::012345-CPE1"\n')
    expect(lines).toContain('Device.MQTT.Client.1.Password "<password>"\n')
    expect(obuspaFile(target)).not.toContain('Password')
  })

  it('writes the port only where it is not the default', () => {
    expect(obuspaFile({ ...target, port: 11_883 })).toContain('Device.MQTT.Client.1.BrokerPort "11883"\n')
  })

  it('writes commands that a shell takes as they are', () => {
    const lines = obuspaCommands({ ...target, endpointId: '' })
      .trimEnd()
      .split('\n')
    expect(lines).toHaveLength(obuspaParameters(target).length)
    expect(lines[0]).toBe(`obuspa -f usp.db -c dbset Device.LocalAgent.EndpointID '<endpoint ID>'`)
    expect(lines).toContain(
      `obuspa -f usp.db -c dbset Device.LocalAgent.Subscription.1.ReferenceList 'Device.Boot!'`,
    )
  })

  it.each([
    ['', false],
    ['os::012345-CPE1', false],
    ['os::a%2Fb', false],
    ['a/b', true],
    ['os::+', true],
    ['os::#', true],
    ['os:: x', true],
    ['"quoted"', true],
    ['x'.repeat(101), true],
  ])('endpoint ID %j has a problem: %s', (id, bad) => expect(endpointIdProblem(id) !== undefined).toBe(bad))
})

it.each([
  ['1883', 1883],
  [' 65535 ', 65_535],
  ['0', undefined],
  ['65536', undefined],
  ['18 83', undefined],
  ['1e3', undefined],
  ['', undefined],
])('port %j is %s', (text, port) => {
  const parsed = parsePort(text)
  expect(parsed.ok ? parsed.port : undefined).toBe(port)
})

it('says what a Session Expiry Interval means', () => {
  expect(sessionExpiry(0)).toContain('ends with the connection')
  expect(sessionExpiry(0xffffffff)).toBe('never')
  expect(sessionExpiry(3600)).toBe('3,600 s (1 h)')
})
