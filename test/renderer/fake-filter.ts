/** Filters of generated packets, judged by what a row holds. */
import type { PacketRow } from '../../shared/contract/model.ts'
import { parseFilter } from '../../shared/filter/filter.ts'
import { matchPacket } from '../../shared/filter/match.ts'
import { rowView } from '../../renderer/features/packets/colouring.ts'

export function matchFakeRow(filter: string): (row: PacketRow) => boolean {
  const parsed = parseFilter(filter)
  if (!parsed.ok) return () => false
  const { program } = parsed.filter
  return (row) => matchPacket(program, rowView(row))
}
