/** Get and GetInstances. */
import type { Get, GetInstances } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel, Place } from '../data-model.ts'
import { CODE, faultOf, UspFault } from '../fault.ts'
import { readPath, resolve } from '../resolve.ts'
import type { Init } from './init.ts'

type GetResult = NonNullable<Init<'getResp'>['reqPathResults']>[number]
type Resolved = NonNullable<GetResult['resolvedPathResults']>[number]
type InstancesResult = NonNullable<Init<'getInstancesResp'>['reqPathResults']>[number]
type Instance = NonNullable<InstancesResult['currInsts']>[number]

export function get(model: DataModel, { paramPaths, maxDepth }: Get): Init<'getResp'> {
  const reqPathResults = paramPaths.map((requestedPath): GetResult => {
    const resolvedPathResults: Resolved[] = []
    const fault = faultOf(() => readValues(model, requestedPath, maxDepth, resolvedPathResults))
    if (!fault) return { requestedPath, resolvedPathResults }
    // For reading, an instance that is not there is an invalid path (R-GET.0).
    const errCode = fault.code === CODE.objectDoesNotExist ? CODE.invalidPath : fault.code
    return { requestedPath, errCode, errMsg: fault.message }
  })
  return { reqPathResults }
}

function readValues(model: DataModel, text: string, maxDepth: number, found: Resolved[]): void {
  const path = readPath(text)
  if (path.kind === 'command' || path.kind === 'event') {
    throw new UspFault(CODE.invalidPath, `${text} is neither a parameter nor an object`)
  }
  for (const place of resolve(model, path)) {
    if (path.kind === 'object') {
      collect(model, place, maxDepth === 0 ? Infinity : maxDepth, found)
      continue
    }
    const parameter = place.type.parameters.get(path.leaf)
    if (place.isTable || !parameter) throw new UspFault(CODE.invalidPath, `${text} is no parameter`)
    const isReadable = parameter.access !== 'wo'
    const resultParams = isReadable ? { [path.leaf]: model.shown(place, parameter) } : {}
    found.push({ resolvedPath: place.path, resultParams })
  }
}

/** An object with `depth` levels, itself the first of them (R-GET.5). A table takes no level, its rows do. */
function collect(model: DataModel, place: Place, depth: number, found: Resolved[]): void {
  if (depth < 1) return
  if (!place.isTable && place.type.parameters.size > 0) {
    const readable = [...place.type.parameters.values()].filter(({ access }) => access !== 'wo')
    const values = readable.map((parameter) => [parameter.name, model.shown(place, parameter)] as const)
    found.push({ resolvedPath: place.path, resultParams: Object.fromEntries(values) })
  }
  for (const below of model.below(place)) collect(model, below, place.isTable ? depth : depth - 1, found)
}

export function getInstances(model: DataModel, request: GetInstances): Init<'getInstancesResp'> {
  const reqPathResults = request.objPaths.map((requestedPath): InstancesResult => {
    const currInsts: Instance[] = []
    const fault = faultOf(() => {
      const path = readPath(requestedPath)
      if (path.kind !== 'object')
        throw new UspFault(CODE.invalidPathSyntax, `${requestedPath} must end with a dot`)
      for (const place of resolve(model, path)) listRows(model, place, request.firstLevelOnly, currInsts)
    })
    if (fault) return { requestedPath, errCode: fault.code, errMsg: fault.message }
    return { requestedPath, currInsts }
  })
  return { reqPathResults }
}

function listRows(model: DataModel, place: Place, firstLevelOnly: boolean, found: Instance[]): void {
  if (place.type.isTable && !place.isTable) {
    found.push({ instantiatedObjPath: place.path, uniqueKeys: model.keysOf(place) })
    if (firstLevelOnly) return
  }
  for (const below of model.below(place)) {
    if (below.isTable || !firstLevelOnly || place.isTable) listRows(model, below, firstLevelOnly, found)
  }
}
