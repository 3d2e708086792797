/** Numbers in a payload that can be drawn over time: the whole of it, or members of a JSON text. Pure. */

/** A number as devices write it in text; no hexadecimal, no empty text. */
const NUMBER = /^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$/

/** Members listed of one payload, and how deep they are looked for. */
const MAX_POINTERS = 100
const MAX_DEPTH = 12

export type Numbers = ReadonlyMap<string, number>

/**
 * The numbers of a payload by JSON Pointer (RFC 6901); the empty pointer is the whole payload. Booleans count as
 * 1 and 0, and texts that are numbers as these. Empty where there is none. At most 100, in order.
 */
export function numbersIn(text: string): Numbers {
  const found = new Map<string, number>()
  const whole = numberOf(text)
  if (whole !== undefined) return found.set('', whole)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return found
  }
  collect(value, '', 0, found)
  return found
}

function collect(value: unknown, pointer: string, depth: number, found: Map<string, number>): void {
  if (found.size >= MAX_POINTERS) return
  if (typeof value === 'object' && value !== null) {
    if (depth === MAX_DEPTH) return
    for (const [key, child] of Object.entries(value)) {
      collect(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, depth + 1, found)
    }
    return
  }
  const number =
    typeof value === 'number' ? value : typeof value === 'boolean' ? Number(value) : numberOf(value)
  if (number !== undefined && Number.isFinite(number)) found.set(pointer, number)
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'string' && NUMBER.test(value) ? Number(value) : undefined
}
