/**
 * What was refused: a bounded list of denials, and the knock list of those that could not connect. The same
 * refusal again only counts up, so that a device that tries every few seconds does not push others out.
 */
import type { Subject } from '../../../shared/acl/model.ts'
import type { Denial } from './access.ts'

export interface DenialEntry extends Denial {
  readonly id: number
  /** Milliseconds since 1970. */
  readonly firstAt: number
  readonly lastAt: number
  readonly count: number
}

const MAX_ENTRIES = 1000

/** A client ID that the bench made up is another one each time: such a device is known by the rest alone. */
const keyOf = ({ who, action, topic, text, rule, presented, untold, publisher }: Denial): string =>
  JSON.stringify([
    ...identity(who, presented?.assigned === true),
    action,
    topic,
    rule,
    text,
    untold,
    publisher,
  ])

function identity({ username, clientId, endpointId, address }: Subject, assigned: boolean) {
  const own = (name: string) => (assigned && name === clientId ? '' : name)
  return [username, own(clientId), own(endpointId), address]
}

export class Denials {
  readonly #entries = new Map<string, DenialEntry>()
  #lastId = 0
  #dropped = 0

  /** Entries dropped because there were too many. */
  get dropped(): number {
    return this.#dropped
  }

  /** Newest last. */
  get entries(): readonly DenialEntry[] {
    return [...this.#entries.values()]
  }

  /** Those that wanted to connect: the knock list. */
  get knocks(): readonly DenialEntry[] {
    return this.entries.filter(({ action }) => action === 'connect')
  }

  /** Answers the entry, and whether it is new: a known one need not be told again at once. */
  add(denial: Denial, now: number): { readonly entry: DenialEntry; readonly isNew: boolean } {
    const key = keyOf(denial)
    const known = this.#entries.get(key)
    const entry: DenialEntry = known
      ? { ...known, lastAt: now, count: known.count + 1 }
      : { ...denial, id: ++this.#lastId, firstAt: now, lastAt: now, count: 1 }
    // Set anew at the end, so that the first one is the one not seen for longest.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size > MAX_ENTRIES) {
      this.#entries.delete(this.#entries.keys().next().value as string)
      this.#dropped += 1
    }
    return { entry, isNew: !known }
  }

  /** Forgets what is settled, e.g. a device that was admitted. */
  remove(matches: (entry: DenialEntry) => boolean): void {
    for (const [key, entry] of this.#entries) if (matches(entry)) this.#entries.delete(key)
  }
}
