/** Texts that were changed and not saved, kept over a reload of the page, within a bound. */
import * as v from 'valibot'

export interface Draft {
  readonly text: string
  /** Of the file that it was begun from; `new`: there was none. */
  readonly stamp: string
}

export const DRAFTS_KEY = 'oktobench.flow-drafts.1'
/** UTF-16 units of all of them: local storage takes some five million. */
const MAX_KEPT = 2_000_000

const schema = v.record(v.string(), v.object({ text: v.string(), stamp: v.string() }))

export interface Drafts {
  /** `name` is what the flow is called in its text. */
  readonly list: () => readonly { readonly slot: string; readonly name: string }[]
  readonly get: (slot: string) => Draft | undefined
  /** Answers whether it will be there after a reload. */
  readonly set: (slot: string, draft: Draft | undefined) => boolean
}

/** A slot is the path of a file, or another name for a flow that has none yet. A storage that refuses only loses them at a reload. */
export function createDrafts(storage: Storage): Drafts {
  const drafts = new Map(read(storage))
  return {
    list: () => [...drafts].map(([slot, { text }]) => ({ slot, name: nameIn(text) })),
    get: (slot) => drafts.get(slot),
    set(slot, draft) {
      if (draft) drafts.set(slot, draft)
      else if (!drafts.delete(slot)) return true
      return write(storage, slot, draft)
    },
  }
}

const nameIn = (text: string): string =>
  /^name: *(.+)$/m.exec(text.slice(0, 10_000))?.[1]?.trim() ?? 'Without a name'

function read(storage: Storage): [string, Draft][] {
  try {
    const parsed = v.safeParse(schema, JSON.parse(storage.getItem(DRAFTS_KEY) ?? '{}'))
    return parsed.success ? Object.entries(parsed.output) : []
  } catch {
    return []
  }
}

/** Only this one is changed: another window may have written its own meanwhile. */
function write(storage: Storage, slot: string, draft: Draft | undefined): boolean {
  const kept = new Map(read(storage))
  if (draft) kept.set(slot, draft)
  else kept.delete(slot)
  const text = JSON.stringify(Object.fromEntries(kept))
  if (text.length > MAX_KEPT) return false
  try {
    storage.setItem(DRAFTS_KEY, text)
    return true
  } catch {
    return false
  }
}
