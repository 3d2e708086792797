/** The facts of a device's session as a list of label and text. Pure. */
import type { DeviceDetail } from '../../../shared/contract/model.ts'
import { count, dateTime, plural, span } from '../../ui/format.ts'
import { sourceWords, transportWords } from './columns.tsx'

export type Fact = readonly [label: string, text: string]

/** [MQTT-3.1.2-23]: 0xFFFFFFFF means that the session does not expire. */
const NEVER = 0xffffffff

const yesNo = (on: boolean): string => (on ? 'yes' : 'no')

/** Seconds, and beside them a unit a person feels when there are many. */
export const seconds = (n: number): string => (n < 120 ? `${n} s` : `${count(n)} s (${span(n)})`)

export function sessionExpiry(n: number): string {
  if (n === 0) return '0 s: ends with the connection'
  return n === NEVER ? 'never' : seconds(n)
}

/** Who and where it is. */
export function identityFacts(device: DeviceDetail): Fact[] {
  return [
    ['Endpoint ID', device.endpointId],
    ['Taken from', sourceWords[device.endpointSource]],
    ['Role', device.role],
    ['Client ID', device.assignedClientId ? `${device.clientId} (assigned by the bench)` : device.clientId],
    ['User name', device.username || 'none'],
    ['Address', device.remoteAddress],
    ['Transport', transportWords[device.transport]],
    ['MQTT version', device.version],
    ['Connected', dateTime(device.connectedAt)],
    ['Last seen', dateTime(device.lastSeenAt)],
    ...(device.disconnectedAt === undefined ? [] : [['Ended', dateTime(device.disconnectedAt)] as const]),
    ...(device.lastEnd === undefined ? [] : [['Why it ended', device.lastEnd] as const]),
  ]
}

/** What CONNECT asked for and CONNACK granted. */
export function sessionFacts(device: DeviceDetail): Fact[] {
  return [
    ['Clean Start', yesNo(device.cleanStart)],
    ['Keep Alive', device.keepAlive === 0 ? '0 s: off' : seconds(device.keepAlive)],
    ['Session Expiry Interval', sessionExpiry(device.sessionExpiry)],
    ['Receive Maximum', count(device.receiveMaximum)],
    [
      'Maximum Packet Size',
      device.maximumPacketSize === undefined ? 'no limit' : plural(device.maximumPacketSize, 'byte'),
    ],
    ['Topic Alias Maximum', count(device.topicAliasMaximum)],
    ['Request Response Information', yesNo(device.requestResponseInformation)],
    ['Request Problem Information', yesNo(device.requestProblemInformation)],
    ['Told subscribe-topic', device.subscribeTopic ?? 'nothing'],
    ['Told Response Information', device.responseInformation ?? 'nothing'],
  ]
}

/** What the controller learned of it. */
export function uspFacts(usp: NonNullable<DeviceDetail['usp']>): Fact[] {
  const { lastBoot, supportedVersions, latencyMs, discovery } = usp
  const boot =
    lastBoot &&
    `${dateTime(lastBoot.time)}, ${lastBoot.cause || 'no cause told'}${lastBoot.firmwareUpdated ? ', with new firmware' : ''}`
  const known: readonly (readonly [label: string, text: string | undefined])[] = [
    ['Manufacturer', usp.manufacturer],
    ['Model', usp.modelName],
    ['Software', usp.softwareVersion],
    ['Serial number', usp.serialNumber],
    ['Product class', usp.productClass],
    ['Protocol versions', supportedVersions?.join(', ')],
    ['Record version', usp.recordVersion],
    ['Last Boot!', boot],
    ['Last answer took', latencyMs === undefined ? undefined : `${Math.round(latencyMs)} ms`],
    ...usp.mtps.map(({ mqttVersion, topic }) => ['Connect Record', `MQTT ${mqttVersion}, ${topic}`] as const),
    ['Asked at arrival', discoveryText(discovery)],
  ]
  return known.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]))
}

const discoveryWords = {
  off: 'no, that is switched off',
  waiting: 'not yet',
  asking: 'being asked',
  done: 'all answered',
  partly: 'answered in part',
  failed: 'nothing answered',
} as const

const discoveryText = ({ state, text }: NonNullable<DeviceDetail['usp']>['discovery']): string =>
  text === undefined ? discoveryWords[state] : `${discoveryWords[state]}. ${text}`

export function willFacts(will: NonNullable<DeviceDetail['will']>): Fact[] {
  return [
    ['Topic', will.topic],
    ['QoS', String(will.qos)],
    ['Retain', yesNo(will.retain)],
    ['Will Delay Interval', seconds(will.delay)],
    ['Payload', plural(will.length, 'byte')],
  ]
}
