/** Values of parameters that an agent tells: GetResp, SetResp, ValueChange. */
import type { Message } from './message.ts'

export interface ToldValue {
  /** Ends in a dot. */
  readonly object: string
  readonly name: string
  readonly value: string
}

/** What a body tells, of objects whose path begins so. */
export function* valuesIn(body: Message, prefixes: readonly string[] = ['']): Generator<ToldValue> {
  for (const [object, entries] of objectsIn(body)) {
    // Most objects of a large answer are others.
    if (!prefixes.some((prefix) => object.startsWith(prefix))) continue
    for (const entry of entries) yield told(object + entry.text('key'), entry.text('value'))
  }
  const change = body.message('value_change')
  if (change !== undefined) yield told(change.text('param_path'), change.text('param_value'))
}

function* objectsIn(body: Message): Generator<readonly [string, readonly Message[]]> {
  for (const requested of body.messages('req_path_results'))
    for (const resolved of requested.messages('resolved_path_results'))
      yield [resolved.text('resolved_path'), resolved.messages('result_params')]
  for (const result of body.messages('updated_obj_results')) {
    const success = result.message('oper_status')?.message('oper_success')
    for (const instance of success?.messages('updated_inst_results') ?? [])
      yield [instance.text('affected_path'), instance.messages('updated_params')]
  }
}

/** A key may lie below the object that it was resolved to. */
function told(path: string, value: string): ToldValue {
  const end = path.lastIndexOf('.') + 1
  return { object: path.slice(0, end), name: path.slice(end), value }
}
