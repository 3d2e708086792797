/** Records as a simulated agent builds them. Pure. */
import { encodeMsg, encodeRecord, makeMsg, makeRecord, type Msg } from '../../../shared/usp/codec.ts'
import {
  MQTTConnectRecord_MQTTVersion as MqttVersion,
  Record_PayloadSecurity as Security,
  SessionContextRecord_PayloadSARState as Sar,
} from '../../../shared/usp/gen/usp-record_pb.ts'
import type { MsgInit } from './messages/index.ts'
import type { Quirks } from './misbehaviours.ts'

/** What OB-USP-A 11 writes into its Records. */
export const RECORD_VERSION = '1.3'

export class Records {
  readonly #endpointId: string
  readonly #quirks: Quirks
  readonly #sessionId: bigint
  #sequence = 0n

  /** `sessionId` must be greater than 1 (R-E2E.3). */
  constructor(endpointId: string, quirks: Quirks, sessionId: number) {
    this.#endpointId = endpointId
    this.#quirks = quirks
    this.#sessionId = BigInt(sessionId)
  }

  /** One Record, or several in order when messages are to be cut into segments. */
  message(toId: string, init: MsgInit | Msg): Uint8Array[] {
    const payload = encodeMsg(makeMsg(init))
    const { segmentBytes } = this.#quirks
    if (segmentBytes === undefined) {
      return [this.#encode(toId, { case: 'noSessionContext', value: { payload } })]
    }
    const count = Math.max(1, Math.ceil(payload.length / segmentBytes))
    return Array.from({ length: count }, (_, at) => {
      const state = segmentState(at, count)
      return this.#encode(toId, {
        case: 'sessionContext',
        value: {
          sessionId: this.#sessionId,
          sequenceId: ++this.#sequence,
          expectedId: 1n,
          // Of plain payloads both states are equal (2.3).
          payloadSarState: state,
          payloadrecSarState: state,
          payload: [payload.subarray(at * segmentBytes, (at + 1) * segmentBytes)],
        },
      })
    })
  }

  connect(toId: string, mqtt: 4 | 5, subscribedTopic: string): Uint8Array {
    const saysV5 = (mqtt === 5) !== (this.#quirks.confusesMqttVersion === true)
    const version = saysV5 ? MqttVersion.V5 : MqttVersion.V3_1_1
    return this.#encode(toId, { case: 'mqttConnect', value: { version, subscribedTopic } })
  }

  disconnect(toId: string, reasonCode: number, reason: string): Uint8Array {
    return this.#encode(toId, { case: 'disconnect', value: { reasonCode, reason } })
  }

  #encode(toId: string, recordType: NonNullable<Parameters<typeof makeRecord>[0]['recordType']>): Uint8Array {
    const quirks = this.#quirks
    const record = makeRecord({
      version: quirks.recordVersion ?? RECORD_VERSION,
      toId: quirks.toId ?? toId,
      fromId: quirks.fromId ?? this.#endpointId,
      payloadSecurity: quirks.claimsEncryption ? Security.TLS12 : Security.PLAINTEXT,
      recordType,
    })
    return encodeRecord(record)
  }
}

function segmentState(at: number, count: number): Sar {
  if (count === 1) return Sar.NONE
  if (at === 0) return Sar.BEGIN
  return at === count - 1 ? Sar.COMPLETE : Sar.INPROCESS
}
