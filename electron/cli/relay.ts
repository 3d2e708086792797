/**
 * A device of a foreign broker as if it were connected to the bench: what its controller here says goes to that
 * broker, and what the device says there comes here, on the same topics (those of the Oktopus flow). So flows,
 * capture and findings work as ever.
 */
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { BenchFailure } from '../../shared/contract/result.ts'
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  endpointIdProperty,
  statusTopic,
} from '../../shared/usp/oktopus.ts'
import type { BrokerAddress } from './broker-url.ts'

const CONNECT_MS = 10_000
const RETRY_MS = 1000
const FIRST_FAILURE = 0x80

export interface ForeignBroker extends BrokerAddress {
  readonly user?: string
  readonly password?: string
  /** PEM; without it the authorities of the system count. */
  readonly ca?: string
}

export interface RelayOptions {
  readonly device: string
  readonly broker: ForeignBroker
  /** Of the bench, on loopback. */
  readonly port: number
}

export class Relay {
  readonly #options: RelayOptions
  #far: MqttClient | undefined
  #near: MqttClient | undefined

  constructor(options: RelayOptions) {
    this.#options = options
  }

  /** Resolves when the foreign broker granted all subscriptions; rejects with a BenchFailure that says why not. */
  async start(): Promise<void> {
    const { device, broker } = this.#options
    const far = connect(farOptions(broker))
    this.#far = far
    const where = `${broker.host}:${broker.port}`
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void =>
        reject(new BenchFailure('unavailable', `The broker ${where} cannot be used: ${why}.`))
      const timer = setTimeout(() => fail(`no answer in ${CONNECT_MS / 1000} s`), CONNECT_MS)
      far.once('error', (error) => fail(error.message))
      far.once('connect', () => {
        clearTimeout(timer)
        resolve()
      })
    })
    far.on('error', () => undefined)
    far.on('message', (topic, payload, packet) => this.#fromDevice(topic, payload, packet))
    // `/#` takes in the topic itself, and `/reply-to=…` of MQTT 3.1.1 devices (R-MQTT.24).
    const wanted = [`${controllerTopic(device)}/#`, `${apiTopic(device)}/#`, statusTopic(device)]
    const granted = await far.subscribeAsync(wanted, { qos: 1 }).catch((error: unknown) => {
      throw new BenchFailure('unavailable', `The broker ${where} refuses: ${(error as Error).message}.`)
    })
    const refused = granted.filter(({ qos }) => qos >= FIRST_FAILURE).map(({ topic }) => topic)
    if (refused.some((topic) => topic !== statusTopic(device))) {
      throw new BenchFailure('unavailable', `The broker ${where} refuses to subscribe ${refused.join(', ')}.`)
    }
    // Where nobody says whether the device is there, it is taken to be.
    this.#comes()
  }

  async stop(): Promise<void> {
    await Promise.all([this.#near, this.#far].map((client) => client?.endAsync(true)))
  }

  #fromDevice(topic: string, payload: Buffer, { properties, qos }: IPublishPacket): void {
    const { device } = this.#options
    if (topic === statusTopic(device)) {
      const said = payload.toString()
      if (said === '1') this.#comes()
      if (said === '0') this.#goes()
      return
    }
    this.#comes()
    this.#near?.publish(topic, payload, { qos, ...(properties && { properties: shown(properties) }) })
  }

  #comes(): void {
    if (this.#near) return
    const { device, port } = this.#options
    const userProperties = { [endpointIdProperty]: device }
    const near = connect({
      host: '127.0.0.1',
      port,
      protocolVersion: 5,
      clientId: `relay-${device}`,
      clean: true,
      reconnectPeriod: RETRY_MS,
      properties: { userProperties },
    })
    this.#near = near
    near.on('error', () => undefined)
    near.on('connect', () => near.subscribe(agentTopic(device), { qos: 1, properties: { userProperties } }))
    near.on('message', (topic, payload, { properties, qos }) => {
      this.#far?.publish(topic, payload, { qos, ...(properties && { properties: shown(properties) }) })
    })
  }

  #goes(): void {
    this.#near?.end()
    this.#near = undefined
  }
}

/** What belongs to one connection alone stays on it. */
function shown(properties: NonNullable<IPublishPacket['properties']>) {
  const { topicAlias: _alias, subscriptionIdentifier: _identifier, ...rest } = properties
  return rest
}

function farOptions({ host, port, isTls, user, password, ca }: ForeignBroker): IClientOptions {
  return {
    host,
    port,
    protocol: isTls ? 'mqtts' : 'mqtt',
    protocolVersion: 5,
    clean: true,
    reconnectPeriod: RETRY_MS,
    connectTimeout: CONNECT_MS,
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
  }
}
