/** An expectation as a value that fulfils it: what the device of a flow answers when the bench plays it. */
import { isList, isMap, mapOf, member, textOf, type Json, type JsonMap } from '../json.ts'
import type { Scope } from '../language/evaluate.ts'
import { FlowFault } from '../language/functions.ts'
import { fillTemplate } from '../language/template.ts'
import { isMatcher, isWord } from '../matchers.ts'
import type { ValueType } from '../value-types.ts'

/** A value of each type, where the recording has no sample. */
const examples: Readonly<Record<ValueType, Json>> = {
  string: 'text',
  boolean: 'true',
  int: '0',
  unsignedInt: '0',
  long: '0',
  unsignedLong: '0',
  decimal: '0',
  dateTime: '0001-01-01T00:00:00Z',
  base64: '',
  hexBinary: '',
  ip: '192.0.2.1',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  mac: '02:00:00:00:00:01',
  uuid: '00000000-0000-0000-0000-000000000000',
  endpoint: 'self::agent',
  path: 'Device.',
  list: [],
  map: {},
}

/** `undefined` stands for "left out". Throws a FlowFault where nothing can be made up. */
export function concrete(expected: Json, scope: Scope): Json | undefined {
  if (isWord(expected)) return expected === '$present' ? 'text' : undefined
  if (isMatcher(expected)) return ofMatcher(expected, scope)
  if (isList(expected))
    return expected.map((item) => concrete(item, scope)).filter((item) => item !== undefined)
  if (!isMap(expected)) return typeof expected === 'string' ? fillTemplate(expected, scope) : expected
  return mapOf(
    Object.entries(expected).flatMap(([name, item]): [string, Json][] => {
      const value = concrete(item, scope)
      return value === undefined ? [] : [[textOf(fillTemplate(name, scope)), value]]
    }),
  )
}

/** The operators that name a value, the surest first. */
function ofMatcher(matcher: JsonMap, scope: Scope): Json | undefined {
  const at = (name: string) => member(matcher, name)
  const kept = at('$bind')
  const bound = typeof kept === 'string' ? scope.get(kept) : undefined
  // A variable without a value is empty: that is none for a row.
  if (bound !== undefined && bound !== '') return bound
  const sample = at('$sample')
  if (sample !== undefined) return sample
  const value = at('$is') ?? at('$only') ?? at('$contains') ?? at('$near') ?? at('$min') ?? at('$max')
  if (value !== undefined) return concrete(value, scope)
  const one = at('$in') ?? at('$all')
  if (isList(one)) return concrete(one[0] ?? null, scope)
  const type = at('$type')
  if (typeof type === 'string' && Object.hasOwn(examples, type)) return examples[type as ValueType]
  if (at('$not') === '$present') return undefined
  throw new FlowFault(`nothing is known that fulfils ${JSON.stringify(matcher)}: add $sample`)
}

/** The variables that an expectation binds, with their samples. */
export function samplesIn(expected: Json): [string, Json][] {
  if (isList(expected)) return expected.flatMap(samplesIn)
  if (!isMap(expected)) return []
  const [name, sample] = [member(expected, '$bind'), member(expected, '$sample')]
  const own: [string, Json][] = typeof name === 'string' && sample !== undefined ? [[name, sample]] : []
  return [...own, ...Object.values(expected).flatMap(samplesIn)]
}

/** `params` of an expected GetResp as the GetResp itself. */
export function getRespOf(params: JsonMap, requested: Json): JsonMap {
  const objects = new Map<string, [string, Json][]>()
  for (const [path, value] of Object.entries(params)) {
    const dot = path.lastIndexOf('.') + 1
    const entries = objects.get(path.slice(0, dot)) ?? []
    entries.push([path.slice(dot), value])
    objects.set(path.slice(0, dot), entries)
  }
  const results = [...objects].map(([path, entries]) => ({
    resolved_path: path,
    result_params: mapOf(entries),
  }))
  const asked = isList(requested) ? requested : [requested]
  return {
    get_resp: {
      req_path_results: asked.map((path, at) => ({
        requested_path: path,
        resolved_path_results: at === 0 ? results : [],
      })),
    },
  }
}
