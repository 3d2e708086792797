/** Paths in Msgs: their grammar, and what an agent may report. */
import { hasBlankInExpression, isNotNumbered, pathFault, type PathKind } from '../path.ts'
import type { Message } from '../message.ts'
import type { MsgSeen } from '../moments.ts'
import { rulesOn } from '../rule.ts'
import { list, plural, show } from '../show.ts'

interface PathField {
  readonly type: string
  readonly field: string
  readonly kind: PathKind
}
type Table = readonly PathField[]

function table(fields: Readonly<Record<string, Readonly<Record<string, PathKind>>>>): Table {
  return Object.entries(fields).flatMap(([type, kinds]) =>
    Object.entries(kinds).map(([field, kind]) => ({ type, field, kind })),
  )
}

/** Fields that hold what was asked for, with the kind of path that is to stand there; by message. */
const asked = table({
  'usp.Get': { param_paths: 'any' },
  'usp.GetInstances': { obj_paths: 'object' },
  'usp.GetSupportedDM': { obj_paths: 'any' },
  'usp.Add.CreateObject': { obj_path: 'table' },
  'usp.Set.UpdateObject': { obj_path: 'object' },
  'usp.Delete': { obj_paths: 'object' },
  'usp.Operate': { command: 'command' },
})

/** Fields in which an agent reports from its instantiated model (R-MSG.3). */
const reported = table({
  'usp.GetResp.ResolvedPathResult': { resolved_path: 'object' },
  'usp.GetInstancesResp.CurrInstance': { instantiated_obj_path: 'instance' },
  'usp.AddResp.CreatedObjectResult.OperationStatus.OperationSuccess': { instantiated_path: 'instance' },
  'usp.SetResp.UpdatedInstanceResult': { affected_path: 'object' },
  'usp.SetResp.UpdatedInstanceFailure': { affected_path: 'object' },
  'usp.DeleteResp.DeletedObjectResult.OperationStatus.OperationSuccess': { affected_paths: 'instance' },
  'usp.DeleteResp.UnaffectedPathError': { unaffected_path: 'instance' },
  'usp.OperateResp.OperationResult': { executed_command: 'command' },
  'usp.Notify.Event': { obj_path: 'object' },
  'usp.Notify.ValueChange': { param_path: 'parameter' },
  'usp.Notify.ObjectCreation': { obj_path: 'instance' },
  'usp.Notify.ObjectDeletion': { obj_path: 'instance' },
  'usp.Notify.OperationComplete': { obj_path: 'object' },
})

/** Paths of a Msg that a table names. */
function* pathsOf(
  { msg }: MsgSeen,
  table: Table,
): Generator<readonly [field: string, path: string, kind: PathKind]> {
  for (const { type, field, kind } of table) {
    for (const message of msg.ofType(type)) for (const path of message.texts(field)) yield [field, path, kind]
  }
}

const MAX_TOLD = 10

/** One sight a path would drown a long answer: the first few, and how many more. */
function sights(texts: readonly string[]): readonly string[] {
  const more = texts.length - MAX_TOLD
  return more <= 0 ? texts : [...texts.slice(0, MAX_TOLD), `${plural(more, 'more path')} of this Msg`]
}

function faultsIn(seen: MsgSeen, table: Table): readonly string[] {
  const found: string[] = []
  for (const [field, path, kind] of pathsOf(seen, table)) {
    const fault = pathFault(path, kind)
    if (fault !== undefined) found.push(`${field} ${show(path)} ${fault}`)
  }
  return sights(found)
}

/** `obj_path` of an Event may be left out of nothing: it ends in a dot; the names follow. */
function notifyNames(notify: Message): string[] {
  const event = notify.message('event')
  const complete = notify.message('oper_complete')
  return [
    ...(event && !/^[A-Za-z_][A-Za-z0-9_-]*!$/.test(event.text('event_name'))
      ? [`event_name is ${show(event.text('event_name'))}, which does not end in !`]
      : []),
    ...(complete && !/^[A-Za-z_][A-Za-z0-9_-]*\(\)$/.test(complete.text('command_name'))
      ? [`command_name is ${show(complete.text('command_name'))}, which does not end in ()`]
      : []),
  ]
}

/** Row of an asynchronous command. The standard writes it with and without its last dot. */
const REQUEST_ROW = /^Device\.LocalAgent\.Request\.[1-9][0-9]*\.?$/

const supportedObjects = ({ type, msg }: MsgSeen): readonly Message[] =>
  type === 'GET_SUPPORTED_DM_RESP' ? msg.ofType('usp.GetSupportedDMResp.SupportedObjectResult') : []

export const pathRules = rulesOn('msg', 1, [
  {
    id: 'path-syntax',
    title: 'Path that is none',
    requirements: ['R-ARC.7'],
    level: 'must',
    severity: 'error',
    side: 'controller',
    expected: 'Paths of a request follow the grammar of paths and name what the request is about.',
    check: (seen) => faultsIn(seen, asked),
  },
  {
    id: 'reported-path-syntax',
    title: 'Reported path that is none',
    requirements: ['R-ARC.7'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'Paths that an agent reports follow the grammar; those of objects and instances end in a dot.',
    check: (seen) => faultsIn(seen, reported),
  },
  {
    id: 'instance-numbers',
    title: 'Reported path without instance numbers',
    requirements: ['R-MSG.3'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'Paths of the instantiated model are reported with instance numbers, without * or expressions.',
    check: (seen) => {
      const found: string[] = []
      for (const [field, path] of pathsOf(seen, reported)) {
        if (isNotNumbered(path)) found.push(`${field} is ${show(path)}`)
      }
      return sights(found)
    },
  },
  {
    id: 'notify-names',
    title: 'Name of event or command',
    requirements: ['R-ARC.7'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'event_name ends in !, command_name in ().',
    check: ({ type, body }) => (type === 'NOTIFY' && body ? notifyNames(body) : undefined),
  },
  {
    id: 'request-row',
    title: 'req_obj_path is no Request row',
    requirements: ['R-OPR.0'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'req_obj_path of an asynchronous command is Device.LocalAgent.Request.<n>.',
    check: ({ type, body }) => {
      if (type !== 'OPERATE_RESP' || body === undefined) return undefined
      return body.messages('operation_results').flatMap((result) => {
        const path = result.text('req_obj_path')
        return !result.has('req_obj_path') || REQUEST_ROW.test(path) ? [] : [`req_obj_path is ${show(path)}`]
      })
    },
  },
  {
    id: 'request-row-twice',
    title: 'One Request row for two commands',
    requirements: ['R-OPR.2'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'Each object that matched has a Request row of its own.',
    check: ({ type, body }) => {
      if (type !== 'OPERATE_RESP' || body === undefined) return undefined
      const rows = body.messages('operation_results').flatMap((result) => result.texts('req_obj_path'))
      const twice = rows.filter((row, i) => rows.indexOf(row) < i)
      return twice.length > 0 ? `more than one result has ${list([...new Set(twice)].map(show))}` : undefined
    },
  },
  {
    id: 'register-path',
    title: 'Registered path with instances',
    requirements: ['R-REG.2'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    since: '1.3',
    expected: 'reg_paths hold neither instance numbers nor {i}.',
    check: ({ type, body }) => {
      if (type !== 'REGISTER' || body === undefined) return undefined
      return body.messages('reg_paths').flatMap((one) => {
        const path = one.text('path')
        const fault = pathFault(path)
        if (fault !== undefined) return [`${show(path)} ${fault}`]
        return /\.(\d+|\{i\}|\*|\[)/.test(path) ? [`${show(path)} names instances`] : []
      })
    },
  },
  {
    id: 'supported-path',
    title: 'supported_obj_path is not in supported notation',
    requirements: ['R-ARC.7'],
    level: 'must',
    severity: 'error',
    side: 'agent',
    expected: 'supported_obj_path has {i} in place of instances and ends in a dot.',
    check: (seen) =>
      sights(
        supportedObjects(seen).flatMap((object) => {
          const path = object.text('supported_obj_path')
          const fault = pathFault(path, 'object')
          if (fault !== undefined) return [`${show(path)} ${fault}`]
          return /\.(\d+|\*)\.|\[/.test(path) ? [`${show(path)} names instances`] : []
        }),
      ),
  },
])

export const pathHints = [
  ...rulesOn('msg', 4, [
    {
      id: 'expression-blanks',
      title: 'Blanks in an expression',
      requirements: ['R-ARC.9b'],
      level: 'should',
      severity: 'warning',
      side: 'controller',
      expected:
        'A controller sends no blanks round the operator of an expression; not every agent takes them.',
      check: (seen) => {
        const found: string[] = []
        for (const [field, path] of pathsOf(seen, asked)) {
          if (hasBlankInExpression(path)) found.push(`${field} is ${show(path)}`)
        }
        return sights(found)
      },
    },
    {
      id: 'get-dotted-keys',
      title: 'Dots in the names of result parameters',
      requirements: ['R-GET.2'],
      level: 'should',
      severity: 'warning',
      side: 'agent',
      since: '1.2',
      expected: 'Since version 1.2 each sub-object has its own resolved_path, so names have no dots.',
      check: ({ type, msg }) => {
        if (type !== 'GET_RESP') return undefined
        const dotted: string[] = []
        for (const message of msg.ofType('usp.GetResp.ResolvedPathResult')) {
          for (const key of message.keys('result_params')) if (key.includes('.')) dotted.push(key)
        }
        return dotted.length > 0 ? list(dotted.map(show)) : undefined
      },
    },
    {
      id: 'supported-unknown',
      title: 'Types are “unknown” in the supported data model',
      requirements: [],
      level: 'none',
      severity: 'warning',
      side: 'agent',
      since: '1.2',
      expected:
        'Since version 1.2 value_type, value_change and command_type are told; unknown is for older agents.',
      check: (seen) => {
        const counts = { value_type: 0, value_change: 0, command_type: 0 }
        for (const object of supportedObjects(seen)) {
          for (const parameter of object.messages('supported_params')) {
            if (parameter.number('value_type') === 0) counts.value_type += 1
            if (parameter.number('value_change') === 0) counts.value_change += 1
          }
          for (const command of object.messages('supported_commands')) {
            if (command.number('command_type') === 0) counts.command_type += 1
          }
        }
        const told = Object.entries(counts).filter(([, count]) => count > 0)
        return told.length > 0
          ? told.map(([name, count]) => `${name} is unknown ${plural(count, 'time')}`).join(', ')
          : undefined
      },
    },
  ]),
]
