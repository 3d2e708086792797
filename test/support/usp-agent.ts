/** A USP agent over MQTT.js that answers as a test wants it to. */
import { connectAsync, type MqttClient } from 'mqtt'
import { mqttConnectRecord, plainRecord, type RecordHead } from '../../shared/usp/build-record.ts'
import { decodeMsg, encodeMsg, makeMsg, type Msg } from '../../shared/usp/codec.ts'
import {
  agentTopic,
  controllerTopic,
  controllerUser,
  joinReplyTo,
  splitReplyTo,
} from '../../shared/usp/oktopus.ts'
import { readRecord, type Incoming } from '../../shared/usp/read-record.ts'
import { SessionContexts } from '../../shared/usp/session-context.ts'
import { SessionSender } from '../../shared/usp/session-sender.ts'

export interface AgentOptions {
  readonly port: number
  readonly endpointId: string
  readonly mqtt?: 4 | 5
  readonly username?: string
  readonly password?: string
  /** Parameters by path; others are invalid paths (7026). */
  readonly values?: Readonly<Record<string, string>>
  /** Takes a request first; `undefined` leaves it to the agent, `null` leaves it unanswered. */
  readonly answer?: (request: Msg, incoming: Incoming) => Msg | null | undefined
  /** Topic filters in place of its own agent topic. */
  readonly filters?: readonly string[]
  readonly versions?: string
}

export const responseMsg = (request: Msg, name: string, value: unknown): Msg =>
  makeMsg({
    header: { msgId: request.header?.msgId ?? '', msgType: (request.header?.msgType ?? 0) + 1 },
    body: { msgBody: { case: 'response', value: { respType: { case: name, value } } } },
  } as never)

export const errorMsg = (request: Msg, errCode: number, errMsg = ''): Msg =>
  makeMsg({
    header: { msgId: request.header?.msgId ?? '' },
    body: { msgBody: { case: 'error', value: { errCode, errMsg } } },
  })

export const notifyMsg = (msgId: string, notify: unknown): Msg =>
  makeMsg({
    header: { msgId, msgType: 3 },
    body: { msgBody: { case: 'request', value: { reqType: { case: 'notify', value: notify } } } },
  } as never)

export class TestAgent {
  readonly options: AgentOptions
  /** Everything that came, oldest first. */
  readonly received: {
    readonly topic: string
    readonly incoming: Incoming
    readonly contentType?: string
  }[] = []
  /** Msgs that came, of every kind of Record. */
  readonly msgs: Msg[] = []
  readonly client: MqttClient
  readonly #contexts = new SessionContexts()
  #sender: SessionSender | undefined

  private constructor(client: MqttClient, options: AgentOptions) {
    this.client = client
    this.options = options
    client.on('message', (topic, payload, packet) => {
      const incoming = readRecord(payload)
      const { contentType, responseTopic } = packet.properties ?? {}
      this.received.push({ topic, incoming, ...(contentType === undefined ? {} : { contentType }) })
      const replyTo = responseTopic ?? splitReplyTo(topic).replyTo ?? controllerTopic(options.endpointId)
      if (incoming.kind === 'msg') this.#take(decodeMsg(incoming.payload), incoming, replyTo)
      if (incoming.kind !== 'session') return
      if (this.#sender?.sessionId !== incoming.session.sessionId) {
        this.#sender = new SessionSender(incoming.session.sessionId)
      }
      for (const { bytes } of this.#contexts.feed(incoming.session, this.received.length).assembled) {
        if (bytes) this.#take(decodeMsg(bytes), incoming, replyTo)
      }
    })
  }

  static async connect(options: AgentOptions): Promise<TestAgent> {
    const { port, endpointId, mqtt = 5, username, password } = options
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: mqtt,
      clientId: endpointId,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      reconnectPeriod: 0,
      ...(mqtt === 5 ? { properties: { userProperties: { 'usp-endpoint-id': endpointId } } } : {}),
    })
    const agent = new TestAgent(client, options)
    const own = agentTopic(endpointId)
    await client.subscribeAsync([...(options.filters ?? [mqtt === 5 ? own : `${own}/#`])])
    return agent
  }

  get head(): RecordHead {
    return { version: '1.3', toId: controllerUser, fromId: this.options.endpointId }
  }

  /** Publishes a Record as a device of its MQTT version does. */
  async send(record: Uint8Array, topic = controllerTopic(this.options.endpointId)): Promise<void> {
    const own = agentTopic(this.options.endpointId)
    if (this.options.mqtt === 4) {
      await this.client.publishAsync(joinReplyTo(topic, own), Buffer.from(record))
      return
    }
    const properties = { contentType: 'usp.msg', responseTopic: own }
    await this.client.publishAsync(topic, Buffer.from(record), { properties })
  }

  notify(msgId: string, notify: unknown): Promise<void> {
    return this.send(plainRecord(this.head, encodeMsg(notifyMsg(msgId, notify))))
  }

  sayConnect(mqtt: '3.1.1' | '5.0', topic = agentTopic(this.options.endpointId)): Promise<void> {
    return this.send(mqttConnectRecord(this.head, mqtt, topic))
  }

  close(): Promise<void> {
    return this.client.endAsync(true)
  }

  #take(msg: Msg, incoming: Incoming, replyTo: string): void {
    this.msgs.push(msg)
    const body = msg.body?.msgBody
    if (body?.case !== 'request') return
    const wanted = this.options.answer?.(msg, incoming)
    if (wanted === null) return
    const answer = wanted ?? this.#answer(msg)
    if (!answer) return
    const bytes = encodeMsg(answer)
    const records =
      incoming.kind === 'session' && this.#sender
        ? this.#sender.send(this.head, bytes, 40)
        : [plainRecord(this.head, bytes)]
    for (const record of records) void this.send(record, replyTo)
  }

  #answer(request: Msg): Msg | undefined {
    const body = request.body?.msgBody
    const type = body?.case === 'request' ? body.value.reqType : undefined
    if (type?.case === 'getSupportedProtocol') {
      const agentSupportedProtocolVersions = this.options.versions ?? '1.0,1.1,1.2,1.3'
      return responseMsg(request, 'getSupportedProtocolResp', { agentSupportedProtocolVersions })
    }
    if (type?.case !== 'get') return errorMsg(request, 7001)
    const values = Object.entries(this.options.values ?? {})
    const reqPathResults = type.value.paramPaths.map((requestedPath) => {
      const found = values.filter(
        ([path]) => path === requestedPath || (requestedPath.endsWith('.') && path.startsWith(requestedPath)),
      )
      if (found.length === 0) return { requestedPath, errCode: 7026, errMsg: 'Path is invalid' }
      const resolvedPathResults = found.map(([path, value]) => {
        const cut = path.lastIndexOf('.') + 1
        return { resolvedPath: path.slice(0, cut), resultParams: { [path.slice(cut)]: value } }
      })
      return { requestedPath, resolvedPathResults }
    })
    return responseMsg(request, 'getResp', { reqPathResults })
  }
}
