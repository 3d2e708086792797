/**
 * What an OBUSPA agent has to be told so that it talks to this bench: one table of parameters, from which files,
 * commands and the check of a pasted database are made. Each line of `needed: 'always'` removed in turn breaks the
 * agent; those of `boot` make it send Boot!. Pure.
 */
import { writeText } from '../mqtt/utf8.ts'
import { agentTopic, controllerTopic, controllerUser } from '../usp/oktopus.ts'

export interface AttachTarget {
  /** BrokerAddress: an address of the bench that the device reaches. */
  readonly address: string
  readonly port: number
  /** OBUSPA speaks MQTT over these two alone. */
  readonly transport: 'tcp' | 'tls'
  /** Empty while not chosen. */
  readonly endpointId: string
  /** Absent where nobody is asked, or a certificate says who it is. */
  readonly login?: { readonly username: string; readonly password: string }
}

/** Stands where the endpoint ID is missing. */
export const MISSING_ID = '<endpoint ID>'
/** Stands where the password belongs: what the bench was told once it does not tell again. */
export const PASSWORD_PLACE = '<password>'

/** Which row of each table is meant; OBUSPA keeps its own numbers. */
export interface Instances {
  readonly client: number
  readonly mtp: number
  readonly controller: number
  readonly controllerMtp: number
  readonly subscription: number
}
export const FIRST_INSTANCES: Instances = {
  client: 1,
  mtp: 1,
  controller: 1,
  controllerMtp: 1,
  subscription: 1,
}

export type ParameterKey =
  | 'endpointId'
  | 'brokerAddress'
  | 'brokerPort'
  | 'username'
  | 'password'
  | 'transport'
  | 'retryMaximum'
  | 'clientEnable'
  | 'mtpProtocol'
  | 'mtpReference'
  | 'responseTopic'
  | 'mtpEnable'
  | 'controllerId'
  | 'controllerProtocol'
  | 'controllerReference'
  | 'controllerTopic'
  | 'controllerMtpEnable'
  | 'controllerEnable'
  | 'bootId'
  | 'bootEnable'
  | 'bootRecipient'
  | 'bootType'
  | 'bootEvent'
  | 'bootPersistent'
  | 'bootRetry'

export interface Parameter {
  readonly key: ParameterKey
  readonly path: string
  readonly value: string
  readonly needed: 'always' | 'boot' | 'advised'
  /** What OBUSPA takes when the parameter is not set. */
  readonly default?: string
  /** What it is for, or what happens without it. */
  readonly why: string
}

interface Row extends Omit<Parameter, 'path' | 'value'> {
  readonly path: (rows: Paths) => string
  /** Undefined: this target does not need it. */
  readonly value: (target: AttachTarget & { readonly id: string }, rows: Paths) => string | undefined
}

/** Paths of the rows, without a dot at the end: a reference with one is not found. */
interface Paths {
  readonly client: string
  readonly mtp: string
  readonly controller: string
  readonly controllerMtp: string
  readonly boot: string
}

const on = () => 'true'
const mqtt = () => 'MQTT'

const table: readonly Row[] = [
  {
    key: 'endpointId',
    path: () => 'Device.LocalAgent.EndpointID',
    value: ({ id }) => id,
    needed: 'advised',
    why: 'names the device; without it the agent makes one up, and the topics below would not be its own',
  },
  {
    key: 'brokerAddress',
    path: ({ client }) => `${client}.BrokerAddress`,
    value: ({ address }) => address,
    needed: 'always',
    why: 'where the bench is reached',
  },
  {
    key: 'brokerPort',
    path: ({ client }) => `${client}.BrokerPort`,
    value: ({ port }) => String(port),
    needed: 'always',
    default: '1883',
    why: 'the port of the listener',
  },
  {
    key: 'username',
    path: ({ client }) => `${client}.Username`,
    value: ({ login }) => login?.username,
    needed: 'always',
    why: 'the bench admits nobody without a user',
  },
  {
    key: 'password',
    path: ({ client }) => `${client}.Password`,
    value: ({ login }) => login?.password,
    needed: 'always',
    why: 'the password of that user',
  },
  {
    key: 'transport',
    path: ({ client }) => `${client}.TransportProtocol`,
    value: ({ transport }) => (transport === 'tls' ? 'TLS' : 'TCP/IP'),
    needed: 'always',
    default: 'TCP/IP',
    why: 'must be what the port speaks',
  },
  {
    key: 'retryMaximum',
    path: ({ client }) => `${client}.ConnectRetryMaxInterval`,
    value: () => '60',
    needed: 'advised',
    default: '30720',
    why: 'after refusals the agent waits longer and longer, by default up to 8.5 hours',
  },
  {
    key: 'clientEnable',
    path: ({ client }) => `${client}.Enable`,
    value: on,
    needed: 'always',
    default: 'false',
    why: 'the agent does not connect without it',
  },
  {
    key: 'mtpProtocol',
    path: ({ mtp }) => `${mtp}.Protocol`,
    value: mqtt,
    needed: 'always',
    why: 'the agent connects, subscribes nothing and leaves without it',
  },
  {
    key: 'mtpReference',
    path: ({ mtp }) => `${mtp}.MQTT.Reference`,
    value: (_target, { client }) => client,
    needed: 'always',
    why: 'names the MQTT client that the agent listens with',
  },
  {
    key: 'responseTopic',
    path: ({ mtp }) => `${mtp}.MQTT.ResponseTopicConfigured`,
    value: ({ id }) => agentTopic(id),
    needed: 'always',
    why: 'the agent subscribes it and names it as Response Topic; the controller sends to it',
  },
  {
    key: 'mtpEnable',
    path: ({ mtp }) => `${mtp}.Enable`,
    value: on,
    needed: 'always',
    default: 'false',
    why: 'the agent connects, subscribes nothing and leaves without it',
  },
  {
    key: 'controllerId',
    path: ({ controller }) => `${controller}.EndpointID`,
    value: () => controllerUser,
    needed: 'always',
    why: 'the agent drops silently what comes from a controller it does not know',
  },
  {
    key: 'controllerProtocol',
    path: ({ controllerMtp }) => `${controllerMtp}.Protocol`,
    value: mqtt,
    needed: 'always',
    why: 'the agent connects and says nothing to the controller without it',
  },
  {
    key: 'controllerReference',
    path: ({ controllerMtp }) => `${controllerMtp}.MQTT.Reference`,
    value: (_target, { client }) => client,
    needed: 'always',
    why: 'names the MQTT client that the controller is reached with',
  },
  {
    key: 'controllerTopic',
    path: ({ controllerMtp }) => `${controllerMtp}.MQTT.Topic`,
    value: ({ id }) => controllerTopic(id),
    needed: 'always',
    why: 'where the agent sends its Connect Record and what it notifies',
  },
  {
    key: 'controllerMtpEnable',
    path: ({ controllerMtp }) => `${controllerMtp}.Enable`,
    value: on,
    needed: 'always',
    default: 'false',
    why: 'the agent connects and says nothing to the controller without it',
  },
  {
    key: 'controllerEnable',
    path: ({ controller }) => `${controller}.Enable`,
    value: on,
    needed: 'always',
    default: 'false',
    why: 'the agent connects and says nothing to the controller without it',
  },
  {
    key: 'bootId',
    path: ({ boot }) => `${boot}.ID`,
    value: () => 'boot',
    needed: 'boot',
    why: 'names the subscription',
  },
  {
    key: 'bootEnable',
    path: ({ boot }) => `${boot}.Enable`,
    value: on,
    needed: 'boot',
    default: 'false',
    why: 'no Boot! is sent without it',
  },
  {
    key: 'bootRecipient',
    path: ({ boot }) => `${boot}.Recipient`,
    value: (_target, { controller }) => controller,
    needed: 'boot',
    why: 'the row of the controller that hears of it',
  },
  {
    key: 'bootType',
    path: ({ boot }) => `${boot}.NotifType`,
    value: () => 'Event',
    needed: 'boot',
    why: 'Boot! is an event',
  },
  {
    key: 'bootEvent',
    path: ({ boot }) => `${boot}.ReferenceList`,
    value: () => 'Device.Boot!',
    needed: 'boot',
    why: 'what is notified',
  },
  {
    key: 'bootPersistent',
    path: ({ boot }) => `${boot}.Persistent`,
    value: on,
    needed: 'boot',
    default: 'false',
    why: 'otherwise the subscription is gone when the agent starts anew, just when it is needed',
  },
  {
    key: 'bootRetry',
    path: ({ boot }) => `${boot}.NotifRetry`,
    value: on,
    needed: 'boot',
    default: 'false',
    why: 'without it a Boot! that nobody answered is not sent again',
  },
]

/** In the order in which they are best read. A parameter whose value is the default is left out with `least`. */
export function attachParameters(
  target: AttachTarget,
  { instances = FIRST_INSTANCES, least = true }: { instances?: Instances; least?: boolean } = {},
): Parameter[] {
  const paths = pathsOf(instances)
  const given = { ...target, id: target.endpointId || MISSING_ID }
  return table.flatMap(({ path, value, ...rest }) => {
    const is = value(given, paths)
    if (is === undefined || (least && is === rest.default)) return []
    return [{ ...rest, path: path(paths), value: is }]
  })
}

/** Those of these keys that the target needs, defaults included: what is to be mended may be set to something else. */
export function parametersOf(target: AttachTarget, keys: readonly ParameterKey[]): Parameter[] {
  return attachParameters(target, { least: false }).filter(({ key }) => keys.includes(key))
}

const pathsOf = ({ client, mtp, controller, controllerMtp, subscription }: Instances): Paths => ({
  client: `Device.MQTT.Client.${client}`,
  mtp: `Device.LocalAgent.MTP.${mtp}`,
  controller: `Device.LocalAgent.Controller.${controller}`,
  controllerMtp: `Device.LocalAgent.Controller.${controller}.MTP.${controllerMtp}`,
  boot: `Device.LocalAgent.Subscription.${subscription}`,
})

/** Why this endpoint ID would not work, or undefined. Topics are built from it, so wildcards are out. */
export function endpointIdProblem(id: string): string | undefined {
  if (/[#+]/.test(id)) return 'An endpoint ID may not hold # or +: it becomes part of a topic.'
  if (id.includes('/')) return 'A / in the endpoint ID would add a level to its topics: write it as %2F.'
  if (/[\s"\\\p{Cc}]/u.test(id))
    return 'An endpoint ID has no spaces, quotes, backslashes or control characters.'
  // OBUSPA cuts topics beyond about 126 characters; `oktopus/usp/v1/controller/` takes 26 of them.
  if (writeText(id, new Uint8Array(id.length * 3), 0) > 100)
    return 'OBUSPA cuts long topics: use at most 100 bytes.'
  return undefined
}

/** Why a user name or password could not be written into a file that a device reads a line at a time, or undefined. */
export const valueProblem = (value: string): string | undefined =>
  /["\p{Cc}]/u.test(value)
    ? 'No quotation marks and no control characters: the files of a device cannot hold them.'
    : undefined
