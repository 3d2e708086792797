/** The linter beside a capture: what it found, by row. Findings go with their rows. */
import type { FindingGroup, LintCounts, LintSummary } from '../../../shared/contract/lint.ts'
import { Linter } from '../../../shared/lint/linter.ts'
import { type Finding, SEVERITIES, severityRank } from '../../../shared/lint/rule.ts'
import { LintCursor, type LintEvent } from './cursor.ts'
import type { LintRows } from './lint-rows.ts'

/** Findings held; more are counted. */
const MAX_FINDINGS = 50_000
/** Groups in one summary. */
const MAX_GROUPS = 2000
/** Findings kept of one rule and endpoint. */
const PER_GROUP = 200
/** Estimate in bytes, for the budget of the index. */
const FINDING_COST = 400

interface Group {
  findings: Finding[]
  more: number
}

export interface LintLogOptions {
  readonly rows: LintRows
  /** A row that is held has other findings than before. */
  readonly changed: (no: number) => void
}

const noCounts = () => ({ error: 0, warning: 0, note: 0 })
const keyOf = (rule: string, endpoint: string): string => `${rule}\0${endpoint}`

export class LintLog {
  readonly #options: LintLogOptions
  readonly #byRow = new Map<number, Finding[]>()
  readonly #groups = new Map<string, Group>()
  readonly #cursor: LintCursor
  /** Rows with new findings, of which nobody was told. */
  readonly #fresh = new Set<number>()
  #suppressed: ReadonlySet<string> = new Set()
  #held = 0
  /** Rows up to this one are gone, or about to go. */
  #gone = 0
  #byEndpoint: ReadonlyMap<string, LintCounts> | undefined
  #counts: LintCounts | undefined

  constructor(options: LintLogOptions) {
    this.#options = options
    const linter = new Linter({
      found: (finding) => this.#found(finding),
      more: (rule, endpoint) => this.#more(rule, endpoint),
      perGroup: PER_GROUP,
    })
    this.#cursor = new LintCursor(options.rows, linter)
  }

  get bytes(): number {
    return this.#held * FINDING_COST + this.#cursor.bytes
  }

  /** What happened behind the newest row and is no packet. */
  tell(event: LintEvent): void {
    this.#cursor.tell(event)
  }

  /** No row comes any more; `time` is that of the last. */
  end(time: number): void {
    this.#cursor.end(time)
  }

  /** Judges rows that came for some milliseconds. True while there are more. */
  step(): boolean {
    const more = this.#cursor.step()
    // Only now: whoever is told may read packets, while the one that is judged is a view of what was read.
    for (const no of this.#fresh) this.#changed(no)
    this.#fresh.clear()
    return more
  }

  /** Rows still to be judged. */
  get waiting(): number {
    return this.#cursor.waiting
  }

  /** Are there rows below `end` to judge, or the end of the capture? */
  isBehind(end: number): boolean {
    return this.#cursor.isBehind(end)
  }

  /** Findings of a row that are to be seen. */
  of(no: number): readonly Finding[] {
    return (this.#byRow.get(no) ?? []).filter(({ rule }) => !this.#suppressed.has(rule))
  }

  /** Of the worst finding of a row that is to be seen; 0 where there is none, as in nearly every row. */
  rank(no: number): number {
    if (!this.#byRow.has(no)) return 0
    return this.of(no).reduce((worst, { severity }) => Math.max(worst, severityRank(severity)), 0)
  }

  /** In the order of their rows, of rules that are to be seen. */
  *all(): Generator<Finding> {
    for (const no of [...this.#byRow.keys()].sort((a, b) => a - b)) yield* this.of(no)
  }

  group(rule: string, endpoint: string): readonly Finding[] {
    return this.#groups.get(keyOf(rule, endpoint))?.findings ?? []
  }

  get counts(): LintCounts {
    if (this.#counts !== undefined) return this.#counts
    const counts = noCounts()
    for (const own of this.byEndpoint.values()) {
      for (const severity of SEVERITIES) counts[severity] += own[severity]
    }
    return (this.#counts = counts)
  }

  /** Of each endpoint that has findings which are to be seen. */
  get byEndpoint(): ReadonlyMap<string, LintCounts> {
    if (this.#byEndpoint !== undefined) return this.#byEndpoint
    const all = new Map<string, ReturnType<typeof noCounts>>()
    for (const { findings, more } of this.#groups.values()) {
      const [first] = findings
      if (first === undefined || this.#suppressed.has(first.rule)) continue
      const { endpoint, severity } = first
      const counts = all.get(endpoint) ?? noCounts()
      all.set(endpoint, counts)
      counts[severity] += findings.length + more
    }
    return (this.#byEndpoint = all)
  }

  /** Of one endpoint, or of all. */
  summary(endpoint?: string): LintSummary {
    const groups: FindingGroup[] = []
    for (const { findings, more } of this.#groups.values()) {
      const first = findings[0]
      const last = findings.at(-1)
      if (first === undefined || last === undefined) continue
      if (endpoint !== undefined && first.endpoint !== endpoint) continue
      const { rule, severity } = first
      groups.push({
        rule,
        severity,
        endpoint: first.endpoint,
        count: findings.length,
        more,
        first: first.no,
        last: last.no,
        seen: last.seen,
        suppressed: this.#suppressed.has(rule),
      })
    }
    groups.sort(
      (a, b) =>
        severityRank(b.severity) - severityRank(a.severity) ||
        compare(a.endpoint, b.endpoint) ||
        compare(a.rule, b.rule),
    )
    return {
      groups: groups.slice(0, MAX_GROUPS),
      checked: this.#cursor.checked,
      waiting: this.#cursor.waiting,
      skipped: this.#cursor.skipped,
      unlisted: Math.max(0, groups.length - MAX_GROUPS),
    }
  }

  suppress(rules: readonly string[]): void {
    this.#suppressed = new Set(rules)
    this.#countAnew()
    for (const no of this.#byRow.keys()) this.#changed(no)
  }

  get suppressed(): readonly string[] {
    return [...this.#suppressed]
  }

  /** Every row goes, and with them what was counted; each is told to `drop` all the same. */
  clear(): void {
    this.#cursor.clear()
  }

  /** The row is gone. */
  drop(no: number): void {
    this.#gone = no
    this.#cursor.drop(no)
    const findings = this.#byRow.get(no)
    if (findings === undefined) return
    this.#byRow.delete(no)
    this.#countAnew()
    for (const finding of findings) {
      this.#held -= 1
      const key = keyOf(finding.rule, finding.endpoint)
      const group = this.#groups.get(key)
      if (group === undefined) continue
      group.findings = group.findings.filter((one) => one !== finding)
      if (group.findings.length === 0) this.#groups.delete(key)
    }
  }

  #countAnew(): void {
    this.#counts = this.#byEndpoint = undefined
  }

  #found(told: Finding): void {
    // The CONNECT of a long connection may be gone; what is said about it stands where it was noticed.
    const finding = this.#holds(told.no) ? told : { ...told, no: this.#cursor.last }
    const { no, rule, endpoint } = finding
    // Findings go with their rows, and this one has none.
    if (!this.#holds(no)) return
    if (this.#held >= MAX_FINDINGS) {
      this.#more(rule, endpoint)
      return
    }
    this.#held += 1
    this.#countAnew()
    const row = this.#byRow.get(no)
    if (row === undefined) this.#byRow.set(no, [finding])
    else row.push(finding)
    const key = keyOf(rule, endpoint)
    const group = this.#groups.get(key)
    if (group === undefined) this.#groups.set(key, { findings: [finding], more: 0 })
    else group.findings.push(finding)
    this.#fresh.add(no)
  }

  #more(rule: string, endpoint: string): void {
    const group = this.#groups.get(keyOf(rule, endpoint))
    if (group === undefined) return
    group.more += 1
    this.#countAnew()
  }

  #changed(no: number): void {
    if (this.#holds(no)) this.#options.changed(no)
  }

  #holds(no: number): boolean {
    const { first, end } = this.#options.rows
    return no > this.#gone && no >= first && no < end
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
