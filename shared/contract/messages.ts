/**
 * What travels between a user interface and a host, the same over a WebSocket and over a MessagePort.
 * A view update carries a sequence number; the next one is sent only after it was acknowledged.
 */
import * as v from 'valibot'
import type { BenchError, Result } from './result.ts'
import { windowSchema, type ViewUpdate } from './contract.ts'

const id = v.pipe(v.number(), v.integer(), v.minValue(0))

export const clientMessage = v.variant('kind', [
  v.strictObject({ kind: v.literal('call'), id, name: v.string(), request: v.optional(v.unknown()) }),
  v.strictObject({
    kind: v.literal('open'),
    id,
    view: v.string(),
    params: v.optional(v.unknown()),
    window: windowSchema,
  }),
  v.strictObject({ kind: v.literal('window'), id, window: windowSchema }),
  v.strictObject({ kind: v.literal('ack'), id, seq: id }),
  v.strictObject({ kind: v.literal('locate'), id, call: id, key: v.union([v.string(), v.number()]) }),
  v.strictObject({ kind: v.literal('close'), id }),
])
export type ClientMessage = v.InferOutput<typeof clientMessage>

export type HostMessage =
  | { readonly kind: 'reply'; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: 'event'; readonly name: string; readonly value: unknown }
  | {
      readonly kind: 'update'
      readonly id: number
      readonly seq: number
      readonly update: ViewUpdate<unknown>
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: BenchError }
