import { describe, expect, it } from 'vitest'
import { checkDatabase, type CheckTarget } from '../../../shared/attach/check.ts'
import { parseDatabase } from '../../../shared/attach/database.ts'
import { attachForms, attachOutput, certificateFiles } from '../../../shared/attach/outputs.ts'
import {
  attachParameters,
  endpointIdProblem,
  parametersOf,
  PASSWORD_PLACE,
  type AttachTarget,
} from '../../../shared/attach/parameters.ts'

const id = 'os::012345-CPE1'
const plain: AttachTarget = { address: '192.168.1.20', port: 1883, transport: 'tcp', endpointId: id }
const login = { username: id, password: `it's $5` }
const target: CheckTarget = {
  ...plain,
  login: { username: id, password: PASSWORD_PLACE },
  addresses: ['192.168.1.20', 'fd00::20'],
}
const valueOf = (parameters: ReturnType<typeof attachParameters>, end: string) =>
  parameters.find(({ path }) => path.endsWith(end))?.value

describe('parameters', () => {
  it('names the broker and mirrors the topics of the endpoint', () => {
    const parameters = attachParameters(plain)
    expect(valueOf(parameters, '.BrokerAddress')).toBe('192.168.1.20')
    expect(valueOf(parameters, '.ResponseTopicConfigured')).toBe(`oktopus/usp/v1/agent/${id}`)
    expect(valueOf(parameters, '.MQTT.Topic')).toBe(`oktopus/usp/v1/controller/${id}`)
  })
  it('leaves out what is the default, and what is not asked for', () => {
    const paths = attachParameters(plain).map(({ path }) => path.split('.').at(-1))
    expect(paths).not.toContain('BrokerPort')
    expect(paths).not.toContain('TransportProtocol')
    expect(paths).not.toContain('Username')
    const other = attachParameters({ ...plain, port: 8883, transport: 'tls', login })
    expect(valueOf(other, '.BrokerPort')).toBe('8883')
    expect(valueOf(other, '.TransportProtocol')).toBe('TLS')
    expect(valueOf(other, '.Password')).toBe(login.password)
  })
  it('gives a chosen few, with defaults, for mending', () => {
    expect(parametersOf(plain, ['brokerPort', 'username']).map(({ value }) => value)).toEqual(['1883'])
  })
})

describe('outputs', () => {
  it('says in comments what to do, and holds every value', () => {
    for (const form of attachForms) {
      const { text } = attachOutput({ ...plain, port: 8883, transport: 'tls', login }, form)
      expect(text, form).toMatch(/^# .*\n/)
      expect(text, form).toContain('lab-ca.pem')
      for (const value of [
        '192.168.1.20',
        '8883',
        'TLS',
        `agent/${id}`,
        `controller/${id}`,
        'oktopusController',
      ])
        expect(text, form).toContain(value)
    }
  })
  it('writes words that a shell takes as they are', () => {
    expect(attachOutput({ ...plain, login }, 'commands').text).toContain(
      `obuspa -f usp.db -c dbset Device.MQTT.Client.1.Password 'it'\\''s $5'\n`,
    )
    expect(attachOutput(plain, 'commands').text).toContain(`ReferenceList 'Device.Boot!'\n`)
  })
  it('makes a factory reset file that is read back as what it says', () => {
    const { byPath, unread } = parseDatabase(attachOutput({ ...plain, login }, 'file').text)
    expect(unread).toEqual([])
    expect([...byPath.values()].map(({ path, value }) => [path, value])).toEqual(
      attachParameters({ ...plain, login }).map(({ path, value }) => [path, value]),
    )
  })
  it('refers to UCI sections by name', () => {
    const { text } = attachOutput({ ...plain, login }, 'uci')
    expect(text).toContain('uci set obuspa.bench_controller.mqtt=bench_mqtt\n')
    expect(text).toContain(`uci set obuspa.localagent.EndpointID=${id}\n`)
    expect(text).toContain('uci set obuspa.bench_mtp.Enable=1\n')
    expect(text).not.toContain('Reference=')
  })
  it('types what RDK-B wants typed', () => {
    const { text } = attachOutput({ ...plain, port: 11_883 }, 'dmcli')
    expect(text).toContain('dmcli eRT setv Device.MQTT.Client.1.BrokerPort uint 11883\n')
    expect(text).toContain('dmcli eRT setv Device.MQTT.Client.1.Enable bool true\n')
  })
  it('lists the files that TLS needs', () => {
    expect(certificateFiles(plain)).toEqual([])
    expect(certificateFiles({ ...plain, transport: 'tls' })).toEqual(['lab-ca.pem', 'device.pem'])
    expect(certificateFiles({ ...plain, transport: 'tls', login })).toEqual(['lab-ca.pem'])
  })
})

describe('check of a database', () => {
  const good = attachOutput({ ...plain, login }, 'file').text
  const check = (text: string, change: Partial<CheckTarget> = {}) =>
    checkDatabase(text, { ...target, ...change })
  const problem = (result: ReturnType<typeof checkDatabase>, end: string) =>
    result.findings.find(({ path }) => path.endsWith(end))

  it('finds nothing in what the bench itself writes', () => {
    expect(check(good).findings).toEqual([])
    expect(check(good, { endpointId: '' })).toMatchObject({ endpointId: id, findings: [] })
    expect(check(attachOutput({ ...plain, login }, 'commands').text).findings).toEqual([])
  })
  it('reads the forms in which databases are shown', () => {
    const shown = good.replaceAll(/^(Device\S+) "(.*)"$/gm, '$1 => $2')
    expect(check(shown).findings).toEqual([])
    expect(check(`${good}\nhello`).unread).toHaveLength(1)
  })

  const lineOf = (end: string) => good.split('\n').findIndex((line) => line.includes(end)) + 1
  it.each([
    ['.BrokerAddress', '10.0.0.1', /needs 192\.168\.1\.20/],
    ['.BrokerAddress', 'acs.example.net', /is a name/],
    ['.Username', 'other', /needs os::012345-CPE1/],
    ['.Password', '', /no password/],
    ['Client.1.Enable', 'false', /does not connect/],
    ['MTP.1.Protocol', 'STOMP', /needs MQTT/],
    ['.ResponseTopicConfigured', 'oktopus/usp/v1/controller', /hear its own messages/],
    ['.ResponseTopicConfigured', 'oktopus/usp/v1/agent/os::other', /ends in os::other/],
    ['.MQTT.Topic', `oktopus/usp/v1/agent/${id}`, /come back to it/],
    ['LocalAgent.MTP.1.MQTT.Reference', 'Device.MQTT.Client.2', /names the MQTT client/],
    ['Controller.1.EndpointID', 'self::controller', /drops silently/],
    ['Controller.1.Enable', '0', /says nothing/],
    ['LocalAgent.EndpointID', 'os::other', /needs os::012345-CPE1/],
  ])('points at the line of %s = %s', (end, value, text) => {
    const line = lineOf(`${end} `)
    const broken = good
      .split('\n')
      .map((one, index) => (index + 1 === line ? one.replace(/".*"/, `"${value}"`) : one))
      .join('\n')
    const found = problem(check(broken), end)
    expect(found).toMatchObject({ severity: 'wrong', line })
    expect(found?.text).toMatch(text)
    if (end !== '.Password') expect(found?.mend).toMatch(/^obuspa -f usp\.db -c dbset Device\./)
    // What was pasted as a password is told to nobody.
    expect(JSON.stringify(check(broken))).not.toContain('$5')
  })

  it.each(['.BrokerAddress', '.MQTT.Topic', '.MTP.1.Enable', '.Password', '.ResponseTopicConfigured'])(
    'misses %s',
    (end) => {
      const less = good
        .split('\n')
        .filter((line) => !line.includes(`${end} `))
        .join('\n')
      expect(problem(check(less), end)).toMatchObject({ severity: 'wrong' })
      expect(problem(check(less), end)?.line).toBeUndefined()
    },
  )
  it('advises where the device works without', () => {
    const less = good
      .split('\n')
      .filter((line) => !line.includes('Subscription'))
      .join('\n')
    const { findings } = check(less)
    expect(findings).not.toHaveLength(0)
    expect(findings.every(({ severity }) => severity === 'advice')).toBe(true)
    expect(findings.map(({ mend }) => mend).join('\n')).toContain(`ReferenceList 'Device.Boot!'`)
  })
  it('takes the rows that fit, whatever their numbers', () => {
    const moved = good
      .replaceAll('MQTT.Client.1', 'MQTT.Client.3')
      .replaceAll('Controller.1.', 'Controller.2.')
      .replaceAll('LocalAgent.Controller.1"', 'LocalAgent.Controller.2"')
    const result = check(`Device.LocalAgent.Controller.1.EndpointID "self::x"\n${moved}`)
    expect(result.instances).toMatchObject({ client: 3, controller: 2 })
    expect(result.findings).toEqual([])
  })
  it('takes a reference with a dot, and the controller topic that all share', () => {
    const other = good
      .replaceAll('"Device.MQTT.Client.1"', '"Device.MQTT.Client.1."')
      .replace(`controller/${id}`, 'controller')
    expect(check(other).findings).toEqual([])
  })
  it('warns of 3.1.1 and of a fixed client ID', () => {
    const { findings } = check(
      `${good}\nDevice.MQTT.Client.1.ProtocolVersion "3.1.1"\nDevice.MQTT.Client.1.ClientID "x"`,
    )
    expect(findings.map(({ severity }) => severity)).toEqual(['advice', 'advice'])
  })
})

describe('endpoint ID', () => {
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
  ])('%j has a problem: %s', (value, bad) => expect(endpointIdProblem(value) !== undefined).toBe(bad))
})
