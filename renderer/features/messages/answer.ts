/** An answer as a tree of fields and what differs from the one before. Pure. */
import { fromJson, toBinary } from '@bufbuild/protobuf'
import { diffFields, type Difference } from '../../../shared/dissect/diff.ts'
import type { Field } from '../../../shared/dissect/field.ts'
import { MsgSchema } from '../../../shared/usp/gen/usp-msg_pb.ts'
import type { JsonValue } from '../../../shared/usp/kinds.ts'
import { dissectMsg } from '../../../shared/usp/record.ts'
import type { RequestReport } from '../../../shared/contract/usp.ts'

/** The tree that the packet has, a line for each entry of a map. */
export function answerFields(answer: JsonValue): readonly Field[] {
  const bytes = toBinary(MsgSchema, fromJson(MsgSchema, answer as never))
  return (dissectMsg(bytes, 'usp', 'Msg').children ?? []).map(lean)
}

/** An entry of a map as a field of that name. */
function lean(field: Field): Field {
  const { children, ...own } = field
  if (!children?.length) return field
  const [key, value] = children
  if (key?.label === 'key' && !children.some(({ finding }) => finding)) {
    return { ...own, label: key.text, text: value?.text ?? '' }
  }
  return { ...own, children: children.map(lean) }
}

/** What differs from an earlier answer; the msg_id differs anyway. */
export const answerDifferences = (before: JsonValue, after: JsonValue): readonly Difference[] =>
  diffFields(answerFields(before).map(named), answerFields(after).map(named), {
    ignore: ({ name }) => name === 'usp.msg_id',
  })

/** With labels that tell results of one kind apart, so that each is compared with its own: the path it is about. */
function named(field: Field): Field {
  const { children = [] } = field
  if (children.length === 0) return field
  const path = children.find(({ name, children: inside }) => name === 'usp.path' && !inside?.length)
  const label = path ? `${field.label} ${path.text}` : field.label
  return { ...field, label, children: children.map(named) }
}

export interface Advice {
  readonly text: string
  readonly action: 'packets' | 'access' | 'devices' | 'doctor' | 'model' | 'bench' | undefined
}

/** What a person can do about an outcome; the report itself says what happened. */
export function adviceFor({ outcome, failures, error }: RequestReport): Advice | undefined {
  switch (outcome) {
    case 'offline':
      return { text: 'The doctor tells how far it comes and what is missing.', action: 'doctor' }
    case 'unreachable':
      return { text: 'The doctor compares what it subscribes with what is sent.', action: 'doctor' }
    case 'timeout':
      return { text: 'The packets show whether it got the request, and what it did next.', action: 'packets' }
    case 'refused':
      return { text: 'The access rules say who may send and receive what.', action: 'access' }
    case 'disconnected':
      return { text: 'Problems of the controller stand on the bench.', action: 'bench' }
    default:
      break
  }
  const codes = new Set([error?.code, ...failures.map(({ code }) => code)])
  return byCode.find(([of]) => of.some((code) => codes.has(code)))?.[1]
}

const byCode: readonly (readonly [codes: readonly number[], advice: Advice])[] = [
  [
    [7001],
    {
      text: 'This kind of request came with a later version of USP than the device speaks, or it leaves it out.',
      action: 'devices',
    },
  ],
  [
    [7006, 7013],
    {
      text: 'The role of this controller on the device (Device.LocalAgent.ControllerTrust.) may not allow it.',
      action: undefined,
    },
  ],
  [
    [7008, 7010, 7016, 7018, 7026],
    {
      text: 'The path is not in the model of this device, has no such row, or is hidden from this controller.',
      action: 'model',
    },
  ],
]
