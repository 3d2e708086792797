/** A fault as a flow writes it: `do` and the numbers of it in one map. */
import * as v from 'valibot'
import { faultSchema } from '../../../shared/contract/faults.ts'
import { connackParts, faultKinds, type FaultKind } from '../../../shared/faults/model.ts'
import { isList, member, textOf, type Json, type JsonMap } from '../../../shared/flow/json.ts'
import { numberOf } from '../../../shared/flow/language/functions.ts'

/** The numbers of each kind by the name that flows have for them; what is left out begins with this. */
const numbers: Readonly<
  Record<FaultKind, readonly (readonly [flow: string, own: string, first?: number])[]>
> = {
  refuse: [['reason_code', 'reasonCode', 0x80]],
  delay: [
    ['ms', 'ms', 1000],
    ['jitter_ms', 'jitterMs', 0],
  ],
  drop: [],
  duplicate: [['copies', 'copies', 1]],
  reorder: [['behind', 'behind', 1]],
  cut: [['bytes', 'bytes', 0]],
  shrink: [
    ['receive_maximum', 'receiveMaximum'],
    ['maximum_packet_size', 'maximumPacketSize'],
    ['topic_alias_maximum', 'topicAliasMaximum'],
    ['server_keep_alive', 'serverKeepAlive'],
  ],
  omit: [],
}

/** Throws with what is wrong in it. */
export function faultOfFlow(wish: JsonMap, device: string): v.InferOutput<typeof faultSchema> {
  const number = (name: string, first?: number): number | undefined => {
    const value = member(wish, name)
    return value === undefined || value === null ? first : numberOf(value)
  }
  const text = (name: string, first: string): string => textOf(member(wish, name) ?? first)
  const named = text('do', '')
  const kind = faultKinds.find((one) => one === named)
  if (!kind) throw new Error(`with.do is ${faultKinds.join(', ')}, not ${named}.`)
  const action: Record<string, unknown> = { kind }
  for (const [flow, own, first] of numbers[kind]) {
    const value = number(flow, first)
    if (value !== undefined) action[own] = value
  }
  if (kind === 'omit') action['parts'] = namesIn(member(wish, 'parts') ?? [...connackParts])
  const [times, seconds] = [number('times'), number('seconds')]
  const parsed = v.safeParse(faultSchema, {
    name: text('name', `${kind} of a flow`),
    device: text('device', device),
    way: text('way', 'both'),
    filter: text('filter', ''),
    percent: number('percent', 100),
    ...(times !== undefined && { times }),
    ...(seconds !== undefined && { seconds }),
    action,
  })
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new Error(`with.${v.getDotPath(issue) ?? ''}: ${issue.message}.`)
}

/** `parts: a` and `parts: [a, b]`. */
const namesIn = (value: Json): string[] => (isList(value) ? value : [value]).map(textOf)
