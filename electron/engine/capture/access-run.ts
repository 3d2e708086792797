/** Access lists asked about the packets of a capture, in slices and at bounded memory: dry run and proposal. */
import { deciderText, DryRun, type Change, type ChangeKind } from '../../../shared/acl/dry-run.ts'
import { subjectName, type Decision } from '../../../shared/acl/model.ts'
import type { PacketQuestion } from '../../../shared/acl/packet-questions.ts'
import { Proposer } from '../../../shared/acl/propose.ts'
import {
  DRY_RUN_LIMITS,
  type DryRunResult,
  type DryRunRow,
  type ProposalResult,
  type ToldDecision,
} from '../../../shared/contract/dry-run.ts'
import type { Archive } from './archive.ts'
import type { DryRunRequest, ProposalRequest } from './protocol.ts'
import { matchingRows } from './questions.ts'
import { RecordedQuestions, type RecordedQuestion } from './recorded-questions.ts'
import { pause, type Work } from './work.ts'

/** Milliseconds after which everything else has its turn, and how often the clock is read. */
const SLICE_MS = 8
const CLOCK_EVERY = 32

/** Hands on every question of the rows that match; answers how many packets were looked at. */
async function eachQuestion(
  archive: Archive,
  filter: string,
  work: Work,
  take: (asked: RecordedQuestion, no: number) => void,
): Promise<number> {
  const questions = new RecordedQuestions(archive.parts)
  let packets = 0
  for await (const run of matchingRows(archive, filter, work)) {
    let deadline = performance.now() + SLICE_MS
    for (const no of run) {
      for (const asked of questions.of(no)) take(asked, no)
      if (++packets % CLOCK_EVERY !== 0 || performance.now() < deadline) continue
      await pause(work)
      deadline = performance.now() + SLICE_MS
    }
  }
  return packets
}

/** Rejects with a BenchFailure for a filter that is none. */
export async function dryRunRows(
  archive: Archive,
  { filter, inForce, edited, before }: DryRunRequest,
  work: Work,
): Promise<DryRunResult> {
  const trial = new DryRun(inForce, edited)
  const rows: DryRunRow[] = []
  const listed: Record<ChangeKind, number> = { ...NONE }
  const devices = new Tallies()
  const rules = new Tallies()
  let unknown = 0
  const packets = await eachQuestion(archive, filter, work, ({ question, recorded }, no) => {
    if (before === 'recorded' && recorded === undefined) {
      unknown++
      return
    }
    const change = trial.ask(question, before === 'recorded' ? recorded : undefined)
    if (change === undefined) return
    devices.add(subjectName(question.who), change.kind)
    const pair = rules.add(pairText(change, before), change.kind)
    if (++listed[change.kind] <= DRY_RUN_LIMITS.rows) rows.push(rowOf(change, question, no, pair))
  })
  const more = { devices: devices.unnamed, rules: rules.unnamed }
  return { packets, counts: trial.counts, unknown, rows, devices: devices.list, rules: rules.list, more }
}

const NONE: Readonly<Record<ChangeKind, number>> = {
  'newly-denied': 0,
  'newly-allowed': 0,
  'rule-changed': 0,
}

const pairText = ({ before, after }: Change, against: DryRunRequest['before']): string =>
  `${against === 'recorded' ? 'as recorded' : deciderText(before)} → ${deciderText(after)}`

function rowOf(change: Change, question: PacketQuestion, no: number, pair: number): DryRunRow {
  const { kind, before, after } = change
  const { what, who, topic, qos, retain } = question
  return { kind, no, what, who, topic, qos, retain, before: told(before), after: told(after), pair }
}

const told = ({ verdict, why, rule, index }: Decision): ToldDecision => ({
  verdict,
  why,
  ...(rule && { rule: rule.id }),
  ...(index !== undefined && { index }),
})

/** Counts by name. The first names are kept, what has another is counted together. */
class Tallies {
  readonly #places = new Map<string, number>()
  readonly list: { readonly name: string; readonly counts: Record<ChangeKind, number> }[] = []
  /** Changes whose name is not kept. */
  unnamed = 0

  /** Answers the place of the name in the list; -1 where it is not kept. */
  add(name: string, kind: ChangeKind): number {
    const known = this.#places.get(name)
    const place = known ?? this.list.length
    if (known === undefined) {
      if (place === DRY_RUN_LIMITS.tallies) {
        this.unnamed++
        return -1
      }
      this.#places.set(name, place)
      this.list.push({ name, counts: { ...NONE } })
    }
    this.list[place]!.counts[kind]++
    return place
  }
}

/** Packets named of those that the proposal would deny. */
const NAMED_PACKETS = 100

/**
 * Two passes: one makes the list, the other asks it about the same packets, since what was left out is denied.
 * Rejects as `dryRunRows` does.
 */
export async function proposeFromRows(
  archive: Archive,
  { filter, groupFrom, refused: wanted, inForce }: ProposalRequest,
  work: Work,
): Promise<ProposalResult> {
  const { end } = archive.parts.columns
  const half = (part: 0 | 1): Work => ({
    signal: work.signal,
    progress: (value) => work.progress((part + value) / 2),
  })
  const proposer = new Proposer()
  let asked = 0
  let refused = 0
  const packets = await eachQuestion(archive, filter, half(0), ({ question, recorded }, no) => {
    asked++
    if (recorded?.verdict === 'deny') refused++
    if (wanted || recorded?.verdict !== 'deny') proposer.add(question, no)
  })
  const { list, rules, leftOut } = proposer.finish(groupFrom === undefined ? {} : { groupFrom })

  const lists = new DryRun(inForce, list)
  const now = new Map<string, ToldDecision>()
  const used: Record<string, number> = {}
  const denied: number[] = []
  let deniedCount = 0
  await eachQuestion(archive, filter, half(1), ({ question, recorded }, no) => {
    // What came since the first pass is not in the proposal.
    if (no >= end) return
    const { before, after } = lists.decide(question)
    if (before.rule) used[before.rule.id] = (used[before.rule.id] ?? 0) + 1
    if (!wanted && recorded?.verdict === 'deny') return
    if (after.rule) {
      if (!now.has(after.rule.id)) now.set(after.rule.id, told(before))
    } else {
      deniedCount++
      if (denied.length < NAMED_PACKETS && denied.at(-1) !== no) denied.push(no)
    }
  })
  return {
    packets,
    asked,
    refused,
    rules: rules.map(({ rule, count, first }) => ({
      rule,
      count,
      packets: [...new Set(first)],
      now: now.get(rule.id) ?? { verdict: 'deny', why: 'its packets are no longer in the capture' },
    })),
    leftOut: [...leftOut].map(([reason, count]) => ({ reason, count })),
    denied: { count: deniedCount, packets: denied },
    used,
  }
}
