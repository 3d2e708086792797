/** The small facts about a Msg from which transactions are made, and how a decoded Msg yields them. */
import type { Msg } from './codec.ts'
import type { Notify, Operate, OperateResp } from './gen/usp-msg_pb.ts'
import { notificationOf, valuesText } from './notification.ts'
import { requestKinds, type RequestKind } from './kinds.ts'

export interface MsgFact {
  /** Milliseconds of the caller's clock, never falling. */
  readonly time: number
  /** Row in the capture, or any other number by which the caller finds it again. */
  readonly packet: number
  readonly fromId: string
  readonly toId: string
  readonly msgId: string
  readonly part: 'request' | 'response' | 'error'
  /** Of requests and responses. */
  readonly kind?: RequestKind
  /** Of an Error; of a response the first failure within it. */
  readonly errorCode?: number
  /** A Notify or Operate with send_resp false: no answer is due. */
  readonly silent?: boolean
  readonly notify?: NotifyFact
  /** Of an Operate. */
  readonly operate?: { readonly command: string; readonly commandKey: string }
  /** Of an OperateResp: the commands that go on in the background (req_obj_path). */
  readonly begun?: readonly string[]
}

export interface NotifyFact {
  readonly subscriptionId: string
  /** Equal for the same notification sent again, whatever its msg_id. */
  readonly content: string
  /** OperationComplete: command with its object, and its command_key. */
  readonly completes?: { readonly command: string; readonly commandKey: string }
}

/** `undefined` for a Msg without body or msg_id. */
export function factOf(
  msg: Msg,
  where: Pick<MsgFact, 'time' | 'packet' | 'fromId' | 'toId'>,
): MsgFact | undefined {
  const msgId = msg.header?.msgId ?? ''
  const body = msg.body?.msgBody
  if (msgId === '') return undefined
  switch (body?.case) {
    case 'error':
      return { ...where, msgId, part: 'error', errorCode: body.value.errCode }
    case 'request': {
      const { case: name, value } = body.value.reqType
      const kind = kindOfCase(name)
      if (kind === undefined) return undefined
      const base: MsgFact = { ...where, msgId, part: 'request', kind }
      if (kind === 'Notify') return { ...base, ...ofNotify(value as Notify) }
      if (kind === 'Operate') return { ...base, ...ofOperate(value as Operate) }
      return base
    }
    case 'response': {
      const { case: name, value } = body.value.respType
      const kind = kindOfCase(name?.replace(/Resp$/, ''))
      if (kind === undefined) return undefined
      const base: MsgFact = { ...where, msgId, part: 'response', kind }
      return kind === 'Operate' ? { ...base, begun: begunBy(value as OperateResp) } : base
    }
    default:
      return undefined
  }
}

/** `getSupportedDm` → `GetSupportedDM`. */
const kindOfCase = (name: string | undefined): RequestKind | undefined =>
  requestKinds.find((kind) => kind.toLowerCase() === name?.toLowerCase())

function ofNotify(notify: Notify): Pick<MsgFact, 'silent' | 'notify'> {
  const facts = notificationOf(notify)
  const { subscriptionId } = notify
  const content = facts ? `${facts.kind} ${facts.path} ${valuesText(facts.values)}` : ''
  const completes =
    facts?.commandKey === undefined
      ? {}
      : { completes: { command: facts.path, commandKey: facts.commandKey } }
  return { silent: !notify.sendResp, notify: { subscriptionId, content, ...completes } }
}

const ofOperate = ({ command, commandKey, sendResp }: Operate): Pick<MsgFact, 'silent' | 'operate'> => ({
  silent: !sendResp,
  operate: { command, commandKey },
})

const begunBy = ({ operationResults }: OperateResp): string[] =>
  operationResults
    .filter(({ operationResp }) => operationResp.case === 'reqObjPath')
    .map(({ executedCommand }) => executedCommand)
