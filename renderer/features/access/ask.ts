/** The form of a question to the rules, and the answer. Pure. */
import { explain, type Explanation } from '../../../shared/acl/explain.ts'
import type { Action, AclRule, ListenerTransport, Qos, Question } from '../../../shared/acl/model.ts'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import type { DeviceRow, PacketDetail } from '../../../shared/contract/model.ts'
import {
  connectionSubject,
  packetQuestions,
  type PacketQuestion,
} from '../../../shared/acl/packet-questions.ts'
import { decoded } from '../packets/decoded.ts'
import { questionOf } from './allow.ts'
import { judgeable } from './rules.ts'

export interface AskForm {
  /** Against the list in force or the draft. */
  readonly list: 'force' | 'draft'
  readonly endpointId: string
  /** Empty: the client gives none. */
  readonly username: string
  readonly clientId: string
  /** Empty: not known. */
  readonly address: string
  /** `tcp 1883`; empty: not known. */
  readonly listener: string
  readonly action: Action
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
}

export const blankQuestion: AskForm = {
  list: 'force',
  endpointId: '',
  username: '',
  clientId: '',
  address: '',
  listener: '',
  action: 'publish',
  topic: '',
  qos: 0,
  retain: false,
}

const transports: ReadonlySet<string> = new Set<ListenerTransport>(['tcp', 'tls', 'ws', 'wss'])
const isTransport = (text: string): text is ListenerTransport => transports.has(text)

function listenerOf(text: string): Question['who']['listener'] {
  const [transport = '', port] = text.split(' ')
  return isTransport(transport) ? { transport, port: Number(port) } : undefined
}

/** What a device that is known would ask with. */
export const askedBy = ({ endpointId, username, clientId, remoteAddress }: DeviceRow): Partial<AskForm> => ({
  endpointId,
  username,
  clientId,
  address: remoteAddress,
})

/** A question as the form shows it, against the list in force. */
export function formOf({ action, topic, qos, retain, who }: Question): AskForm {
  const { endpointId, username = '', clientId, address = '', listener } = who
  return {
    ...blankQuestion,
    endpointId,
    username,
    clientId,
    address,
    listener: listener ? `${listener.transport} ${listener.port}` : '',
    action,
    topic,
    qos,
    retain,
  }
}

/** The question that was denied. */
export function askedAgain(denial: DenialInfo): AskForm | undefined {
  const question = questionOf(denial)
  return question && formOf(question)
}

/** What the list is asked about a packet; empty where it is not. */
export function questionsOf(detail: PacketDetail): readonly PacketQuestion[] {
  const { row, connection } = detail
  const packet = row.kind === 'packet' ? decoded(detail) : undefined
  return packet ? packetQuestions(packet, row.direction, row.topic, connectionSubject(connection)) : []
}

export const questionFrom = (form: AskForm): Question => ({
  action: form.action,
  topic: form.topic,
  qos: form.qos,
  retain: form.action === 'publish' && form.retain,
  who: {
    username: form.username === '' ? undefined : form.username,
    clientId: form.clientId,
    endpointId: form.endpointId,
    address: form.address === '' ? undefined : form.address,
    listener: listenerOf(form.listener),
  },
})

export const answerTo = (form: AskForm, rules: readonly AclRule[]): Explanation =>
  explain({ version: 0, rules: judgeable(rules) }, questionFrom(form))

/** `Allowed: rule 6 "A device listens …" allows it.` */
export function verdictWords({ decision }: Explanation): string {
  const why = decision.why.charAt(0).toUpperCase() + decision.why.slice(1)
  return /[.!?]$/.test(why) ? why : `${why}.`
}
