/**
 * Subscriptions that the bench made on devices for itself. They end with it: the rows are deleted again, as far as
 * the device can still be reached; as they are not persistent, a restart of the device ends the others.
 */
import type { ModelSubscription } from '../../../shared/contract/data-model.ts'
import {
  addSubscription,
  deleteSubscriptions,
  listSubscriptions,
  type Ask,
  type SubscriptionWish,
} from './subscriptions.ts'

/** More of one bench are a loop gone wild; agents allow far fewer. */
const MAX_OWN = 1000
/** A bench that closes waits no longer for devices. */
const LAST_WAIT_MS = 2000

export class OwnSubscriptions {
  readonly #ask: (endpointId: string) => Ask
  /** ID → device, the oldest first. */
  readonly #own = new Map<string, string>()

  constructor(ask: (endpointId: string) => Ask) {
    this.#ask = ask
  }

  /** Makes a row; one that is to outlive a restart of the device is left alone afterwards. */
  async add(endpointId: string, wish: SubscriptionWish): Promise<ModelSubscription> {
    const made = await addSubscription(this.#ask(endpointId), wish)
    if (!wish.persistent) this.#own.set(made.id, endpointId)
    for (const oldest of this.#own.keys()) {
      if (this.#own.size <= MAX_OWN) break
      this.#own.delete(oldest)
    }
    return made
  }

  list(endpointId: string): Promise<ModelSubscription[]> {
    return listSubscriptions(this.#ask(endpointId))
  }

  async delete(endpointId: string, path: string): Promise<void> {
    await deleteSubscriptions(this.#ask(endpointId), [path])
  }

  /** By ID, since the number of a row may meanwhile be that of another. */
  async deleteByIds(endpointId: string, ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#own.delete(id)
    const rows = (await this.list(endpointId)).filter(({ id }) => ids.includes(id))
    if (rows.length === 0) return
    await deleteSubscriptions(
      this.#ask(endpointId),
      rows.map(({ path }) => path),
    )
  }

  /** Deletes all of them. Never rejects. */
  async stop(): Promise<void> {
    const byDevice = new Map<string, string[]>()
    for (const [id, endpointId] of this.#own) {
      byDevice.set(endpointId, [...(byDevice.get(endpointId) ?? []), id])
    }
    if (byDevice.size === 0) return
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_WAIT_MS)
    })
    const deleted = [...byDevice].map(([endpointId, ids]) =>
      this.deleteByIds(endpointId, ids).catch(() => undefined),
    )
    await Promise.race([Promise.all(deleted), patience])
    clearTimeout(timer)
  }
}
