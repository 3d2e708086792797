/** Packets on their way to becoming a flow, as they are reviewed. Pure. */
import type { Exchange } from '../../../shared/contract/flow-record.ts'
import { controllerUser } from '../../../shared/usp/oktopus.ts'
import { formatFlow } from '../../../shared/flow/format/format.ts'
import { isMap, type Json } from '../../../shared/flow/json.ts'
import { bodyIn, bodyOf } from '../../../shared/flow/messages.ts'
import {
  byChoice,
  recordFlow,
  type Choice,
  type RecordedPacket,
  type Recording,
} from '../../../shared/flow/record/recorder.ts'

export { formatFlow, recordFlow }

/** Its packets are not shown. */
const ANOTHER = 'another device'

/** What is said of a packet before anything of its content: `Get`, `GetResp` as in the .proto. */
export function kindOfPacket({ msg }: RecordedPacket) {
  const found = msg && bodyIn(withoutParams(bodyOf(msg)))
  return found?.kind
}
/** `params` beside a GetResp is made for reading it. */
const withoutParams = (body: ReturnType<typeof bodyOf>) =>
  Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'params'))

/** Endpoint IDs that speak as agents, those with the most packets first; without any, who got a message or sent one. */
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
  const agents = [...counts].sort((one, other) => other[1] - one[1]).map(([device]) => device)
  if (agents.length > 0) return agents
  const ends = [...packets.map(({ to }) => to), ...packets.map(({ from }) => from)]
  return [...new Set(ends)].filter((id) => id !== '' && id !== controllerUser)
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

export function recordedRows(
  packets: readonly RecordedPacket[],
  device: string,
  { left }: Recording,
  choices: ReadonlyMap<number, Choice>,
): RecordedRow[] {
  const reasons = new Map(left.map(({ packet, why }) => [packet, why]))
  let before: number | undefined
  return packets.flatMap((packet): RecordedRow[] => {
    const why = reasons.get(packet.no)
    if (why === ANOTHER) return []
    const kind = kindOfPacket(packet)
    const fromDevice = packet.from === device
    const isFixed = why !== undefined && !byChoice(why)
    const isAsked = !fromDevice
    const isLoose = isAsked || packet.publish !== undefined
    const options: readonly Choice[] = isFixed
      ? []
      : isLoose
        ? ['keep', 'ignore']
        : ['expect', 'keep', 'ignore']
    const usual: Choice = why !== undefined ? 'ignore' : isAsked ? 'keep' : 'expect'
    const gap = before === undefined ? 0 : packet.time - before
    before = packet.time
    return [
      {
        packet,
        fromDevice,
        title: packet.publish
          ? `PUBLISH ${packet.publish.topic}`
          : `${kind?.name ?? 'Record without a message'}${subjectOf(packet)}`,
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

export interface LeftOut {
  readonly why: string
  readonly count: number
  /** Number of the first packet. */
  readonly first: number
}

/** What is in no step and in no line of the review, by its reason. */
export function leftOut({ left }: Exchange, device: string, made: Recording): LeftOut[] {
  const others = made.left.filter(({ why }) => why === ANOTHER)
  const [first] = others
  return [
    ...(first
      ? [{ why: `a message that is not from or to ${device}`, count: others.length, first: first.packet }]
      : []),
    ...left,
  ].toSorted((one, other) => one.first - other.first)
}
