/** Everything that a Msg reports as failed, in one form and in its order. */
import type { PathFailure } from '../contract/usp.ts'
import type { Msg } from './codec.ts'
import { errorCodeName } from './error-codes.ts'

interface Reported {
  readonly errCode: number
  readonly errMsg: string
}
interface ReportedParameter extends Reported {
  readonly param: string
}

export const failure = (path: string, { errCode, errMsg }: Reported): PathFailure => ({
  path,
  code: errCode,
  name: errorCodeName(errCode) ?? '',
  text: errMsg,
})

/** Of an Error Msg. */
export function errorOf(msg: Msg): PathFailure | undefined {
  const body = msg.body?.msgBody
  return body?.case === 'error' ? failure('', body.value) : undefined
}

/** Parameters are told with the path of their object. */
export function failuresOf(msg: Msg): PathFailure[] {
  const body = msg.body?.msgBody
  if (body?.case === 'error') {
    return body.value.paramErrs.map((one) => failure(one.paramPath, one))
  }
  const response = body?.case === 'response' ? body.value.respType : undefined
  switch (response?.case) {
    case 'getResp':
    case 'getInstancesResp':
      return response.value.reqPathResults.flatMap((one) => failed(one.requestedPath, one))
    case 'getSupportedDmResp':
      return response.value.reqObjResults.flatMap((one) => failed(one.reqObjPath, one))
    case 'addResp':
      return response.value.createdObjResults.flatMap(({ requestedPath, operStatus }) => {
        const status = operStatus?.operStatus
        if (status?.case === 'operFailure') return [failure(requestedPath, status.value)]
        if (status?.case !== 'operSuccess') return []
        return parameters(status.value.instantiatedPath, status.value.paramErrs)
      })
    case 'setResp':
      return response.value.updatedObjResults.flatMap(({ requestedPath, operStatus }) => {
        const status = operStatus?.operStatus
        if (status?.case === 'operFailure') {
          const inside = status.value.updatedInstFailures.flatMap(({ affectedPath, paramErrs }) =>
            parameters(affectedPath, paramErrs),
          )
          return [failure(requestedPath, status.value), ...inside]
        }
        if (status?.case !== 'operSuccess') return []
        return status.value.updatedInstResults.flatMap(({ affectedPath, paramErrs }) =>
          parameters(affectedPath, paramErrs),
        )
      })
    case 'deleteResp':
      return response.value.deletedObjResults.flatMap(({ requestedPath, operStatus }) => {
        const status = operStatus?.operStatus
        if (status?.case === 'operFailure') return [failure(requestedPath, status.value)]
        if (status?.case !== 'operSuccess') return []
        return status.value.unaffectedPathErrs.map((one) => failure(one.unaffectedPath, one))
      })
    case 'operateResp':
      return response.value.operationResults.flatMap(({ executedCommand, operationResp }) =>
        operationResp.case === 'cmdFailure' ? [failure(executedCommand, operationResp.value)] : [],
      )
    case 'registerResp':
      return response.value.registeredPathResults.flatMap(({ requestedPath, operStatus }) => {
        const status = operStatus?.operStatus
        return status?.case === 'operFailure' ? [failure(requestedPath, status.value)] : []
      })
    case 'deregisterResp':
      return response.value.deregisteredPathResults.flatMap(({ requestedPath, operStatus }) => {
        const status = operStatus?.operStatus
        return status?.case === 'operFailure' ? [failure(requestedPath, status.value)] : []
      })
    default:
      return []
  }
}

const failed = (path: string, reported: Reported): PathFailure[] =>
  reported.errCode === 0 ? [] : [failure(path, reported)]

const parameters = (object: string, errors: readonly ReportedParameter[]): PathFailure[] =>
  errors.map((one) => failure(object + one.param, one))
