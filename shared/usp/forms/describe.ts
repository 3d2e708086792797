/**
 * What a form for a request has in it, made from the field table. Names are those of the .proto; what a path or a
 * text means for the data model of a device is its role.
 */
import { requestFields, requestKinds, type RequestKind } from '../kinds.ts'
import { enumNamesOf, messageSpecs, type FieldSpec } from '../schema.ts'

/** What a path may lead to, and so what is offered for it. */
export type PathRole =
  /** Objects and parameters that can be read. */
  | 'readable'
  /** Objects of the supported model, with `{i}`. */
  | 'supported'
  /** Tables and their rows. */
  | 'instances'
  /** Objects and rows whose parameters are set. */
  | 'settable'
  /** Tables to which rows are added. */
  | 'addable'
  /** Rows that are deleted. */
  | 'deletable'
  | 'command'
  | 'object'
  | 'parameter'
  /** Objects, parameters, commands and events. */
  | 'any'

/** `setting`: a parameter of the object beside it; `argument`: an input argument of the command beside it. */
export type FieldRole = PathRole | 'setting' | 'setting-value' | 'argument' | 'text'

export interface FormField {
  readonly name: string
  readonly input: 'text' | 'flag' | 'number' | 'choice' | 'group' | 'map'
  /** May stand any number of times. */
  readonly list: boolean
  readonly role: FieldRole
  /** One sentence on what it does; empty where the name says it. */
  readonly help: string
  /** Of a group, and of each of a list of groups. */
  readonly fields: readonly FormField[]
  /** Name of the oneof; of its members one may be there. */
  readonly oneof?: string
  /** Of a choice. */
  readonly values: readonly string[]
}

/** By message and field. */
const roles: Readonly<Record<string, FieldRole>> = {
  'usp.Get.param_paths': 'readable',
  'usp.GetSupportedDM.obj_paths': 'supported',
  'usp.GetInstances.obj_paths': 'instances',
  'usp.Set.UpdateObject.obj_path': 'settable',
  'usp.Set.UpdateParamSetting.param': 'setting',
  'usp.Set.UpdateParamSetting.value': 'setting-value',
  'usp.Add.CreateObject.obj_path': 'addable',
  'usp.Add.CreateParamSetting.param': 'setting',
  'usp.Add.CreateParamSetting.value': 'setting-value',
  'usp.Delete.obj_paths': 'deletable',
  'usp.Operate.command': 'command',
  'usp.Operate.input_args': 'argument',
  'usp.Notify.Event.obj_path': 'object',
  'usp.Notify.ValueChange.param_path': 'parameter',
  'usp.Notify.ObjectCreation.obj_path': 'object',
  'usp.Notify.ObjectDeletion.obj_path': 'object',
  'usp.Notify.OperationComplete.obj_path': 'object',
  'usp.Register.RegistrationPath.path': 'object',
  'usp.Deregister.paths': 'object',
}

/** Of a field of a message, `usp.Get` and `param_paths`. */
export const roleOf = (message: string, field: string): FieldRole => roles[`${message}.${field}`] ?? 'text'

const help: Readonly<Record<string, string>> = {
  'usp.Get.param_paths': 'Objects end with a dot; * and [Name=="value"] select rows.',
  'usp.Get.max_depth': 'Levels below each path; 0 is all of them.',
  'usp.GetSupportedDM.first_level_only': 'Only the objects named and what is directly below.',
  'usp.GetInstances.obj_paths': 'Tables, such as Device.WiFi.SSID.',
  'usp.GetInstances.first_level_only': 'Without the rows of tables inside rows.',
  'usp.Set.allow_partial': 'One object that fails does not undo the others.',
  'usp.Add.allow_partial': 'One object that fails does not undo the others.',
  'usp.Delete.allow_partial': 'One object that fails does not undo the others.',
  'usp.Set.UpdateParamSetting.required': 'When it fails, its whole object fails.',
  'usp.Add.CreateParamSetting.required': 'When it fails, its whole object fails.',
  'usp.Delete.obj_paths': 'Rows, such as Device.NAT.PortMapping.1.',
  'usp.Operate.command_key': 'Comes back in the OperationComplete that ends the command.',
  'usp.Operate.send_resp': 'Without it the device answers nothing.',
  'usp.Notify.send_resp': 'Without it the receiver answers nothing.',
}

/** Small ones that any device can answer, where there are such. */
const starts: Readonly<Record<RequestKind, Readonly<Record<string, unknown>>>> = {
  Get: { param_paths: ['Device.DeviceInfo.'], max_depth: 0 },
  GetSupportedDM: {
    obj_paths: ['Device.'],
    first_level_only: true,
    return_commands: true,
    return_events: true,
    return_params: true,
    return_unique_key_sets: true,
  },
  GetInstances: { obj_paths: ['Device.LocalAgent.Subscription.'], first_level_only: true },
  Set: {
    allow_partial: false,
    update_objs: [
      { obj_path: 'Device.LocalAgent.', param_settings: [{ param: '', value: '', required: true }] },
    ],
  },
  Add: {
    allow_partial: false,
    create_objs: [{ obj_path: '', param_settings: [] }],
  },
  Delete: { allow_partial: false, obj_paths: [''] },
  Operate: { command: 'Device.Reboot()', command_key: '', send_resp: true, input_args: {} },
  Notify: {
    subscription_id: '',
    send_resp: false,
    value_change: { param_path: '', param_value: '' },
  },
  GetSupportedProtocol: { controller_supported_protocol_versions: '1.3,1.4' },
  Register: { allow_partial: false, reg_paths: [{ path: '' }] },
  Deregister: { paths: [''] },
}

/** What a new request of a kind begins with. */
export const startOf = (kind: RequestKind): Readonly<Record<string, unknown>> => starts[kind]

function describe(message: string): readonly FormField[] {
  return [...(messageSpecs.get(message)?.values() ?? [])].map((spec) => describeField(message, spec))
}

function describeField(message: string, spec: FieldSpec): FormField {
  const key = `${message}.${spec.name}`
  return {
    name: spec.name,
    input: inputOf(spec),
    list: spec.repeated && spec.kind !== 'map',
    role: roles[key] ?? 'text',
    help: help[key] ?? '',
    fields: spec.kind === 'message' ? describe(spec.type) : [],
    values: spec.kind === 'enum' ? enumNamesOf(spec.type) : [],
    ...(spec.oneof === undefined ? {} : { oneof: spec.oneof }),
  }
}

function inputOf({ kind }: FieldSpec): FormField['input'] {
  switch (kind) {
    case 'bool':
      return 'flag'
    case 'fixed32':
    case 'uint64':
      return 'number'
    case 'enum':
      return 'choice'
    case 'message':
      return 'group'
    case 'map':
      return 'map'
    case 'string':
    case 'bytes':
      return 'text'
  }
}

/** Fields of `usp.Request`, whose types are what the kinds hold. */
const request = messageSpecs.get('usp.Request')
const forms = new Map<RequestKind, readonly FormField[]>(
  requestKinds.map((kind) => {
    const spec = [...(request?.values() ?? [])].find(({ name }) => name === requestFields[kind])
    if (!spec) throw new Error(`fields.ts has no ${kind}`)
    return [kind, describe(spec.type)]
  }),
)

/** The form of a kind of request, in the order of the field numbers. */
export const formOf = (kind: RequestKind): readonly FormField[] => forms.get(kind) ?? []

/** What one more of a list, or a group that was not there, begins with. */
export function emptyOf(field: FormField): unknown {
  switch (field.input) {
    case 'text':
      return ''
    case 'flag':
      return field.name === 'required'
    case 'number':
      return 0
    case 'choice':
      return field.values[0] ?? ''
    case 'map':
      return {}
    case 'group': {
      const members = field.fields.filter(({ oneof }) => oneof === undefined)
      return Object.fromEntries(members.map((one) => [one.name, one.list ? [] : emptyOf(one)]))
    }
  }
}
