/**
 * `npm run bench -- lint [--packets=N]`: what the linter costs the capture's thread, by processor time: packets
 * indexed in a second, and indexed and judged to the end. In this process, and without a disk.
 */
import { fileURLToPath } from 'node:url'
import { Archive } from '../../electron/engine/capture/archive.ts'
import type { PacketLog } from '../../electron/engine/capture/packet-log.ts'
import { importFile } from '../../electron/engine/import/import-file.ts'
import { eventsOf, type ToldEvent } from '../support/import-events.ts'
import { encodePacket } from '../../shared/mqtt/encode.ts'
import { median, printRows, say, type Row } from './report.ts'

const TOUR = fileURLToPath(new URL('../../test/fixtures/captures/obuspa-tour.pcapng', import.meta.url))
const ROUNDS = 3
/** Nanoseconds between two packets. */
const STEP = 100_000
/** Wherever a round ends, the numbers of its connections are its own. */
const CONNECTIONS = 1000

/** Keeps packets in memory, each as often as it came. */
function memoryLog(): PacketLog {
  const packets: Uint8Array[] = []
  return {
    bytes: 0,
    opened: () => undefined,
    identified: () => undefined,
    frame: (_no, _time, _connection, _direction, bytes) => packets.push(bytes) - 1,
    note: () => undefined,
    closed: () => 0,
    read: (offset) => packets[offset] ?? new Uint8Array(0),
    oldestEnd: () => undefined,
    dropBefore: () => undefined,
  }
}

type Feed = (archive: Archive, packets: number) => void

export async function lintBench(options: ReadonlyMap<string, number>): Promise<void> {
  const packets = options.get('packets') ?? 100_000
  const events = await eventsOf((sink) => importFile(TOUR, sink))
  const rows = [
    rowOf('a device that is asked for everything', repeated(events), packets, { atLeast: 50_000 }),
    rowOf('PUBLISH of 100 bytes that are no USP', plain, packets * 5),
  ]
  printRows('Index, then judge: packets a second of processor time, beside the index alone', rows)
}

function rowOf(name: string, feed: Feed, packets: number, target?: Row['target']): Row {
  say(name)
  // Both once unmeasured, so that neither pays for compiling what the other uses.
  rate(feed, packets)
  const rates = Array.from({ length: ROUNDS }, () => rate(feed, packets))
  const value = median(rates.map(({ judged }) => judged))
  const alone = median(rates.map(({ indexed }) => indexed))
  return {
    name,
    unit: 'packets/s',
    value,
    beside: { name: 'index alone', value: alone, ratio: value / alone },
    ...(target && { target }),
  }
}

/** Packets in a second of processor time, until they are indexed and until they are judged. */
function rate(feed: Feed, packets: number): { readonly indexed: number; readonly judged: number } {
  const archive = new Archive({
    epoch: { sec: 0, nsec: 0 },
    log: memoryLog,
    budgetBytes: Infinity,
    viewChanged: () => undefined,
  })
  const before = process.cpuUsage()
  const seconds = (): number => {
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1e6
  }
  feed(archive, packets)
  const { rows } = archive.counts
  const indexed = rows / seconds()
  while (archive.step());
  return { indexed, judged: rows / seconds() }
}

const repeated =
  (events: readonly ToldEvent[]): Feed =>
  (archive, packets) => {
    for (let no = 0, round = 0; no < packets; round++) {
      for (const event of events) {
        const time = no * STEP
        if (event.kind === 'note' || event.kind === 'gap') continue
        if (!('connection' in event) || event.connection === undefined) continue
        const connection = round * CONNECTIONS + event.connection
        if (event.kind === 'opened') archive.opened(connection, event.facts, time)
        else if (event.kind === 'closed') archive.closed(++no, time, connection, event.facts)
        else if (event.kind === 'frame') {
          const { direction, malformed, bytes } = event
          archive.frame(++no, time, connection, direction, malformed, bytes, 0, bytes.length)
        }
      }
    }
  }

const plain: Feed = (archive, packets) => {
  const payload = new Uint8Array(100).fill(0x41)
  const bytes = encodePacket(
    { type: 'PUBLISH', dup: false, qos: 0, retain: false, topic: 'a/b', properties: [], payload },
    5,
  )
  for (let no = 1; no <= packets; no++) archive.frame(no, no * STEP, 1, 'in', false, bytes, 0, bytes.length)
}
