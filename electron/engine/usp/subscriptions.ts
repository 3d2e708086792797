/** Rows of Device.LocalAgent.Subscription. on a device. */
import type { ModelSubscription, SubscriptionKind } from '../../../shared/contract/data-model.ts'
import { BenchFailure } from '../../../shared/contract/result.ts'
import { isTrue } from '../../../shared/usp/boolean.ts'
import { comparePaths, createdOf, valuesOf } from '../../../shared/usp/model-answers.ts'
import { listItems } from '../../../shared/usp/notification.ts'
import type { Answered } from './answered.ts'

/** Sends a request to the device; rejects with a BenchFailure when no response comes. */
export type Ask = (message: unknown) => Promise<Answered>

export interface SubscriptionWish {
  readonly kind: SubscriptionKind
  readonly references: readonly string[]
  /** Absent: one is made. */
  readonly id?: string | undefined
  readonly persistent: boolean
  readonly notifyRetry: boolean
}

const SUBSCRIPTIONS = 'Device.LocalAgent.Subscription.'
/** Several in one millisecond. */
let lastId = 0

export async function listSubscriptions(ask: Ask): Promise<ModelSubscription[]> {
  const { msg } = await ask({ get: { param_paths: [SUBSCRIPTIONS], max_depth: 2 } })
  const rows = new Map<string, Map<string, string>>()
  for (const [path, value] of valuesOf(msg)) {
    const row = /^Device\.LocalAgent\.Subscription\.\d+\./.exec(path)?.[0]
    if (row === undefined) continue
    const names = rows.get(row) ?? new Map<string, string>()
    rows.set(row, names.set(path.slice(row.length), value))
  }
  return [...rows]
    .map(([path, row]) => ({
      path,
      id: row.get('ID') ?? '',
      enabled: isTrue(row.get('Enable')),
      recipient: row.get('Recipient') ?? '',
      kind: row.get('NotifType') ?? '',
      references: listItems(row.get('ReferenceList') ?? ''),
      persistent: isTrue(row.get('Persistent')),
      notifyRetry: isTrue(row.get('NotifRetry')),
    }))
    .sort((a, b) => comparePaths(a.path, b.path))
}

/** A row for this controller, as the device then shows it. */
export async function addSubscription(ask: Ask, wish: SubscriptionWish): Promise<ModelSubscription> {
  const { kind, references, persistent, notifyRetry } = wish
  const id = wish.id ?? `bench-${Date.now().toString(36)}-${++lastId}`
  const settings = {
    ID: id,
    Enable: 'true',
    NotifType: kind,
    ReferenceList: references.join(','),
    Persistent: String(persistent),
    NotifRetry: String(notifyRetry),
  }
  const { msg } = await ask({
    add: {
      allow_partial: false,
      create_objs: [
        {
          obj_path: SUBSCRIPTIONS,
          param_settings: Object.entries(settings).map(([param, value]) => ({
            param,
            value,
            required: true,
          })),
        },
      ],
    },
  })
  const [path] = createdOf(msg)
  if (path === undefined)
    throw new BenchFailure('failed', 'The device made no subscription, and does not say why.')
  const all = await listSubscriptions(ask)
  const made = all.find((one) => one.path === path)
  if (made) return made
  throw new BenchFailure('failed', `The device made ${path}, and does not show it.`)
}

export async function deleteSubscriptions(ask: Ask, paths: readonly string[]): Promise<void> {
  const other = paths.find((path) => !/^Device\.LocalAgent\.Subscription\.\d+\.$/.test(path))
  if (other !== undefined) {
    throw new BenchFailure('invalid-request', `${other} is no row of ${SUBSCRIPTIONS}`)
  }
  await ask({ delete: { allow_partial: false, obj_paths: paths } })
}
