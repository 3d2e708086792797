/**
 * What the renderer remembers between starts, in this browser's local storage. Tolerant: an entry that cannot
 * be read takes its default, the others stay. A storage that refuses (private window, full) is no error.
 */
import * as v from 'valibot'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { ruleColours } from '../../shared/contract/look.ts'
import { timeFormats } from '../ui/format.ts'

export const SETTINGS_KEY = 'oktobench.settings.1'

const ratio = v.pipe(v.number(), v.minValue(0.05), v.maxValue(0.95))
const width = v.pipe(v.number(), v.minValue(24), v.maxValue(2000))
const line = v.pipe(v.string(), v.maxLength(2000))
const filter = v.pipe(v.string(), v.maxLength(10_000))
const few = <S extends v.GenericSchema>(entry: S) => v.pipe(v.array(entry), v.maxLength(100))

/** Each entry has a fallback, for when it is missing or broken. */
const settingsSchema = v.object({
  theme: v.fallback(v.picklist(['system', 'dark', 'light']), 'system'),
  place: v.fallback(
    v.picklist([
      'bench',
      'devices',
      'packets',
      'ladder',
      'transactions',
      'topics',
      'sessions',
      'captures',
      'lint',
      'datamodel',
      'messages',
      'flows',
      'client',
      'faults',
      'access',
      'certificates',
      'nats',
      'settings',
    ]),
    'bench',
  ),
  /** Share of the first pane of each split, by the split's name. */
  splits: v.fallback(v.record(v.string(), ratio), {}),
  /** Width of each packet column that was changed, in pixels. */
  columns: v.fallback(v.record(v.string(), width), {}),
  /** Columns of the packet list shown or hidden against their default, by column. */
  columnsShown: v.fallback(v.record(v.string(), v.boolean()), {}),
  timeFormat: v.fallback(v.picklist(timeFormats), 'delta'),
  /** Newest first. */
  recentFilters: v.fallback(v.pipe(v.array(filter), v.maxLength(20)), []),
  /** Of earlier versions: these move to the workspace (features/packets/look.ts). */
  savedFilters: v.fallback(few(v.object({ name: line, filter })), []),
  colourRules: v.fallback(few(v.object({ filter, colour: v.picklist(ruleColours), on: v.boolean() })), []),
  /** Fields of the packet tree opened or closed by hand, by field name. */
  expanded: v.fallback(v.record(v.string(), v.boolean()), {}),
  detail: v.fallback(v.picklist(['both', 'packet', 'bytes', 'compare']), 'both'),
  /** Last used in the card that attaches a device. */
  endpointId: v.fallback(line, ''),
  agentForm: v.fallback(v.picklist(['file', 'commands', 'uci', 'dmcli']), 'file'),
})
export type Settings = v.InferOutput<typeof settingsSchema>

export interface SettingsState extends Settings {
  readonly set: (change: Partial<Settings>) => void
}
export type SettingsStore = StoreApi<SettingsState>

/** Reads text as settings; what is missing or broken takes its default. */
export function parseSettings(text: string | null): Settings {
  let value: unknown
  try {
    value = JSON.parse(text ?? '{}')
  } catch {
    value = {}
  }
  const parsed = v.safeParse(settingsSchema, value)
  return parsed.success ? parsed.output : v.parse(settingsSchema, {})
}

export function createSettings(storage: Storage): SettingsStore {
  return createStore<SettingsState>((update, get) => ({
    ...parseSettings(read(storage)),
    set(change) {
      update(change)
      const { set: _set, ...settings } = get()
      write(storage, JSON.stringify(settings))
    },
  }))
}

function read(storage: Storage): string | null {
  try {
    return storage.getItem(SETTINGS_KEY)
  } catch {
    return null
  }
}

function write(storage: Storage, text: string): void {
  try {
    storage.setItem(SETTINGS_KEY, text)
  } catch {
    // Not remembered this time; everything still works.
  }
}

/** Most entries kept of what a person opened and closed in the packet tree. */
const MAX_EXPANDED = 300

/** `expanded` with one more entry, the oldest dropped beyond a bound. */
export function withExpanded(
  expanded: Settings['expanded'],
  name: string,
  open: boolean,
): Settings['expanded'] {
  const { [name]: _old, ...others } = expanded
  const kept = Object.entries(others).slice(-(MAX_EXPANDED - 1))
  return { ...Object.fromEntries(kept), [name]: open }
}

/** `recent` with `text` in front, each once, ten at most. */
export function withRecent(recent: readonly string[], text: string): string[] {
  return [text, ...recent.filter((other) => other !== text)].slice(0, 10)
}
