/** A device of a foreign broker as the bench sees it: a connection to the bench on loopback, in the version it speaks. */
import { connect, type IClientPublishOptions, type IPublishPacket, type MqttClient } from 'mqtt'
import { endpointIdProperty } from '../../shared/usp/oktopus.ts'

const RETRY_MS = 1000
/** Messages that wait until the bench granted the subscriptions; what comes beyond them is dropped. */
const MAX_HELD = 1000

export interface NearOptions {
  readonly device: string
  readonly level: 4 | 5
  /** Of the bench. */
  readonly port: number
  /** Topics on which the device listens. */
  readonly topics: Iterable<string>
  /** Something for the device. */
  readonly onMessage: (topic: string, payload: Buffer, packet: IPublishPacket) => void
}

export class Near {
  readonly level: 4 | 5
  readonly #client: MqttClient
  readonly #device: string
  /** Undefined once it listens. */
  #held: (() => void)[] | undefined = []

  constructor({ device, level, port, topics, onMessage }: NearOptions) {
    this.level = level
    this.#device = device
    const client = connect({
      host: '127.0.0.1',
      port,
      protocolVersion: level,
      // MQTT 3.1.1 tells the endpoint ID by nothing else.
      clientId: level === 5 ? `relay-${device}` : device,
      clean: true,
      reconnectPeriod: RETRY_MS,
      resubscribe: false,
      ...(level === 5 && { properties: this.#users() }),
    })
    this.#client = client
    const listens = [...topics]
    client.on('error', () => undefined)
    client.on('message', onMessage)
    client.on('connect', () => {
      Promise.all(listens.map((topic) => this.listen(topic)))
        .then(() => {
          const held = this.#held ?? []
          this.#held = undefined
          held.forEach((publish) => publish())
        })
        // The connection ended: it listens again with the next one.
        .catch(() => undefined)
    })
  }

  async listen(topic: string): Promise<void> {
    // R-MQTT.24: what is for it has `/reply-to=…` behind its topic.
    const filter = this.level === 5 ? topic : `${topic}/#`
    await this.#client.subscribeAsync(filter, {
      qos: 1,
      ...(this.level === 5 && { properties: this.#users() }),
    })
  }

  /** In order, and not before the device could get an answer. */
  publish(topic: string, payload: Buffer, options: IClientPublishOptions): void {
    const publish = (): void => void this.#client.publish(topic, payload, options)
    if (!this.#held) publish()
    else if (this.#held.length < MAX_HELD) this.#held.push(publish)
  }

  /** With a DISCONNECT, after what is under way. */
  async close(): Promise<void> {
    await this.#client.endAsync(this.#held !== undefined)
  }

  #users() {
    return { userProperties: { [endpointIdProperty]: this.#device } }
  }
}
