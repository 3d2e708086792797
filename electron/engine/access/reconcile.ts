/**
 * What to do about one user whose password is not the same here and in NATS. Pure.
 *
 * The rule: a side that has not changed since both were the same follows the side that has. Where both have changed,
 * or never were the same, the newest change wins, and NATS where the times are equal. A removal is a change like any
 * other. A password that the bench made up at first start gives way to any that somebody chose.
 *
 * “Changed” is told by revisions, not by clocks: two clocks are compared only where both sides have changed.
 */
import { samePassword, type Credential } from './credentials-table.ts'

export interface Remote {
  /** Undefined for a removed one. */
  readonly password: Uint8Array | undefined
  /** Milliseconds since 1970, by the clock of the NATS server. */
  readonly changedAt: number
  readonly revision: number
}

export interface BucketFacts {
  /** The newest revision in the bucket. */
  readonly lastRevision: number
  /** Whether every entry of the bucket is known: only then does an absent one mean anything. */
  readonly complete: boolean
}

export interface Decision {
  /**
   * `agree`: both are the same, note the revision. `forget`: nobody has the user any more. `take`, `drop`: NATS
   * wins. `write`, `erase`: this bench wins.
   */
  readonly action: 'nothing' | 'agree' | 'forget' | 'take' | 'drop' | 'write' | 'erase'
  /** For a person; empty where there is nothing to tell. */
  readonly why: string
}

/** `local.revision` must be of this very bucket. */
export function decide(
  local: Credential | undefined,
  remote: Remote | undefined,
  bucket: BucketFacts,
): Decision {
  const gone = remote?.password === undefined
  if (local === undefined) return gone ? nothing : natsWins(remote, 'only NATS had it')
  if (samePassword(local.password, remote?.password)) {
    if (local.password === undefined) return { action: 'forget', why: '' }
    return local.pending || local.revision !== remote?.revision ? { action: 'agree', why: '' } : nothing
  }
  const { revision: base } = local
  if (base !== undefined) {
    if (bucket.lastRevision < base || (remote !== undefined && remote.revision < base)) {
      return hereWins(local, 'NATS had lost the newest change')
    }
    if (remote === undefined && !bucket.complete) return nothing
    if (!local.pending) return natsWins(remote, gone ? 'it was removed in NATS' : 'it was changed in NATS')
    if (remote?.revision === base) return hereWins(local, 'it was changed here while NATS was away')
  }
  if (remote === undefined) return bucket.complete ? hereWins(local, 'only this bench had it') : nothing
  if (local.initial) {
    return gone
      ? hereWins(local, 'the controller needs a password')
      : natsWins(remote, 'NATS had it before this bench made one up')
  }
  return local.changedAt > remote.changedAt
    ? hereWins(local, 'both had changed it, this bench last')
    : natsWins(remote, 'both had changed it, NATS last')
}

const nothing: Decision = { action: 'nothing', why: '' }

const natsWins = (remote: Remote | undefined, why: string): Decision => ({
  action: remote?.password === undefined ? 'drop' : 'take',
  why,
})

const hereWins = (local: Credential, why: string): Decision => ({
  action: local.password === undefined ? 'erase' : 'write',
  why,
})
