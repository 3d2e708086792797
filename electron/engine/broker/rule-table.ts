/** Which rules want which packets: rules in order, by the packet's type. Looked up when a type first comes. */
import { PACKET_TYPES } from '../../../shared/mqtt/frame.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import type { Outcome, Rule } from './rule.ts'

export interface Entry {
  readonly rule: Rule
  readonly handle: (packet: Packet) => Outcome
}

const nobody: readonly Entry[] = []

export class RuleTable {
  readonly #rules: readonly Rule[]
  readonly #side: 'inbound' | 'outbound'
  // An idle device only ever shows a few types: thousands of them should not each hold the whole table.
  #entries: (readonly Entry[] | undefined)[] = []

  constructor(rules: readonly Rule[], side: 'inbound' | 'outbound') {
    this.#rules = rules
    this.#side = side
  }

  /** The rules for packets that begin with this byte. */
  for(firstByte: number): readonly Entry[] {
    const type = firstByte >> 4
    return this.#entries[type] ?? (this.#entries[type] = this.#find(type))
  }

  /** Asks the rules anew: what they want may depend on the CONNECT that came since. */
  forget(): void {
    this.#entries = []
  }

  #find(type: number): readonly Entry[] {
    const name = PACKET_TYPES[type]
    if (!name) return nobody
    const entries: Entry[] = []
    for (const rule of this.#rules) {
      const handle = rule[this.#side]?.[name] as Entry['handle'] | undefined
      if (handle) entries.push({ rule, handle })
    }
    return entries.length > 0 ? entries : nobody
  }
}

/** Does any of these rules want to see this outbound packet? */
export function isWanted(entries: readonly Entry[], frame: Buffer): boolean {
  for (const { rule } of entries) if (!rule.wants || rule.wants(frame)) return true
  return false
}
