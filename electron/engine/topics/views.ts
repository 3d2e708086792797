/** Open views of the topics of a capture. Those that stand still at the same packet share a tree. */
import type { ViewParams, ViewUpdate, ViewWindow } from '../../../shared/contract/contract.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { TopicRow } from '../../../shared/contract/topics.ts'
import { topicLines, type TopicLine, type TopicLook } from '../../../shared/topics/lines.ts'
import type { TopicTree } from '../../../shared/topics/tree.ts'
import { OpenViews } from '../capture/open-views.ts'
import type { Parts } from '../capture/rows.ts'
import { TopicLog } from './topic-log.ts'
import { TopicRows } from './rows.ts'
import { pageOf } from '../view-window.ts'

export type TopicAsk = Omit<ViewParams<'topics'>, 'capture'>

interface Source {
  readonly log: TopicLog
  readonly rows: TopicRows
  /** Nanoseconds at which rows are read, where it stands still. */
  readonly stillAt: number | undefined
}

interface View {
  readonly ask: TopicAsk
  readonly look: TopicLook
  lines: readonly TopicLine[]
  /** What the lines were made of, and when. */
  madeOf:
    | { readonly tree: unknown; readonly structure: number; readonly at: number; readonly cost: number }
    | undefined
  /** Told of a change that it has not looked at yet. */
  told: boolean
}

/** Trees that stand still, besides the one that follows. Each may take as much memory. */
const MAX_STILL = 4
/** Milliseconds after which lines are put in order anew that are in order of what changes all the time. */
const SORTED_EVERY_MS = 1000
/** While topics come, making lines may take this share of the time. */
const MAKING_SHARE = 0.1
const NS_PER_SECOND = 1e9

export class TopicViews {
  readonly #parts: Parts
  readonly #views: OpenViews<View>
  /** By the packet that they stand still before; 0 follows. It is kept, since making it takes a while. */
  readonly #sources = new Map<number, Source>()
  /** Nanoseconds since the epoch, by the clock of the machine or the packets. */
  #now = 0
  #later: NodeJS.Timeout | undefined
  /** Of the live capture: the topics of which the broker keeps a message. */
  #kept: ReadonlySet<string> | undefined

  constructor(parts: Parts, changed: (view: number) => void) {
    this.#parts = parts
    this.#views = new OpenViews(changed)
  }

  open(id: number, ask: TopicAsk): void {
    const { except, before: _, ...look } = ask
    const shown = { ...look, except: new Set(except) }
    this.#views.set(id, { ask, look: shown, lines: [], madeOf: undefined, told: false })
  }

  has(id: number): boolean {
    return this.#views.has(id)
  }

  close(id: number): void {
    this.#views.close(id)
  }

  /** Opens the views of another capture over this one; what stood still there follows here. */
  takeOver(other: TopicViews): void {
    this.#kept = other.#kept
    for (const [id, { ask }] of other.#views.entries) this.open(id, { ...ask, before: 0 })
    this.#views.tellAll()
  }

  /** RangeError when there is no such view, BenchFailure `unavailable` when too many stand still. */
  read(id: number, window: ViewWindow): ViewUpdate<TopicRow> {
    const view = this.#views.get(id)
    // A view that is not on the screen makes no tree, and is told nothing until it is.
    view.told = window.count === 0
    if (window.count === 0 && !this.#sources.has(view.ask.before))
      return { total: 0, all: 0, from: 0, rows: [] }
    const { log, rows, stillAt } = this.#source(view.ask.before)
    const now = (stillAt ?? this.#time) / NS_PER_SECOND
    this.#makeLines(view, log.tree, now)
    const page = pageOf(view.lines, window)
    const shown = page.rows.map((line) => rows.row(line, now))
    const progress = log.done ? {} : { progress: log.progress }
    return { ...page, all: log.tree.root.topics, rows: shown, ...progress }
  }

  /** Index of the line of a topic, or of a part of one; -1 while it is not open. */
  locate(id: number, path: string | number): number {
    const view = this.#views.get(id)
    return view.lines.findIndex(({ node, kind }) => kind === 'topic' && node.path === path)
  }

  /** Takes some more rows. True while there are more. */
  step(): boolean {
    let more = false
    for (const { log } of this.#sources.values()) {
      if (log.done) continue
      if (log.step()) more = true
      this.#views.tellAll()
    }
    return more
  }

  /** Time goes on: rates fall without a packet. */
  tick(time: number): void {
    this.#now = time
    this.#views.tellAll()
  }

  dropped(): void {
    for (const { log } of this.#sources.values()) log.dropped()
    this.#views.tellAll()
  }

  /** The broker keeps a message of each of these topics, and of no other. What stands still is as it was. */
  keep(topics: ReadonlySet<string>): void {
    this.#kept = topics
    this.#sources.get(0)?.log.keep(topics)
    this.#views.tellAll()
  }

  /** An id of the index means another topic from now on. */
  forget(topicId: number): void {
    for (const { log } of this.#sources.values()) log.forget(topicId)
  }

  /** The first verdict on a row. */
  judged(no: number): void {
    for (const { log } of this.#sources.values()) log.judged(no)
  }

  get #time(): number {
    const { columns } = this.#parts
    const newest = columns.rows > 0 ? columns.get(columns.end - 1, 'time') : 0
    return Math.max(newest, this.#now)
  }

  #source(before: number): Source {
    const known = this.#sources.get(before)
    if (known) return known
    const inUse = new Set([...this.#views.all].map(({ ask }) => ask.before))
    for (const key of this.#sources.keys()) if (key !== 0 && !inUse.has(key)) this.#sources.delete(key)
    if (before !== 0 && this.#sources.size > MAX_STILL) {
      throw new BenchFailure('unavailable', 'Too many views of the topics stand still: let one follow again.')
    }
    const { columns } = this.#parts
    const stillAt = columns.has(before - 1) ? columns.get(before - 1, 'time') : undefined
    const kept = before === 0 ? this.#kept : undefined
    const log = new TopicLog(this.#parts, before, kept)
    const source = { log, rows: new TopicRows(this.#parts), stillAt }
    this.#sources.set(before, source)
    return source
  }

  #makeLines(view: View, tree: TopicTree, now: number): void {
    const { madeOf, look } = view
    const start = performance.now()
    if (madeOf?.tree === tree) {
      const age = start - madeOf.at
      const still = look.sort === 'name' && !look.retainedOnly
      if (madeOf.structure === tree.structure && (still || age < SORTED_EVERY_MS)) return
      const due = madeOf.cost / MAKING_SHARE - age
      if (due > 0) return this.#tellLater(due)
    }
    view.lines = topicLines(tree, look, now)
    const at = performance.now()
    view.madeOf = { tree, structure: tree.structure, at, cost: at - start }
  }

  #tellLater(ms: number): void {
    if (this.#later !== undefined) return
    this.#later = setTimeout(() => {
      this.#later = undefined
      this.#views.tellAll()
    }, ms)
  }
}
