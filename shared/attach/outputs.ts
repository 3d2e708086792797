/** The same configuration in the forms that products take, each with what to do with it. Pure. */
import { quote } from '../mqtt/shell.ts'
import { attachParameters, type AttachTarget, type Parameter, type ParameterKey } from './parameters.ts'

export type AttachForm = 'file' | 'commands' | 'uci' | 'dmcli'

export interface AttachOutput {
  readonly form: AttachForm
  readonly title: string
  /** Name under which it is saved. */
  readonly file: string
  readonly text: string
}

/** Sets one parameter in the database of a stopped agent, which makes it when there is none. */
export const dbset = ({ path, value }: Pick<Parameter, 'path' | 'value'>): string =>
  `obuspa -f usp.db -c dbset ${path} ${quote(value)}`

/** Files that go beside the configuration where it is TLS; a certificate only where that stands for a password. */
export function certificateFiles({ transport, login }: AttachTarget): readonly string[] {
  if (transport === 'tcp') return []
  return login ? ['lab-ca.pem'] : ['lab-ca.pem', 'device.pem']
}

const startOptions = (target: AttachTarget): string =>
  certificateFiles(target)
    .map((file) => (file === 'lab-ca.pem' ? ` -t ${file}` : ` -a ${file}`))
    .join('')

interface Form {
  readonly title: string
  readonly file: string
  readonly head: (target: AttachTarget) => readonly string[]
  readonly lines: (target: AttachTarget) => readonly string[]
}

const forms: Readonly<Record<AttachForm, Form>> = {
  file: {
    title: 'Factory reset file',
    file: 'factory-reset.txt',
    head: (target) => [
      'OBUSPA factory reset file. Start the agent with',
      `  obuspa -r factory-reset.txt -f new.db${startOptions(target)}`,
      'It is read only while the database does not exist: an old one wins over this file.',
    ],
    lines: (target) => attachParameters(target).map(({ path, value }) => `${path} "${value}"`),
  },
  commands: {
    title: 'Commands',
    file: 'attach.sh',
    head: (target) => [
      'For a stopped OBUSPA: a running one goes on with what it had. usp.db is its database.',
      `Start it afterwards: obuspa -f usp.db${startOptions(target)}`,
    ],
    lines: (target) => attachParameters(target).map(dbset),
  },
  uci: {
    title: 'prplOS / OpenWrt (UCI)',
    file: 'attach-uci.sh',
    head: (target) => [
      'For builds whose OBUSPA takes its configuration from /etc/config/obuspa. Run on the device.',
      'Some builds also want option assigned_role_name in the section of the controller: look at the others there.',
      'Boot! has no UCI option: its subscription is set in the database, while the agent is stopped.',
      ...(target.transport === 'tls'
        ? [`The agent needs ${certificateFiles(target).join(' and ')} (options${startOptions(target)}).`]
        : []),
    ],
    lines: uciLines,
  },
  dmcli: {
    title: 'RDK-B (dmcli)',
    file: 'attach-dmcli.sh',
    head: (target) => [
      'For RDK-B builds that have Device.MQTT and Device.LocalAgent on the bus. Run on the device.',
      'Rows 1 are taken to exist: look with "dmcli eRT getv Device.MQTT.Client.", make them with "dmcli eRT addtable".',
      'Where they are not on the bus, use the commands for OBUSPA instead.',
      ...(target.transport === 'tls' ? [`The agent needs ${certificateFiles(target).join(' and ')}.`] : []),
    ],
    lines: (target) =>
      attachParameters(target).map(
        ({ path, value }) => `dmcli eRT setv ${path} ${dmcliType(path)} ${quote(value)}`,
      ),
  },
}

export const attachForms = Object.keys(forms) as AttachForm[]
export const formTitle = (form: AttachForm): string => forms[form].title

/** `#` begins a comment in every one of the forms. */
export function attachOutput(target: AttachTarget, form: AttachForm): AttachOutput {
  const { title, file, head, lines } = forms[form]
  const comments = head(target).map((line) => `# ${line}`)
  return { form, title, file, text: `${[...comments, ...lines(target)].join('\n')}\n` }
}

const numbers = /\.(BrokerPort|ConnectRetryMaxInterval)$/
const booleans = /\.(Enable|Persistent|NotifRetry)$/
const dmcliType = (path: string): string =>
  numbers.test(path) ? 'uint' : booleans.test(path) ? 'bool' : 'string'

/** Where a parameter stands in /etc/config/obuspa: section and option. Each kind of row has a section type. */
const uciPlaces: Partial<Record<ParameterKey, readonly [section: keyof typeof uciTypes, option: string]>> = {
  endpointId: ['localagent', 'EndpointID'],
  brokerAddress: ['bench_mqtt', 'BrokerAddress'],
  brokerPort: ['bench_mqtt', 'BrokerPort'],
  username: ['bench_mqtt', 'Username'],
  password: ['bench_mqtt', 'Password'],
  transport: ['bench_mqtt', 'TransportProtocol'],
  clientEnable: ['bench_mqtt', 'Enable'],
  mtpProtocol: ['bench_mtp', 'Protocol'],
  mtpReference: ['bench_mtp', 'mqtt'],
  responseTopic: ['bench_mtp', 'ResponseTopicConfigured'],
  mtpEnable: ['bench_mtp', 'Enable'],
  controllerId: ['bench_controller', 'EndpointID'],
  controllerProtocol: ['bench_controller', 'Protocol'],
  controllerReference: ['bench_controller', 'mqtt'],
  controllerTopic: ['bench_controller', 'Topic'],
  controllerEnable: ['bench_controller', 'Enable'],
}
const uciTypes = {
  localagent: 'localagent',
  bench_mqtt: 'mqtt',
  bench_mtp: 'mtp',
  bench_controller: 'controller',
} as const

function uciLines(target: AttachTarget): string[] {
  const parameters = attachParameters(target, { least: false })
  const options = parameters.flatMap(({ key, value }) => {
    const [section, option] = uciPlaces[key] ?? []
    if (section === undefined || option === undefined) return []
    // A section is referred to by its name, and a switch is a digit.
    const is = option === 'mqtt' ? 'bench_mqtt' : option === 'Enable' ? '1' : value
    return [`uci set obuspa.${section}.${option}=${quote(is)}`]
  })
  return [
    ...Object.entries(uciTypes).map(([section, type]) => `uci set obuspa.${section}=${type}`),
    ...options,
    'uci commit obuspa',
    ...parameters.filter(({ needed }) => needed === 'boot').map(dbset),
  ]
}
