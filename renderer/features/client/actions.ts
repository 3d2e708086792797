/** What is done from several places of the view. */
import { DraftFault } from '../../../shared/client/draft-fault.ts'
import { readPublish } from '../../../shared/client/publish-draft.ts'
import { draftProperties } from '../../../shared/client/property-draft.ts'
import { payloadDraftOf } from '../../../shared/client/payload.ts'
import type {
  ClientPacketDetail,
  KeptProfile,
  PayloadForm,
  PublishDraft,
} from '../../../shared/contract/mqtt-client.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { withoutVariables } from '../../../shared/usp/forms/variables.ts'
import { copy } from '../../app/command.ts'
import { deliver } from '../../app/deliver.ts'
import type { Model } from '../../app/model.ts'
import { publishLine, type Where } from './command-line.ts'
import { defaultPorts, newProfile } from './profile-draft.ts'
import { connectionInFront, isConnected, isOn, profileInFront } from './store.ts'

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'

/** An ID that no profile has. */
const freshId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => alphabet[byte % 36]).join('')

export function editProfile(model: Model, profile: KeptProfile | undefined): void {
  model.client.setState({ editing: profile ?? { ...newProfile(freshId()), secrets: [] } })
  model.show('client-profile')
}

/** A copy under another ID; secrets stay with the first one. */
export const copyProfile = (model: Model, profile: KeptProfile): void =>
  editProfile(model, { ...profile, id: freshId(), name: `${profile.name} (copy)`, secrets: [] })

/** Up (-1) or down (1) in the list. */
export const moveProfile = (model: Model, id: string, by: -1 | 1): Promise<boolean> =>
  model.run('client.move', { id, by })

/** Of the connection in front: packets and counters. */
export function clearPackets(model: Model): void {
  const { current } = model.client.getState()
  void model.run('client.clear', { id: current })
}

/** Hands its packets over as a file that Wireshark and the bench read. */
export async function saveCapture({ host, notices }: Model, id: string): Promise<void> {
  const written = await host.call('client.export', { id })
  const answer = written.ok ? await deliver(host, [written.value.file]) : written
  if (!answer.ok) notices.getState().fail(answer.error)
}

/** Connects the client in front, or ends its connection or its attempts. */
export function toggleConnection(model: Model): void {
  const state = model.client.getState()
  const profile = profileInFront(state)
  if (!profile) return
  const command = isOn(connectionInFront(state)) ? 'client.disconnect' : 'client.connect'
  void model.run(command, { id: profile.id })
}

export const mayPublish = (model: Model): boolean => {
  const state = model.client.getState()
  return !state.sending && isConnected(connectionInFront(state))
}

const firstRequest = '{\n  "get": {\n    "param_paths": ["Device.DeviceInfo."]\n  }\n}'

/**
 * Another form of the payload. A USP Record gets what it cannot do without (R-MQTT.27), and comes from the bench's
 * controller: devices answer those that they know.
 */
export function chooseForm({ client }: Model, form: PayloadForm): void {
  const { draft } = client.getState()
  const { payload, properties } = draft
  if (form !== 'usp') return client.setDraft({ payload: { ...payload, form } })
  const { level = 5 } = profileInFront(client.getState()) ?? {}
  const fromId = payload.fromId || controllerUser
  const text = payload.text.trim() === '' ? firstRequest : payload.text
  const typed = level < 5 || properties.some(({ name }) => name === 'contentType')
  client.setDraft({
    payload: { ...payload, form, fromId, text },
    ...(!typed && { properties: [...properties, { name: 'contentType', value: 'usp.msg' } as const] }),
  })
}

/** Over the open file, or under a name that is asked for. */
export async function savePublish(model: Model): Promise<void> {
  const { file } = model.client.getState()
  if (!file) return model.show('client-save')
  const error = await model.client.save(file.path)
  if (error) model.notices.getState().fail(error)
  else model.notices.getState().say(`Saved ${file.path}.`)
}

/** As it came, with its properties. */
export async function publishAgain(model: Model, packet: ClientPacketDetail): Promise<void> {
  const publish = draftOfPacket(packet)
  const { current } = model.client.getState()
  if (publish) await model.run('client.publish', { id: current, publish, variables: {} })
}

/** The message that is being written, as the command of mosquitto_pub. */
export async function copyDraft(model: Model): Promise<void> {
  const { draft, variables } = model.client.getState()
  try {
    await copyLine(
      model,
      readPublish(draft, variables, {
        n: 1,
        time: Date.now(),
        newId: freshId,
        random: Math.random(),
      }),
    )
  } catch (error) {
    if (!(error instanceof DraftFault)) throw error
    model.notices.getState().fail({ code: 'invalid-request', message: error.message })
  }
}

/** `topic`: what a Topic Alias stands for. */
export async function copyLine(
  model: Model,
  message: Parameters<typeof publishLine>[0],
  topic = message.topic,
): Promise<void> {
  const profile = profileInFront(model.client.getState())
  if (profile)
    await copy(
      model,
      'the mosquitto_pub command',
      publishLine(message, profile, whereTo(model, profile), topic),
    )
}

function whereTo(model: Model, { target }: KeptProfile): Where {
  if (target.kind === 'broker') return target
  const { listeners = [] } = model.live.getState().bench ?? {}
  const { port = defaultPorts[target.transport], host = '*' } =
    listeners.find(({ transport }) => transport === target.transport) ?? {}
  return { host: host === '*' ? '127.0.0.1' : host, port }
}

/** Makes the message that is being written like one that was seen. */
export function takeOver(model: Model, packet: ClientPacketDetail): void {
  const draft = draftOfPacket(packet)
  if (draft) model.client.fresh(draft)
}

/** As a message to publish: what only the broker sets is left out. */
function draftOfPacket({ row, bytes, level }: ClientPacketDetail): PublishDraft | undefined {
  const packet = row.type === 'PUBLISH' ? decodePacket(bytes, level) : undefined
  if (packet?.type !== 'PUBLISH') return undefined
  const payload = payloadDraftOf(packet.payload)
  const properties = packet.properties.filter(
    ({ name }) => name !== 'subscriptionIdentifier' && name !== 'topicAlias',
  )
  return {
    topic: withoutVariables(row.topic),
    payload: { ...payload, text: withoutVariables(payload.text) },
    qos: packet.qos,
    retain: packet.retain,
    properties: draftProperties(properties).map(({ key, value, ...rest }) => ({
      ...rest,
      ...(key !== undefined && { key: withoutVariables(key) }),
      value: withoutVariables(value),
    })),
  }
}
