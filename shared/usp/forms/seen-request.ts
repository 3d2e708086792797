/** A request that was seen on the wire, as text of a message that can be sent again. */
import { decodeMsg, encodeMsg, makeMsg, type Msg } from '../codec.ts'
import { isObject } from '../json-check.ts'
import { agentRequests, type JsonValue, type RequestKind } from '../kinds.ts'
import { peekRecord } from '../peek.ts'
import { locateRequest, msgToProtoJson, requestFromJson } from '../request-json.ts'
import { formatJson } from './draft.ts'
import { withoutVariables } from './variables.ts'

export interface SeenRequest {
  readonly kind: RequestKind
  /** `{"get": …}`, without the msg_id: what is sent again gets one of its own (R-MSG.9). */
  readonly text: string
  /** The agent that was asked: to_id of the Record. */
  readonly endpointId: string
  /** Fields that the schema does not have stood in it, and are not in the text. */
  readonly isPart: boolean
}

/**
 * The request to an agent in the Record that a payload is, or in `whole`, the Msg that this Record makes whole as the
 * last segment of it. Undefined for everything else: answers, what an agent asks, another segment of a request, what
 * is encrypted or malformed.
 */
export function seenRequest(payload: Uint8Array, whole?: Uint8Array): SeenRequest | undefined {
  const peek = peekRecord(payload, 0, payload.length)
  const msg = whole ?? (peek?.msg && payload.subarray(peek.msg.start, peek.msg.end))
  if (!peek || msg === undefined || peek.toId === '') return undefined
  const found = readRequest(msg)
  return found && !agentRequests.has(found.kind) ? { ...found, endpointId: peek.toId } : undefined
}

function readRequest(bytes: Uint8Array): Omit<SeenRequest, 'endpointId'> | undefined {
  try {
    const msg = decodeMsg(bytes)
    if (msg.body?.msgBody.case !== 'request') return undefined
    const request = requestJson(msg)
    const { kind } = locateRequest(request)
    const again = requestFromJson(request).msg
    return { kind, text: withoutVariables(formatJson(request)), isPart: bodySize(again) !== bodySize(msg) }
  } catch {
    // No sound protobuf, or no request: the dissector shows what is wrong with it.
    return undefined
  }
}

function requestJson(msg: Msg): JsonValue | undefined {
  const json = msgToProtoJson(msg)
  const body = isObject(json) ? json['body'] : undefined
  return isObject(body) ? (body['request'] as JsonValue) : undefined
}

/** Both are written by the same encoder, which keeps what it does not know. */
const bodySize = ({ body }: Msg): number => encodeMsg(makeMsg(body ? { body } : {})).length
