/** An expression of the filter language, its names and values resolved. */
import type { FieldDefinition } from './definition.ts'
import type { CompareOperator } from './operators.ts'

/**
 * A value to compare with. Numbers are intervals, both ends included: a network is the interval of its
 * addresses, a day that of its nanoseconds, `1..5` that of its numbers, and a single number has equal ends.
 * Enums and booleans are numbers, durations are nanoseconds, times are nanoseconds since 1970.
 */
export type Literal =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly low: number | bigint; readonly high: number | bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

export interface FieldReference {
  readonly field: FieldDefinition
  /** Of a field with names inside: `mqtt.prop.user["usp-endpoint-id"]`. */
  readonly key?: string
}

export type Expression =
  /** Without items: everything. */
  | { readonly kind: 'and'; readonly items: readonly Expression[] }
  | { readonly kind: 'or'; readonly items: readonly Expression[] }
  | { readonly kind: 'not'; readonly item: Expression }
  | { readonly kind: 'exists'; readonly of: FieldReference }
  | {
      readonly kind: 'compare'
      readonly of: FieldReference
      readonly op: CompareOperator
      readonly value: Literal
    }
  | { readonly kind: 'in'; readonly of: FieldReference; readonly set: readonly Literal[] }
  /** A text search: every word, in lower case, in any of the texts of a row. */
  | { readonly kind: 'words'; readonly words: readonly string[] }

/** Why a text is no filter, at the UTF-16 units `[start, end)` of it. */
export interface FilterError {
  readonly message: string
  readonly start: number
  readonly end: number
  /** What to write instead. */
  readonly hint?: string
}
