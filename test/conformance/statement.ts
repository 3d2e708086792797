/**
 * The normative statements of MQTT 5.0 and 3.1.1, in our own words: what each asks, and of whom. Which tests
 * show a statement is not written down here: a test names its statements in its title (`shows.ts`), and
 * `report.ts` brings the two together.
 */
export type Version = '5.0' | '3.1.1'

export interface Statement {
  /** Number in Appendix B of the standard, without `MQTT-`. */
  readonly id: string
  readonly says: string
  readonly by: 'server' | 'both' | 'client'
  /** Why no test shows it. */
  readonly why?: string
}

type Row = readonly [id: string, says: string, why?: string]

const rows =
  (by: Statement['by']) =>
  (...list: readonly Row[]): readonly Statement[] =>
    list.map(([id, says, why]) => ({ id, says, by, ...(why === undefined ? {} : { why }) }))

export const server = rows('server')
export const both = rows('both')

/** Statements that bind a client alone; a test may still show that this server insists on one. */
export const client = (...ids: readonly string[]): readonly Statement[] =>
  ids.map((id) => ({ id, by: 'client', says: 'what a client owes', why: 'it binds clients only' }))

/** In the order of the standard. */
export const inOrder = (...parts: readonly (readonly Statement[])[]): readonly Statement[] =>
  parts.flat().toSorted((a, b) => compare(numbers(a), numbers(b)))

const numbers = ({ id }: Statement): readonly number[] => id.split(/[.-]/).map(Number)

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((number, i) => number !== b[i])
  return at < 0 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? 0)
}
