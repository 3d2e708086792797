/**
 * End-to-end session contexts (TR-369 2.3) as a state machine: Records go in, whole Msgs and remarks come out.
 * There is one session for each pair of endpoints (R-E2E.5), with a direction for each.
 */
import type { Assembled, SessionFinding, Yield } from './segments.ts'
import { Direction, type SessionLimits, type Standing } from './session-direction.ts'
import type { SessionRecord } from './session-record.ts'

export { readSessionRecord, type SessionRecord } from './session-record.ts'
export type { Assembled, Part, SessionFinding } from './segments.ts'
export type { SessionLimits, Standing } from './session-direction.ts'

export interface SessionStep {
  readonly standing: Standing
  /**
   * What this Record completed, in order: a Msg, or the length of an encrypted payload. A Record that fills a
   * gap may complete several, from packets that came before it.
   */
  readonly assembled: readonly Assembled[]
  readonly findings: readonly SessionFinding[]
}

const defaults: SessionLimits = {
  maxSessions: 1000,
  maxWaitingBytes: 8 << 20,
  maxBytes: 64 << 20,
  maxEarly: 256,
}

/** UTF-16 units of an endpoint ID; a longer one would fill the memory that the limits save. */
const LONGEST_ID = 1024
/** Ended sessions of a pair that are remembered, to recognise a late Record. */
const ENDED = 8
/** A new session is due this far before the end of the numbers (R-E2E.8, R-E2E.9). */
const LAST_SEQUENCE = 2n ** 64n - 1n - 10_000n

interface Session {
  readonly place: number
  readonly id: bigint
  readonly encrypted: boolean
  readonly fromBeginning: boolean
  readonly ended: readonly bigint[]
  /** By from_id. */
  readonly directions: Map<string, Direction>
  readonly endpoints: string
  lastPacket: number
}

const bytesOf = ({ directions }: Session) => {
  let bytes = 0
  for (const direction of directions.values()) bytes += direction.bytes
  return bytes
}

/**
 * Follows sessions. Feed each Record once, in the order in which it was seen. Where one Record is seen several
 * times on its way (a broker gets it on one connection and sends it on another), each place has a number, and
 * sessions are followed in each place by themselves, within the same limits.
 */
export class SessionContexts {
  private readonly limits: SessionLimits
  /** By pair of endpoints, the one used last at the end. */
  private readonly sessions = new Map<string, Session>()
  private bytes = 0

  constructor(limits: Partial<SessionLimits> = {}) {
    this.limits = { ...defaults, ...limits }
  }

  get size(): number {
    return this.sessions.size
  }

  /** Bytes that wait for missing Records or for the rest of a Msg. */
  get waitingBytes(): number {
    return this.bytes
  }

  /** `packet` is a number of the caller's, such as that of the capture; findings and parts refer to it. */
  feed(record: SessionRecord, packet: number, place = 0): SessionStep {
    const result: Yield = { assembled: [], findings: checkAlone(record, packet) }
    const standing = this.follow(record, packet, place, result)
    return { standing, ...result }
  }

  /** The session of two endpoints has ended: a disconnect Record (R-MTP.7). Answers what was left unfinished. */
  end(endpoint: string, other: string, packet: number, place = 0): SessionFinding[] {
    return this.close(pairKey(place, endpoint, other), packet)
  }

  /** A place is gone, such as a connection that was closed. Answers what was left unfinished there. */
  leave(place: number, packet: number): SessionFinding[] {
    const keys = [...this.sessions].filter(([, session]) => session.place === place).map(([key]) => key)
    return keys.flatMap((key) => this.close(key, packet))
  }

  private close(key: string, packet: number): SessionFinding[] {
    const session = this.sessions.get(key)
    if (session === undefined) return []
    this.bytes -= bytesOf(session)
    this.sessions.delete(key)
    return unfinished(session, packet, 'ended')
  }

  private follow(record: SessionRecord, packet: number, place: number, result: Yield): Standing {
    const { fromId, toId, sessionId, encrypted } = record
    const say = (severity: SessionFinding['severity'], text: string, rule?: string) =>
      result.findings.push({ packet, severity, text, ...(rule !== undefined && { rule }) })
    if (fromId.length > LONGEST_ID || toId.length > LONGEST_ID) {
      say('warning', `An endpoint ID is longer than ${LONGEST_ID} characters: the session is not followed`)
      return 'untracked'
    }
    const key = pairKey(place, fromId, toId)
    let session = this.sessions.get(key)
    if (session !== undefined && session.id !== sessionId && session.ended.includes(sessionId)) {
      // With sequence_id 1 it begins anew: after a restart a device may take the same number again.
      if (record.sequenceId !== 1n) {
        say('note', `Session ${sessionId} was replaced by ${session.id}`, 'R-E2E.4')
        return 'stale'
      }
    }
    if (session === undefined || session.id !== sessionId) {
      session = this.begin(record, packet, place, session, result)
    } else if (session.encrypted !== encrypted) {
      const [now, before] = [encrypted, session.encrypted].map((is) => (is ? 'TLS12' : 'PLAINTEXT'))
      say('error', `payload_security is ${now} in a session that began with ${before}`, 'R-E2E.18')
      return 'untracked'
    }
    this.sessions.delete(key)
    this.sessions.set(key, session)
    session.lastPacket = packet
    const before = bytesOf(session)
    checkAgainstPeer(record, session.directions.get(toId), packet, result)
    const direction = this.direction(session, fromId)
    const standing = direction.take(record, packet, result)
    this.bytes += bytesOf(session) - before
    this.keepLimits(key, packet, result)
    return standing
  }

  private begin(
    { fromId, toId, sessionId, sequenceId, encrypted }: SessionRecord,
    packet: number,
    place: number,
    before: Session | undefined,
    { findings }: Yield,
  ): Session {
    if (before) {
      this.bytes -= bytesOf(before)
      findings.push(...unfinished(before, packet, `replaced by session ${sessionId}`))
    }
    if (sequenceId !== 1n && before) {
      const text = `Session ${sessionId} begins with sequence_id ${sequenceId} instead of 1`
      findings.push({ packet, severity: 'error', text, rule: 'R-E2E.14' })
    } else if (sequenceId > 1n) {
      const text = `Session ${sessionId} is first seen with sequence_id ${sequenceId}: it began before`
      findings.push({ packet, severity: 'note', text })
    }
    return {
      place,
      id: sessionId,
      encrypted,
      fromBeginning: sequenceId === 1n,
      ended: before ? [...before.ended.filter((id) => id !== sessionId), before.id].slice(-ENDED) : [],
      directions: new Map(),
      endpoints: `${fromId} and ${toId}`,
      lastPacket: packet,
    }
  }

  private direction(session: Session, fromId: string): Direction {
    const known = session.directions.get(fromId)
    if (known !== undefined) return known
    const direction = new Direction(this.limits, session.fromBeginning ? 1n : undefined)
    session.directions.set(fromId, direction)
    return direction
  }

  private keepLimits(current: string, packet: number, { findings }: Yield): void {
    const { maxSessions, maxBytes } = this.limits
    for (const [key, session] of this.sessions) {
      if (this.sessions.size <= maxSessions && this.bytes <= maxBytes) return
      if (key === current) continue
      this.sessions.delete(key)
      this.bytes -= bytesOf(session)
      const which = `${session.id} of ${session.endpoints} (last in packet ${session.lastPacket})`
      const text = `Session ${which} is no longer followed: too much at once`
      findings.push({ packet, severity: 'warning', text }, ...unfinished(session, packet, 'given up'))
    }
  }
}

const pairKey = (place: number, one: string, other: string): string =>
  JSON.stringify([place, ...[one, other].sort()])

function unfinished({ id, directions }: Session, packet: number, how: string): SessionFinding[] {
  return [...directions].flatMap(([fromId, { unfinished: what }]) =>
    what === undefined
      ? []
      : [{ packet, severity: 'warning', text: `Session ${id} was ${how}, and of ${fromId} ${what}` }],
  )
}

/** Rules that one Record is enough for. */
function checkAlone(record: SessionRecord, packet: number): SessionFinding[] {
  const { sessionId, sequenceId, expectedId, sarState, payloadRecSarState, encrypted, payloads } = record
  const known = sarState !== undefined && payloadRecSarState !== undefined
  const rows: readonly (readonly [broken: boolean, text: string, rule?: string])[] = [
    [sessionId < 2n, `session_id is ${sessionId}; it must be above 1`, 'R-E2E.3'],
    [sequenceId === 0n, 'sequence_id is missing or 0; the first one is 1', 'R-E2E.14'],
    [expectedId === 0n, 'expected_id is missing or 0; the first one is 1', 'R-E2E.17'],
    [sequenceId >= LAST_SEQUENCE, 'sequence_id is near its end: a new session is due', 'R-E2E.9'],
    [sarState === undefined, 'payload_sar_state is none of its values', 'R-ENC.2'],
    [payloadRecSarState === undefined, 'payloadrec_sar_state is none of its values', 'R-ENC.2'],
    [
      known && sarState === 'NONE' && payloadRecSarState !== 'NONE',
      `payloadrec_sar_state is ${payloadRecSarState}, though payload_sar_state is NONE`,
    ],
    [
      known && !encrypted && sarState !== 'NONE' && sarState !== payloadRecSarState,
      `payload_sar_state is ${sarState} and payloadrec_sar_state ${payloadRecSarState}: in plain text both are the same`,
    ],
    [!encrypted && payloads.length > 1, `${payloads.length} payloads: in plain text there is one`],
    [payloads.length === 0 && sarState !== 'NONE', `No payload, though payload_sar_state is ${sarState}`],
  ]
  return rows
    .filter(([broken]) => broken)
    .map(([, text, rule]) => ({ packet, severity: 'error', text, ...(rule !== undefined && { rule }) }))
}

/** What one side says about the other: nothing that was not sent yet can be acknowledged or asked for again. */
function checkAgainstPeer(
  { expectedId, retransmitId, toId }: SessionRecord,
  peer: Direction | undefined,
  packet: number,
  { findings }: Yield,
): void {
  const highest = peer?.highest
  if (highest !== undefined && expectedId > highest + 1n) {
    const text = `expected_id ${expectedId}, but ${toId} has only sent sequence_id ${highest}`
    findings.push({ packet, severity: 'error', text, rule: 'R-E2E.17' })
  }
  if (retransmitId === 0n) return
  if (highest !== undefined && retransmitId > highest) {
    const text = `Asks for sequence_id ${retransmitId} again, which ${toId} has not sent yet`
    findings.push({ packet, severity: 'error', text })
    return
  }
  peer?.askAgain(retransmitId, packet)
  const text = `Asks ${toId} for sequence_id ${retransmitId} again`
  findings.push({ packet, severity: 'note', text })
}
