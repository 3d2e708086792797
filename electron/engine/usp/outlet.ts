/** What flows send through the controller: Msgs, Records and messages as they are written, wrong ones too. */
import type { IClientPublishOptions } from 'mqtt'
import type { Command, MqttWishes, SendCommand } from '../../../shared/flow/run/events.ts'
import { getProperty, userProperties } from '../../../shared/mqtt/properties.ts'
import { plainRecord, type RecordHead } from '../../../shared/usp/build-record.ts'
import { encodeRecord, recordFromJson } from '../../../shared/usp/codec.ts'
import { controllerUser, joinReplyTo, splitReplyTo } from '../../../shared/usp/oktopus.ts'
import { gathered } from './gathered.ts'
import type { Controller } from './controller.ts'
import type { DeviceSettings } from './device-settings.ts'
import { routeTo, type Line, type Routing } from './route.ts'

type OutletCommand<K extends Command['do']> = Extract<Command, { do: K }>

const CONTENT_TYPE = 'usp.msg'

export interface OutletOptions {
  readonly controller: Controller
  readonly settings: DeviceSettings
  readonly line: (endpointId: string) => Line | undefined
}

/** Everything answers why it did not go out, in a sentence; `undefined` when the broker took it. */
export class Outlet {
  readonly #options: OutletOptions

  constructor(options: OutletOptions) {
    this.#options = options
  }

  /** The device is connected and listens where requests go. */
  reaches(endpointId: string): boolean {
    return this.#routing(endpointId).ok
  }

  async send(command: SendCommand): Promise<string | undefined> {
    const { controller, settings } = this.#options
    const { to, bytes, recordTo, from, version, session } = command
    const peer = controller.peers.of(to)
    const wished = settings.of(to)
    const head: RecordHead = {
      version: version ?? wished.version ?? peer.version,
      toId: recordTo ?? to,
      fromId: from ?? controllerUser,
    }
    controller.foresee(to, bytes)
    const records = session
      ? [sessionRecordOf(head, session, bytes)]
      : wished.sessionContext === true
        ? peer.session.send(head, bytes, wished.segmentBytes ?? bytes.length)
        : [plainRecord(head, bytes)]
    for (const record of records) {
      const fault = await this.#toDevice(to, record, command)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  record(command: OutletCommand<'record'>): Promise<string | undefined> {
    return this.#toDevice(command.to, command.bytes, command)
  }

  async publish(command: OutletCommand<'publish'>): Promise<string | undefined> {
    const failure = await this.#options.controller.publishRaw(
      command.topic,
      command.payload,
      publishOptions(command, command.qos ?? 0),
    )
    // Nobody has to listen to a message.
    return failure === undefined || failure.kind === 'nobody' ? undefined : failure.text
  }

  async #toDevice(to: string, record: Uint8Array, wishes: MqttWishes): Promise<string | undefined> {
    const { controller, settings, line } = this.#options
    const routing = this.#routing(to)
    if (!routing.ok && wishes.topic === undefined) return routing.text
    const route = routing.ok ? routing.route : { topic: '', responseTopic: '' }
    const replyTopic = wishes.replyTopic ?? route.responseTopic
    // R-MQTT.24: MQTT 3.1.1 has no Response Topic.
    const topic =
      wishes.topic ??
      (wishes.replyTopic === undefined || line(to)?.level === 5
        ? route.topic
        : joinReplyTo(splitReplyTo(route.topic).topic, replyTopic))
    const options = publishOptions(wishes, wishes.qos ?? settings.of(to).qos ?? 1, {
      contentType: CONTENT_TYPE,
      replyTopic,
    })
    return (await controller.publishRaw(topic, record, options))?.text
  }

  #routing(to: string): Routing {
    const { controller, settings, line } = this.#options
    const here = line(to)
    if (!here) {
      return { ok: false, outcome: 'unreachable', text: `The device ${to} is not connected.` }
    }
    const { topic } = settings.of(to)
    const peer = controller.peers.find(to)
    return routeTo(here, {
      endpointId: to,
      ...(topic === undefined ? {} : { topic }),
      known: [peer?.connectTopic, peer?.replyTopic],
      answersTo: 'api',
    })
  }
}

/** A Record whose session context has the fields that the flow says, right or wrong. */
function sessionRecordOf(
  { version, toId, fromId }: RecordHead,
  session: NonNullable<SendCommand['session']>,
  bytes: Uint8Array,
): Uint8Array {
  const payload = [Buffer.from(bytes).toString('base64')]
  return encodeRecord(
    recordFromJson({
      version,
      to_id: toId,
      from_id: fromId,
      session_context: { payload, ...session },
    }),
  )
}

/** `usual` holds where a flow says nothing, neither by its own keys nor among the properties. */
function publishOptions(
  wishes: MqttWishes,
  qos: 0 | 1 | 2,
  usual: Pick<MqttWishes, 'contentType' | 'replyTopic'> = {},
): IClientPublishOptions {
  const { properties, retain = false } = wishes
  const contentType = wishes.contentType ?? getProperty(properties, 'contentType') ?? usual.contentType ?? ''
  const replyTopic = wishes.replyTopic ?? getProperty(properties, 'responseTopic') ?? usual.replyTopic ?? ''
  const payloadFormat = getProperty(properties, 'payloadFormatIndicator')
  const expiry = getProperty(properties, 'messageExpiryInterval')
  const alias = getProperty(properties, 'topicAlias')
  const correlation = getProperty(properties, 'correlationData')
  const users = userProperties(properties)
  return {
    qos,
    retain,
    properties: {
      ...(contentType !== '' && { contentType }),
      ...(replyTopic !== '' && { responseTopic: replyTopic }),
      ...(payloadFormat !== undefined && { payloadFormatIndicator: payloadFormat === 1 }),
      ...(expiry !== undefined && { messageExpiryInterval: expiry }),
      ...(alias !== undefined && { topicAlias: alias }),
      ...(correlation !== undefined && { correlationData: Buffer.from(correlation) }),
      ...(users.length > 0 && { userProperties: gathered(users) }),
    },
  }
}
