/** What came for a simulated agent, read; undefined for what is none. Pure. */
import { decodeMsg, decodeRecord, type Msg, type UspRecord } from '../../../shared/usp/codec.ts'

export function requestOf(msg: Msg): string | undefined {
  const body = msg.body?.msgBody
  return body?.case === 'request' ? body.value.reqType.case : undefined
}

export function readRecord(payload: Uint8Array): UspRecord | undefined {
  try {
    return decodeRecord(payload)
  } catch {
    return undefined
  }
}

export function readMsg({ recordType }: UspRecord): Msg | undefined {
  const payload =
    recordType.case === 'noSessionContext'
      ? recordType.value.payload
      : recordType.case === 'sessionContext'
        ? recordType.value.payload[0]
        : undefined
  if (!payload || payload.length === 0) return undefined
  try {
    return decodeMsg(payload)
  } catch {
    return undefined
  }
}
