/**
 * The settings of a bench: one table that bench.json, the environment, the command line and `--help` are all
 * read from. A value wins in this order: command line, environment, bench.json, default.
 */

import { brokerSettingTable } from './broker-settings.ts'

interface Common {
  readonly env: string
  /** Option of the command line without `--`. A boolean one also has its `--no-…` form. */
  readonly flag: string
  readonly description: string
}
interface BooleanSetting extends Common {
  readonly kind: 'boolean'
  readonly default: boolean
}
interface IntegerSetting extends Common {
  readonly kind: 'integer'
  readonly default: number
  readonly min: number
  readonly max: number
}
interface TextSetting extends Common {
  readonly kind: 'text'
  readonly default: string
  readonly pattern: RegExp
  /** What the pattern asks for, after “must be”. */
  readonly expected: string
  /** Stands for the value in the help. */
  readonly placeholder: string
  /** All values there are. */
  readonly choices?: readonly string[]
}
export type Setting = BooleanSetting | IntegerSetting | TextSetting

/** `*`, a host name, an IPv4 or an IPv6 address (with zone). */
const address = {
  kind: 'text',
  pattern:
    /^(\*|[A-Za-z0-9][A-Za-z0-9.-]{0,252}|(?=([^:]*:){2})[0-9A-Fa-f:.]{2,45}(%[A-Za-z0-9._-]{1,32})?)$/,
  expected: 'an IP address, a host name or * for every address',
  placeholder: 'ADDR',
} as const
/** Port 0 takes any free one. */
const port = { kind: 'integer', min: 0, max: 65_535 } as const

const file = {
  kind: 'text',
  default: '',
  pattern: /^[^\0\r\n]{0,4096}$/,
  expected: 'the path of a file, of 4096 characters at most',
  placeholder: 'FILE',
} as const

export const settingTable = {
  'listeners.tcp.enabled': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_MQTT',
    flag: 'mqtt',
    description: 'listen for MQTT over TCP',
  },
  'listeners.tcp.host': {
    ...address,
    default: '*',
    env: 'OKTOBENCH_MQTT_HOST',
    flag: 'mqtt-host',
    description: 'address for MQTT over TCP; * is every address of this machine',
  },
  'listeners.tcp.port': {
    ...port,
    default: 1883,
    env: 'OKTOBENCH_MQTT_PORT',
    flag: 'mqtt-port',
    description: 'port for MQTT over TCP; 0 is any free one',
  },
  'listeners.ws.enabled': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_WS',
    flag: 'ws',
    description: 'listen for MQTT over WebSocket',
  },
  'listeners.ws.host': {
    ...address,
    default: '*',
    env: 'OKTOBENCH_WS_HOST',
    flag: 'ws-host',
    description: 'address for MQTT over WebSocket',
  },
  'listeners.ws.port': {
    ...port,
    default: 8083,
    env: 'OKTOBENCH_WS_PORT',
    flag: 'ws-port',
    description: 'port for MQTT over WebSocket; 0 is any free one',
  },
  'listeners.ws.path': {
    kind: 'text',
    default: '/mqtt',
    pattern: /^\/[A-Za-z0-9._~/-]{0,200}$/,
    expected: 'a path that begins with /',
    placeholder: 'PATH',
    env: 'OKTOBENCH_WS_PATH',
    flag: 'ws-path',
    description: 'path for MQTT over WebSocket',
  },
  'listeners.tls.enabled': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_TLS',
    flag: 'tls',
    description: 'listen for MQTT over TLS',
  },
  'listeners.tls.host': {
    ...address,
    default: '*',
    env: 'OKTOBENCH_TLS_HOST',
    flag: 'tls-host',
    description: 'address for MQTT over TLS',
  },
  'listeners.tls.port': {
    ...port,
    default: 8883,
    env: 'OKTOBENCH_TLS_PORT',
    flag: 'tls-port',
    description: 'port for MQTT over TLS; 0 is any free one',
  },
  'listeners.wss.enabled': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_WSS',
    flag: 'wss',
    description: 'listen for MQTT over secure WebSocket',
  },
  'listeners.wss.host': {
    ...address,
    default: '*',
    env: 'OKTOBENCH_WSS_HOST',
    flag: 'wss-host',
    description: 'address for MQTT over secure WebSocket',
  },
  'listeners.wss.port': {
    ...port,
    default: 8084,
    env: 'OKTOBENCH_WSS_PORT',
    flag: 'wss-port',
    description: 'port for MQTT over secure WebSocket; 0 is any free one',
  },
  'tls.clientCertificates': {
    kind: 'text',
    default: 'optional',
    pattern: /^(off|optional|required)$/,
    expected: 'off, optional or required',
    choices: ['off', 'optional', 'required'],
    placeholder: 'MODE',
    env: 'OKTOBENCH_CLIENT_CERTIFICATES',
    flag: 'client-certificates',
    description: 'ask devices for a certificate: off, optional or required',
  },
  'serve.host': {
    ...address,
    default: '127.0.0.1',
    env: 'OKTOBENCH_HOST',
    flag: 'host',
    description:
      'address of the user interface; other than a loopback address it needs a password (--set-password) and speaks TLS',
  },
  'serve.port': {
    ...port,
    default: 8090,
    env: 'OKTOBENCH_PORT',
    flag: 'port',
    description: 'port of the user interface; when not given, the next free one is tried',
  },
  'serve.certificateFile': {
    ...file,
    env: 'OKTOBENCH_CERTIFICATE',
    flag: 'certificate',
    description:
      'PEM file of the certificate of the user interface on other addresses; without it that of the lab',
  },
  'serve.keyFile': {
    ...file,
    env: 'OKTOBENCH_KEY',
    flag: 'key',
    description: 'PEM file of the private key of that certificate',
  },
  'capture.budgetMiB': {
    kind: 'integer',
    default: 2048,
    min: 1,
    max: 1_048_576,
    env: 'OKTOBENCH_CAPTURE_BUDGET',
    flag: 'capture-budget',
    description: 'MiB on disk for captures that are not pinned; the oldest packets go first',
  },
  'capture.segmentMiB': {
    kind: 'integer',
    default: 64,
    min: 1,
    max: 1024,
    env: 'OKTOBENCH_CAPTURE_SEGMENT',
    flag: 'capture-segment',
    description: 'MiB of a file of a capture; the budget drops whole files',
  },
  'lint.suppressed': {
    kind: 'text',
    default: '',
    pattern: /^([a-z0-9-]{1,64}(,[a-z0-9-]{1,64}){0,499})?$/,
    expected: 'names of rules with commas between, as in oktobench lint --rules',
    placeholder: 'A,B',
    env: 'OKTOBENCH_LINT_SUPPRESS',
    flag: 'lint-suppress',
    description: 'rules of the linter whose findings are not shown',
  },
  ...brokerSettingTable,
  'access.open': {
    kind: 'boolean',
    default: false,
    env: 'OKTOBENCH_OPEN',
    flag: 'open-bench',
    description: 'ask nobody for a user name and password, and let everybody do everything',
  },
  'nats.enabled': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_NATS',
    flag: 'nats',
    description: 'keep credentials and access rules in NATS',
  },
  'nats.url': {
    kind: 'text',
    default: '',
    pattern: /^(|(nats|tls):\/\/\S{1,1000})$/,
    expected: 'an address such as nats://host:4222',
    placeholder: 'URL',
    env: 'OKTOBENCH_NATS_URL',
    flag: 'nats-url',
    description: 'a NATS server to use; without it the bench starts its own where nats-server is installed',
  },
  'nats.caFile': {
    ...file,
    env: 'OKTOBENCH_NATS_CA',
    flag: 'nats-ca',
    description: 'PEM file of the authority of that NATS server, in the place of the system’s authorities',
  },
  'nats.certificateFile': {
    ...file,
    env: 'OKTOBENCH_NATS_CERTIFICATE',
    flag: 'nats-certificate',
    description: 'PEM file of the certificate that the bench shows to that NATS server',
  },
  'nats.keyFile': {
    ...file,
    env: 'OKTOBENCH_NATS_KEY',
    flag: 'nats-key',
    description: 'PEM file of the private key of that certificate',
  },
  'nats.server': {
    ...file,
    env: 'OKTOBENCH_NATS_SERVER',
    flag: 'nats-server',
    description: 'nats-server program to start; without it the one that came along, else the one of the PATH',
  },
  'oktopus.subscribeTopic': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_SUBSCRIBE_TOPIC',
    flag: 'subscribe-topic',
    description: 'tell a device its subscribe-topic in CONNACK',
  },
  'oktopus.responseInformation': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_RESPONSE_INFORMATION',
    flag: 'response-information',
    description: 'answer Request Response Information in CONNACK',
  },
  'oktopus.status': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_STATUS',
    flag: 'status',
    description: 'publish status/<id> when a device comes and goes',
  },
  'usp.controller': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_CONTROLLER',
    flag: 'controller',
    description: 'be a USP controller for the devices, as oktopusController',
  },
  'usp.discover': {
    kind: 'boolean',
    default: true,
    env: 'OKTOBENCH_DISCOVER',
    flag: 'discover',
    description: 'ask a device who it is when it arrives',
  },
} as const satisfies Readonly<Record<string, Setting>>

export type SettingName = keyof typeof settingTable
type Value<S extends Setting> = S['kind'] extends 'boolean'
  ? boolean
  : S['kind'] extends 'integer'
    ? number
    : string
/** Every setting by its dotted name: `settings['listeners.tcp.port']`. */
export type Settings = { readonly [N in SettingName]: Value<(typeof settingTable)[N]> }
export type SettingValue = string | number | boolean

export const settingNames = Object.keys(settingTable) as readonly SettingName[]
export const setting = (name: SettingName): Setting => settingTable[name]
export const isSettingName = (name: string): name is SettingName => Object.hasOwn(settingTable, name)

export const defaultSettings = Object.fromEntries(
  settingNames.map((name) => [name, settingTable[name].default]),
) as unknown as Settings

/** Undefined when the value fits, else what is wrong with it: `must be a whole number from 0 to 65535`. */
export function faultOf(name: SettingName, value: unknown): string | undefined {
  const row = setting(name)
  switch (row.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'integer':
      return Number.isInteger(value) && (value as number) >= row.min && (value as number) <= row.max
        ? undefined
        : `must be a whole number from ${row.min} to ${row.max}`
    case 'text':
      return typeof value === 'string' && row.pattern.test(value) ? undefined : `must be ${row.expected}`
  }
}

const words: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
}

/** Reads what a person typed (environment, command line). Throws a RangeError that says what is wrong. */
export function parseSetting(name: SettingName, text: string): SettingValue {
  const row = setting(name)
  const value =
    row.kind === 'boolean'
      ? words[text.toLowerCase()]
      : row.kind === 'integer'
        ? /^\d{1,15}$/.test(text)
          ? Number(text)
          : undefined
        : text
  const fault = faultOf(name, value)
  if (fault !== undefined || value === undefined) throw new RangeError(`${fault ?? ''}, not “${text}”`)
  return value
}

/** Settings given in the environment. Throws a RangeError naming the variable when one does not fit. */
export function settingsFromEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Partial<Settings> {
  const found: Record<string, SettingValue> = {}
  for (const name of settingNames) {
    const variable = settingTable[name].env
    const text = environment[variable]
    if (text === undefined || text === '') continue
    try {
      found[name] = parseSetting(name, text)
    } catch (error) {
      throw new RangeError(`${variable} ${(error as Error).message}.`, { cause: error })
    }
  }
  return found
}

/** What is in force: for each setting the value of the first layer that has it, else the default. */
export function resolveSettings(layers: {
  readonly commandLine?: Partial<Settings>
  readonly environment?: Partial<Settings>
  readonly file?: Partial<Settings>
}): Settings {
  return { ...defaultSettings, ...layers.file, ...layers.environment, ...layers.commandLine }
}
