/** Helpers for content views. */
import { expect } from 'vitest'
import type { ContentView } from '../../../../shared/dissect/content/view.ts'
import type { Field } from '../../../../shared/dissect/field.ts'

export const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))

/** Fields stand in order and do not overlap, and children within their parent. */
export function expectInside(fields: readonly Field[], start: number, end: number): void {
  let at = start
  for (const field of fields) {
    // One expectation a field would take seconds for the larger trees.
    const inside = field.start >= at && field.end >= field.start && field.end <= end
    if (!inside) expect.fail(`${field.label} [${field.start}, ${field.end}) is not within [${at}, ${end})`)
    at = field.end
    if (field.children) expectInside(field.children, field.start, field.end)
  }
}

/**
 * Dissects with other bytes around the payload, and checks the ranges. The field answered has its ranges as if
 * the payload stood alone.
 */
export function dissect(view: ContentView, payload: Uint8Array): Field {
  const around = [7, 0x22, 0x7d]
  const bytes = Uint8Array.from([...around, ...payload, ...around])
  const fields = view.dissect(bytes, around.length, around.length + payload.length)
  expectInside(fields, around.length, around.length + payload.length)
  const [field] = fields
  if (fields.length !== 1 || field === undefined) throw new Error(`${fields.length} fields`)
  expect([field.start, field.end]).toEqual([around.length, around.length + payload.length])
  return shift(field, -around.length)
}

const shift = (field: Field, by: number): Field => ({
  ...field,
  start: field.start + by,
  end: field.end + by,
  ...(field.children && { children: field.children.map((child) => shift(child, by)) }),
})

/** `label = text [start, end)` of each field, indented by depth; a finding stands behind `!`. */
export function outline(fields: readonly Field[], indent = ''): string[] {
  return fields.flatMap(({ label, text, start, end, finding, children = [] }) => [
    `${indent}${label} = ${text} [${start}, ${end})${finding ? ` ! ${finding.text}` : ''}`,
    ...outline(children, `${indent}  `),
  ])
}
