/** The parties of a ladder and their order. Pure. */
import type { PacketRow } from '../../../shared/contract/model.ts'

export interface Lane {
  /** `broker`, or the name that the packet list has for the peer, behind `peer:`. */
  readonly id: string
  readonly title: string
  readonly kind: 'device' | 'broker' | 'controller' | 'others'
}

const BROKER: Lane = { id: 'broker', title: 'Broker', kind: 'broker' }
/** Parties beyond these share one lane, which says so. */
export const MAX_LANES = 60
const OTHERS: Lane = { id: 'others', title: 'Other parties', kind: 'others' }

export const noLanes: readonly Lane[] = [BROKER]

const peerId = (row: PacketRow): string => `peer:${row.device}`

/**
 * What a row tells of its peer. Of the two ends of USP over MQTT only a controller sends to an agent's topic, and
 * only a controller is sent what goes to a controller's (TR-369 leaves names open; these are Oktopus').
 */
function isController({ direction, type, topic }: PacketRow): boolean {
  if (type !== 'PUBLISH') return false
  return direction === 'in' ? topic.includes('/agent/') : /\/(controller|api)(\/|$)/.test(topic)
}

/**
 * `known` with the parties of `rows`: devices as they were first seen, then the broker, then controllers. A party
 * keeps its place among its kind. The same array when nothing is new.
 */
export function withParties(known: readonly Lane[], rows: readonly PacketRow[]): readonly Lane[] {
  const byId = new Map(known.map((lane) => [lane.id, lane]))
  let changed = false
  const add = (lane: Lane) => {
    byId.set(lane.id, lane)
    changed = true
  }
  for (const row of rows) {
    const id = peerId(row)
    const lane = byId.get(id)
    const kind = isController(row) ? 'controller' : 'device'
    if (!lane && byId.size < MAX_LANES) add({ id, title: row.device, kind })
    else if (!lane && !byId.has(OTHERS.id)) add(OTHERS)
    // What it is shows only later in some captures.
    else if (lane?.kind === 'device' && kind === 'controller') add({ ...lane, kind })
  }
  if (!changed) return known
  const lanes = [...byId.values()]
  const of = (kind: Lane['kind']) => lanes.filter((lane) => lane.kind === kind)
  return [...of('device'), ...of('others'), ...of('broker'), ...of('controller')]
}

/** Indexes of the lanes an arrow goes from and to. */
export function laneEnds(
  lanes: readonly Lane[],
  row: PacketRow,
): { readonly from: number; readonly to: number } {
  const at = (id: string) => lanes.findIndex((lane) => lane.id === id)
  const own = at(peerId(row))
  const peer = own < 0 ? Math.max(0, at(OTHERS.id)) : own
  const broker = at(BROKER.id)
  return row.direction === 'in' ? { from: peer, to: broker } : { from: broker, to: peer }
}
