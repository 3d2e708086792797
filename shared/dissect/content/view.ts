/** What a content view is: one way to show the payload of a PUBLISH. The table of them is views.ts. */
import type { Field, Finding } from '../field.ts'

/** What the packet says about its payload. */
export interface ContentHints {
  readonly topic?: string | undefined
  readonly contentType?: string | undefined
  /** Payload Format Indicator: 1 says UTF-8 text. */
  readonly payloadFormat?: number | undefined
}

export interface ContentView {
  /** Stable name, for settings and saved choices. */
  readonly id: string
  readonly label: string
  /** How well the payload fits, 0 (not at all) … 1 (it says so itself). */
  score(payload: Uint8Array, hints: ContentHints): number
  /**
   * The payload `bytes[start, end)` as fields, with ranges in `bytes`. Never throws: what is wrong is a finding
   * at its bytes, and where a limit ends the reading, that is one too.
   */
  dissect(bytes: Uint8Array, start: number, end: number): Field[]
  /** The payload as a person reads or copies it. */
  text(payload: Uint8Array): string
}

/** Containers within containers. Deeper ones are not sent by devices, and would cost stack. */
export const MAX_DEPTH = 100
/** Fields of one payload. More cannot be read by a person and would cost hundreds of megabytes. */
export const MAX_FIELDS = 50_000

export const TOO_DEEP: Finding = {
  severity: 'warning',
  text: `Nested deeper than ${MAX_DEPTH} levels: from here on not opened`,
}
export const TOO_MANY: Finding = {
  severity: 'warning',
  text: `More than ${MAX_FIELDS} values: from here on not listed one by one`,
}

/** A field while it is built. */
export type Draft = { -readonly [K in keyof Field]: Field[K] }

export const error = (text: string, rule?: string): Finding =>
  rule === undefined ? { severity: 'error', text } : { severity: 'error', text, rule }

/** `application/json; charset=utf-8` → `application/json`. */
export function mediaType({ contentType = '' }: ContentHints): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
}

/** Whether the Content Type names this format, also as the suffix of another (`application/senml+json`, RFC 6839). */
export function saysType(hints: ContentHints, types: readonly string[], suffix?: string): boolean {
  const type = mediaType(hints)
  return types.includes(type) || (suffix !== undefined && type.endsWith(suffix))
}
