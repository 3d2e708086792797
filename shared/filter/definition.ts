/** What a field of the filter language is. The fields themselves are in fields.ts. */
import type { Field } from '../dissect/field.ts'
import type { ColumnName, RowSet } from './columns.ts'

/** `presence`: there or not, without a value. `topic`: text that is a topic. */
export type FieldType =
  'string' | 'topic' | 'number' | 'enum' | 'bool' | 'ip' | 'duration' | 'time' | 'bytes' | 'presence'

/** A value as it is compared; its type follows from that of the field (see `Literal`). */
export type Scalar = string | number | bigint | Uint8Array
/** A value as columns and dissectors have it. */
export type RawValue = NonNullable<Field['value']>

/** One name of an enum's value. A value may have several; the first is the one written. */
export type EnumName = readonly [code: number, name: string]

/** What a column answers when only the packet itself can tell. */
export const UNKNOWN = Symbol('unknown')

/** A column that answers for a field. */
export interface ColumnUse {
  readonly column: ColumnName
  /** For rows of these types it says all there is; for others it says nothing. */
  readonly rows: RowSet
  /** It answers only for rows of this direction, as in the column `direction`. */
  readonly way?: 0 | 1
  /** An empty text is a value too, and not "none". */
  readonly mayBeEmpty?: true
  /** The value behind the number or text of the column, where that is not the value itself. */
  readonly read?: (raw: number | string) => Scalar | typeof UNKNOWN | undefined
}

/** Where a field stands in a dissected packet. */
export interface TreeUse {
  /** Filter names of the dissectors, any of them. */
  readonly names: ReadonlySet<string>
  /** Rows in which it may stand at all. */
  readonly rows: RowSet
  /** It comes from the tables of this layer, so that it can be looked for without the rest of the tree. */
  readonly layer?: 'mqtt' | 'usp'
  /** The value of one occurrence, where the common reading by type does not do. */
  readonly read?: (field: Field, bytes: Uint8Array) => Scalar | undefined
  /** Value that a packet of these rows has when the field is left out. */
  readonly implied?: { readonly rows: RowSet; readonly value: Scalar }
  /** Not a field by that name: the rules of all remarks on fields. */
  readonly findings?: true
}

export interface FieldDefinition {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  /** For completion: what it is and where it stands. */
  readonly description: string
  /** May stand more than once in a packet. */
  readonly many: boolean
  /** Other names it is known by, as Wireshark has them or for short. */
  readonly aliases: readonly string[]
  /** Of an enum. */
  readonly names?: readonly EnumName[]
  /** An enum whose values may also be written as numbers. */
  readonly numeric?: true
  /** Names of the children that hold key and value of each entry: `field["key"]`. */
  readonly entry?: { readonly key: string; readonly value: string }
  /**
   * Texts of this form can only be values of another field, of which the index knows more; `within` is a field
   * that every row has where that one stands.
   */
  readonly known?: { readonly form: RegExp; readonly field: string; readonly within: string }
  readonly columns: readonly ColumnUse[]
  readonly tree: TreeUse
}
