/** Notify messages. Pure. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import { Header_MsgType as Type, type NotifySchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import type { MsgInit } from './messages/index.ts'

type NotifyInit = MessageInitShape<typeof NotifySchema>
export type NotificationInit = Exclude<NonNullable<NotifyInit['notification']>, { case: undefined }>

/** What OB-USP-A begins the msg_id with. */
const kinds = {
  event: 'Event',
  valueChange: 'ValueChange',
  objCreation: 'ObjectCreation',
  objDeletion: 'ObjectDeletion',
  operComplete: 'OperationComplete',
  onBoardReq: 'OnBoardRequest',
} as const satisfies Readonly<Record<NotificationInit['case'], string>>

/** What comes first in its msg_id, before time and number. */
export const kindOf = (notification: NotificationInit): string => kinds[notification.case]

/** An answer is asked for exactly when the notification is sent again without one (3.6). */
export function notifyMsg(
  msgId: string,
  subscriptionId: string,
  sendResp: boolean,
  notification: NotificationInit,
): MsgInit {
  const notify = { subscriptionId, sendResp, notification }
  return {
    header: { msgId, msgType: Type.NOTIFY },
    body: { msgBody: { case: 'request', value: { reqType: { case: 'notify', value: notify } } } },
  }
}
