/** Questions to a capture that are no views. */
import type { Request } from '../../../shared/contract/contract.ts'
import type { Archive } from './archive.ts'
import { deviceLabel } from './connections.ts'
import { answerTo, requestOf } from './pairs.ts'
import { filterProgram, RowFilter } from './row-filter.ts'
import { pause, type Work } from './work.ts'

/** The next row behind (before) `from` that matches; -1 when there is none. */
export async function findRow(
  { index }: Archive,
  { filter, from, backwards }: Omit<Request<'packets.find'>, 'capture'>,
  work: Work,
): Promise<number> {
  const program = filterProgram(filter)
  const { columns } = index
  const rows = program && new RowFilter(program, index)
  if (rows === undefined) {
    const no = backwards
      ? Math.min(Math.ceil(from) - 1, columns.end - 1)
      : Math.max(Math.floor(from) + 1, columns.first)
    return columns.has(no) ? no : -1
  }
  if (backwards) {
    let before = Math.min(Math.ceil(from), columns.end)
    while (before > columns.first) {
      const step = rows.scanBack(columns.first, before)
      if ('found' in step) return step.found
      before = step.before
      await pause(work)
    }
    return -1
  }
  let no = Math.floor(from) + 1
  for (;;) {
    no = Math.max(no, columns.first)
    if (no >= columns.end) return -1
    let found = -1
    // The first match ends the scan only with its slice: columns judge many rows at a time anyway.
    no = rows.scan(no, columns.end, (match) => (found = found === -1 ? match : found))
    if (found !== -1) return found
    await pause(work)
  }
}

/** Rows handed on at a time where there is no filter. */
const RUN = 4096

/**
 * The rows that match and are there now, in runs, with a pause after each. Rows that came since are not in it, and
 * one of a run may have been dropped by the time it is looked at. Tells `work` how far it is.
 */
export async function* matchingRows(
  { index }: Archive,
  filter: string,
  work: Work,
): AsyncGenerator<readonly number[], void, void> {
  const program = filterProgram(filter)
  const rows = program && new RowFilter(program, index)
  const { columns } = index
  const { first, end } = columns
  let next = first
  while (next < end) {
    const found: number[] = []
    const from = Math.max(next, columns.first)
    if (rows) next = rows.scan(from, end, (no) => found.push(no))
    else for (next = from; next < Math.min(end, from + RUN); next++) found.push(next)
    yield found
    work.progress((next - first) / (end - first))
    await pause(work)
  }
}

/** The packet that this one answers, or that answers it; -1 when there is none. */
export function findPartner(
  { index: { columns } }: Archive,
  { no, which }: Omit<Request<'packets.partner'>, 'capture'>,
): number {
  if (!columns.has(no)) return -1
  return which === 'request' ? requestOf(columns, no) : answerTo(columns, no)
}

/** More are no help in a list to choose from. */
const MAX_VALUES = 100

/** Different values of a field that begin with a text, in any letter case, in order. */
export function knownValues(
  { parts: { dictionaries, connections } }: Archive,
  { field, prefix }: Omit<Request<'packets.values'>, 'capture'>,
): readonly string[] {
  const begin = prefix.toLowerCase()
  const found = new Set<string>()
  const take = (text: string) => {
    if (text !== '' && text.toLowerCase().startsWith(begin)) found.add(text)
  }
  if (field === 'mqtt.topic') for (const topic of dictionaries.topics.texts()) take(topic)
  else {
    for (const { facts } of connections.all)
      take(field === 'device' ? deviceLabel(facts) : (facts.clientId ?? ''))
  }
  return [...found].sort().slice(0, MAX_VALUES)
}
