/** Compares the database of an agent with what this bench needs, and says how to mend each difference. Pure. */
import { isTrue } from '../usp/boolean.ts'
import { agentTopic, controllerUser, parseOktopusTopic, topicPrefix } from '../usp/oktopus.ts'
import { instancesOf, parseDatabase, type Database } from './database.ts'
import { dbset } from './outputs.ts'
import {
  attachParameters,
  PASSWORD_PLACE,
  type AttachTarget,
  type Instances,
  type Parameter,
} from './parameters.ts'

/** `wrong` keeps the device from working with this bench; `advice` does not. */
export interface CheckFinding {
  readonly severity: 'wrong' | 'advice'
  readonly path: string
  /** Of the pasted text; absent where the parameter is missing. */
  readonly line?: number
  readonly seen?: string
  readonly text: string
  /** The command that mends it; absent where only a person can. */
  readonly mend?: string
}

export interface CheckResult {
  readonly parameters: number
  /** The endpoint ID that the topics were judged by. */
  readonly endpointId: string
  readonly instances: Instances
  readonly findings: readonly CheckFinding[]
  /** Lines that could not be read. */
  readonly unread: readonly number[]
}

export interface CheckTarget extends AttachTarget {
  /** Every address that the bench is reached at, the chosen one among them. */
  readonly addresses: readonly string[]
}

/** `endpointId` of the target is that of the database where it is empty. */
export function checkDatabase(text: string, target: CheckTarget): CheckResult {
  const database = parseDatabase(text)
  const stated = valueOf(database, 'Device.LocalAgent.EndpointID')
  const endpointId = target.endpointId || stated || ''
  const instances = choose(database, target)
  const login = target.login && { ...target.login, username: target.login.username || endpointId }
  const wanted = attachParameters(
    { ...target, endpointId, ...(login && { login }) },
    { instances, least: false },
  )
  const findings = wanted.flatMap((parameter) => judge(database, parameter, target))
  return {
    parameters: database.byPath.size,
    endpointId,
    instances,
    findings: [...findings, ...others(database, instances)],
    unread: database.unread,
  }
}

const valueOf = ({ byPath }: Database, path: string): string | undefined => byPath.get(path)?.value

/** The rows that are most likely meant: those that fit this bench, else those in use, else the first. */
function choose(database: Database, { addresses }: CheckTarget): Instances {
  const pick = (table: string, ...tests: readonly ((row: string) => boolean)[]): number => {
    const rows = instancesOf(database, table)
    const fit = tests.map((test) => rows.find((row) => test(`${table}.${row}`)))
    return fit.find((row) => row !== undefined) ?? rows[0] ?? 1
  }
  const has = (path: string, ...values: readonly string[]): boolean => {
    const value = valueOf(database, path)
    return value !== undefined && values.includes(withoutDot(value))
  }
  const client = pick(
    'Device.MQTT.Client',
    (row) => has(`${row}.BrokerAddress`, ...addresses),
    (row) => isTrue(valueOf(database, `${row}.Enable`)),
  )
  const reference = `Device.MQTT.Client.${client}`
  const controller = pick('Device.LocalAgent.Controller', (row) => has(`${row}.EndpointID`, controllerUser))
  const viaMqtt = [
    (row: string) => has(`${row}.MQTT.Reference`, reference),
    (row: string) => has(`${row}.Protocol`, 'MQTT'),
  ]
  return {
    client,
    mtp: pick('Device.LocalAgent.MTP', ...viaMqtt),
    controller,
    controllerMtp: pick(`Device.LocalAgent.Controller.${controller}.MTP`, ...viaMqtt),
    subscription: bootRow(database),
  }
}

/** The row that asks for Boot!, else one that is free. */
function bootRow(database: Database): number {
  const table = 'Device.LocalAgent.Subscription'
  const rows = instancesOf(database, table)
  const named = rows.find((row) => valueOf(database, `${table}.${row}.ReferenceList`) === 'Device.Boot!')
  return named ?? (rows.at(-1) ?? 0) + 1
}

const withoutDot = (path: string): string => path.replace(/\.$/, '')

function judge(database: Database, parameter: Parameter, target: CheckTarget): CheckFinding[] {
  const { key, path, value: wanted, needed } = parameter
  const entry = database.byPath.get(path)
  const seen = entry?.value ?? parameter.default
  if (seen !== undefined && fits(parameter, seen, target)) return []
  const missing = seen === undefined || (entry === undefined && seen === parameter.default)
  const text =
    (seen === undefined ? undefined : special(parameter, seen)) ??
    (missing
      ? `${missingWords(entry === undefined, parameter)}: ${parameter.why}.`
      : `${differs(parameter)}.`)
  const open = key === 'password' && wanted === PASSWORD_PLACE
  return [
    {
      severity: needed === 'always' || isIdentity(parameter, seen) ? 'wrong' : 'advice',
      path,
      ...(entry && { line: entry.line, seen: key === 'password' ? '…' : entry.value }),
      text,
      ...(!open && { mend: dbset(parameter) }),
    },
  ]
}

/** An endpoint ID that is set and is another is no advice: every topic hangs on it. */
const isIdentity = ({ key }: Parameter, seen: string | undefined): boolean =>
  key === 'endpointId' && seen !== undefined && seen !== ''

const missingWords = (absent: boolean, { default: standard, value, needed }: Parameter): string =>
  absent && standard !== undefined
    ? `It is missing, and ${standard} is taken where ${value} is ${needed === 'advised' ? 'better' : 'needed'}`
    : absent
      ? 'It is missing'
      : 'It is empty'
const differs = ({ key, value, why }: Parameter): string =>
  key === 'password' ? `It has no password: ${why}` : `This bench needs ${value}: ${why}`

function fits({ key, value }: Parameter, seen: string, { addresses }: CheckTarget): boolean {
  switch (key) {
    case 'brokerAddress':
      return addresses.includes(seen)
    case 'password':
      // Shown scrambled by OBUSPA: only whether there is one can be seen.
      return seen !== ''
    case 'controllerTopic':
      // The topic that all devices share is Oktopus' own and is heard as well.
      return seen === value || seen === `${topicPrefix}/controller`
    case 'retryMaximum':
      return Number(seen) <= 300
    case 'bootId':
      return seen !== ''
    case 'bootEvent':
      return seen.split(',').some((path) => path.trim() === value)
    case 'mtpReference':
    case 'controllerReference':
    case 'bootRecipient':
      return withoutDot(seen) === value
    default:
      return value === 'true' ? isTrue(seen) : seen === value
  }
}

/** Mistakes that are often made, told as what they are. */
function special({ key, value }: Parameter, seen: string): string | undefined {
  if (key === 'brokerAddress' && !/^[\d.]+$|:/.test(seen))
    return `${seen} is a name: the device must resolve it to an address of this bench, such as ${value}.`
  if (key !== 'responseTopic' && key !== 'controllerTopic') return undefined
  const topic = parseOktopusTopic(seen)
  const wanted = parseOktopusTopic(value)
  if (key === 'responseTopic' && topic?.kind === 'controller')
    return `This is a topic of the controller: the agent would hear its own messages, and no request. It needs ${value}.`
  if (key === 'controllerTopic' && topic?.kind === 'agent')
    return `This is a topic of agents: what the device sends would come back to it. It needs ${value}.`
  if (topic && topic.kind === wanted?.kind && topic.id !== wanted.id)
    return `It ends in ${topic.id || 'no endpoint ID'}, but the agent is ${wanted.id}: the controller sends to ${agentTopic(wanted.id)}.`
  return undefined
}

/** What is about no single parameter of the list. */
function others(database: Database, instances: Instances): CheckFinding[] {
  const findings: CheckFinding[] = []
  const client = `Device.MQTT.Client.${instances.client}`
  const version = database.byPath.get(`${client}.ProtocolVersion`)
  if (version && version.value !== '5.0') {
    findings.push({
      severity: 'advice',
      path: version.path,
      line: version.line,
      seen: version.value,
      text: `MQTT ${version.value} has no Response Topic and no reason codes: the bench takes it, but shows less. 5.0 is what TR-369 asks for (R-MQTT.1).`,
      mend: dbset({ path: version.path, value: '5.0' }),
    })
  }
  const clientId = database.byPath.get(`${client}.ClientID`)
  if (clientId && clientId.value !== '') {
    findings.push({
      severity: 'advice',
      path: clientId.path,
      line: clientId.line,
      seen: clientId.value,
      text: 'A database that was copied to another device takes its client ID along: the two then throw each other out.',
    })
  }
  return findings
}
