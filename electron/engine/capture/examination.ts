/** The doctor at a capture: the rows of one device, of its newest connections, fed to the case in order. */
import { MAX_DOCTOR_SUBJECTS, type DoctorSubjectInfo } from '../../../shared/contract/doctor.ts'
import type { ConnectionFacts } from '../../../shared/contract/model.ts'
import { Case, type CaseRow } from '../../../shared/doctor/case.ts'
import { examine } from '../../../shared/doctor/ladder.ts'
import type { Examination } from '../../../shared/doctor/model.ts'
import type { DoctorSubject } from '../../../shared/doctor/scene.ts'
import { decodePacket } from '../../../shared/mqtt/decode.ts'
import { MqttError } from '../../../shared/mqtt/error.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import type { Archive } from './archive.ts'
import { instantAt } from './clock.ts'
import { RowType, Way } from './columns.ts'
import type { Connection } from './connections.ts'
import type { ExamineRequest } from './protocol.ts'
import { bytesOf, kindOf, type Parts } from './rows.ts'
import { pause, type Work } from './work.ts'

const MAX_CONNECTIONS = 60
/** PUBLISHes looked at of a connection: those at its beginning and at its end. */
const FIRST_PUBLISHES = 200
const LAST_PUBLISHES = 200
const MAX_REQUESTS = 100
const PAUSE_EVERY = 200_000

const PUBLISH = 3
/** Rows that say something about how far a device came; the rest are acknowledgements and pings. */
const telling: ReadonlySet<number> = new Set([
  RowType.malformed,
  RowType.close,
  RowType.probe,
  1,
  2,
  8,
  9,
  14,
  15,
])

/** Never rejects but for work that is stopped. */
export async function examineRows(
  { parts }: Archive,
  { subject, bench, now }: ExamineRequest,
  work: Work,
): Promise<Examination> {
  const own = connectionsOf(parts, subject)
  const { rows, leftOut } = await choose(parts, own, subject, work)
  const seen = new Case()
  for (const [i, no] of rows.entries()) {
    const row = caseRow(parts, no, own)
    if (row) seen.take(row)
    if (i % 500 === 499) await pause(work)
  }
  return examine(seen, subject, { leftOut, ...(bench && { bench }), ...(now !== undefined && { now }) })
}

/** Its newest connections, by slot. */
function connectionsOf({ connections }: Parts, subject: DoctorSubject): ReadonlyMap<number, Connection> {
  const all = [...connections.all]
  const chosen =
    'address' in subject ? all.filter(isFrom(subject.address)) : ofEndpoint(all, subject.endpointId)
  const newest = chosen.sort((a, b) => a.facts.id - b.facts.id).slice(-MAX_CONNECTIONS)
  return new Map(newest.map((connection) => [connection.slot, connection]))
}

const isFrom =
  (address: string) =>
  ({ facts }: Connection): boolean =>
    facts.remoteAddress === address

const isNobody = ({ clientId, endpointId, username }: ConnectionFacts): boolean =>
  !clientId && !endpointId && !username

/** Also those from its address that never said who they are, where nobody else comes from there. */
function ofEndpoint(all: readonly Connection[], endpointId: string): Connection[] {
  const named = all.filter(({ facts }) => facts.endpointId === endpointId)
  const addresses = new Set(named.map(({ facts }) => facts.remoteAddress))
  for (const { facts } of all)
    if (!isNobody(facts) && facts.endpointId !== endpointId) addresses.delete(facts.remoteAddress)
  return [...named, ...all.filter(({ facts }) => isNobody(facts) && addresses.has(facts.remoteAddress))]
}

/** Numbers of the rows to look at, in order. */
async function choose(
  parts: Parts,
  own: ReadonlyMap<number, Connection>,
  subject: DoctorSubject,
  work: Work,
): Promise<{ rows: number[]; leftOut: number }> {
  const { columns } = parts
  const rows: number[] = []
  const publishes = new Map<number, { taken: number; readonly last: number[] }>()
  const requests: number[] = []
  const isAbout = aboutDevice(parts, subject)
  let asked = 0
  const from = Math.min(...[...own.values()].map(({ firstRow }) => firstRow || Infinity))
  for (let no = Math.max(from, columns.first); no < columns.end;) {
    const { chunk, from: first, to } = columns.run(no)
    const end = Math.min(to, first + PAUSE_EVERY)
    for (let i = first; i < end; i++, no++) {
      const slot = chunk.connection[i] as number
      const type = chunk.type[i] as number
      if (!own.has(slot)) {
        if (type !== PUBLISH || chunk.direction[i] !== Way.in || !isAbout(chunk.topic[i] as number)) continue
        requests[asked++ % MAX_REQUESTS] = no
      } else if (telling.has(type)) rows.push(no)
      else if (type === PUBLISH) {
        const seen = publishes.get(slot) ?? { taken: 0, last: [] }
        publishes.set(slot, seen)
        // A ring: the order comes back when all are sorted.
        if (seen.taken < FIRST_PUBLISHES) rows.push(no)
        else seen.last[seen.taken % LAST_PUBLISHES] = no
        seen.taken++
      }
    }
    await pause(work)
    // The budget may have dropped what comes next.
    no = Math.max(no, columns.first)
  }
  let leftOut = 0
  for (const { taken, last } of publishes.values()) {
    rows.push(...last)
    leftOut += Math.max(0, taken - FIRST_PUBLISHES - LAST_PUBLISHES)
  }
  return { rows: [...rows, ...requests].sort((a, b) => a - b), leftOut }
}

/** Is a topic, by its ID in the dictionary, one with the endpoint ID in it? */
function aboutDevice({ dictionaries }: Parts, subject: DoctorSubject): (topic: number) => boolean {
  if ('address' in subject) return () => false
  const known = new Map<number, boolean>()
  return (topic) => {
    let is = known.get(topic)
    if (is === undefined) {
      is = dictionaries.topics.text(topic).includes(`/${subject.endpointId}`)
      known.set(topic, is)
    }
    return is
  }
}

/** Undefined for a row that is gone, or that cannot be read. */
function caseRow(parts: Parts, no: number, own: ReadonlyMap<number, Connection>): CaseRow | undefined {
  const { columns, connections, dictionaries, notes, epoch } = parts
  if (!columns.has(no)) return undefined
  const { chunk, from: i } = columns.run(no)
  const connection = connections.at(chunk.connection[i] as number)
  const { sec, nsec } = instantAt(epoch, chunk.time[i] as number)
  const row = {
    no,
    time: sec * 1000 + nsec / 1e6,
    connection: connection.facts,
    // A slot may have been given to another connection in a pause.
    own: own.get(connection.slot)?.facts.id === connection.facts.id,
    direction: chunk.direction[i] === Way.in ? 'in' : 'out',
  } as const
  const note = notes.of(no).find(({ kind }) => kind === 'refused' || kind === 'dropped')
  switch (kindOf(chunk.type[i] as number)) {
    case 'probe':
      return { ...row, what: { kind: 'probe' } }
    case 'close': {
      const { by = 'network', reason = '' } = connection.end ?? {}
      return { ...row, what: { kind: 'close', by, reason } }
    }
    case 'malformed':
      return { ...row, what: { kind: 'malformed', ...(note && { note }) } }
    case 'packet':
      try {
        const packet = decodePacket(bytesOf(parts, no), connection.level)
        const topic = dictionaries.topics.text(chunk.topic[i] as number)
        return { ...row, what: { kind: 'packet', packet, topic, ...(note && { note }) } }
      } catch (error) {
        if (error instanceof MqttError) return undefined
        throw error
      }
  }
}

/** Whom the capture knows, the newest first, the controller aside: each endpoint ID, and each address that nobody said one from. */
export function doctorSubjects({ parts: { connections } }: Archive): readonly DoctorSubjectInfo[] {
  const found = new Map<string, DoctorSubjectInfo>()
  for (const { facts, open } of connections.all) {
    const { endpointId = '', remoteAddress: address, id } = facts
    if (endpointId === controllerUser) continue
    const key = endpointId ? `id ${endpointId}` : `at ${address}`
    const known = found.get(key)
    found.set(key, {
      endpointId,
      address: known && known.newest > id ? known.address : address,
      connections: (known?.connections ?? 0) + 1,
      open: open || known?.open === true,
      newest: Math.max(id, known?.newest ?? 0),
    })
  }
  const spoken = new Set(
    [...found.values()].filter(({ endpointId }) => endpointId).map(({ address }) => address),
  )
  return [...found.values()]
    .filter(({ endpointId, address }) => endpointId || (address && !spoken.has(address)))
    .sort((a, b) => b.newest - a.newest)
    .slice(0, MAX_DOCTOR_SUBJECTS)
}
