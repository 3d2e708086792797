/** GetSupportedDM. */
import {
  GetSupportedDMResp_CmdType as CmdType,
  GetSupportedDMResp_ObjAccessType as ObjAccess,
  GetSupportedDMResp_ParamAccessType as ParamAccess,
  GetSupportedDMResp_ParamValueType as Value,
  GetSupportedDMResp_ValueChangeType as ValueChange,
  type GetSupportedDM,
} from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { Path } from '../../../../shared/usp/path.ts'
import { faultOf } from '../fault.ts'
import { readPath, supportedType } from '../resolve.ts'
import { typesBelow, type CommandType, type ObjectType, type ParameterType, type Schema } from '../schema.ts'
import type { ValueType } from '../../../../shared/usp/value-types.ts'
import type { Init } from './init.ts'

type Result = NonNullable<Init<'getSupportedDmResp'>['reqObjResults']>[number]
type Supported = NonNullable<Result['supportedObjs']>[number]
type Flags = Pick<GetSupportedDM, 'returnCommands' | 'returnEvents' | 'returnParams' | 'returnUniqueKeySets'>

const valueTypes: Readonly<Record<ValueType, Value>> = {
  base64: Value.PARAM_BASE_64,
  boolean: Value.PARAM_BOOLEAN,
  dateTime: Value.PARAM_DATE_TIME,
  decimal: Value.PARAM_DECIMAL,
  hexBinary: Value.PARAM_HEX_BINARY,
  int: Value.PARAM_INT,
  long: Value.PARAM_LONG,
  string: Value.PARAM_STRING,
  unsignedInt: Value.PARAM_UNSIGNED_INT,
  unsignedLong: Value.PARAM_UNSIGNED_LONG,
}
const accesses = {
  ro: ParamAccess.PARAM_READ_ONLY,
  rw: ParamAccess.PARAM_READ_WRITE,
  wo: ParamAccess.PARAM_WRITE_ONLY,
} as const

export function getSupportedDm(schema: Schema, request: GetSupportedDM): Init<'getSupportedDmResp'> {
  const reqObjResults = request.objPaths.map((reqObjPath): Result => {
    const supportedObjs: Supported[] = []
    const fault = faultOf(() => {
      const path = readPath(reqObjPath)
      const type = supportedType(schema.root, path)
      if (path.leaf !== '') supportedObjs.push(describeLeaf(type, path))
      else if (request.firstLevelOnly)
        supportedObjs.push(describe(type, request), ...[...type.children.values()].map(head))
      else for (const one of typesBelow(type)) supportedObjs.push(describe(one, request))
    })
    const found = { reqObjPath, dataModelInstUri: schema.uri }
    return fault ? { ...found, errCode: fault.code, errMsg: fault.message } : { ...found, supportedObjs }
  })
  return { reqObjResults }
}

const head = (type: ObjectType) => ({
  supportedObjPath: type.path,
  isMultiInstance: type.isTable,
  access: objectAccess(type),
})

function objectAccess({ canAdd, canDelete }: ObjectType): ObjAccess {
  if (canAdd) return canDelete ? ObjAccess.OBJ_ADD_DELETE : ObjAccess.OBJ_ADD_ONLY
  return canDelete ? ObjAccess.OBJ_DELETE_ONLY : ObjAccess.OBJ_READ_ONLY
}

function describe(type: ObjectType, flags: Flags): Supported {
  return {
    ...head(type),
    ...(flags.returnCommands && { supportedCommands: [...type.commands.values()].map(command) }),
    ...(flags.returnEvents && { supportedEvents: [...type.events.values()].map(event) }),
    ...(flags.returnParams && { supportedParams: [...type.parameters.values()].map(parameter) }),
    ...(flags.returnUniqueKeySets && { uniqueKeySets: type.keys.map((key) => ({ keyNames: [...key] })) }),
  }
}

/** One command, event or parameter was asked for: the flags do not count (since 1.4). */
function describeLeaf(type: ObjectType, { leaf }: Path): Supported {
  return {
    ...head(type),
    supportedCommands: [...type.commands.values()].filter(({ name }) => name === leaf).map(command),
    supportedEvents: [...type.events.values()].filter(({ name }) => name === leaf).map(event),
    supportedParams: [...type.parameters.values()].filter(({ name }) => name === leaf).map(parameter),
  }
}

const command = ({ name, inputs, outputs, isAsync }: CommandType) => ({
  commandName: name,
  inputArgNames: inputs.map((input) => input.name),
  outputArgNames: [...outputs.keys()],
  commandType: isAsync ? CmdType.CMD_ASYNC : CmdType.CMD_SYNC,
})

const event = ({ name, args }: { readonly name: string; readonly args: readonly string[] }) => ({
  eventName: name,
  argNames: [...args],
})

const parameter = ({ name, access, type, isQuiet }: ParameterType) => ({
  paramName: name,
  access: accesses[access],
  valueType: valueTypes[type],
  valueChange: isQuiet ? ValueChange.VALUE_CHANGE_WILL_IGNORE : ValueChange.VALUE_CHANGE_ALLOWED,
})
