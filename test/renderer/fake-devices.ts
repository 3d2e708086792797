/** Devices out of a seed. */
import type { DeviceDetail, DeviceRow } from '../../shared/contract/model.ts'
import { deviceIds, noise } from './fake-packets.ts'

const START = Date.now()

export const fakeDevices = (count: number): DeviceRow[] =>
  Array.from({ length: count }, (_, at) => fakeDeviceRow(at))

function fakeDeviceRow(at: number): DeviceRow {
  const endpointId = deviceIds[at] ?? `os::012345-CPE${String(at).padStart(5, '0')}`
  const online = at < 3 || noise(at, 1) > 0.4
  const lastSeenAt = START - Math.floor(noise(at, 2) * (online ? 60_000 : 9e7))
  return {
    endpointId,
    endpointSource: at === 1 ? 'client-id' : at === 2 ? 'username' : 'usp-endpoint-id',
    online,
    role: at === 3 ? 'controller' : 'agent',
    remoteAddress: `192.168.1.${(77 + at) % 250}`,
    transport: at % 5 === 2 ? 'ws' : 'tcp',
    version: at === 1 ? '3.1.1' : '5.0',
    clientId: at === 2 ? 'rg-lab-7731' : endpointId,
    username: at === 2 ? endpointId : '',
    connectedAt: lastSeenAt - 100_000,
    lastSeenAt,
    ...(online
      ? {}
      : { disconnectedAt: lastSeenAt, lastEnd: 'The device closed the connection without DISCONNECT.' }),
    connects: 1 + Math.floor(noise(at, 3) * 20),
    packetsIn: Math.floor(noise(at, 4) * 30_000),
    packetsOut: Math.floor(noise(at, 5) * 20_000),
  }
}

export function fakeDevice(row: DeviceRow): DeviceDetail {
  return {
    ...row,
    connection: 4,
    cleanStart: true,
    keepAlive: 60,
    sessionExpiry: 0,
    receiveMaximum: 20,
    topicAliasMaximum: 0,
    requestResponseInformation: true,
    requestProblemInformation: true,
    assignedClientId: false,
    userProperties: [
      ['usp-endpoint-id', row.endpointId],
      ['firmware', '5.2.1-rc3'],
      ['firmware', 'kept twice, as it was sent'],
    ],
    will: { topic: `status/${row.endpointId}`, qos: 1, retain: true, delay: 0, length: 1 },
    subscriptions: [
      { filter: `oktopus/usp/v1/agent/${row.endpointId}`, qos: 0 },
      { filter: 'oktopus/usp/v1/broadcast/#', qos: 1 },
    ],
    subscribeTopic: `oktopus/usp/v1/agent/${row.endpointId}`,
    history: [
      {
        time: row.connectedAt - 9000,
        kind: 'refused',
        text: 'CONNECT with protocol level 9: Unsupported Protocol Version (0x84)',
      },
      { time: row.connectedAt - 5000, kind: 'connect', text: 'MQTT 5.0 from 192.168.1.77:40001' },
      {
        time: row.connectedAt - 1000,
        kind: 'end',
        text: 'The device closed the connection without DISCONNECT.',
      },
      { time: row.connectedAt, kind: 'connect', text: 'MQTT 5.0 from 192.168.1.77:40002' },
    ],
  }
}
