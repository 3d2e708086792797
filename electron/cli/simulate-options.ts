/** The command line of `oktobench simulate`. Pure. */
import type { Quirks } from '../engine/simulator/misbehaviours.ts'
import {
  misbehaviourNames,
  misbehaviours,
  quirksOf,
  type MisbehaviourName,
} from '../engine/simulator/misbehaviours.ts'
import { MAX_AGENTS } from '../engine/simulator/fleet.ts'
import { MAX_PARAMETERS } from '../engine/simulator/models/large.ts'
import { isTopicSafe } from '../../shared/usp/oktopus.ts'
import { readBrokerUrl, type BrokerAddress } from './broker-url.ts'
import {
  describeOptions,
  didYouMean,
  readPlainOptions,
  UsageError,
  type PlainOption,
} from '../common/options.ts'

export interface SimulateOptions extends BrokerAddress {
  readonly ca?: string
  readonly count: number
  /** Agents that begin to connect in a second. */
  readonly perSecond: number
  /** Of agent n. */
  readonly endpointId: (n: number) => string
  readonly mqtt: 4 | 5
  readonly user?: string
  readonly passwordFile?: string
  readonly model?: string
  /** A flow whose device it plays. */
  readonly flow?: string
  /** Parameters beyond those of the usual model. */
  readonly parameters: number
  readonly quirks: Quirks
  readonly requestsResponseInformation: boolean
  readonly publishQos: 0 | 1 | 2
  readonly probes: boolean
  readonly maxRetrySeconds: number
}

const DEFAULT_ENDPOINT = 'os::02005E-SIM{n}'

const options: readonly PlainOption[] = [
  { flag: 'broker', value: 'URL', description: 'mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS' },
  { flag: 'ca', value: 'FILE', description: 'authority of the broker, PEM (lab-ca.pem of the workspace)' },
  { flag: 'count', value: 'N', description: `agents, 1 to ${MAX_AGENTS} (default: 1)` },
  { flag: 'rate', value: 'N', description: 'agents that begin to connect in a second (default: 100)' },
  {
    flag: 'endpoint',
    value: 'ID',
    description: `endpoint ID; {n} is the number of the agent (default: ${DEFAULT_ENDPOINT})`,
  },
  { flag: 'mqtt', value: 'VERSION', description: '5.0 or 3.1.1 (default: 5.0)' },
  { flag: 'user', value: 'NAME', description: 'MQTT user name (default with a password: the endpoint ID)' },
  { flag: 'password-file', value: 'FILE', description: 'file whose first line is the password' },
  { flag: 'qos', value: 'N', description: 'QoS of what the agents publish (default: 0)' },
  { flag: 'response-information', description: 'ask for Response Information in CONNECT' },
  { flag: 'model', value: 'FILE', description: 'description of the data model (default: a small router)' },
  {
    flag: 'flow',
    value: 'FILE',
    description: 'play the device of this flow: answer as it expects, send its Notifies in order',
  },
  { flag: 'parameters', value: 'N', description: `so many more parameters, at most ${MAX_PARAMETERS}` },
  {
    flag: 'misbehave',
    value: 'NAMES',
    description: 'what the agents do wrong, names below with commas between',
  },
  { flag: 'no-probe', description: 'do not open and close TCP once before each CONNECT' },
  { flag: 'retry-max', value: 'N', description: 'most seconds between attempts to connect (default: 30720)' },
]

export const simulateHelp = (): string => `Usage: oktobench simulate --broker URL [OPTIONS]

Runs simulated USP agents that behave on the wire as OB-USP-A 11 does, until Ctrl+C.

Options:
${describeOptions(options, [])}

What agents can do wrong (--misbehave):
${misbehaviourNames.map((name) => `  ${name.padEnd(23)}${misbehaviours[name].summary}`).join('\n')}

Exit codes: 0 done, 1 no agent was ever connected, or not all of a flow was played, 2 could not start.`

/** Throws a UsageError whose message is one line for a person. */
export function readSimulateOptions(args: readonly string[]): SimulateOptions {
  const given = readPlainOptions(args, options)
  const text = (flag: string): string | undefined => {
    const value = given[flag]
    return value === true ? undefined : value
  }
  const [user, passwordFile, ca, model, flow] = ['user', 'password-file', 'ca', 'model', 'flow'].map(text)
  const parameters = numberOf('parameters', text('parameters'), 0, MAX_PARAMETERS, 0)
  if (model !== undefined && parameters > 0)
    throw new UsageError('--parameters is for the usual model, not for --model.')
  if (flow !== undefined) {
    const others = ['count', 'model', 'parameters', 'misbehave'].filter((name) => text(name) !== undefined)
    if (others.length > 0) throw new UsageError(`--flow goes without --${others.join(', --')}.`)
  }
  const count = numberOf('count', text('count'), 1, MAX_AGENTS, 1)
  return {
    ...brokerOf(text('broker')),
    count,
    perSecond: numberOf('rate', text('rate'), 1, 10_000, 100),
    endpointId: endpointOf(text('endpoint') ?? DEFAULT_ENDPOINT, count),
    mqtt: mqttOf(text('mqtt') ?? '5.0'),
    publishQos: numberOf('qos', text('qos'), 0, 2, 0) as 0 | 1 | 2,
    parameters,
    quirks: quirksOf(namesOf(text('misbehave') ?? '')),
    requestsResponseInformation: given['response-information'] === true,
    probes: given['no-probe'] !== true,
    maxRetrySeconds: numberOf('retry-max', text('retry-max'), 1, 30_720, 30_720),
    ...(user !== undefined && { user }),
    ...(passwordFile !== undefined && { passwordFile }),
    ...(ca !== undefined && { ca }),
    ...(model !== undefined && { model }),
    ...(flow !== undefined && { flow }),
  }
}

function brokerOf(text: string | undefined): BrokerAddress {
  if (text === undefined)
    throw new UsageError('oktobench simulate needs --broker, such as mqtt://127.0.0.1:1883.')
  return readBrokerUrl(text, '--user and --password-file')
}

function numberOf(
  flag: string,
  text: string | undefined,
  from: number,
  to: number,
  otherwise: number,
): number {
  if (text === undefined) return otherwise
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN
  if (value >= from && value <= to) return value
  throw new UsageError(`--${flag} must be a whole number from ${from} to ${to}, not “${text}”.`)
}

function endpointOf(template: string, count: number): (n: number) => string {
  if (count > 1 && !template.includes('{n}')) {
    throw new UsageError(
      '--endpoint needs {n} where the number of the agent belongs, because there are several.',
    )
  }
  const width = String(count).length
  const endpointId = (n: number): string => template.replaceAll('{n}', String(n).padStart(width, '0'))
  if (!isTopicSafe(endpointId(1)))
    throw new UsageError('--endpoint must not hold /, + or #: it is a level of topics.')
  return endpointId
}

function mqttOf(text: string): 4 | 5 {
  if (text === '5.0' || text === '5') return 5
  if (text === '3.1.1') return 4
  throw new UsageError(`--mqtt must be 5.0 or 3.1.1, not “${text}”.`)
}

function namesOf(text: string): MisbehaviourName[] {
  const names = text.split(',').map((name) => name.trim())
  return names
    .filter((name) => name !== '')
    .map((name) => {
      const known = misbehaviourNames.find((one) => one === name)
      if (known) return known
      throw new UsageError(
        `“${name}” is not a misbehaviour.${didYouMean(name, misbehaviourNames)} See oktobench simulate --help.`,
      )
    })
}
