/** Text: UTF-8, and UTF-16 when a byte order mark says so. */
import { countBytes } from '../../mqtt/fields.ts'
import { decodeLenient, findTextFault } from '../../mqtt/utf8.ts'
import type { Field } from '../field.ts'
import { error, mediaType, type ContentView, type Draft } from './view.ts'

// In every place this code runs; the ES library alone does not declare it.
declare const TextDecoder: new (
  label: string,
  options: { readonly fatal: boolean; readonly ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const wide = {
  'utf-16le': new TextDecoder('utf-16le', { fatal: false, ignoreBOM: false }),
  'utf-16be': new TextDecoder('utf-16be', { fatal: false, ignoreBOM: false }),
}

/** UTF-8 without control characters other than tab and line ends; `undefined` for other bytes. */
export function readableText(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) {
    if ((byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 0x7f) return undefined
  }
  try {
    return strict.decode(bytes)
  } catch {
    return undefined
  }
}

function wideEncoding(bytes: Uint8Array): keyof typeof wide | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined
}

function decode(bytes: Uint8Array): string {
  const encoding = wideEncoding(bytes)
  return encoding === undefined ? decodeLenient(bytes, 0, bytes.length) : wide[encoding].decode(bytes)
}

/** Faults that are listed at their bytes; the rest is counted by its first and last byte. */
const MAX_FAULTS = 100

function faults(bytes: Uint8Array, start: number, end: number): Field[] {
  const found: Field[] = []
  let at = start
  while (at < end) {
    const fault = findTextFault(bytes, at, end)
    if (fault === undefined) break
    // U+0000 is a character like others in a payload; only strings of MQTT may not hold it.
    if (fault.kind === 'utf8') {
      if (found.length >= MAX_FAULTS) {
        found.push(malformed(fault.start, end, `More than ${MAX_FAULTS} faults: from here on not listed`))
        break
      }
      found.push(malformed(fault.start, fault.end, 'Not valid UTF-8'))
    }
    at = fault.end
  }
  return found
}

const malformed = (start: number, end: number, text: string): Field => ({
  name: 'data.malformed',
  label: 'malformed',
  text: countBytes(end - start),
  start,
  end,
  finding: error(text, 'RFC 3629'),
})

export const textView: ContentView = {
  id: 'text',
  label: 'Text',
  score(payload, hints) {
    if (payload.length === 0) return 0
    if (wideEncoding(payload) !== undefined && payload.length % 2 === 0) {
      return /\p{Cc}/u.test(decode(payload).replaceAll(/[\t\r\n]/g, '')) ? 0.05 : 0.8
    }
    const says = hints.payloadFormat === 1 || mediaType(hints).startsWith('text/')
    if (readableText(payload) === undefined) return says ? 0.3 : 0.05
    return says ? 0.75 : 0.5
  },
  dissect(bytes, start, end) {
    const payload = bytes.subarray(start, end)
    const text = decode(payload)
    const field: Draft = { name: 'data.text', label: 'Text', text, value: text, start, end }
    if (wideEncoding(payload) === undefined) {
      const children = faults(bytes, start, end)
      if (children.length > 0) field.children = children
    } else if (payload.length % 2 === 1 || !text.isWellFormed() || text.includes('\ufffd')) {
      field.finding = error('Not valid UTF-16', 'RFC 2781')
    }
    return [field]
  },
  text: decode,
}
