/** The USP requests of this view, and what of a report is told where it was asked. Pure. */
import type { RequestReport } from '../../../shared/contract/usp.ts'
import { ownerOf } from './device-data.ts'

export const setRequest = (path: string, value: string) => ({
  set: {
    allow_partial: false,
    update_objs: [
      { obj_path: ownerOf(path), param_settings: [settingOf(path.slice(ownerOf(path).length), value)] },
    ],
  },
})

/** `settings`: those that are not left to the device. */
export const addRequest = (table: string, settings: Readonly<Record<string, string>>) => ({
  add: {
    allow_partial: false,
    create_objs: [
      {
        obj_path: table,
        param_settings: Object.entries(settings).map(([name, value]) => settingOf(name, value)),
      },
    ],
  },
})

export const deleteRequest = (row: string) => ({ delete: { allow_partial: false, obj_paths: [row] } })

export const operateRequest = (
  command: string,
  commandKey: string,
  args: Readonly<Record<string, string>>,
) => ({ operate: { command, command_key: commandKey, send_resp: true, input_args: args } })

const settingOf = (param: string, value: string) => ({ param, value, required: true })

/** What went wrong, with code and name as the device said it; undefined when nothing did. */
export function faultOf({ outcome, failures, error, text }: RequestReport): string | undefined {
  const said = failures.at(-1) ?? error
  if (said) return `${said.code} ${said.name}${said.text ? `: ${said.text}` : ''}`
  return outcome === 'answered' || outcome === 'sent' ? undefined : text
}

export interface OperateOutcome {
  /** `Device.LocalAgent.Request.3.` of an asynchronous command. */
  readonly request?: string
  readonly outputs: readonly (readonly [name: string, value: string])[]
}

/** Of an OperateResp as protobuf JSON; other answers give nothing. */
export function operateOutcome({ answer }: RequestReport): OperateOutcome {
  const result = first(at(answer, 'body', 'response', 'operate_resp', 'operation_results'))
  const request = at(result, 'req_obj_path')
  const outputs = at(result, 'req_output_args', 'output_args')
  return {
    ...(typeof request === 'string' && { request }),
    outputs: isObject(outputs) ? Object.entries(outputs).map(([name, value]) => [name, String(value)]) : [],
  }
}

/** Of an AddResp: the row that was made. */
export function createdRow({ answer }: RequestReport): string | undefined {
  const result = first(at(answer, 'body', 'response', 'add_resp', 'created_obj_results'))
  const path = at(result, 'oper_status', 'oper_success', 'instantiated_path')
  return typeof path === 'string' ? path : undefined
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : undefined)
const at = (value: unknown, ...names: readonly string[]): unknown =>
  names.reduce((inner, name) => (isObject(inner) ? inner[name] : undefined), value)
