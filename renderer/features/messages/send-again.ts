/** A request that was seen, taken into Messages to be looked at and sent again. */
import type { PacketDetail } from '../../../shared/contract/model.ts'
import { seenRequest, type SeenRequest } from '../../../shared/usp/forms/seen-request.ts'
import type { Model } from '../../app/model.ts'
import { decoded } from '../packets/decoded.ts'

/** What a packet asks a device; undefined when it does not, or has not the last part of it. */
export function seenRequestOf(detail: PacketDetail): SeenRequest | undefined {
  const packet = detail.row.msgId === '' ? undefined : decoded(detail)
  return packet?.type === 'PUBLISH' ? seenRequest(packet.payload, detail.msg) : undefined
}

/** The request under the cursor of the view in front. */
export function requestAt(model: Model): SeenRequest | undefined {
  const { place } = model.frame.getState()
  const packet =
    place === 'transactions'
      ? model.transactions.getState().request
      : place === 'packets'
        ? model.packets.current().detail.getState().packet
        : undefined
  return packet && seenRequestOf(packet)
}

export function sendAgain(model: Model): void {
  const seen = requestAt(model)
  if (!seen) return
  model.messages.openSeen(seen)
  model.goTo('messages')
  if (seen.isPart)
    model.notices
      .getState()
      .say('Fields that USP 1.5 does not have stood in this request; they were left out.')
}
