/** Error codes: that they exist, and that they are listed for their message (TR-369, table of error codes). */
import type { MsgType } from '../../usp/peek.ts'
import { describeErrorCode, errorCodeName } from '../../usp/error-codes.ts'
import { messageSpecs } from '../../usp/schema.ts'
import { type Message, shortName } from '../message.ts'
import type { MsgSeen } from '../moments.ts'
import { rulesOn } from '../rule.ts'
import { list } from '../show.ts'

/** Messages that have an err_code. */
const failing = [...messageSpecs]
  .filter(([, specs]) => [...specs.values()].some(({ name }) => name === 'err_code'))
  .map(([type]) => type)

/** Every error of a Msg, with the message it stands in. */
function* errorsOf(msg: Message): Generator<readonly [place: string, code: number, message: Message]> {
  for (const type of failing) {
    for (const message of msg.ofType(type)) {
      if (message.has('err_code')) yield [shortName(type), message.number('err_code'), message]
    }
  }
}

const codes = (...parts: readonly (number | readonly [number, number])[]): ReadonlySet<number> => {
  const all = new Set<number>()
  for (const part of parts) {
    const [from, to] = typeof part === 'number' ? [part, part] : part
    for (let code = from; code <= to; code++) all.add(code)
  }
  return all
}

/**
 * Codes of results, by the answer. Where the list of a message and the table of codes differ, both are taken: some
 * codes were moved in 1.3 and 1.4.
 */
const listed: Partial<Record<MsgType, ReadonlySet<number>>> = {
  GET_RESP: codes([7000, 7006], 7008, 7010, 7016, 7026),
  GET_INSTANCES_RESP: codes([7000, 7006], 7008, 7016, 7018, 7026),
  GET_SUPPORTED_DM_RESP: codes([7000, 7006], 7008, 7016, 7026),
  ADD_RESP: codes([7000, 7019], 7021, 7025, 7026),
  SET_RESP: codes([7000, 7016], 7020, 7021, 7025, 7026),
  DELETE_RESP: codes([7000, 7008], 7015, 7016, 7018, 7024, 7026),
  OPERATE_RESP: codes([7002, 7008], 7016, 7022, 7023, 7026, 7027),
  REGISTER_RESP: codes([7000, 7008], 7016, 7028, 7029),
  DEREGISTER_RESP: codes([7000, 7008], 7016, 7030, 7031),
}
/** Of a cmd_failure in a Notify. */
const completed = codes([7002, 7008], 7016, 7022, 7023, 7026, 7027)

const isVendor = (code: number): boolean => code >= 7800 && code <= 7999
/** The data model's own. */
const isModel = (code: number): boolean => code >= 7200 && code <= 7299

export const errorCodeRules = rulesOn('msg', 1, [
  {
    id: 'error-code',
    title: 'Error code that does not exist',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'Error codes are those that the standard defines, 7200 to 7299 or 7800 to 7999.',
    check: ({ msg }) => {
      const wrong: string[] = []
      for (const [place, code, message] of errorsOf(msg)) {
        // A Get result without error has code 0, and may say so.
        if (code === 0 && message.text('err_msg') === '') continue
        if (errorCodeName(code) === undefined) wrong.push(`${code} in ${place}`)
      }
      return wrong.length > 0 ? list(wrong) : undefined
    },
  },
  {
    id: 'error-code-missing',
    title: 'Error Msg without code',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'An Error Msg has an err_code.',
    check: ({ type, body }) =>
      type === 'ERROR' && body?.number('err_code') === 0 ? 'err_code is missing or 0' : undefined,
  },
])

export const errorCodeHints = rulesOn('msg', 4, [
  {
    id: 'error-code-scope',
    title: 'Error code not listed for this message',
    requirements: [],
    level: 'none',
    severity: 'warning',
    side: 'endpoint',
    expected: 'The code is one that the standard lists for the message.',
    check: (seen) => {
      const allowed = allowedIn(seen)
      if (allowed === undefined) return undefined
      const wrong: string[] = []
      for (const [place, code] of errorsOf(seen.msg)) {
        if (code === 0 || isVendor(code) || isModel(code) || allowed.has(code)) continue
        if (errorCodeName(code) !== undefined) wrong.push(`${describeErrorCode(code)} in ${place}`)
      }
      return wrong.length > 0 ? list([...new Set(wrong)]) : undefined
    },
  },
])

function allowedIn({ type }: MsgSeen): ReadonlySet<number> | undefined {
  if (type === undefined) return undefined
  return type === 'NOTIFY' ? completed : listed[type]
}
