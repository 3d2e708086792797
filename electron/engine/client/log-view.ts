/**
 * The packets of clients through a filter. Rows are looked at in slices, since a filter may have to dissect each of
 * them, and the broker shares this thread.
 */
import type { ViewParams, ViewSource } from '../../../shared/contract/contract.ts'
import type { ClientPacketRow } from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { parseFilter } from '../../../shared/filter/filter.ts'
import { loosePacketView } from '../../../shared/filter/loose-packet.ts'
import { matchPacket } from '../../../shared/filter/match.ts'
import type { LoggedPacket, PacketLog } from './log.ts'
import { pageOf } from '../view-window.ts'

const SLICE_MS = 4
/** Rows between two looks at the clock. */
const AT_A_TIME = 32

type Params = ViewParams<'clientPackets'>

/** Throws a BenchFailure `invalid-request` for a filter that is none. */
export function openLogView(
  log: PacketLog,
  params: Params,
  changed: () => void,
): ViewSource<ClientPacketRow> {
  const isMeant = meaning(params)
  let found: LoggedPacket[] = []
  /** Number of the next packet to look at. */
  let next = 0
  let slice: NodeJS.Immediate | undefined
  /** It has looked at all that was there when it began. */
  let caughtUp = false

  const isBehind = (): boolean => (log.packets.at(-1)?.row.no ?? 0) >= next
  function look(): void {
    slice = undefined
    const until = performance.now() + SLICE_MS
    const { packets } = log
    let index = log.placeOf(next)
    while (index < packets.length) {
      const end = Math.min(packets.length, index + AT_A_TIME)
      for (; index < end; index++) {
        const packet = packets[index] as LoggedPacket
        if (isMeant(packet)) found.push(packet)
        next = packet.row.no + 1
      }
      if (performance.now() >= until) break
    }
    caughtUp ||= index >= packets.length
    changed()
    if (index < packets.length) lookSoon()
  }
  function lookSoon(): void {
    slice ??= setImmediate(look)
  }
  const unwatch = log.watch({
    changed() {
      if (isBehind()) lookSoon()
      else changed()
    },
    dropped(below, all) {
      if (all) {
        found = []
        next = 0
        caughtUp = false
        lookSoon()
      } else {
        const kept = found.findIndex(({ row }) => row.no >= below)
        found.splice(0, kept < 0 ? found.length : kept)
      }
    },
  })
  lookSoon()

  return {
    read(window) {
      const page = pageOf(found, window)
      const behind = isBehind()
      const first = log.packets[0]?.row.no ?? 0
      const last = log.packets.at(-1)?.row.no ?? 0
      return {
        ...page,
        all: log.packets.length,
        rows: page.rows.map(({ row }) => row),
        // Of what has just come there is nothing to say.
        ...(behind &&
          (!caughtUp || last - next > 1000) && {
            progress: Math.max(0, (next - first) / (last - first + 1)),
          }),
      }
    },
    locate: (key) => found.findIndex(({ row }) => row.no === key),
    close() {
      unwatch()
      if (slice) clearImmediate(slice)
    },
  }
}

function meaning({ client, only, filter }: Params): (packet: LoggedPacket) => boolean {
  const parsed = parseFilter(filter)
  if (!parsed.ok) throw new BenchFailure('invalid-request', parsed.error.message)
  const { program, text } = parsed.filter
  const kinds: Readonly<Record<Params['only'], (row: ClientPacketRow) => boolean>> = {
    all: () => true,
    messages: ({ type }) => type === 'PUBLISH',
    received: ({ type, direction }) => type === 'PUBLISH' && direction === 'in',
    published: ({ type, direction }) => type === 'PUBLISH' && direction === 'out',
  }
  return ({ row, bytes, level }) => {
    if (client !== '' && row.client !== client) return false
    if (!kinds[only](row)) return false
    if (text === '') return true
    const { no, time, direction, topic } = row
    // A note is no packet.
    if (bytes.length === 0) return false
    return matchPacket(program, loosePacketView({ no, time, direction, device: '', level, bytes, topic }))
  }
}
