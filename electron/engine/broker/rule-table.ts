/** Which rules want which packets: rules in order, by the packet's type. Looked up when a type first comes. */
import { PACKET_TYPES } from '../../../shared/mqtt/frame.ts'
import type { Packet, PacketType } from '../../../shared/mqtt/packets.ts'
import type { Origin, Outcome, PacketHandlers, Rule } from './rule.ts'

export interface Entry {
  readonly rule: Rule
  readonly handle: (packet: Packet, origin?: Origin) => Outcome
}

const nobody: readonly Entry[] = []

/** For a rule that looks at packets of every type. */
export const forEveryType = (handle: (packet: Packet) => Outcome): PacketHandlers =>
  Object.fromEntries(
    PACKET_TYPES.flatMap((type): [PacketType, typeof handle][] => (type ? [[type, handle]] : [])),
  )

export class RuleTable {
  readonly #rules: readonly Rule[]
  readonly #side: 'inbound' | 'outbound'
  // An idle device only ever shows a few types: thousands of them should not each hold the whole table.
  #entries: Partial<Record<PacketType, readonly Entry[]>> = {}

  constructor(rules: readonly Rule[], side: 'inbound' | 'outbound') {
    this.#rules = rules
    this.#side = side
  }

  /** The rules for packets of this type. */
  for(type: PacketType): readonly Entry[] {
    return (this.#entries[type] ??= this.#find(type))
  }

  /** Asks the rules anew: what they want may depend on the CONNECT that came since. */
  forget(): void {
    this.#entries = {}
  }

  #find(name: PacketType): readonly Entry[] {
    const entries: Entry[] = []
    for (const rule of this.#rules) {
      const handle = rule[this.#side]?.[name] as Entry['handle'] | undefined
      if (handle) entries.push({ rule, handle })
    }
    return entries.length > 0 ? entries : nobody
  }
}
