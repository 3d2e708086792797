/** Reads what `obuspa -c show database` prints, and factory reset files: a parameter and its value a line. Pure. */

export interface DatabaseEntry {
  /** From 1. */
  readonly line: number
  readonly path: string
  readonly value: string
}

export interface Database {
  readonly entries: readonly DatabaseEntry[]
  /** By path; the last line of a path counts. */
  readonly byPath: ReadonlyMap<string, DatabaseEntry>
  /** Lines that are neither a parameter nor empty nor a comment. */
  readonly unread: readonly number[]
}

/** The path, then `=>`, `=`, `:` or nothing but space, then the value, quoted or not. */
const line = /^(Device\.[\w.:-]*[\w-])\s*(?:=>|=|:|\s)\s*(.*)$/
/** Commands come with the same words: `obuspa … -c dbset PATH VALUE`. */
const command = /^.*\s(?:dbset|set)\s+(?=Device\.)/

export function parseDatabase(text: string): Database {
  const entries: DatabaseEntry[] = []
  const unread: number[] = []
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const trimmed = raw.trim()
    if (trimmed === '' || trimmed.startsWith('#')) continue
    const [, path, value] = line.exec(trimmed.replace(command, '')) ?? []
    if (path === undefined || value === undefined) unread.push(index + 1)
    else entries.push({ line: index + 1, path, value: unquoted(value.trim()) })
  }
  return { entries, byPath: new Map(entries.map((entry) => [entry.path, entry])), unread }
}

function unquoted(value: string): string {
  const [, , inner] = /^(["'])(.*)\1$/.exec(value) ?? []
  return inner ?? value
}

/** Numbers of the rows of a table, e.g. of `Device.MQTT.Client`, lowest first. */
export function instancesOf({ entries }: Database, table: string): number[] {
  const prefix = `${table}.`
  const found = new Set<number>()
  for (const { path } of entries) {
    const number = path.startsWith(prefix) ? /^\d+(?=\.)/.exec(path.slice(prefix.length))?.[0] : undefined
    if (number !== undefined) found.add(Number(number))
  }
  return [...found].sort((a, b) => a - b)
}
