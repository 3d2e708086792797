/**
 * Profiles of the MQTT client: `clients.json` of the workspace, which may be shared, and beside it their secrets in
 * `clients-secrets.json`, which only its owner can read and which leaves this file for a connection alone.
 */
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import { isSecretProperty, type Secrets } from '../../../shared/client/connect.ts'
import {
  clientProfile,
  MAX_PROFILES,
  secretNames,
  type ClientProfile,
  type SecretChanges,
  type SecretName,
} from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { errorCode, setAside, writeSecret, writeWhole } from '../workspace/files.ts'

export const PROFILES_FILE = 'clients.json'
export const SECRETS_FILE = 'clients-secrets.json'
const VERSION = 1
/** The user that the ready profile makes for itself at this bench. */
export const ENGINEER = 'engineer'

const profilesFile = v.object({ version: v.literal(VERSION), profiles: v.array(clientProfile) })
const secretsOf = v.partial(
  v.object({ password: v.string(), key: v.string(), passphrase: v.string(), authenticationData: v.string() }),
)
const secretsFile = v.object({ version: v.literal(VERSION), secrets: v.record(v.string(), secretsOf) })

/** What stands there before anything was saved. */
export const thisBench: ClientProfile = {
  id: 'this-bench',
  name: 'This bench',
  target: { kind: 'bench', transport: 'tcp' },
  tls: { authority: { kind: 'lab' }, certificate: { kind: 'none' }, verify: true, serverName: '' },
  level: 5,
  clientId: 'oktobench-engineer',
  username: ENGINEER,
  clean: true,
  keepAlive: 60,
  reconnect: 2,
  properties: [{ name: 'requestResponseInformation', value: '1' }],
  subscriptions: [],
}

export class Profiles {
  readonly #folder: string
  #profiles: readonly ClientProfile[]
  #secrets: ReadonlyMap<string, Secrets>
  /** Writes go one after the other. */
  #writing: Promise<unknown> = Promise.resolve()

  private constructor(
    folder: string,
    profiles: readonly ClientProfile[],
    secrets: ReadonlyMap<string, Secrets>,
  ) {
    this.#folder = folder
    this.#profiles = profiles
    this.#secrets = secrets
  }

  /** A file that cannot be read is set aside and told. */
  static async open(folder: string, onProblem: (text: string) => void): Promise<Profiles> {
    const profiles = await load(join(folder, PROFILES_FILE), profilesFile, onProblem)
    const secrets = await load(join(folder, SECRETS_FILE), secretsFile, onProblem)
    const kept = Object.entries(secrets?.secrets ?? {}) as [string, Secrets][]
    return new Profiles(folder, profiles?.profiles ?? [thisBench], new Map(kept))
  }

  get list(): readonly ClientProfile[] {
    return this.#profiles
  }

  /** Throws a BenchFailure `not-found`. */
  get(id: string): ClientProfile {
    const found = this.#profiles.find((profile) => profile.id === id)
    if (found) return found
    throw new BenchFailure('not-found', 'There is no such connection any more.')
  }

  secrets(id: string): Secrets {
    return this.#secrets.get(id) ?? {}
  }

  secretNames(id: string): SecretName[] {
    const held = this.secrets(id)
    return secretNames.filter((name) => held[name] !== undefined)
  }

  /** Adds a profile or replaces the one of the same ID. Rejects with a BenchFailure; nothing is changed then. */
  save(wanted: ClientProfile, wishes: SecretChanges): Promise<void> {
    const { profile, changes } = withoutKeys(wanted, wishes)
    if (profile.properties.some(({ name }) => isSecretProperty(name))) {
      throw new BenchFailure('invalid-request', 'Authentication Data is a secret: give it in its own field.')
    }
    return this.#alone(async () => {
      const place = this.#profiles.findIndex(({ id }) => id === profile.id)
      if (place < 0 && this.#profiles.length >= MAX_PROFILES)
        throw new BenchFailure('conflict', `There are ${MAX_PROFILES} connections already: delete one first.`)
      const profiles = place < 0 ? [...this.#profiles, profile] : this.#profiles.with(place, profile)
      const secrets = changed(this.secrets(profile.id), changes)
      const isChanged = Object.values(changes).some((value) => value !== undefined)
      await this.#write(profiles, isChanged ? new Map(this.#secrets).set(profile.id, secrets) : undefined)
    })
  }

  /** Nothing happens at the ends of the list. */
  move(id: string, by: -1 | 1): Promise<void> {
    return this.#alone(async () => {
      const from = this.#profiles.indexOf(this.get(id))
      const to = Math.min(this.#profiles.length - 1, Math.max(0, from + by))
      await this.#write(this.#profiles.toSpliced(from, 1).toSpliced(to, 0, this.get(id)))
    })
  }

  remove(id: string): Promise<void> {
    return this.#alone(async () => {
      const secrets = new Map(this.#secrets)
      const held = secrets.delete(id)
      await this.#write(
        this.#profiles.filter((profile) => profile.id !== id),
        held ? secrets : undefined,
      )
    })
  }

  /** Waits for a write under way. */
  async settle(): Promise<void> {
    await this.#writing
  }

  /** Secrets first: a profile must not say that it has one that was not kept. */
  async #write(profiles: readonly ClientProfile[], secrets?: ReadonlyMap<string, Secrets>): Promise<void> {
    try {
      if (secrets) {
        const file = { version: VERSION, secrets: Object.fromEntries(secrets) }
        await writeSecret(join(this.#folder, SECRETS_FILE), text(file))
      }
      await writeWhole(join(this.#folder, PROFILES_FILE), text({ version: VERSION, profiles }))
    } catch (error) {
      throw new BenchFailure('unavailable', `The connection cannot be kept: ${(error as Error).message}.`)
    }
    if (secrets) this.#secrets = secrets
    this.#profiles = profiles
  }

  #alone(change: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(change)
    this.#writing = done.catch(() => undefined)
    return done
  }
}

const text = (file: unknown): string => `${JSON.stringify(file, null, 2)}\n`

const KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\s*/g

/** A key that was pasted with its certificate goes to the secrets: profiles are told, and may be shared. */
function withoutKeys(profile: ClientProfile, changes: SecretChanges) {
  const { certificate } = profile.tls
  const keys = certificate.kind === 'pem' ? certificate.pem.match(KEY_BLOCK) : null
  if (certificate.kind !== 'pem' || !keys) return { profile, changes }
  const alone = { ...certificate, pem: certificate.pem.replace(KEY_BLOCK, '') }
  return {
    profile: { ...profile, tls: { ...profile.tls, certificate: alone } },
    changes: { ...changes, key: changes.key ?? keys.join('') },
  }
}

function changed(held: Secrets, changes: SecretChanges): Secrets {
  const next: Partial<Record<SecretName, string>> = { ...held }
  for (const name of secretNames) {
    const change = changes[name]
    if (change === null) delete next[name]
    else if (change !== undefined) next[name] = change
  }
  return next
}

async function load<S extends v.GenericSchema>(
  path: string,
  schema: S,
  onProblem: (text: string) => void,
): Promise<v.InferOutput<S> | undefined> {
  try {
    return v.parse(schema, JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    // The parser's own words may quote what is secret.
    const aside = basename(await setAside(path, new Date()))
    onProblem(
      `${basename(path)} cannot be read and is kept as ${aside}: the connections in it are to be made anew.`,
    )
    return undefined
  }
}
