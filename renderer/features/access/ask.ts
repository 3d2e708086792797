/** The form of a question to the rules, and the answer. Pure. */
import { explain, type Explanation } from '../../../shared/acl/explain.ts'
import type { Action, AclRule, ListenerTransport, Qos, Question } from '../../../shared/acl/model.ts'
import type { DenialInfo } from '../../../shared/contract/access.ts'
import type { DeviceRow } from '../../../shared/contract/model.ts'
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

/** The question that was denied, against the list in force. */
export function askedAgain(denial: DenialInfo): AskForm | undefined {
  const question = questionOf(denial)
  if (question === undefined) return undefined
  const { endpointId, username = '', clientId, address = '', listener } = question.who
  return {
    ...blankQuestion,
    endpointId,
    username,
    clientId,
    address,
    listener: listener ? `${listener.transport} ${listener.port}` : '',
    action: question.action,
    topic: question.topic,
  }
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
