/** Helpers to look at a tree of fields. */
import { expect } from 'vitest'
import type { Field } from '../../../shared/dissect/field.ts'

export function* everyField(fields: readonly Field[]): Generator<Field> {
  for (const field of fields) {
    yield field
    if (field.children) yield* everyField(field.children)
  }
}

export const named = (fields: readonly Field[], name: string): Field[] =>
  [...everyField(fields)].filter((field) => field.name === name)

export const values = (fields: readonly Field[], name: string) =>
  named(fields, name).map((field) => field.value)

export const findings = (fields: readonly Field[]) =>
  [...everyField(fields)].flatMap((field) => (field.finding ? [field.finding] : []))

/** Fields stand in order, side by side without a hole up to `end`, and children within their parent. */
export function expectSoundRanges(fields: readonly Field[], start: number, end: number): void {
  let at = start
  for (const field of fields) {
    expect(field.start).toBe(field.start === field.end ? end : at)
    expect(field.end).toBeLessThanOrEqual(end)
    at = Math.max(at, field.end)
    if (field.children?.[0]) {
      expect(field.children[0].start).toBeGreaterThanOrEqual(field.start)
      expectSoundRanges(field.children, field.children[0].start, field.end)
    }
  }
  expect(at).toBe(end)
}

export const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))
