/** Packets on their way to becoming a flow, as they are reviewed. Pure. */
import { formatFlow } from '../../../shared/flow/format/format.ts'
import { isMap, type Json } from '../../../shared/flow/json.ts'
import { bodyIn, bodyOf } from '../../../shared/flow/messages.ts'
import {
  recordFlow,
  type Choice,
  type RecordedPacket,
  type Recording,
} from '../../../shared/flow/record/recorder.ts'

export { formatFlow, recordFlow }

/** What is said of a packet before anything of its content: `Get`, `GetResp` as in the .proto. */
export function kindOfPacket({ msg }: RecordedPacket) {
  const found = msg && bodyIn(withoutParams(bodyOf(msg)))
  return found?.kind
}
/** `params` beside a GetResp is made for reading it. */
const withoutParams = (body: ReturnType<typeof bodyOf>) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'params'))

/** Endpoint IDs that speak as agents, those with the most packets first. */
export function devicesIn(packets: readonly RecordedPacket[]): string[] {
  const counts = new Map<string, number>()
  for (const packet of packets) {
    const kind = kindOfPacket(packet)
    if (!kind) continue
    // An agent answers, and sends Notify; a controller asks, and sends NotifyResp.
    const isOfAgent = kind.name === 'notify' || (kind.place !== 'request' && kind.name !== 'notify_resp')
    const agent = isOfAgent ? packet.from : packet.to
    counts.set(agent, (counts.get(agent) ?? 0) + 1)
  }
  return [...counts].sort((one, other) => other[1] - one[1]).map(([device]) => device)
}

export interface RecordedRow {
  readonly packet: RecordedPacket
  readonly fromDevice: boolean
  readonly title: string
  /** Milliseconds since the row before. */
  readonly gap: number
  /** What may be chosen; none where it is in no step whatever is chosen. */
  readonly options: readonly Choice[]
  readonly choice: Choice | undefined
  /** Why it is in no step. */
  readonly why: string | undefined
}

/** Reasons that a choice can change. */
const byChoice = (why: string): boolean =>
  why === 'left out by choice' || why.startsWith('a Notify sent again')

export function recordedRows(
  packets: readonly RecordedPacket[],
  device: string,
  { left }: Recording,
  choices: ReadonlyMap<number, Choice>,
): RecordedRow[] {
  const reasons = new Map(left.map(({ packet, why }) => [packet, why]))
  let before: number | undefined
  return packets.flatMap((packet): RecordedRow[] => {
    if (packet.from !== device && packet.to !== device) return []
    const why = reasons.get(packet.no)
    const kind = kindOfPacket(packet)
    const fromDevice = packet.from === device
    const isFixed = why !== undefined && !byChoice(why)
    const isAsked = !fromDevice
    const options: readonly Choice[] = isFixed
      ? []
      : isAsked
        ? ['keep', 'ignore']
        : ['expect', 'keep', 'ignore']
    const usual: Choice = why !== undefined ? 'ignore' : isAsked ? 'keep' : 'expect'
    const gap = before === undefined ? 0 : packet.time - before
    before = packet.time
    return [
      {
        packet,
        fromDevice,
        title: `${kind?.name ?? 'Record without a message'}${subjectOf(packet)}`,
        gap,
        options,
        choice: isFixed ? undefined : (choices.get(packet.no) ?? usual),
        why,
      },
    ]
  })
}

/** The first path in it: what tells one from the other. */
function subjectOf({ msg }: RecordedPacket): string {
  const found = msg === undefined ? undefined : firstPath(bodyOf(msg))
  return found === undefined ? '' : ` ${found}`
}
function firstPath(value: Json): string | undefined {
  if (typeof value === 'string') return value.startsWith('Device.') ? value : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const item of isMap(value) ? Object.values(value) : value) {
    const found = firstPath(item)
    if (found !== undefined) return found
  }
  return undefined
}
