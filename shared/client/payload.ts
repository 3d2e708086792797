/** Payloads as people write them, and as bytes. Pure. */
import { MAX_PAYLOAD_TEXT, type PayloadDraft, type PayloadForm } from '../contract/mqtt-client.ts'
import { toBase64, toHex } from '../dissect/copy.ts'
import { decodeText, isUtf8, textBytes } from '../mqtt/utf8.ts'
import { readBase64, type ReadBase64 } from '../text/base64.ts'
import { encodeCbor } from '../text/cbor.ts'
import { readHex } from '../text/hex.ts'
import { plainRecord, recordVersions } from '../usp/build-record.ts'
import { encodeMsg } from '../usp/codec.ts'
import { parseJson } from '../usp/json-check.ts'
import { requestFromJson, withHeader } from '../usp/request-json.ts'
import { at, DraftFault } from './draft-fault.ts'
import { asItIs, type Fill } from './property-draft.ts'

export const payloadFormNames: Readonly<Record<PayloadForm, string>> = {
  text: 'Text',
  json: 'JSON',
  hex: 'Hex',
  base64: 'Base64',
  cbor: 'CBOR from JSON',
  usp: 'USP Record from JSON',
}

interface Context {
  readonly fill?: Fill
  /** msg_id of a USP message that has none. */
  readonly newId: () => string
}

/** Throws a DraftFault at `payload` that says what is wrong. JSON is checked and goes out as it was written. */
export function encodePayload(draft: PayloadDraft, { fill = asItIs, newId }: Context): Uint8Array {
  return at('payload', () => {
    const text = fill(draft.text)
    switch (draft.form) {
      case 'text':
        return textBytes(text)
      case 'json':
        parseJson(text)
        return textBytes(text)
      case 'hex':
        return read(readHex(text))
      case 'base64':
        return read(readBase64(text))
      case 'cbor':
        return encodeCbor(parseJson(text))
      case 'usp':
        return uspRecord(text, fill(draft.toId ?? ''), fill(draft.fromId ?? ''), newId)
    }
  })
}

function read({ bytes, fault }: ReadBase64): Uint8Array {
  if (fault !== undefined) throw new DraftFault('', fault)
  return bytes
}

function uspRecord(text: string, toId: string, fromId: string, newId: () => string): Uint8Array {
  if (toId === '' || fromId === '') {
    throw new DraftFault('', 'A Record needs the endpoint IDs of who it is for and who it is from.')
  }
  const request = requestFromJson(text)
  const msg = withHeader(request, request.msgId ?? newId())
  return plainRecord({ version: recordVersions[0], toId, fromId }, encodeMsg(msg))
}

/** The same bytes in a form that can say them: no text is shown in hexadecimal, or where that is too long in Base64. */
export function payloadDraftOf(bytes: Uint8Array, form: PayloadForm = 'text'): PayloadDraft {
  if (form === 'base64') return { form, text: toBase64(bytes) }
  const plain = form === 'text' || form === 'json' ? decodeText(bytes, 0, bytes.length) : undefined
  if (plain !== undefined && isUtf8(bytes)) return { form, text: plain }
  // Three characters a byte.
  if (bytes.length * 3 > MAX_PAYLOAD_TEXT) return { form: 'base64', text: toBase64(bytes) }
  return { form: 'hex', text: toHex(bytes, ' ') }
}
