import type * as v from 'valibot'

/** A command: a checked request and, as a type only, its answer. */
export interface Command<S extends v.GenericSchema, R> {
  readonly request: S
  readonly response?: { readonly is: R }
}

export const command =
  <R>() =>
  <S extends v.GenericSchema>(request: S): Command<S, R> => ({ request })

/** A handler for each of a group of commands: one that is missing does not compile. */
export type HandlersOf<C extends Readonly<Record<string, Command<v.GenericSchema, unknown>>>> = {
  readonly [N in keyof C]: (
    request: v.InferOutput<C[N]['request']>,
  ) => ResponseOf<C[N]> | Promise<ResponseOf<C[N]>>
}
type ResponseOf<C extends Command<v.GenericSchema, unknown>> = NonNullable<C['response']>['is']
