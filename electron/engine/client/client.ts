/** One client: its connection, what it publishes, asks and repeats. */
import { randomBytes } from 'node:crypto'
import { DraftFault } from '../../../shared/client/draft-fault.ts'
import { NotSent } from '../../../shared/client/limits.ts'
import { msgIdOf } from '../../../shared/client/pairing.ts'
import { readPublish, type Outgoing } from '../../../shared/client/publish-draft.ts'
import type { Request } from '../../../shared/contract/contract.ts'
import type {
  ClientConnection as ConnectionState,
  PublishReport,
} from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { getProperty, withProperty } from '../../../shared/mqtt/properties.ts'
import { topicMatches } from '../../../shared/mqtt/topics.ts'
import { ClientConnection, type ConnectionOptions } from './connection.ts'
import { Repeat } from './repeat.ts'
import { noteRow } from './rows.ts'

/** Of Correlation Data that is made here. */
const CORRELATION_BYTES = 8

export const newId = (): string => randomBytes(8).toString('hex')

export class Client {
  readonly connection: ClientConnection
  readonly #options: ConnectionOptions
  #repeat: Repeat | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.connection = new ClientConnection(options)
  }

  get state(): ConnectionState {
    const { state } = this.connection
    return this.#repeat ? { ...state, repeat: this.#repeat.progress } : state
  }

  /** Rejects with a BenchFailure: `unavailable` without a connection, `invalid-request` for what cannot be sent. */
  async publish(wish: Request<'client.publish'>): Promise<PublishReport> {
    if (!this.connection.connected) throw new BenchFailure('unavailable', 'Connect this client first.')
    if (wish.repeat && this.#repeat)
      throw new BenchFailure('conflict', 'It still publishes: stop that first.')
    // The one that shows what is wrong with it, before anything is subscribed to.
    const first = said(() => this.#read(wish, 1))
    if (wish.request) await this.#listenTo(this.#responseTopic(first))
    const send = (n: number) => this.#send(n === 1 ? first : this.#read(wish, n), wish)
    if (!wish.repeat) return reportOf(said(() => send(1)))
    let no: number | undefined
    said(() => this.#begin(wish, (n) => void (n === 1 ? (no = send(n)) : send(n))))
    return reportOf(no)
  }

  stopRepeating(): void {
    this.#repeat?.stop()
  }

  disconnect(...how: Parameters<ClientConnection['disconnect']>): void {
    this.stopRepeating()
    said(() => this.connection.disconnect(...how))
  }

  stop(): void {
    this.stopRepeating()
    this.connection.stop()
  }

  #begin({ repeat }: Request<'client.publish'>, send: (n: number) => void): void {
    if (!repeat) return
    const { id, log, profile, onChange } = this.#options
    let ended = false
    const running = new Repeat({
      ...repeat,
      send,
      backlog: () => this.connection.backlog,
      onChange,
      onEnd: (error) => {
        ended = true
        this.#repeat = undefined
        if (error) {
          const text = `Publishing repeatedly broke off: ${error.message}`
          log.add(noteRow(id, text, true), new Uint8Array(), profile().level)
        }
        onChange()
      },
    })
    if (!ended) this.#repeat = running
  }

  #read({ publish, variables }: Request<'client.publish'>, n: number): Outgoing {
    return readPublish(publish, variables, { n, time: Date.now(), newId, random: Math.random() })
  }

  #send(message: Outgoing, { request }: Request<'client.publish'>): number | undefined {
    if (!request) return this.connection.publish(message)
    const responseTopic = this.#responseTopic(message)
    const correlation = getProperty(message.properties, 'correlationData') ?? randomBytes(CORRELATION_BYTES)
    const named = withProperty(message.properties, 'responseTopic', responseTopic)
    const properties = withProperty(named, 'correlationData', correlation)
    const msgId = msgIdOf(message.payload)
    const ask = { responseTopic, correlation, msgId, timeoutMs: request.timeoutMs }
    return this.connection.publish({ ...message, properties }, ask)
  }

  #responseTopic({ properties }: Outgoing): string {
    return getProperty(properties, 'responseTopic') ?? this.connection.ownResponseTopic
  }

  /** An answer comes only where the client listens. */
  async #listenTo(topic: string): Promise<void> {
    if (this.#options.profile().level < 5)
      throw new BenchFailure(
        'invalid-request',
        'A Response Topic exists since MQTT 5.0: choose that version.',
      )
    const granted = this.connection.state.subscriptions.some(
      ({ filter, state }) => (state === 'granted' || state === 'kept') && topicMatches(filter, topic),
    )
    if (granted) return
    const options = { noLocal: false, retainAsPublished: false, retainHandling: 0, properties: [] } as const
    const wish = { filter: topic, qos: 1, colour: 'grey', ...options } as const
    const live = await this.connection
      .subscribe({ ...wish, properties: [] })
      .catch((error: unknown) => ({ state: 'refused', text: (error as Error).message }))
    if (live.state !== 'refused') return
    const text = `The broker does not let this client listen on the Response Topic ${topic}: ${live.text}. Choose another one.`
    throw new BenchFailure('unavailable', text)
  }
}

const reportOf = (no: number | undefined): PublishReport => (no === undefined ? {} : { no })

/** What a person wrote and cannot be sent is an answer, not a defect. */
export function said<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof NotSent) throw new BenchFailure('unavailable', error.message)
    if (error instanceof DraftFault) throw new BenchFailure('invalid-request', error.message, error.place)
    if (error instanceof MqttError || error instanceof RangeError)
      throw new BenchFailure('invalid-request', `${error.message}.`)
    throw error
  }
}
