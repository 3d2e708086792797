/**
 * The least configuration with which an OBUSPA agent talks to this bench and sends Boot!: each line removed in
 * turn breaks it, but for the endpoint ID, which names the device. Pure.
 */
export interface AgentTarget {
  readonly address: string
  readonly port: number
  /** Endpoint ID of the device; empty while not chosen. */
  readonly endpointId: string
  /** The bench asks for a user name and a password: the endpoint ID, and one that the person chooses. */
  readonly login: boolean
}

export const CONTROLLER_ID = 'oktopusController'
/** Stands where the endpoint ID is missing. */
export const MISSING_ID = '<endpoint ID>'
/** Stands where the password belongs: the bench does not know what the device will be given. */
export const PASSWORD_PLACE = '<password>'
const DEFAULT_PORT = 1883

/** Parameter path and value, in order. The port is left out where it is the default. */
export function obuspaParameters({
  address,
  port,
  endpointId,
  login,
}: AgentTarget): [path: string, value: string][] {
  const id = endpointId || MISSING_ID
  const client = 'Device.MQTT.Client.1'
  const controller = 'Device.LocalAgent.Controller.1'
  const subscription = 'Device.LocalAgent.Subscription.1'
  return [
    ['Device.LocalAgent.EndpointID', id],
    [`${client}.BrokerAddress`, address],
    ...(port === DEFAULT_PORT ? [] : [[`${client}.BrokerPort`, String(port)] as [string, string]]),
    ...(login ? credentials(client, id) : []),
    [`${client}.Enable`, 'true'],
    ['Device.LocalAgent.MTP.1.Protocol', 'MQTT'],
    ['Device.LocalAgent.MTP.1.MQTT.Reference', client],
    ['Device.LocalAgent.MTP.1.MQTT.ResponseTopicConfigured', `oktopus/usp/v1/agent/${id}`],
    ['Device.LocalAgent.MTP.1.Enable', 'true'],
    [`${controller}.EndpointID`, CONTROLLER_ID],
    [`${controller}.MTP.1.Protocol`, 'MQTT'],
    [`${controller}.MTP.1.MQTT.Reference`, client],
    [`${controller}.MTP.1.MQTT.Topic`, `oktopus/usp/v1/controller/${id}`],
    [`${controller}.MTP.1.Enable`, 'true'],
    [`${controller}.Enable`, 'true'],
    [`${subscription}.ID`, 'boot'],
    [`${subscription}.Enable`, 'true'],
    [`${subscription}.Recipient`, controller],
    [`${subscription}.NotifType`, 'Event'],
    [`${subscription}.ReferenceList`, 'Device.Boot!'],
    [`${subscription}.Persistent`, 'true'],
    [`${subscription}.NotifRetry`, 'true'],
  ]
}

const credentials = (client: string, id: string): [string, string][] => [
  [`${client}.Username`, id],
  [`${client}.Password`, PASSWORD_PLACE],
]

/** A factory-reset file, as `obuspa -r` takes it. */
export const obuspaFile = (target: AgentTarget): string =>
  obuspaParameters(target)
    .map(([path, value]) => `${path} "${value}"\n`)
    .join('')

/** Commands for a stopped agent; they make its database when there is none. */
export const obuspaCommands = (target: AgentTarget): string =>
  obuspaParameters(target)
    .map(([path, value]) => `obuspa -f usp.db -c dbset ${path} ${shellWord(value)}\n`)
    .join('')

const shellWord = (value: string): string =>
  /^[\w.:/@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`

/** Why this endpoint ID would not work, or undefined. Topics are built from it, so wildcards are out. */
export function endpointIdProblem(id: string): string | undefined {
  if (/[#+]/.test(id)) return 'An endpoint ID may not hold # or +: it becomes part of a topic.'
  if (id.includes('/')) return 'A / in the endpoint ID would add a level to its topics: write it as %2F.'
  if (/[\s"\\\p{Cc}]/u.test(id))
    return 'An endpoint ID has no spaces, quotes, backslashes or control characters.'
  // OBUSPA cuts topics beyond about 126 characters; `oktopus/usp/v1/controller/` takes 26 of them.
  if (new TextEncoder().encode(id).length > 100) return 'OBUSPA cuts long topics: use at most 100 bytes.'
  return undefined
}
