/** What an agent can get wrong about the content of messages, as changes of protobuf JSON. Pure. */
import {
  isList,
  isMap,
  mapOf,
  mapTexts,
  member,
  textOf,
  type Json,
  type JsonMap,
} from '../../../shared/flow/json.ts'
import {
  decodeMsg,
  encodeMsg,
  makeMsg,
  msgFromJson,
  type JsonValue,
  type Msg,
} from '../../../shared/usp/codec.ts'
import { msgToProtoJson } from '../../../shared/usp/request-json.ts'
import type { MsgInit } from './messages/index.ts'

interface Distortion {
  /** What it takes a request for. */
  readonly misreads?: (request: JsonMap) => JsonMap
  /** What it makes of its answer; `requested` as it was read. */
  readonly answers?: (answer: JsonMap, requested: JsonMap) => JsonMap
}

/** The same with every member of that name changed, wherever it stands; `undefined` takes it away. */
function everywhere(of: Json, change: (name: string, value: Json) => Json | undefined): Json {
  if (isList(of)) return of.map((item) => everywhere(item, change))
  if (!isMap(of)) return of
  return mapOf(
    Object.entries(of).flatMap(([name, value]): [string, Json][] => {
      const changed = change(name, value)
      return changed === undefined ? [] : [[name, everywhere(changed, change)]]
    }),
  )
}
const without =
  (...names: readonly string[]) =>
  (of: JsonMap): JsonMap =>
    everywhere(of, (name, value) => (names.includes(name) ? undefined : value)) as JsonMap

/** `{ header, body: { request: { add: … } } }` with other members in that request. */
const asked =
  (kinds: readonly string[], values: JsonMap) =>
  (request: JsonMap): JsonMap =>
    everywhere(request, (name, value) =>
      kinds.includes(name) && isMap(value) ? { ...value, ...values } : value,
    ) as JsonMap

const WRITES = ['add', 'set', 'delete']
const PATHS = ['param_paths', 'obj_paths']
const LISTS = [...PATHS, 'create_objs', 'update_objs']
const inPaths =
  (change: (path: string) => string) =>
  (request: JsonMap): JsonMap =>
    everywhere(request, (name, value) =>
      PATHS.includes(name) || name === 'obj_path' ? mapTexts(value, change) : value,
    ) as JsonMap
const SEARCH = /\[[^\]]*\]|\*/g
/** No agent gives out such a number. */
const NO_INSTANCE = '999999999'

/** The one member of a map: the kind of a request. */
const kindOf = (request: JsonMap): string => {
  const body = member(request, 'body')
  const inside = isMap(body) ? member(body, 'request') : undefined
  return isMap(inside) ? (Object.keys(inside)[0] ?? '') : ''
}
const responseTo = (request: JsonMap, content: JsonMap): JsonMap => ({
  body: { response: { [`${kindOf(request)}_resp`]: content } },
})

/** An error that is said to be none. */
const forgiven = (name: string, value: Json): Json | undefined => {
  if (name === 'err_code' || name === 'err_msg') return undefined
  if (name !== 'oper_status' || !isMap(value) || !Object.hasOwn(value, 'oper_failure')) return value
  return { oper_success: {} }
}

const NOT_THERE = { err_code: 7016, err_msg: 'There is no such object' }
const FOUND = ['resolved_path_results', 'curr_insts', 'err_code']

/** A path that means nothing, said to be a failure. */
function failing(name: string, value: Json): Json {
  if (name === 'oper_status' && isMap(value)) {
    const done = member(value, 'oper_success')
    return isMap(done) && Object.keys(done).length === 0 ? { oper_failure: NOT_THERE } : value
  }
  if (name !== 'req_path_results' || !isList(value)) return value
  return value.map((result) =>
    isMap(result) && !FOUND.some((one) => Object.hasOwn(result, one)) ? { ...result, ...NOT_THERE } : result,
  )
}

/** Parameters of a GetResp by their whole path. */
function fullNames(name: string, value: Json): Json {
  if (name !== 'resolved_path_results' || !isList(value)) return value
  return value.map((result) => {
    if (!isMap(result)) return result
    const params = member(result, 'result_params')
    const path = textOf(member(result, 'resolved_path') ?? '')
    if (!isMap(params)) return result
    const named = mapOf(Object.entries(params).map(([leaf, one]) => [path + leaf, one]))
    return { ...result, result_params: named }
  })
}

export const distortions = {
  'partial-always': { misreads: asked(WRITES, { allow_partial: true }) },
  'partial-never': { misreads: asked(WRITES, { allow_partial: false }) },
  'first-only': {
    misreads: (request) =>
      everywhere(request, (name, value) =>
        LISTS.includes(name) && isList(value) ? value.slice(0, 1) : value,
      ) as JsonMap,
  },
  'no-search': { misreads: inPaths((path) => path.replaceAll(SEARCH, NO_INSTANCE)) },
  'no-conditions': { misreads: inPaths((path) => path.replaceAll(SEARCH, '*')) },
  'no-max-depth': { misreads: without('max_depth') },
  'all-levels': { misreads: without('first_level_only') },
  'first-level': { misreads: asked(['get_instances', 'get_supported_dm'], { first_level_only: true }) },
  'all-of-the-model': {
    misreads: asked(['get_supported_dm'], {
      return_commands: true,
      return_events: true,
      return_params: true,
      return_unique_key_sets: true,
    }),
  },
  'answers-quiet-commands': { misreads: asked(['operate'], { send_resp: true }) },
  'no-unique-keys': { answers: without('unique_keys', 'unique_key_sets') },
  'echoes-paths': {
    answers: (answer) =>
      everywhere(answer, (_name, list) => {
        if (!isList(list)) return list
        return list.map((item) => {
          const path = isMap(item) ? member(item, 'requested_path') : undefined
          if (path === undefined) return item
          return everywhere(item, (name, value) => {
            if (name === 'affected_paths') return [path]
            return name === 'affected_path' || name === 'resolved_path' ? path : value
          })
        })
      }) as JsonMap,
  },
  'full-names': { answers: (answer) => everywhere(answer, fullNames) as JsonMap },
  'no-empty-success': { answers: (answer) => everywhere(answer, failing) as JsonMap },
  'empty-answers': { answers: (_answer, requested) => responseTo(requested, {}) },
  'swallows-errors': {
    answers: (answer, requested) => {
      const body = member(answer, 'body')
      if (isMap(body) && Object.hasOwn(body, 'error')) return responseTo(requested, {})
      return everywhere(answer, forgiven) as JsonMap
    },
  },
} as const satisfies Readonly<Record<string, Distortion>>
export type DistortionName = keyof typeof distortions

const rowsOf = (names: readonly DistortionName[]): readonly Distortion[] =>
  names.map((name) => distortions[name])
const jsonOf = (msg: Msg): JsonMap => msgToProtoJson(msg) as JsonMap

/** The request as such an agent understands it. */
export function misread(msg: Msg, names: readonly DistortionName[]): Msg {
  const all = rowsOf(names).flatMap(({ misreads }) => misreads ?? [])
  if (all.length === 0) return msg
  return msgFromJson(all.reduce((read, change) => change(read), jsonOf(msg)) as JsonValue)
}

/** The answer as such an agent gives it, under the header that it had. */
export function distorted(
  answer: MsgInit | Msg,
  request: Msg,
  names: readonly DistortionName[],
): MsgInit | Msg {
  const all = rowsOf(names).flatMap(({ answers }) => answers ?? [])
  if (all.length === 0) return answer
  // Once over the wire: an answer that is being made may lack what its message has.
  const before = jsonOf(decodeMsg(encodeMsg(makeMsg(answer))))
  const asked = jsonOf(request)
  const after = all.reduce((made, change) => change(made, asked), before)
  return msgFromJson({ ...after, header: before['header'] ?? {} } as JsonValue)
}
