/** From a request to its response. */
import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  type BodySchema,
  Header_MsgType as Type,
  type Msg,
  type Request,
} from '../../../../shared/usp/gen/usp-msg_pb.ts'
import type { DataModel } from '../data-model.ts'
import { CODE, UspFault } from '../fault.ts'
import { add, remove, type Originator } from './add-delete.ts'
import { get, getInstances } from './get.ts'
import type { ResponseInit } from './init.ts'
import { operate, type Machine } from './operate.ts'
import { set } from './set.ts'
import { getSupportedDm } from './supported-dm.ts'

/** What OB-USP-A 11 says of itself. */
export const SUPPORTED_VERSIONS = '1.0,1.1,1.2,1.3'

/** A message before it is one. */
export interface MsgInit {
  readonly header: { readonly msgId: string; readonly msgType: Type }
  readonly body: { readonly msgBody: NonNullable<MessageInitShape<typeof BodySchema>['msgBody']> }
}

/** A response for every request; an Error for what cannot be done. `undefined` when none is wanted. */
export function answer(
  msg: Msg,
  model: DataModel,
  originator: Originator,
  machine: Machine,
): MsgInit | undefined {
  const msgId = msg.header?.msgId ?? ''
  const body = msg.body?.msgBody
  if (body?.case !== 'request') return undefined
  const { reqType } = body.value
  const isQuiet = reqType.case === 'operate' && !reqType.value.sendResp
  try {
    const done = model.attempt(() => respond(reqType, model, originator, machine))
    if (isQuiet) return undefined
    const { msgType, ...respType } = done
    return { header: { msgId, msgType }, body: { msgBody: { case: 'response', value: { respType } } } }
  } catch (error) {
    if (!(error instanceof UspFault)) throw error
    return isQuiet ? undefined : errorMsg(msgId, error)
  }
}

type Answered = ResponseInit & { readonly msgType: Type }

function respond(
  request: Request['reqType'],
  model: DataModel,
  originator: Originator,
  machine: Machine,
): Answered {
  switch (request.case) {
    case 'get':
      return { msgType: Type.GET_RESP, case: 'getResp', value: get(model, request.value) }
    case 'getInstances':
      return {
        msgType: Type.GET_INSTANCES_RESP,
        case: 'getInstancesResp',
        value: getInstances(model, request.value),
      }
    case 'getSupportedDm':
      return {
        msgType: Type.GET_SUPPORTED_DM_RESP,
        case: 'getSupportedDmResp',
        value: getSupportedDm(model.schema, request.value),
      }
    case 'getSupportedProtocol':
      return {
        msgType: Type.GET_SUPPORTED_PROTO_RESP,
        case: 'getSupportedProtocolResp',
        value: { agentSupportedProtocolVersions: SUPPORTED_VERSIONS },
      }
    case 'set':
      return { msgType: Type.SET_RESP, case: 'setResp', value: set(model, request.value) }
    case 'add':
      return { msgType: Type.ADD_RESP, case: 'addResp', value: add(model, request.value, originator) }
    case 'delete':
      return { msgType: Type.DELETE_RESP, case: 'deleteResp', value: remove(model, request.value) }
    case 'operate':
      return {
        msgType: Type.OPERATE_RESP,
        case: 'operateResp',
        value: operate(model, request.value, originator.endpointId, machine),
      }
    default:
      // Notify, Register and Deregister are for controllers to receive; OB-USP-A says 7002.
      throw new UspFault(
        CODE.requestDenied,
        `An agent does not take ${request.case ?? 'a request of unknown type'}`,
      )
  }
}

/** An Error as answer to a request. */
export const errorMsg = (msgId: string, { code, message, paramFaults }: UspFault): MsgInit => ({
  header: { msgId, msgType: Type.ERROR },
  body: {
    msgBody: {
      case: 'error',
      value: {
        errCode: code,
        errMsg: message,
        paramErrs: paramFaults.map(({ param, code: errCode, text }) => ({
          paramPath: param,
          errCode,
          errMsg: text,
        })),
      },
    },
  },
})
