import type * as v from 'valibot'

/** A command: a checked request and, as a type only, its answer. */
export interface Command<S extends v.GenericSchema, R> {
  readonly request: S
  readonly response?: { readonly is: R }
}

export const command =
  <R>() =>
  <S extends v.GenericSchema>(request: S): Command<S, R> => ({ request })
