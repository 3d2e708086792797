/**
 * The controller's connection: an ordinary MQTT 5 client of the bench's broker, over a listener of its own on
 * loopback, so that it works whatever becomes of the listeners for devices. It reconnects by itself.
 */
import { connect, type IClientPublishOptions, type MqttClient } from 'mqtt'
import type { ControllerState } from '../../../shared/contract/usp.ts'
import { controllerUser, endpointIdProperty, topicPrefix } from '../../../shared/usp/oktopus.ts'

export interface ReceivedPublish {
  readonly topic: string
  readonly payload: Uint8Array
  readonly retain: boolean
  readonly contentType?: string
  readonly responseTopic?: string
}

export interface LinkOptions {
  /** Of the listener on 127.0.0.1. */
  readonly port: number
  /** Asked at each attempt, since it may be changed meanwhile. */
  readonly password: () => Uint8Array | undefined
  readonly onMessage: (message: ReceivedPublish) => void
  readonly onState: () => void
}

/** How a publish went, beside having been taken. */
export type PublishFailure =
  | { readonly kind: 'disconnected'; readonly text: string }
  | { readonly kind: 'refused'; readonly text: string }
  | { readonly kind: 'nobody'; readonly text: string }

export interface ControllerLink {
  readonly state: ControllerState
  /** `undefined` when the broker took it. Never rejects. */
  publish(
    topic: string,
    payload: Uint8Array,
    options: IClientPublishOptions,
  ): Promise<PublishFailure | undefined>
  stop(): Promise<void>
}

/** Where devices speak to the controller. `#`, since MQTT 3.1.1 devices append `/reply-to=…` (R-MQTT.24). */
const FILTERS = [`${topicPrefix}/controller/#`, `${topicPrefix}/api/#`]
const CLIENT_ID = 'oktobench-controller'
const RECONNECT_MS = 1000
const CONNECT_TIMEOUT_MS = 5000
/** A loopback connection that ends is noticed at once; keep-alive would only fill the capture. */
const NO_KEEP_ALIVE = 0
const FIRST_FAILURE = 0x80
const NO_MATCHING_SUBSCRIBERS = 0x10

export function startLink({ port, password, onMessage, onState }: LinkOptions): ControllerLink {
  let state: ControllerState['state'] = 'connecting'
  let message: string | undefined
  let subscriptions: readonly string[] = []
  const change = (to: ControllerState['state'], why?: string): void => {
    if (state === to && message === why) return
    state = to
    message = why
    if (to !== 'connected') subscriptions = []
    onState()
  }
  const secret = (): Buffer => Buffer.from(password() ?? '')

  const client: MqttClient = connect(`mqtt://127.0.0.1:${port}`, {
    protocolVersion: 5,
    clientId: CLIENT_ID,
    username: controllerUser,
    password: secret(),
    clean: true,
    keepalive: NO_KEEP_ALIVE,
    reconnectPeriod: RECONNECT_MS,
    reconnectOnConnackError: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    queueQoSZero: false,
    resubscribe: false,
    properties: {
      // As a USP endpoint has to (R-MQTT.12).
      requestResponseInformation: true,
      userProperties: { [endpointIdProperty]: controllerUser },
    },
  })
  client.on('reconnect', () => {
    client.options.password = secret()
  })
  client.on('connect', () => void subscribe())
  client.on('close', () => {
    if (state === 'connected')
      change('connecting', 'The connection to the bench’s broker ended; it is made anew.')
  })
  client.on('error', (error: Error & { readonly code?: number | string }) => {
    // A CONNACK with a reason code; anything else is tried again and told by the next state.
    if (typeof error.code === 'number') {
      const text = `The bench’s broker refuses the controller: ${error.message}. Its user is ${controllerUser}: see Access.`
      change('refused', text)
    } else {
      change('connecting', `The controller cannot reach the bench’s broker: ${error.message}.`)
    }
  })
  client.on('message', (topic, payload, packet) => {
    const { contentType, responseTopic } = packet.properties ?? {}
    onMessage({
      topic,
      payload,
      retain: packet.retain,
      ...(contentType === undefined ? {} : { contentType }),
      ...(responseTopic === undefined ? {} : { responseTopic }),
    })
  })

  async function subscribe(): Promise<void> {
    try {
      const granted = await client.subscribeAsync([...FILTERS], { qos: 1 })
      subscriptions = granted.filter(({ qos }) => qos < FIRST_FAILURE).map(({ topic }) => topic)
      const missing = FILTERS.filter((filter) => !subscriptions.includes(filter))
      if (missing.length === 0) return change('connected')
      change('refused', refusedFilters(missing))
    } catch (error) {
      // The line may have gone meanwhile; then it is made anew.
      if (client.connected) change('refused', `${refusedFilters(FILTERS)} ${(error as Error).message}`)
    }
  }

  return {
    get state() {
      return {
        state,
        endpointId: controllerUser,
        ...(message === undefined ? {} : { message }),
        listener: `127.0.0.1 port ${port}, the controller’s own`,
        subscriptions,
      }
    },
    async publish(topic, payload, options) {
      if (state !== 'connected') {
        return { kind: 'disconnected', text: message ?? 'The controller is not connected yet.' }
      }
      try {
        const answer = await client.publishAsync(topic, Buffer.from(payload), options)
        const code = answer && 'reasonCode' in answer ? answer.reasonCode : 0
        if (code !== NO_MATCHING_SUBSCRIBERS) return undefined
        return { kind: 'nobody', text: `Nobody is subscribed to ${topic}.` }
      } catch (error) {
        const { code, message: text } = error as Error & { readonly code?: number }
        if (typeof code !== 'number') return { kind: 'disconnected', text }
        return { kind: 'refused', text: `The broker refuses a message on ${topic}: ${text}.` }
      }
    },
    async stop() {
      await client.endAsync(true)
      change('off')
    },
  }
}

const refusedFilters = (filters: readonly string[]): string =>
  `The access rules let the controller not subscribe to ${filters.join(' and ')}: see Access.`
