/**
 * The linter's way through a capture: row by row, behind the index, in slices of time, so that what is recorded
 * and asked goes first. What is no row but changes what the linter knows waits in a list of its own, in order.
 */
import type { Linter } from '../../../shared/lint/linter.ts'
import type { ConnectionClosed } from '../capture/sink.ts'
import { Slice } from '../capture/work.ts'
import type { LintRows } from './lint-rows.ts'

/** Estimate in bytes, for the budget of the index. */
const EVENT_COST = 120

export type LintEvent =
  | { readonly kind: 'opened'; readonly connection: number; readonly address: string }
  | {
      readonly kind: 'closed'
      readonly connection: number
      /** The row that says so, or 0. */
      readonly no: number
      readonly time: number
      readonly by: ConnectionClosed['by']
    }
  /** Packets of a connection are missing. */
  | { readonly kind: 'lost'; readonly connection: number }
  /** The Record in row `no` made a Msg whole whose last segment is in row `last`. */
  | { readonly kind: 'assembled'; readonly no: number; readonly last: number }

/** An event, and the row that it stands before. */
interface Waiting {
  readonly event: LintEvent
  readonly before: number
}

export class LintCursor {
  readonly #rows: LintRows
  readonly #linter: Linter
  #events: Waiting[] = []
  /** Of `#events`, those that were taken. */
  #taken = 0
  #next = 1
  /** Nothing was judged since the linter was told that rows are missing. */
  #gap = false
  #endTime: number | undefined
  #checked = 0
  #skipped = 0
  #last = 0

  constructor(rows: LintRows, linter: Linter) {
    this.#rows = rows
    this.#linter = linter
  }

  /** Packets that were judged, and rows that went or could not be read before they were. */
  get checked(): number {
    return this.#checked
  }
  get skipped(): number {
    return this.#skipped
  }

  /** Rows still to be judged. */
  get waiting(): number {
    return this.#rows.end - this.#row
  }

  /** Row of the packet that was judged last. */
  get last(): number {
    return this.#last
  }

  /** Memory held, in bytes, as an estimate. */
  get bytes(): number {
    return this.#events.length * EVENT_COST
  }

  /** What happened behind the newest row. */
  tell(event: LintEvent): void {
    const before = this.#rows.end
    const newest = this.#events.at(-1)
    // While nothing is recorded this is told again and again.
    const again = event.kind === 'lost' && newest?.event.kind === 'lost' && newest.before === before
    if (again && newest.event.connection === event.connection) return
    this.#events.push({ event, before })
  }

  /** No row comes any more; `time` is that of the last. */
  end(time: number): void {
    this.#endTime = time
  }

  /** Are there rows below `end` to judge, or the end of the capture? */
  isBehind(end: number): boolean {
    return this.#row < Math.min(end, this.#rows.end) || this.#endTime !== undefined
  }

  /** Judges rows for some milliseconds. True while there are more. */
  step(): boolean {
    const slice = new Slice()
    for (this.#takeEvents(); this.waiting > 0; this.#takeEvents()) {
      if (slice.isOver(this.#judge(this.#row))) return true
    }
    if (this.#endTime !== undefined) this.#linter.end(this.#endTime)
    this.#endTime = undefined
    return false
  }

  /** The row goes, judged or not. */
  drop(no: number): void {
    if (no >= this.#next) this.#skip(no)
  }

  /** Every row goes because a person wants it so: none of them counts. */
  clear(): void {
    if (this.waiting > 0) this.#miss()
    this.#next = this.#rows.end
    this.#checked = this.#skipped = 0
    this.#takeEvents()
  }

  /** The row to judge: the first one of a capture may have any number. */
  get #row(): number {
    return Math.max(this.#next, this.#rows.first)
  }

  /** Answers how many bytes were judged. */
  #judge(no: number): number {
    let frame
    try {
      frame = this.#rows.packet(no)
    } catch {
      // Whoever looks at the row is told why; the linter goes on behind it.
      this.#skip(no)
      return 0
    }
    this.#next = no + 1
    if (frame === undefined) return 0
    this.#gap = false
    this.#last = no
    this.#checked += 1
    // What a fault on purpose did is no device's doing, nor is what follows from it.
    if (this.#rows.isDisturbed(no)) this.#linter.lost(frame.connection)
    else this.#linter.frame(frame)
    return frame.bytes.length
  }

  #skip(no: number): void {
    this.#skipped += 1
    this.#next = no
    this.#takeEvents()
    this.#miss()
    this.#next = no + 1
    this.#takeEvents()
  }

  #miss(): void {
    if (!this.#gap) this.#linter.missed()
    this.#gap = true
  }

  /** Events up to the row that is to be judged. */
  #takeEvents(): void {
    for (let next = this.#events[this.#taken]; next && next.before <= this.#row;) {
      this.#taken += 1
      this.#take(next.event)
      next = this.#events[this.#taken]
    }
    // Not at each event: what is left is copied.
    if (this.#taken < this.#events.length / 2 || this.#taken === 0) return
    this.#events = this.#events.slice(this.#taken)
    this.#taken = 0
  }

  #take(event: LintEvent): void {
    switch (event.kind) {
      case 'opened':
        this.#linter.opened(event.connection, event.address)
        break
      case 'closed':
        this.#linter.closed(event.connection, event.no, event.time, event.by)
        break
      case 'lost':
        this.#linter.lost(event.connection)
        break
      case 'assembled':
        this.#assembled(event)
        break
    }
  }

  #assembled({ no, last }: Extract<LintEvent, { kind: 'assembled' }>): void {
    // The Record itself was not judged.
    if (this.#last !== no) return
    let msg
    try {
      msg = this.#rows.segmentedMsg(last)
    } catch {
      msg = undefined
    }
    if (msg === undefined) this.#miss()
    else this.#linter.assembled(no, last, msg)
  }
}
