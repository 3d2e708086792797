/**
 * What an endpoint makes of bytes that came: a Msg, a Record of a session, a Connect or Disconnect Record, or a
 * fault with its code of the 7100 series. Never throws.
 */
import { decodeMsg, decodeRecord, type Msg, type UspRecord } from './codec.ts'
import type { RecordHead } from './build-record.ts'
import { readSessionRecord, type SessionRecord } from './session-record.ts'
import { peekMsg, peekRecord, type MsgType } from './peek.ts'

export const RECORD_CODES = {
  notParsed: 7100,
  secureSessionNotSupported: 7102,
  invalidValue: 7104,
  sessionNotAllowed: 7106,
} as const

export type Incoming =
  | { readonly kind: 'msg'; readonly head: RecordHead; readonly payload: Uint8Array }
  | { readonly kind: 'session'; readonly head: RecordHead; readonly session: SessionRecord }
  | { readonly kind: 'connect'; readonly head: RecordHead; readonly mqtt?: MqttConnect }
  | { readonly kind: 'disconnect'; readonly head: RecordHead; readonly code: number; readonly reason: string }
  | RecordFault

export interface MqttConnect {
  readonly version: '3.1.1' | '5.0'
  readonly topic: string
}

export interface RecordFault {
  readonly kind: 'fault'
  /** Absent when not even that could be read. */
  readonly head?: RecordHead
  readonly code: number
  readonly text: string
}

export function readRecord(bytes: Uint8Array): Incoming {
  let record: UspRecord
  try {
    record = decodeRecord(bytes)
  } catch (error) {
    return fault(undefined, RECORD_CODES.notParsed, `no USP Record: ${(error as Error).message}`)
  }
  const { version, toId, fromId, originatorId, destinationId } = record
  const head: RecordHead = {
    version,
    toId,
    fromId,
    ...(originatorId === '' ? {} : { originatorId }),
    ...(destinationId === '' ? {} : { destinationId }),
  }
  // R-MTP.4b
  if (fromId === '') return fault(head, RECORD_CODES.invalidValue, 'from_id is missing')
  if (toId === '') return fault(head, RECORD_CODES.invalidValue, 'to_id is missing')
  const { recordType: type } = record
  switch (type.case) {
    case 'noSessionContext':
      // R-E2E.41: encryption belongs into a session context.
      if (record.payloadSecurity !== 0) {
        const text = 'payload_security is TLS12 outside a session context'
        return fault(head, RECORD_CODES.secureSessionNotSupported, text)
      }
      if (type.value.payload.length === 0) return fault(head, RECORD_CODES.invalidValue, 'payload is empty')
      return { kind: 'msg', head, payload: type.value.payload }
    case 'sessionContext': {
      const session = readSessionRecord(bytes, 0, bytes.length)
      if (!session) return fault(head, RECORD_CODES.notParsed, 'the session context cannot be read')
      if (session.encrypted) {
        const text = 'the payload is encrypted, and this endpoint has no secure sessions'
        return fault(head, RECORD_CODES.secureSessionNotSupported, text)
      }
      // R-E2E.3, R-E2E.14
      if (session.sessionId <= 1n) return fault(head, RECORD_CODES.invalidValue, 'session_id must be above 1')
      if (session.sequenceId < 1n) return fault(head, RECORD_CODES.invalidValue, 'sequence_id begins at 1')
      return { kind: 'session', head, session }
    }
    case 'mqttConnect': {
      const { version: number, subscribedTopic: topic } = type.value
      return { kind: 'connect', head, mqtt: { version: number === 1 ? '5.0' : '3.1.1', topic } }
    }
    case 'websocketConnect':
    case 'stompConnect':
    case 'udsConnect':
      return { kind: 'connect', head }
    case 'disconnect':
      return { kind: 'disconnect', head, code: type.value.reasonCode, reason: type.value.reason }
    case undefined:
      return fault(head, RECORD_CODES.notParsed, 'it has no record type')
  }
}

const fault = (head: RecordHead | undefined, code: number, text: string): RecordFault => ({
  kind: 'fault',
  ...(head ? { head } : {}),
  code,
  text,
})

export type IncomingMsg =
  | { readonly ok: true; readonly msg: Msg; readonly type: MsgType }
  | { readonly ok: false; readonly msgId: string; readonly isRequest: boolean; readonly text: string }

/** A Msg, or what is wrong with it; then as much of it as an Error needs that answers it (R-MTP.5, R-ENC.5). */
export function readMsg(bytes: Uint8Array): IncomingMsg {
  const { msgId = '', msgType } = peekMsg(bytes, { start: 0, end: bytes.length })
  const isRequest = msgType !== undefined && msgType !== 'ERROR' && !msgType.endsWith('_RESP')
  const wrong = (text: string): IncomingMsg => ({ ok: false, msgId, isRequest, text })
  let msg: Msg
  try {
    msg = decodeMsg(bytes)
  } catch (error) {
    return wrong(`no USP Msg: ${(error as Error).message}`)
  }
  // R-MSG.8, R-MSG.7, R-ENC.3
  if (msgId === '') return wrong('msg_id is missing')
  if (msgType === undefined || !msg.body) return wrong('its body is missing or of an unknown kind')
  return { ok: true, msg, type: msgType }
}

/** Whether a Record that could not be worked on holds a request that an Error may answer, and its msg_id. */
export function answerable(bytes: Uint8Array): string | undefined {
  const peek = peekRecord(bytes, 0, bytes.length)
  const { msgId, msgType } = peek ?? {}
  if (msgId === undefined || msgType === undefined) return undefined
  return msgType === 'ERROR' || msgType.endsWith('_RESP') ? undefined : msgId
}
