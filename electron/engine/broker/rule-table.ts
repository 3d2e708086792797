/** Which rules want which packets: rules in order, by the packet's type number. */
import { PACKET_TYPES } from '../../../shared/mqtt/frame.ts'
import type { Packet } from '../../../shared/mqtt/packets.ts'
import type { Outcome, Rule } from './rule.ts'

export interface Entry {
  readonly rule: Rule
  readonly handle: (packet: Packet) => Outcome
}
export type RuleTable = readonly (readonly Entry[])[]

const nobody: readonly Entry[] = []

export function ruleTable(rules: readonly Rule[], side: 'inbound' | 'outbound'): RuleTable {
  const handlers = rules.map((rule) => rule[side])
  return PACKET_TYPES.map((type) => {
    if (!type) return nobody
    const entries: Entry[] = []
    for (const [i, rule] of rules.entries()) {
      const handle = handlers[i]?.[type] as Entry['handle'] | undefined
      if (handle) entries.push({ rule, handle })
    }
    return entries.length > 0 ? entries : nobody
  })
}

/** The rules for packets that begin with this byte. */
export const entriesFor = (table: RuleTable, firstByte: number): readonly Entry[] =>
  table[firstByte >> 4] ?? nobody

/** Does any of these rules want to see this outbound packet? */
export function isWanted(entries: readonly Entry[], frame: Buffer): boolean {
  for (const { rule } of entries) if (!rule.wants || rule.wants(frame)) return true
  return false
}
