/** The trees of two packets side by side, field by field. Pure. */
import type { Field } from '../../../shared/dissect/field.ts'

export interface ComparedLine {
  readonly depth: number
  readonly label: string
  /** Filter name of the field. */
  readonly name: string
  /** Text of the field on each side; undefined where the side does not have it. */
  readonly left: string | undefined
  readonly right: string | undefined
  readonly kind: 'same' | 'changed' | 'left' | 'right'
  /** Something inside differs. */
  readonly differs: boolean
}

/**
 * Fields in order, what is in the bytes before what the bench knows of them, which differs anyway; those on both
 * sides stand beside each other. Where they stand in the bytes does not count.
 */
export function compareTrees(left: readonly Field[], right: readonly Field[]): ComparedLine[] {
  return lines(bytesFirst(left), bytesFirst(right), 0)
}

const isInBytes = ({ start, end }: Field): boolean => end > start
const bytesFirst = (fields: readonly Field[]): Field[] => [
  ...fields.filter(isInBytes),
  ...fields.filter((field) => !isInBytes(field)),
]

function lines(left: readonly Field[], right: readonly Field[], depth: number): ComparedLine[] {
  return align(left, right).flatMap(([one, other]) => {
    const field = one ?? other
    if (!field) return []
    const inside = lines(one?.children ?? [], other?.children ?? [], depth + 1)
    const kind = !other ? 'left' : !one ? 'right' : one.text === other.text ? 'same' : 'changed'
    const line: ComparedLine = {
      depth,
      label: field.label,
      name: field.name,
      left: one?.text,
      right: other?.text,
      kind,
      differs: kind !== 'same' || inside.some(({ differs }) => differs),
    }
    return [line, ...inside]
  })
}

type Pair = readonly [left: Field | undefined, right: Field | undefined]

/** More pairs than this are not weighed against each other: fields then pair in their order. */
const MAX_PAIRS = 1_000_000

/** Longest common run of fields by name and label; an equal text counts more than the name alone. */
function align(left: readonly Field[], right: readonly Field[]): Pair[] {
  const [n, m] = [left.length, right.length]
  if (n === 0 || m === 0)
    return [
      ...left.map((field): Pair => [field, undefined]),
      ...right.map((field): Pair => [undefined, field]),
    ]
  if (n * m > MAX_PAIRS) return alignInOrder(left, right)
  // score[i * (m + 1) + j]: the best for what is left from i and j on.
  const width = m + 1
  const score = new Int32Array((n + 1) * width)
  const weights = (i: number, j: number) => weight(left[i] as Field, right[j] as Field)
  const at = (i: number, j: number) => score[i * width + j] as number
  for (let i = n - 1; i >= 0; i--)
    for (let j = m - 1; j >= 0; j--) {
      const pair = weights(i, j)
      const paired = pair > 0 ? pair + at(i + 1, j + 1) : 0
      score[i * width + j] = Math.max(paired, at(i + 1, j), at(i, j + 1))
    }
  const pairs: Pair[] = []
  let [i, j] = [0, 0]
  while (i < n || j < m) {
    const pair = i < n && j < m ? weights(i, j) : 0
    if (pair > 0 && at(i, j) === pair + at(i + 1, j + 1)) pairs.push([left[i++], right[j++]])
    else if (j >= m || (i < n && at(i, j) === at(i + 1, j))) pairs.push([left[i++], undefined])
    else pairs.push([undefined, right[j++]])
  }
  return pairs
}

const weight = (one: Field, other: Field): number => {
  if (one.name !== other.name) return 0
  // A label tells apart what shares a name: the parameters of a message.
  if (one.label !== other.label) return one.children?.length && other.children?.length ? 1 : 0
  return one.text === other.text ? 4 : 3
}

function alignInOrder(left: readonly Field[], right: readonly Field[]): Pair[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at): Pair => [left[at], right[at]])
}
