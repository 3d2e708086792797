/** The part of the contract that asks access lists about recorded packets: dry run and proposal. */
import * as v from 'valibot'
import type { ChangeKind, DryRunCounts } from '../acl/dry-run.ts'
import type { AclRule, Effect, Qos, Subject } from '../acl/model.ts'
import type { AskedFor } from '../acl/packet-questions.ts'
import { command } from './command.ts'

/** A decision as it is told: the rule by ID and place in its list, counted from 0. */
export interface ToldDecision {
  readonly verdict: Effect
  readonly why: string
  readonly rule?: string
  readonly index?: number
}

/** One question that the edited list answers differently. */
export interface DryRunRow {
  readonly kind: ChangeKind
  /** Number of the packet. */
  readonly no: number
  readonly what: AskedFor
  readonly who: Subject
  readonly topic: string
  readonly qos: Qos
  readonly retain: boolean
  readonly before: ToldDecision
  readonly after: ToldDecision
  /** Place of its pair of deciding rules in `DryRunResult.rules`; -1 when that is not named there. */
  readonly pair: number
}

/** How many questions of a device, or of a pair of deciding rules, are answered differently. */
export interface DryRunTally {
  readonly name: string
  readonly counts: Readonly<Record<ChangeKind, number>>
}

export interface DryRunResult {
  /** Packets looked at. */
  readonly packets: number
  readonly counts: DryRunCounts
  /** Questions of which the recording does not say how they were answered. */
  readonly unknown: number
  /** The first `DRY_RUN_LIMITS.rows` of each kind, in order of the packets. */
  readonly rows: readonly DryRunRow[]
  readonly devices: readonly DryRunTally[]
  /** By the rules that decide: `rule 3 "name" → no rule`. */
  readonly rules: readonly DryRunTally[]
  /** Devices and pairs of rules that are not named any more. */
  readonly more: { readonly devices: number; readonly rules: number }
}

/** What is told of a dry run at the most; all is counted. */
export const DRY_RUN_LIMITS = { rows: 2000, tallies: 500 } as const

export interface ProposedRuleInfo {
  readonly rule: AclRule
  /** Questions that it answers. */
  readonly count: number
  /** Numbers of the first packets of these. */
  readonly packets: readonly number[]
  /** What the list in force says to the first of them. */
  readonly now: ToldDecision
}

export interface ProposalResult {
  readonly packets: number
  readonly asked: number
  /** Questions that were denied when they were asked, and are not in the proposal for that reason. */
  readonly refused: number
  readonly rules: readonly ProposedRuleInfo[]
  /** Questions that no rule could be made for, by reason. */
  readonly leftOut: readonly { readonly reason: string; readonly count: number }[]
  /** What the proposal would deny of the recording. */
  readonly denied: { readonly count: number; readonly packets: readonly number[] }
  /** How often each rule in force decided, by its ID. */
  readonly used: Readonly<Record<string, number>>
}

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
const filter = v.pipe(v.string(), v.maxLength(10_000))
const job = v.strictObject({ job: v.pipe(v.string(), v.maxLength(100)) })
const started = command<{ readonly job: string }>()

export const dryRunCommands = {
  /**
   * Asks an edited list about the packets of a capture, `before` it the list in force or what was recorded. The
   * result is kept for a while after the job is done.
   */
  'access.dryRun': started(
    v.strictObject({
      capture,
      filter,
      /** Checked by shared/acl/parse.ts, which tells rule and field. */
      list: v.unknown(),
      before: v.picklist(['force', 'recorded']),
    }),
  ),
  'access.dryRun.result': command<DryRunResult>()(job),
  /** Makes a least-privilege list of what a capture holds. */
  'access.propose': started(
    v.strictObject({
      capture,
      filter,
      /** This many topics that differ in one level become one rule with `+`; absent: never. */
      groupFrom: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000))),
      /** Also allow what was denied when it was asked. */
      refused: v.boolean(),
    }),
  ),
  'access.propose.result': command<ProposalResult>()(job),
} as const
