/** Records of every kind that an endpoint sends over MQTT, as bytes. What is default stays off the wire. */
import { encodeRecord, makeRecord } from './codec.ts'
import {
  MQTTConnectRecord_MQTTVersion as MqttVersion,
  SessionContextRecord_PayloadSARState as Sar,
} from './gen/usp-record_pb.ts'

export interface RecordHead {
  /** `1.0` … `1.5`. */
  readonly version: string
  readonly toId: string
  readonly fromId: string
  /** Both since 1.5 (R-MTP.4c, R-MTP.4e); refused in an older version. */
  readonly originatorId?: string
  readonly destinationId?: string
}

/** Newest first. */
export const recordVersions = ['1.5', '1.4', '1.3', '1.2', '1.1', '1.0'] as const

/** The highest version that this bench and a device both know; `undefined` when there is none. */
export const commonVersion = (supported: readonly string[]): string | undefined =>
  recordVersions.find((version) => supported.includes(version))

/** Numbers as numbers: `1.10` is above `1.9`. */
export function compareVersions(one: string, other: string): number {
  const [a = 0, b = 0] = one.split('.').map(Number)
  const [c = 0, d = 0] = other.split('.').map(Number)
  return a - c || b - d
}

function head({ version, toId, fromId, originatorId, destinationId }: RecordHead) {
  const newer = originatorId !== undefined || destinationId !== undefined
  if (newer && compareVersions(version, '1.5') < 0) {
    throw new RangeError(`originator_id and destination_id came with USP 1.5; this Record is ${version}.`)
  }
  return {
    version,
    toId,
    fromId,
    ...(originatorId === undefined ? {} : { originatorId }),
    ...(destinationId === undefined ? {} : { destinationId }),
  }
}

/** A Msg without session context (R-E2E.26). */
export const plainRecord = (about: RecordHead, payload: Uint8Array): Uint8Array =>
  encodeRecord(makeRecord({ ...head(about), recordType: { case: 'noSessionContext', value: { payload } } }))

/** Since 1.2. `topic` is one, without wildcards, to which the sender is subscribed. */
export const mqttConnectRecord = (about: RecordHead, mqtt: '3.1.1' | '5.0', topic: string): Uint8Array =>
  encodeRecord(
    makeRecord({
      ...head(about),
      recordType: {
        case: 'mqttConnect',
        value: { version: mqtt === '5.0' ? MqttVersion.V5 : MqttVersion.V3_1_1, subscribedTopic: topic },
      },
    }),
  )

/** Since 1.2. `code` is one of the 7100 series, or 0 for an orderly end (R-MTP.9). */
export const disconnectRecord = (about: RecordHead, code: number, reason: string): Uint8Array =>
  encodeRecord(
    makeRecord({ ...head(about), recordType: { case: 'disconnect', value: { reasonCode: code, reason } } }),
  )

export interface SessionFields {
  readonly sessionId: bigint
  readonly sequenceId: bigint
  readonly expectedId: bigint
  /** Asks for a Record of the peer again; absent: none. */
  readonly retransmitId?: bigint
  /** Of a Msg in segments; absent: it is whole. */
  readonly sar?: 'BEGIN' | 'INPROCESS' | 'COMPLETE'
}

/**
 * One Record of a session context, in plain text: both states are equal and there is one payload. An empty
 * payload begins a session, or acknowledges.
 */
export function sessionRecord(about: RecordHead, fields: SessionFields, payload: Uint8Array): Uint8Array {
  const { sessionId, sequenceId, expectedId, retransmitId = 0n, sar } = fields
  const state = sar === undefined ? Sar.NONE : Sar[sar]
  return encodeRecord(
    makeRecord({
      ...head(about),
      recordType: {
        case: 'sessionContext',
        value: {
          sessionId,
          sequenceId,
          expectedId,
          retransmitId,
          payloadSarState: state,
          payloadrecSarState: state,
          payload: payload.length === 0 ? [] : [payload],
        },
      },
    }),
  )
}
