/** Small things that several parts of the lab need. Pure. */

/** `2027-03-01`, from whatever form a date has. */
export const day = (date: string | Date): string => new Date(date).toISOString().slice(0, 10)

/** The result, or undefined when it throws: the error of a key parser may quote what it could not read. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
