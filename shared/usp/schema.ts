/**
 * The field table (fields.ts) as the wire walker wants it, and the filter name of every field.
 *
 * Naming: a field is `usp.` and its proto field name, whatever message it stands in: `usp.msg_id`,
 * `usp.from_id`, `usp.err_code`, `usp.command_key`, `usp.get_resp`. Only these differ:
 *
 * - `usp.type`: the msg_type of the header, as its name (`GET_RESP`)
 * - `usp.path`: every field that holds a path, of objects, parameters, commands, asked for or answered
 * - `usp.param`, `usp.value`: names and values of parameters and arguments, in settings, results and maps
 * - `usp.mqtt_version`, `usp.stomp_version`: of Connect Records; `usp.version` is that of the Record
 *
 * Enums compare by name. Fields that are not in the schema are `usp.unknown`, unreadable bytes `usp.malformed`.
 */
import { enumTable, messageTable } from './fields.ts'
import { FIXED32, LENGTH_DELIMITED, VARINT } from './wire.ts'

export type FieldKind = 'string' | 'bytes' | 'bool' | 'uint64' | 'fixed32' | 'enum' | 'message' | 'map'

export interface FieldSpec {
  readonly number: number
  /** Proto field name. */
  readonly name: string
  /** Dotted filter name. */
  readonly filterName: string
  readonly kind: FieldKind
  /** Full name of the message or enum; otherwise the scalar type. */
  readonly type: string
  readonly wireType: number
  /** May stand more than once: repeated fields and maps. */
  readonly repeated: boolean
  readonly oneof: string | undefined
}

const pathFields = new Set([
  'obj_path',
  'obj_paths',
  'param_path',
  'param_paths',
  'path',
  'paths',
  'requested_path',
  'resolved_path',
  'instantiated_path',
  'instantiated_obj_path',
  'affected_path',
  'affected_paths',
  'unaffected_path',
  'req_obj_path',
  'supported_obj_path',
  'divergent_paths',
  'registered_path',
  'deregistered_path',
  'command',
  'executed_command',
])

const otherNames: Readonly<Record<string, string>> = {
  'usp.Header.msg_type': 'usp.type',
  'usp_record.MQTTConnectRecord.version': 'usp.mqtt_version',
  'usp_record.STOMPConnectRecord.version': 'usp.stomp_version',
  'usp.GetSupportedDMResp.SupportedParamResult.param_name': 'usp.param',
  'usp.Notify.ValueChange.param_value': 'usp.value',
}

export const mapKeyName = 'usp.param'
export const mapValueName = 'usp.value'

function filterName(message: string, field: string): string {
  return otherNames[`${message}.${field}`] ?? (pathFields.has(field) ? 'usp.path' : `usp.${field}`)
}

const wireTypes: Readonly<Record<FieldKind, number>> = {
  string: LENGTH_DELIMITED,
  bytes: LENGTH_DELIMITED,
  bool: VARINT,
  uint64: VARINT,
  fixed32: FIXED32,
  enum: VARINT,
  message: LENGTH_DELIMITED,
  map: LENGTH_DELIMITED,
}

const scalars = new Set<string>(['string', 'bytes', 'bool', 'uint64', 'fixed32'] satisfies FieldKind[])

function kindOf(type: string): FieldKind {
  if (scalars.has(type)) return type as FieldKind
  // All maps of USP are of strings.
  if (type === 'map<string,string>') return 'map'
  if (type in messageTable) return 'message'
  if (type in enumTable) return 'enum'
  throw new Error(`fields.ts: type ${type} is not known`)
}

/** Fields of each message by number. */
export const messageSpecs: ReadonlyMap<string, ReadonlyMap<number, FieldSpec>> = new Map(
  Object.entries(messageTable).map(([message, rows]) => [
    message,
    new Map(
      rows.map(([number, name, type, label]) => {
        const kind = kindOf(type)
        return [
          number,
          {
            number,
            name,
            filterName: filterName(message, name),
            kind,
            type,
            wireType: wireTypes[kind],
            repeated: label === 'repeated' || kind === 'map',
            oneof: label.startsWith('oneof:') ? label.slice('oneof:'.length) : undefined,
          },
        ]
      }),
    ),
  ]),
)

const enumNames: ReadonlyMap<string, ReadonlyMap<number, string>> = new Map(
  Object.entries(enumTable).map(([type, rows]) => [
    type,
    new Map(rows.map(([number, name]) => [number, name])),
  ]),
)

export const enumName = (type: string, value: number): string | undefined => enumNames.get(type)?.get(value)

/** Fields of Records and Msgs that have one of these filter names, and those that they stand in. */
export function specsFor(names: ReadonlySet<string>): ReadonlySet<FieldSpec> {
  const found = new Set<FieldSpec>()
  const leads = (message: string): boolean => {
    let any = false
    for (const spec of messageSpecs.get(message)?.values() ?? []) {
      // No message of USP stands in itself, so this ends.
      if (!leadsTo(spec)) continue
      found.add(spec)
      any = true
    }
    return any
  }
  const leadsTo = (spec: FieldSpec): boolean => {
    const inner = spec.kind === 'message' ? leads(spec.type) : holdsMsg(spec) && leads('usp.Msg')
    const isEntry = spec.kind === 'map' && (names.has(mapKeyName) || names.has(mapValueName))
    return inner || isEntry || names.has(spec.filterName)
  }
  leads('usp_record.Record')
  return found
}

/** The payload of a Record is the one bytes field with a message in it. */
const holdsMsg = ({ kind, name }: FieldSpec): boolean => kind === 'bytes' && name === 'payload'
/** Names of all values of an enum, in the order of their numbers. */
export const enumNamesOf = (type: string): readonly string[] => [...(enumNames.get(type)?.values() ?? [])]
