/** Questions to a capture that are no views. */
import type { Request } from '../../../shared/contract/contract.ts'
import { judgedFor } from '../lint/judge-all.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import { userProperties } from '../../../shared/mqtt/properties.ts'
import type { Archive } from './archive.ts'
import { deviceLabel } from './connections.ts'
import { answerTo, requestOf } from './pairs.ts'
import { filterProgram, RowFilter } from './row-filter.ts'
import { bytesOf, kindOf, type Parts } from './rows.ts'
import { pause, type Work } from './work.ts'

/** The next row behind (before) `from` that matches; -1 when there is none. */
export async function findRow(
  archive: Archive,
  { filter, from, backwards }: Omit<Request<'packets.find'>, 'capture'>,
  work: Work,
): Promise<number> {
  const { index } = archive
  const program = filterProgram(filter)
  await judgedFor(archive, [filter], work)
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
  archive: Archive,
  filter: string,
  whole: Work,
): AsyncGenerator<readonly number[], void, void> {
  const { index } = archive
  const program = filterProgram(filter)
  const work = await judgedFor(archive, [filter], whole)
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
export async function knownValues(
  { parts }: Archive,
  { field, prefix }: Omit<Request<'packets.values'>, 'capture'>,
  work: Work,
): Promise<readonly string[]> {
  const begin = prefix.toLowerCase()
  const found = new Set<string>()
  for await (const text of valuesOf[field](parts, work))
    if (text !== '' && text.toLowerCase().startsWith(begin)) found.add(text)
  return [...found].sort().slice(0, MAX_VALUES)
}

type Values = (parts: Parts, work: Work) => Iterable<string> | AsyncIterable<string>
const valuesOf: Readonly<Record<Request<'packets.values'>['field'], Values>> = {
  'mqtt.topic': ({ dictionaries }) => dictionaries.topics.texts(),
  device: ({ connections }) => [...connections.all].map(({ facts }) => deviceLabel(facts)),
  'mqtt.clientid': ({ connections }) => [...connections.all].map(({ facts }) => facts.clientId ?? ''),
  'mqtt.prop.user': userPropertyNames,
}

/** Packets looked at, newest first: what the index does not hold is not worth a look at all of them. */
const MAX_LOOKED = 20_000
const PAUSE_EVERY = 500

async function* userPropertyNames(parts: Parts, work: Work): AsyncGenerator<string> {
  const { columns } = parts
  for (let looked = 0, no = columns.end - 1; looked < MAX_LOOKED && columns.has(no); looked++, no--) {
    if (looked % PAUSE_EVERY === PAUSE_EVERY - 1) await pause(work)
    // The budget may have dropped it in the pause.
    const packet = columns.has(no) ? packetOf(parts, no) : undefined
    if (packet === undefined || !('properties' in packet)) continue
    const will = packet.type === 'CONNECT' ? (packet.will?.properties ?? []) : []
    for (const [name] of userProperties([...packet.properties, ...will])) yield name
  }
}

/** `undefined` for a row that is no packet, or a malformed one. */
function packetOf(parts: Parts, no: number): Packet | undefined {
  const { level } = parts.connections.at(parts.columns.get(no, 'connection'))
  if (level < 5 || kindOf(parts.columns.get(no, 'type')) !== 'packet') return undefined
  try {
    return decodePacket(bytesOf(parts, no), level)
  } catch (error) {
    if (error instanceof MqttError) return undefined
    throw error
  }
}
