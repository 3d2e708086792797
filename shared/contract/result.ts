/**
 * Errors as values. Everything that crosses the border between a user interface and an engine answers with a
 * `Result`; exceptions stay on their side of it.
 */
export interface BenchError {
  /** Stable, for programs: lower case words joined by `-`, e.g. `not-found`. */
  readonly code: ErrorCode
  /** For a person: what happened and what to do. One or two sentences. */
  readonly message: string
  /** More for a bug report: a path, an errno, a stack. Never a secret. */
  readonly detail?: string
}

export type ErrorCode =
  'invalid-request' | 'not-found' | 'unavailable' | 'conflict' | 'cancelled' | 'failed' | 'disconnected'

export type Result<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: BenchError }

export const ok = <T>(value: T): Result<T> => ({ ok: true, value })
export const fail = (code: ErrorCode, message: string, detail?: string): Result<never> => ({
  ok: false,
  error: detail === undefined ? { code, message } : { code, message, detail },
})

/** Thrown inside a handler to answer with this error instead of `failed`. */
export class BenchFailure extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined
  constructor(code: ErrorCode, message: string, detail?: string) {
    super(message)
    this.name = 'BenchFailure'
    this.code = code
    this.detail = detail
  }
}
