/** How the payload of a PUBLISH is shown: USP Record, JSON, text, or bytes – the first that fits. */
import type { Field } from '../../../shared/dissect/field.ts'
import { peekRecord } from '../../../shared/usp/peek.ts'
import { dissectRecord } from '../../../shared/usp/record.ts'
import { hexDump } from './hex-dump.ts'
import { layOutJson } from './json-text.ts'

/** Content Types of a Record (R-MQTT.27, R-MQTT.27a); the last is a typing error of an older standard. */
const recordTypes = ['usp.msg', 'application/vnd.bbf.usp.msg', 'application/vnd.usp.msg']

/**
 * The payload `bytes[start, end)` as fields. What calls itself a Record by its Content Type is shown as one, so
 * that a broken Record shows where it is broken. Never throws.
 */
export function payloadFields(bytes: Uint8Array, start: number, end: number, contentType: string): Field[] {
  if (start >= end) return []
  if (recordTypes.includes(contentType) || peekRecord(bytes, start, end) !== undefined) {
    return dissectRecord(bytes, start, end)
  }
  const text = readableText(bytes.subarray(start, end))
  if (text === undefined) return [field('data', 'Data', hexDump(bytes.subarray(start, end)), start, end)]
  const json = layOutJson(text)
  return [
    json === undefined
      ? field('data.text', 'Text', text, start, end)
      : field('data.json', 'JSON', json, start, end),
  ]
}

const field = (name: string, label: string, text: string, start: number, end: number): Field => ({
  name,
  label,
  text,
  start,
  end,
})

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8 without control characters other than tab and line ends. */
function readableText(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) {
    if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f) return undefined
  }
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
