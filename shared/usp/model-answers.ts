/** Answers about a data model as plain lists: values, instances, what is supported. */
import type {
  ModelInstance,
  ModelValue,
  ObjectAccess,
  ParameterAccess,
  ParameterType,
  SupportedObject,
} from '../contract/data-model.ts'
import type { Msg, Response } from './gen/usp-msg_pb.ts'
import { VALUE_TYPES } from './value-types.ts'

/** What kind of response a Msg is; `undefined` when it is none. */
function response(msg: Msg): Response['respType'] | undefined {
  const body = msg.body?.msgBody
  return body?.case === 'response' ? body.value.respType : undefined
}

/** Of a GetResp, in its order; the same value asked for twice stands twice. */
export function valuesOf(msg: Msg): ModelValue[] {
  const answer = response(msg)
  if (answer?.case !== 'getResp') return []
  return answer.value.reqPathResults.flatMap(({ resolvedPathResults }) =>
    resolvedPathResults.flatMap(({ resolvedPath, resultParams }) =>
      Object.entries(resultParams).map(([name, value]): ModelValue => [resolvedPath + name, value]),
    ),
  )
}

/** Of a GetInstancesResp. */
export function instancesOf(msg: Msg): ModelInstance[] {
  const answer = response(msg)
  if (answer?.case !== 'getInstancesResp') return []
  return answer.value.reqPathResults.flatMap(({ currInsts }) =>
    currInsts.map(({ instantiatedObjPath, uniqueKeys }) => ({
      path: instantiatedObjPath,
      uniqueKeys: Object.entries(uniqueKeys),
    })),
  )
}

/** Of an AddResp: the rows that were made. */
export function createdOf(msg: Msg): string[] {
  const answer = response(msg)
  if (answer?.case !== 'addResp') return []
  return answer.value.createdObjResults.flatMap(({ operStatus }) => {
    const status = operStatus?.operStatus
    return status?.case === 'operSuccess' ? [status.value.instantiatedPath] : []
  })
}

/** Of a GetSupportedProtocolResp. */
export function supportedVersionsOf(msg: Msg): string | undefined {
  const answer = response(msg)
  return answer?.case === 'getSupportedProtocolResp' ? answer.value.agentSupportedProtocolVersions : undefined
}

const objectAccess: readonly ObjectAccess[] = ['read-only', 'add-delete', 'add-only', 'delete-only']
const parameterAccess: readonly ParameterAccess[] = ['read-only', 'read-write', 'write-only']
const parameterTypes: readonly ParameterType[] = ['unknown', ...VALUE_TYPES]
const valueChanges = ['unknown', 'allowed', 'will-ignore'] as const
const commandKinds = ['unknown', 'sync', 'async'] as const

/** Of a GetSupportedDMResp. A number that is none of an enum is taken as its first value. */
export function supportedOf(msg: Msg): SupportedObject[] {
  const answer = response(msg)
  if (answer?.case !== 'getSupportedDmResp') return []
  return answer.value.reqObjResults.flatMap(({ supportedObjs }) =>
    supportedObjs.map((object) => ({
      path: object.supportedObjPath,
      access: objectAccess[object.access] ?? 'read-only',
      multiInstance: object.isMultiInstance,
      parameters: object.supportedParams.map(({ paramName, access, valueType, valueChange }) => ({
        name: paramName,
        access: parameterAccess[access] ?? 'read-only',
        type: parameterTypes[valueType] ?? 'unknown',
        valueChange: valueChanges[valueChange] ?? 'unknown',
      })),
      commands: object.supportedCommands.map(
        ({ commandName, commandType, inputArgNames, outputArgNames }) => ({
          name: commandName,
          kind: commandKinds[commandType] ?? 'unknown',
          inputs: inputArgNames,
          outputs: outputArgNames,
        }),
      ),
      events: object.supportedEvents.map(({ eventName, argNames }) => ({ name: eventName, args: argNames })),
      uniqueKeys: object.uniqueKeySets.map(({ keyNames }) => keyNames),
      divergentPaths: object.divergentPaths,
    })),
  )
}

/** `Device.WiFi.SSID.3.` → `Device.WiFi.SSID.{i}.`: the place of a path in the supported model. */
export const supportedPath = (path: string): string => path.replace(/\.(?:\d+|\*|\[[^\]]*\])(?=\.)/g, '.{i}')

/** `Device.WiFi.SSID.{i}.` → `Device.WiFi.SSID.`: a table without its row. */
export const tablePath = (path: string): string => path.replace(/\{i\}\.$/, '')

/** The object above: `Device.WiFi.SSID.{i}.` → `Device.WiFi.`. */
export const parentPath = (path: string): string => tablePath(path).replace(/[^.]+\.$/, '')

/** Numbers in paths as numbers, so that row 10 comes after row 9. */
const collator = /(\d+)/
export function comparePaths(one: string, other: string): number {
  if (one === other) return 0
  const a = one.split(collator)
  const b = other.split(collator)
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [x = '', y = ''] = [a[i], b[i]]
    if (x === y) continue
    const number = i % 2 === 1 ? Number(x) - Number(y) : 0
    return number !== 0 ? number : x < y ? -1 : 1
  }
  return a.length - b.length
}
