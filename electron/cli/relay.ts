/**
 * A device of a foreign broker as if it were connected to the bench: what its controller here says goes to that
 * broker, and what the device says there comes here. So flows, capture and findings work as ever. Only topics of this
 * device are subscribed, and of those that all devices share only what it says itself is taken.
 *
 * Which version of MQTT it speaks, where it listens, and whether it is there, no broker tells: the device does, by what
 * it sends, and it is asked for that until it was heard. A broker of the Oktopus flow says besides when it comes and goes.
 */
import { randomBytes } from 'node:crypto'
import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { BenchFailure } from '../../shared/contract/result.ts'
import { plainRecord } from '../../shared/usp/build-record.ts'
import { encodeMsg, msgFromJson } from '../../shared/usp/codec.ts'
import {
  agentTopic,
  apiTopic,
  controllerTopic,
  controllerUser,
  joinReplyTo,
  statusTopic,
  topicPrefix,
} from '../../shared/usp/oktopus.ts'
import { troubleText } from '../engine/client/trouble.ts'
import { errorCode } from '../engine/workspace/files.ts'
import type { BrokerAddress } from './broker-url.ts'
import { hear } from './relay-heard.ts'
import { Near } from './relay-near.ts'

const CONNECT_MS = 10_000
const RETRY_MS = 1000
/** Between questions to a device that was not heard yet. */
const ASK_MS = 5000
const FIRST_FAILURE = 0x80
/** Of CONNACK in MQTT 5.0: bad user name or password, not authorized, banned. */
const CREDENTIALS = [0x86, 0x87, 0x8a]

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
  /** The foreign broker went, or came back. */
  readonly onTrouble: (text: string) => void
}

export class Relay {
  readonly #options: RelayOptions
  readonly #where: string
  readonly #question = `relay-${randomBytes(6).toString('hex')}`
  /** Topics on which the device listens. */
  readonly #topics: Set<string>
  #far: MqttClient | undefined
  #near: Near | undefined
  #level: 4 | 5 = 5
  #stopped = false
  #asking: NodeJS.Timeout | undefined
  /** One connection of the device after the other. */
  #closing: Promise<unknown> = Promise.resolve()

  constructor(options: RelayOptions) {
    this.#options = options
    const { device, broker } = options
    this.#where = `${broker.host}:${broker.port}`
    this.#topics = new Set([agentTopic(device)])
  }

  /** Resolves when the foreign broker granted all subscriptions; rejects with a BenchFailure that says why not. */
  async start(): Promise<void> {
    const far = connect(farOptions(this.#options.broker))
    this.#far = far
    await this.#connected(far)
    far.on('error', () => undefined)
    far.on('message', (topic, payload, packet) => this.#fromDevice(topic, payload, packet))
    await this.#subscribe(far)
    this.#watch(far)
    this.#ask()
    this.#asking = setInterval(() => this.#ask(), ASK_MS)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#asking)
    this.#goes()
    await Promise.all([this.#closing, this.#far?.endAsync(true)])
  }

  #connected(far: MqttClient): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (text: string): void => {
        clearTimeout(timer)
        far.end(true)
        reject(new BenchFailure('unavailable', `--broker: ${text}`))
      }
      const timer = setTimeout(
        () => fail(`${this.#where} does not answer as an MQTT broker within ${CONNECT_MS / 1000} s.`),
        CONNECT_MS,
      )
      far.on('error', (error) => fail(refusal(error, this.#where)))
      far.once('connect', () => {
        clearTimeout(timer)
        far.removeAllListeners('error')
        resolve()
      })
    })
  }

  async #subscribe(far: MqttClient): Promise<void> {
    const { device } = this.#options
    // What was retained was said before; what is published here does not come back.
    const options = { qos: 1, nl: true, rh: 2 } as const
    // `/#` takes in the topic itself, and `/reply-to=…` of MQTT 3.1.1 devices (R-MQTT.24).
    const own = [`${controllerTopic(device)}/#`, `${apiTopic(device)}/#`]
    const granted = await far.subscribeAsync(own, options).catch((error: unknown) => {
      throw new BenchFailure('unavailable', `--broker: ${this.#where} refuses: ${(error as Error).message}.`)
    })
    const refused = granted.filter(({ qos }) => qos >= FIRST_FAILURE).map(({ topic }) => topic)
    if (refused.length > 0)
      throw new BenchFailure(
        'unavailable',
        `--broker: ${this.#where} refuses to subscribe ${refused.join(' and ')}: its access rules must let the user of --broker-user read these topics.`,
      )
    // Brokers that do not follow the Oktopus flow have no status, and need not let anybody read what devices share.
    const shared = `${topicPrefix}/controller`
    await far
      .subscribeAsync([shared, joinReplyTo(shared, agentTopic(device))], options)
      .catch(() => undefined)
    await far.subscribeAsync(statusTopic(device), { qos: 1 }).catch(() => undefined)
  }

  #watch(far: MqttClient): void {
    const { onTrouble } = this.#options
    let isThere = true
    far.on('close', () => {
      if (isThere && !this.#stopped)
        onTrouble(`the broker ${this.#where} closed the connection; it is tried again each second.`)
      isThere = false
    })
    far.on('connect', () => {
      if (!isThere) onTrouble(`the broker ${this.#where} is back.`)
      isThere = true
    })
  }

  #fromDevice(topic: string, payload: Buffer, { properties, qos }: IPublishPacket): void {
    const { device } = this.#options
    if (topic === statusTopic(device)) {
      const said = payload.toString()
      if (said === '1') this.#ask()
      if (said === '0') this.#goes()
      return
    }
    const { from, msgId, says, level, agentTopic: listens } = hear({ topic, payload, properties })
    if (!topic.startsWith(controllerTopic(device)) && !topic.startsWith(apiTopic(device)) && from !== device)
      return
    clearInterval(this.#asking)
    if (listens !== undefined) this.#listensOn(listens)
    const isAnswer = msgId === this.#question
    // It answers where it was told to only in MQTT 5.0, where that can be told apart from its topic.
    this.#comes(level ?? (isAnswer ? (topic === apiTopic(device) ? 5 : 4) : this.#level), says === 'connect')
    if (isAnswer) return
    this.#near?.publish(topic, payload, { qos, ...this.#properties(properties) })
    if (says === 'disconnect') this.#goes()
  }

  /** It connected anew when it says so, also where nobody said that it was away. */
  #comes(level: 4 | 5, anew: boolean): void {
    if (this.#near && (anew || this.#near.level !== level)) this.#goes()
    this.#level = level
    if (this.#near) return
    const { device, port } = this.#options
    this.#near = new Near({
      device,
      level,
      port,
      topics: this.#topics,
      onMessage: (topic, payload, { properties, qos }) => {
        this.#far?.publish(topic, payload, { qos, ...this.#properties(properties) })
      },
    })
  }

  #goes(): void {
    const near = this.#near
    this.#near = undefined
    if (near) this.#closing = Promise.all([this.#closing, near.close()])
  }

  #listensOn(topic: string): void {
    if (this.#topics.has(topic) || this.#topics.size >= MAX_TOPICS) return
    this.#topics.add(topic)
    this.#near?.listen(topic).catch(() => undefined)
  }

  /** What every agent answers, and nothing is changed by. */
  #ask(): void {
    const { device } = this.#options
    const msg = msgFromJson({
      header: { msg_id: this.#question, msg_type: 'GET_SUPPORTED_PROTO' },
      body: {
        request: { get_supported_protocol: { controller_supported_protocol_versions: '1.0,1.1,1.2,1.3' } },
      },
    })
    const record = plainRecord({ version: '1.0', toId: device, fromId: controllerUser }, encodeMsg(msg))
    const properties = { contentType: 'usp.msg', responseTopic: apiTopic(device) }
    for (const topic of this.#topics) this.#far?.publish(topic, Buffer.from(record), { qos: 1, properties })
  }

  /** What belongs to one connection alone stays on it; MQTT 3.1.1 has none. */
  #properties(properties: IPublishPacket['properties']) {
    if (!properties || this.#level !== 5) return {}
    const { topicAlias: _alias, subscriptionIdentifier: _identifier, ...rest } = properties
    return { properties: rest }
  }
}

/** Topics that a device is believed to listen on. */
const MAX_TOPICS = 8

/** Why a broker does not take the connection, and what to do about it. */
function refusal(error: Error, where: string): string {
  const code: unknown = 'code' in error ? error.code : undefined
  if (typeof code === 'number') {
    const hint = CREDENTIALS.includes(code)
      ? ' Give its user with --broker-user NAME, and the password in OKTOBENCH_BROKER_PASSWORD.'
      : ''
    return `${where} refuses the connection (${error.message.replace(/^Connection refused: /, '')}).${hint}`
  }
  const name = errorCode(error) ?? ''
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(name) && !name.startsWith('ERR_SSL'))
    return `the certificate of ${where} is not trusted (${name}): give its authority with --broker-ca FILE.`
  return troubleText(error, where)
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
