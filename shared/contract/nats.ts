/** The part of the contract about the connection to NATS: how one logs in there, and what goes over it. */
import * as v from 'valibot'
import { command } from './command.ts'

export type NatsLoginKind = 'none' | 'user' | 'token' | 'nkey' | 'creds'

/** A key of a bucket was written, taken away, or seen to have changed. Values are never told. */
export interface NatsEntry {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly bucket: string
  /** Empty for what is about the whole bucket. */
  readonly key: string
  /** `loaded`: the whole bucket was read, `size` bytes. `history`: the versions of a key were asked for. */
  readonly kind: 'put' | 'delete' | 'loaded' | 'history'
  /** In the stream of the bucket. */
  readonly revision: number
  /** Bytes of the value, or of all values. */
  readonly size: number
  /** Done by this bench. */
  readonly own: boolean
  /** Another bench, by its name; empty for a writer that is none. */
  readonly writer?: string
}

export interface NatsActivity {
  /** How the bench logs in at a server that is not its own; without what is secret. */
  readonly login: {
    readonly kind: NatsLoginKind
    readonly user?: string
    readonly file?: string
    /** Changed since the start: holds from the next one. */
    readonly waits: boolean
  }
  /** Newest last. */
  readonly entries: readonly NatsEntry[]
  /** Entries no longer kept. */
  readonly dropped: number
}

const text = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(max))

export const natsLogin = v.variant('kind', [
  v.strictObject({ kind: v.literal('none') }),
  v.strictObject({ kind: v.literal('user'), user: text(1000), password: text(4096) }),
  v.strictObject({ kind: v.literal('token'), token: text(4096) }),
  /** The seed of an nkey, `SU…`. */
  v.strictObject({ kind: v.literal('nkey'), seed: text(200) }),
  /** Path, on the bench's machine, of a credentials file as nsc writes it. */
  v.strictObject({ kind: v.literal('creds'), file: text(4096) }),
])
export type NatsLogin = v.InferOutput<typeof natsLogin>

export const natsCommands = {
  /** Keeps the login in a file of its own that only the owner can read; it holds from the next start. */
  'nats.login': command<void>()(v.strictObject({ login: natsLogin })),
} as const
