/**
 * Records and Msgs as values: protobuf binary and protobuf JSON. Unknown fields survive a decode and encode.
 *
 * Decoding bytes throws when they are not sound protobuf; reading JSON throws with the name of the field that
 * is wrong. For bytes of unknown origin use `peekRecord` and `dissectRecord`, which do not throw.
 */
import {
  create,
  fromBinary,
  fromJson,
  toBinary,
  toJson,
  type JsonValue,
  type MessageInitShape,
} from '@bufbuild/protobuf'
import { MsgSchema, type Msg } from './gen/usp-msg_pb.ts'
import { RecordSchema, type Record as UspRecord } from './gen/usp-record_pb.ts'

export type { JsonValue, Msg, UspRecord }

/** A Record from what is not default in it; the shape of `no_session_context` is `recordType: { case, value }`. */
export const makeRecord = (init: MessageInitShape<typeof RecordSchema>): UspRecord =>
  create(RecordSchema, init)
export const makeMsg = (init: MessageInitShape<typeof MsgSchema>): Msg => create(MsgSchema, init)

export const decodeRecord = (bytes: Uint8Array): UspRecord => fromBinary(RecordSchema, bytes)
export const encodeRecord = (record: UspRecord): Uint8Array => toBinary(RecordSchema, record)
export const decodeMsg = (bytes: Uint8Array): Msg => fromBinary(MsgSchema, bytes)
export const encodeMsg = (msg: Msg): Uint8Array => toBinary(MsgSchema, msg)

/** Names in lowerCamelCase, as protobuf JSON has them; defaults are left out. */
export const recordToJson = (record: UspRecord): JsonValue => toJson(RecordSchema, record)
export const msgToJson = (msg: Msg): JsonValue => toJson(MsgSchema, msg)

/** Takes lowerCamelCase and proto field names; refuses names that the schema does not have. */
export const recordFromJson = (json: JsonValue): UspRecord => fromJson(RecordSchema, json)
export const msgFromJson = (json: JsonValue): Msg => fromJson(MsgSchema, json)
