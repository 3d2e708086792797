/** Set: each requested path is one unit, which happens whole or not at all (R-SET.2, R-SET.2a). */
import type { Set_UpdateObject, Set as SetRequest } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel, Place } from '../data-model.ts'
import { CODE, faultOf, UspFault, type ParamFault } from '../fault.ts'
import { readPath, resolve } from '../resolve.ts'
import type { Init } from './init.ts'
import { writeSettings } from './settings.ts'

type Result = NonNullable<Init<'setResp'>['updatedObjResults']>[number]
type Updated = { affectedPath: string; paramErrs: ParamErr[]; updatedParams: Record<string, string> }
type ParamErr = { param: string; errCode: number; errMsg: string }
interface Failed {
  readonly affectedPath: string
  readonly faults: readonly ParamFault[]
}

/** Carries what failed in which instance out of the attempt that it undoes. */
class RequiredFailed extends Error {
  readonly failed: Failed

  constructor(failed: Failed) {
    super('Required parameters failed')
    this.failed = failed
  }
}

export function set(model: DataModel, { allowPartial, updateObjs }: SetRequest): Init<'setResp'> {
  return { updatedObjResults: updateObjs.map((update) => setOne(model, update, allowPartial)) }
}

function setOne(model: DataModel, update: Set_UpdateObject, allowPartial: boolean): Result {
  const requestedPath = update.objPath
  try {
    const updatedInstResults: Updated[] = []
    const fault = faultOf(() => model.attempt(() => updatedInstResults.push(...writeAll(model, update))))
    if (!fault)
      return { requestedPath, operStatus: done({ case: 'operSuccess', value: { updatedInstResults } }) }
    if (!allowPartial) throw fault
    return {
      requestedPath,
      operStatus: done({ case: 'operFailure', value: { errCode: fault.code, errMsg: fault.message } }),
    }
  } catch (error) {
    if (!(error instanceof RequiredFailed)) throw error
    if (!allowPartial) throw asError(error.failed)
    const errMsg = 'Failed to set required parameters'
    const { affectedPath, faults } = error.failed
    const updatedInstFailures = [{ affectedPath, paramErrs: faults.map(paramErr) }]
    const value = { errCode: CODE.requiredParameterFailed, errMsg, updatedInstFailures }
    return { requestedPath, operStatus: done({ case: 'operFailure', value }) }
  }
}

/** Stops at the first instance in which a required parameter fails, as OB-USP-A does. */
function writeAll(model: DataModel, { objPath, paramSettings }: Set_UpdateObject): Updated[] {
  if (paramSettings.length === 0) {
    throw new UspFault(CODE.invalidArguments, `The request names no parameter of ${objPath}`)
  }
  const path = readPath(objPath)
  if (path.kind !== 'object') throw new UspFault(CODE.invalidPathSyntax, `${objPath} must end with a dot`)
  return resolve(model, path).map((place) => {
    const { written, optional, required } = writeSettings(model, place, paramSettings, 'change')
    if (required.length > 0) throw new RequiredFailed({ affectedPath: place.path, faults: required })
    return {
      affectedPath: place.path,
      paramErrs: optional.map(paramErr),
      updatedParams: shownOf(model, place, written),
    }
  })
}

/** What was written as it reads now; secrets are not told. */
function shownOf(model: DataModel, place: Place, names: readonly string[]): Record<string, string> {
  const entries = names.flatMap((name) => {
    const parameter = place.type.parameters.get(name)
    return parameter && parameter.access !== 'wo' ? [[name, model.shown(place, parameter)] as const] : []
  })
  return Object.fromEntries(entries)
}

/** An Error names parameters by their full path. */
function asError({ affectedPath, faults }: Failed): UspFault {
  const named = faults.map((fault) => ({ ...fault, param: affectedPath + fault.param }))
  return new UspFault(CODE.invalidArguments, faults[0]?.text ?? '', named)
}

const paramErr = ({ param, code, text }: ParamFault): ParamErr => ({ param, errCode: code, errMsg: text })

const done = (operStatus: NonNullable<NonNullable<Result['operStatus']>['operStatus']>) => ({ operStatus })
