/**
 * A flow from the device's side, over MQTT: requests of a controller get the answers that the flow expects, its
 * Notifies go out in order. `AgentPlay` decides, a `Link` of the simulated agents is the connection.
 */
import { AgentPlay, type AgentCommand, type AgentResult } from '../../../shared/flow/agent/agent-play.ts'
import type { JsonMap } from '../../../shared/flow/json.ts'
import { msgJson } from '../../../shared/flow/messages.ts'
import type { Flow } from '../../../shared/flow/model.ts'
import { disconnectRecord, mqttConnectRecord, plainRecord } from '../../../shared/usp/build-record.ts'
import { decodeMsg, decodeRecord, type Msg } from '../../../shared/usp/codec.ts'
import { agentTopic, controllerTopic, controllerUser } from '../../../shared/usp/oktopus.ts'
import { readSessionRecord, SessionContexts } from '../../../shared/usp/session-context.ts'
import type { Line } from '../simulator/agent.ts'
import { usualSettings, type ConnectionSettings } from '../simulator/connection-settings.ts'
import type { LinkedAgent } from '../simulator/link.ts'

export interface ReplayOptions {
  readonly flow: Flow
  /** Endpoint ID that it has. */
  readonly device: string
  /** That of the controller; `oktopusController`. */
  readonly controller?: string
  readonly mqtt: 4 | 5
  readonly runId: string
  readonly variables?: JsonMap
  readonly secrets?: Readonly<Record<string, string>>
  readonly line: Line
  readonly onChange?: () => void
}

const VERSION = '1.3'
const SESSION_LIMITS = { maxWaitingBytes: 8 << 20, maxBytes: 16 << 20 }
const OWN_CONNECTION = 0

export class ReplayAgent implements LinkedAgent {
  readonly settings: ConnectionSettings
  readonly #options: ReplayOptions
  readonly #controller: string
  readonly #play: AgentPlay
  readonly #contexts = new SessionContexts(SESSION_LIMITS)
  #records = 0
  #dropped = 0

  constructor(options: ReplayOptions) {
    const { flow, device, runId, variables, secrets, controller = controllerUser } = options
    this.#options = options
    this.#controller = controller
    this.settings = usualSettings(agentTopic(device))
    this.#play = new AgentPlay(flow, {
      device,
      controller,
      runId,
      ...(variables && { variables }),
      ...(secrets && { secrets }),
    })
  }

  /** Packets in it are numbers of the Records that came. */
  get result(): AgentResult {
    return this.#play.result()
  }

  /** Payloads that were no Msg of its controller for it. */
  get dropped(): number {
    return this.#dropped
  }

  connected(ownTopic: string): void {
    this.#publish(mqttConnectRecord(this.#head(), this.#options.mqtt === 5 ? '5.0' : '3.1.1', ownTopic))
    this.#send(this.#play.feed({ kind: 'online' }), undefined)
  }

  disconnected(): void {
    this.#contexts.leave(OWN_CONNECTION, 0)
  }

  farewell(reasonCode: number, reason: string): void {
    this.#publish(disconnectRecord(this.#head(), reasonCode, reason))
  }

  stop(): void {
    // It waits for nothing but what comes.
  }

  receive(payload: Uint8Array, replyTopic: string | undefined): void {
    this.#records += 1
    const msg = this.#read(payload)
    if (msg)
      this.#send(this.#play.feed({ kind: 'msg', msg: msgJson(msg), packet: this.#records }), replyTopic)
    else this.#dropped += 1
    this.#options.onChange?.()
  }

  #read(payload: Uint8Array): Msg | undefined {
    try {
      const { fromId, toId, recordType } = decodeRecord(payload)
      if (fromId !== this.#controller || toId !== this.#options.device) return undefined
      if (recordType.case === 'noSessionContext') return decodeMsg(recordType.value.payload)
      const part = readSessionRecord(payload, 0, payload.length)
      const whole = part && this.#contexts.feed(part, this.#records, OWN_CONNECTION).assembled.at(-1)
      return whole?.bytes && decodeMsg(whole.bytes)
    } catch {
      // What is no Record is dropped without a word, as devices do.
      return undefined
    }
  }

  #send(commands: readonly AgentCommand[], replyTopic: string | undefined): void {
    for (const { do: kind, bytes } of commands)
      this.#publish(plainRecord(this.#head(), bytes), kind === 'answer' ? replyTopic : undefined)
  }

  #publish(record: Uint8Array, topic: string | undefined = undefined): void {
    this.#options.line.publish(topic ?? controllerTopic(this.#options.device), record)
  }

  #head() {
    return { version: VERSION, toId: this.#controller, fromId: this.#options.device }
  }
}
