/** How a simulated agent connects, as values. Pure. */
import { randomUUID } from 'node:crypto'
import type { IClientOptions } from 'mqtt'
import {
  agentTopic,
  controllerTopic,
  controllerUser,
  endpointIdProperty,
} from '../../../shared/usp/oktopus.ts'
import type { AgentOptions } from './agent.ts'
import { usualRetry, type Retry } from './connection-settings.ts'
import type { Quirks } from './misbehaviours.ts'

export interface Broker {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
  /** PEM; without it the system's authorities count. */
  readonly ca?: Buffer
}

export interface Identity {
  readonly endpointId: string
  readonly mqtt: 4 | 5
  readonly user?: string
  readonly password?: string
  readonly requestsResponseInformation: boolean
  readonly publishQos: 0 | 1 | 2
  readonly version: string
}

/** Seconds after which it gives up on CONNACK, as OB-USP-A does. */
const CONNECT_SECONDS = 60
const RECEIVE_MAXIMUM = 20

/**
 * CONNECT as OB-USP-A sends it: clean, no will, client ID empty in 5.0 and the endpoint ID in 3.1.1. `keepAlive` in
 * seconds; it pings after it.
 */
export function connectOptions(
  broker: Broker,
  identity: Identity,
  quirks: Quirks,
  keepAlive: number,
): IClientOptions {
  const { endpointId, mqtt, user, password } = identity
  return {
    host: broker.host,
    port: broker.port,
    protocol: broker.isTls ? 'mqtts' : 'mqtt',
    ...(broker.ca && { ca: broker.ca }),
    protocolVersion: mqtt,
    clientId: quirks.changesClientId ? `other-${randomUUID()}` : mqtt === 5 ? '' : endpointId,
    clean: true,
    keepalive: keepAlive,
    connectTimeout: CONNECT_SECONDS * 1000,
    // When to come back is this agent's own affair.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(mqtt === 5 && {
      properties: {
        receiveMaximum: RECEIVE_MAXIMUM,
        ...(identity.requestsResponseInformation && { requestResponseInformation: true }),
        ...(!quirks.hidesEndpointId && { userProperties: { [endpointIdProperty]: endpointId } }),
      },
    }),
  }
}

/** What the data model says of the connection and the device. */
export function factsOf(broker: Broker, identity: Identity): AgentOptions['facts'] {
  const { endpointId } = identity
  const serial = endpointId.replace(/^.*[:-]/, '')
  return {
    serial,
    oui: /::([0-9A-Fa-f]{6})-/.exec(endpointId)?.[1] ?? '00256D',
    user: identity.user ?? '',
    broker: broker.host,
    port: String(broker.port),
    transport: broker.isTls ? 'TLS' : 'TCP/IP',
    mqttVersion: identity.mqtt === 5 ? '5.0' : '3.1.1',
    agentTopic: agentTopic(endpointId),
    controller: controllerUser,
    controllerTopic: controllerTopic(endpointId),
    version: identity.version,
    clientId: identity.mqtt === 5 ? '' : endpointId,
    status: 'Connecting',
    responseInformation: '',
  }
}

/**
 * Milliseconds before attempt n to connect (from 1): random between T·(k/1000)^(n−1) and T·(k/1000)^n, at most what
 * is configured. n is capped at 10 (TR-181, ConnectRetryIntervalMultiplier).
 */
export function retryMs(attempt: number, random: number, retry: Retry = usualRetry): number {
  const factor = retry.multiplier / 1000
  const from = retry.seconds * 1000 * factor ** (Math.min(attempt, 10) - 1)
  return Math.min(from * (1 + random * (factor - 1)), retry.most * 1000)
}
