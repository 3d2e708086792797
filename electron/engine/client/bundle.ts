/** Connections and saved publishes as one text: for another bench, or from MQTTX. No secret is in it. */
import * as v from 'valibot'
import { isMqttx, readMqttx } from '../../../shared/client/mqttx.ts'
import {
  clientProfile,
  MAX_BUNDLE_TEXT,
  publishDraft,
  type ClientProfile,
  type ImportReport,
  type SecretChanges,
} from '../../../shared/contract/mqtt-client.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import type { Profiles } from './profiles.ts'
import type { PublishFiles } from './saved-publishes.ts'

const VERSION = 1
const kind = v.object({ oktobench: v.literal('clients'), version: v.number() })
const keptPublish = v.object({
  path: v.string(),
  note: v.string(),
  variables: v.record(v.string(), v.string()),
  publish: publishDraft,
})

export interface Shelf {
  readonly profiles: Profiles
  readonly publishes: PublishFiles
  readonly newId: () => string
}

/** `ids`: absent for all. */
export async function bundleOf(
  { profiles, publishes }: Shelf,
  ids: readonly string[] | undefined,
  withPublishes: boolean,
): Promise<{ readonly text: string; readonly remarks: readonly string[] }> {
  const chosen = ids ? ids.map((id) => profiles.get(id)) : profiles.list
  const { rows, left } = withPublishes ? await publishes.list('') : { rows: [], left: 0 }
  const kept = []
  for (const { path, fault } of rows) if (fault === undefined) kept.push(toldOf(await publishes.read(path)))
  const broken = rows.length - kept.length
  const text = `${JSON.stringify({ oktobench: 'clients', version: VERSION, profiles: chosen, publishes: kept }, null, 2)}\n`
  if (text.length > MAX_BUNDLE_TEXT)
    throw new BenchFailure(
      'conflict',
      'All together is too long for one file: leave the saved publishes out.',
    )
  const secret = chosen.filter(({ id }) => profiles.secretNames(id).length > 0)
  return {
    text,
    remarks: [
      secret.length > 0 && `Passwords and keys are not in it: ${secret.map(({ name }) => name).join(', ')}.`,
      broken > 0 && `${broken} saved publishes that cannot be read are not in it.`,
      left > 0 && `${left} saved publishes beyond the first ${rows.length} are not in it.`,
    ].filter((remark) => remark !== false),
  }
}

const toldOf = ({ path, kept }: Awaited<ReturnType<PublishFiles['read']>>) => ({ path, ...kept })

/** Rejects with a BenchFailure for a text that holds none. What cannot be added is told, and the rest is. */
export async function importBundle(shelf: Shelf, text: string): Promise<ImportReport> {
  const { profiles, publishes, remarks } = readBundle(text, shelf)
  const names: string[] = []
  for (const { profile, secrets } of profiles) {
    const name = freeName(profile.name, shelf.profiles.list)
    try {
      await shelf.profiles.save({ ...profile, id: shelf.newId(), name }, secrets)
      names.push(name)
    } catch (error) {
      if (!(error instanceof BenchFailure)) throw error
      remarks.push(`${profile.name}: ${error.message}`)
    }
  }
  const paths: string[] = []
  for (const { path, ...kept } of publishes) {
    try {
      paths.push((await saveFree(shelf.publishes, path, kept)).path)
    } catch (error) {
      if (!(error instanceof BenchFailure)) throw error
      remarks.push(`${path}: ${error.message}`)
    }
  }
  return { profiles: names, publishes: paths, remarks }
}

interface Read {
  readonly profiles: readonly { readonly profile: ClientProfile; readonly secrets: SecretChanges }[]
  readonly publishes: readonly v.InferOutput<typeof keptPublish>[]
  readonly remarks: string[]
}

function readBundle(text: string, { newId }: Shelf): Read {
  const remarks: string[] = []
  /** Those that are sound. */
  const each = <T>(what: string, values: readonly unknown[], read: (value: unknown) => T): T[] =>
    values.flatMap((value, index) => {
      try {
        return [read(value)]
      } catch (error) {
        if (!(error instanceof v.ValiError)) throw error
        const [issue] = error.issues as [v.BaseIssue<unknown>]
        remarks.push(`${what} ${index + 1} is left out: ${v.getDotPath(issue) ?? ''} ${issue.message}`)
        return []
      }
    })
  const value = parsed(text)
  if (isMqttx(value)) {
    const profiles = each('Connection', value, (one) => {
      const { profile, secrets } = readMqttx(one, newId())
      return { profile: v.parse(clientProfile, profile), secrets }
    })
    return { profiles, publishes: [], remarks }
  }
  if (!v.is(kind, value))
    throw new BenchFailure(
      'invalid-request',
      'These are neither connections of this bench nor of MQTTX (JSON).',
    )
  if (value.version > VERSION)
    throw new BenchFailure('invalid-request', 'The file was written by a newer Oktobench: update this one.')
  const list = v.fallback(v.array(v.unknown()), [])
  const whole = v.parse(v.object({ profiles: list, publishes: list }), value)
  return {
    profiles: each('Connection', whole.profiles, (one) => ({
      profile: v.parse(clientProfile, one),
      secrets: {},
    })),
    publishes: each('Publish', whole.publishes, (one) => v.parse(keptPublish, one)),
    remarks,
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw new BenchFailure('invalid-request', `The text is no JSON: ${(error as Error).message}.`)
  }
}

function freeName(name: string, taken: readonly { readonly name: string }[]): string {
  for (let attempt = 1; ; attempt++) {
    const free = attempt === 1 ? name : `${name} (${attempt})`
    if (!taken.some((one) => one.name === free)) return free
  }
}

/** Under its path, with a number where that is taken. */
async function saveFree(files: PublishFiles, path: string, kept: Parameters<PublishFiles['save']>[1]) {
  for (let attempt = 1; ; attempt++) {
    const free = attempt === 1 ? path : path.replace(/(\.json)?$/, ` (${attempt})$1`)
    try {
      return await files.save(free, kept)
    } catch (error) {
      if (!(error instanceof BenchFailure) || error.code !== 'conflict' || attempt > 1000) throw error
    }
  }
}
