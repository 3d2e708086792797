/** A value as its leaves by path: `get_resp.req_path_results[0].err_code`. */
import { isList, isMap, type Json } from '../json.ts'

const MAX_LEAVES = 20_000

/** Beyond the limit nothing is told: `whole` is false then. */
export function leavesOf(value: Json | undefined): { leaves: ReadonlyMap<string, Json>; whole: boolean } {
  const leaves = new Map<string, Json>()
  let whole = true
  const add = (of: Json, path: string): void => {
    if (leaves.size >= MAX_LEAVES) {
      whole = false
      return
    }
    if (isList(of) && of.length > 0) return of.forEach((item, at) => add(item, `${path}[${at}]`))
    const entries = isMap(of) ? Object.entries(of) : []
    if (entries.length === 0) return void leaves.set(path, of)
    for (const [name, item] of entries) add(item, path === '' ? name : `${path}.${name}`)
  }
  if (value !== undefined) add(value, '')
  return { leaves, whole }
}
