/** Makes an answer to Get as large as wanted. */
import { makeMsg, type Msg } from '../../../shared/usp/codec.ts'
import type { MsgInit } from './messages/index.ts'

/** A parameter that holds nothing but length. */
export const PADDING = { path: 'Device.X_OKTOBENCH_Padding.', name: 'Text' } as const

/** Adds a result with `bytes` of text; other messages are left as they are. */
export function pad(init: MsgInit, bytes: number | undefined): MsgInit | Msg {
  const body = init.body.msgBody
  if (bytes === undefined || body.case !== 'response') return init
  const { respType } = body.value
  if (respType?.case !== 'getResp') return init
  const resultParams = { [PADDING.name]: 'x'.repeat(bytes) }
  const padding = {
    requestedPath: PADDING.path,
    resolvedPathResults: [{ resolvedPath: PADDING.path, resultParams }],
  }
  const value = { reqPathResults: [...(respType.value.reqPathResults ?? []), padding] }
  return makeMsg({
    header: init.header,
    body: { msgBody: { case: 'response', value: { respType: { case: 'getResp', value } } } },
  })
}
