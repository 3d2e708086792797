/** What differs between two trees of fields, for comparing two packets. Where the bytes stand does not matter. */
import type { Field } from './field.ts'

/** One step from a tree down to a field: several children may have the same name and label. */
export interface PathStep {
  readonly name: string
  readonly label: string
  /** 1 for the first child of this name and label. Of an added field it counts in the later tree. */
  readonly occurrence: number
}

export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly path: readonly PathStep[]
  /** Absent when added. */
  readonly before?: Field
  /** Absent when removed. */
  readonly after?: Field
}

export interface DiffOptions {
  /** Fields to leave out with all below them, such as packet numbers and times. */
  readonly ignore?: (field: Field) => boolean
}

/**
 * The differences in the order of the trees. An added or removed field stands for all below it, and a field
 * whose parts differ is not told itself: its text only sums them up.
 *
 * Children are matched by name, label and occurrence; of those that share both, equal ones at the front and at
 * the back are matched first, so that one more user property is one difference.
 */
export function diffFields(
  before: readonly Field[],
  after: readonly Field[],
  options: DiffOptions = {},
): Difference[] {
  const found: Difference[] = []
  compare(before, after, [], options.ignore ?? (() => false), found)
  return found
}

type Ignore = (field: Field) => boolean

function compare(
  before: readonly Field[],
  after: readonly Field[],
  path: readonly PathStep[],
  ignore: Ignore,
  found: Difference[],
): void {
  const later = groups(after, ignore)
  for (const [key, olds] of groups(before, ignore)) {
    compareGroup(olds, later.get(key) ?? [], path, ignore, found)
    later.delete(key)
  }
  for (const news of later.values()) compareGroup([], news, path, ignore, found)
}

/** Children by name and label, each list in its order. */
function groups(fields: readonly Field[], ignore: Ignore): Map<string, Field[]> {
  const byKey = new Map<string, Field[]>()
  for (const field of fields) {
    if (ignore(field)) continue
    const key = `${field.name}\n${field.label}`
    const list = byKey.get(key)
    if (list === undefined) byKey.set(key, [field])
    else list.push(field)
  }
  return byKey
}

function compareGroup(
  olds: readonly Field[],
  news: readonly Field[],
  path: readonly PathStep[],
  ignore: Ignore,
  found: Difference[],
): void {
  const same = (at: number, other: number) => isEqual(olds[at] as Field, news[other] as Field, ignore)
  const shorter = Math.min(olds.length, news.length)
  let front = 0
  while (front < shorter && same(front, front)) front++
  let back = 0
  while (back < shorter - front && same(olds.length - 1 - back, news.length - 1 - back)) back++
  for (let at = front; at < Math.max(olds.length, news.length) - back; at++) {
    const before = at < olds.length - back ? olds[at] : undefined
    const after = at < news.length - back ? news[at] : undefined
    const some = before ?? after
    if (some === undefined) continue
    const here = [...path, { name: some.name, label: some.label, occurrence: at + 1 }]
    if (before === undefined) found.push({ kind: 'added', path: here, after: some })
    else if (after === undefined) found.push({ kind: 'removed', path: here, before })
    else compareField(before, after, here, ignore, found)
  }
}

function compareField(
  before: Field,
  after: Field,
  path: readonly PathStep[],
  ignore: Ignore,
  found: Difference[],
): void {
  const known = found.length
  compare(before.children ?? [], after.children ?? [], path, ignore, found)
  if (found.length > known || saysSame(before, after)) return
  // Then the text may differ for what is left out alone.
  if ([before, after].some(({ children = [] }) => children.some(ignore))) return
  found.push({ kind: 'changed', path, before, after })
}

const saysSame = (a: Field, b: Field): boolean =>
  a.text === b.text && Object.is(a.value, b.value) && a.finding?.text === b.finding?.text

function isEqual(a: Field, b: Field, ignore: Ignore): boolean {
  if (!saysSame(a, b)) return false
  const [inA, inB] = [a, b].map(({ children = [] }) => children.filter((child) => !ignore(child)))
  return (
    inA?.length === inB?.length &&
    (inA ?? []).every((child, index) => {
      const other = inB?.[index]
      return (
        other !== undefined &&
        other.name === child.name &&
        other.label === child.label &&
        isEqual(child, other, ignore)
      )
    })
  )
}
