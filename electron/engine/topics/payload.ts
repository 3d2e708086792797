/** The payload of a PUBLISH in the capture: where it is, and in one line. */
import { choiceFor } from '../../../shared/dissect/content/choices.ts'
import { chooseView } from '../../../shared/dissect/content/views.ts'
import { summarizeRecord, type UspSummary } from '../../../shared/usp/summary.ts'
import { emptyHead, scanPublish } from '../capture/publish-head.ts'
import { bytesOf, type Parts } from '../capture/rows.ts'

/** Characters of a line, and bytes that are looked at for it. */
const MAX_LINE = 240
const MAX_LOOKED = 4096
const MAX_HEX_BYTES = 48
/** Views whose text is no line. */
const asHex: ReadonlySet<string> = new Set(['hex', 'protobuf'])

/** A view into what holds it. `undefined` where the packet cannot be read so far. RangeError when it is not held. */
export function payloadOf(parts: Parts, no: number): Uint8Array | undefined {
  const bytes = bytesOf(parts, no)
  const { level } = parts.connections.at(parts.columns.get(no, 'connection'))
  const head = emptyHead()
  return scanPublish(bytes, 0, bytes.length, level, head) ? bytes.subarray(head.payloadStart) : undefined
}

/** A payload as a line of a list; `usp` is empty where it is no Record. */
export function payloadLine(
  { contents }: Pick<Parts, 'contents'>,
  topic: string,
  payload: Uint8Array,
): UspSummary {
  const record = payload.length > 0 ? summarizeRecord(payload, 0, payload.length) : undefined
  return record ?? { usp: '', info: contentLine(topic, payload, choiceFor(contents.choices, topic)?.view) }
}

function contentLine(topic: string, payload: Uint8Array, choice: string | undefined): string {
  const head = payload.subarray(0, MAX_LOOKED)
  const text = choice === undefined ? textOf(head, head.length < payload.length) : undefined
  if (text !== undefined) return oneLine(text)
  // What is cut is of no format any more.
  if (head.length < payload.length) return hexLine(payload)
  const view = chooseView(head, { topic }, choice)
  return asHex.has(view.id) ? hexLine(payload) : oneLine(view.text(head))
}

/** `undefined` where it is no text. Of bytes that are cut the last character may be torn. */
function textOf(bytes: Uint8Array, cut: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: cut })
    return /\p{Cc}/u.test(text.replaceAll(/[\t\r\n]/g, '')) ? undefined : text
  } catch {
    return undefined
  }
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line
}

function hexLine(bytes: Uint8Array): string {
  const shown = [...bytes.subarray(0, MAX_HEX_BYTES)].map((byte) => byte.toString(16).padStart(2, '0'))
  return shown.join(' ') + (bytes.length > MAX_HEX_BYTES ? ' …' : '')
}
