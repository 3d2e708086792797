/** Add and Delete. */
import type { Add, Add_CreateObject, Delete } from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel, Place } from '../data-model.ts'
import { CODE, faultOf, UspFault } from '../fault.ts'
import { readPath, resolve } from '../resolve.ts'
import { prepareSubscription, SUBSCRIPTION } from '../subscription-rows.ts'
import type { Init } from './init.ts'
import { checkKeys, writeSettings } from './settings.ts'

type AddResult = NonNullable<Init<'addResp'>['createdObjResults']>[number]
type AddStatus = NonNullable<NonNullable<AddResult['operStatus']>['operStatus']>
type DeleteResult = NonNullable<Init<'deleteResp'>['deletedObjResults']>[number]
type DeleteStatus = NonNullable<NonNullable<DeleteResult['operStatus']>['operStatus']>

export interface Originator {
  /** `Device.LocalAgent.Controller.1`, as a reference: without the dot at its end. */
  readonly path: string
  readonly endpointId: string
  /** ISO 8601 of the request. */
  readonly now: string
}

export function add(
  model: DataModel,
  { allowPartial, createObjs }: Add,
  originator: Originator,
): Init<'addResp'> {
  const createdObjResults = createObjs.flatMap((create): AddResult[] => {
    const { objPath: requestedPath } = create
    const results: AddStatus[] = []
    const fault = faultOf(() => {
      for (const table of tablesOf(model, requestedPath)) {
        const one = addOne(model, table, create, originator)
        if (one.case === 'operFailure' && !allowPartial) throw one.fault
        results.push(one)
      }
    })
    // A search that matches no table is a success without a row (R-MSG.4a).
    if (!fault) return results.map((operStatus) => ({ requestedPath, operStatus: { operStatus } }))
    if (!allowPartial) throw asError(fault, requestedPath)
    return [{ requestedPath, operStatus: { operStatus: failure(fault) } }]
  })
  return { createdObjResults }
}

function tablesOf(model: DataModel, text: string): Place[] {
  const path = readPath(text)
  if (path.kind !== 'object') throw new UspFault(CODE.invalidPathSyntax, `${text} must end with a dot`)
  const places = resolve(model, path)
  for (const { type, isTable } of places) {
    if (!isTable) throw new UspFault(CODE.notATable, `${text} is not a table`)
    if (!type.canAdd) throw new UspFault(CODE.notCreatable, `Rows of ${text} cannot be made by a controller`)
  }
  return places
}

function addOne(model: DataModel, table: Place, create: Add_CreateObject, originator: Originator) {
  let success: AddStatus & { case: 'operSuccess' } = { case: 'operSuccess', value: {} }
  const fault = faultOf(() =>
    model.attempt(() => {
      const row = model.addRow(table)
      if (table.path === SUBSCRIPTION) prepareSubscription(model, row, originator)
      const { required, optional } = writeSettings(model, row, create.paramSettings, 'create')
      const [first] = required
      if (first) throw new UspFault(first.code, first.text, required.map(atTable(table)))
      fillKeys(model, row)
      checkKeys(model, row)
      model.announce(row)
      const paramErrs = optional.map(({ param, code, text }) => ({ param, errCode: code, errMsg: text }))
      success = {
        case: 'operSuccess',
        value: { instantiatedPath: row.path, paramErrs, uniqueKeys: model.keysOf(row) },
      }
    }),
  )
  return fault ? { ...failure(fault), fault } : success
}

/** The agent gives what a unique key lacks (R-ADD.5): OB-USP-A takes `cpe-` and the instance number. */
export function fillKeys(model: DataModel, row: Place): void {
  const number = row.path.split('.').at(-2) ?? ''
  for (const name of row.type.keys.flat()) {
    const parameter = row.type.parameters.get(name)
    if (!parameter || model.value(row, parameter) !== '') continue
    if (parameter.type === 'string' && !parameter.allowed) model.write(row, parameter, `cpe-${number}`)
  }
}

/** In an Error a parameter of a row that never came to be is named with `{i}`. */
const atTable =
  ({ path }: Place) =>
  <F extends { param: string }>(fault: F): F => ({ ...fault, param: `${path}{i}.${fault.param}` })

export function remove(model: DataModel, { allowPartial, objPaths }: Delete): Init<'deleteResp'> {
  const deletedObjResults = objPaths.map((requestedPath): DeleteResult => {
    const affectedPaths: string[] = []
    const fault = faultOf(() => model.attempt(() => affectedPaths.push(...deleteRows(model, requestedPath))))
    if (fault && !allowPartial) throw asError(fault, requestedPath)
    const operStatus: DeleteStatus = fault
      ? { case: 'operFailure', value: { errCode: fault.code, errMsg: fault.message } }
      : { case: 'operSuccess', value: { affectedPaths } }
    return { requestedPath, operStatus: { operStatus } }
  })
  return { deletedObjResults }
}

function deleteRows(model: DataModel, text: string): string[] {
  const path = readPath(text)
  if (path.kind !== 'object') throw new UspFault(CODE.invalidPathSyntax, `${text} must end with a dot`)
  let places: Place[] = []
  const fault = faultOf(() => (places = resolve(model, path)))
  // A row that is not there is deleted already (R-DEL.2a; TP-469 1.25 expects it, and so does OB-USP-A).
  if (fault && fault.code !== CODE.objectDoesNotExist) throw fault
  for (const { type, path: objectPath, isTable } of places) {
    if (isTable) throw new UspFault(CODE.objectDoesNotExist, `${text} needs the number of an instance`)
    if (!type.isTable) throw new UspFault(CODE.notATable, `${objectPath} is no row of a table`)
    if (!type.canDelete)
      throw new UspFault(CODE.deleteFailure, `${objectPath} cannot be deleted by a controller`)
  }
  for (const place of places) model.deleteRow(place)
  return places.map((place) => place.path)
}

const failure = (fault: UspFault) =>
  ({ case: 'operFailure', value: { errCode: fault.code, errMsg: fault.message } }) as const

function asError(fault: UspFault, requestedPath: string): UspFault {
  const own = [{ param: requestedPath, code: fault.code, text: fault.message }]
  return new UspFault(
    CODE.invalidArguments,
    fault.message,
    fault.paramFaults.length > 0 ? fault.paramFaults : own,
  )
}
