/** Findings of the linter: commands, and what they answer. The rules themselves are in shared/lint. */
import * as v from 'valibot'
import { command } from './command.ts'

export type FindingSeverity = 'error' | 'warning' | 'note'

/** One finding, at its packet. */
export interface FindingRow {
  /** `id` of the rule. */
  readonly rule: string
  readonly severity: FindingSeverity
  /** Row of the packet. */
  readonly no: number
  /** Rows that it rests on as well. */
  readonly related: readonly number[]
  /** Endpoint ID, else user name, client ID or address. */
  readonly endpoint: string
  /** ISO 8601, UTC, with nanoseconds. */
  readonly time: string
  readonly seen: string
}

/** Findings of one rule about one endpoint. */
export interface FindingGroup {
  readonly rule: string
  readonly severity: FindingSeverity
  readonly endpoint: string
  /** Findings in rows that are still held. */
  readonly count: number
  /** More of the same that were only counted. */
  readonly more: number
  readonly first: number
  readonly last: number
  /** What was seen at the last one. */
  readonly seen: string
  /** The person does not want to see this rule. */
  readonly suppressed: boolean
}

export interface LintSummary {
  /** Worst first, then by endpoint and rule. */
  readonly groups: readonly FindingGroup[]
  /** Packets that were looked at. */
  readonly checked: number
  /** Rows that wait to be. */
  readonly waiting: number
  /** Rows that went, or could not be read, before they were. */
  readonly skipped: number
  /** Groups that are not listed: too many. */
  readonly unlisted: number
}

export interface LintCounts {
  readonly error: number
  readonly warning: number
  readonly note: number
}

/** Told as the event `lint`. */
export interface LintState {
  /** Rules that the person does not want to see, by `id`. */
  readonly suppressed: readonly string[]
}

export const MAX_SUPPRESSED = 500
/** Findings of a group that one answer holds. */
export const MAX_GROUP = 500

const capture = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/))
const rule = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/))
const endpoint = v.pipe(v.string(), v.maxLength(65_535))

export const lintCommands = {
  /** Of one endpoint, or of all. */
  'lint.summary': command<LintSummary>()(v.strictObject({ capture, endpoint: v.optional(endpoint) })),
  /** The oldest findings of a group. */
  'lint.findings': command<readonly FindingRow[]>()(v.strictObject({ capture, rule, endpoint })),
  /** Hides a rule, or shows it again; kept in the workspace. */
  'lint.suppress': command<void>()(v.strictObject({ rule, on: v.boolean() })),
  /** Writes a report into the workspace's `exports` folder; `host.deliver` hands it over. */
  'lint.export': command<{ readonly job: string }>()(
    v.strictObject({
      capture,
      format: v.picklist(['html', 'json', 'junit']),
      /** Findings about this endpoint alone. */
      endpoint: v.optional(endpoint),
      /** Findings at packets that match this expression alone. */
      filter: v.optional(v.pipe(v.string(), v.maxLength(10_000))),
    }),
  ),
} as const
