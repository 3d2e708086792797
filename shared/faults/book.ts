/**
 * The faults there are, which of them meet a packet, and when each ends. Pure: time and chance are given to it.
 */
import type { PacketView } from '../filter/columns.ts'
import type { ProgramNode } from '../filter/compile.ts'
import { parseFilter } from '../filter/filter.ts'
import { matchPacket } from '../filter/match.ts'
import {
  isInConnack,
  wayOf,
  type ConnackAction,
  type ConnackPart,
  type Fault,
  type FaultAction,
} from './model.ts'

export interface BookedFault {
  readonly id: string
  readonly fault: Fault
  readonly on: boolean
  /** Packets that it met since it was made. */
  readonly met: number
  /** Packets that it still meets before it ends; absent where that is not limited. */
  readonly left?: number
  /** When it ends, in the milliseconds of the caller; absent where that is not limited, or it is off. */
  readonly endsAt?: number
}

interface Entry extends BookedFault {
  fault: Fault
  program: ProgramNode | undefined
  on: boolean
  met: number
  left?: number
  endsAt?: number
}

/** A packet, and whose it is. */
export interface Met {
  /** Endpoint ID, user name and client ID, as far as they are known. */
  readonly names: readonly string[]
  readonly way: 'in' | 'out'
  /** Made only when a filter asks. */
  readonly view: () => PacketView
}

/** What becomes of a packet. Several faults can meet it; the first that ends its way decides. */
export interface Fate {
  /** Names of the faults, joined. */
  readonly fault: string
  readonly refuse?: number
  readonly drop?: true
  /** Bytes that still go out before the line ends. */
  readonly cut?: number
  readonly delayMs: number
  readonly copies: number
  readonly behind: number
  /** What it says that it would not have said, as the end of a sentence. */
  readonly said?: string
}

type Shrink = Extract<FaultAction, { kind: 'shrink' }>
export interface Shrunk {
  readonly fault: string
  readonly limits: Omit<Shrink, 'kind'>
}
export interface Omitted {
  readonly fault: string
  readonly parts: readonly ConnackPart[]
}

export class FaultBook {
  readonly #entries = new Map<string, Entry>()
  /** One of them is on: a packet that comes while none is costs one look at this. */
  active = false

  get size(): number {
    return this.#entries.size
  }

  list(): readonly BookedFault[] {
    return [...this.#entries.values()].map(({ program: _program, ...booked }) => booked)
  }

  /** Throws a RangeError for a filter that is none; its message says where. */
  put(id: string, fault: Fault): void {
    const parsed = parseFilter(fault.filter)
    if (!parsed.ok) throw new RangeError(parsed.error.message)
    const program = parsed.filter.text === '' ? undefined : parsed.filter.program
    const former = this.#entries.get(id)
    this.#entries.set(id, { id, fault, program, on: false, met: former?.met ?? 0 })
    this.#look()
  }

  /** Begins anew: counts and times start again. False when there is no such fault. */
  switch(id: string, on: boolean, now: number): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    const { times, seconds } = entry.fault
    entry.on = on
    delete entry.left
    delete entry.endsAt
    if (on && times !== undefined) entry.left = times
    if (on && seconds !== undefined) entry.endsAt = now + seconds * 1000
    this.#look()
    return true
  }

  remove(id: string): boolean {
    const known = this.#entries.delete(id)
    this.#look()
    return known
  }

  /** Ends what is over; answers whether anything was. */
  expire(now: number): boolean {
    let any = false
    for (const entry of this.#entries.values()) {
      if (entry.endsAt === undefined || entry.endsAt > now) continue
      this.#end(entry)
      any = true
    }
    if (any) this.#look()
    return any
  }

  /** When the next one is over; undefined when none is limited in time. */
  get nextEnd(): number | undefined {
    const ends = [...this.#entries.values()].flatMap(({ endsAt }) => endsAt ?? [])
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  /** `chance` answers 0 … 1. Undefined when no fault meets the packet. */
  fate(met: Met, now: number, chance: () => number): Fate | undefined {
    if (!this.active) return undefined
    this.expire(now)
    const names: string[] = []
    let fate: Omit<Fate, 'fault'> = { delayMs: 0, copies: 0, behind: 0 }
    for (const entry of this.#entries.values()) {
      const { action } = entry.fault
      if (isInConnack(action) || !this.#meets(entry, met, chance)) continue
      names.push(entry.fault.name)
      this.#count(entry)
      fate = withAction(fate, action, chance)
      if (fate.drop || fate.refuse !== undefined || fate.cut !== undefined) break
    }
    return names.length === 0 ? undefined : { ...fate, fault: names.join(', ') }
  }

  /** The limits for a client of MQTT 5.0 that is being accepted; the smallest of each. */
  shrunk(names: readonly string[], now: number, chance: () => number): Shrunk | undefined {
    const limits: Record<string, number> = {}
    const fault = this.#inConnack('shrink', { names, now, chance }, (action) => {
      const { kind: _, ...wished } = action
      for (const [limit, value] of Object.entries(wished))
        limits[limit] = Math.min(limits[limit] ?? value, value)
    })
    return fault === undefined ? undefined : { fault, limits }
  }

  /** What CONNACK does not say to a client of MQTT 5.0 that is being accepted. */
  omitted(names: readonly string[], now: number, chance: () => number): Omitted | undefined {
    const parts = new Set<ConnackPart>()
    const fault = this.#inConnack('omit', { names, now, chance }, (action) => {
      for (const part of action.parts) parts.add(part)
    })
    return fault === undefined ? undefined : { fault, parts: [...parts] }
  }

  /** Names of the faults of a kind that meet this client, joined. */
  #inConnack<K extends ConnackAction['kind']>(
    kind: K,
    { names, now, chance }: { names: readonly string[]; now: number; chance: () => number },
    add: (action: Extract<FaultAction, { kind: K }>) => void,
  ): string | undefined {
    if (!this.active) return undefined
    this.expire(now)
    const by: string[] = []
    for (const entry of this.#entries.values()) {
      const { action, name } = entry.fault
      if (action.kind !== kind || !isFor(entry, names) || !strikes(entry, chance)) continue
      by.push(name)
      this.#count(entry)
      add(action as Extract<FaultAction, { kind: K }>)
    }
    return by.length === 0 ? undefined : by.join(', ')
  }

  #meets(entry: Entry, { names, way, view }: Met, chance: () => number): boolean {
    if (!isFor(entry, names)) return false
    const { fault, program } = entry
    const side = wayOf(fault)
    if (side !== 'both' && side !== way) return false
    if (program && !matchPacket(program, view())) return false
    return strikes(entry, chance)
  }

  #count(entry: Entry): void {
    entry.met += 1
    if (entry.left === undefined) return
    entry.left -= 1
    if (entry.left > 0) return
    this.#end(entry)
    this.#look()
  }

  #end(entry: Entry): void {
    entry.on = false
    delete entry.left
    delete entry.endsAt
  }

  #look(): void {
    this.active = [...this.#entries.values()].some(({ on }) => on)
  }
}

const isFor = ({ on, fault: { device } }: Entry, names: readonly string[]): boolean =>
  on && (device === '' || names.includes(device))
const strikes = ({ fault: { percent } }: Entry, chance: () => number): boolean =>
  percent >= 100 || chance() * 100 < percent

function withAction(
  fate: Omit<Fate, 'fault'>,
  action: Exclude<FaultAction, ConnackAction>,
  chance: () => number,
): Omit<Fate, 'fault'> {
  switch (action.kind) {
    case 'refuse':
      return { ...fate, refuse: action.reasonCode }
    case 'drop':
      return { ...fate, drop: true }
    case 'cut':
      return { ...fate, cut: action.bytes }
    case 'delay': {
      const jitter = (chance() * 2 - 1) * action.jitterMs
      return { ...fate, delayMs: fate.delayMs + Math.max(0, Math.round(action.ms + jitter)) }
    }
    case 'duplicate':
      return { ...fate, copies: Math.max(fate.copies, action.copies) }
    case 'reorder':
      return { ...fate, behind: Math.max(fate.behind, action.behind) }
  }
}
