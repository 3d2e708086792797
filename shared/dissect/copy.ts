/** Bytes and fields as text to paste elsewhere. */
import type { Field } from './field.ts'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Two small hex digits a byte, with `separator` between bytes. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  let text = ''
  for (let at = 0; at < bytes.length; at++) {
    if (at > 0) text += separator
    text += HEX[bytes[at] as number]
  }
  return text
}

const PER_LINE = 12

/** A C definition: `static const unsigned char name[3] = { 0x01, … };`. `name` must be an identifier of C. */
export function toCArray(bytes: Uint8Array, name = 'packet'): string {
  // C has no arrays of length 0.
  if (bytes.length === 0) return `static const unsigned char ${name}[1]; /* empty: 0 bytes */`
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += PER_LINE) {
    lines.push(`  ${toHex(bytes.subarray(at, at + PER_LINE), ', ').replaceAll(/[0-9a-f]{2}/g, '0x$&')},`)
  }
  return `static const unsigned char ${name}[${bytes.length}] = {\n${lines.join('\n')}\n};`
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** RFC 4648 section 4, with padding, on one line. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    const group = (a << 16) | ((b ?? 0) << 8) | (c ?? 0)
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63)
    text += b === undefined ? '=' : ALPHABET.charAt((group >> 6) & 63)
    text += c === undefined ? '=' : ALPHABET.charAt(group & 63)
  }
  return text
}

/** A tree of fields, a line a field, indented by its depth; a remark stands behind `!`. */
export function treeText(fields: readonly Field[]): string {
  const lines: string[] = []
  const add = (list: readonly Field[], indent: string) => {
    for (const { label, text, finding, children } of list) {
      const remark = finding ? ` ! ${finding.text}${finding.rule ? ` [${finding.rule}]` : ''}` : ''
      lines.push(`${indent}${label}${text === '' ? '' : `: ${text}`}${remark}`)
      if (children) add(children, `${indent}  `)
    }
  }
  add(fields, '')
  return lines.join('\n')
}
