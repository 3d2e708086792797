/** Rules over a request and its answer. */
import type { MsgType } from '../../usp/peek.ts'
import type { Message } from '../message.ts'
import type { Moments, MsgSeen, RequestSeen } from '../moments.ts'
import { isSearchPath } from '../path.ts'
import { rulesOn } from '../rule.ts'
import { list, show } from '../show.ts'

type AnswerSeen = Moments['answer']

const isError = ({ msg }: AnswerSeen): boolean => msg.type === 'ERROR'

/** Where a request says what it asks for, and its answer what each result is about. */
const echoes: Partial<
  Record<
    MsgType,
    { readonly asked: (body: Message) => string[]; readonly results: readonly [string, string] }
  >
> = {
  GET: { asked: (body) => body.texts('param_paths'), results: ['req_path_results', 'requested_path'] },
  GET_INSTANCES: {
    asked: (body) => body.texts('obj_paths'),
    results: ['req_path_results', 'requested_path'],
  },
  GET_SUPPORTED_DM: {
    asked: (body) => body.texts('obj_paths'),
    results: ['req_obj_results', 'req_obj_path'],
  },
  ADD: {
    asked: (body) => body.messages('create_objs').map((object) => object.text('obj_path')),
    results: ['created_obj_results', 'requested_path'],
  },
  SET: {
    asked: (body) => body.messages('update_objs').map((object) => object.text('obj_path')),
    results: ['updated_obj_results', 'requested_path'],
  },
  DELETE: { asked: (body) => body.texts('obj_paths'), results: ['deleted_obj_results', 'requested_path'] },
}

function echoFaults({ msg, request }: AnswerSeen): string[] {
  const echo = echoes[request.type]
  if (echo === undefined || request.body === undefined || msg.type !== `${request.type}_RESP`) return []
  const asked = echo.asked(request.body)
  const [results, field] = echo.results
  const told = msg.body?.messages(results).map((result) => result.text(field)) ?? []
  const missing = asked.filter((path) => !told.includes(path))
  const extra = told.filter((path) => !asked.includes(path))
  return [
    ...(missing.length > 0 ? [`no result for ${list(missing.map(show))}`] : []),
    ...(extra.length > 0 ? [`a result for ${list(extra.map(show))}, which was not asked for`] : []),
  ]
}

/** The parameter at the end of a path that names one. */
const parameterOf = (path: string): string | undefined => /(?:^|\.)([A-Za-z_][A-Za-z0-9_-]*)$/.exec(path)?.[1]

/** Results of a GetResp, path asked for and what it resolved to. */
function* resolved({
  msg,
}: AnswerSeen): Generator<readonly [requested: string, path: string, keys: readonly string[]]> {
  for (const result of msg.body?.messages('req_path_results') ?? []) {
    for (const one of result.messages('resolved_path_results')) {
      yield [result.text('requested_path'), one.text('resolved_path'), one.keys('result_params')]
    }
  }
}

const levels = (path: string): number =>
  path.split('.').filter((part) => part !== '' && !/^\d+$/.test(part)).length
const instances = (path: string): number => path.split('.').filter((part) => /^\d+$/.test(part)).length

/** Levels of objects and rows in a path below the object that was asked for. */
function depthBelow(requested: string, path: string): number {
  const begin = requested.split('.').filter(Boolean).length
  const whole = path.split('.').filter(Boolean)
  // A table and its row are one level together.
  return whole
    .slice(begin)
    .filter((part, i, parts) => !/^\d+$/.test(part) || i === 0 || /^\d+$/.test(parts[i - 1] ?? '')).length
}

/** Results with oper_failure, by the path asked for. */
const failures = (msg: MsgSeen, results: string): string[] =>
  (msg.body?.messages(results) ?? [])
    .filter((result) => result.message('oper_status')?.has('oper_failure'))
    .map((result) => result.text('requested_path'))

const whole = {
  ADD: 'created_obj_results',
  SET: 'updated_obj_results',
  DELETE: 'deleted_obj_results',
} as const
const isWriting = (type: MsgType): type is keyof typeof whole => type in whole
const isAllowPartial = ({ body }: RequestSeen): boolean => body?.number('allow_partial') === 1

export const answerRules = rulesOn('answer', 2, [
  {
    id: 'answer-type',
    title: 'The answer is of another type',
    requirements: ['R-MSG.0'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'A request is answered by its own response or by an Error Msg.',
    check: (seen) => {
      const { msg, request } = seen
      if (isError(seen) || msg.type === `${request.type}_RESP`) return undefined
      return { seen: `${request.type} was answered by ${msg.type ?? 'nothing'}`, related: [request.no] }
    },
  },
  {
    id: 'answer-topic',
    title: 'The answer went to another topic',
    requirements: ['R-MQTT.26', 'R-MQTT.25'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    expected: 'The answer is published to the reply topic of the request.',
    check: ({ msg, request }) => {
      const level = msg.connection?.level
      // A broker between MQTT 3.1.1 and 5.0 does not carry the reply topic over.
      if (request.replyTo === undefined || level === undefined || (level === 5) !== (request.level === 5))
        return undefined
      if (msg.topic === '' || msg.topic === request.replyTo) return undefined
      return {
        seen: `the answer went to ${show(msg.topic)}, the request named ${show(request.replyTo)}`,
        related: [request.no],
      }
    },
  },
  {
    id: 'answer-record-type',
    title: 'The answer has another record type',
    requirements: ['R-MSG.0a'],
    level: 'must',
    severity: 'error',
    side: 'endpoint',
    since: '1.3',
    expected: 'An answer uses the same record type as its request.',
    check: ({ msg, request }) =>
      msg.kind === undefined || msg.kind === request.kind
        ? undefined
        : { seen: `the request was ${request.kind}, the answer is ${msg.kind}`, related: [request.no] },
  },
  {
    id: 'requested-path',
    title: 'Results do not fit the paths asked for',
    requirements: [],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'Each path asked for has its result, and repeats the text of the request.',
    check: (seen) => echoFaults(seen).map((text) => ({ seen: text, related: [seen.request.no] })),
  },
  {
    id: 'get-parameter',
    title: 'Result of a parameter path',
    requirements: ['R-GET.2', 'R-GET.3'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'Asked for a parameter, an agent tells its object as resolved_path and only that parameter.',
    check: (seen) => {
      if (seen.msg.type !== 'GET_RESP') return undefined
      const faults: string[] = []
      for (const [requested, path, keys] of resolved(seen)) {
        const parameter = parameterOf(requested)
        if (parameter === undefined) continue
        const others = keys.filter((key) => key !== parameter)
        if (others.length > 0) faults.push(`${show(requested)} brought ${list(others.map(show))}`)
        if (
          !isSearchPath(requested) &&
          !requested.includes('+') &&
          path !== requested.slice(0, -parameter.length)
        )
          faults.push(`${show(requested)} resolved to ${show(path)}`)
      }
      return faults.map((text) => ({ seen: text, related: [seen.request.no] }))
    },
  },
  {
    id: 'get-max-depth',
    title: 'Results below max_depth',
    requirements: ['R-GET.5'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    since: '1.2',
    expected: 'max_depth limits the levels of objects in the answer; 1 is the object itself.',
    check: (seen) => {
      const depth = seen.request.type === 'GET' ? (seen.request.body?.number('max_depth') ?? 0) : 0
      if (depth === 0) return undefined
      const deep: string[] = []
      for (const [requested, path] of resolved(seen)) {
        const plain = requested.endsWith('.') && !isSearchPath(requested) && !requested.includes('+')
        if (plain && path.startsWith(requested) && depthBelow(requested, path) >= depth) deep.push(path)
      }
      return deep.length > 0
        ? { seen: `max_depth is ${depth}, and there is ${list(deep.map(show))}`, related: [seen.request.no] }
        : undefined
    },
  },
  {
    id: 'first-level-only',
    title: 'Instances below the first level',
    requirements: ['R-GIN.0'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'With first_level_only an agent tells only instances of the table asked for.',
    check: ({ msg, request }) => {
      if (request.type !== 'GET_INSTANCES' || request.body?.number('first_level_only') !== 1) return undefined
      const deep: string[] = []
      for (const result of msg.body?.messages('req_path_results') ?? []) {
        const requested = result.text('requested_path')
        if (isSearchPath(requested) || requested.includes('+')) continue
        for (const one of result.messages('curr_insts')) {
          const path = one.text('instantiated_obj_path')
          if (levels(path) > levels(requested) || instances(path) > instances(requested) + 1) deep.push(path)
        }
      }
      return deep.length > 0 ? { seen: list(deep.map(show)), related: [request.no] } : undefined
    },
  },
  {
    id: 'notify-resp-subscription',
    title: 'NotifyResp with another subscription_id',
    requirements: ['R-NOT.10'],
    level: 'must',
    severity: 'error',
    side: 'controller',
    expected: 'The NotifyResp repeats the subscription_id of the Notify.',
    check: ({ msg, request }) => {
      if (msg.type !== 'NOTIFY_RESP' || request.body === undefined) return undefined
      const [asked, told] = [request.body.text('subscription_id'), msg.body?.text('subscription_id') ?? '']
      return asked === told
        ? undefined
        : { seen: `the Notify has ${show(asked)}, the NotifyResp ${show(told)}`, related: [request.no] }
    },
  },
  {
    id: 'allow-partial',
    title: 'A failure although all or nothing was asked',
    requirements: ['R-ADD.1', 'R-SET.1', 'R-DEL.1'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected:
      'With allow_partial = false a failure is answered by an Error Msg, not by oper_failure in a response.',
    check: ({ msg, request }) => {
      if (!isWriting(request.type) || request.body === undefined || isAllowPartial(request)) return undefined
      if (msg.type !== `${request.type}_RESP`) return undefined
      // For search paths the texts of 1.3 to 1.4.1 differ: both answers are right.
      const failed = failures(msg, whole[request.type]).filter((path) => !isSearchPath(path))
      return failed.length > 0
        ? { seen: `oper_failure for ${list(failed.map(show))}`, related: [request.no] }
        : undefined
    },
  },
  {
    id: 'deregister-error',
    title: 'Error Msg for a Deregister',
    requirements: ['R-DEREG.4'],
    level: 'must',
    severity: 'error',
    side: 'controller',
    since: '1.3',
    expected: 'Deregister is always answered by a DeregisterResp.',
    check: (seen) =>
      isError(seen) && seen.request.type === 'DEREGISTER'
        ? { seen: 'the answer is an Error Msg', related: [seen.request.no] }
        : undefined,
  },
])

export const orphanRules = [
  ...rulesOn('orphan', 2, [
    {
      id: 'orphan-answer',
      title: 'Answer to no request',
      requirements: ['R-MSG.9'],
      level: 'must',
      severity: 'error',
      side: 'endpoint',
      expected:
        'A response or Error repeats the msg_id of the request; another one is ignored by its receiver.',
      check: ({ msg }) =>
        `${msg.type ?? 'a response'} with msg_id ${show(msg.msgId)} to ${show(msg.toId)}, who asked nothing under it`,
    },
  ]),
  ...rulesOn('reused', 2, [
    {
      id: 'msg-id-reused',
      title: 'msg_id used again before its answer',
      requirements: ['R-MSG.4'],
      level: 'must',
      severity: 'warning',
      side: 'endpoint',
      expected:
        'A msg_id is not used for another request while the first has no answer: the receiver ignores it.',
      check: ({ msg, request }) => ({
        seen: `${msg.type ?? 'a request'} has the msg_id ${show(msg.msgId)} of a ${request.type} without answer`,
        related: [request.no],
      }),
    },
  ]),
]

export const answerHints = rulesOn('answer', 4, [
  {
    id: 'answer-twice',
    title: 'Answered twice',
    requirements: ['R-MSG.0'],
    level: 'must',
    severity: 'warning',
    side: 'endpoint',
    expected: 'A request gets one answer.',
    check: ({ again, request }) =>
      again
        ? {
            seen: `the request at packet ${request.no} had its answer at ${request.answer?.no ?? 0}`,
            related: [request.no],
          }
        : undefined,
  },
  {
    id: 'answer-unwanted',
    title: 'Answer that was not asked for',
    requirements: ['R-NOT.8', 'R-OPR.4'],
    level: 'should',
    severity: 'warning',
    side: 'endpoint',
    expected: 'With send_resp = false there is no response; a failed command may be told of.',
    check: ({ msg, request }) => {
      const { type, body } = request
      if ((type !== 'NOTIFY' && type !== 'OPERATE') || body === undefined || body.number('send_resp') === 1)
        return undefined
      const failed = msg.body?.messages('operation_results').some((result) => result.has('cmd_failure'))
      if (msg.type === 'ERROR' || failed === true) return undefined
      return {
        seen: `${type} had send_resp = false and was answered by ${msg.type ?? ''}`,
        related: [request.no],
      }
    },
  },
  {
    id: 'param-errs',
    title: 'param_errs where they say nothing',
    requirements: ['R-SET.1', 'R-ADD.1', 'R-DEL.1'],
    level: 'none',
    severity: 'warning',
    side: 'agent',
    expected: 'param_errs stand in the Error for an Add, Set or Delete with allow_partial = false.',
    check: (seen) => {
      const { msg, request } = seen
      if (
        !isError(seen) ||
        (msg.body?.messages('param_errs').length ?? 0) === 0 ||
        request.body === undefined
      )
        return undefined
      if (isWriting(request.type) && !isAllowPartial(request)) return undefined
      const partial = isWriting(request.type) ? ' with allow_partial = true' : ''
      return { seen: `the Error for a ${request.type}${partial} has param_errs`, related: [request.no] }
    },
  },
])
